"""Completions to feed the decoder: well-formed ones, and what becomes of them by accident."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from chat_tui.conversation import FINAL, Message
from chat_tui.events import AnswerDelta, Delta, MessageCompleted
from chat_tui.harmony.decoder import Decoder
from chat_tui.harmony.tokens import NAMES, scan

TOOLS = ("functions.get_weather", "functions.a", "python", "browser.search", "browser.open")
MARKUP = re.compile("|".join([*map(re.escape, NAMES.values()), r"<\|reserved_\d{6}\|>"]))

_BODIES = (
    "",
    " ",
    "Hello",
    "2 + 2 = 4.",
    '{"city": "Tokyo"}',
    "print(1)",
    "a\nb\n",
    "нет 日本 👋🏾",
    "to=all",
    "<|",
    "|>",
    "<|st",
    "art|>",
    "x" * 300,
    "final",
    "assistant",
    "<",
    "word " * 80,
)
_HEADERS = (
    "<|channel|>analysis",
    "<|channel|>commentary",
    "<|channel|>final",
    "<|channel|>final <|constrain|>json",
    "<|channel|>commentary to=functions.get_weather <|constrain|>json",
    " to=functions.a<|channel|>commentary",
    "<|channel|>analysis to=python code",
    "<|channel|>commentary to=browser.search code",
)
_PIECES = (
    *NAMES.values(),
    "<|reserved_200014|>",
    *_BODIES,
    "assistant",
    "user",
    "functions.a",
    "analysis",
    "commentary",
    "final",
    " to=functions.a",
    " to=",
    " to=assistant",
    "json",
    " code",
    " ",
    "\n",
)


def well_formed(random: random.Random) -> str:
    """A few messages as gpt-oss writes them; the last one ends the turn more often than not."""
    messages = []
    for _ in range(random.randint(1, 4)):
        header, body = random.choice(_HEADERS), random.choice(_BODIES)
        end = "<|call|>" if "to=" in header else "<|end|>"
        end = "<|return|>" if "final" in header and random.random() < 0.7 else end
        messages.append(f"{header}<|message|>{body}{end}")
    return "<|start|>assistant".join(messages)


def mutated(random: random.Random, text: str) -> str:
    """A completion in which a few things went wrong: pieces or characters."""
    parts = [part for part in re.split(r"(<\|\w+\|>|\W)", text) if part]
    if random.random() < 0.3:
        parts = list(text)
    for _ in range(random.randint(1, 5)):
        at, other = (random.randrange(len(parts) + 1) for _ in range(2))
        match random.randrange(5):
            case 0:
                del parts[at : at + random.randint(1, 3)]
            case 1:
                parts.insert(at, random.choice(_PIECES))
            case 2:
                parts[at:at] = parts[other : other + random.randint(1, 6)]
            case 3:
                parts = parts[:at] + parts[other:]
            case 4:
                parts = parts[: at + 1]
    return "".join(parts)


def soup(random: random.Random) -> str:
    """Pieces of completions in no order at all."""
    return "".join(random.choices(_PIECES, k=random.randint(0, 30)))


def check(text: str, tools: Sequence[str] | None, *, interrupted: bool) -> None:
    """Decode a completion and hold everything that is promised for any input."""
    decoder = Decoder(tools)
    events: list[Delta | MessageCompleted] = []
    for piece in scan(text):
        events += decoder.push(piece)
    events += decoder.finish(interrupted=interrupted)
    messages = [event.message for event in events if isinstance(event, MessageCompleted)]
    _check_shown(events, messages)
    assert decoder.finish(interrupted=False) == ()
    assert set().union(*(message.repairs for message in messages)) <= set(decoder.repairs)
    for message in messages:
        assert not MARKUP.search(message.content), text
        for name in (message.channel, message.recipient, message.content_type):
            assert name is None or re.fullmatch(r"[\w./+-]+", name), text
        if message.is_final:
            assert message.recipient is None


def _check_shown(events: Sequence[object], messages: Sequence[Message]) -> None:
    """What was streamed is what the messages hold, and the answer is what came as the answer."""
    answer = "".join(event.text for event in events if isinstance(event, AnswerDelta))
    assert answer == "".join(one.content for one in messages if one.channel == FINAL)
    shown = ""
    for event in events:
        if isinstance(event, MessageCompleted):
            assert shown.endswith(event.message.content)
            shown = ""
        else:
            shown += event.text  # type: ignore[attr-defined]
