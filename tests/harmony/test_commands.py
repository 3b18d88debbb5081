"""``chat-tui harmony render`` and ``parse``."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chat_tui.errors import InputError
from chat_tui.harmony.commands import parse, render
from chat_tui.harmony.vocabulary import Vocabulary
from tests.harmony.completions import MARKUP

CONVERSATION: dict[str, Any] = {
    "effort": "high",
    "date": "2025-06-28",
    "instructions": "Be kind.",
    "response_format": {"name": "answer", "schema": {"type": "string"}},
    "tools": [
        {"namespace": "python", "description": "Runs Python."},
        {"name": "look", "description": "Looks."},
        {"type": "function", "function": {"name": "find", "parameters": {"type": "object"}}},
    ],
    "messages": [
        {"role": "user", "content": "Look <|end|>"},
        {
            "role": "assistant",
            "recipient": "functions.look",
            "content_type": "<|constrain|>json",
            "content": "{}",
        },
        {"role": "functions.look", "content": [{"type": "text", "text": "A"}, "B"]},
        {"role": "tool", "name": "python", "channel": "analysis", "content": "1"},
        {"role": "assistant", "content": "So."},
    ],
}


def test_render_shows_what_the_model_would_see(vocabulary: Vocabulary) -> None:
    text = render(json.dumps(CONVERSATION), vocabulary, tokens=False)
    for part in (
        "Current date: 2025-06-28\n\nReasoning: high\n\n# Tools\n\n## python\n\nRuns Python.\n\n#",
        "<|start|>developer<|message|># Instructions\n\nBe kind.\n\n# Tools\n\n## functions",
        "// Looks.\ntype look = () => any;\n\ntype find = (_: {\n}) => any;\n\n}",
        '# Response Formats\n\n## answer\n\n{"type":"string"}<|end|>',
        "<|start|>user<|message|>Look <|end|><|end|>",
        "<|start|>assistant<|channel|>commentary to=functions.look <|constrain|>json<|message|>{}"
        "<|call|><|start|>functions.look to=assistant<|channel|>commentary<|message|>AB<|end|>",
    ):
        assert part in text
    assert text.endswith("<|channel|>final<|message|>So.<|end|><|start|>assistant")


def test_render_gives_tokens(vocabulary: Vocabulary) -> None:
    document = json.dumps(CONVERSATION).encode()
    ids = json.loads(render(document, vocabulary, tokens=True))
    assert vocabulary.decode(ids) == render(document, vocabulary, tokens=False)


def test_the_least_conversation(vocabulary: Vocabulary) -> None:
    text = render("{}", vocabulary, tokens=False)
    assert text.endswith("every message.<|end|><|start|>assistant")


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"\xff",
        b"[]",
        b"3",
        b"{",
        b"[" * 100_000,
        b'{"a": ' * 100_000,
        b'{"messages": {}}',
        b'{"messages": [3]}',
        b'{"message": []}',
        b'{"messages": [{"content": "Hi"}]}',
        b'{"messages": [{"role": "user", "content": 3}]}',
        b'{"messages": [{"role": "user", "content": [{"type": "image"}]}]}',
        b'{"messages": [{"role": "user", "text": "Hi"}]}',
        b'{"messages": [{"role": "tool", "content": "Hi"}]}',
        b'{"messages": [{"role": "a b", "content": "Hi"}]}',
        b'{"messages": [{"role": "assistant", "channel": "thoughts", "content": "Hi"}]}',
        b'{"messages": [{"role": "assistant", "recipient": "<|end|>", "content": "Hi"}]}',
        b'{"messages": [{"role": "user", "channel": 3, "content": "Hi"}]}',
        b'{"effort": "max"}',
        b'{"effort": 3}',
        b'{"effort": []}',
        b'{"date": "yesterday"}',
        b'{"date": 20250628}',
        b'{"instructions": []}',
        b'{"tools": {}}',
        b'{"tools": ["python"]}',
        b'{"tools": [{"name": "a b"}]}',
        b'{"tools": [{"name": "f", "parameters": 3}]}',
        b'{"tools": [{"namespace": "x", "functions": 3}]}',
        b'{"response_format": {"name": "x"}}',
        b'{"response_format": 3}',
    ],
)
def test_render_says_what_is_wrong(vocabulary: Vocabulary, document: bytes) -> None:
    with pytest.raises(InputError) as error:
        render(document, vocabulary, tokens=False)
    assert error.value.message.endswith(".")
    assert error.value.hint.endswith(".")


def parsed(document: str | bytes, vocabulary: Vocabulary | None, tokens: bool = False) -> Any:
    return json.loads(parse(document, vocabulary, tokens))


COMPLETION = (
    "<|channel|>analysis<|message|>Ünïcode<|end|><|start|>assistant<|channel|>commentary "
    "to=functions.look json<|message|>{}<|call|>"
)


def message(channel: str, content: str, recipient: str | None, kind: str | None) -> dict[str, Any]:
    return {
        "role": "assistant",
        "channel": channel,
        "recipient": recipient,
        "content_type": kind,
        "content": content,
    }


READ = {
    "messages": [
        message("analysis", "Ünïcode", None, None),
        message("commentary", "{}", "functions.look", "json"),
    ],
    "repairs": [],
}


@pytest.mark.parametrize("start", ["", "<|start|>assistant"])
@pytest.mark.parametrize("end", ["", "\n"])
def test_parse_reads_a_completion(vocabulary: Vocabulary, start: str, end: str) -> None:
    assert parsed(start + COMPLETION + end, vocabulary) == READ
    assert parsed((start + COMPLETION + end).encode(), None) == READ


def test_parse_reads_ids(vocabulary: Vocabulary) -> None:
    ids = [200005, 17196, 200008, 3686, 200002]
    expected = message("final", "hi", None, None)
    expected["content"] = vocabulary.decode([3686])
    assert parsed(json.dumps(ids), vocabulary) == {"messages": [expected], "repairs": []}
    with_ids = parsed(json.dumps(ids), vocabulary, tokens=True)
    assert with_ids["messages"] == [{**expected, "tokens": ids}]


def test_parse_can_give_the_tokens_of_text(vocabulary: Vocabulary) -> None:
    (found,) = parsed("<|channel|>final<|message|>Hi<|return|>", vocabulary, tokens=True)[
        "messages"
    ]
    assert vocabulary.decode(found["tokens"]) == "<|channel|>final<|message|>Hi<|return|>"


def test_parse_names_the_repairs() -> None:
    found = parsed("<|channel|>final<|message|>Hi<|end|><|end|>", None)
    assert found["repairs"] == ["a message ended twice"]


def test_parse_goes_on_with_the_next_turn_of_a_log() -> None:
    turn = "<|start|>assistant<|channel|>final<|message|>Hi<|return|>"
    assert len(parsed(turn + turn, None)["messages"]) == 2
    assert len(parsed(turn + "junk" + turn, None)["messages"]) == 1


def test_parse_answers_in_ascii() -> None:
    assert parse("\x9b31m\u202e", None, tokens=False).isascii()


@settings(max_examples=200, deadline=None)
@given(document=st.binary() | st.text() | st.text(st.sampled_from("[]0123,- truefalsn")))
@example(document="[" * 100_000)
@example(document="[true, 1.5]")
@example(document="[99999999999999999999, -3]")
@example(document="\ud800")
@example(document="[]")
@example(document=b"")
@example(document=b"[1, 2")
@example(document=b"\xff\xfe\x00")
@example(document=b"[200006, 99999999, -1]")
@example(document=b"<|start|>" * 50)
def test_parse_answers_any_input(vocabulary: Vocabulary, document: str | bytes) -> None:
    for known in (vocabulary, None):
        for tokens in (True, False):
            found = parsed(document, known, tokens)
            assert set(found) == {"messages", "repairs"}
            assert not any(MARKUP.search(one["content"]) for one in found["messages"])
