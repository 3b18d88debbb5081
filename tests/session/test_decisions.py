"""What was decided about calls: kept before anything runs, read back, exported, told in a line."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_tui.conversation import ANALYSIS, Message, Role
from chat_tui.engine.protocol import Cancel
from chat_tui.engine.scripted import ScriptedEngine
from chat_tui.session.chat import Chat
from chat_tui.session.decisions import KEY, Decisions, Record, read, read_files
from chat_tui.session.document import Form, readable
from chat_tui.session.gate import Choice, Reply
from chat_tui.session.keeping import Keeper
from chat_tui.session.offer import Offer
from chat_tui.session.shelf import Shelf
from chat_tui.session.toolset import Ask, Toolset
from chat_tui.settings import ToolMode
from chat_tui.store.documents import from_document, to_document
from chat_tui.store.store import Store
from chat_tui.tools.base import Attachment, Context, Progress, Result
from tests.ui.tools import FINAL, Pretend, python, toolset

CALL = Message(Role.ASSISTANT, "print(1)", ANALYSIS, "python", "code")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "conversations.db")
    yield store
    store.close()


def talk(store: Store, tools: Toolset, *codes: str, cancel: Cancel | None = None) -> str:
    """A question that makes the model call python, each code once; the conversation's id."""
    engine = ScriptedEngine([*(python(code) for code in codes), FINAL])
    list(engine.load())
    shelf = Shelf(Keeper(store))
    chat = Chat(engine, seams=shelf.seams(), tools=tools)
    shelf.serve(chat)
    shelf.begin()
    list(chat.ask("Compute.", cancel or Cancel()))
    kept = shelf.present
    assert kept is not None
    shelf.keeper.close()
    return kept


def records(store: Store, conversation: str) -> list[Record]:
    stored = store.load(conversation)
    found = [read(facts.extra) for facts in stored.facts]
    return [record for record in found if record is not None]


def answers(*replies: Reply) -> Ask:
    left = iter(replies)
    return lambda _request, _stop: next(left)


def test_every_decision_is_kept_with_its_call(store: Store) -> None:
    tool = Pretend()
    changed = replace(CALL, content="print(3)")
    tools = toolset(tool)
    tools.ask = answers(
        Reply(Choice.DENY, "Not\x1b[2J that."),
        Reply(Choice.ONCE, edited="print(3)", seen=tool.describe(changed)),
        Reply(Choice.CONVERSATION),
    )
    found = records(store, talk(store, tools, "print(1)", "print(1)", "print(2)", "print(4)"))
    assert [(one.outcome, one.by) for one in found] == [
        ("denied", "person"),
        ("edited", "person"),
        ("always", "person"),
        ("alone", "grant"),
    ]
    assert tool.ran == ["print(3)", "print(2)", "print(4)"]
    denied, edited, always, alone = found
    assert "\x1b" not in denied.words
    assert denied.words.startswith("denied by you: Not that. · 20")
    assert edited.edited == "print(3)"
    assert edited.asked != denied.asked
    assert edited.shown not in ("", denied.shown)
    assert always.rule == alone.rule
    assert "any Python code" in alone.words
    assert {one.mode for one in found} == {"ask"}
    assert {one.tier for one in found} == {"bubblewrap"}
    assert [one.at for one in found] == sorted(one.at for one in found)
    assert found[0].at > 1.7e9


def test_a_decision_is_on_the_disk_before_the_call_runs(store: Store, tmp_path: Path) -> None:
    seen: list[int] = []

    class Looks(Pretend):
        def run(self, call: Message, context: Context) -> Iterator[Progress | Result]:
            with sqlite3.connect(tmp_path / "conversations.db") as other:
                rows = other.execute("SELECT extra FROM messages WHERE extra LIKE '%once%'")
                seen.append(len(rows.fetchall()))
            other.close()
            yield from super().run(call, context)

    tools = toolset(Looks())
    tools.ask = answers(Reply(Choice.ONCE))
    talk(store, tools, "print(1)")
    assert seen == [1]


def test_refusals_without_a_question_are_kept_too(store: Store) -> None:
    tools = toolset(Pretend(), mode=ToolMode.READ_ONLY)
    (record,) = records(store, talk(store, tools, "print(1)"))
    assert (record.outcome, record.by, record.mode) == ("denied", "mode", "read only")
    tools = toolset(Pretend())
    cancel = Cancel()

    def leave(_request: object, _stop: object) -> Reply:
        cancel.set()
        return Reply(Choice.ONCE)

    tools.ask = leave
    (record,) = records(store, talk(store, tools, "print(1)", cancel=cancel))
    assert (record.outcome, record.by) == ("denied", "stop")


