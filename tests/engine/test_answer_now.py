"""The wish for the answer, a budget and a schema reach the model, scripted or in a child."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from chat_tui.conversation import Closer, Message, Prompt, ResponseFormat, user
from chat_tui.engine.client import ChildEngine
from chat_tui.engine.protocol import Cancel, Engine, GenerateOptions, Sampling
from chat_tui.engine.scripted import ScriptedEngine
from chat_tui.errors import SchemaError
from chat_tui.events import MessageCompleted, ReasoningCircles, ReasoningDelta
from chat_tui.harmony import tokens
from tests.engine.conftest import one_thread
from tests.gguf_factory import shared_model

HELLO = Prompt((user("Hello"),))
THOUGHT = " ".join(f"so {at}" for at in range(40))
SCRIPT = (
    f"<|channel|>analysis<|message|>{THOUGHT}<|end|>"
    "<|start|>assistant<|channel|>final<|message|>Hello.<|return|>"
)


@pytest.fixture(scope="module", params=["scripted", "child"])
def thinker(
    request: pytest.FixtureRequest, models: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """An engine whose model thinks on and on."""
    if request.param == "scripted":
        yield ScriptedEngine([SCRIPT])
        return
    head = (tokens.ASSISTANT, tokens.CHANNEL, 35644, tokens.MESSAGE, 13225, 13225)
    path = shared_model(models, chain=dict(pairwise(head)))
    engine = one_thread(path, tmp_path_factory.mktemp("thinker"), models)
    yield engine
    engine.close()


def ask(
    engine: Engine, prompt: Prompt = HELLO, *, hurry_after: int = 10**9, **options: Any
) -> list[Any]:
    cancel, found = Cancel(), []
    sampling = Sampling(temperature=0.0)
    for event in engine.generate(prompt, GenerateOptions(sampling, **options), cancel):
        found.append(event)
        if sum(e.tokens for e in found if isinstance(e, ReasoningDelta)) >= hurry_after:
            cancel.hurry()
    return found


def messages(events: list[Any]) -> list[Message]:
    return [event.message for event in events if isinstance(event, MessageCompleted)]


def test_answer_now_is_heard_while_it_thinks(thinker: Engine) -> None:
    thought, reply = messages(ask(thinker, hurry_after=5, max_tokens=1500))
    assert thought.is_reasoning
    assert thought.content
    assert (thought.closed_by, thought.interrupted) == (Closer.USER, False)
    assert reply.content.startswith("Hello")
    assert (reply.is_final, reply.closed_by) == (True, None)


def test_a_budget_is_kept(thinker: Engine) -> None:
    thought, reply = messages(ask(thinker, budget=20, max_tokens=200))
    assert (thought.closed_by, reply.is_final) == (Closer.BUDGET, True)
    assert thought.content


def test_without_either_it_thinks_on(thinker: Engine) -> None:
    assert messages(ask(thinker, max_tokens=30))[0].closed_by is None


@pytest.mark.parametrize("thinker", ["child"], indirect=True)
def test_circles_and_a_schema_cross_the_pipe(thinker: Engine) -> None:
    form = ResponseFormat("form", {"type": "array", "items": {"const": "a"}, "maxItems": 2})
    prompt = Prompt(HELLO.messages, response_format=form)
    events = ask(thinker, prompt, budget=100, max_tokens=200)
    assert any(isinstance(event, ReasoningCircles) for event in events)
    assert set(json.loads(messages(events)[-1].content)) <= {"a"}
    assert isinstance(thinker, ChildEngine)
    before = thinker.pid
    with pytest.raises(SchemaError, match="#/not"):
        ask(thinker, Prompt(HELLO.messages, response_format=ResponseFormat("x", {"not": {}})))
    assert messages(ask(thinker, max_tokens=10))
    assert thinker.pid == before
