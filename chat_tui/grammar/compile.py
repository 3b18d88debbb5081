"""From the meaning of a schema to grammar rules.

Knows schemas as ``schema`` reads them and rules as ``rules`` writes them. Decisions where a schema
leaves room: properties come in the order of ``properties``, optional ones may be left out; an
object with ``properties`` has no others unless ``additionalProperties`` is given; white space is
one blank, or a line break with its indentation.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

from chat_tui.errors import SchemaError
from chat_tui.grammar import scalars
from chat_tui.grammar.arrays import array_of
from chat_tui.grammar.objects import Object, excluded_key, object_of
from chat_tui.grammar.overlap import check_exclusive
from chat_tui.grammar.rules import BookFull, Rules, either, literal
from chat_tui.grammar.schema import (
    Joined,
    Reader,
    kinds,
    options,
    unenforceable,
    values,
)
from chat_tui.language import _

MAX_PROPERTIES = 500

_SHARED = {
    "ws": r'| " " | "\n" " "{0,16}',
    "char": scalars.CHARACTER,
    "string": '"\\"" char* "\\""',
    "number": scalars.NUMBER,
    "object": '"{" ws (member ("," ws member)* ws)? "}"',
    "member": 'string ":" ws value',
    "array": '"[" ws (value ("," ws value)* ws)? "]"',
    "value": 'object | array | string | number | "true" | "false" | "null"',
}
"""Rules that every grammar has: JSON itself."""

ANY_OBJECT = "root ::= object\n" + "".join(f"{k} ::= {v}\n" for k, v in _SHARED.items())
"""The grammar of any JSON object."""


def gbnf(schema: Mapping[str, Any] | bool) -> str:
    """The grammar, from the rule ``root`` on, of values that validate; SchemaError else."""
    compiler = _Compiler(schema)
    try:
        return compiler.grammar()
    except BookFull:
        raise unenforceable("#", _("more than a grammar can hold")) from None


def arguments_gbnf(parameters: Mapping[str, Any] | None) -> str | None:
    """The grammar of a function's arguments; any object where its schema cannot be enforced.

    None where the arguments are no JSON object: raw text, or nothing is said of them.
    """
    if parameters is None:
        return None
    kind = parameters.get("type")
    if kind != "object" and not (kind is None and "properties" in parameters):
        return None
    try:
        return gbnf(parameters)
    except SchemaError:
        return ANY_OBJECT


class _Compiler:
    """Makes the rules of one schema; one rule for every set of parts that meet in one place."""

    def __init__(self, schema: object) -> None:
        self._reader = Reader(schema)
        self._rules = Rules()
        self._names: dict[frozenset[str], str] = {}
        self._todo: deque[tuple[str, Joined]] = deque()
        self._needs: dict[str, list[set[str]]] = {}
        """For each rule and each of its alternatives, the rules that a value cannot do without."""
        self._needed: set[str] = set()
        self._exclusive: set[str] = set()
        for name, body in _SHARED.items():
            self._rules.define(name, body)

    def grammar(self) -> str:
        """All rules as text."""
        root = self._rule(self._reader.root)
        self._rules.define("root", root)
        places: dict[str, Joined] = {}
        while self._todo:
            name, joined = self._todo.popleft()
            places[name] = joined
            self._rules.define(name, self._body(name, joined))
        endless = self._endless()
        for name, joined in places.items():
            if name in endless:
                raise unenforceable(joined[0].pointer, _("a value that would have no end"))
        return self._rules.text()

    def _rule(self, joined: Joined) -> str:
        """The name of the rule for values that satisfy these parts."""
        if all(not part.never and not part.schema for part in joined):
            return "value"
        key = frozenset(part.pointer for part in joined)
        if key not in self._names:
            self._names[key] = f"s{len(self._names)}"
            self._todo.append((self._names[key], joined))
        return self._names[key]

    def _required(self, joined: Joined) -> str:
        name = self._rule(joined)
        self._needed.add(name)
        return name

    def _body(self, name: str, joined: Joined) -> str:
        found: list[str] = []
        needs = self._needs.setdefault(name, [])
        alternatives = self._reader.alternatives(joined)
        for parts in alternatives:
            for part in parts:
                if "oneOf" in part.schema and part.pointer not in self._exclusive:
                    self._exclusive.add(part.pointer)
                    check_exclusive(self._reader, part, options(part, "oneOf"))
            for way in self._ways(parts):
                found.append(way)
                needs.append(self._needed)
        if not found:
            raise unenforceable(joined[0].pointer, _("no value at all satisfies it"))
        return either(found)

    def _ways(self, parts: Joined) -> Iterator[str]:
        """How a value of each kind is written; ``_needed`` says what it cannot do without."""
        listed = values(parts)
        if listed is not None:
            for value in listed:
                self._needed = set()
                yield literal(json.dumps(value, ensure_ascii=True, separators=(",", ":")))
            return
        for kind in kinds(parts):
            self._needed = set()
            if kind == "object":
                way = self._object(parts)
            elif kind == "array":
                way = self._array(parts)
            else:
                way = scalars.scalar(kind, parts, self._rules)
            if way is not None:
                yield way

    def _object(self, parts: Joined) -> str | None:
        shape = object_of(parts)
        if shape is None:
            return "object"
        if shape.impossible:
            return None
        if len(shape.properties) > MAX_PROPERTIES:
            raise unenforceable(
                parts[0].pointer, _("more than {n} properties").format(n=MAX_PROPERTIES)
            )
        return f'"{{" ws {self._members(shape)} "}}"'

    def _members(self, shape: Object) -> str:
        """The members in their order; a comma stands before each but the first that is there."""
        names = [self._pair(shape, key) for key in shape.properties]
        must = [key in shape.required for key in shape.properties]
        after, alone = self._extra(shape)
        rests = self._rests(names, must, after)
        if any(must):
            first = must.index(True)
            head = " ".join(f'( {name} "," ws )?' for name in names[:first])
            return f"{head} {names[first]} {rests[first]} ws"
        # None has to be there, so any may be the first.
        ways = [f"{name} {rest}" for name, rest in zip(names, rests, strict=True)]
        ways += [alone] if alone else []
        if not ways:
            return ""
        return f"{either(ways)} ws" if shape.least else f"( {either(ways)} ws )?"

    def _pair(self, shape: Object, key: str) -> str:
        joined = shape.properties[key]
        value = self._required(joined) if key in shape.required else self._rule(joined)
        return self._rules.named(f"{literal(json.dumps(key) + ':')} ws {value}")

    def _rests(self, names: list[str], must: list[bool], tail: str) -> list[str]:
        """What follows each member; every end of the list is one rule, so that they are shared."""
        rests = []
        for name, needed in zip(reversed(names), reversed(must), strict=True):
            rests.append(tail)
            one = f'"," ws {name}'
            tail = self._rules.named(f"{one if needed else f'( {one} )?'} {tail}")
        return rests[::-1]

    def _extra(self, shape: Object) -> tuple[str, str]:
        """Members beyond the named ones: behind others, and by themselves; empty for none."""
        most = None if shape.most is None else shape.most - len(shape.properties)
        if shape.extra is None or most == 0:
            return "", ""
        key = excluded_key(list(shape.properties), self._rules) if shape.properties else "string"
        pair = self._rules.named(f'{key} ":" ws {self._rule(shape.extra)}')
        comma = f'"," ws {pair}'
        more = self._rules.repeat(comma, 0, None if most is None else most - 1)
        return self._rules.repeat(comma, 0, most), f"{pair} {more}"

    def _array(self, parts: Joined) -> str | None:
        shape = array_of(parts)
        if shape is None:
            return None
        leading = [self._required(joined) for joined in shape.first]
        count = len(leading)
        head = ' "," ws '.join(leading)
        if shape.most == count:
            return f'"[" ws {head} ws "]"' if leading else '"[" ws "]"'
        item = self._rule(shape.others)
        if shape.least > count:
            self._needed.add(item)
        low, high = max(0, shape.least - count), None if shape.most is None else shape.most - count
        comma = f'"," ws {item}'
        if leading:
            return f'"[" ws {head} {self._rules.repeat(comma, low, high)} ws "]"'
        more = self._rules.repeat(comma, max(0, low - 1), None if high is None else high - 1)
        some = f"{item} {more} ws"
        return f'"[" ws {some if low else f"( {some} )?"} "]"'

    def _endless(self) -> set[str]:
        """The rules of which no alternative ever comes to an end."""
        endless = set(self._needs)
        changed = True
        while changed:
            ends = {
                name
                for name in endless
                if any(not (needed & endless) for needed in self._needs[name])
            }
            endless -= ends
            changed = bool(ends)
        return endless
