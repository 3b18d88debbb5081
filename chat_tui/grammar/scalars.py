"""Strings, numbers, true, false and null, within the bounds that a schema gives.

Knows schemas as ``schema`` reads them and rules as ``rules`` writes them.
"""

from __future__ import annotations

from typing import Any

from chat_tui.grammar import numbers
from chat_tui.grammar.pattern import Unsupported, pattern
from chat_tui.grammar.rules import Rules, either
from chat_tui.grammar.schema import Joined, Part, unenforceable
from chat_tui.language import _

MAX_LENGTH = 1_000_000
NUMBER = numbers.NUMBER
CHARACTER = (
    r'[^"\\\x00-\x1f\x7f] | "\\" (["\\/bfnrt] | "u" ([0-9a-cA-CefEF] [0-9a-fA-F]{3}'
    r" | [dD] [0-7] [0-9a-fA-F]{2}))"
)
"""One character of a string; never half of a surrogate pair, which no validator counts alike."""

_DAY = (
    r"[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
    r"|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))"
)
_TIME = (
    r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,6})?"
    r"(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
_BYTE = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?"
FORMATS = {
    "date": _DAY,
    "time": _TIME,
    "date-time": f"{_DAY}T{_TIME}",
    "uuid": r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    "ipv4": rf"{_BYTE}\.{_BYTE}\.{_BYTE}\.{_BYTE}",
    "hostname": rf"{_LABEL}(?:\.{_LABEL}){{0,5}}",
    "email": rf"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+){{0,5}}@{_LABEL}(?:\.{_LABEL}){{1,5}}",
    "uri": r"https?://[a-z0-9][a-z0-9.-]{0,100}(?:/[A-Za-z0-9._~/?=&%#+-]{0,500})?",
}
"""Formats that are kept; any other is a remark, as JSON Schema has it."""


def scalar(kind: str, parts: Joined, rules: Rules) -> str | None:
    """How values of a simple type are written; None where the bounds leave none."""
    if kind == "string":
        return _string(parts, rules)
    if kind == "boolean":
        return '"true" | "false"'
    if kind == "null":
        return '"null"'
    return _number(kind, parts)


def _string(parts: Joined, rules: Rules) -> str | None:
    shapes = [(part, key) for part in parts for key in ("pattern", "format") if key in part.schema]
    shapes = [(part, key) for part, key in shapes if _regex(part, key) is not None]
    shapes = list({_regex(part, key): (part, key) for part, key in shapes}.values())
    low = max((part.schema.get("minLength", 0) for part in parts), default=0)
    limits = [part.schema["maxLength"] for part in parts if "maxLength" in part.schema]
    high = min(limits) if limits else None
    where = next((p.pointer for p in parts if {"minLength", "maxLength"} & p.schema.keys()), "#")
    if high is not None and low > high:
        return None
    if max(low, high or 0) > MAX_LENGTH:
        raise unenforceable(where, _("a string of more than {n:,} characters").format(n=MAX_LENGTH))
    if not shapes:
        if not low and high is None:
            return "string"
        return f'"\\"" {rules.repeat("char", low, high)} "\\""'
    part, key = shapes[0]
    place = f"{part.pointer}/{key}"
    if len(shapes) > 1:
        raise unenforceable(place, _("several patterns or formats for one string"))
    if low > 0 or high is not None:
        raise unenforceable(
            place, _("'{key}' together with 'minLength' or 'maxLength'").format(key=key)
        )
    try:
        return f'"\\"" {pattern(_regex(part, key) or "", rules)} "\\""'
    except Unsupported as error:
        raise unenforceable(place, str(error)) from None


def _regex(part: Part, key: str) -> str | None:
    found: str = part.schema[key]
    return found if key == "pattern" else FORMATS.get(found)


def _number(kind: str, parts: Joined) -> str | None:
    low = _bound(parts, "minimum", "exclusiveMinimum", max)
    high = _bound(parts, "maximum", "exclusiveMaximum", min)
    if low is None and high is None:
        return numbers.INTEGER if kind == "integer" else "number"
    if kind == "integer":
        ways = numbers.integers(_inward(low, 1), _inward(high, -1))
        return either(ways) if ways else None
    for bound in (low, high):
        if bound is not None and (
            not float(bound[0]).is_integer() or abs(bound[0]) >= 10 ** (numbers.DIGITS - 1)
        ):
            raise unenforceable(
                bound[2], _("a bound of a number that is no integer, or a huge one")
            )
    least, most = (None if bound is None else int(bound[0]) for bound in (low, high))
    if least is not None and most is not None and least > most:
        return None
    found = numbers.decimals(
        least, most, above=low is not None and low[1], below=high is not None and high[1]
    )
    return either(found) if found else None


_Bound = tuple[Any, bool, str]
"""The number, whether it is left out itself, and where it stands."""


def _bound(parts: Joined, inclusive: str, exclusive: str, pick: Any) -> _Bound | None:
    """The tightest of several bounds."""
    found: list[_Bound] = [
        (part.schema[key], key == exclusive, f"{part.pointer}/{key}")
        for part in parts
        for key in (inclusive, exclusive)
        if key in part.schema
    ]
    if not found:
        return None
    tight = pick(bound[0] for bound in found)
    here = [bound for bound in found if bound[0] == tight]
    return next((bound for bound in here if bound[1]), here[0])


def _inward(bound: _Bound | None, step: int) -> int | None:
    """The outermost integer inside a bound."""
    if bound is None:
        return None
    value, left_out, _ = bound
    whole = int(value // 1)
    if whole == value:
        return whole + step if left_out else whole
    return whole + 1 if step > 0 else whole
