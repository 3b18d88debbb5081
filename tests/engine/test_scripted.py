"""The scripted engine keeps the seam's promises, so that what is tested with it is tested."""

from __future__ import annotations

from typing import Any

import pytest

from chat_tui.conversation import Effort, FunctionSpec, Message, Prompt, ToolSpec, user
from chat_tui.engine.protocol import Cancel, Engine, GenerateOptions
from chat_tui.engine.scripted import ScriptedEngine
from chat_tui.errors import EngineCrashed, EngineError
from chat_tui.events import (
    AnswerDelta,
    Delta,
    GenerationEnded,
    Loaded,
    LoadProgress,
    MessageCompleted,
    PromptProgress,
    ReasoningDelta,
    StopReason,
)

REPLY = (
    "<|channel|>analysis<|message|>Think a little.<|end|>"
    "<|start|>assistant<|channel|>final<|message|>Hello to you all.<|return|>"
)
HELLO = Prompt((user("Hello"),), Effort.HIGH)


def ask(engine: Engine, cancel: Cancel | None = None, **options: Any) -> list[Any]:
    return list(engine.generate(HELLO, GenerateOptions(**options), cancel or Cancel()))


def messages(events: list[Any]) -> list[Message]:
    return [event.message for event in events if isinstance(event, MessageCompleted)]


def test_it_loads_like_a_model() -> None:
    engine = ScriptedEngine([REPLY])
    assert engine.model is None
    *progress, loaded = engine.load()
    assert all(isinstance(event, LoadProgress) for event in progress)
    assert isinstance(loaded, Loaded)
    assert engine.model == loaded.model
    assert [type(event) for event in engine.load()] == [Loaded]
    engine.close()
    assert engine.model is None
    assert (engine.loads, engine.closed) == (1, True)


def test_it_replays_a_completion_word_by_word() -> None:
    engine = ScriptedEngine([REPLY])
    events = ask(engine)
    assert isinstance(events[0], PromptProgress)
    thought, answer = messages(events)
    assert (thought.content, answer.content) == ("Think a little.", "Hello to you all.")
    assert answer.effort is Effort.HIGH
    assert [e.text for e in events if isinstance(e, ReasoningDelta)] == ["Think", " a", " little."]
    assert [e.text for e in events if isinstance(e, AnswerDelta)] == [
        "Hello",
        " to",
        " you",
        " all.",
    ]
    end = events[-1]
    assert isinstance(end, GenerationEnded)
    assert end.reason is StopReason.COMPLETE
    assert (end.usage.reasoning_tokens, end.usage.answer_tokens) == (3, 4)
    assert end.usage.prompt_tokens == end.usage.evaluated_tokens + end.usage.reused_tokens
    assert engine.prompts == [HELLO]


def test_completions_follow_each_other_and_the_last_repeats() -> None:
    engine = ScriptedEngine([REPLY, "<|channel|>final<|message|>Bye<|return|>"])
    answers = [messages(ask(engine))[-1].content for _ in range(3)]
    assert answers == ["Hello to you all.", "Bye", "Bye"]


def test_a_call_goes_to_the_tool_that_the_prompt_offers() -> None:
    engine = ScriptedEngine(["<|channel|>commentary to=functions.f<|message|>{}<|call|>"])
    tools = (ToolSpec("functions", (FunctionSpec("f"),)),)
    prompt = Prompt(HELLO.messages, tools=tools)
    events = list(engine.generate(prompt, GenerateOptions(), Cancel()))
    (call,) = messages(events)
    assert (call.recipient, call.content, call.repairs) == ("functions.f", "{}", ())


def test_a_stop_keeps_what_was_shown() -> None:
    cancel = Cancel()
    engine = ScriptedEngine([REPLY], hook=lambda _, token: cancel.set() if token == 4 else None)
    events = ask(engine, cancel)
    (thought,) = messages(events)
    assert (thought.content, thought.interrupted) == ("Think a", True)
    assert events[-1].reason is StopReason.CANCELLED


def test_a_limit_of_tokens_is_kept() -> None:
    events = ask(ScriptedEngine([REPLY]), max_tokens=4)
    assert messages(events)[0].content == "Think"
    assert events[-1].reason is StopReason.LENGTH


def test_a_crash_completes_the_open_message_and_the_model_loads_again() -> None:
    crashes = [True]

    def crash_once(generation: int, token: int) -> None:
        if token == 14 and crashes and crashes.pop():
            raise EngineCrashed(f"Ended in generation {generation}.", "Ask again.")

    engine = ScriptedEngine([REPLY], hook=crash_once)
    events = []
    with pytest.raises(EngineCrashed):
        events.extend(engine.generate(HELLO, GenerateOptions(), Cancel()))
    assert [(m.content, m.interrupted) for m in messages(events)] == [
        ("Think a little.", False),
        ("Hello to", True),
    ]
    assert engine.model is None
    assert messages(ask(engine))[-1].content == "Hello to you all."
    assert engine.loads == 2


def test_another_failure_comes_as_it_is() -> None:
    def fail(_generation: int, _token: int) -> None:
        raise EngineError("No.")

    engine = ScriptedEngine([REPLY], hook=fail)
    with pytest.raises(EngineError, match="No"):
        ask(engine)
    assert engine.model is not None


def test_a_delay_is_slept_a_token() -> None:
    slept: list[float] = []
    engine = ScriptedEngine([REPLY], delay=0.5, load_delay=4.0, sleep=slept.append)
    events = ask(engine)
    assert slept[:4] == [1.0] * 4
    assert slept[4:] == [0.5] * 17
    assert sum(isinstance(event, Delta) for event in events) == 7


def test_priming_makes_the_next_question_cheaper_and_is_written_down() -> None:
    engine = ScriptedEngine([REPLY])
    engine.prime(HELLO)
    with pytest.raises(EngineError):
        engine.cost(HELLO)
    assert engine.primed == []
    list(engine.load())
    before = engine.cost(HELLO)
    engine.prime(HELLO, "And")
    after = engine.cost(HELLO)
    assert before.evaluate == before.total == after.total
    assert after.evaluate == 1
    assert engine.primed == [(HELLO, "And")]
    engine.leave()
    assert engine.leaves == 1
