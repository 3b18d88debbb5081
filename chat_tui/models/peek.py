"""A quick look at a file's first bytes: whether it is a GGUF, and of which model.

Knows where names stand in a header; must not read it to its end, which for a vocabulary takes a
hundred times as long. What is said here is a first judgement; ``gpt_oss`` gives the last one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from chat_tui.errors import ModelFileError
from chat_tui.language import _
from chat_tui.models.bounded import (
    ARRAY,
    DAMAGED,
    SCALARS,
    STRING,
    U32,
    U64,
    Array,
    BoundedReader,
    open_regular,
    reason,
)
from chat_tui.models.gguf import MAX_KEYS, MAX_NAME_BYTES, Scalar, check_magic, read_header

FIRST = 64 << 10
"""Bytes looked at: everything about a model but its vocabulary."""


@dataclass(frozen=True, slots=True)
class Peek:
    """What the first bytes say."""

    size: int
    """Bytes of the file."""
    architecture: str
    """Empty where the file names none, as the later parts of a split model do."""
    name: str
    later_part: bool


def peek(path: Path) -> Peek:
    """Look at a file; raises ModelFileError where it is no GGUF or damaged that early."""
    try:
        with open(path, "rb", buffering=0, opener=open_regular) as file:
            size = file.seek(0, 2)
            file.seek(0)
            source = BoundedReader(path, file, min(size, FIRST), piece=FIRST)
            check_magic(path, source, size)
            try:
                values = _first_values(source, cut=size > FIRST)
            except ModelFileError:
                if size <= FIRST:
                    raise
                # Perhaps the lists come first; the long look says what is the matter.
                values = read_header(path).metadata
    except (OSError, ValueError) as error:
        raise ModelFileError(
            _("{name} cannot be read: {reason}.").format(name=path.name, reason=reason(error)),
            _("Check the file and its permissions."),
        ) from error
    number = values.get("split.no")
    return Peek(
        size,
        _text(values.get("general.architecture")),
        _text(values.get("general.name")),
        isinstance(number, int) and number > 0,
    )


def _first_values(source: BoundedReader, *, cut: bool) -> Mapping[str, Scalar | Array]:
    """The values before the first list of texts; those before the end where ``cut``."""
    if source.number(U32) not in (2, 3):
        raise ModelFileError(
            _("{name} is a GGUF of another version.").format(name=source.name),
            _("Use version 2 or 3."),
        )
    source.number(U64)
    values: dict[str, Scalar | Array] = {}
    keys = source.number(U64)
    if keys > MAX_KEYS:
        raise ModelFileError(
            _("{name} claims {keys:,} keys.").format(name=source.name, keys=keys), _(DAMAGED)
        )
    try:
        for _each in range(keys):
            key = source.text(MAX_NAME_BYTES)
            kind = source.number(U32)
            if kind == STRING:
                values[key] = source.text(FIRST)
            elif kind in SCALARS:
                values[key] = source.scalar(SCALARS[kind])
            elif kind == ARRAY:
                source.array()
            else:
                raise ModelFileError(
                    _("{name} has a value of an unknown kind.").format(name=source.name), _(DAMAGED)
                )
    except ModelFileError:
        # A list that goes on beyond the first bytes looks like a file that ends there.
        if not cut or "general.architecture" not in values:
            raise
    return values


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
