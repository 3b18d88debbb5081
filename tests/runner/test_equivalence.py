"""Whatever happened before, a prompt costs what was planned and means what it means read anew.

Conversations of random turns, calls, edits, branches, other efforts, prices, stops and reading
ahead run through the reader on a real model with random weights, which forgets nothing kindly:
half a window lost moves its logits ten times as far as another way of cutting batches.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from chat_tui.conversation import (
    ANALYSIS,
    COMMENTARY,
    FINAL,
    Conversation,
    Effort,
    FunctionSpec,
    Message,
    Prompt,
    Role,
    ToolSpec,
    user,
)
from chat_tui.demo.embedded import embedded_model
from chat_tui.events import MessageCompleted
from chat_tui.harmony import tokens as harmony
from chat_tui.harmony.prompt import Renderer
from chat_tui.harmony.vocabulary import Vocabulary, ranks_from_model
from chat_tui.models.gpt_oss import check_gpt_oss
from chat_tui.runner import ahead, cache
from chat_tui.runner.aside import Aside
from chat_tui.runner.flag import Flag
from chat_tui.runner.generation import Generation, Speaker
from chat_tui.runner.llama import BATCH, Aborted, Llama
from chat_tui.runner.outbox import Outbox
from chat_tui.runner.reader import Limits, Reader
from chat_tui.runner.states import States
from chat_tui.wire import Generate
from tests.gguf_factory import shared_model
from tests.runner.conftest import WINDOW

CONTEXT = 4096
TOOL = ToolSpec(
    "functions", tuple(FunctionSpec(f"f{at}", "Finds things. " * 20) for at in range(6))
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("ask"), st.integers(0, 250), st.integers(0, 300)),
        st.tuples(st.just("call"), st.integers(0, 60), st.integers(0, 200)),
        st.tuples(st.just("edit"), st.integers(0, 9), st.integers(0, 60)),
        st.tuples(st.just("regenerate"), st.integers(0, 9), st.integers(0, 200)),
        st.tuples(st.just("effort"), st.integers(0, 2), st.just(0)),
        st.tuples(st.just("prime"), st.integers(0, 60), st.integers(0, 4)),
        st.tuples(st.just("stop"), st.integers(0, 250), st.integers(0, 3)),
        st.tuples(st.just("leave"), st.just(0), st.just(0)),
    ),
    min_size=3,
    max_size=12,
)


def load(path: Path, context: int = CONTEXT) -> Llama:
    llama = Llama(Flag(), lambda _line: None)
    llama.load(str(path), context=context, threads=1, gpu_layers=0, progress=lambda _fraction: None)
    return llama


@pytest.fixture(scope="module")
def pair(models: Path) -> Iterator[tuple[Llama, Llama]]:
    """The model twice: one lives through the conversation, the other reads everything anew."""
    both = load(shared_model(models)), load(shared_model(models))
    yield both
    for llama in both:
        llama.close()


def logits(llama: Llama) -> np.ndarray[Any, Any]:
    pointer = llama.lib.llama_get_logits_ith(llama.ctx, -1)
    return np.ctypeslib.as_array(pointer, (harmony.VOCABULARY_SIZE,)).copy()


def anew(llama: Llama, wanted: Sequence[int], size: int = BATCH) -> np.ndarray[Any, Any]:
    llama.keep(0)
    for piece in cache.batches(wanted, 0, size):
        llama.decode(piece)
    return logits(llama)


def distance(some: np.ndarray[Any, Any], others: np.ndarray[Any, Any]) -> float:
    return float(np.abs(some - others).mean())


class Noise:
    """How far fresh evaluations with other batch splits lie apart: the furthest seen so far.

    It is no constant: where two experts are nearly equally likely, another split takes the other
    one, and that moves every logit a little.
    """

    def __init__(self, llama: Llama) -> None:
        self.llama = llama
        self.furthest = 0.0

    def measure(self, wanted: Sequence[int], until: float = float("inf")) -> None:
        """Cut a prompt's batches in more and more ways until two lie ``until`` apart."""
        ways: list[np.ndarray[Any, Any]] = []
        for size in (BATCH, 64, 23, 130, 31, 200, 77, 17):
            ways.append(anew(self.llama, wanted, size))
            found = [distance(ways[-1], other) for other in ways[:-1]]
            self.furthest = max([self.furthest, *found])
            if self.furthest >= until:
                return

    def assert_as_good_as_anew(self, ours: np.ndarray[Any, Any], wanted: Sequence[int]) -> None:
        """Ours is no further from a fresh evaluation than fresh ones are from each other."""
        away = distance(ours, anew(self.llama, wanted))
        if away > self.furthest:
            self.measure(wanted, away)
        assert away <= self.furthest


@pytest.fixture(scope="module")
def noise(pair: tuple[Llama, Llama], vocabulary: Vocabulary) -> Noise:
    found, chance = Noise(pair[1]), random.Random(4)
    for count in (100, 500, 1500):
        words = "".join(chance.choice([" sun", " rain", " the", " is", "\n"]) for _ in range(count))
        found.measure(Renderer(vocabulary).render(Prompt((user(words),))))
    return found


