"""Answers and arguments keep to their schema; the reasoning stays free."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_tui.conversation import FunctionSpec, Message, Prompt, ResponseFormat, ToolSpec, user
from chat_tui.errors import SchemaError
from chat_tui.events import GenerationEnded, MessageCompleted, StopReason
from chat_tui.harmony import tokens
from chat_tui.harmony.vocabulary import Vocabulary
from chat_tui.runner.flag import Flag
from chat_tui.runner.generation import Generation, Speaker
from chat_tui.runner.outbox import Outbox
from chat_tui.wire import Generate
from tests.gguf_factory import TINY
from tests.runner.conftest import MakeSpeaker

FINAL, ANALYSIS, WORD = 17196, 35644, 13225
HELLO = (user("Hello"),)


def generate(
    speaker: Speaker, prompt: Prompt, *, hurry: bool = False, **options: Any
) -> tuple[list[Message], StopReason]:
    sent: list[Any] = []
    request = Generate(prompt, **{"temperature": 0.0, "max_tokens": 60, **options})
    flag = Flag()
    if hurry:
        flag.set()
    Generation(speaker, request, Outbox(sent.extend), Flag(), hurry=flag).run()
    assert isinstance(sent[-1], GenerationEnded)
    found = [event.message for event in sent if isinstance(event, MessageCompleted)]
    return found, sent[-1].reason


def asking(schema: Any, **more: Any) -> Prompt:
    return Prompt(HELLO, response_format=ResponseFormat("form", schema), **more)


def test_reasoning_is_free_and_the_answer_is_the_one_that_is_left(
    make_speaker: MakeSpeaker,
) -> None:
    """A model that only ever says Hello can still say nothing but what the schema has."""
    chain = {tokens.ASSISTANT: tokens.CHANNEL} | dict(
        pairwise([tokens.CHANNEL, ANALYSIS, tokens.MESSAGE, WORD, tokens.RETURN])
    )
    schema = {"type": "object", "properties": {"a": {"const": 1}}, "required": ["a"]}
    (thought, reply), reason = generate(make_speaker(chain=chain), asking(schema))
    assert (thought.channel, thought.content) == ("analysis", "Hello")
    assert json.loads(reply.content) == {"a": 1}
    assert reason is StopReason.COMPLETE
    assert reply.tokens[-1] == tokens.RETURN


def test_a_model_that_would_end_too_early_or_never_is_held_to_the_end(
    make_speaker: MakeSpeaker,
) -> None:
    for last in (tokens.END, WORD):
        chain = {tokens.ASSISTANT: tokens.CHANNEL, -1: last} | dict(
            pairwise([tokens.CHANNEL, FINAL, tokens.MESSAGE, last])
        )
        messages, reason = generate(make_speaker(chain=chain), asking({"enum": [[1, 2, 3]]}))
        assert [message.content for message in messages] == ["[1,2,3]"]
        assert reason is StopReason.COMPLETE


LEAVES = st.sampled_from(
    [
        {"type": "integer", "minimum": -5, "maximum": 300},
        {"type": "boolean"},
        {"type": "null"},
        {"type": "string", "maxLength": 6},
        {"type": "number", "minimum": 0, "maximum": 1},
        {"enum": ["red", "green", 3]},
        {"type": "string", "pattern": "^[a-f]{2}-\\d$"},
    ]
)
SCHEMAS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.dictionaries(st.sampled_from("abc"), inner, min_size=1, max_size=2).map(
            lambda found: {
                "type": "object",
                "properties": found,
                "required": list(found)[:1],
                "additionalProperties": False,
            }
        ),
        inner.map(lambda one: {"type": "array", "items": one, "minItems": 1, "maxItems": 2}),
        st.lists(inner, min_size=2, max_size=2).map(lambda found: {"anyOf": found}),
    ),
    max_leaves=4,
)


def _keeps_to(speaker: Speaker, schema: Any, seed: int) -> bool:
    """Whether an answer at temperature 1.5 was whole; it is checked where it was."""
    messages, reason = generate(
        speaker, asking(schema), hurry=True, temperature=1.5, seed=seed, max_tokens=50
    )
    if reason is StopReason.LENGTH:
        return False
    (reply,) = messages
    assert (reply.channel, reply.repairs) == ("final", ())
    jsonschema.Draft202012Validator(schema).validate(json.loads(reply.content))
    return True


@settings(max_examples=5, deadline=None)
@given(SCHEMAS, st.integers(0, 1000))
def test_random_weights_keep_to_any_schema(
    make_speaker: MakeSpeaker, schema: Any, seed: int
) -> None:
    _keeps_to(make_speaker(**TINY), schema, seed)


@pytest.mark.soak
def test_random_weights_keep_to_hundreds_of_schemas(make_speaker: MakeSpeaker) -> None:
    whole = []

    @settings(max_examples=300, deadline=None, database=None)
    @given(SCHEMAS, st.integers(0, 1000))
    def run(schema: Any, seed: int) -> None:
        whole.append(_keeps_to(make_speaker(**TINY), schema, seed))

    run()
    assert sum(whole) > 0.9 * len(whole)


LOOK = FunctionSpec(
    "look",
    parameters={"type": "object", "properties": {"at": {"enum": ["sea"]}}, "required": ["at"]},
)


def call_of(
    make_speaker: MakeSpeaker, vocabulary: Vocabulary, header: str, function: FunctionSpec
) -> Message:
    """The call of a model that writes this header, then Hello, then ends its message."""
    written: list[int] = [tokens.CHANNEL]
    for part in header.split("<|constrain|>"):
        written += [*vocabulary.encode(part), tokens.CONSTRAIN]
    chain = {tokens.ASSISTANT: tokens.CHANNEL} | dict(
        pairwise([*written[:-1], tokens.MESSAGE, WORD, tokens.END])
    )
    prompt = Prompt(HELLO, tools=(ToolSpec("functions", (function,)), ToolSpec("python")))
    (call,), reason = generate(make_speaker(chain=chain), prompt)
    assert reason is StopReason.COMPLETE
    assert call.tokens[-1] == tokens.CALL
    return call


def test_arguments_keep_to_the_schema_of_their_function(
    make_speaker: MakeSpeaker, vocabulary: Vocabulary
) -> None:
    header = "commentary to=functions.look <|constrain|>json"
    call = call_of(make_speaker, vocabulary, header, LOOK)
    assert (call.recipient, json.loads(call.content)) == ("functions.look", {"at": "sea"})


@pytest.mark.parametrize(
    ("header", "function"),
    [
        ("analysis to=python code", LOOK),
        ("commentary to=functions.look", LOOK),
        (
            "commentary to=functions.patch json",
            FunctionSpec("patch", parameters={"type": "string"}),
        ),
        ("commentary to=functions.now json", FunctionSpec("now")),
    ],
)
def test_a_raw_body_is_free(
    make_speaker: MakeSpeaker, vocabulary: Vocabulary, header: str, function: FunctionSpec
) -> None:
    assert call_of(make_speaker, vocabulary, header, function).content == "Hello"


def test_a_schema_that_cannot_be_enforced_says_so_before_anything_is_read(
    make_speaker: MakeSpeaker,
) -> None:
    with pytest.raises(SchemaError):
        generate(make_speaker(**TINY), asking({"not": {}}))


def test_a_stop_while_the_vocabulary_is_on_its_way_ends_the_answer(
    make_speaker: MakeSpeaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    speaker = make_speaker(**TINY)
    assert speaker.llama.words is not None
    monkeypatch.setattr(speaker.llama.words, "get", lambda _stop: None)
    messages, reason = generate(speaker, asking({"type": "null"}), hurry=True)
    assert reason is StopReason.CANCELLED
    assert all(message.interrupted and not message.content for message in messages)
