"""Hostile text, wherever it comes from: nothing reaches the terminal, runs or opens."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.content import Content
from textual.events import Paste
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input

from chat_tui.engine.scripted import SCRIPTED
from chat_tui.errors import ChatError, EngineCrashed
from chat_tui.settings import ReasoningView
from chat_tui.supply import Fit
from chat_tui.ui.app import ChatApp
from chat_tui.ui.layout import lines
from chat_tui.ui.line_filter import ControlFilter
from chat_tui.ui.markdown import Code
from chat_tui.ui.models.rows import row
from chat_tui.ui.widgets.cards import ErrorCard, Notice
from chat_tui.ui.widgets.find import FindBar
from chat_tui.ui.widgets.transcript import Transcript
from chat_tui.untrusted import clean
from tests.ui.screen import Stage, harmony
from tests.ui.shop import OTHER

FORBIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069\ufeff"
    "\U000e0000-\U000e007f\ud800-\udfff]"
)
OURS: tuple[str, ...] = ()
"""Actions on a click that the screen's own parts carry: none."""
SAMPLES = {
    "clipboard": "\x1b]52;c;cm0gLXJmIH4=\x07",
    "window title": "\x1b]0;owned\x07",
    "clear screen": "\x1b[2J\x1b[H",
    "device control": "\x1bPq#0;2;0;0;0\x1b\\",
    "C1": "\x9b2J \x9d0;owned\x9c \x90q\x9c",
    "hyperlink": "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "bidi": "user\u202etxt.exe \u2066isolate\u2069 \u200fmark",
    "invisible": "a\u200bb\ufeffc\U000e0041\U000e0042d",
    "entities": "&#x1b;[2J &#27;]0;owned&#7; &#x202e;txt &#x9b;2J",
    "action": "[@click=app.leave]click me[/] [@click=app.action_leave()]x[/]",
    "markup": "result[/foo] [bold]x[/bold] [link=file:///etc/passwd]y[/link] \\[z",
    "links": "[a](vscode://x) [b](--x) [c](javascript:alert(1)) [d](file:///etc/passwd) <tel:1>",
    "image": "![alt](https://evil.example/beacon.png) ![x](file:///etc/passwd)",
    "html": "<script>alert(1)</script><a href='vscode://x'>y</a>",
    "table": "| [@click=app.leave]a[/] | \x1b[2J |\n|---|---|\n| [/b] | &#x1b;]0;t&#7; |",
    "code": "```\x1b]0;t\x07python\x1b[2J\nprint('\x1b[31m\u202e')\n```",
    "bell and friends": "\x07\x08\x0b\x0c\r\x7f",
}
ALL = "\n\n".join(SAMPLES.values())


