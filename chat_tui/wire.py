"""How the engine's two processes talk: length-prefixed JSON frames that carry frozen values.

Knows the values of ``conversation``, ``events`` and ``errors`` and the commands below; must not
know pipes' owners, tokens or llama.cpp. JSON and not pickle, because the process that opens a
stranger's model file must have no way of handing code to the one that holds the user's screen:
whatever does not fit the declared types of a known class is a ``WireError``.

A frame is four bytes of length (big-endian) and a JSON list of ``[class name, fields]``.
"""

from __future__ import annotations

import datetime
import functools
import json
import struct
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from typing import Any, BinaryIO, Union

from chat_tui import conversation, errors, events
from chat_tui.errors import ChatError

MAX_FRAME_BYTES = 256 << 20
_LENGTH = struct.Struct(">I")

JsonValue = Any


class WireError(Exception):
    """A frame that is too large, broken, or no value that both sides know."""


@dataclass(frozen=True, slots=True)
class Load:
    """Load a model; answered by LoadProgress and Loaded, or by Failed."""

    path: str
    cache: str
    """The folder that keeps the vocabulary."""
    context: int | None = None
    threads: int | None = None
    gpu_layers: int | None = None
    cpu_experts: int | None = None
    flash: bool | None = None
    memory: int | None = None
    """Bytes to plan with; None asks the machine."""
    states: str | None = None
    """The folder that keeps what was read, from one start to the next; None keeps nothing."""
    states_limit: int | None = None
    """The most bytes that folder may take; None decides by the free space."""
    rpc: tuple[str, ...] = ()
    """``host:port`` of llama.cpp's RPC servers, whose devices may take layers."""


@dataclass(frozen=True, slots=True)
class Generate:
    """Go on from a prompt; answered by events up to GenerationEnded, or by Failed."""

    prompt: conversation.Prompt
    temperature: float = 1.0
    top_p: float = 1.0
    top_k: int = 0
    min_p: float = 0.01
    seed: int | None = None
    max_tokens: int | None = None
    budget: int | None = None
    """Tokens of reasoning after which the answer is begun."""


@dataclass(frozen=True, slots=True)
class AnswerNow:
    """Close the reasoning that is under way and begin the answer; else without effect."""


@dataclass(frozen=True, slots=True)
class Prime:
    """Read ahead for the question after ``prompt``; not answered, ended by any later command."""

    prompt: conversation.Prompt
    draft: str = ""


@dataclass(frozen=True, slots=True)
class Cost:
    """What would this prompt take? Answered by PromptCost or Failed."""

    prompt: conversation.Prompt


@dataclass(frozen=True, slots=True)
class Inspect:
    """How does the model read this prompt? Answered by PromptInside or Failed."""

    prompt: conversation.Prompt


@dataclass(frozen=True, slots=True)
class Leave:
    """Keep what was read of the present conversation on disk; not answered."""


@dataclass(frozen=True, slots=True)
class Measure:
    """Run the smallest loop of llama.cpp calls over a prompt; answered by Measured, or by Failed.

    The cache is empty before and after. ``tokens`` are sampled, at least one.
    """

    prompt: conversation.Prompt
    tokens: int


@dataclass(frozen=True, slots=True)
class Measured:
    """What that loop took, in seconds of wall time."""

    prompt_tokens: int
    prompt_seconds: float
    """Up to the first sampled token."""
    tokens: int
    decode_seconds: float
    """From the first sampled token to the last."""


@dataclass(frozen=True, slots=True)
class Stop:
    """End the generation that is under way, if there is one."""


@dataclass(frozen=True, slots=True)
class Left:
    """The last word of a process whose commands ended: the model is freed, a file is written."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A command was refused; the process lives on."""

    error: ChatError


Command = Load | Generate | Prime | Cost | Inspect | Leave | Measure | AnswerNow | Stop

