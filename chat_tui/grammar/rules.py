"""A book of grammar rules, and how text, sets of characters and repetition are written in it.

Knows GBNF; must not know JSON Schema. Bounded: a schema that multiplies without end fills the
book and is refused, it does not hang anybody.
"""

from __future__ import annotations

MAX_RULES = 4_000
MAX_TEXT = 400_000
CHUNK = 64
"""Longer repetitions are built of pieces of this length: llama.cpp unrolls what it repeats."""


class BookFull(Exception):
    """The grammar would be larger than any sensible one."""


class Rules:
    """Rules by name; a body that was written before gets the name it has."""

    def __init__(self) -> None:
        self._bodies: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._size = 0

    def define(self, name: str, body: str) -> str:
        """Write a rule down; BookFull where that is one too many."""
        self._bodies[name] = body
        self._size += len(body) + len(name) + 6
        if len(self._bodies) > MAX_RULES or self._size > MAX_TEXT:
            raise BookFull
        return name

    def named(self, body: str) -> str:
        """The name of a rule with this body."""
        if body not in self._names:
            self._names[body] = self.define(f"r{len(self._names)}", body)
        return self._names[body]

    def text(self) -> str:
        """The whole grammar."""
        return "".join(f"{name} ::= {body}\n" for name, body in self._bodies.items())

    def repeat(self, item: str, low: int, high: int | None) -> str:
        """``item`` (not empty) at least ``low`` and at most ``high`` times; None has no limit."""
        atom = self.named(item)
        if high is None:
            return _joined(self._exactly(atom, low), f"{atom}*")
        return _joined(self._exactly(atom, low), self._up_to(atom, high - low))

    def _exactly(self, atom: str, count: int) -> str:
        if count <= CHUNK:
            return f"{atom}{{{count}}}" if count else ""
        chunk = self.named(f"{atom}{{{CHUNK}}}")
        rest = self._exactly(atom, count % CHUNK)
        return _joined(self._exactly(chunk, count // CHUNK), rest)

    def _up_to(self, atom: str, count: int) -> str:
        if count <= CHUNK:
            return f"{atom}{{0,{count}}}" if count else ""
        chunk = self.named(f"{atom}{{{CHUNK}}}")
        full, rest = divmod(count, CHUNK)
        fewer = _joined(self._up_to(chunk, full - 1), f"{atom}{{0,{CHUNK - 1}}}")
        return f"( {fewer} | {_joined(self._exactly(chunk, full), self._up_to(atom, rest))} )"


def _joined(*parts: str) -> str:
    return " ".join(filter(None, parts))


def either(options: list[str]) -> str:
    """One of several, each once, in a group of their own."""
    different = list(dict.fromkeys(options))
    return different[0] if len(different) == 1 else f"( {' | '.join(different)} )"


def literal(text: str) -> str:
    """Exactly this text."""
    return '"' + "".join(map(_character, text)) + '"' if text else ""


def characters(*ranges: tuple[int, int], negated: bool = False) -> str:
    """One character out of (or, negated, outside) ranges of code points, both ends included."""
    inside = "".join(
        _character(chr(low)) if low == high else f"{_character(chr(low))}-{_character(chr(high))}"
        for low, high in ranges
    )
    return f"[{'^' if negated else ''}{inside}]"


def _character(one: str) -> str:
    code = ord(one)
    if one.isascii() and one.isalnum():
        return one
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