def test_a_conversation_that_is_opened_again_knows_its_decisions(store: Store) -> None:
    tools = toolset(Pretend())
    tools.ask = answers(Reply(Choice.ONCE), Reply(Choice.DENY, "why"))
    kept = talk(store, tools, "print(1)", "print(1)")
    later = toolset(Pretend())
    shelf = Shelf(Keeper(store))
    chat = Chat(ScriptedEngine([]), seams=shelf.seams(), tools=later)
    shelf.serve(chat)
    shelf.open(kept)
    calls = [one for one in chat.conversation.messages if one.is_call]
    assert calls[0] == replace(calls[1], tokens=calls[0].tokens)
    first, second = (later.decisions.of(call) for call in calls)
    assert first is not None
    assert second is not None
    assert (first.outcome, second.outcome, second.reason) == ("once", "denied", "why")
    chat.new()
    assert later.decisions.of(calls[0]) is None
    shelf.keeper.close()


def test_documents_have_what_was_decided(store: Store) -> None:
    tools = toolset(Pretend())
    tools.ask = answers(Reply(Choice.DENY, "<b>no</b>"))
    stored = store.load(talk(store, tools, "print(1)"))
    (again,) = from_document(json.loads(to_document([stored])))
    assert [facts.extra for facts in again.facts] == [facts.extra for facts in stored.facts]
    assert sum(KEY in facts.extra for facts in again.facts) == 1
    text = readable(stored, Form.MARKDOWN, reasoning=False)
    assert "\n\nDecision: denied by you: <b>no</b> · 20" in text
    page = readable(stored, Form.HTML, reasoning=False)
    assert "Decision: denied by you: &lt;b&gt;no&lt;/b&gt;" in page
    assert "Decision" not in readable(stored, Form.MARKDOWN, reasoning=False, tools=False)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(["outcome", "by", "at", "reason", "rule", "edited", "title", "x"])


@given(JSON | st.dictionaries(NAMES, JSON | st.sampled_from(["once", "denied", "person"])))
def test_whatever_stands_in_a_file_reads_as_a_record_or_as_none(value: Any) -> None:
    record = read({KEY: value})
    if record is not None:
        assert "\x1b" not in record.words
        assert "\n" not in record.words
        assert read({KEY: record.to_json()}) == record


def test_a_tool_begins_where_the_conversation_is() -> None:
    told: list[Sequence[str]] = []
    tools = Toolset(lambda _finished: Offer(toolset().offer.registry, begin=told.append))
    page = Message(Role.TOOL, "[0] a page", recipient="assistant", name="browser.open")
    other = Message(Role.TOOL, "[0] no page", recipient="assistant", name="python")
    chat = Chat(ScriptedEngine([]))
    tools.recall(chat.conversation.add(other, page), [{}, {}])
    assert told == []
    _ = tools.offer
    assert told == [("[0] a page",)]
    tools.forget()
    assert told[1:] == [()]


def test_a_record_belongs_to_one_message_and_not_to_its_like() -> None:
    decisions = Decisions()
    one, other = replace(CALL), replace(CALL)
    assert one == other
    decisions.add(one, Record("once", "person"))
    assert decisions.of(other) is None
    assert decisions.line(one) == "allowed once by you"


def test_files_of_a_result_are_known_again(store: Store, tmp_path: Path) -> None:
    plot = Attachment("plot-1.png", "image/png", tmp_path / "plot-1.png")
    tools = toolset(Pretend(files=(plot,)))
    tools.ask = answers(Reply(Choice.ONCE))
    stored = store.load(talk(store, tools, "draw()"))
    later = toolset(Pretend())
    later.recall(stored.conversation, [facts.extra for facts in stored.facts])
    found = [later.decisions.files(message) for message in stored.conversation.messages]
    assert [one for one in found if one] == [(plot,)]
    (result,) = [one for one in stored.conversation.messages if one.role is Role.TOOL]
    assert later.decisions.files(result) == (plot,)


@given(st.dictionaries(st.sampled_from(["files", "x"]), JSON | st.lists(st.lists(st.text()))))
def test_whatever_stands_in_a_file_reads_as_files_or_as_none(extra: dict[str, Any]) -> None:
    assert all(isinstance(one, Attachment) for one in read_files(extra))
