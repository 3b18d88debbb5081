"""What a grammar made from a schema lets through validates, whatever the schema."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from datetime import date, datetime, time
from ipaddress import IPv4Address
from typing import Any
from uuid import UUID

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_tui.errors import SchemaError
from chat_tui.grammar import ANY_OBJECT, arguments_gbnf, gbnf
from tests.grammar.gbnf import Grammar

PERSON = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 200},
        "age": {"type": "integer", "minimum": 0, "maximum": 150},
        "mail": {"type": "string", "format": "email"},
        "tags": {"type": "array", "items": {"enum": ["a", 1, None, {"b": [1.5]}]}, "maxItems": 3},
    },
    "required": ["age"],
}
TREE = {
    "$defs": {
        "node": {
            "type": "object",
            "properties": {
                "value": {"type": "number"},
                "children": {"type": "array", "items": {"$ref": "#/$defs/node"}},
            },
            "required": ["value", "children"],
        }
    },
    "$ref": "#/$defs/node",
}


def samples(schema: Any, count: int = 20) -> list[Any]:
    """Values of the grammar, every one of them checked against the schema."""
    grammar, rng = Grammar(gbnf(schema)), random.Random(1)
    validator = jsonschema.Draft202012Validator(schema)
    found = []
    for _ in range(count):
        text = grammar.sample(rng)
        value = json.loads(text)
        validator.validate(value)
        found.append(value)
    return found


@pytest.mark.parametrize(
    "schema",
    [
        {},
        True,
        PERSON,
        TREE,
        {"type": ["string", "null", "integer"]},
        {"type": "integer", "minimum": -17, "exclusiveMaximum": 1234},
        {"type": "integer", "exclusiveMinimum": 99},
        {"type": "integer", "maximum": -100_000},
        {"type": "integer", "minimum": -0.5, "maximum": 2.5},
        {"type": "number", "minimum": 0, "maximum": 1},
        {"type": "number", "exclusiveMinimum": -3, "exclusiveMaximum": 12},
        {"type": "number", "exclusiveMinimum": 0},
        {"type": "number", "maximum": -5},
        {"type": "number", "minimum": -2, "exclusiveMaximum": 0},
        {"type": "string", "maxLength": 5000},
        {"type": "string", "minLength": 130, "maxLength": 131},
        {"type": "string", "pattern": "^[A-Z]{2}-\\d{3,5}(?:x|yy)?$"},
        {"type": "string", "pattern": '^["\\\\a-c\\t]+$'},
        {"type": "string", "pattern": "^[^\\w\\s]{3}.\\W\\D\\S$"},
        {"type": "string", "pattern": "(ab|c)+d*"},
        {"type": "array", "minItems": 70, "maxItems": 200, "items": {"type": "boolean"}},
        {"type": "array", "prefixItems": [{"const": 1}, {"type": "string"}]},
        {"type": "array", "prefixItems": [{"const": 1}], "items": {"type": "null"}, "minItems": 3},
        {"type": "array", "prefixItems": [{"const": 1}, {"const": 2}], "maxItems": 1},
        {"type": "object", "additionalProperties": {"type": "integer"}, "maxProperties": 2},
        {"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 1},
        {
            "properties": {"a": {"type": "string"}, "ab": {"type": "string"}},
            "additionalProperties": {"type": "integer"},
        },
        {"properties": {"a": {}, "b": {}, "c": {}}, "minProperties": 1},
        {"properties": {'we"ird\\\n€😀': {"const": "\ud800"}}, "required": ['we"ird\\\n€😀', "x"]},
        {"anyOf": [{"type": "string", "maxLength": 3}, {"enum": [1, 2]}]},
        {"anyOf": [{"type": "array", "items": {"$ref": "#"}}, {"type": "null"}]},
        {
            "type": "object",
            "properties": {"kind": {"type": "string"}},
            "required": ["kind"],
            "oneOf": [
                {"properties": {"kind": {"const": "a"}, "x": {"type": "integer"}}},
                {"properties": {"kind": {"const": "b"}}},
            ],
        },
        {"oneOf": [{"type": "integer"}, {"type": "string"}, {"type": "object"}]},
        {
            "allOf": [
                {"$ref": "#/$defs/base"},
                {"properties": {"b": {"type": "integer", "minimum": 3}}, "required": ["b"]},
            ],
            "$defs": {"base": {"properties": {"b": {"maximum": 7}, "a": {"type": "null"}}}},
        },
        {"enum": [1, "a", None, 2.5], "type": ["integer", "string"], "minimum": 0},
        {"const": {"a": [True, {"b": None}]}},
    ],
)
def test_every_value_of_the_grammar_validates(schema: Any) -> None:
    assert samples(schema)


@pytest.mark.parametrize(
    ("form", "read"),
    [
        ("date", date.fromisoformat),
        ("time", time.fromisoformat),
        ("date-time", datetime.fromisoformat),
        ("uuid", UUID),
        ("ipv4", IPv4Address),
        ("email", re.compile(r"[^@ ]+@[^@ ]+\.[^@ ]+").fullmatch),
        ("hostname", re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*").fullmatch),
        ("uri", re.compile(r"https?://\S+").fullmatch),
    ],
)
def test_formats_are_kept(form: str, read: Callable[[str], object]) -> None:
    for value in samples({"type": "string", "format": form}):
        assert read(value) is not None


def test_properties_come_in_their_order_and_no_others() -> None:
    seen = set()
    for value in samples(PERSON, 60):
        keys = list(value)
        assert keys == [key for key in PERSON["properties"] if key in keys]  # type: ignore[attr-defined]
        assert "age" in keys
        seen.update(keys)
    assert seen == set(PERSON["properties"])  # type: ignore[call-overload]


def test_a_length_beyond_what_is_unrolled_is_reached_exactly() -> None:
    lengths = {
        len(one) for one in samples({"type": "string", "minLength": 9, "maxLength": 333}, 40)
    }
    assert min(lengths) == 9
    assert max(lengths) > 64


def test_arguments_are_held_to_their_schema_or_at_least_to_an_object() -> None:
    assert arguments_gbnf(PERSON) == gbnf(PERSON)
    hard = {"type": "object", "properties": {"a": {"not": {}}}}
    assert arguments_gbnf(hard) == ANY_OBJECT
    assert isinstance(json.loads(Grammar(ANY_OBJECT).sample(random.Random(3))), dict)


@pytest.mark.parametrize("parameters", [None, {"type": "string"}, {}, {"description": "a patch"}])
def test_arguments_that_are_no_object_are_free(parameters: Any) -> None:
    assert arguments_gbnf(parameters) is None


NAMES = st.sampled_from(["a", "ab", "b", "ä", 'q"', "0"])
SMALL = st.integers(-30, 30)
SCALARS = st.none() | st.booleans() | SMALL | st.text(max_size=4)


def _ranged(kind: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"type": st.just(kind)},
        optional={
            "minimum": SMALL,
            "maximum": SMALL,
            "exclusiveMinimum": SMALL,
            "exclusiveMaximum": SMALL,
        },
    )


LEAVES = st.one_of(
    st.just({}),
    st.sampled_from(["null", "boolean", "string", "integer", "number"]).map(lambda k: {"type": k}),
    st.lists(SCALARS, min_size=1, max_size=4).map(lambda values: {"enum": values}),
    SCALARS.map(lambda value: {"const": value}),
    _ranged("integer"),
    _ranged("number"),
    st.fixed_dictionaries(
        {"type": st.just("string")},
        optional={"minLength": st.integers(0, 90), "maxLength": st.integers(0, 200)},
    ),
)


def _nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    fields = st.dictionaries(NAMES, inner, max_size=4)
    return st.one_of(
        st.fixed_dictionaries(
            {"type": st.just("object"), "properties": fields},
            optional={
                "required": st.lists(NAMES, max_size=2),
                "additionalProperties": st.booleans() | inner,
            },
        ),
        st.fixed_dictionaries(
            {"type": st.just("array")},
            optional={
                "items": inner,
                "prefixItems": st.lists(inner, min_size=1, max_size=2),
                "minItems": st.integers(0, 5),
                "maxItems": st.integers(0, 80),
            },
        ),
        *(
            st.lists(inner, min_size=1, max_size=3).map(lambda found, key=key: {key: found})
            for key in ("anyOf", "oneOf", "allOf")
        ),
        st.tuples(fields, st.sampled_from(["#", "#/$defs/x"])).map(
            lambda pair: {"anyOf": [{"type": "object", "properties": pair[0]}, {"$ref": pair[1]}]}
        ),
    )


SCHEMAS = st.tuples(st.recursive(LEAVES, _nested, max_leaves=8), LEAVES).map(
    lambda pair: {**pair[0], "$defs": {"x": pair[1]}}
)


def made(schema: Any) -> tuple[Grammar | None, str]:
    """The grammar of a schema, or why there is none."""
    try:
        return Grammar(gbnf(schema)), ""
    except SchemaError as error:
        return None, error.message


@settings(max_examples=200, deadline=None)
@given(SCHEMAS, st.randoms(use_true_random=False))
def test_any_schema_is_refused_with_a_pointer_or_kept(schema: Any, rng: random.Random) -> None:
    grammar, refused = made(schema)
    if grammar is None:
        assert "(at #" in refused
        return
    validator = jsonschema.Draft202012Validator(schema)
    for _ in range(4):
        validator.validate(json.loads(grammar.sample(rng)))


@settings(max_examples=200, deadline=None)
@given(st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_any_json_at_all_is_a_grammar_or_a_schema_error(document: Any) -> None:
    assert any(made(document))
