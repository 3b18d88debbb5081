"""The turn loop: what is recorded, in which order, and what a tool or a refusal leads to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from chat_tui.conversation import Message, Prompt, Role, ToolSpec, user
from chat_tui.engine.protocol import Cancel, GenerateOptions
from chat_tui.engine.scripted import ScriptedEngine
from chat_tui.events import (
    AnswerDelta,
    MessageCompleted,
    StopReason,
    ToolFinished,
    ToolProgressed,
    ToolStarted,
    TurnEnded,
    TurnEvent,
)
from chat_tui.session.turn import MAX_ROUNDS, Decision, Seams, Verdict, answer, run_turn

CALL = "<|channel|>analysis to=python code<|message|>print(6*7)<|call|>"
ANSWER = "<|channel|>final<|message|>It is 42.<|return|>"


class Calculator:
    """A toolbox with one tool that says what it was given."""

    specs = (ToolSpec("python", description="Runs code."),)

    def run(self, call: Message, cancel: Cancel) -> Iterator[ToolProgressed | ToolFinished]:
        del cancel
        yield ToolProgressed(call, "working")
        yield ToolFinished(call, answer(call, f"ran {call.content}"))


def loaded(*completions: str) -> ScriptedEngine:
    engine = ScriptedEngine(completions)
    list(engine.load())
    return engine


def turn(engine: ScriptedEngine, seams: Seams, cancel: Cancel | None = None) -> list[TurnEvent]:
    prompt = Prompt((user("What is 6 × 7?"),))
    return list(run_turn(engine, prompt, GenerateOptions(), cancel or Cancel(), seams))


def test_a_message_is_recorded_before_it_is_shown() -> None:
    order: list[str] = []
    seams = Seams(record=lambda message: order.append(f"stored {message.channel}"))
    prompt = Prompt((user("Hi"),))
    engine = loaded(
        "<|channel|>analysis<|message|>Greet.<|end|>"
        "<|start|>assistant<|channel|>final<|message|>Hello!<|return|>"
    )
    for event in run_turn(engine, prompt, GenerateOptions(), Cancel(), seams):
        match event:
            case MessageCompleted(message):
                order.append(f"shown {message.channel}")
    assert order == ["stored analysis", "shown analysis", "stored final", "shown final"]


def test_an_approved_call_runs_and_its_result_goes_back_to_the_model() -> None:
    engine = loaded(CALL, ANSWER)
    events = turn(engine, Seams(Calculator(), approve=lambda *_: Verdict(Decision.ALLOW)))
    kinds = [type(event) for event in events]
    assert kinds.index(ToolStarted) < kinds.index(ToolProgressed) < kinds.index(ToolFinished)
    seen = engine.prompts[1].messages
    assert [message.role for message in seen] == [Role.USER, Role.ASSISTANT, Role.TOOL]
    assert seen[2].content == "ran print(6*7)"
    assert seen[2].name == "python"
    assert "".join(e.text for e in events if isinstance(e, AnswerDelta)) == "It is 42."
    assert isinstance(events[-1], TurnEnded)
    assert events[-1].reason is StopReason.COMPLETE


def test_by_default_a_call_is_denied_and_the_model_told() -> None:
    engine = loaded(CALL, ANSWER)
    events = turn(engine, Seams(Calculator()))
    assert not any(isinstance(event, ToolStarted) for event in events)
    assert "did not allow" in engine.prompts[1].messages[-1].content


def test_the_model_reads_why_a_call_was_denied() -> None:
    engine = loaded(CALL, ANSWER)
    turn(engine, Seams(Calculator(), approve=lambda *_: Verdict(Decision.DENY, "use a table")))
    told = engine.prompts[1].messages[-1].content
    assert told == "The user did not allow this call. Their reason: use a table"


def test_a_changed_call_runs_in_its_place_and_the_model_is_told_what_ran() -> None:
    def approve(call: Message, _cancel: Cancel) -> Verdict:
        # Where a call goes is not the user's to change here: they saw it for this tool.
        other = replace(call, content="print(7*7)", recipient="functions.rm")
        return Verdict(Decision.ALLOW, call=other)

    engine = loaded(CALL, ANSWER)
    events = turn(engine, Seams(Calculator(), approve=approve))
    (started,) = (event for event in events if isinstance(event, ToolStarted))
    assert (started.call.content, started.call.recipient) == ("print(7*7)", "python")
    call, told = engine.prompts[1].messages[-2:]
    assert call.content == "print(6*7)"
    assert "to:\nprint(7*7)\n\nran print(7*7)" in told.content


def test_whoever_approves_can_see_that_the_turn_was_stopped() -> None:
    def approve(_call: Message, cancel: Cancel) -> Verdict:
        cancel.set()
        return Verdict(Decision.DENY)

    engine = loaded(CALL, ANSWER)
    events = turn(engine, Seams(Calculator(), approve=approve))
    assert isinstance(events[-1], TurnEnded)
    assert events[-1].reason is StopReason.CANCELLED
    assert len(engine.prompts) == 1


def test_stopping_at_an_approval_ends_the_turn() -> None:
    engine = loaded(CALL, ANSWER)
    events = turn(engine, Seams(Calculator(), approve=lambda *_: Verdict(Decision.STOP)))
    assert len(engine.prompts) == 1
    assert isinstance(events[-1], TurnEnded)
    assert events[-1].reason is StopReason.CANCELLED


def test_a_tool_that_was_not_offered_is_answered_with_the_list() -> None:
    engine = loaded("<|channel|>commentary to=functions.rm<|message|>{}<|call|>", ANSWER)
    turn(engine, Seams(Calculator(), approve=lambda *_: Verdict(Decision.ALLOW)))
    told = engine.prompts[1].messages[-1]
    assert told.role is Role.TOOL
    assert "python" in told.content


def test_a_model_that_only_calls_tools_is_stopped() -> None:
    engine = loaded(*[CALL] * (MAX_ROUNDS + 5))
    events = turn(engine, Seams(Calculator(), approve=lambda *_: Verdict(Decision.ALLOW)))
    assert len(engine.prompts) == MAX_ROUNDS
    assert isinstance(events[-1], TurnEnded)
    assert events[-1].reason is StopReason.LENGTH


def test_usage_of_all_rounds_is_added_up() -> None:
    engine = loaded(CALL, ANSWER)
    events = turn(engine, Seams(Calculator(), approve=lambda *_: Verdict(Decision.ALLOW)))
    assert isinstance(events[-1], TurnEnded)
    usage = events[-1].usage
    assert usage.answer_tokens > 0
    assert usage.reused_tokens + usage.evaluated_tokens > usage.prompt_tokens