def check(stage: Stage) -> None:
    """No line of the screen holds anything that acts on a terminal."""
    for line in stage.lines:
        assert not FORBIDDEN.search(line), ascii(line)
    for strip in stage.app.screen._compositor.render_strips():
        for segment in strip:
            style = segment.style
            assert style is None or style.link is None
            if style is not None and (action := style.meta.get("@click")):
                assert action in OURS, action


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES)
def test_nothing_that_a_model_writes_acts(sample: str, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(ChatApp, "open_url", lambda _self, url, **_: opened.append(url))

    async def scenario(stage: Stage) -> None:
        await stage.ask("Go.", "endmark")
        check(stage)
        for y in range(stage.app.size.height - 6):
            await stage.pilot.click(offset=(3, y))
        assert opened == []
        assert stage.app.return_code is None
        check(stage)

    completion = harmony(f"{sample}\n\nendmark", reasoning=f"{sample} thought")
    Stage(completion, reasoning=ReasoningView.SHOWN).play(scenario, size=(60, 24))


def test_escapes_split_across_tokens_do_not_act_while_they_stream() -> None:
    # The scripted engine makes a token of every word, so blanks split the sequences.
    text = ALL.replace("[2J", " [2J").replace("]0;", "] 0;").replace("\x1b[", "\x1b [")

    async def scenario(stage: Stage) -> None:
        await stage.send("Go.")
        for _ in range(20):
            check(stage)
            await stage.pilot.pause(0.02)
        await stage.shows("endmark")
        check(stage)

    Stage(harmony(f"{text}\n\nendmark", reasoning=text), reasoning=ReasoningView.SHOWN).play(
        scenario
    )


def test_questions_pastes_names_errors_and_notices_are_cleaned_too() -> None:
    def hook(_generation: int, token: int) -> None:
        if token == 4:
            raise EngineCrashed(f"It broke: {ALL}", f"Do: {ALL}")

    model = replace(SCRIPTED, name=f"model{ALL}", device=f"gpu{ALL}")

    async def scenario(stage: Stage) -> None:
        await stage.send(ALL)
        await stage.shows("It broke", "ready")
        check(stage)
        assert stage.app.return_code is None
        await stage.write(ALL)
        check(stage)
        await stage.send(f"/{ALL}")
        check(stage)

    Stage(harmony("one two three"), hook=hook, model=model, notice=ALL).play(
        scenario, size=(100, 200)
    )


@pytest.mark.parametrize("text", SAMPLES.values(), ids=SAMPLES)
def test_cards_show_markup_as_it_is(text: str) -> None:
    for card in (ErrorCard(ChatError(text, text)), Notice(text)):
        shown = card.content
        assert not FORBIDDEN.search(str(shown).replace("\n", ""))
        spans = getattr(shown, "spans", [])
        assert not any("@click" in str(span.style) for span in spans)


def test_a_web_link_is_shown_in_full_and_copied_not_opened(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(ChatApp, "open_url", lambda _self, url, **_: opened.append(url))

    async def scenario(stage: Stage) -> None:
        await stage.ask("Go.", "(https://example.org/a)")
        await stage.pilot.click("Document Chunk", offset=(1, 0))
        await stage.shows("Copied, not opened: https://example.org/a")
        assert stage.app.clipboard == "https://example.org/a"
        assert opened == []

    Stage(harmony("[link](https://example.org/a)")).play(scenario)


def test_what_is_pasted_into_a_line_is_cleaned_as_a_whole() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.pilot.press("ctrl+f")
        stage.app.post_message(Paste("river\x1b]0;owned\x07 \x1b[31mstone\nmore"))
        await stage.until(lambda: stage.app.query_one(FindBar).query_one(Input).value)
        assert stage.app.query_one(FindBar).query_one(Input).value == "river stone"

    Stage(harmony("x")).play(scenario)


def test_what_is_copied_is_clean() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.ask("Go.", "endmark")
        await stage.pilot.press("ctrl+y")
        assert "endmark" in stage.app.clipboard
        assert not FORBIDDEN.search(stage.app.clipboard.replace("\n", ""))

    Stage(harmony(f"{ALL}\n\nendmark")).play(scenario)


class RawWidget(Widget):
    """A widget that forgot to clean."""

    DEFAULT_CSS = "RawWidget { height: 2; }"

    def render_line(self, y: int) -> Strip:
        style = Style(link="https://evil.example")
        raw = "before\x1b[2J\x9b2J\u202e\x07after"
        return Strip([Segment(raw if y == 0 else "x", style)])


def test_the_line_filter_stops_what_a_widget_lets_through() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.app.query_one(Transcript).note(RawWidget())
        await stage.shows("before", "after")
        check(stage)

    Stage(harmony("x")).play(scenario)


def filtered(texts: list[str]) -> list[str]:
    line = ControlFilter().apply([Segment(text) for text in texts], Color(0, 0, 0))
    return [segment.text for segment in line]


@pytest.mark.parametrize(
    ("texts", "safe"),
    [
        (["file\U000e0100name"], ["filename"]),  # these are printable all the same
        (["a\u034fb", "c\u17b4d"], ["ab", "cd"]),
        (["a\u2028b\x9d0;日\x07", "c"], ["ab    ", "c"]),
        (["e" + "\u0301" * 9, "\u0301" * 9 + "x"], ["e" + "\u0301" * 8, "x"]),
        (["\u0301a", "\u0301b"], ["a", "\u0301b"]),
        (["日本", "─é", "שָׁלוֹם"], ["日本", "─é", "שָׁלוֹם"]),
    ],
)
def test_the_line_filter_lets_through_what_cleaning_leaves(
    texts: list[str], safe: list[str]
) -> None:
    assert filtered(texts) == safe


TRICKY = "ae\u0301👩🚀\u200d\ufe0f\u202e\n\t\x1b[m\U000e0100 日"


@given(st.lists(st.text() | st.text(TRICKY), max_size=5))
def test_a_line_is_clean_and_as_wide_as_before_whatever_it_holds(texts: list[str]) -> None:
    safe = filtered(texts)
    assert clean("".join(safe)) == "".join(safe)
    for before, after in zip(texts, safe, strict=True):
        assert after == before or cell_len(after) == cell_len(before)


@pytest.mark.parametrize("mark", ["e\u0301", "\U0001f469\u200d\U0001f680", "\U0001f600", "\u65e5"])
@pytest.mark.parametrize("width", [8, 20, 41])
def test_no_character_of_a_line_of_code_hides_the_rest_of_it(mark: str, width: int) -> None:
    text = f"{mark}print(1);{'x' * 100}{mark * 30}; remove()"
    shown = lines(Code(Content(text), ""), width)
    assert all(line.cell_length == width for line in shown)
    assert "".join(line.plain for line in shown).replace(" ", "") == text.replace(" ", "")


def test_no_text_hides_the_one_behind_it() -> None:
    model = replace(
        OTHER, note="part\x1b]0;", source="of a stranger", fit=Fit(False, "no \x07room")
    )
    shown = row(model, None, "", 120).plain
    assert "of a stranger" in shown
    assert not FORBIDDEN.search(shown.replace("\n", ""))
