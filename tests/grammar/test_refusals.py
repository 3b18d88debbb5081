"""What is no schema, or cannot be enforced, is named by its place; nothing hangs or explodes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chat_tui.errors import InputError, SchemaError
from chat_tui.grammar import gbnf, load_schema
from tests.grammar.gbnf import Grammar


@pytest.mark.parametrize(
    ("schema", "pointer"),
    [
        ([], "#"),
        ("text", "#"),
        ({"name": "Ann", "age": 3}, "#"),
        ({"type": "objekt"}, "#/type"),
        ({"type": ["string", 3]}, "#/type"),
        ({"properties": []}, "#/properties"),
        ({"properties": {"a/b": {"properties": {"~": 3}}}}, "#/properties/a~1b/properties/~0"),
        ({"required": "name"}, "#/required"),
        ({"enum": []}, "#/enum"),
        ({"anyOf": {}}, "#/anyOf"),
        ({"type": "array", "items": 3}, "#/items"),
        ({"type": "string", "minLength": -1}, "#/minLength"),
        ({"type": "integer", "minimum": "3"}, "#/minimum"),
        ({"type": "number", "exclusiveMinimum": True}, "#/exclusiveMinimum"),
        ({"$ref": "#/$defs/none"}, "#/$ref"),
        ({"$ref": "#"}, "#/$ref"),
        ({"anyOf": [{"$ref": "#"}, {"type": "null"}]}, "#/anyOf"),
        ({"allOf": [{"$ref": "#"}]}, "#"),
    ],
)
def test_what_is_no_schema_is_told_with_its_place(schema: Any, pointer: str) -> None:
    with pytest.raises(SchemaError, match="no valid JSON Schema") as caught:
        gbnf(schema)
    assert caught.value.message.endswith(f"(at {pointer}).")


@pytest.mark.parametrize(
    ("schema", "pointer"),
    [
        ({"properties": {"a": {"not": {"type": "null"}}}}, "#/properties/a/not"),
        ({"type": "object", "patternProperties": {"^a": {}}}, "#/patternProperties"),
        ({"if": {}}, "#/if"),
        ({"type": "array", "items": {}, "uniqueItems": True}, "#/uniqueItems"),
        ({"type": "integer", "multipleOf": 3}, "#/multipleOf"),
        ({"$ref": "https://example.org/other.json"}, "#/$ref"),
        ({"type": "string", "pattern": "(?=a)b"}, "#/pattern"),
        ({"type": "string", "pattern": r"(a)\1"}, "#/pattern"),
        ({"type": "string", "pattern": r"\bword"}, "#/pattern"),
        ({"type": "string", "pattern": "(a*)*"}, "#/pattern"),
        ({"type": "string", "pattern": "a{1,99999}"}, "#/pattern"),
        ({"type": "string", "pattern": "a$b"}, "#/pattern"),
        ({"type": "string", "pattern": "[b-a]"}, "#/pattern"),
        ({"type": "string", "pattern": "(a"}, "#/pattern"),
        ({"type": "string", "pattern": "a", "maxLength": 3}, "#/pattern"),
        ({"type": "number", "minimum": 0.5}, "#/minimum"),
        ({"type": "object", "minProperties": 3, "properties": {"a": {}}}, "#"),
        ({"oneOf": [{"type": "integer"}, {"type": "number"}]}, "#/oneOf"),
        ({"oneOf": [{"properties": {"a": {}}}, {"properties": {"b": {}}}]}, "#/oneOf"),
        ({"type": "string", "enum": [1, 2]}, "#"),
        ({"type": "integer", "minimum": 3, "maximum": 2}, "#"),
        ({"properties": {"a": False}, "required": ["a"]}, "#"),
        (False, "#"),
        ({"properties": {"me": {"$ref": "#"}}, "required": ["me"]}, "#"),
    ],
)
def test_what_cannot_be_enforced_is_told_with_its_place(schema: Any, pointer: str) -> None:
    with pytest.raises(SchemaError, match="cannot be enforced") as caught:
        gbnf(schema)
    assert caught.value.message.endswith(f"(at {pointer}).")
    assert caught.value.hint


def _doubling(levels: int) -> dict[str, Any]:
    """References that would be two to the power of ``levels`` schemas if they were copied."""
    defs: dict[str, Any] = {f"d{levels}": {"type": "null"}}
    for at in range(levels):
        both = [{"$ref": f"#/$defs/d{at + 1}"}, {"title": "x", "$ref": f"#/$defs/d{at + 1}"}]
        defs[f"d{at}"] = {"anyOf": both}
    return {"$defs": defs, "$ref": "#/$defs/d0"}


def _chain(levels: int) -> dict[str, Any]:
    defs = {f"d{at}": {"$ref": f"#/$defs/d{at + 1}"} for at in range(levels)}
    return {"$defs": {**defs, f"d{levels}": {"type": "null"}}, "$ref": "#/$defs/d0"}


def _deep(levels: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "null"}
    for _ in range(levels):
        schema = {"type": "array", "items": schema}
    return schema


@pytest.mark.parametrize(
    "schema",
    [
        _doubling(40),
        {"allOf": [_doubling(3)] * 500},
        {"type": "object", "properties": {f"p{at}": {} for at in range(20_000)}},
        {"enum": [f"value {at}" for at in range(100_000)]},
        {"type": "string", "maxLength": 10**12},
        {"type": "array", "items": {}, "maxItems": 10**12},
        {"anyOf": [{"anyOf": [{"minimum": at}] * 40} for at in range(40)]},
        {"type": "string", "pattern": "(" * 3000 + "a" + ")" * 3000},
        {"oneOf": [{"const": at} for at in range(5000)]},
    ],
)
def test_a_schema_that_multiplies_is_refused(schema: Any) -> None:
    with pytest.raises(SchemaError):
        gbnf(schema)


@pytest.mark.parametrize(
    "schema",
    [
        _chain(3000),
        _deep(400),
        {"properties": {f"p{at}": {"type": "null"} for at in range(400)}},
        {"type": "array", "items": {"type": "string", "maxLength": 1000}, "maxItems": 90_000},
        {"type": "integer", "minimum": -(10**40), "maximum": 10**60},
    ],
)
def test_a_schema_that_is_only_large_is_kept(schema: Any) -> None:
    text = gbnf(schema)
    assert Grammar(text).rules
    assert len(text) < 200_000


def test_a_file_gives_the_form_of_the_answer(tmp_path: Path) -> None:
    path = tmp_path / "my form.json"
    path.write_text('{"type": "object", "properties": {"b": {}, "a": {}}}', encoding="utf-8")
    form = load_schema(path)
    assert form.name == "my_form"
    assert list(form.schema["properties"]) == ["b", "a"]
    path.write_text(json.dumps({"title": "A city!", "type": "object"}), encoding="utf-8")
    assert load_schema(path).name == "A_city"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"{", "no JSON"),
        (b'{"const": NaN}', "no JSON"),
        (b"\xff\xfe{}", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"[]", "no valid JSON Schema"),
        (b'{"not": {}}', "cannot be enforced"),
        (b" " * (2 << 20), "more than 1 MiB"),
    ],
)
def test_a_file_that_holds_no_usable_schema_is_told(
    tmp_path: Path, data: bytes, expected: str
) -> None:
    path = tmp_path / "schema.json"
    path.write_bytes(data)
    with pytest.raises(SchemaError, match=expected):
        load_schema(path)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        load_schema(tmp_path / "none.json")
