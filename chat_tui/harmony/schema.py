"""JSON Schema written as the TypeScript that gpt-oss was trained to read tools in.

Knows JSON Schema, nothing else. Where openai-harmony renders a schema faithfully the text is the
same, comments and indentation included. Beyond it: ``$ref``, ``anyOf``, ``allOf``, ``const``,
enums of any type, tuples and maps are kept, quotes are escaped, and no line break in a
description or default ends its comment. Schemas come from outside (MCP servers, files): recursion
and size are bounded, and what cannot be expressed becomes ``any``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

MAX_DEPTH = 24
MAX_NODES = 5_000
"""Beyond either a schema reads ``any``; references can multiply without end."""

_PRIMITIVES = {
    "string": "string",
    "number": "number",
    "integer": "number",
    "boolean": "boolean",
    "null": "null",
}
_PLAIN_KEY = re.compile(r"[\w$@./-]+")

Schema = Mapping[str, Any]


def typescript(schema: Schema | bool) -> str:
    """The type of a schema; several lines for an object."""
    return _type(_Inliner(schema).inlined(schema, frozenset(), 0), "")


def comment(text: str, indent: str = "") -> str:
    """Text as comment lines, each with its line break; empty for blank text."""
    return "".join(f"{indent}// {line}\n" for line in text.strip().splitlines())


class _Inliner:
    """Makes schemas without references, allOf and const; ``root`` is what references point into."""

    def __init__(self, root: object) -> None:
        self._root = root
        self._nodes = 0

    def inlined(self, schema: object, inside: frozenset[str], depth: int) -> Any:
        """A schema that says the same by itself; ``inside`` are the references that led here."""
        if not isinstance(schema, Mapping):
            return schema
        self._nodes += 1
        if depth > MAX_DEPTH or self._nodes > MAX_NODES:
            return {}
        found, inside = self._plain(schema, inside)
        for key in ("items", "additionalProperties"):
            if key in found:
                found[key] = self.inlined(found[key], inside, depth + 1)
        for key in ("oneOf", "anyOf", "prefixItems"):
            if parts := _list(found, key):
                found[key] = [self.inlined(part, inside, depth + 1) for part in parts]
        if isinstance(properties := found.get("properties"), Mapping):
            found["properties"] = {
                str(key): self.inlined(value, inside, depth + 1)
                for key, value in properties.items()
            }
        return found

    def _plain(
        self, schema: Schema, inside: frozenset[str], depth: int = 0
    ) -> tuple[dict[str, Any], frozenset[str]]:
        """The schema itself without references; those of its parts are left as they are."""
        found = dict(schema)
        for _ in range(MAX_DEPTH):
            if "$ref" in found:
                reference = str(found.pop("$ref"))
                if reference in inside:
                    return {}, inside
                inside |= {reference}
                found = {**self._target(reference), **found}
            elif parts := _list(found, "allOf"):
                del found["allOf"]
                plain = []
                for part in parts if depth < MAX_DEPTH else ():
                    if isinstance(part, Mapping):
                        one, inside = self._plain(part, inside, depth + 1)
                        plain.append(one)
                found = _merged([*plain, found])
            else:
                break
        if "const" in found:
            found["enum"] = [found.pop("const")]
        return found, inside

    def _target(self, reference: str) -> Schema:
        """What a local reference points at; an empty schema for any other."""
        if not reference.startswith("#"):
            return {}
        found: Any = self._root
        for part in filter(None, reference[1:].split("/")):
            key = part.replace("~1", "/").replace("~0", "~")
            found = found.get(key) if isinstance(found, Mapping) else None
        return found if isinstance(found, Mapping) else {}


def _type(schema: object, indent: str) -> str:
    """The type that an inlined schema describes."""
    if schema is False:
        return "never"
    if not isinstance(schema, Mapping):
        return "any"
    if variants := _list(schema, "oneOf"):
        return "".join(f"\n{indent} | {_variant(one, indent, '')}" for one in variants)
    if variants := _list(schema, "anyOf"):
        return _union(_type(one, indent) for one in variants)
    if values := _list(schema, "enum"):
        return _union(_literal(value) for value in values)
    kinds = schema.get("type")
    if isinstance(kinds, list):
        return _union(_kind(kind, schema, indent) for kind in kinds)
    return _kind(kinds, schema, indent)


def _kind(kind: object, schema: Schema, indent: str) -> str:
    if isinstance(kind, str) and kind in _PRIMITIVES:
        return _PRIMITIVES[kind]
    if kind == "object" or (kind is None and "properties" in schema):
        return _object(schema, indent)
    if kind == "array" or (kind is None and ("items" in schema or "prefixItems" in schema)):
        return _array(schema, indent)
    return "any"


def _object(schema: Schema, indent: str) -> str:
    properties = schema.get("properties")
    required = set(map(str, _list(schema, "required")))
    lines = [comment(_text(schema, "description"), indent), "{\n"]
    for key, value in properties.items() if isinstance(properties, Mapping) else ():
        name = key if _PLAIN_KEY.fullmatch(key) else _literal(key)
        lines.append(_property(name if key in required else f"{name}?", value, indent))
    others = schema.get("additionalProperties")
    if isinstance(others, Mapping) and others:
        lines.append(_property("[key: string]", others, indent))
    return "".join(lines) + indent + "}"


def _property(name: str, value: object, indent: str) -> str:
    schema: Schema = value if isinstance(value, Mapping) else {}
    about = _text(schema, "description")
    variants = _commented_variants(schema)
    lines = []
    if title := _text(schema, "title"):
        lines.append(f"{comment(title, indent)}{indent}//\n")
    if not (variants and about == _said_of(variants[0])):
        lines.append(comment(about, indent))
    if examples := _list(schema, "examples"):
        lines.append(f"{indent}// Examples:\n")
        lines += [f"{indent}// - {_literal(example)}\n" for example in examples]
    if variants:
        if "default" in schema:
            lines.append(f"{indent}// {_default(schema)}\n")
        lines.append(f"{indent}{name}:\n")
        lines += [f"{indent} | {_variant(one, indent, about)}\n" for one in variants]
        return "".join(lines) + f"{indent},\n"
    note = f" // {_default(schema)}" if "default" in schema else ""
    inner = _nullable(schema, _type(value, indent + " " * 4))
    return "".join(lines) + f"{indent}{name}: {inner},{note}\n"


def _commented_variants(schema: Schema) -> list[Any]:
    """The variants that need a line each: those of oneOf, and of an anyOf with comments."""
    if variants := _list(schema, "oneOf"):
        return variants
    variants = _list(schema, "anyOf")
    commented = any(
        _said_of(one) or (isinstance(one, Mapping) and "default" in one) for one in variants
    )
    return variants if commented else []


def _variant(schema: object, indent: str, about: str) -> str:
    """One variant on its line, and behind it what ``about`` has not said of it already."""
    inner = _type(schema, indent + " " * 3)
    if not isinstance(schema, Mapping):
        return inner
    said = _said_of(schema)
    notes = ["" if said == about else " ".join(said.split())]
    if "default" in schema:
        notes.append(_default(schema))
    note = " ".join(filter(None, notes))
    return _nullable(schema, inner) + (f" // {note}" if note else "")


def _array(schema: Schema, indent: str) -> str:
    if parts := _list(schema, "prefixItems"):
        return "[" + ", ".join(_inline(part, indent) for part in parts) + "]"
    if "items" not in schema:
        return "Array<any>"
    items = schema["items"]
    inner = _inline(items, indent)
    several = isinstance(items, Mapping) and (
        any(len(_list(items, key)) > 1 for key in ("oneOf", "anyOf", "enum", "type"))
        or items.get("nullable") is True
    )
    return f"({inner})[]" if several else f"{inner}[]"


def _inline(schema: object, indent: str) -> str:
    """A type in the middle of a line, where a line for each variant has no place."""
    if not isinstance(schema, Mapping):
        return _type(schema, indent)
    if variants := _list(schema, "oneOf"):
        return _nullable(schema, _union(_type(one, indent) for one in variants))
    return _nullable(schema, _type(schema, indent))


def _union(types: Iterable[str]) -> str:
    return " | ".join(dict.fromkeys(types)) or "any"


def _said_of(schema: object) -> str:
    return _text(schema, "description") if isinstance(schema, Mapping) else ""


def _merged(schemas: Iterable[Schema]) -> dict[str, Any]:
    """One schema that asks for what all of them ask for, as far as keys can say it."""
    found: dict[str, Any] = {}
    for schema in schemas:
        for key, value in schema.items():
            before = found.get(key)
            if key == "properties" and isinstance(before, Mapping) and isinstance(value, Mapping):
                found[key] = {**before, **value}
            elif key == "required" and isinstance(before, list) and isinstance(value, list):
                found[key] = [*before, *value]
            else:
                found[key] = value
    return found


def _list(schema: Schema, key: str) -> list[Any]:
    value = schema.get(key)
    return value if isinstance(value, list) else []


def _text(schema: Schema, key: str) -> str:
    value = schema.get(key)
    return value if isinstance(value, str) else ""


def _literal(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


def _default(schema: Schema) -> str:
    """What a comment says of the default; members of an enum stand there without quotes."""
    value = schema["default"]
    if isinstance(value, str) and _list(schema, "enum"):
        return "default: " + " ".join(value.split())
    return "default: " + _literal(value)


def _nullable(schema: Schema, inner: str) -> str:
    if schema.get("nullable") is True and "null" not in inner.split(" | "):
        return f"{inner} | null"
    return inner
