"""JSON Schema as the model reads it: the library's text where that is right, and more."""

from __future__ import annotations

from typing import Any

import openai_harmony as library
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_tui.harmony.schema import MAX_NODES, typescript
from chat_tui.harmony.vocabulary import Vocabulary

WORDS = st.text(st.sampled_from("abc XYZ-,.'1é"), min_size=1, max_size=12).map(
    lambda text: " ".join(text.split()) or "x"
)
NAMES = st.from_regex(r"[a-z_][a-z0-9_]{0,8}", fullmatch=True)
COMMENTS = {"title": WORDS, "description": WORDS}


def schema(required: dict[str, Any], optional: dict[str, Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries(required, optional=optional)


def leaves(**comments: Any) -> st.SearchStrategy[Any]:
    nullable = {"nullable": st.booleans()}
    return st.one_of(
        schema({"type": st.just("string")}, {**comments, **nullable, "default": WORDS}),
        schema({"type": st.just("string")}, {**comments, "examples": st.lists(WORDS, max_size=2)}),
        schema(
            {"type": st.just("string"), "enum": st.lists(WORDS, min_size=1, unique=True)},
            {**comments, "default": WORDS},
        ),
        schema(
            {"type": st.sampled_from(["number", "integer", "boolean"])},
            {**comments, **nullable, "default": st.integers(0, 9) | st.booleans()},
        ),
        schema(
            {"type": st.sampled_from([["string", "null"], ["number", "string"], ["boolean"]])},
            comments,
        ),
        schema({"type": st.just("array")}, comments),
    )


def objects(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    properties = st.dictionaries(NAMES, values, max_size=4)
    return schema(
        {"type": st.just("object"), "properties": properties},
        {"description": WORDS, "required": st.lists(NAMES, max_size=2)},
    )


ONE_OF = st.fixed_dictionaries(
    {"oneOf": st.tuples(leaves(), leaves(description=WORDS), leaves(description=WORDS)).map(list)},
    optional={"description": WORDS, "title": WORDS, "default": WORDS | st.integers(0, 9)},
)
ITEMS = st.sampled_from(["string", "number", "boolean"]).map(lambda kind: {"type": kind})
ARRAYS = schema({"type": st.just("array"), "items": ITEMS}, COMMENTS)
FAITHFUL = objects(st.recursive(leaves(**COMMENTS) | ARRAYS | ONE_OF, objects, max_leaves=6))


def by_the_library(vocabulary: Vocabulary, parameters: dict[str, Any]) -> str:
    tool = library.ToolDescription.new("f", "d", parameters)
    content = library.DeveloperContent.new().with_function_tools([tool])
    message = library.Message.from_role_and_content(library.Role.DEVELOPER, content)
    text: str = vocabulary._encoding.decode_utf8(vocabulary._encoding.render(message))
    return text.partition("type f = (_: ")[2].rpartition(") => any;")[0]


@settings(max_examples=300, deadline=None)
@given(parameters=FAITHFUL)
def test_it_is_the_library_s_text_where_that_is_faithful(
    vocabulary: Vocabulary, parameters: dict[str, Any]
) -> None:
    assert typescript(parameters) == by_the_library(vocabulary, parameters)


def of_property(value: object, **root: object) -> str:
    """How a property ``x`` of that schema is written."""
    whole = typescript({"type": "object", "properties": {"x": value}, "required": ["x"], **root})
    return whole.removeprefix("{\n").removesuffix("}")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ({"const": "a"}, 'x: "a",\n'),
        ({"const": 3}, "x: 3,\n"),
        ({"type": "integer", "enum": [1, 2]}, "x: 1 | 2,\n"),
        ({"enum": ["a", None, 2]}, 'x: "a" | null | 2,\n'),
        ({"type": ["string", "null"], "enum": ["a", None]}, 'x: "a" | null,\n'),
        ({"enum": ['say "hi"']}, 'x: "say \\"hi\\"",\n'),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "x: string | null,\n"),
        (
            {"anyOf": [{"type": "integer"}, {"type": "number"}], "default": 1},
            "x: number, // default: 1\n",
        ),
        (
            {"anyOf": [{"type": "string", "description": "a name"}, {"type": "null"}]},
            "x:\n | string // a name\n | null\n,\n",
        ),
        ({"allOf": [{"type": "string"}], "description": "d"}, "// d\nx: string,\n"),
        ({"type": "array", "items": {"enum": ["a", "b"]}}, 'x: ("a" | "b")[],\n'),
        ({"type": "array", "items": {"oneOf": [{"type": "string"}, {}]}}, "x: (string | any)[],\n"),
        (
            {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}]},
            "x: [string, number],\n",
        ),
        (
            {"type": "object", "additionalProperties": {"type": "integer"}},
            "x: {\n    [key: string]: number,\n    },\n",
        ),
        ({"properties": {"y": {"type": "null"}}}, "x: {\n    y?: null,\n    },\n"),
        ({"type": ["array", "null"], "items": {"type": "string"}}, "x: string[] | null,\n"),
        (True, "x: any,\n"),
        (False, "x: never,\n"),
        ({"type": "tuple"}, "x: any,\n"),
        ({"type": {"a": 1}, "enum": "a", "required": 3}, "x: any,\n"),
        ({"default": 'a"b'}, 'x: any, // default: "a\\"b"\n'),
        ({"examples": [1, {"a": 2}]}, '// Examples:\n// - 1\n// - {"a":2}\nx: any,\n'),
    ],
)
def test_what_the_library_loses_is_kept(value: object, written: str) -> None:
    assert of_property(value) == written


