"""What a page looks like to the model, and which citations lead back to it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_tui.errors import ToolError
from chat_tui.tools.citations import certain, citations, read_view, resolve
from chat_tui.tools.pages import (
    Anchor,
    Document,
    Hit,
    Page,
    find,
    page,
    results_page,
    snippet_width,
    source_page,
    view,
    wrap,
)


def text_page(text: str, title: str = "T", address: str = "t.txt") -> Page:
    return page(Document(title, address, (text,)))


def test_a_page_reads_as_the_model_was_trained() -> None:
    shown = page(
        Document(
            "Tea 【1】",
            "https://tea.org/a",
            (
                "Tea is a hot drink, see\n",
                Anchor("water", "https://tea.org/water"),
                " and ",
                Anchor("its † makers\n", "https://example.org/"),
                " 【0†not a link】 ",
                Anchor("again", "https://tea.org/water"),
                Anchor(" ", "https://tea.org/nothing"),
                ".\n",
            ),
        )
    )
    assert view(shown, 3) == (
        "[3] Tea 〖1〗 (https://tea.org/a)\n"
        "**viewing lines [0 - 1] of 1**\n"
        "\n"
        "L0: Tea is a hot drink, see\n"
        "L1: 【0†water】 and 【1†its ‡ makers†example.org】 〖0†not a link〗 【0†again】."
    )
    assert [link.address for link in shown.links] == [
        "https://tea.org/water",
        "https://example.org/",
    ]


def test_view_source_leaves_the_links_out() -> None:
    document = Document("T", "t", ("a ", Anchor("b", "https://c.org/")))
    assert source_page(document).lines == ("a b",)
    assert not source_page(document).links


@given(st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=400))
def test_wrapping_loses_nothing_but_the_blank_at_a_break(line: str) -> None:
    pieces = wrap(line)
    assert all(len(piece) <= 80 for piece in pieces)
    assert "".join(pieces).replace(" ", "") == line.replace(" ", "")


def test_an_endless_line_is_wrapped_at_once() -> None:
    assert len(wrap("x" * 4_000_000)) == 50_000
    assert wrap("喝" * 100) == ["喝" * 80, "喝" * 20]
    assert wrap(" " * 100 + "x") == [" " * 80, " " * 20 + "x"]


def test_lines_know_which_line_of_the_document_they_are() -> None:
    shown = text_page(f"a\n{'word ' * 40}\nb\r\n")
    assert [shown.lines[shown.line_of(n)][:4] for n in (0, 1, 2, 99)] == ["a", "word", "b", "b"]
    assert shown.origins == (0, 1, 1, 1, 2)


def test_a_view_holds_about_a_thousand_tokens() -> None:
    shown = text_page("\n".join(f"line {n} " + "x" * 60 for n in range(500)))
    text = view(shown, 0)
    assert 3500 < len(text) < 4300
    head = re.search(r"viewing lines \[0 - (\d+)\] of 499", text)
    assert head is not None
    assert text.rstrip().split("\n")[-1].startswith(f"L{head[1]}: ")
    assert "viewing lines [490 - 499] of 499" in view(shown, 0, 490)
    assert "viewing lines [10 - 12] of 499" in view(shown, 0, 10, 3)
    assert len(view(shown, 0, 0, 1_000_000)) < 40_000
    assert len(view(text_page("喝" * 40_000), 0).encode()) < 5000


def test_a_view_past_the_end_is_an_error_in_words() -> None:
    with pytest.raises(ToolError, match=r"`7`\. Cannot exceed page maximum of 1\."):
        view(text_page("a\nb"), 0, 7)
    assert "viewing lines [0 - 0] of 0" in view(text_page(""), 0)


def test_find_shows_four_lines_of_each_place() -> None:
    lines = [f"line {n}" for n in range(40)]
    lines[3], lines[20] = "Green TEA is", "more green tea"
    found = find(text_page("\n".join(lines)), "green tea")
    assert found.title == "Find results for text: `green tea` in `T`"
    assert found.lines == (
        "# 【0†match at L3】", "Green TEA is", "line 4", "line 5", "line 6", "",
        "# 【1†match at L20】", "more green tea", "line 21", "line 22", "line 23",
    )  # fmt: skip
    assert [link.line for link in found.links] == [3, 20]
    assert find(text_page("a"), "b").lines == ("No `find` results for pattern: `b`",)
    many = find(text_page("\n".join(["tea", "", "", ""] * 80)), "tea")
    assert len(many.links) == 50


def test_find_sees_over_links_and_the_ends_of_wrapped_lines() -> None:
    shown = page(
        Document("T", "t", ("drink ", Anchor("green tea", "u"), " daily " * 11, "STOP it"))
    )
    assert len(shown.lines) > 1
    assert find(shown, "drink green tea").links
    assert find(shown, "daily stop IT").links
    assert "【0†green tea" not in "\n".join(find(shown, "drink").lines)


def test_results_are_one_line_each() -> None:
    hits = [Hit("tea.md", "/n/tea.md", "tea is a hot drink", 4), Hit("a†【b】.txt", "/n/b", "x\ny")]
    shown = results_page("tea", "library", hits)
    assert view(shown, 0) == (
        "[0] Search results for tea (library)\n"
        "**viewing lines [0 - 3] of 3**\n\n"
        "L0: # Search Results\n"
        "L1: \n"
        "L2:   * 【0†tea.md†library】 tea is a hot drink\n"
        "L3:   * 【1†a‡〖b〗.txt†library】 x y"
    )
    assert [(link.address, link.line) for link in shown.links] == [("/n/tea.md", 4), ("/n/b", None)]
    assert results_page("q", "library", []).lines == ("No results found.",)
    assert snippet_width("tea.md", "library") + len("  * 【00†tea.md†library】 ") == 80


def test_a_cited_result_of_a_search_names_the_document_that_was_found() -> None:
    hits = [Hit("tea.md", "/n/tea.md", "tea is a hot drink", 4)]
    answers = [
        view(results_page("tea", "library", hits), 0),
        "[1] notes (/n)\n**viewing lines [0 - 0] of 0**\n\nL0:   * 【0†tea.md†library】 hot",
    ]
    found = resolve("Hot 【0†L2】, or 【0†L0】, or 【1†L0】.", answers)
    assert [one.found for one in found] == ["tea.md", "", ""]


def test_citations_are_found_where_they_stand() -> None:
    text = "Tea 【3†L12-L18】 is 【0†L2】 hot 【1†L5-7】【2†L1–L2†x】 【a†L1】 【3†page】 [1†L2]"
    assert [(c.cursor, c.first, c.last) for c in citations(text)] == [
        (3, 12, 18), (0, 2, 2), (1, 5, 7), (2, 1, 2),
    ]  # fmt: skip
    one = citations(text)[0]
    assert text[one.start : one.end] == "【3†L12-L18】"
    assert citations("【1†L9-L3】")[0].last == 9


@settings(max_examples=200)
@given(st.text("【】†L0-9 a", max_size=40))
def test_a_half_written_citation_waits(text: str) -> None:
    for end in range(len(text) + 1):
        written = text[:end]
        shown = written[: certain(written)]
        assert text.startswith(shown)
        for citation in citations(text):
            assert not citation.start < len(shown) < citation.end


def test_what_never_becomes_a_citation_is_not_held_for_ever() -> None:
    assert certain("a 【3†L1") == 2
    assert certain("a 【3†L1】") == 8
    assert certain("a 【" + "x" * 200) == 203


def test_a_citation_leads_to_the_lines_that_were_shown() -> None:
    shown = text_page("\n".join(f"line {n}" for n in range(50)), "Notes (old)", "n/a (1).txt")
    answers = [view(results_page("q", "library", []), 0), "an error", view(shown, 1, 10, 5)]
    text = "x 【1†L11-L12】 y 【1†L14-L30】 made up 【7†L1】 【1†L40】 【1†L2】"
    found = resolve(text, answers)
    assert [one.lines for one in found] == [("line 11", "line 12"), ("line 14",)]
    assert (found[0].page.title, found[0].page.address) == ("Notes (old)", "n/a (1).txt")
    plain = read_view("[0] no address\n**viewing lines [0 - 0] of 0**\n\nL0: x")
    assert plain is not None
    assert (plain.title, plain.address, plain.lines) == ("no address", "", ("x",))
    assert read_view("Cursor `9` is out of range.") is None
