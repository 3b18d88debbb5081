"""What fills the context: kinds that add up, files and the draft among them, and their bar."""

from __future__ import annotations

from types import MappingProxyType

import pytest

from chat_tui.attachments import Attachment, with_files
from chat_tui.engine.protocol import Cancel
from chat_tui.engine.scripted import ScriptedEngine
from chat_tui.errors import EngineError
from chat_tui.session.chat import Chat
from chat_tui.session.measure import measure
from chat_tui.session.meter import Meter, bar

ANSWER = (
    "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant"
    "<|channel|>final<|message|>So.<|return|>"
)
NOTES = with_files("What is this?", [Attachment("notes.txt", "A long text. " * 40)])


def talked(*questions: str) -> Chat:
    chat = Chat(ScriptedEngine([ANSWER]))
    for question in questions:
        list(chat.ask(question, Cancel()))
    return chat


def test_files_are_counted_apart_from_what_was_asked() -> None:
    with_, without = measure(talked(NOTES)), measure(talked("What is this?"))
    assert with_.kinds["files"] > 100
    assert with_.used - with_.kinds["files"] == without.used
    assert without.kinds["files"] == without.kinds["draft"] == 0


@pytest.mark.parametrize("draft", ["", "And a longer question than that?", NOTES])
def test_all_kinds_add_up_to_what_the_next_question_takes(draft: str) -> None:
    chat = talked("One?", NOTES)
    meter = measure(chat, draft)
    expected = (
        chat.cost(draft).total
        if draft
        else chat.engine.cost(chat.prompt(chat.conversation.messages)).total
    )
    assert meter.used == expected
    assert all(count >= 0 for count in meter.kinds.values())
    assert (meter.kinds["draft"] > 0) is bool(draft)


def test_a_draft_behind_reasoning_that_was_cut_off_is_no_less_than_nothing() -> None:
    cancel = Cancel()
    engine = ScriptedEngine(
        [ANSWER.replace("Hm.", "word " * 200)],
        hook=lambda _generation, token: cancel.set() if token == 100 else None,
    )
    chat = Chat(engine)
    list(chat.ask("One?", cancel))
    meter = measure(chat, "And now?")
    assert meter.used == chat.cost("And now?").total
    assert all(count >= 0 for count in meter.kinds.values())


def test_nothing_is_measured_without_a_model() -> None:
    with pytest.raises(EngineError):
        measure(Chat(ScriptedEngine([ANSWER])))


def meter(**kinds: int) -> Meter:
    return Meter(MappingProxyType({name.replace("_", " "): n for name, n in kinds.items()}), 100, 0)


def test_the_bar_shows_kinds_in_their_order() -> None:
    found = meter(system=10, tools=10, history=40, files=20)
    assert bar(found, 10) == "▓▓████▒▒░░"
    assert bar(found, 10, used=100) == "▓▓██████▒▒"
    assert bar(found, 10, used=5) == bar(found, 10)
    assert bar(meter(history=300), 10) == "█" * 10
    assert bar(meter(), 4) == "░░░░"
    assert bar(Meter(MappingProxyType({"history": 5}), 0, 0), 4) == "░░░░"
