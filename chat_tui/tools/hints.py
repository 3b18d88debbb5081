"""Python functions as a model is told of them: type hints and docstrings to JSON Schema.

Knows ``typing``; runs beside the user's own code, in its process, and imports nothing heavy.
What a model cannot be told of is an error that names the function and the parameter.
"""

from __future__ import annotations

import enum
import inspect
import re
import types
import typing
from collections.abc import Callable
from typing import Any

from chat_tui.language import _

_PLAIN: dict[Any, str] = {
    str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null",
}  # fmt: skip
_SECTION = re.compile(r"^(?:Args|Arguments|Parameters):\s*$")
_ENTRY = re.compile(r"^(\w+)\s*(?:\([^)]*\))?\s*:\s*(.*)$")
_FIELD = re.compile(r"^:param\s+(?:[^:]*\s)?(\w+)\s*:\s*(.*)$")
_OTHER_SECTION = re.compile(r"^(?:Returns|Raises|Yields|Examples?|Notes?):\s*$")
SUPPORTED = (
    "str, int, float, bool, None, list[…], dict[str, …], Literal, Enum, TypedDict, Optional, "
    "unions and Annotated[…, 'description']"
)


class UnsupportedHint(TypeError):
    """A function that a model cannot be told of; says why in words for its author."""


def described(function: Callable[..., Any]) -> dict[str, Any]:
    """``name``, ``description`` and ``parameters`` (a JSON Schema) of ``function``."""
    name = function.__name__
    try:
        hints = typing.get_type_hints(function, include_extras=True)
    except Exception as error:
        raise UnsupportedHint(
            _("The type hints of {name} cannot be read: {error}.").format(name=name, error=error)
        ) from error
    text, notes = _docstring(inspect.getdoc(function) or "")
    properties: dict[str, Any] = {}
    required = []
    for parameter in inspect.signature(function).parameters.values():
        where = f"{name}({parameter.name})"
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise UnsupportedHint(
                _("{place}: * and ** cannot be told to a model.").format(place=where)
            )
        if parameter.kind is parameter.POSITIONAL_ONLY:
            raise UnsupportedHint(
                _("{place}: a model gives names, so / is not possible.").format(place=where)
            )
        if parameter.name not in hints:
            untold = _("{place} has no type hint. Supported are {types}.")
            raise UnsupportedHint(untold.format(place=where, types=SUPPORTED))
        schema = schema_of(hints[parameter.name], where)
        if parameter.name in notes and "description" not in schema:
            schema["description"] = notes[parameter.name]
        if parameter.default is parameter.empty:
            required.append(parameter.name)
        else:
            schema |= _default(parameter.default)
        properties[parameter.name] = schema
    parameters = {"type": "object", "properties": properties, "required": required}
    return {"name": name, "description": text, "parameters": parameters if properties else None}


def schema_of(hint: Any, where: str) -> dict[str, Any]:
    """The JSON Schema of a type hint; UnsupportedHint names ``where`` and what is possible."""
    if hint in _PLAIN:
        return {"type": _PLAIN[hint]}
    if hint is Any:
        return {}
    if hint in (list, dict):
        return {"type": "array" if hint is list else "object"}
    origin, words = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        schema = schema_of(words[0], where)
        notes = [word for word in words[1:] if isinstance(word, str)]
        return {**schema, "description": notes[0]} if notes else schema
    if origin is typing.Literal and all(type(word) in _PLAIN for word in words):
        return {"enum": list(words)} | _common_type(words)
    if origin is list and words:
        return {"type": "array", "items": schema_of(words[0], where)}
    if origin is dict and words and words[0] is str:
        return {"type": "object", "additionalProperties": schema_of(words[1], where)}
    if origin in (typing.Union, types.UnionType):
        return {"anyOf": [schema_of(word, where) for word in words]}
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        values = [member.value for member in hint]
        if all(type(value) in _PLAIN for value in values):
            return {"enum": values} | _common_type(values)
    if typing.is_typeddict(hint):
        inner = typing.get_type_hints(hint, include_extras=True)
        return {
            "type": "object",
            "properties": {key: schema_of(each, f"{where}.{key}") for key, each in inner.items()},
            "required": sorted(hint.__required_keys__),
        }
    shown = getattr(hint, "__name__", None) or str(hint)
    raise UnsupportedHint(
        _("{place}: {type} cannot be told to a model. Supported are {types}.").format(
            place=where, type=shown, types=SUPPORTED
        )
    )


