"""A message that was cut off goes on as if nobody had stopped it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest

from chat_tui.conversation import Message, Prompt, ResponseFormat, Role, user
from chat_tui.demo.embedded import embedded_model
from chat_tui.events import (
    Delta,
    GenerationEnded,
    MessageCompleted,
    Resumed,
    StopReason,
    Usage,
)
from chat_tui.harmony import tokens
from chat_tui.harmony.prompt import Renderer
from chat_tui.harmony.vocabulary import Vocabulary
from chat_tui.runner.ahead import turn_header
from chat_tui.runner.flag import Flag
from chat_tui.runner.generation import Generation, Speaker
from chat_tui.runner.llama import Llama
from chat_tui.runner.outbox import Outbox
from chat_tui.runner.reader import Reader
from chat_tui.wire import Generate
from tests.runner.conftest import WINDOW, MakeSpeaker

FINAL, ANALYSIS, WORD = 17196, 35644, 13225
HELLO = (user("Hello"),)
QUESTION = (user("What can I do with the keys of this program? Tell me of three."),)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, vocabulary: Vocabulary) -> Iterator[Speaker]:
    """The model that comes with the program."""
    path = embedded_model(tmp_path_factory.mktemp("demo"))
    llama = Llama(Flag(), lambda _line: None)
    llama.load(str(path), context=2048, threads=1, gpu_layers=0, progress=lambda _done: None)
    reader = Reader(llama, WINDOW, turn_header(vocabulary))
    yield Speaker(llama, vocabulary, Renderer(vocabulary), reader)
    llama.close()


class Heard:
    """What one generation told."""

    def __init__(self, events: list[Any]) -> None:
        self.events = events
        self.messages = [e.message for e in events if isinstance(e, MessageCompleted)]
        ended = events[-1]
        assert isinstance(ended, GenerationEnded)
        self.reason: StopReason = ended.reason
        self.usage: Usage = ended.usage
        self.text = "".join(e.text for e in events if isinstance(e, Delta))
        self.resumed = [e.message for e in events if isinstance(e, Resumed)]


def generate(
    speaker: Speaker,
    messages: tuple[Message, ...],
    *,
    continues: bool = False,
    form: ResponseFormat | None = None,
    hurry: bool = False,
    stop: Callable[[int], bool] = lambda _count: False,
    **options: Any,
) -> Heard:
    """One answer at temperature 0; ``stop`` is asked after each token."""
    sent: list[Any] = []
    halt, now = Flag(), Flag()
    if hurry:
        now.set()
    count = 0

    class Counting(Outbox):
        def send_due(self) -> None:
            nonlocal count
            count += 1
            if stop(count):
                halt.set()

    prompt = Prompt(messages, continues=continues, response_format=form)
    request = Generate(prompt, **{"temperature": 0.0, "max_tokens": 400, **options})
    Generation(speaker, request, Counting(sent.extend), halt, hurry=now).run()
    return Heard(sent)


def said(messages: list[Message]) -> list[tuple[str | None, str, tuple[int, ...]]]:
    return [(message.channel, message.content, message.tokens) for message in messages]


def test_stopped_anywhere_the_model_says_what_it_would_have_said(demo: Speaker) -> None:
    whole = generate(demo, QUESTION)
    assert whole.reason is StopReason.COMPLETE
    total = sum(len(message.tokens) for message in whole.messages)
    draw = random.Random(7)
    for at in sorted(draw.sample(range(4, total - 4), 8)):
        cut = generate(demo, QUESTION, stop=lambda count, at=at: count >= at)  # type: ignore[misc]
        before = (*QUESTION, *cut.messages)
        unfinished = before[-1].interrupted
        rest = generate(demo, before, continues=unfinished)
        first = cut.messages[:-1] if unfinished else cut.messages
        assert said([*first, *rest.messages]) == said(whole.messages)
        assert not any(message.interrupted for message in rest.messages)
        assert rest.usage.evaluated_tokens <= 4, f"cut at {at}"  # a header that was cut at most
        if unfinished:
            assert rest.usage.evaluated_tokens == 1
            assert rest.resumed[0].content + rest.text == "".join(
                message.content for message in whole.messages[len(first) :]
            )


def test_stopped_again_and_again_it_is_still_the_same(demo: Speaker) -> None:
    whole = generate(demo, QUESTION)
    kept: list[Message] = []
    for _ in range(100):
        continues = bool(kept) and kept[-1].interrupted
        part = generate(
            demo, (*QUESTION, *kept), continues=continues, stop=lambda count: count >= 9
        )
        kept = [*(kept[:-1] if continues else kept), *part.messages]
        if part.reason is StopReason.COMPLETE:
            break
    assert said(kept) == said(whole.messages)


def test_a_token_limit_is_gone_on_from_too(demo: Speaker) -> None:
    whole = generate(demo, QUESTION)
    cut = generate(demo, QUESTION, max_tokens=12)
    assert (cut.reason, cut.messages[-1].interrupted) == (StopReason.LENGTH, True)
    rest = generate(demo, (*QUESTION, *cut.messages), continues=True)
    assert said([*cut.messages[:-1], *rest.messages]) == said(whole.messages)


def test_text_without_tokens_is_gone_on_from(demo: Speaker) -> None:
    """What a crash leaves: the shown text alone, and an empty cache."""
    whole = generate(demo, QUESTION)
    thought, answer = whole.messages[0], whole.messages[-1]
    assert (thought.is_reasoning, answer.is_final) == (True, True)
    words = answer.content.split(" ")
    for count in (1, len(words) // 2, len(words) - 1):
        demo.llama.keep(0)
        part = " ".join(words[:count]) + " "
        left = Message(Role.ASSISTANT, part, channel="final", interrupted=True)
        rest = generate(demo, (*QUESTION, thought, left), continues=True)
        assert [message.content for message in rest.messages] == [answer.content]


def chained(*written: int) -> dict[int, int]:
    """A model that writes exactly this, the last token again and again."""
    return dict(pairwise([tokens.ASSISTANT, tokens.CHANNEL, *written, written[-1]]))


def test_half_a_character_is_made_whole(make_speaker: MakeSpeaker, vocabulary: Vocabulary) -> None:
    halves = vocabulary.encode("🪿")
    assert len(halves) > 1
    speaker = make_speaker(chain=chained(FINAL, tokens.MESSAGE, *halves, tokens.RETURN))
    cut = generate(speaker, HELLO, max_tokens=4)
    assert (cut.messages[0].content, cut.messages[0].interrupted) == ("\ufffd", True)
    rest = generate(speaker, (*HELLO, *cut.messages), continues=True)
    assert rest.resumed[0].content == ""
    assert (rest.text, rest.messages[0].content) == ("🪿", "🪿")


def test_a_cut_thought_goes_on_and_is_answered(make_speaker: MakeSpeaker) -> None:
    speaker = make_speaker(chain=chained(ANALYSIS, tokens.MESSAGE, WORD, WORD))
    cut = generate(speaker, HELLO, max_tokens=8)
    rest = generate(speaker, (*HELLO, *cut.messages), continues=True, budget=12, max_tokens=30)
    thought, reply = rest.messages
    # The budget counts what stood: eight tokens of it, header included.
    assert (thought.content, len(thought.tokens) - 1) == ("Hello" * 9, 12)
    assert reply.is_final


def test_asked_to_answer_now_a_cut_thought_ends_where_it_stands(make_speaker: MakeSpeaker) -> None:
    speaker = make_speaker(chain=chained(ANALYSIS, tokens.MESSAGE, WORD, WORD))
    cut = generate(speaker, HELLO, max_tokens=8)
    rest = generate(speaker, (*HELLO, *cut.messages), continues=True, hurry=True)
    assert rest.messages[0].content == cut.messages[0].content
    assert rest.messages[1].is_final
    assert rest.resumed


def test_a_cut_answer_that_is_hurried_only_goes_on(make_speaker: MakeSpeaker) -> None:
    speaker = make_speaker(chain=chained(FINAL, tokens.MESSAGE, WORD, WORD))
    cut = generate(speaker, HELLO, max_tokens=5)
    rest = generate(speaker, (*HELLO, *cut.messages), continues=True, hurry=True, max_tokens=5)
    assert [message.content for message in rest.messages] == ["Hello" * 7]


def test_stopped_before_anything_new_came_nothing_is_told(make_speaker: MakeSpeaker) -> None:
    speaker = make_speaker(chain=chained(FINAL, tokens.MESSAGE, WORD, WORD))
    cut = generate(speaker, HELLO, max_tokens=5)
    stopped = Flag()
    stopped.set()
    sent: list[Any] = []
    request = Generate(Prompt((*HELLO, *cut.messages), continues=True))
    Generation(speaker, request, Outbox(sent.extend), stopped).run()
    assert Heard(sent).messages == []
    assert Heard(sent).resumed == []
    assert Heard(sent).reason is StopReason.CANCELLED


def test_a_form_holds_for_the_whole_message(make_speaker: MakeSpeaker) -> None:
    form = ResponseFormat("list", {"type": "array", "items": {"const": "abc"}, "maxItems": 3})
    speaker = make_speaker(chain=chained(FINAL, tokens.MESSAGE, WORD, WORD))
    cut = generate(speaker, HELLO, form=form, max_tokens=6)
    assert cut.messages[0].interrupted
    rest = generate(speaker, (*HELLO, *cut.messages), continues=True, form=form, max_tokens=60)
    whole = generate(speaker, HELLO, form=form, max_tokens=66)
    assert said(rest.messages) == said(whole.messages)


def test_a_text_that_is_not_of_the_form_goes_on_without_one(make_speaker: MakeSpeaker) -> None:
    form = ResponseFormat("list", {"type": "array", "items": {"const": "abc"}})
    speaker = make_speaker(chain=chained(FINAL, tokens.MESSAGE, WORD, WORD))
    left = Message(Role.ASSISTANT, "Hello", channel="final", interrupted=True)
    rest = generate(speaker, (*HELLO, left), continues=True, form=form, max_tokens=3)
    assert rest.messages[0].content == "Hello" * 4
