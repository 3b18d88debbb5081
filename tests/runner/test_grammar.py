"""A grammar in llama.cpp's hands: what it lets through, and that nothing ends the process."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chat_tui.conversation import Prompt
from chat_tui.errors import EngineError
from chat_tui.grammar import ANY_OBJECT, gbnf
from chat_tui.harmony import tokens
from chat_tui.harmony.vocabulary import Vocabulary
from chat_tui.runner.flag import Flag
from chat_tui.runner.grammar import Grammar
from chat_tui.runner.sampling import Sampler
from chat_tui.wire import Generate
from tests.gguf_factory import TINY
from tests.runner.conftest import MakeSpeaker

Make = Callable[[str], Grammar]


@pytest.fixture
def make(make_speaker: MakeSpeaker) -> Iterator[Make]:
    llama = make_speaker(**TINY).llama
    assert llama.words is not None
    words, made = llama.words.get(Flag()), []

    def one(source: str) -> Grammar:
        made.append(Grammar(llama.lib, words, source))
        return made[-1]

    yield one
    for grammar in made:
        grammar.close()


def taken(grammar: Grammar, vocabulary: Vocabulary, ids: list[int]) -> bool:
    """Whether a grammar follows these tokens and may end there."""
    for token in ids:
        piece = vocabulary.piece(token)
        assert isinstance(piece, bytes)
        if not grammar.allows(token, piece):
            return False
        grammar.advance(token, piece)
    return grammar.may_end()


SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "maxLength": 100},
        "age": {"type": "integer", "minimum": 0, "maximum": 150},
        "more": {"anyOf": [{"$ref": "#"}, {"type": "null"}]},
    },
    "required": ["age"],
}


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ('{"age":3}', True),
        ('{ "age": 150 }', True),
        ('{\n  "name": "Ann \\"A\\" \\u00e9 €",\n  "age": 0,\n  "more": null\n}', True),
        ('{"age":1,"more":{"age":2,"more":null}}', True),
        ('{"name":"' + "x" * 100 + '","age":3}', True),
        ('{"name":"' + "x" * 101 + '","age":3}', False),
        ('{"age":151}', False),
        ('{"age":3', False),
        ('{"age":3}}', False),
        ('{"name":"Ann"}', False),
        ('{"age":3,"other":1}', False),
        ('{"name":"\\ud800","age":3}', False),
        ('{"name":"a\nb","age":3}', False),
        (" {}", False),
    ],
)
def test_texts_are_followed_as_the_schema_says(
    make: Make, vocabulary: Vocabulary, text: str, whole: bool
) -> None:
    assert taken(make(gbnf(SCHEMA)), vocabulary, vocabulary.encode(text)) is whole


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=8,
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.dictionaries(st.text(max_size=4), JSON, max_size=4), st.booleans(), st.booleans())
def test_any_object_may_be_written(
    make: Make, vocabulary: Vocabulary, value: Any, ascii_only: bool, pretty: bool
) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=2 if pretty else None)
    if "\\ud" in text.lower():
        return  # a pair of surrogates is written as the character itself
    assert taken(make(ANY_OBJECT), vocabulary, vocabulary.encode(text.replace("\x7f", "")))


@pytest.mark.parametrize("data", [b"\xc0\xa2", b"\xe0\x80\xa2", b"\xed\xa0\x80", b"\xa2", b"\xff"])
def test_bytes_that_are_no_text_are_refused(
    make: Make, vocabulary: Vocabulary, data: bytes
) -> None:
    """llama.cpp alone would take the first two for a quote."""
    grammar = make(gbnf({"type": "string"}))
    ids = [vocabulary.id_of(bytes([byte])) for byte in b'"' + data + b'"']
    assert None not in ids
    assert not taken(grammar, vocabulary, [one for one in ids if one is not None])


def test_a_character_in_several_tokens_is_followed(make: Make, vocabulary: Vocabulary) -> None:
    ids = [vocabulary.id_of(bytes([byte])) for byte in '"€"'.encode()]
    assert taken(make(gbnf({"const": "€"})), vocabulary, []) is False
    assert taken(make(gbnf({"type": "string"})), vocabulary, [i for i in ids if i is not None])


def test_a_refused_token_is_an_error_and_not_the_end(make: Make, vocabulary: Vocabulary) -> None:
    grammar = make(ANY_OBJECT)
    (token,) = vocabulary.encode("[")
    with pytest.raises(ValueError, match="may not follow"):
        grammar.advance(token, b"[")
    assert taken(grammar, vocabulary, vocabulary.encode("{}"))


def test_only_the_end_of_a_turn_may_follow_what_is_whole(
    make: Make, vocabulary: Vocabulary
) -> None:
    grammar = make(gbnf({"type": "null"}))
    assert not grammar.may_end()
    (token,) = vocabulary.encode("null")
    grammar.advance(token, b"null")
    assert grammar.may_end()
    assert not grammar.allows(tokens.END, b"<|end|>")


@pytest.mark.parametrize("source", ["root ::= nope", "root ::= root", 'other ::= "a"', "\x01"])
def test_a_grammar_that_cannot_be_read_is_an_error(make: Make, source: str) -> None:
    with pytest.raises(EngineError, match="could not read the grammar"):
        make(source)


@pytest.mark.parametrize(("min_p", "temperature"), [(0.05, 1.5), (0.0, 1.5), (0.05, 0.0)])
def test_what_is_drawn_under_a_grammar_is_what_the_whole_vocabulary_would_give(
    make: Make, make_speaker: MakeSpeaker, vocabulary: Vocabulary, min_p: float, temperature: float
) -> None:
    """Also where only the likeliest tokens were looked at."""
    llama, grammar = make_speaker(**TINY).llama, make("root ::= [a-z]*")
    llama.keep(0)
    llama.decode([tokens.START, tokens.ASSISTANT, tokens.CHANNEL])
    logits = llama.lib.llama_get_logits_ith(llama.ctx, -1)
    fitting = {
        token: float(logits[token])
        for token in range(tokens.FIRST_SPECIAL)
        if (piece := vocabulary.piece(token)).isalpha() and piece.islower()  # type: ignore[union-attr]
    }
    best = max(fitting.values())
    least = best if temperature == 0 else best + math.log(min_p) if min_p else -math.inf
    likely = {token for token, logit in fitting.items() if logit >= least - 1e-5}
    options = Generate(Prompt(()), min_p=min_p, temperature=temperature, seed=1)
    sampler = Sampler(llama.lib, llama.ctx, options)
    drawn = {sampler.sample_under(grammar) for _ in range(20)}
    sampler.close()
    assert drawn <= likely
    assert len(drawn) > 3 or len(likely) < 4
