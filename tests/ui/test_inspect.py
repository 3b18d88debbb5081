"""The prompt inspector: what would be read, as it is, at any length and width."""

from __future__ import annotations

from itertools import accumulate
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.content import Content

from chat_tui.session.inspect import Entry, Fate, Inspected
from chat_tui.ui.inspect.lines import GUTTER, drawn, heading, search, sheet
from chat_tui.untrusted import clean, masked
from tests.ui.screen import Stage, harmony


def read(text: str, *sizes: int, specials: tuple[int, ...] = (), reused: int = 0) -> Entry:
    ends = tuple(accumulate(sizes)) or (len(text),)
    return Entry("user", Fate.READ, text, ends=ends, specials=specials, reused=reused)


def prompt(*entries: Entry) -> Inspected:
    return Inspected(entries, 1000)


def line(inspected: Inspected, at: int, *, boundaries: bool = False, words: str = "") -> Content:
    found = sheet(inspected, 40)
    hits = search(found, words, 10)
    return drawn(found, at, boundaries=boundaries, hits=hits, here=hits[0] if hits else None)


def styled(content: Content, style: str) -> list[str]:
    return [content.plain[s.start : s.end] for s in content.spans if style in str(s.style)]


STACKS = st.text(st.sampled_from("a界\u0300\u0301\n\u200d\U0001f3fb "), max_size=80)


@settings(max_examples=60, deadline=None)
@given(texts=st.lists(st.text(max_size=80) | STACKS, max_size=4), width=st.integers(4, 30))
def test_the_lines_are_the_texts_whatever_they_hold(texts: list[str], width: int) -> None:
    found = sheet(prompt(*(read(text) for text in texts)), width)
    for number, text in enumerate(texts):
        own = [each for each in found.lines if each.entry == number and not each.is_heading]
        shown = [found.texts[number][each.begin : each.end] for each in own]
        assert "".join(shown) == masked(text).replace("\t", "→").replace("\n", "")
        for part in shown:
            assert cell_len(part) <= max(2, width - GUTTER)
            assert clean(part) == part


def test_lines_are_broken_between_words_that_are_not_too_long() -> None:
    found = sheet(prompt(read("one three  fifteen supercalifragilistic 日本語 に ほんご")), 12)
    shown = [found.texts[0][each.begin : each.end] for each in found.lines[1:]]
    assert shown == ["one three ", " fifteen ", "supercalif", "ragilistic", " 日本語 ", "に ほんご"]


def test_nothing_invisible_stays_so_and_places_stay_what_they_are() -> None:
    text = "a\x1b[2J\u202eb\u200d\ufe0f\x7f\tc"
    assert len(masked(text)) == len(text)
    assert masked(text) == "a\u241b[2J\ufffdb\ufffd\ufffd\u2421\tc"


def test_markup_leans_and_every_other_token_marked_on_demand() -> None:
    entry = read("<|start|>user hi", 9, 4, 3, specials=(0,))
    plain = line(prompt(entry), 1)
    assert plain.plain == "+ <|start|>user hi"
    assert styled(plain, "italic") == ["<|start|>"]
    assert styled(plain, "underline") == []
    assert styled(line(prompt(entry), 1, boundaries=True), "underline") == ["user"]


def test_what_is_cached_has_no_sign_and_what_is_not_read_a_minus() -> None:
    dropped = Entry("assistant", Fate.DROPPED, "Hm", channel="analysis")
    hidden = Entry("user", Fate.LEFT_OUT, "Old")
    mark = Entry("mark", Fate.MARK, "", "The model no longer sees the first message")
    all_ = prompt(read("old", reused=1), read("new"), dropped, hidden, mark)
    found = sheet(all_, 70)
    lines = range(len(found.lines))
    shown = [drawn(found, at, boundaries=False, hits=(), here=None).plain for at in lines]
    assert shown == [
        "1 user · 1 token · cached",
        "  old",
        "2 user · 1 token",
        "+ new",
        "3 assistant · analysis · not read: reasoning of an earlier turn",
        "- Hm",
        "4 user · not read: left out to make room",
        "- Old",
        "5 · The model no longer sees the first message",
    ]


def test_a_heading_says_whose_and_how_much() -> None:
    entry = Entry(
        *("tool", Fate.READ, "x\x1b]0;evil\x07", "", "commentary", "assistant", "functions.look"),
        ends=tuple(range(1, 1241)),
        reused=200,
    )
    text = heading(entry, 7, 90).plain
    assert text == "7 functions.look · commentary · to assistant · 1,240 tokens · 200 cached"
    assert heading(entry, 7, 20).cell_length <= 20


def test_what_is_found_is_marked_and_brought_into_sight() -> None:
    entry = read("one\nTwo two\nthree")
    found = sheet(prompt(read("x"), entry), 40)
    assert search(found, "two", 10) == [(1, 4, 7), (1, 8, 11)]
    assert search(found, "two", 1) == [(1, 4, 7)]
    assert search(found, "", 10) == []
    assert found.line_of(1, 4) == 4
    assert (found.entry_at(4), found.entry_at(0)) == (1, 0)
    assert styled(line(prompt(read("x"), entry), 4, words="two"), "reverse") == ["Two", "two"]


def test_a_prompt_of_a_hundred_thousand_tokens_is_laid_out_and_drawn_where_one_looks() -> None:
    entry = read("word " * 100_000, *[5] * 100_000, reused=99_000)
    found = sheet(prompt(entry), 102)
    assert len(found.lines) == 1 + 5_000
    last = drawn(found, 5_000, boundaries=True, hits=(), here=None)
    assert last.plain == "+ " + "word " * 20
    assert len(styled(last, "underline")) == 10


def test_the_prompt_is_shown_searched_saved_and_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    async def scenario(stage: Stage) -> None:
        await stage.ask("Capital?", "Paris.")
        await stage.send("/prompt And [red]of[/] Spain?")
        await stage.shows(
            "Prompt ·", "Capital?", "And [red]of[/] Spain?", "not read", "answer begins"
        )
        assert len(stage.engine.prompts) == 1
        await stage.pilot.press("slash", *"nnn")
        await stage.shows("nothing found")
        await stage.pilot.press("escape")
        await stage.hides("nothing found")
        await stage.pilot.press("slash", "ctrl+u", *"PARIS")
        await stage.shows("1 of 1")
        assert "n next" not in stage.text, "it would be a letter of the words"
        await stage.pilot.press("enter")
        await stage.shows("1 of 1 · n next · p back")
        await stage.pilot.press("n", "s")
        await stage.shows("Written to")
        (path,) = tmp_path.iterdir()
        await stage.pilot.press("s")
        await stage.until(lambda: len(list(tmp_path.iterdir())) == 2)
        saved = path.read_text(encoding="utf-8")
        assert saved.startswith("<|start|>system<|message|>")
        assert saved.endswith("And [red]of[/] Spain?<|end|><|start|>assistant")
        await stage.resize(40, 14)
        await stage.shows("<|message|>You are", "ChatGPT, a large language")
        await stage.pilot.press("c")
        await stage.shows("Copied the prompt")
        assert saved == stage.app.clipboard
        await stage.pilot.press("t", "right", "left", "end", "escape")
        await stage.shows("Ask anything")
        await stage.write("my draft")
        await stage.app.screen.desk.prompt("")  # type: ignore[attr-defined]
        await stage.shows("1 system")
        await stage.pilot.press("end")
        await stage.shows("<|message|>my", "+ draft<|end|>", "5 user · 6 tokens")

    Stage(harmony("Paris.", reasoning="Hm.")).play(scenario)
