"""Conversations taken along and brought back."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_tui.conversation import (
    ANALYSIS,
    COMMENTARY,
    FINAL,
    Closer,
    Conversation,
    Effort,
    Message,
    Node,
    Role,
    user,
)
from chat_tui.errors import InputError
from chat_tui.events import Usage
from chat_tui.session.room import mark, named
from chat_tui.store.documents import from_document, to_document, without
from chat_tui.store.html import html
from chat_tui.store.imports import read
from chat_tui.store.markdown import markdown, other_answers
from chat_tui.store.store import Store
from chat_tui.store.values import Facts, Stored
from chat_tui.untrusted import clean
from tests.store.sample import everything

texts = st.text(st.characters(), max_size=8)
names = st.none() | st.text(st.characters(), max_size=8)
times = st.floats(0, 1e10)
messages = st.builds(
    Message,
    role=st.sampled_from(Role),
    content=texts,
    channel=names,
    recipient=names,
    content_type=names,
    name=names,
    tokens=st.lists(st.integers(0, 2**32 - 1), max_size=4).map(tuple),
    effort=st.none() | st.sampled_from(Effort),
    repairs=st.lists(texts, max_size=2).map(tuple),
    interrupted=st.booleans(),
    closed_by=st.none() | st.sampled_from(Closer),
)
extras = st.dictionaries(texts, st.none() | st.integers() | texts | st.lists(texts), max_size=2)
facts = st.builds(
    Facts,
    created=times,
    finished=st.none() | times,
    model=texts,
    usage=st.none() | st.builds(Usage, prompt_tokens=st.integers(0), total_seconds=times),
    extra=extras,
)


@st.composite
def conversations(draw: st.DrawFn) -> Stored:
    nodes: list[Node] = []
    for message in draw(st.lists(messages, max_size=6)):
        parent = draw(st.none() | st.integers(0, len(nodes) - 1)) if nodes else None
        nodes.append(Node(message, parent))
    head = draw(st.none() | st.integers(0, len(nodes) - 1)) if nodes else None
    return Stored(
        draw(st.from_regex(r"[0-9a-f]{12}", fullmatch=True)),
        draw(texts.map(lambda text: text.encode("utf-8", "replace").decode())),
        draw(st.booleans()),
        draw(times),
        draw(times),
        draw(st.dates()),
        draw(st.none() | st.sampled_from(Effort)),
        draw(st.just("m")),
        draw(st.booleans()),
        draw(extras),
        Conversation(tuple(nodes), head),
        tuple(draw(facts) for _ in nodes),
    )


def plain(stored: Stored) -> Stored:
    """Empty names say no more than none; JSON leaves both out."""

    def one(message: Message) -> Message:
        return replace(
            message,
            channel=message.channel or None,
            recipient=message.recipient or None,
            content_type=message.content_type or None,
            name=message.name or None,
        )

    nodes = tuple(Node(one(node.message), node.parent) for node in stored.conversation.nodes)
    return replace(stored, conversation=Conversation(nodes, stored.conversation.head))


@settings(max_examples=60, deadline=None)
@given(st.lists(conversations(), max_size=2))
def test_json_loses_nothing(stored: list[Stored]) -> None:
    document = to_document(stored)
    assert document.isascii()
    again = read(document.encode(), "x.json")
    assert again.skipped == ()
    assert [plain(one) for one in again.conversations] == [plain(one) for one in stored]


def test_json_from_one_store_into_another_is_the_same_conversation(store: Store) -> None:
    stored = everything()
    (read_again,) = read(to_document([stored]).encode(), "x.json").conversations
    store.insert(read_again)
    assert store.load(stored.id) == stored


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]",
        b"[1, 2]",
        b"\xff\xfe",
        b"[" * 100_000,
        b"PK\x03\x04nothing",
        b'{"format": "chat-tui conversations", "version": 2, "conversations": []}',
        b'{"format": "chat-tui conversations", "version": 1, "conversations": [{}]}',
        b'{"format": "chat-tui conversations", "version": 1, "conversations": 7}',
    ],
)
def test_what_is_no_export_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(InputError) as caught:
        read(data, "some.json")
    assert "some.json" in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("parent", 5),
        ("parent", -1),
        ("parent", 0),
        ("role", "king"),
        ("content", None),
        ("tokens", [-1]),
        ("tokens", [1 << 32]),
        ("tokens", ["1"]),
        ("effort", "extreme"),
        ("created", "yesterday"),
    ],
)
def test_a_field_that_cannot_be_is_refused(field: str, value: object) -> None:
    document = json.loads(to_document([everything()]))
    document["conversations"][0]["messages"][0][field] = value
    with pytest.raises(InputError):
        read(json.dumps(document).encode(), "x.json")


def test_reasoning_and_tools_can_be_left_out_and_the_tree_holds() -> None:
    stored = everything()
    less = without(stored, reasoning=False, tools=False)
    assert [m.content for m in less.conversation.messages] == [
        stored.conversation.nodes[0].message.content,
        "Minus seven. <b>Cold</b> & clear.",
    ]
    assert len(less.facts) == len(less.conversation.nodes)
    assert without(stored) == stored
    assert all(node.message.content != '{"city": "Moscow"}' for node in less.conversation.nodes)
    assert len(less.conversation.siblings(1)) == 2


class Page(HTMLParser):
    """The tags and the text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


