"""A JSON Schema read as what it means: parts that hold together, alternatives, kinds, values.

Knows JSON Schema (2020-12, and what draft 7 wrote otherwise); must not know grammars. References
and allOf join parts, anyOf and oneOf multiply them; both are bounded. ``SchemaError`` names a part
by its JSON pointer: what is no schema, and what no grammar can promise.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from chat_tui.errors import SchemaError
from chat_tui.language import _

MAX_ALTERNATIVES = 200
MAX_PARTS = 400

KINDS = ("object", "array", "string", "number", "integer", "boolean", "null")
_ANY_KINDS = ("object", "array", "string", "number", "boolean", "null")

_OF_KIND = {
    "object": ("properties", "required", "additionalProperties", "minProperties", "maxProperties"),
    "array": ("items", "prefixItems", "minItems", "maxItems"),
    "string": ("minLength", "maxLength", "pattern", "format"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
}
_GENERAL = ("type", "enum", "const", "anyOf", "oneOf", "allOf", "$ref")
_SILENT = frozenset(
    (
        *("title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly"),
        *("$comment", "$schema", "$id", "$anchor", "$defs", "definitions", "$vocabulary"),
        *("contentEncoding", "contentMediaType", "contentSchema", "nullable"),
        *("unevaluatedProperties", "unevaluatedItems"),
    )
)
"""What says nothing of values, or (unevaluated…) nothing beyond what is written anyway."""
_UNENFORCEABLE = frozenset(
    (
        *("not", "if", "then", "else", "dependentRequired", "dependentSchemas", "dependencies"),
        *("patternProperties", "propertyNames", "contains", "minContains", "maxContains"),
        *("multipleOf", "$dynamicRef", "$recursiveRef"),
    )
)
_KNOWN = frozenset(
    {*_GENERAL, *(key for keys in _OF_KIND.values() for key in keys), *_SILENT, *_UNENFORCEABLE}
) | {"uniqueItems", "additionalItems"}


@dataclass(frozen=True, slots=True)
class Part:
    """A schema at its place in the document; what False allows, ``never``, is nothing."""

    schema: Mapping[str, Any]
    pointer: str
    never: bool = False


Joined = tuple[Part, ...]
"""Parts that a value has to satisfy all together."""


def invalid(pointer: str, words: str) -> SchemaError:
    """The document is no JSON Schema."""
    return SchemaError(
        _("This is no valid JSON Schema: {what} (at {place}).").format(what=words, place=pointer),
        _("Mend the schema and try again."),
    )


def unenforceable(pointer: str, words: str) -> SchemaError:
    """A valid schema asks for what a grammar cannot promise."""
    return SchemaError(
        _("The schema asks for what cannot be enforced: {what} (at {place}).").format(
            what=words, place=pointer
        ),
        _("Leave that part out, or put it another way."),
    )


class Reader:
    """Reads one document."""

    def __init__(self, root: object) -> None:
        """Raises SchemaError where ``root`` is no schema at all."""
        if isinstance(root, Mapping) and root and not any(key in _KNOWN for key in root):
            raise invalid("#", _("none of its keys is a keyword of JSON Schema"))
        self._root = root
        self._checked: set[str] = set()
        self.root: Joined = (part_at(root, "#"),)

    def alternatives(self, joined: Joined) -> list[Joined]:
        """What values may be, one alternative after the other, without references and unions."""
        todo: list[tuple[Joined, Mapping[str, frozenset[str]]]] = [(self._plain(joined), {})]
        done: list[Joined] = []
        while todo:
            parts, taken = todo.pop()  # the unions that were decided, and what each brought
            union = next(
                (
                    (part, key)
                    for part in parts
                    for key in ("anyOf", "oneOf")
                    if key in part.schema and f"{part.pointer}/{key}" not in taken
                ),
                None,
            )
            if union is None:
                done += [] if any(part.never for part in parts) else [parts]
                continue
            part, key = union
            place = f"{part.pointer}/{key}"
            around = _around(part.pointer, taken)
            for option in reversed(options(part, key)):
                more = self._plain((option,))
                if any(one.pointer in {*around, part.pointer} for one in more):
                    raise invalid(place, _("an option leads back to where it stands"))
                reached = frozenset(one.pointer for one in more)
                todo.append((self._plain((*parts, *more)), {**taken, place: reached}))
            if len(todo) + len(done) > MAX_ALTERNATIVES:
                raise unenforceable(
                    part.pointer, _("more than {n} alternatives").format(n=MAX_ALTERNATIVES)
                )
        return done

    def _plain(self, joined: Joined) -> Joined:
        """The parts with all that they refer to and all that allOf adds, each once."""
        todo = [(part, frozenset[str]()) for part in reversed(joined)]
        found = dict[str, Part]()
        while todo:
            part, around = todo.pop()
            if part.pointer in around:
                raise invalid(part.pointer, _("it leads back to itself"))
            if part.pointer in found:
                continue
            if part.pointer not in self._checked:
                check(part)
                self._checked.add(part.pointer)
            found[part.pointer] = part
            within = around | {part.pointer}
            todo += [(one, within) for one in reversed(options(part, "allOf"))]
            if "$ref" in part.schema:
                todo.append((self._target(part), within))
            if len(found) > MAX_PARTS:
                raise unenforceable(
                    part.pointer, _("more than {n} parts in one").format(n=MAX_PARTS)
                )
        return tuple(found.values())

    def _target(self, part: Part) -> Part:
        """What the reference of ``part`` leads to, through references that are all it says."""
        seen = {part.pointer}
        while True:
            reference, where = part.schema["$ref"], f"{part.pointer}/$ref"
            if reference != "#" and not reference.startswith("#/"):
                raise unenforceable(
                    where,
                    _("only references that begin with {begin}, not {reference}").format(
                        begin="#/", reference=f"{reference!r:.60}"
                    ),
                )
            found = self._root
            for step in reference.split("/")[1:]:
                key = step.replace("~1", "/").replace("~0", "~")
                if isinstance(found, list) and key.isdecimal() and int(key) < len(found):
                    found = found[int(key)]
                elif isinstance(found, Mapping) and key in found:
                    found = found[key]
                else:
                    gone = _("{reference} leads nowhere").format(reference=f"{reference!r:.60}")
                    raise invalid(where, gone)
            part = part_at(found, reference)
            if part.pointer in seen:
                raise invalid(where, _("the reference leads back to itself"))
            if set(part.schema) != {"$ref"}:
                return part
            check(part)
            seen.add(part.pointer)


def _around(pointer: str, taken: Mapping[str, frozenset[str]]) -> set[str]:
    """The owners of the unions that brought this part, and of those that brought them."""
    found: set[str] = set()
    todo = [pointer]
    while todo:
        here = todo.pop()
        for place, brought in taken.items():
            owner = place.rpartition("/")[0]
            if here in brought and owner not in found:
                found.add(owner)
                todo.append(owner)
    return found


def part_at(schema: object, pointer: str) -> Part:
    """A schema found in a document; SchemaError where it is none."""
    if isinstance(schema, bool):
        return Part({}, pointer, never=not schema)
    if not isinstance(schema, Mapping):
        raise invalid(pointer, _("a schema is an object, true or false"))
    return Part(schema, pointer)


def options(part: Part, key: str) -> list[Part]:
    """The schemas in a list of them."""
    found = part.schema.get(key, ())
    return [part_at(one, f"{part.pointer}/{key}/{at}") for at, one in enumerate(found)]


def check(part: Part) -> None:
    """Raise SchemaError for a keyword with a wrong value, and for one that cannot be enforced."""
    for key, value in part.schema.items():
        where = f"{part.pointer}/{escaped(str(key))}"
        if key in _UNENFORCEABLE and not (key == "multipleOf" and value == 1):
            raise unenforceable(where, f"'{key}'")
        if key == "uniqueItems" and value is True:
            raise unenforceable(where, "'uniqueItems'")
        if words := _wrong(str(key), value):
            raise invalid(where, _("'{key}' has to be {what}").format(key=key, what=words))


def escaped(key: str) -> str:
    """A key as a step of a JSON pointer."""
    return key.replace("~", "~0").replace("/", "~1")


def _wrong(key: str, value: object) -> str:
    """What the value of a keyword should be; empty where it is that."""
    if key == "type":
        kinds = value if isinstance(value, list) and value else [value]
        good = all(isinstance(kind, str) and kind in KINDS for kind in kinds)
        return "" if good else _("one or several of {names}").format(names=", ".join(KINDS))
    if key in ("properties", "$defs", "definitions"):
        return "" if isinstance(value, Mapping) else _("an object")
    if key == "required":
        good = isinstance(value, list) and all(isinstance(one, str) for one in value)
        return "" if good else _("a list of names")
    if key in ("anyOf", "oneOf", "allOf", "prefixItems", "enum"):
        return "" if isinstance(value, list) and value else _("a list that is not empty")
    if key.startswith(("min", "max")) and key not in ("minimum", "maximum"):
        return "" if isinstance(value, int) and not _boolean(value) and value >= 0 else _("a count")
    if key in _OF_KIND["number"]:
        good = isinstance(value, int | float) and not _boolean(value) and abs(value) < 1e300
        return "" if good else _("a number")
    if key in ("$ref", "pattern", "format"):
        return "" if isinstance(value, str) else _("text")
    return ""


def _boolean(value: object) -> bool:
    return isinstance(value, bool)


def kinds(joined: Joined) -> list[str]:
    """The types of values to write for parts without unions, in the order they are named.

    Where no type is named, that of the keywords: a part of what the schema allows.
    """
    named = [types(part) for part in joined if "type" in part.schema]
    if not named:
        keys = {key for part in joined for key in part.schema}
        meant = [kind for kind, own in _OF_KIND.items() if keys.intersection(own)]
        return meant or list(_ANY_KINDS)
    found = named[0]
    for other in named[1:]:
        both = [kind for kind in found if kind in other]
        if "integer" in other and "number" in found:
            both.append("integer")
        if "integer" in found and "number" in other and "integer" not in both:
            both.append("integer")
        found = list(dict.fromkeys(both))
    return [kind for kind in found if not (kind == "integer" and "number" in found)]


def types(part: Part) -> list[str]:
    """The types that a part names."""
    named = part.schema["type"]
    return list(named) if isinstance(named, list) else [named]


def values(joined: Joined) -> list[Any] | None:
    """The values that enum and const leave, None where there is neither."""
    lists = [
        (part, [part.schema["const"]] if key == "const" else part.schema["enum"])
        for part in joined
        for key in ("const", "enum")
        if key in part.schema
    ]
    if not lists:
        return None
    first, *others = (found for _, found in lists)
    left = [one for one in first if all(any(same(one, two) for two in other) for other in others)]
    for part in joined:
        for key in part.schema:
            if key not in (*_GENERAL, *_SILENT) and key in _KNOWN:
                left = [one for one in left if _obeys(one, key, part)]
    return [one for one in left if all(_typed(one, types(p)) for p in joined if "type" in p.schema)]


def same(left: object, right: object) -> bool:
    """Whether two values are one to JSON: 1 and 1.0 are, 1 and true are not."""
    if _boolean(left) or _boolean(right):
        return left is right
    if isinstance(left, int | float) and isinstance(right, int | float):
        return left == right
    return type(left) is type(right) and _text(left) == _text(right)


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True)


def kind_of(value: object) -> str:
    """The JSON type of a value; an integer for a whole number."""
    if value is None:
        return "null"
    if _boolean(value):
        return "boolean"
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        return "integer"
    if isinstance(value, float):
        return "number"
    names: dict[type, str] = {str: "string", list: "array", dict: "object"}
    return names.get(type(value), "")


def _typed(value: object, allowed: Iterable[str]) -> bool:
    kind = kind_of(value)
    return kind in allowed or (kind == "integer" and "number" in allowed)


def _obeys(value: object, key: str, part: Part) -> bool:
    """Whether a listed value satisfies another keyword beside the list."""
    limit, kind = part.schema[key], kind_of(value)
    if isinstance(value, str) and key in ("minLength", "maxLength"):
        return bool(len(value) >= limit if key == "minLength" else len(value) <= limit)
    if isinstance(value, int | float) and not _boolean(value) and key in _OF_KIND["number"]:
        compared: dict[str, bool] = {
            "minimum": value >= limit,
            "exclusiveMinimum": value > limit,
            "maximum": value <= limit,
            "exclusiveMaximum": value < limit,
        }
        return compared[key]
    if key in _OF_KIND.get(kind, ()):
        raise unenforceable(
            f"{part.pointer}/{key}", _("'{key}' beside a list of values").format(key=key)
        )
    return True