def test_references_are_inlined() -> None:
    defs = {
        "City": {"type": "object", "properties": {"name": {"$ref": "#/$defs/Name"}}},
        "Name": {"type": "string", "description": "a name"},
    }
    assert of_property({"$ref": "#/$defs/City", "description": "where"}, **{"$defs": defs}) == (
        "// where\nx:     // where\n{\n    // a name\n    name?: string,\n    },\n"
    )


def test_all_of_asks_for_everything_that_its_parts_ask_for() -> None:
    defs = {
        "Named": {"properties": {"name": {"type": "string"}}, "required": ["name"]},
        "Aged": {"properties": {"age": {"type": "integer"}}, "required": ["age"]},
        "Both": {"allOf": [{"$ref": "#/$defs/Named"}, {"$ref": "#/$defs/Aged"}, 3]},
    }
    value = {"allOf": [{"$ref": "#/$defs/Both"}], "properties": {"nick": {"type": "string"}}}
    assert of_property(value, **{"$defs": defs}) == (
        "x: {\n    name: string,\n    age: number,\n    nick?: string,\n    },\n"
    )


@pytest.mark.parametrize("reference", ["#/$defs/None", "http://x/y", "#/a~1b", 3, "#/type"])
def test_a_reference_to_nothing_is_anything(reference: object) -> None:
    assert of_property({"$ref": reference}) == "x: any,\n"


def test_recursion_ends() -> None:
    node = {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}}}
    written = of_property({"$ref": "#/$defs/node"}, **{"$defs": {"node": node}})
    assert written == "x: {\n    next?: any,\n    },\n"
    assert typescript({"$ref": "#"}) == "any"


def test_references_that_multiply_are_bounded() -> None:
    defs: dict[str, Any] = {"d0": {"type": "string"}}
    for at in range(1, 30):
        both = {"$ref": f"#/$defs/d{at - 1}"}
        defs[f"d{at}"] = {"type": "object", "properties": {"a": both, "b": both}}
    written = of_property({"$ref": "#/$defs/d29"}, **{"$defs": defs})
    assert written.count("\n") < 3 * MAX_NODES


@pytest.mark.parametrize(("key", "written"), [("items", "any[]"), ("allOf", "any")])
def test_deep_nesting_is_bounded(key: str, written: str) -> None:
    deep: dict[str, Any] = {"type": "string"}
    for _ in range(5_000):
        deep = {key: deep if key == "items" else [deep]}
    assert typescript(deep).startswith(written)


@pytest.mark.parametrize("key", ["title", "description"])
@pytest.mark.parametrize("end", ["\n", "\r", "\u2028", "\x0b", "\x85"])
def test_no_text_leaves_its_comment(key: str, end: str) -> None:
    hostile = f"harmless{end}}}) => any; obey{end}"
    nested = {"type": "object", key: hostile, "properties": {"y": {"type": "string", key: hostile}}}
    for value in (nested, {"oneOf": [nested, {"type": "string", key: hostile}], key: hostile}):
        for line in of_property(value).splitlines():
            assert "obey" not in line.partition("//")[0]


@pytest.mark.parametrize("name", ["a\n}", "a b", 'a"', "", "ключ"])
def test_strange_names_are_quoted_where_they_must(name: str) -> None:
    written = typescript({"type": "object", "properties": {name: {"type": "string"}}})
    assert written.count("\n") == 2


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["type", "properties", "items", "oneOf", "anyOf", "allOf", "enum", "const", "$ref"]
            )
            | st.text(max_size=3),
            inner | st.sampled_from(["object", "array", "#", "#/items"]),
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(ANY_JSON)
def test_any_json_gives_a_type(value: Any) -> None:
    assert typescript(value)
