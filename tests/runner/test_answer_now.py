"""The reasoning is closed when the user or the budget wants the answer, and only then."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from chat_tui.conversation import Closer, FunctionSpec, Message, Prompt, ToolSpec, user
from chat_tui.events import (
    GenerationEnded,
    MessageCompleted,
    ReasoningCircles,
    ReasoningDelta,
    StopReason,
    Usage,
)
from chat_tui.harmony import tokens
from chat_tui.harmony.vocabulary import Vocabulary
from chat_tui.runner.flag import Flag
from chat_tui.runner.generation import Generation, Speaker
from chat_tui.runner.outbox import Outbox
from chat_tui.wire import Generate
from tests.runner.conftest import MakeSpeaker

HELLO = Prompt((user("Hello"),))
FINAL, ANALYSIS, COMMENTARY, WORD = 17196, 35644, 12606, 13225


def thinking(*end: int) -> dict[int, int]:
    """A model that thinks ``Hello`` for ever, or once and then ``end``."""
    head = (tokens.ASSISTANT, tokens.CHANNEL, ANALYSIS, tokens.MESSAGE, WORD)
    return dict(pairwise([*head, *(end or (WORD,))]))


def generate(
    speaker: Speaker,
    prompt: Prompt = HELLO,
    hurry: Callable[[list[Any]], bool] = lambda _sent: False,
    **options: Any,
) -> tuple[list[Message], StopReason, Usage, list[Any]]:
    """Messages, reason, usage and events; ``hurry`` is asked after every token."""
    sent: list[Any] = []
    flag = Flag()

    class Eager(Outbox):
        def send_due(self) -> None:
            self.send()
            if hurry(sent):
                flag.set()

    request = Generate(prompt, **{"temperature": 0.0, "max_tokens": 40, **options})
    if hurry(sent):
        flag.set()
    Generation(speaker, request, Eager(sent.extend), Flag(), hurry=flag).run()
    assert isinstance(sent[-1], GenerationEnded)
    found = [event.message for event in sent if isinstance(event, MessageCompleted)]
    return found, sent[-1].reason, sent[-1].usage, sent


def thoughts(count: int) -> Callable[[list[Any]], bool]:
    """True once so many tokens of reasoning have been told."""
    return lambda sent: sum(e.tokens for e in sent if isinstance(e, ReasoningDelta)) >= count


def test_answer_now_closes_the_reasoning_and_begins_the_answer(make_speaker: MakeSpeaker) -> None:
    speaker = make_speaker(chain=thinking())
    (thought, reply), reason, usage, _ = generate(speaker, hurry=thoughts(5))
    assert thought.content == "Hello" * 5
    assert (thought.closed_by, thought.interrupted, thought.repairs) == (Closer.USER, False, ())
    assert thought.tokens == (tokens.CHANNEL, ANALYSIS, tokens.MESSAGE, *[WORD] * 5, tokens.END)
    assert (reply.channel, reply.repairs) == ("final", ())
    assert reply.tokens[:3] == (tokens.CHANNEL, FINAL, tokens.MESSAGE)
    assert (reason, usage.reasoning_tokens, usage.answer_tokens) == (StopReason.LENGTH, 8, 32)
    # The cache holds what the history will say, so that nothing is read again.
    assert speaker.llama.tokens[usage.prompt_tokens :][:9] == list(thought.tokens)


def test_asked_before_the_first_token_there_is_no_reasoning(make_speaker: MakeSpeaker) -> None:
    (reply,), _, usage, _ = generate(make_speaker(chain=thinking()), hurry=lambda _sent: True)
    assert (reply.channel, reply.content, reply.repairs) == ("final", "Hello" * 40, ())
    assert usage.reasoning_tokens == 0


def test_asked_within_a_header_it_waits_for_its_end(make_speaker: MakeSpeaker) -> None:
    calls = iter([False, True])
    speaker = make_speaker(chain=thinking())
    (thought, reply), _, _, _ = generate(speaker, hurry=lambda _sent: next(calls, True))
    assert (thought.content, thought.closed_by) == ("", Closer.USER)
    assert reply.channel == "final"


def test_reasoning_that_ends_by_itself_is_followed_by_the_answer(
    make_speaker: MakeSpeaker,
) -> None:
    speaker = make_speaker(chain=thinking(tokens.END))
    (thought, reply), _, _, _ = generate(speaker, budget=5)
    assert (thought.content, thought.closed_by) == ("Hello", None)
    assert (reply.channel, reply.repairs) == ("final", ())


def test_an_answer_a_preamble_and_a_call_are_left_alone(
    make_speaker: MakeSpeaker, vocabulary: Vocabulary
) -> None:
    tool = ToolSpec("functions", (FunctionSpec("look"),))
    call = [COMMENTARY, *vocabulary.encode(" to=functions.look"), tokens.MESSAGE, WORD]
    for written in ([FINAL, tokens.MESSAGE, WORD], [COMMENTARY, tokens.MESSAGE, WORD], call):
        chain = dict(pairwise([tokens.ASSISTANT, tokens.CHANNEL, *written, WORD]))
        told = iter([False] * (len(written) + 1))
        (message,), reason, _, _ = generate(
            make_speaker(chain=chain),
            Prompt(HELLO.messages, tools=(tool,)),
            hurry=lambda _sent, told=told: next(told, True),  # type: ignore[misc]
        )
        assert message.content.startswith("HelloHello")
        assert (message.closed_by, reason) == (None, StopReason.LENGTH)


def test_a_budget_begins_the_answer(make_speaker: MakeSpeaker) -> None:
    (thought, reply), _, usage, _ = generate(make_speaker(chain=thinking()), budget=10)
    assert (usage.reasoning_tokens, thought.closed_by) == (10, Closer.BUDGET)
    assert (reply.channel, reply.repairs) == ("final", ())


def test_a_budget_counts_all_reasoning_of_a_turn(make_speaker: MakeSpeaker) -> None:
    chain = thinking(tokens.END) | {ANALYSIS: tokens.MESSAGE}
    messages, _, usage, _ = generate(make_speaker(chain=chain), budget=12)
    assert [message.channel for message in messages] == ["analysis"] * 3 + ["final"]
    # Five tokens each; the third was closed when its header of three had ended.
    assert usage.reasoning_tokens == 13
    assert (messages[-2].content, messages[-2].closed_by) == ("", Closer.BUDGET)


def test_a_budget_that_is_not_reached_changes_nothing(make_speaker: MakeSpeaker) -> None:
    speaker = make_speaker(chain=thinking())
    assert generate(speaker, budget=1000)[0] == generate(speaker)[0]


@pytest.mark.parametrize("hurried", [False, True])
def test_a_context_that_fills_in_the_reasoning_keeps_what_was_thought(
    make_speaker: MakeSpeaker, hurried: bool
) -> None:
    """Also where the answer was asked for when no room was left for its header."""
    speaker = make_speaker(chain=thinking(), context=256)

    def full(sent: list[Any]) -> bool:
        return hurried and thoughts(1)(sent) and len(speaker.llama.tokens) >= 252

    (thought,), reason, usage, _ = generate(speaker, hurry=full, max_tokens=None)
    assert reason is StopReason.LENGTH
    assert (thought.interrupted, thought.is_reasoning) == (True, True)
    assert thought.content == "Hello" * (usage.reasoning_tokens + usage.answer_tokens - 3)


def test_circling_reasoning_is_told_each_time_it_has_doubled(make_speaker: MakeSpeaker) -> None:
    _, _, _, events = generate(make_speaker(chain=thinking()), max_tokens=300)
    told = [event.tokens for event in events if isinstance(event, ReasoningCircles)]
    assert len(told) >= 2
    assert all(later >= 2 * earlier for earlier, later in pairwise(told))


def test_a_circling_answer_is_nobodys_business(make_speaker: MakeSpeaker) -> None:
    _, _, _, events = generate(
        make_speaker(chain=thinking()), hurry=lambda _sent: True, max_tokens=300
    )
    assert not any(isinstance(event, ReasoningCircles) for event in events)
