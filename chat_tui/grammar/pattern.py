"""Regular expressions of ``pattern``, as far as a grammar can follow them.

Knows the common core of ECMA-262 and Python: literals, classes, groups, alternatives, counted
repetition, anchors at the ends. Look-around, back-references, word boundaries and properties of
characters are refused. What is written matches the whole string, anchored or not: a part of
what the pattern allows, which any validator accepts. Each character is written as JSON has it.
"""

from __future__ import annotations

from dataclasses import dataclass

from chat_tui.grammar.rules import Rules, characters, either, literal
from chat_tui.language import _

MAX_REPEAT = 10_000
MAX_DEPTH = 20
_TOP = 0x10FFFF

Ranges = list[tuple[int, int]]

_CLASSES: dict[str, Ranges] = {
    "d": [(48, 57)],
    "w": [(48, 57), (65, 90), (95, 95), (97, 122)],
    "s": [(9, 10), (13, 13), (32, 32)],
}
_CONTROLS = {"n": 10, "t": 9, "r": 13, "f": 12, "v": 11}
_ASCII: Ranges = [(32, 126)]
_DOT: Ranges = [(9, 9), (32, 0x84), (0x86, 0x2027), (0x202A, 0xD7FF), (0xE000, _TOP)]
_ALL: Ranges = [(9, 10), (13, 13), (32, 0xD7FF), (0xE000, _TOP)]


class Unsupported(Exception):
    """What in the pattern cannot be followed."""


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    empty: bool
    """Whether it can match nothing."""


def pattern(source: str, rules: Rules) -> str:
    """The inside of a JSON string that matches; Unsupported says what cannot be followed."""
    parser = _Parser(source, rules)
    piece = parser.alternatives(0)
    if parser.at < len(source):
        raise Unsupported(_("a closing bracket without its opening one"))
    return piece.text