def test_a_window_half_forgotten_would_be_noticed(pair: tuple[Llama, Llama], noise: Noise) -> None:
    llama, chance = pair[0], random.Random(2)
    text = [chance.randrange(199_998) for _ in range(1000)]
    anew(llama, text)
    llama.keep(llama.floor + WINDOW // 2)
    text = [*llama.tokens, 5]
    llama.decode([5])
    assert distance(logits(llama), anew(noise.llama, text)) > 3 * noise.furthest


@dataclass
class Talk:
    """A conversation that is lived through, checked whenever a prompt was read."""

    speaker: Speaker
    check: Callable[[Talk, list[int]], None]
    states: States
    chance: random.Random = field(default_factory=lambda: random.Random(7))
    conversation: Conversation = field(default_factory=Conversation)
    effort: Effort = Effort.MEDIUM
    evaluated: list[tuple[str, int]] = field(default_factory=list)

    def words(self, count: int) -> str:
        """Text of a few distinct words, so that beginnings are often shared."""
        return "".join(
            self.chance.choice([" sun", " rain", " the", " is", "\n"]) for _ in range(count)
        )

    @property
    def prompt(self) -> Prompt:
        return Prompt(self.conversation.messages, self.effort, tools=(TOOL,))

    def do(self, step: tuple[str, int, int]) -> None:
        getattr(self, step[0])(*step[1:])

    def ask(self, words: int, thought: int) -> None:
        self.conversation = self.conversation.add(user(self.words(words) + "?"))
        self._answer("ask", thought)

    def call(self, words: int, thought: int) -> None:
        """A turn in which the model thinks, calls a tool, reads its result and answers."""
        self.conversation = self.conversation.add(user(self.words(words) + "!"))
        if self._read("call"):
            call = self._message(COMMENTARY, words, harmony.CALL, " to=functions.f1")
            self._write(self._message(ANALYSIS, thought, harmony.END), call)
            result = Message(Role.TOOL, self.words(words), name="functions.f1")
            self.conversation = self.conversation.add(result)
            self._answer("result", thought)

    def edit(self, which: int, words: int) -> None:
        places = self._questions()
        if places:
            at = places[which % len(places)]
            self.conversation = self.conversation.at(self.conversation.nodes[at].parent)
            self.ask(words, words)

    def regenerate(self, which: int, thought: int) -> None:
        places = self._questions()
        if places:
            self.conversation = self.conversation.at(places[-1 - which % len(places)])
            self._answer("regenerate", thought)

    def effort_(self, level: int) -> None:
        self.effort = list(Effort)[level]

    def prime(self, draft: int, batches: int) -> None:
        """Read ahead, and be interrupted after some batches (0: not at all)."""
        stop = Countdown(batches or 10_000)
        try:
            ahead.read(self.speaker, self.prompt, self.words(draft), stop)
        except Aborted:
            assert batches

    def stop(self, words: int, batches: int) -> None:
        """A question whose reading is stopped; it stays in the conversation."""
        self.conversation = self.conversation.add(user(self.words(words)))
        wanted = self.speaker.renderer.render(self.prompt)
        if len(wanted) < CONTEXT - 600:
            try:
                self.speaker.reader.read(wanted, Countdown(batches), size=64)
            except Aborted:
                assert self.speaker.llama.tokens == wanted[: len(self.speaker.llama.tokens)]

    def leave(self, _words: int, _thought: int) -> None:
        self.speaker.reader.leave()
        assert self.states.finish(60)
        self.conversation = Conversation()

    def _questions(self) -> list[int]:
        conversation = self.conversation
        return [
            at for at in conversation.path() if conversation.nodes[at].message.role is Role.USER
        ]

    def _answer(self, what: str, thought: int) -> None:
        if self._read(what):
            reasoning = self._message(ANALYSIS, thought, harmony.END)
            final = self._message(FINAL, thought // 3, harmony.RETURN)
            self._write(*([reasoning, final] if thought % 5 else [final]))

    def _read(self, what: str) -> bool:
        wanted = self.speaker.renderer.render(self.prompt)
        if len(wanted) > CONTEXT - 1200:
            self.conversation = Conversation()
            return False
        planned = self.speaker.reader.reusable(wanted)
        reused = self.speaker.reader.read(wanted, Flag())
        assert reused == planned
        assert self.speaker.llama.tokens == wanted
        self.evaluated.append((what, len(wanted) - reused))
        self.check(self, wanted)
        return True

    def _message(self, channel: str, words: int, end: int, to: str = "") -> Message:
        encode = self.speaker.vocabulary.encode
        text = self.words(words)
        header = (harmony.CHANNEL, *encode(channel + to), harmony.MESSAGE)
        raw = (*header, *encode(text), end)
        recipient = to.removeprefix(" to=") or None
        return Message(Role.ASSISTANT, text, channel, recipient, tokens=raw)

    def _write(self, *messages: Message) -> None:
        """What the model's own tokens do to the cache: all are evaluated but the last."""
        raw: list[int] = []
        for message in messages:
            raw += [*([harmony.START, harmony.ASSISTANT] if raw else []), *message.tokens]
        for token in raw[:-1]:
            self.speaker.llama.decode([token])
        self.conversation = self.conversation.add(*messages)


class Countdown:
    """A stop that comes after so many looks."""

    def __init__(self, looks: int) -> None:
        self.left = looks

    def is_set(self) -> bool:
        self.left -= 1
        return self.left < 0


def live(
    steps: list[tuple[str, int, int]],
    pair: tuple[Llama, Llama],
    vocabulary: Vocabulary,
    check: Callable[[Talk, list[int]], None],
) -> Talk:
    llama, _ = pair
    llama.keep(0)
    with TemporaryDirectory() as folder:
        states = States(Path(folder), "m" * 32, "e", 1 << 30)
        reader = Reader(
            llama,
            WINDOW,
            ahead.turn_header(vocabulary),
            states=states,
            limits=Limits(snapshots=12, park_bytes=3 << 20),
            aside=Aside(Path(folder)),
        )
        speaker = Speaker(llama, vocabulary, Renderer(vocabulary), reader)
        talk = Talk(speaker, check, states)
        for step in steps:
            talk.do(("effort_", step[1]) if step[0] == "effort" else step)  # type: ignore[arg-type]
        reader.close()
        states.close()
    return talk


def compare(
    steps: list[tuple[str, int, int]],
    pair: tuple[Llama, Llama],
    vocabulary: Vocabulary,
    noise: Noise,
) -> None:
    def check(talk: Talk, wanted: list[int]) -> None:
        ours = logits(talk.speaker.llama)
        noise.assert_as_good_as_anew(ours, wanted)

    live(steps, pair, vocabulary, check)


QUIET = {
    "deadline": None,
    "phases": (Phase.explicit, Phase.reuse, Phase.generate),  # shrinking would take an hour
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
}


@settings(max_examples=6, **QUIET)  # type: ignore[arg-type]
@given(STEPS)
def test_a_prompt_means_what_it_means_read_anew(
    pair: tuple[Llama, Llama],
    vocabulary: Vocabulary,
    noise: Noise,
    steps: list[tuple[str, int, int]],
) -> None:
    compare(steps, pair, vocabulary, noise)


@pytest.mark.soak
@pytest.mark.timeout(7200)
@settings(max_examples=1000, **QUIET)  # type: ignore[arg-type]
@given(STEPS)
def test_a_prompt_means_what_it_means_read_anew_a_thousand_times(
    pair: tuple[Llama, Llama],
    vocabulary: Vocabulary,
    noise: Noise,
    steps: list[tuple[str, int, int]],
) -> None:
    compare(steps, pair, vocabulary, noise)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Speaker, Llama]]:
    """The embedded model twice."""
    folder = tmp_path_factory.mktemp("demo")
    path = embedded_model(folder)
    words = Vocabulary.open(ranks_from_model(path, folder))
    ours, other = load(path, 2048), load(path, 2048)
    reader = Reader(
        ours, ours_window(path), ahead.turn_header(words), aside=Aside(free=lambda: None)
    )
    yield Speaker(ours, words, Renderer(words), reader), other
    for llama in (ours, other):
        llama.close()


