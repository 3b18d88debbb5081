"""What the browser answers: pages with cursors, and words where something was wrong."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_tui.conversation import ANALYSIS, Message, Role
from chat_tui.errors import ToolError
from chat_tui.tools.base import Context, Result, Risk
from chat_tui.tools.browser import Browser
from chat_tui.tools.pages import Anchor, Document, Hit

LONG = "\n".join(f"line {n}" for n in range(300)) + "\ntea is a hot drink\n"


class Shelf:
    """A source of a few documents."""

    def __init__(self, name: str = "library", risk: Risk = Risk.READS) -> None:
        self.name = name
        self.about = self.place = f"the {name}"
        self.risk = risk
        self.asked: list[str] = []
        self.documents = {
            "tea.md": Document("Tea", "tea.md", (LONG,)),
            "links.html": Document(
                "Links", "links.html",
                ("to ", Anchor("tea", "tea.md"), " and ", Anchor("out", "https://out.org/")),
            ),
            "https://out.org/": Document("Out", "https://out.org/", ("outside",)),
        }  # fmt: skip

    def search(self, query: str, topn: int) -> Sequence[Hit]:
        self.asked.append(query)
        return [Hit("tea.md", "tea.md", "tea is a hot drink", 300)][:topn] if "tea" in query else []

    def fetch(self, address: str) -> Document:
        self.asked.append(address)
        if address not in self.documents:
            raise ToolError(f"There is nothing at {address}.")
        return self.documents[address]


def call(function: str, arguments: object) -> Message:
    text = arguments if isinstance(arguments, str) else json.dumps(arguments)
    return Message(Role.ASSISTANT, text, ANALYSIS, f"browser.{function}", content_type="code")


def ask(browser: Browser, function: str, **arguments: object) -> Result:
    (result,) = browser.run(call(function, arguments), Context(Path("/"), threading.Event()))
    assert isinstance(result, Result)
    return result


def said(browser: Browser, function: str, **arguments: object) -> str:
    result = ask(browser, function, **arguments)
    assert not result.failed, result.text
    return result.text


def refused(browser: Browser, function: str, **arguments: object) -> str:
    result = ask(browser, function, **arguments)
    assert result.failed, result.text
    return result.text


@pytest.fixture
def browser() -> Browser:
    return Browser([Shelf()])


def test_search_open_scroll_and_find(browser: Browser) -> None:
    assert "L2:   * 【0†tea.md†library】 tea is a hot drink" in said(browser, "search", query="tea")
    opened = said(browser, "open", id=0)
    assert opened.startswith("[1] Tea (tea.md)\n**viewing lines [296 - 300] of 300**")
    assert said(browser, "open", loc=10, num_lines=2).endswith("L10: line 10\nL11: line 11")
    assert said(browser, "open", cursor=0, id=0, loc=5).startswith("[3] Tea")
    found = said(browser, "find", pattern="HOT drink")
    assert found.startswith("[4] Find results for text: `HOT drink` in `Tea`")
    assert "【0†match at L300】" in found
    assert "[296 - 300]" in said(browser, "open", id=0)
    assert said(browser, "open", id="tea.md").startswith("[6] Tea")


def test_an_old_search_shows_what_it_showed(browser: Browser) -> None:
    said(browser, "search", query="tea")
    said(browser, "search", query="nothing")
    assert "Search results for tea" in said(browser, "open", cursor=0)
    assert "No results found." in said(browser, "open", cursor=1)


def test_numbers_written_as_texts_and_made_up_arguments_are_forgiven(browser: Browser) -> None:
    text = said(browser, "search", query="tea", top_n="5", recency=30)
    assert text.endswith("(Ignored unknown arguments: recency.)")
    assert said(browser, "open", id="0", cursor=0.0, loc="2").startswith("[1] Tea")
    text = said(browser, "search", query="tea", source="web")
    assert text.count("There is no source `web`; library was used.") == 1


@pytest.mark.parametrize(
    ("function", "arguments", "words"),
    [
        ("search", {}, "`query` has to be a text"),
        ("search", {"query": " "}, "`query` has to be a text"),
        ("search", {"query": "a", "topn": "many"}, "`topn` has to be a whole number"),
        ("open", {"id": 7}, "Invalid link id `7`. The page has the links 0 to 0."),
        ("open", {"cursor": 9}, r"Cursor `9` is out of range. Available cursor indices: [0 - 0]"),
        ("open", {"cursor": -2}, "out of range"),
        ("open", {"loc": 99}, "Cannot exceed page maximum of 2"),
        ("open", {"id": "none"}, "There is nothing at none."),
        ("open", {"id": True}, "a link's number or an address"),
        ("open", {"id": {}}, "a link's number or an address"),
        ("find", {"pattern": "x"}, "Open one of its links first"),
        ("find", {}, "`pattern` has to be a text"),
        ("close", {}, "search, open and find"),
    ],
)
def test_errors_are_words_and_open_no_page(
    browser: Browser, function: str, arguments: dict[str, object], words: str
) -> None:
    assert refused(browser, "open") == "No page is open. Use search, or open an address."
    said(browser, "search", query="tea")
    assert words in refused(browser, function, **arguments)
    assert said(browser, "search", query="tea").startswith("[1]")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2)
    ),
    max_leaves=4,
)
NAMES = st.sampled_from(["query", "id", "cursor", "loc", "num_lines", "pattern", "source", "x"])


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["search", "open", "find", "other"]),
            st.dictionaries(NAMES, JSON, max_size=4).map(json.dumps) | st.text(max_size=20),
        ),
        max_size=6,
    )
)
def test_nothing_that_a_model_writes_is_an_exception(calls: list[tuple[str, str]]) -> None:
    browser = Browser([Shelf()])
    for function, text in calls:
        message = call(function, text)
        view = browser.describe(message)
        (result,) = browser.run(message, Context(Path("/"), threading.Event()))
        assert isinstance(result, Result)
        assert result.failed or result.text.startswith("[")
        assert view.title


def test_pages_of_an_earlier_run_can_be_opened_again(browser: Browser) -> None:
    answers = [said(browser, "search", query="tea"), said(browser, "open", id=0)]
    again = Browser([Shelf()])
    again.resume(answers)
    assert said(again, "find", pattern="hot").startswith("[2] Find")
    assert "That page is closed." in refused(again, "open", cursor=0, id=0)
    assert said(again, "open", cursor=1, loc=3, num_lines=1).endswith("L3: line 3")


def test_leaving_the_machine_is_told_before_it_happens() -> None:
    shelf, web = Shelf(), Shelf("web", Risk.OUTSIDE)
    browser = Browser([shelf, web])
    assert browser.describe(call("search", {"query": "q"})).risk is Risk.READS
    assert browser.describe(call("search", {"query": "q", "source": "web"})).risk is Risk.OUTSIDE
    assert browser.describe(call("open", {"id": "https://out.org/"})).risk is Risk.OUTSIDE
    said(browser, "open", id="links.html")
    assert browser.describe(call("open", {"id": 0})).risk is Risk.READS
    assert browser.describe(call("open", {"id": 1})).risk is Risk.OUTSIDE
    assert not web.asked
    assert "outside" in said(browser, "open", id=1)
    assert web.asked == ["https://out.org/"]


def test_a_link_out_of_a_page_that_was_closed_is_not_followed_unasked() -> None:
    first = Browser([Shelf()])
    answer = said(first, "open", id="links.html")
    web = Shelf("web", Risk.OUTSIDE)
    browser = Browser([Shelf(), web])
    browser.resume([answer])
    message = {"id": 1, "cursor": 0}
    assert browser.describe(call("open", message)).risk is Risk.READS
    assert "Call open once more" in refused(browser, "open", **message)
    assert not web.asked
    assert browser.describe(call("open", message)).risk is Risk.OUTSIDE
    assert "outside" in said(browser, "open", **message)


def test_without_a_web_source_links_out_lead_nowhere(browser: Browser) -> None:
    said(browser, "open", id="links.html")
    shelf = Shelf()
    del shelf.documents["https://out.org/"]
    plain = Browser([shelf])
    said(plain, "open", id="links.html")
    assert "nothing at https://out.org/" in refused(plain, "open", id=1)


def test_the_model_is_told_what_is_here(browser: Browser) -> None:
    spec = browser.spec
    assert spec.recipients == ("browser.search", "browser.open", "browser.find")
    assert "sources=library (default: library)" in spec.description
    assert "【{cursor}†L{line_start}(-L{line_end})?】" in spec.description
    view = browser.describe(call("search", {"query": "tea\nhouse"}))
    assert view.title == "Search the library for “tea house”"
    assert view.touches == ("reads the library",)
    assert view.rule == "any browser.search of what you put into the library"
    assert browser.describe(call("find", {"pattern": "tea"})).title == "Find “tea” in an open page"
    assert browser.describe(call("open", {"id": 3})).title == "Open 3 of the library"
