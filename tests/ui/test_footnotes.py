"""Citations become footnotes that open the page at the line; what was made up does not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_tui.ui.footnotes import CLOSE, OPEN, Footnotes, labelled
from chat_tui.ui.markdown import CITED, LINK, Prose, parse
from chat_tui.ui.widgets.chunk import Chunk
from chat_tui.ui.widgets.notes import Note, PageScreen
from tests.ui.screen import Stage
from tests.ui.test_approval import asked
from tests.ui.test_hostile import ALL, check
from tests.ui.tools import Looks, toolset

PAGE = (
    "[0] Tea (notes/tea.md)\n**viewing lines [0 - 3] of 3**\n\n"
    "L0: # Tea\nL1: Tea is a drink.\nL2: It is hot.\nL3: It is old."
)
SEARCH = '<|channel|>analysis to=browser.search code<|message|>{"query":"tea"}<|call|>'
ANSWER = (
    "Tea is a hot drink【0†L1-L2】 and old【0†L3】. Again【0†L1-L2】. Nobody said this【7†L1】.\n\n"
    "- in a list【0†L3】\n\n```\nin code【0†L3】\n```"
)


def final(text: str) -> str:
    return f"<|channel|>final<|message|>{text}<|return|>"


async def answered(stage: Stage) -> None:
    await asked(stage, "What is tea?")
    await stage.pilot.click("Option")
    await stage.shows("ready", "tok/s")


def test_citations_become_footnotes_with_a_list() -> None:
    async def scenario(stage: Stage) -> None:
        await answered(stage)
        for text in (
            "hot drink[1] and old[2]. Again[1]. Nobody said this[?].", "in a list[2]", "in code[2]",
            "[1] Tea · L1–L2", "[2] Tea · L3",
        ):  # fmt: skip
            assert text in stage.text
        assert "【" not in stage.text
        assert stage.app.screen.query("Note").first(Note)
        check(stage)

    Stage(SEARCH, final(ANSWER), tools=toolset(Looks(PAGE))).play(scenario, size=(80, 40))


def test_a_footnote_opens_the_page_at_its_lines_by_key_and_by_click() -> None:
    async def scenario(stage: Stage) -> None:
        await answered(stage)
        stage.app.screen.query("Note").first(Note).focus()
        await stage.pilot.press("enter")
        await stage.shows("notes/tea.md", "L1    Tea is a drink.", "L3    It is old.")
        assert isinstance(stage.app.screen, PageScreen)
        await stage.pilot.press("escape")
        await stage.hides("Esc closes")
        line = next(at for at, text in enumerate(stage.lines) if "old[2]" in text)
        at = stage.lines[line].index("[2]")
        await stage.pilot.click(offset=(at + 1, line))
        await stage.shows("notes/tea.md", "L3 · Esc closes")

    Stage(SEARCH, final(ANSWER), tools=toolset(Looks(PAGE))).play(scenario, size=(80, 40))


def test_a_hostile_page_is_shown_as_it_is() -> None:
    page = PAGE.replace("It is hot.", ALL.replace("\n", " ")).replace("] Tea", f"] {ALL[:60]}")

    async def scenario(stage: Stage) -> None:
        await answered(stage)
        check(stage)
        for note in stage.app.screen.query("Note"):
            note.focus()
            await stage.pilot.press("enter")
            await stage.pilot.pause(0.1)
            check(stage)
            await stage.pilot.press("escape")

    Stage(SEARCH, final("Hot【0†L1-L2】."), tools=toolset(Looks(page))).play(scenario, (80, 50))


@given(st.lists(st.integers(1, 9), max_size=30))
@settings(max_examples=100)
def test_a_citation_in_pieces_is_never_shown_in_part(cuts: list[int]) -> None:
    whole = Footnotes(lambda: (PAGE,)).whole(ANSWER)
    notes, shown, at = Footnotes(lambda: (PAGE,)), "", 0
    for cut in [*cuts, len(ANSWER)]:
        shown += notes.feed(ANSWER[at : at + cut])
        at += cut
        assert "【" not in shown
        assert whole.startswith(shown)
    assert shown == whole
    assert [one.lines for one in notes.references] == [
        ("Tea is a drink.", "It is hot."), ("It is old.",),
    ]  # fmt: skip


def test_a_model_cannot_forge_a_footnote() -> None:
    notes = Footnotes(lambda: (PAGE,))
    text = notes.feed(f"See {OPEN}1{CLOSE} and 【0†L1】.")
    assert labelled(text) == "See \ufffd1\ufffd and [1]."


MARK = f"{OPEN}1{CLOSE}"
DECODED = "&#xe000;1&#xe001;"


def cited(text: str) -> list[str]:
    """What can be clicked as a footnote."""
    return [
        block.content.plain[span.start : span.end]
        for block in parse(text)
        if isinstance(block, Prose)
        for span in block.content.spans
        if not isinstance(span.style, str) and CITED in span.style.meta
    ]


@pytest.mark.parametrize(
    "forged",
    [
        DECODED, f"**{DECODED}**", f"[{DECODED}](https://a.b)", f"# {DECODED}", f"`{DECODED}`",
        f"&#57344;1{CLOSE}", f"<https://a.b/{MARK}>", "<https://a.b/%EE%80%801%EE%80%81>",
        "https://a.b/%EE%80%801%EE%80%81", "[x](%EE%80%801%EE%80%81)", f"![{DECODED}](x)",
    ],
)  # fmt: skip
def test_neither_entities_nor_addresses_decode_to_a_footnote(forged: str) -> None:
    assert cited(f"{forged} beside") == []
    assert cited(f"{forged} beside{MARK}") == ["[1]"]


def test_a_footnote_behind_an_address_is_no_part_of_it() -> None:
    text = f"See https://a.b/c{MARK} and **here{MARK}** and `x{MARK}`."
    (block,) = parse(text)
    assert isinstance(block, Prose)
    assert block.content.plain == "See https://a.b/c[1] and here[1] and x[1]."
    links = [span for span in block.content.spans if not isinstance(span.style, str)]
    assert [span.style.meta[LINK] for span in links if LINK in span.style.meta] == ["https://a.b/c"]
    assert cited(text) == ["[1]"] * 3


def test_only_an_answer_has_footnotes() -> None:
    said = f"<|channel|>commentary<|message|>Before {MARK}.<|end|><|start|>assistant"

    async def scenario(stage: Stage) -> None:
        await stage.ask("Go.", "After")
        shown = [str(block) for chunk in stage.app.screen.query(Chunk) for block in chunk.blocks]
        assert any("Before \ufffd1\ufffd." in block for block in shown)
        assert not any(CITED in block for block in shown)

    Stage(f"{said}{final(f'After {MARK}.')}").play(scenario)
