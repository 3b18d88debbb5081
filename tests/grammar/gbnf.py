"""A reader of GBNF that makes texts at random: what a grammar lets through, without a model.

Independent of the code that writes grammars, and of llama.cpp.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

_WORD = re.compile(r"[a-zA-Z0-9-]+")
_COUNT = re.compile(r"\{(\d+)(,?)(\d*)\}")
_ENDLESS = 10**6


@dataclass
class Text:
    text: str


@dataclass
class Chars:
    ranges: list[tuple[int, int]]
    negated: bool


@dataclass
class Ref:
    name: str


@dataclass
class Repeat:
    item: object
    low: int
    high: int | None


@dataclass
class Choice:
    ways: list[list[object]]


class Grammar:
    """A parsed grammar; ``sample`` makes a text of it."""

    def __init__(self, source: str) -> None:
        self.rules: dict[str, Choice] = {}
        for line in source.splitlines():
            name, _, body = line.partition(" ::= ")
            parser = _Parser(body)
            self.rules[name] = parser.choice()
            assert parser.rest() == "", f"{name}: {parser.rest()!r} is left"
        self._heights = dict.fromkeys(self.rules, _ENDLESS)
        changed = True
        while changed:
            new = {name: self._height(rule) + 1 for name, rule in self.rules.items()}
            changed = new != self._heights
            self._heights = new

    def sample(self, rng: random.Random, size: int = 60) -> str:
        """A text; after ``size`` pieces the shortest way to the end is taken."""
        found: list[str] = []
        self._write(Ref("root"), rng, found, size)
        return "".join(found)

    def _height(self, node: object) -> int:
        match node:
            case Ref(name):
                return self._heights[name]
            case Choice(ways):
                return min(max((self._height(one) for one in way), default=0) for way in ways)
            case Repeat(item, low, _):
                return self._height(item) if low else 0
        return 0

    def _write(self, node: object, rng: random.Random, out: list[str], size: int) -> None:
        short = len(out) > size
        match node:
            case Text(text):
                out.append(text)
            case Chars(ranges, negated):
                out.append(_character(ranges, negated, rng))
            case Ref(name):
                self._write(self.rules[name], rng, out, size)
            case Choice(ways):
                heights = [max((self._height(one) for one in way), default=0) for way in ways]
                best = min(heights)
                open_ways = [
                    w for w, h in zip(ways, heights, strict=True) if h == best or not short
                ]
                for one in rng.choice(open_ways):
                    self._write(one, rng, out, size)
            case Repeat(item, low, high):
                most = low + 3 if high is None else high
                count = low if short else rng.choice([low, rng.randint(low, most), most])
                for _ in range(count):
                    self._write(item, rng, out, size)


def _character(ranges: list[tuple[int, int]], negated: bool, rng: random.Random) -> str:
    if not negated:
        low, high = rng.choice(ranges)
        return chr(rng.choice([low, high, rng.randint(low, high)]))
    while True:
        code = rng.choice([rng.randint(0, 0x7F), rng.randint(0x80, 0x10FFFF)])
        if not 0xD800 <= code < 0xE000 and not any(low <= code <= high for low, high in ranges):
            return chr(code)


class _Parser:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0

    def rest(self) -> str:
        return self.source[self.at :].strip()

    def choice(self) -> Choice:
        ways = [self.sequence()]
        while self.peek() == "|":
            self.at += 1
            ways.append(self.sequence())
        return Choice(ways)

    def sequence(self) -> list[object]:
        found: list[object] = []
        while (char := self.peek()) and char not in "|)":
            item = self.atom(char)
            found.append(self.quantified(item))
        return found

    def atom(self, char: str) -> object:
        if char == '"':
            self.at += 1
            text = ""
            while self.source[self.at] != '"':
                text += chr(self.code())
            self.at += 1
            return Text(text)
        if char == "[":
            return self.chars()
        if char == "(":
            self.at += 1
            inside = self.choice()
            assert self.peek() == ")"
            self.at += 1
            return inside
        name = _WORD.match(self.source, self.at)
        assert name, self.source[self.at :]
        self.at = name.end()
        return Ref(name[0])

    def quantified(self, item: object) -> object:
        rest = self.source[self.at : self.at + 1]
        if rest and rest in "*+?":
            self.at += 1
            low, high = {"*": (0, None), "+": (1, None), "?": (0, 1)}[rest]
            return Repeat(item, low, high)
        if count := _COUNT.match(self.source, self.at):
            self.at = count.end()
            low, comma, most = int(count[1]), count[2], count[3]
            return Repeat(item, low, int(most) if most else None if comma else low)
        return item

    def chars(self) -> Chars:
        self.at += 1
        negated = self.source[self.at] == "^"
        self.at += negated
        ranges = []
        while self.source[self.at] != "]":
            low = high = self.code()
            if self.source[self.at] == "-" and self.source[self.at + 1] != "]":
                self.at += 1
                high = self.code()
            ranges.append((low, high))
        self.at += 1
        return Chars(ranges, negated)

    def code(self) -> int:
        char = self.source[self.at]
        self.at += 1
        if char != "\\":
            return ord(char)
        kind = self.source[self.at]
        self.at += 1
        digits = {"x": 2, "u": 4, "U": 8}.get(kind, 0)
        if digits:
            found = int(self.source[self.at : self.at + digits], 16)
            self.at += digits
            return found
        return {"n": 10, "t": 9, "r": 13}.get(kind) or ord(kind)

    def peek(self) -> str:
        while self.source[self.at : self.at + 1] == " ":
            self.at += 1
        return self.source[self.at : self.at + 1]