_VALUES = (
    *(Load, Generate, Prime, Cost, Inspect, Leave, AnswerNow, Stop),
    *(Left, Failed, events.PromptCost, events.PromptInside),
    *(Measure, Measured, events.LoadProgress, events.Loaded, events.PromptProgress),
    *(events.ReasoningDelta, events.AnswerDelta, events.PreambleDelta, events.StrayDelta),
    *(
        events.Resumed,
        events.ToolArgumentsDelta,
        events.ReasoningCircles,
        events.MessageCompleted,
        events.GenerationEnded,
    ),
)
_CLASSES: Mapping[str, type] = types.MappingProxyType({kind.__name__: kind for kind in _VALUES})
_ERRORS: Mapping[str, type[ChatError]] = types.MappingProxyType(
    {
        name: kind
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, ChatError)
    }
)


def encode(values: Iterable[object]) -> bytes:
    """One frame with these values; WireError where it would be larger than MAX_FRAME_BYTES."""
    body = json.dumps(
        [[type(value).__name__, _plain(value)] for value in values], separators=(",", ":")
    ).encode("ascii")
    if len(body) > MAX_FRAME_BYTES:
        raise WireError(f"a frame of {len(body):,} bytes")
    return _LENGTH.pack(len(body)) + body


def decode(body: bytes) -> list[Any]:
    """The values of a frame's body; WireError for anything that is not exactly such a frame."""
    try:
        frame = _exactly(list, json.loads(body))
        return [_reader(_CLASSES[name])(content) for name, content in frame]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise WireError(f"not a frame: {error!r}") from error


def read(stream: BinaryIO) -> list[Any] | None:
    """The next frame's values; None where the stream ends, also in the middle of a frame."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    if length > MAX_FRAME_BYTES:
        raise WireError(f"a frame of {length:,} bytes")
    body = stream.read(length)
    return decode(body) if len(body) == length else None


def _plain(value: Any) -> JsonValue:
    """A value as JSON has it; the types are written down in the classes, not in the frame."""
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, ChatError):
        return [type(value).__name__, value.message, value.hint]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value


@functools.cache
def _reader(kind: Any) -> Callable[[JsonValue], Any]:
    """A function that turns JSON into a value of this type, or raises TypeError or ValueError."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (Union, types.UnionType):
        return _union(arguments)
    if origin is tuple:
        return _sequence(_reader(arguments[0]))
    if origin is not None and issubclass(origin, Mapping):
        return functools.partial(_exactly, dict)
    if kind is ChatError:
        return _error
    if kind is datetime.date:
        return datetime.date.fromisoformat
    if isinstance(kind, type) and is_dataclass(kind):
        return _record(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    if kind is float:
        return _real
    return functools.partial(_exactly, kind)


def _exactly(kind: type, value: JsonValue) -> Any:
    if type(value) is not kind:
        raise TypeError(f"{value!r:.80} is no {kind.__name__}")
    return value


def _real(value: JsonValue) -> float:
    if type(value) not in (int, float):
        raise TypeError(f"{value!r:.80} is no float")
    return float(value)


def _union(kinds: tuple[Any, ...]) -> Callable[[JsonValue], Any]:
    """Only ``X | None`` occurs: the values need no tags."""
    (kind,) = (kind for kind in kinds if kind is not types.NoneType)
    read_one = _reader(kind)
    return lambda value: None if value is None else read_one(value)


def _sequence(read_one: Callable[[JsonValue], Any]) -> Callable[[JsonValue], Any]:
    return lambda value: tuple(map(read_one, _exactly(list, value)))


def _error(value: JsonValue) -> ChatError:
    name, message, hint = _exactly(list, value)
    return _ERRORS[name](_exactly(str, message), _exactly(str, hint))


def _record(kind: type) -> Callable[[JsonValue], Any]:
    hints = typing.get_type_hints(kind)
    readers = {field.name: _reader(hints[field.name]) for field in fields(kind)}

    def read_record(value: JsonValue) -> Any:
        return kind(**{name: readers[name](item) for name, item in _exactly(dict, value).items()})

    return read_record