def converted(hint: Any, value: Any, where: str) -> Any:
    """A value of JSON as ``hint`` wants it; ValueError in words for the model where it differs."""
    origin, words = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return converted(words[0], value, where)
    if origin in (typing.Union, types.UnionType):
        for word in words:
            try:
                return converted(word, value, where)
            except ValueError:
                continue
        raise ValueError(f"{where} cannot be {value!r}.")
    if hint is float and type(value) is int:
        return float(value)
    if hint in _PLAIN and type(value) is not hint:
        raise ValueError(f"{where} should be of type {_PLAIN[hint]}.")
    if origin is typing.Literal and value not in words:
        raise ValueError(f"{where} should be one of {', '.join(map(repr, words))}.")
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        try:
            return hint(value)
        except ValueError as error:
            choices = ", ".join(repr(member.value) for member in hint)
            raise ValueError(f"{where} should be one of {choices}.") from error
    if (hint is list or origin is list) and not isinstance(value, list):
        raise ValueError(f"{where} should be a list.")
    if (hint is dict or origin is dict or typing.is_typeddict(hint)) and type(value) is not dict:
        raise ValueError(f"{where} should be an object.")
    if origin is list:
        return [converted(words[0], each, f"{where}[{at}]") for at, each in enumerate(value)]
    if origin is dict:
        return {key: converted(words[1], each, f"{where}.{key}") for key, each in value.items()}
    return value


def called(function: Callable[..., Any], arguments: dict[str, Any]) -> Any:
    """Call ``function`` with what a model gave; ValueError where that does not fit it."""
    hints = typing.get_type_hints(function, include_extras=True)
    known = inspect.signature(function).parameters
    for name in arguments:
        if name not in known:
            raise ValueError(f"There is no argument {name}. There are: {', '.join(known)}.")
    for name, parameter in known.items():
        if parameter.default is parameter.empty and name not in arguments:
            raise ValueError(f"The argument {name} is missing.")
    given = {name: converted(hints[name], value, name) for name, value in arguments.items()}
    return function(**given)


def _default(value: Any) -> dict[str, Any]:
    if isinstance(value, enum.Enum):
        value = value.value
    return {"default": value} if type(value) in _PLAIN else {}


def _common_type(values: Any) -> dict[str, Any]:
    kinds = {type(value) for value in values}
    return {"type": _PLAIN[kinds.pop()]} if len(kinds) == 1 else {}


def _docstring(text: str) -> tuple[str, dict[str, str]]:
    """What a docstring says before its sections, and what it says of each parameter."""
    told: list[str] = []
    notes: dict[str, str] = {}
    in_arguments, last, before = False, "", True
    for line in text.splitlines():
        bare = line.strip()
        if field := _FIELD.match(bare):
            notes[field[1]], before = field[2], False
        elif _SECTION.match(bare):
            in_arguments, before, last = True, False, ""
        elif _OTHER_SECTION.match(bare) or bare.startswith(":"):
            in_arguments, before = False, False
        elif in_arguments and bare and (entry := _ENTRY.match(bare)):
            last = entry[1]
            notes[last] = entry[2]
        elif in_arguments and bare and last:
            notes[last] = f"{notes[last]} {bare}".strip()
        elif before:
            told.append(line)
    return "\n".join(told).strip(), notes
