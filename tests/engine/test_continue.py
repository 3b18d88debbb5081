"""What is gone on with crosses the pipe, and right behind a stop costs one token."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from chat_tui.engine.protocol import Cancel, GenerateOptions, Sampling
from chat_tui.events import ReasoningDelta, Resumed, TurnEnded, Usage
from chat_tui.harmony import tokens
from chat_tui.session.chat import Chat
from tests.engine.conftest import MakeEngine
from tests.gguf_factory import shared_model


def thinker(models: Path) -> Path:
    """A model that thinks on and on."""
    head = (tokens.ASSISTANT, tokens.CHANNEL, 35644, tokens.MESSAGE, 13225, 13225)
    return shared_model(models, chain=dict(pairwise(head)))


def usage(events: list[object]) -> Usage:
    ended = events[-1]
    assert isinstance(ended, TurnEnded)
    return ended.usage


def test_right_behind_a_stop_one_token_is_evaluated(models: Path, make_engine: MakeEngine) -> None:
    options = GenerateOptions(Sampling(temperature=0.0), max_tokens=120)
    chat, cancel = Chat(make_engine(thinker(models)), options=options), Cancel()
    asked: list[object] = []
    for event in chat.ask("Hello " * 300, cancel):
        asked.append(event)
        if isinstance(event, ReasoningDelta):
            cancel.set()
    cut = chat.conversation.messages[-1]
    assert cut.interrupted
    first: list[object] = list(chat.resume(Cancel()))
    assert usage(first).evaluated_tokens == 1
    (resumed,) = (event for event in first if isinstance(event, Resumed))
    assert resumed.message.content == cut.content
    grown = chat.conversation.messages[-1]
    assert grown.tokens[: len(cut.tokens)] == cut.tokens
    assert len(grown.tokens) == len(cut.tokens) + 120
    # Cut at the limit this time; the question was read once, by the first turn.
    assert usage(list(chat.resume(Cancel()))).evaluated_tokens == 1


def test_after_a_crash_the_text_is_gone_on_with(models: Path, make_engine: MakeEngine) -> None:
    engine = make_engine(thinker(models))
    options = GenerateOptions(Sampling(temperature=0.0), max_tokens=60)
    chat = Chat(engine, options=options)
    list(chat.ask("Hello", Cancel()))
    before = chat.conversation.messages[-1]
    for event in chat.resume(Cancel()):
        if isinstance(event, Resumed):
            engine.close()  # as a kill does: in the middle, with no last word
    cut = chat.conversation.messages[-1]
    assert (cut.interrupted, cut.content.startswith(before.content)) == (True, True)
    list(chat.resume(Cancel()))
    after = chat.conversation.messages[-1]
    assert after.content.startswith(cut.content)
    assert len(after.content) > len(cut.content)
