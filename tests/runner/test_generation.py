"""What a generation says, with models whose every token is known and with random ones."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from chat_tui.conversation import FunctionSpec, Message, Prompt, ToolSpec, user
from chat_tui.errors import PromptTooLong
from chat_tui.events import Delta, GenerationEnded, MessageCompleted, StopReason
from chat_tui.harmony import tokens
from chat_tui.harmony.vocabulary import Vocabulary
from chat_tui.runner.flag import Flag
from chat_tui.runner.generation import MAX_THOUGHTS, NO_ANSWER, Generation, Speaker
from chat_tui.runner.outbox import Outbox
from chat_tui.wire import Generate
from tests.runner.conftest import MakeSpeaker

HELLO = Prompt((user("Hello"),))
FINAL, ANALYSIS, WORD = 17196, 35644, 13225


def generate(speaker: Speaker, prompt: Prompt = HELLO, **options: Any) -> list[Any]:
    sent: list[Any] = []
    request = Generate(prompt, **{"temperature": 0.0, **options})
    Generation(speaker, request, Outbox(sent.extend), Flag()).run()
    return sent


def messages(events: list[Any]) -> list[Message]:
    return [event.message for event in events if isinstance(event, MessageCompleted)]


def ended(events: list[Any]) -> GenerationEnded:
    assert isinstance(events[-1], GenerationEnded)
    return events[-1]


def following(*chain: int) -> dict[int, int]:
    """Each token is followed by the next one; a message begins with ``<|channel|>``."""
    return dict(pairwise(chain)) | {tokens.ASSISTANT: tokens.CHANNEL}


def test_the_tokens_of_this_file_are_what_they_are_called(vocabulary: Vocabulary) -> None:
    words = [vocabulary.decode([token]) for token in (FINAL, ANALYSIS, WORD)]
    assert words == ["final", "analysis", "Hello"]


def test_a_reply_is_complete_and_reused_in_the_next_prompt(make_speaker: MakeSpeaker) -> None:
    chain = following(tokens.CHANNEL, FINAL, tokens.MESSAGE, WORD, tokens.RETURN)
    speaker = make_speaker(chain=chain)
    events = generate(speaker)
    (reply,) = messages(events)
    assert ended(events).reason is StopReason.COMPLETE
    assert (reply.channel, reply.content, reply.repairs) == ("final", "Hello", ())
    assert reply.tokens == (tokens.CHANNEL, FINAL, tokens.MESSAGE, WORD, tokens.RETURN)
    assert not reply.interrupted
    usage = ended(events).usage
    assert (usage.reasoning_tokens, usage.answer_tokens) == (0, 5)
    later = generate(speaker, Prompt((*HELLO.messages, reply, user("More"))))
    assert ended(later).usage.reused_tokens == usage.prompt_tokens + 4


@pytest.mark.parametrize("end", [tokens.END, tokens.CALL, tokens.ENDOFTEXT, tokens.START])
def test_an_answer_that_takes_the_wrong_word_for_its_end_ends(
    make_speaker: MakeSpeaker, end: int
) -> None:
    chain = following(tokens.CHANNEL, FINAL, tokens.MESSAGE, WORD, end)
    events = generate(make_speaker(chain=chain), max_tokens=20)
    (reply,) = messages(events)
    assert ended(events).reason is StopReason.COMPLETE
    assert (reply.content, reply.tokens[-1], reply.repairs) == ("Hello", tokens.RETURN, ())


def test_reasoning_without_an_answer_gets_one_begun(make_speaker: MakeSpeaker) -> None:
    chain = following(tokens.CHANNEL, ANALYSIS, tokens.MESSAGE, WORD, tokens.RETURN)
    events = generate(make_speaker(chain=chain), max_tokens=50)
    thought, reply = messages(events)
    assert ended(events).reason is StopReason.COMPLETE
    assert (thought.channel, thought.content, thought.tokens[-1]) == (
        "analysis",
        "Hello",
        tokens.END,
    )
    assert (reply.channel, reply.content, reply.repairs) == ("final", "Hello", (NO_ANSWER,))
    assert reply.tokens == (tokens.CHANNEL, FINAL, tokens.MESSAGE, WORD, tokens.RETURN)
    usage = ended(events).usage
    # The header that was written in the model's place costs no time and is not counted.
    assert (usage.reasoning_tokens, usage.answer_tokens) == (5, 2)


def test_reasoning_that_ends_as_it_should_is_followed_by_the_next_message(
    make_speaker: MakeSpeaker,
) -> None:
    chain = following(tokens.CHANNEL, ANALYSIS, tokens.MESSAGE, WORD, tokens.END)
    events = generate(make_speaker(chain=chain), max_tokens=12)
    assert ended(events).reason is StopReason.LENGTH
    assert [message.content for message in messages(events)] == ["Hello", "Hello"]
    assert all(message.is_reasoning and not message.repairs for message in messages(events))
    assert ended(events).usage.answer_tokens == 2  # the header of the third


def test_reasoning_without_end_gets_an_answer_begun(make_speaker: MakeSpeaker) -> None:
    chain = following(tokens.CHANNEL, ANALYSIS, tokens.MESSAGE, WORD, tokens.END)
    *thoughts, reply = messages(generate(make_speaker(chain=chain), max_tokens=100))
    assert [message.channel for message in thoughts] == ["analysis"] * MAX_THOUGHTS
    assert (reply.channel, reply.content, reply.repairs) == ("final", "Hello", (NO_ANSWER,))


def test_a_call_names_its_tool_and_ends_the_turn(
    make_speaker: MakeSpeaker, vocabulary: Vocabulary
) -> None:
    name = vocabulary.encode(" to=functions.look")
    commentary, json, arguments = map(vocabulary.encode, ("commentary", "json", "{}"))
    chain = following(
        *(tokens.CHANNEL, *commentary, *name, tokens.CONSTRAIN, *json),
        *(tokens.MESSAGE, *arguments, tokens.END),
    )
    tool = ToolSpec("functions", (FunctionSpec("look"),))
    events = generate(make_speaker(chain=chain), Prompt(HELLO.messages, tools=(tool,)))
    (call,) = messages(events)
    assert ended(events).reason is StopReason.COMPLETE
    assert (call.recipient, call.content, call.content_type) == ("functions.look", "{}", "json")
    assert (call.tokens[-1], call.repairs) == (tokens.CALL, ())


def test_stray_markup_inside_an_answer_is_never_written(make_speaker: MakeSpeaker) -> None:
    chain = following(tokens.CHANNEL, FINAL, tokens.MESSAGE, WORD, tokens.CONSTRAIN)
    events = generate(make_speaker(chain=chain), max_tokens=10)
    (reply,) = messages(events)
    assert all(token < tokens.FIRST_SPECIAL for token in reply.tokens[3:])
    assert reply.repairs == ()


def test_random_weights_speak_well_formed_harmony(make_speaker: MakeSpeaker) -> None:
    speaker = make_speaker()
    tools = (ToolSpec("functions", (FunctionSpec("look"),)), ToolSpec("python"))
    prompt = Prompt(HELLO.messages, tools=tools)
    wild = {"temperature": 20.0, "min_p": 0.0, "max_tokens": 30}
    spoken = [
        message
        for seed in range(25)
        for message in messages(generate(speaker, prompt, **wild, seed=seed))
    ]
    assert len(spoken) > 20
    assert {message.repairs for message in spoken} == {()}
    assert {message.channel for message in spoken} == {"analysis", "commentary", "final"}
    assert {message.recipient for message in spoken} == {None, "functions.look", "python"}


def test_half_a_header_is_nothing_to_show(make_speaker: MakeSpeaker) -> None:
    events = generate(make_speaker(), max_tokens=1)
    assert messages(events) == []
    assert not any(isinstance(event, Delta) for event in events)
    assert ended(events).usage.answer_tokens == 1


def test_no_tokens_at_all_may_be_asked_for(make_speaker: MakeSpeaker) -> None:
    events = generate(make_speaker(), max_tokens=0)
    assert ended(events).reason is StopReason.LENGTH
    assert ended(events).usage.tokens_per_second == 0


def test_an_answer_ends_where_the_context_does(make_speaker: MakeSpeaker) -> None:
    events = generate(make_speaker(context=256))
    usage = ended(events).usage
    assert ended(events).reason is StopReason.LENGTH
    # The last token was sampled but had no place left to be evaluated.
    assert usage.prompt_tokens + usage.reasoning_tokens + usage.answer_tokens == 257


def test_a_prompt_that_does_not_fit_sends_nothing(make_speaker: MakeSpeaker) -> None:
    speaker, sent = make_speaker(context=256), []
    request = Generate(Prompt((user("word " * 300),)))
    with pytest.raises(PromptTooLong) as caught:
        Generation(speaker, request, Outbox(sent.extend), Flag()).run()
    assert sent == []
    assert "256" in caught.value.message


def test_a_stop_that_came_before_the_first_step_is_obeyed(make_speaker: MakeSpeaker) -> None:
    flag, sent = Flag(), []
    flag.set()
    Generation(make_speaker(), Generate(Prompt((user("Never"),))), Outbox(sent.extend), flag).run()
    assert ended(sent).reason is StopReason.CANCELLED
    assert messages(sent) == []
