"""What the demo model's file is made of: container, merges, chat template."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import jinja2
import numpy as np
import pytest

from chat_tui.conversation import Effort, FunctionSpec, Prompt, Role, ToolSpec
from chat_tui.demo import gguf_writer as writer
from chat_tui.demo.template import CHAT_TEMPLATE
from chat_tui.demo.tokenizer import last_split, spell
from chat_tui.harmony.prompt import preface
from chat_tui.models.gguf import read_header, token_strings


def test_what_is_written_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "small.gguf"
    words = ["a", "Ġb", "é"]
    metadata: dict[str, writer.Value] = {
        "general.architecture": "gpt-oss",
        "gpt-oss.block_count": 4,
        "gpt-oss.rope.freq_base": 150000.0,
        "tokenizer.ggml.tokens": words,
        "tokenizer.ggml.token_type": [1, 1, 3],
    }
    matrix = np.arange(128, dtype=np.float32).reshape(2, 64)
    tensors = [
        writer.f32("one", matrix[0]),
        writer.f16("two", matrix),
        writer.q8_0("three", matrix),
    ]
    writer.write(path, metadata, tensors)
    header = read_header(path)
    assert header.architecture == "gpt-oss"
    assert header.metadata["gpt-oss.rope.freq_base"] == 150000.0
    assert list(token_strings(header)) == words
    assert [t.name for t in header.tensors] == ["one", "two", "three"]
    assert header.missing_bytes == 0


def test_q8_0_keeps_a_block_within_half_a_step() -> None:
    numbers = np.random.default_rng(3).normal(size=(4, 64)).astype(np.float32)
    raw = np.frombuffer(writer.q8_0("x", numbers).data, np.uint8).reshape(-1, 34)
    scale = raw[:, :2].copy().view("<f2").astype(np.float32)
    back = raw[:, 2:].copy().view(np.int8) * scale
    assert np.abs(back - numbers.reshape(-1, 32)).max() <= scale.max() * 0.6


def test_every_byte_has_its_own_printable_letter() -> None:
    letters = {byte: spell(bytes([byte])) for byte in range(256)}
    assert sorted(letters) == list(range(256))
    assert len(set(letters.values())) == 256
    assert all(letter.isprintable() and not letter.isspace() for letter in letters.values())


@pytest.mark.parametrize(
    ("token", "split"),
    [
        (b"a", None),
        (b"ab", (b"a", b"b")),
        (b"abc", (b"ab", b"c")),
        (b"cab", (b"c", b"ab")),
        (b"abcab", (b"abc", b"ab")),
    ],
)
def test_a_token_is_joined_last_from_the_parts_that_encoding_leaves(
    token: bytes, split: tuple[bytes, bytes] | None
) -> None:
    known = (b"a", b"b", b"c", b"ab", b"bc", b"abc", b"cab", b"abcab")
    ranks = {token: rank for rank, token in enumerate(known)}
    assert last_split(token, ranks) == split


@pytest.mark.parametrize("effort", Effort)
def test_the_template_renders_what_the_app_renders(effort: Effort) -> None:
    talk = [(Role.USER, "hi", None), (Role.ASSISTANT, "Hello!", "final"), (Role.USER, "bye", None)]
    prompt = Prompt((), effort, date(2026, 1, 2), "Be nice.")
    expected = "".join(
        f"<|start|>{message.role.value}<|message|>{message.content}<|end|>"
        for message in preface(prompt)
    )
    for role, text, channel in talk:
        head = f"<|channel|>{channel}" if channel else ""
        expected += f"<|start|>{role.value}{head}<|message|>{text}<|end|>"
    rendered = jinja2.Template(CHAT_TEMPLATE).render(
        messages=[
            {"role": "system", "content": "Be nice."},
            *({"role": role.value, "content": text} for role, text, _ in talk),
        ],
        strftime_now=lambda _: "2026-01-02",
        reasoning_effort=effort.value,
        add_generation_prompt=True,
    )
    assert rendered == expected + "<|start|>assistant"


def test_the_template_renders_functions_calls_and_results_as_the_app_does() -> None:
    schema = {
        "type": "object",
        "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
        "required": ["city"],
    }
    weather = FunctionSpec("get_weather", "Tells the weather.", schema)
    tools = (ToolSpec("functions", (weather, FunctionSpec("look"))),)
    prompt = Prompt((), Effort.LOW, date(2026, 1, 2), "Be nice.", tools)
    expected = "".join(
        f"<|start|>{message.role.value}<|message|>{message.content}<|end|>"
        for message in preface(prompt)
    )
    expected += (
        "<|start|>user<|message|>Rain?<|end|>"
        "<|start|>assistant<|channel|>commentary to=functions.get_weather <|constrain|>json"
        '<|message|>{"city":"Rome"}<|call|>'
        "<|start|>functions.get_weather to=assistant<|channel|>commentary<|message|>no<|end|>"
        "<|start|>assistant<|channel|>final<|message|>No.<|end|>"
    )
    call = {"function": {"name": "get_weather", "arguments": '{"city":"Rome"}'}}
    rendered = jinja2.Template(CHAT_TEMPLATE).render(
        messages=[
            {"role": "system", "content": "Be nice."},
            {"role": "user", "content": "Rain?"},
            {"role": "assistant", "content": "", "tool_calls": [call]},
            {"role": "tool", "content": "no"},
            {"role": "assistant", "content": "No."},
        ],
        tools=[
            {
                "type": "function",
                "function": {
                    "name": spec.name,
                    "description": spec.description,
                    "parameters": spec.parameters,
                },
            }
            for spec in tools[0].functions
        ],
        strftime_now=lambda _: "2026-01-02",
        reasoning_effort="low",
    )
    assert rendered == expected