class _Parser:
    """Recursive descent over one pattern."""

    def __init__(self, source: str, rules: Rules) -> None:
        self.at = 0
        self._source = source
        self._rules = rules

    def alternatives(self, depth: int) -> _Piece:
        """Up to the end or the bracket that closes."""
        if depth > MAX_DEPTH:
            raise Unsupported(_("brackets nested too deeply"))
        options = [self._sequence(depth)]
        while self._take("|"):
            options.append(self._sequence(depth))
        text = either([option.text for option in options])
        return _Piece(text, any(option.empty for option in options))

    def _sequence(self, depth: int) -> _Piece:
        found: list[_Piece] = []
        if self._peek() == "^" and depth == 0:
            self.at += 1
        while (char := self._peek()) not in ("", "|", ")"):
            if char == "$":
                self.at += 1
                if depth or self._peek() not in ("", "|"):
                    raise Unsupported(_("$ in the middle"))
                break
            found.append(self._repeated(self._atom(depth)))
        text = " ".join(piece.text for piece in found if piece.text)
        return _Piece(text, all(piece.empty for piece in found))

    def _atom(self, depth: int) -> _Piece:
        char = self._next()
        if char == "(":
            if self._take("?") and not self._take(":"):
                raise Unsupported(_("look-around or a named group"))
            inside = self.alternatives(depth + 1)
            if not self._take(")"):
                raise Unsupported(_("a bracket that is not closed"))
            return inside
        if char == "[":
            return _Piece(_written(self._class()), False)
        if char == ".":
            return _Piece(_written(_DOT), False)
        if char == "\\":
            return _Piece(_written(self._escape()), False)
        if char in "^*+?{":
            raise Unsupported(_("{char} where it has nothing to act on").format(char=char))
        return _Piece(_written([(ord(char), ord(char))]), False)

    def _repeated(self, piece: _Piece) -> _Piece:
        low, high = self._quantifier()
        if (low, high) == (1, 1):
            return piece
        if self._peek() == "?":
            self.at += 1  # a lazy one matches the same texts
        if piece.empty:
            raise Unsupported(_("repetition of what can be empty"))
        if self._quantifier() != (1, 1):
            raise Unsupported(_("repetition of a repetition"))
        return _Piece(self._rules.repeat(piece.text, low, high), low == 0)

    def _quantifier(self) -> tuple[int, int | None]:
        char = self._peek()
        if char in ("*", "+", "?"):
            self.at += 1
            return {"*": (0, None), "+": (1, None), "?": (0, 1)}[char]
        if char != "{":
            return 1, 1
        end = self._source.find("}", self.at)
        low, comma, high = self._source[self.at + 1 : end].partition(",")
        if end < 0 or not low.isdecimal() or not (high.isdecimal() or not high):
            raise Unsupported(_("a {brace} that begins no count").format(brace="{"))
        self.at = end + 1
        least = int(low)
        most = int(high) if high else None if comma else least
        if max(least, most or 0) > MAX_REPEAT or (most is not None and most < least):
            raise Unsupported(_("a count that is upside down or beyond {n:,}").format(n=MAX_REPEAT))
        return least, most

    def _class(self) -> Ranges:
        negated = self._take("^")
        found: Ranges = []
        escaped = False
        while not self._take("]"):
            low = self._member()
            escaped |= len(low) > 1 or low[0][0] != low[0][1]
            if self._peek() == "-" and self._source[self.at + 1 : self.at + 2] != "]":
                self.at += 1
                high = self._member()
                if escaped or len(high) > 1 or high[0][1] < low[0][0]:
                    raise Unsupported(_("a range of characters without two ends"))
                low = [(low[0][0], high[0][1])]
            found += low
        if not negated:
            return found
        # What \w and the like leave out differs beyond ASCII from one validator to the next.
        return _without(_ASCII if escaped else _ALL, found)

    def _member(self) -> Ranges:
        char = self._next()
        return self._escape() if char == "\\" else [(ord(char), ord(char))]

    def _escape(self) -> Ranges:
        char = self._next()
        if char in _CLASSES:
            return _CLASSES[char]
        if char.lower() in _CLASSES:
            return _without(_ASCII, _CLASSES[char.lower()])
        if char in _CONTROLS:
            return [(_CONTROLS[char],) * 2]
        if char in ("x", "u"):
            digits = self._source[self.at : self.at + (2 if char == "x" else 4)]
            self.at += len(digits)
            try:
                code = int(digits, 16)
            except ValueError:
                raise Unsupported(
                    _("{escape} without its digits").format(escape=f"\\{char}")
                ) from None
            if 0xD800 <= code < 0xE000:
                raise Unsupported(_("half of a surrogate pair"))
            return [(code, code)]
        if char.isalnum():
            raise Unsupported(f"\\{char}")
        return [(ord(char), ord(char))]

    def _peek(self) -> str:
        return self._source[self.at : self.at + 1]

    def _take(self, char: str) -> bool:
        if self._peek() != char:
            return False
        self.at += 1
        return True

    def _next(self) -> str:
        char = self._peek()
        if not char:
            raise Unsupported(_("an end in the middle of something"))
        self.at += 1
        return char


def _without(ranges: Ranges, others: Ranges) -> Ranges:
    """The code points of ``ranges`` that are in none of ``others``."""
    for low, high in others:
        left: Ranges = []
        for begin, end in ranges:
            left += [(begin, min(end, low - 1))] if begin < low else []
            left += [(max(begin, high + 1), end)] if end > high else []
        ranges = left
    return ranges


_ESCAPED: Ranges = [(0, 31), (34, 34), (92, 92), (127, 127), (0xD800, 0xDFFF)]
_SHORT = {8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r", 34: '\\"', 92: "\\\\"}


def _written(ranges: Ranges) -> str:
    """One character of these, as it stands in a JSON string."""
    options = []
    if plain := _without(ranges, _ESCAPED):
        options.append(characters(*plain))
    codes = [code for code in _SHORT if any(low <= code <= high for low, high in ranges)]
    options += [literal(_SHORT[code]) for code in codes]
    if not options:
        raise Unsupported(_("a class without characters that a text may have"))
    return either(options)
