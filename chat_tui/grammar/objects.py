"""What the parts of an object schema say of its members, put together.

Knows schemas as ``schema`` reads them. A member is allowed where every part allows it: by name,
or by what the part says of all others.
"""

from __future__ import annotations

from dataclasses import dataclass

from chat_tui.grammar.rules import Rules, characters, either, literal
from chat_tui.grammar.schema import Joined, Part, escaped, part_at, unenforceable
from chat_tui.language import _

_KEYS = ("properties", "required", "additionalProperties", "minProperties", "maxProperties")


@dataclass(frozen=True, slots=True)
class Object:
    """An object's members."""

    properties: dict[str, Joined]
    """Named members, in the order they are written."""
    required: frozenset[str]
    extra: Joined | None
    """What all other members have to be; None where there may be none."""
    least: int
    most: int | None
    impossible: bool = False


def object_of(parts: Joined) -> Object | None:
    """The members that parts without unions ask for; None where any object will do."""
    saying = [part for part in parts if any(key in part.schema for key in _KEYS)]
    if not saying:
        return None
    names = dict.fromkeys(
        [key for part in saying for key in part.schema.get("properties", {})]
        + [key for part in saying for key in part.schema.get("required", ())]
    )
    required = frozenset(key for part in saying for key in part.schema.get("required", ()))
    properties: dict[str, Joined] = {}
    impossible = False
    for key in names:
        joined = tuple(_member(part, key) for part in saying)
        if any(part.never for part in joined):
            impossible |= key in required
        else:
            properties[key] = joined
    least = max(part.schema.get("minProperties", 0) for part in saying)
    limits = [p.schema["maxProperties"] for p in saying if "maxProperties" in p.schema]
    extra = _extra(saying)
    shape = Object(properties, required, extra, least, min(limits) if limits else None, impossible)
    _check_counts(shape, saying)
    return shape


def _member(part: Part, key: str) -> Part:
    """What one part says of a member."""
    properties = part.schema.get("properties", {})
    if key in properties:
        return part_at(properties[key], f"{part.pointer}/properties/{escaped(key)}")
    return _additional(part)


def _additional(part: Part) -> Part:
    others = part.schema.get("additionalProperties", True)
    return part_at(others, f"{part.pointer}/additionalProperties")


def _extra(saying: list[Part]) -> Joined | None:
    """What unnamed members have to be: none, unless a part wants them or no part names any."""
    wanted = [part for part in saying if part.schema.get("additionalProperties") is not None]
    named = any(part.schema.get("properties") for part in saying)
    joined = tuple(_additional(part) for part in saying)
    if any(part.never for part in joined) or (named and not wanted):
        return None
    return joined


def _check_counts(shape: Object, saying: list[Part]) -> None:
    """Counts are kept where the names alone keep them, or where there are no names."""
    most, where = shape.most, saying[0].pointer
    sure = len(shape.required)
    if shape.least > max(sure, 1 if not shape.required else 0):
        raise unenforceable(where, _("'minProperties' of {n}").format(n=shape.least))
    if most is not None and len(shape.properties) > most:
        raise unenforceable(
            where, _("'maxProperties' of {n} below the number of properties").format(n=most)
        )


def excluded_key(names: list[str], rules: Rules) -> str:
    """A rule for keys of plain characters that are none of ``names``."""
    return rules.named(f'"\\"" {_unlike(names, rules)} "\\""')


def _unlike(names: list[str], rules: Rules) -> str:
    """Text that is none of these; what one of them begins with may go on otherwise."""
    any_text = f"{characters((0, 31), (34, 34), (92, 92), (127, 127), negated=True)}*"
    starts: dict[str, list[str]] = {}
    for name in names:
        if name:
            starts.setdefault(name[0], []).append(name[1:])
    stops = [(ord(char), ord(char)) for char in starts]
    other = characters((0, 31), (34, 34), (92, 92), (127, 127), *stops, negated=True)
    ways = [f"{other} {any_text}"] + ([] if "" in names else [""])
    for char, rests in starts.items():
        if char.isprintable() and char not in '"\\\x7f':
            ways.append(f"{literal(char)} {rules.named(_unlike(rests, rules))}")
    return either(ways)
