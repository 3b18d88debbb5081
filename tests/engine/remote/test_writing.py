"""A generation on a server of tokens, where the model or the user wants it otherwise."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from typing import Any

import pytest

from chat_tui.conversation import (
    ANALYSIS,
    COMMENTARY,
    FINAL,
    Closer,
    Message,
    Prompt,
    ResponseFormat,
    Role,
    user,
)
from chat_tui.engine.protocol import Cancel, GenerateOptions
from chat_tui.engine.remote.values import Ask, Said, Stop
from chat_tui.engine.remote.writing import NO_ANSWER, Writing
from chat_tui.errors import EngineCrashed, PromptTooLong, SchemaError
from chat_tui.events import GenerationEnded, MessageCompleted, Resumed, StopReason
from chat_tui.harmony.prompt import Renderer
from chat_tui.harmony.vocabulary import Vocabulary
from tests.engine.remote.stand_in import tokens_of

TOLD = Prompt((user("Hello"),))
THOUGHT = "<|channel|>analysis<|message|>One two three four five six"
OPENING = "<|end|><|start|>assistant<|channel|>final<|message|>"


class Server:
    """Writes one text after the other; ``hides`` leaves out what some servers do not show."""

    def __init__(self, vocabulary: Vocabulary, *texts: str, hides: tuple[int, ...] = ()) -> None:
        self._vocabulary = vocabulary
        self._texts = list(texts)
        self._hides = hides
        self.asked: list[Ask] = []
        self.between: Callable[[int], None] = lambda _at: None

    def __call__(self, ask: Ask) -> Generator[Said | None, None, None]:
        self.asked.append(ask)
        tokens = tokens_of(self._texts.pop(0), self._vocabulary)
        yield Said()
        for at, token in enumerate(tokens):
            if ask.max_tokens is not None and at >= ask.max_tokens:
                yield Said(stop=Stop.LENGTH)
                return
            self.between(at)
            yield None
            if token not in self._hides:
                yield Said((token,))
        yield Said(stop=Stop.END)

    def begun(self, at: int) -> str:
        """What a request was to go on from, behind the first one's prompt."""
        length = len(self.asked[0].tokens)
        return self._vocabulary.decode(self.asked[at].tokens[length:])


def make(
    server: Server,
    vocabulary: Vocabulary,
    prompt: Prompt = TOLD,
    cancel: Cancel | None = None,
    context: int | None = None,
    **options: Any,
) -> Writing:
    cancel = cancel or Cancel()
    return Writing(
        prompt,
        GenerateOptions(**options),
        vocabulary=vocabulary,
        renderer=Renderer(vocabulary),
        model="m",
        context=context,
        say=server,
        cancel=cancel,
        stopped=cancel.is_set,
    )


@pytest.fixture
def write(vocabulary: Vocabulary) -> Callable[..., list[Any]]:
    return lambda server, *rest, **options: list(make(server, vocabulary, *rest, **options).run())


Write = Callable[..., list[Any]]


def messages(events: list[Any]) -> list[Message]:
    return [event.message for event in events if isinstance(event, MessageCompleted)]


def test_answer_now_closes_the_reasoning_and_goes_on_from_there(
    write: Write, vocabulary: Vocabulary
) -> None:
    server, cancel = Server(vocabulary, THOUGHT, "Yes.<|return|>"), Cancel()
    server.between = lambda at: cancel.hurry() if at == 5 else None
    thought, answer = messages(write(server, cancel=cancel))
    assert (thought.content, thought.closed_by) == ("One two", Closer.USER)
    assert (answer.channel, answer.content) == (FINAL, "Yes.")
    assert server.begun(1) == "<|channel|>analysis<|message|>One two" + OPENING


def test_a_budget_ends_the_reasoning(write: Write, vocabulary: Vocabulary) -> None:
    server = Server(vocabulary, THOUGHT, "Yes.<|return|>")
    thought, answer = messages(write(server, budget=5))
    assert (thought.content, thought.closed_by) == ("One two", Closer.BUDGET)
    assert answer.content == "Yes."


def test_an_answer_that_was_left_out_is_begun(write: Write, vocabulary: Vocabulary) -> None:
    for end in ("<|return|>", "<|end|><|return|>", "<|call|>", ""):
        server = Server(vocabulary, THOUGHT + end, "Yes.<|return|>")
        thought, answer = messages(write(server))
        assert thought.closed_by is None
        assert answer.repairs == (NO_ANSWER,)
        assert server.begun(1) == THOUGHT + OPENING


def test_reasoning_that_is_followed_by_reasoning_ends_in_an_answer(
    write: Write, vocabulary: Vocabulary
) -> None:
    again = THOUGHT + "<|end|><|start|>assistant"
    server = Server(vocabulary, again * 9, "Yes.<|return|>")
    *thoughts, answer = messages(write(server))
    assert [one.channel for one in thoughts] == [ANALYSIS] * 4
    assert answer.content == "Yes."


