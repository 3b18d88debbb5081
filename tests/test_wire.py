"""Values cross the pipe unchanged; nothing else crosses it at all."""

from __future__ import annotations

import io
import json
import struct
from dataclasses import fields, is_dataclass
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_tui import wire
from chat_tui.conversation import (
    Effort,
    FunctionSpec,
    Message,
    Prompt,
    ResponseFormat,
    Role,
    ToolSpec,
    user,
)
from chat_tui.errors import ChatError, PromptTooLong
from chat_tui.events import (
    AnswerDelta,
    GenerationEnded,
    Loaded,
    LoadProgress,
    MessageCompleted,
    ModelInfo,
    PromptCost,
    PromptProgress,
    StopReason,
    ToolArgumentsDelta,
    Usage,
)

TOOL = ToolSpec("functions", (FunctionSpec("f", "what", {"type": "object", "n": [1, None]}),), "d")
REPLY = Message(
    Role.ASSISTANT,
    "x\ud800\x1b[2J",
    channel="final",
    tokens=(1, 200007),
    effort=Effort.LOW,
    repairs=("r",),
    interrupted=True,
)
VALUES = [
    wire.Load("/a b/ü.gguf", "/c", context=1, threads=2, gpu_layers=0, memory=9, states="/s"),
    wire.Generate(
        Prompt(
            (user("hi"), REPLY),
            Effort.HIGH,
            date(2025, 3, 4),
            "be brief",
            (TOOL,),
            ResponseFormat("a", {"type": "string"}),
        ),
        temperature=0.0,
        seed=7,
    ),
    wire.Prime(Prompt((user("hi"),)), "and"),
    wire.Cost(Prompt((user("hi"),))),
    wire.Leave(),
    wire.Left(),
    PromptCost(5, 3),
    wire.Stop(),
    LoadProgress(0.25),
    Loaded(ModelInfo("/m", "m", 1, 2, 3, "CPU"), 1.5),
    PromptProgress(1, 2, 1),
    AnswerDelta("ö\n\udc00", 3),
    ToolArgumentsDelta("functions.f", "{", 1),
    MessageCompleted(REPLY),
    GenerationEnded(StopReason.LENGTH, Usage(prompt_tokens=4, total_seconds=0.5)),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_a_value_arrives_as_it_was_sent(value: object) -> None:
    assert wire.read(io.BytesIO(wire.encode([value, value]))) == [value, value]


def test_an_error_arrives_with_its_class_message_and_hint() -> None:
    (failed,) = wire.read(io.BytesIO(wire.encode([wire.Failed(PromptTooLong("no", "do"))]))) or []
    assert type(failed.error) is PromptTooLong
    assert (failed.error.message, failed.error.hint) == ("no", "do")


def test_a_prompt_of_another_type_is_refused() -> None:
    frame = json.loads(wire.encode([VALUES[1]])[4:])
    frame[0][1]["prompt"]["messages"][0]["content"] = 5
    with pytest.raises(wire.WireError):
        wire.decode(json.dumps(frame).encode())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[",
        b"{}x",
        b'["Stop"]',
        b'[["Popen",{}]]',
        b'[["ChatError",{}]]',
        b'[["Stop",{"extra":1}]]',
        b'[["LoadProgress",{"fraction":"1"}]]',
        b'[["Failed",{"error":["OSError","a","b"]}]]',
        b"[" * 100_000,
        b"\xff",
    ],
)
def test_what_is_no_frame_is_a_wire_error(body: bytes) -> None:
    with pytest.raises(wire.WireError):
        wire.decode(body)


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.text()
        | st.sampled_from(list(wire._CLASSES)),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    )
)
def test_any_json_is_known_values_or_a_wire_error(content: object) -> None:
    try:
        values = wire.decode(json.dumps(content).encode())
    except wire.WireError:
        return
    assert all(type(value) in wire._CLASSES.values() for value in values)


@pytest.mark.parametrize("cut", range(0, 30, 3))
def test_a_stream_that_breaks_off_is_an_end(cut: int) -> None:
    assert wire.read(io.BytesIO(wire.encode([LoadProgress(0.5)])[:cut])) is None


def test_a_frame_that_claims_too_much_is_refused_before_it_is_read() -> None:
    with pytest.raises(wire.WireError):
        wire.read(io.BytesIO(struct.pack(">I", wire.MAX_FRAME_BYTES + 1)))


def test_every_error_and_every_field_of_every_value_can_be_read() -> None:
    # Building a reader looks up all type hints: a class that hides its names breaks here.
    for kind in wire._CLASSES.values():
        assert is_dataclass(kind)
        assert callable(wire._reader(kind))
        assert len({field.name for field in fields(kind)}) == len(fields(kind))
    for name, kind in wire._ERRORS.items():
        (back,) = wire.decode(json.dumps([["Failed", {"error": [name, "m", "h"]}]]).encode())
        assert type(back.error) is kind
        assert isinstance(back.error, ChatError)
