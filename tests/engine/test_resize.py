"""A model that is loaded again with another context, and room that is counted by the real thing."""

from __future__ import annotations

from pathlib import Path

from chat_tui.conversation import FINAL, Message, Role, user
from chat_tui.engine.protocol import Cancel
from chat_tui.events import TurnEnded
from chat_tui.session.chat import Chat
from chat_tui.session.compaction import Space
from tests.engine.conftest import MakeEngine


def test_the_same_conversation_goes_on_in_a_larger_context(
    make_engine: MakeEngine, random_model: Path
) -> None:
    engine = make_engine(random_model, context=512)
    chat = Chat(engine)
    list(chat.load(Cancel()))
    assert engine.model is not None
    assert engine.model.context == 512
    for at in range(6):
        chat.add(user(f"Question {at}: what is the capital of the country number {at}?"))
        chat.add(Message(Role.ASSISTANT, "I do not know. " * 12, channel=FINAL))
    space = Space(chat)
    before, meter = chat.conversation, space.meter()
    assert meter.used == engine.cost(chat.prompt(chat.conversation.messages)).total
    found = space.look()
    assert not found.fits
    assert found.larger == engine.model.trained_context
    assert found.after_drop < found.used
    events = list(space.enlarge(Cancel()))
    assert isinstance(events[-1], TurnEnded)
    assert engine.model is not None
    assert engine.model.context > 512
    assert chat.conversation == before
    assert space.look().used == found.used
    assert space.look().fits
    space.drop(2)
    assert chat.context_used < found.used
