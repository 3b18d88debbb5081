"""What the model would see next, and what it would not, in the order of the conversation."""

from __future__ import annotations

import pytest

from chat_tui.engine.protocol import Cancel
from chat_tui.engine.scripted import ScriptedEngine
from chat_tui.errors import EngineError
from chat_tui.session import room
from chat_tui.session.chat import Chat
from chat_tui.session.inspect import Fate, Inspected, inspect


def talked(*questions: str) -> Chat:
    answer = (
        "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant"
        "<|channel|>final<|message|>So it is.<|return|>"
    )
    chat = Chat(ScriptedEngine([answer]), instructions="Be brief.")
    for question in questions:
        list(chat.ask(question, Cancel()))
    return chat


def order(found: Inspected) -> list[tuple[str, str]]:
    return [(entry.role, str(entry.fate)) for entry in found.entries]


def test_everything_stands_in_order_and_earlier_reasoning_is_dropped() -> None:
    found = inspect(talked("One?"), "Two?")
    assert order(found) == [
        ("system", "read"),
        ("developer", "read"),
        ("user", "read"),
        ("assistant", "dropped"),
        ("assistant", "read"),
        ("user", "read"),
        ("assistant", "read"),
    ]
    system, developer, one, thought, answer, two, opening = found.entries
    assert "Be brief." in developer.text
    assert "One?" in one.text
    assert (thought.text, thought.tokens, thought.channel) == ("Hm.", 0, "analysis")
    assert "So it is." in answer.text
    assert two.note == "your question"
    assert "Two?" in two.text
    assert opening.text == "<|start|>assistant"
    assert system.tokens > 0


def test_what_would_be_read_is_exactly_the_text() -> None:
    found = inspect(talked("One?"), "Two?")
    assert found.text.startswith("<|start|>system<|message|>You are ChatGPT")
    assert found.text.endswith("<|start|>user<|message|>Two?<|end|><|start|>assistant")
    assert "Hm." not in found.text
    assert found.tokens == sum(entry.tokens for entry in found.entries)


def test_the_cache_holds_a_beginning() -> None:
    found = inspect(talked("One?"), "Two?")
    assert 0 < found.reused < found.tokens
    reused = [entry.reused == entry.tokens for entry in found.entries if entry.fate is Fate.READ]
    assert reused == sorted(reused, reverse=True)


def test_what_a_summary_hides_stands_before_it() -> None:
    chat = talked("One?", "Two?")
    chat.mark(room.mark(1, "We spoke of one."))
    found = inspect(chat)
    fates = [(entry.fate, entry.note) for entry in found.entries]
    assert [fate for fate, _ in fates] == [
        *[Fate.READ] * 2,
        *[Fate.LEFT_OUT] * 3,
        *[Fate.READ] * 3,
        Fate.DROPPED,
        Fate.READ,
        Fate.MARK,
        *[Fate.READ] * 2,
    ]
    assert [note for _, note in fates][5:7] == ["in place of what is left out"] * 2
    assert "Summary of" in fates[10][1]
    assert fates[11][1] == "your question, still empty"
    hidden = [entry.text for entry in found.entries if entry.fate is Fate.LEFT_OUT]
    assert hidden == ["One?", "Hm.", "So it is."]


def test_what_was_dropped_stands_before_what_is_left() -> None:
    chat = talked("One?", "Two?")
    chat.mark(room.mark(2))
    found = inspect(chat)
    fates = [entry.fate for entry in found.entries]
    assert fates == [
        *[Fate.READ] * 2,
        *[Fate.LEFT_OUT] * 6,
        Fate.MARK,
        *[Fate.READ] * 2,
    ]


def test_nothing_is_told_without_a_model_and_asking_changes_nothing() -> None:
    with pytest.raises(EngineError):
        inspect(Chat(ScriptedEngine(["x"])))
    chat = talked("One?")
    before = chat.conversation
    inspect(chat, "Two?")
    assert chat.conversation is before
    assert isinstance(chat.engine, ScriptedEngine)
    assert len(chat.engine.prompts) == 1
