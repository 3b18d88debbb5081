"""What the parts of an array schema say of its items, put together.

Knows schemas as ``schema`` reads them.
"""

from __future__ import annotations

from dataclasses import dataclass

from chat_tui.grammar.schema import Joined, Part, options, part_at, unenforceable
from chat_tui.language import _

MAX_ITEMS = 100_000
ANYTHING = Part({}, "#/true")


@dataclass(frozen=True, slots=True)
class Array:
    """An array's items."""

    first: list[Joined]
    """What the first items have to be, each for itself."""
    others: Joined
    """What every item behind them has to be."""
    least: int
    most: int | None


def array_of(parts: Joined) -> Array | None:
    """The items that parts without unions ask for; None where no array satisfies them."""
    saying = [part for part in parts if {"items", "prefixItems"} & part.schema.keys()]
    rows = [_row(part) for part in saying]
    length = max(map(len, rows), default=0)
    first = [
        tuple(
            row[at] if at < len(row) else _behind(part)
            for part, row in zip(saying, rows, strict=True)
        )
        for at in range(length)
    ]
    others = tuple(_behind(part) for part in saying) or (ANYTHING,)
    least = max((part.schema.get("minItems", 0) for part in parts), default=0)
    limits = [part.schema["maxItems"] for part in parts if "maxItems" in part.schema]
    most = min(limits) if limits else None
    if max(least, most or 0, length) > MAX_ITEMS:
        raise unenforceable(parts[0].pointer, _("more than {n:,} items").format(n=MAX_ITEMS))
    if any(part.never for part in others) or (length and not any(map(_goes_on, saying))):
        most = length if most is None else min(most, length)
    if most is not None and least > most:
        return None
    return Array(first[:most], others, least, most)


def _row(part: Part) -> list[Part]:
    """The first items of a tuple; draft 7 had them in ``items``."""
    if "prefixItems" in part.schema:
        return options(part, "prefixItems")
    return options(part, "items") if isinstance(part.schema["items"], list) else []


def _goes_on(part: Part) -> bool:
    """Whether something is said of the items behind the first; else a tuple ends there."""
    return not isinstance(part.schema.get("items", []), list) or "additionalItems" in part.schema


def _behind(part: Part) -> Part:
    key = "additionalItems" if isinstance(part.schema.get("items"), list) else "items"
    return part_at(part.schema.get(key, True), f"{part.pointer}/{key}")