def ours_window(path: Path) -> int:
    return check_gpt_oss(path).shape.window


def best(llama: Llama) -> tuple[int, float]:
    """The likeliest token, and how far it is ahead of the next."""
    found = logits(llama)
    second, first = np.sort(found)[-2:]
    return int(found.argmax()), float(first - second)


TALKS = (
    ("What is the capital of France?", "And of Italy?", "Thank you."),
    ("Hello! Who are you?", "What can you do?", "What is 2 + 3?"),
    ("Write a short poem about rain.", "Again, please.", "Which day comes after Monday?"),
)


@pytest.mark.parametrize("questions", TALKS)
def test_the_embedded_model_goes_on_as_if_it_had_read_everything_anew(
    demo: tuple[Speaker, Llama], questions: tuple[str, ...]
) -> None:
    speaker, other = demo
    said: tuple[Message, ...] = ()
    compared = 0
    for number, question in enumerate(questions):
        for effort in (Effort.LOW, Effort.MEDIUM) if number == 1 else (Effort.MEDIUM,):
            prompt = Prompt((*said, user(question)), effort)
            wanted = speaker.renderer.render(prompt)
            speaker.reader.read(wanted, Flag())
            anew(other, wanted)
            for _ in range(60):
                ours, ahead_by = best(speaker.llama)
                theirs, _ = best(other)
                if ahead_by < 0.5:  # a near tie is decided by how batches were cut
                    break
                assert ours == theirs
                compared += 1
                speaker.llama.decode([ours])
                other.decode([ours])
                if ours in {harmony.RETURN, harmony.CALL}:
                    break
        sent: list[Any] = []
        request = Generate(prompt, temperature=0.0, max_tokens=200)
        Generation(speaker, request, Outbox(sent.extend), Flag()).run()
        replies = [one.message for one in sent if isinstance(one, MessageCompleted)]
        assert sent[-1].usage.evaluated_tokens == 1
        said = (*prompt.messages, *replies)
        ahead.read(speaker, Prompt(said), "", Flag())
    assert compared > 40
