"""What is taken down is gone from memory, too; lines end where languages end them."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest
import rich._wrap
import textual._wrap
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.content import Content

from chat_tui.ui.mending import break_lines_between_words, count_tabs_in_cells
from chat_tui.ui.widgets.cards import Notice
from tests.ui.screen import Stage, harmony

ARRANGED = 5
"""So many arrangements a place keeps, with the widgets that stood there."""


def test_what_a_widget_drew_goes_with_the_widget() -> None:
    async def scenario(stage: Stage) -> None:
        drawn = []
        for number in range(4 * ARRANGED):
            notice = Notice(f"Number {number} is told.")
            await stage.app.screen.query_one("Transcript").mount(notice)
            await stage.pilot.pause()
            drawn.append(weakref.ref(notice._styles_cache))
            await notice.remove()
        del notice
        await stage.pilot.pause()
        gc.collect()
        assert sum(cache() is not None for cache in drawn) <= ARRANGED

    Stage(harmony("Yes.")).play(scenario)


@pytest.fixture(scope="module", autouse=True)
def mended() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rich._wrap, "re_word", rich._wrap.re_word)
        patch.setattr(textual._wrap, "re_chunk", textual._wrap.re_chunk)
        break_lines_between_words()
        yield


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        (
            "使用 Python 可以读取文件，它会打印内容。",
            20,
            ["使用 Python 可以读取", "文件，它会打印内容。"],
        ),
        ("日本語「引用」とカナー、です", 12, ["日本語「引", "用」とカ", "ナー、です"]),
        ("ça pèse 131\u202f072 octets\u00a0!", 11, ["ça pèse", "131\u202f072", "octets\u00a0!"]),
        ("한국어 띄어쓰기", 8, ["한국어", "띄어쓰기"]),
        ("plain averylongword", 7, ["plain", "averylo", "ngword"]),
    ],
)
def test_lines_end_between_words(text: str, width: int, lines: list[str]) -> None:
    assert [line.plain.rstrip(" ") for line in Content(text).wrap(width)] == lines


@given(st.text("a中、（「」“” \u00a0\u202fー語b\u3000", max_size=60), st.integers(2, 12))
@settings(max_examples=200, deadline=None)
def test_nothing_is_lost_and_no_line_is_too_long(text: str, width: int) -> None:
    lines = Content(text).wrap(width)
    assert "".join("".join(line.plain for line in lines).split()) == "".join(text.split())
    assert all(line.cell_length <= width for line in lines)
    assert "".join(chunk for _, _, chunk in textual._wrap.chunks(text)) == text


@settings(max_examples=60, deadline=None)
@given(
    text=st.text(st.sampled_from("ab\t 界é👩\u200d🚀"), min_size=1, max_size=40),
    width=st.integers(2, 40),
)
def test_a_text_is_as_high_as_it_is_drawn_whatever_its_styles(text: str, width: int) -> None:
    count_tabs_in_cells()
    plain, styled = Content(text), Content(text).stylize("bold")
    assert plain.get_height({}, width) == styled.get_height({}, width)
    assert plain.get_height({}, width) == len(styled.wrap(width))


def test_nothing_behind_a_tab_is_hidden() -> None:
    count_tabs_in_cells()
    told = Content("👩\u200d🚀\tab").stylize("bold", 3)
    assert told.get_height({}, 9) == 2 == len(told.wrap(9))