HOSTILE = (
    "<script>alert(1)</script> <img src=x onerror=alert(1)> ![pic](http://evil.example/p.png)"
    " [link](javascript:alert(1)) [data](data:text/html,x) [ok](https://example.org/?a=1&b=2)"
    "\n\n<style>body{background:url(http://evil.example)}</style>\n\n</details></body>"
    "\n\n```html\n<script>x</script>\n```\n\n\x1b[31m\u202e"
)


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("channel", [ANALYSIS, COMMENTARY, FINAL, "<script>"])
@pytest.mark.parametrize("recipient", [None, "<script>alert(2)</script>"])
def test_a_page_has_nothing_in_it_that_acts(
    role: Role, channel: str, recipient: str | None
) -> None:
    message = Message(role, HOSTILE, channel=channel, recipient=recipient, name="<script>")
    text = html(
        [message], started=date(2026, 1, 1), title=HOSTILE, model="<script>", reasoning=True
    )
    page = Page(text)
    assert {"script", "img", "iframe", "link"} & set(page.tags) == set()
    assert page.tags.count("style") == 1
    addresses = [value for name, value in page.attributes if name in ("href", "src")]
    # A link waits for a click; a picture's address is no more than that either.
    assert set(addresses) <= {"https://example.org/?a=1&b=2", "http://evil.example/p.png"}
    assert not any(name.startswith("on") for name, _ in page.attributes)
    assert "alert(1)" in page.text
    assert "\x1b" not in text
    assert "\u202e" not in text


@pytest.mark.parametrize(
    "written",
    [
        "user&#x202e;txt.exe",
        "[a](http://b.example '&#x202e;') &#8206;",
        "<http://b.example/%E2%80%AE%1B%5B2J%C2%9B>",
        "```&#x202e;\ncode\n```",
        "| a | b |\n|---|---|\n| &#x202e; | &#8203; |",
    ],
)
@pytest.mark.parametrize("role", [Role.ASSISTANT, Role.MARK])
def test_what_markdown_decodes_is_as_clean_as_what_was_written(written: str, role: Role) -> None:
    text = html([Message(role, written, channel=FINAL)], started=date(2026, 1, 1), title="T")
    assert clean(text) == text


def test_no_tag_of_a_page_is_lost_to_a_sequence_that_begins_in_the_text() -> None:
    written = "<http://b.example/%C2%9D> **bold** <http://b.example/%C2%9C>"
    text = html(
        [Message(Role.ASSISTANT, written, channel=FINAL)], started=date(2026, 1, 1), title="T"
    )
    assert text.count("http://b.example/</a>") == 2
    assert "<strong>bold</strong>" in text
    assert clean(text) == text


def test_a_page_folds_reasoning_and_tools_and_leaves_them_out_on_demand() -> None:
    said = everything().conversation.messages
    whole = html(said, started=date(2026, 1, 1), title="T", reasoning=True)
    assert Page(whole).tags.count("details") == 3
    assert "They ask for the weather." in whole
    usual = html(said, started=date(2026, 1, 1), title="T")
    assert "They ask for the weather." not in usual
    assert "Moscow" in usual
    spoken = html(said, started=date(2026, 1, 1), title="T", tools=False)
    assert "Moscow" not in spoken
    assert "details" not in Page(spoken).tags


def test_markdown_leaves_out_what_is_not_wanted() -> None:
    said = everything().conversation.messages
    text = markdown(said, started=date(2026, 1, 31), title="Other\ntitle", tools=False)
    assert text.startswith("# Other title\n")
    assert "Moscow" not in text
    assert "Minus seven." in text
    assert "## Call of functions.get_weather" in markdown(said, started=date(2026, 1, 31))


def test_a_question_alone_is_a_document() -> None:
    assert "## You\n\nHi" in markdown([user("Hi")], started=date(2026, 1, 31))


def test_what_the_model_was_shown_less_of_is_all_there_and_a_summary_only_once() -> None:
    tree = Conversation()
    for number in range(3):
        answer = Message(Role.ASSISTANT, f"Answer {number}", channel=FINAL)
        tree = tree.add(user(f"Question {number}"), answer)
    tree = tree.add(named(tree.messages, mark(1)))
    summary = "They asked **three** things:\n- one <script>\n- two"
    tree = tree.add(named(tree.messages, mark(2, summary)))
    tree = tree.add(named(tree.messages, mark(1, summary)))
    tree = tree.at(4).add(Message(Role.ASSISTANT, "Another", channel=FINAL)).at(8)
    others = other_answers(tree)
    text = markdown(tree.messages, started=date(2026, 1, 31), others=others)
    assert "1 other answer is left out" in text
    assert all(f"Answer {number}" in text for number in range(3))
    assert "*The model no longer sees the first 2 messages; it begins at “Question 1”*" in text
    assert text.count("> They asked **three** things:\n> - one <script>\n> - two") == 1
    assert text.index("*Summary of 4 messages*") > text.index("Answer 2")
    page = html(tree.messages, started=date(2026, 1, 31), title="T", others=others)
    assert "1 other answer is left out" in page
    assert page.count("They asked <strong>three</strong> things:") == 1
    assert "<script>" not in page
    stored = Stored("", conversation=tree, facts=(Facts(),) * len(tree.nodes))
    assert from_document(json.loads(to_document([without(stored, reasoning=False)])))[0] == stored