@pytest.mark.parametrize("hides", [(), (200_007,), (200_007, 200_002, 200_012)])
def test_control_tokens_that_a_server_hides_are_put_back(
    hides: tuple[int, ...], write: Write, vocabulary: Vocabulary
) -> None:
    text = THOUGHT + OPENING + "Yes.<|return|>"
    (thought, answer) = messages(write(Server(vocabulary, text, hides=hides)))
    assert vocabulary.decode(thought.tokens) == THOUGHT + "<|end|>"
    assert vocabulary.decode(answer.tokens) == "<|channel|>final<|message|>Yes.<|return|>"
    assert not thought.repairs + answer.repairs


@pytest.mark.parametrize("end", ["<|call|>", "<|return|>", "<|end|>", ""])
def test_a_call_ends_as_calls_do_whatever_the_server_shows(
    end: str, write: Write, vocabulary: Vocabulary
) -> None:
    text = "<|channel|>commentary to=functions.f <|constrain|>json<|message|>{}" + end
    (call,) = messages(write(Server(vocabulary, text)))
    assert (call.channel, call.recipient) == (COMMENTARY, "functions.f")
    assert call.tokens[-1] == 200_012


def test_after_a_preamble_the_model_goes_on(write: Write, vocabulary: Vocabulary) -> None:
    server = Server(
        vocabulary,
        "<|channel|>commentary<|message|>I look.<|return|>",
        "<|channel|>final<|message|>Yes.<|return|>",
    )
    assert [one.channel for one in messages(write(server))] == [COMMENTARY, FINAL]


def test_a_form_is_asked_for_where_the_answer_begins(write: Write, vocabulary: Vocabulary) -> None:
    form = ResponseFormat("answer", {"type": "object", "properties": {"a": {"type": "integer"}}})
    prompt = Prompt(TOLD.messages, response_format=form)
    opened = THOUGHT + OPENING
    server = Server(vocabulary, opened + "free text", '{"a": 1}<|return|>')
    _, answer = messages(write(server, prompt))
    assert answer.content == '{"a": 1}'
    assert [ask.form for ask in server.asked] == [None, form]
    assert server.begun(1) == opened


def test_a_form_that_cannot_be_enforced_is_refused_before_all_else(
    write: Write, vocabulary: Vocabulary
) -> None:
    form = ResponseFormat("answer", {"type": "string", "pattern": "(?<=a)b"})
    server = Server(vocabulary, "x")
    with pytest.raises(SchemaError):
        write(server, Prompt(TOLD.messages, response_format=form))
    assert not server.asked


def test_no_more_tokens_are_written_than_wanted(write: Write, vocabulary: Vocabulary) -> None:
    events = write(Server(vocabulary, THOUGHT + "<|return|>"), max_tokens=5)
    (thought,) = messages(events)
    assert (thought.content, thought.interrupted) == ("One two", True)
    assert events[-1].reason is StopReason.LENGTH
    assert events[-1].usage.reasoning_tokens == 5


def test_a_server_is_never_asked_for_more_than_its_context_holds(
    write: Write, vocabulary: Vocabulary
) -> None:
    length = len(Renderer(vocabulary).render(TOLD))
    server = Server(vocabulary, THOUGHT)
    events = write(server, context=length + 4)
    assert server.asked[0].max_tokens == 4
    assert events[-1].reason is StopReason.LENGTH
    with pytest.raises(PromptTooLong):
        write(server, context=length)


def test_a_message_that_was_cut_off_goes_on(write: Write, vocabulary: Vocabulary) -> None:
    begun = "<|channel|>final<|message|>Half"
    tokens = tuple(tokens_of(begun, vocabulary))
    cut = Message(Role.ASSISTANT, "Half", channel=FINAL, tokens=tokens, interrupted=True)
    server = Server(vocabulary, " and half.<|return|>")
    events = write(server, Prompt((*TOLD.messages, cut), continues=True))
    assert [type(event) for event in events].count(Resumed) == 1
    (message,) = messages(events)
    assert message.content == "Half and half."
    assert server.asked[0].tokens[-len(tokens) :] == tokens


def test_plain_text_without_a_header_is_an_answer(write: Write, vocabulary: Vocabulary) -> None:
    (message,) = messages(write(Server(vocabulary, "Just words, and more of them.<|return|>")))
    assert message.content == "Just words, and more of them."
    assert message.repairs


def test_an_error_between_two_requests_keeps_what_came(vocabulary: Vocabulary) -> None:
    class Broken(Server):
        def __call__(self, ask: Ask) -> Generator[Said | None, None, None]:
            if self.asked:
                raise EngineCrashed("gone", "ask again")
            return super().__call__(ask)

    events = make(Broken(vocabulary, THOUGHT), vocabulary, budget=5).run()
    thought, answer = messages(list(_until_error(events)))
    assert thought.content == "One two"
    assert (answer.content, answer.interrupted) == ("", True)


def _until_error(events: Iterator[Any]) -> Iterator[Any]:
    with suppress(EngineCrashed):
        yield from events


def test_it_always_ends_with_how_it_ended(write: Write, vocabulary: Vocabulary) -> None:
    for text in ("", "<|return|>", "<|end|>", "<|start|>", "<|channel|>", "<|message|>", "\n"):
        events = write(Server(vocabulary, text, "<|return|>", "<|return|>"))
        assert isinstance(events[-1], GenerationEnded)
