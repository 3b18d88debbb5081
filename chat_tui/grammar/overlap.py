"""Whether the options of a oneOf exclude each other.

Knows schemas as ``schema`` reads them. A grammar can follow one option, but not make sure that no
other fits as well; so it has to be seen from the schema that none can. Where that is not seen,
the schema is refused: better than an answer that does not validate.
"""

from __future__ import annotations

from chat_tui.grammar.objects import object_of
from chat_tui.grammar.schema import (
    Joined,
    Part,
    Reader,
    kind_of,
    kinds,
    same,
    types,
    unenforceable,
    values,
)
from chat_tui.language import _

MAX_OPTIONS = 40
_DEPTH = 3


def check_exclusive(reader: Reader, part: Part, found: list[Part]) -> None:
    """Raise SchemaError where one value might satisfy two of the options."""
    if len(found) > MAX_OPTIONS:
        raise unenforceable(
            f"{part.pointer}/oneOf", _("more than {n} options of oneOf").format(n=MAX_OPTIONS)
        )
    beside = Part({k: v for k, v in part.schema.items() if k != "oneOf"}, part.pointer)
    read = [reader.alternatives((option,)) for option in found]
    for at, option in enumerate(found):
        written = reader.alternatives((beside, option))
        for other in range(len(found)):
            if other != at and not _none_fits(reader, written, read[other], _DEPTH):
                first, second = sorted((at, other))
                raise unenforceable(
                    f"{part.pointer}/oneOf",
                    _("options {first} and {second} may fit the same value; anyOf would do").format(
                        first=first, second=second
                    ),
                )


def _none_fits(reader: Reader, written: list[Joined], read: list[Joined], depth: int) -> bool:
    """Whether nothing written for one option can satisfy the other."""
    return all(_unfit(reader, one, other, depth) for one in written for other in read)


def _unfit(reader: Reader, written: Joined, read: Joined, depth: int) -> bool:
    """Whether no value written for ``written`` satisfies ``read``; False where that is not sure."""
    listed, wanted = values(written), values(read)
    if listed is not None:
        return all(_refused(value, read, wanted) for value in listed)
    made = kinds(written)
    if not any(_accepts(read, kind) for kind in made):
        return True
    if wanted is not None:
        return not any(_kind_may_be(made, kind_of(value)) for value in wanted)
    if [kind for kind in made if _accepts(read, kind)] != ["object"] or depth == 0:
        return False
    return _objects_differ(reader, written, read, depth)


def _refused(value: object, read: Joined, wanted: list[object] | None) -> bool:
    if wanted is not None:
        return not any(same(value, one) for one in wanted)
    return not _accepts(read, kind_of(value))


def _accepts(read: Joined, kind: str) -> bool:
    """Whether a schema lets values of a type through; a number may be an integer."""
    both = {"integer", "number"}
    return all(
        kind in types(part) or (kind in both and both & set(types(part)))
        for part in read
        if "type" in part.schema
    )


def _kind_may_be(made: list[str], kind: str) -> bool:
    return kind in made or (kind in ("integer", "number") and bool({"integer", "number"} & {*made}))


def _objects_differ(reader: Reader, written: Joined, read: Joined, depth: int) -> bool:
    mine, theirs = object_of(written), object_of(read)
    if mine is None or theirs is None:
        return False
    if mine.extra is None and theirs.required - mine.properties.keys():
        return True
    if theirs.impossible:
        return True
    closed = any(part.schema.get("additionalProperties") is False for part in read)
    if closed and mine.required - theirs.properties.keys():
        return True
    return any(
        _none_fits(
            reader,
            reader.alternatives(mine.properties[key]),
            reader.alternatives(theirs.properties[key]),
            depth - 1,
        )
        for key in mine.required & mine.properties.keys() & theirs.properties.keys()
    )
