"""The one line that a first start shows: what could be talked to instead of the embedded model.

Decides from values; must not look at the machine itself. Whoever hides the line is not shown it
again: each thing that could be offered has a mark, and a line needs a mark that was not there when
the line was hidden.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from chat_tui.language import _
from chat_tui.models.catalog import Entry, known
from chat_tui.models.discover import Found
from chat_tui.models.download import SPARE
from chat_tui.supply import Offer
from chat_tui.supply_words import gigabytes
from chat_tui.untrusted import clean_line

OVERHEAD = 900_000_000
"""Bytes that a model takes beside its weights with the smallest context, roughly."""
_DOWNLOAD = "download"
_LATER = "-"
"""Before the mark of what is there but does not fit: once it fits, that is news."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What there is to put a model into. Bytes."""

    memory: int | None
    """Free in main memory and on GPUs together; None where that is unknown."""
    disk: int
    """Free where a download would go."""

    def holds(self, size: int) -> bool:
        """Whether a model that takes so much fits."""
        return self.memory is None or size <= self.memory


def offer(
    found: Sequence[Found],
    entries: Sequence[Entry],
    machine: Machine,
    way: str = "",
    hidden: Collection[str] = (),
) -> Offer | None:
    """The largest model here that fits, else the largest download, else what is missing for one.

    ``way`` is said in place of the command. ``hidden`` are the marks of what was offered to
    somebody who did not want it. None where there is nothing new.
    """
    here = [model for model in found if machine.holds(model.size + OVERHEAD)]
    marks = {_mark(model) for model in here}
    if here:
        best = max(here, key=lambda model: model.size)
        name = _name(best, entries)
        text = _("{name} is on this machine ({source}, {size}): {way}").format(
            name=name,
            source=best.source,
            size=gigabytes(best.size),
            way=way or f"chat-tui models use {name}",
        )
        return _unless(hidden, text, marks)
    fitting = [e for e in entries if machine.holds(e.memory) and e.size + SPARE <= machine.disk]
    if fitting:
        entry = max(fitting, key=lambda entry: entry.size)
        text = _("{name} fits this machine ({size} to download): {way}").format(
            name=entry.name,
            size=gigabytes(entry.size),
            way=way or f"chat-tui models pull {entry.name}",
        )
        return _unless(hidden, text, {_DOWNLOAD})
    return _missing(found, entries, machine, way or "chat-tui models list", hidden)


def _missing(
    found: Sequence[Found],
    entries: Sequence[Entry],
    machine: Machine,
    way: str,
    hidden: Collection[str],
) -> Offer | None:
    """Why none can be used: the smallest, and what it lacks."""
    memory = gigabytes(machine.memory or 0)
    if found:
        least = min(found, key=lambda model: model.size)
        marks = {_LATER + _mark(model) for model in found}
        text = _(
            "{name} is on this machine ({source}), but needs {needed} of memory; {free} are free:"
            " {way}"
        ).format(
            name=_name(least, entries),
            source=least.source,
            needed=gigabytes(least.size + OVERHEAD),
            free=memory,
            way=way,
        )
        return _unless(hidden, text, marks)
    if not entries:
        return None
    small = min(entries, key=lambda entry: entry.memory)
    if not machine.holds(small.memory):
        text = _(
            "{name} does not fit now: it needs {needed} of memory; {free} are free: {way}"
        ).format(name=small.name, needed=gigabytes(small.memory), free=memory, way=way)
    else:
        text = _(
            "{name} does not fit now: it takes {needed} of disk; {free} are free: {way}"
        ).format(
            name=small.name, needed=gigabytes(small.size), free=gigabytes(machine.disk), way=way
        )
    return _unless(hidden, text, {_LATER + _DOWNLOAD})


def _unless(hidden: Collection[str], text: str, marks: set[str]) -> Offer | None:
    """The offer, if there is something in it that was not hidden before."""
    if all(mark in hidden or mark.removeprefix(_LATER) in hidden for mark in marks):
        return None
    return Offer(text, tuple(sorted(marks)))


def _name(model: Found, entries: Sequence[Entry]) -> str:
    entry = known(model.sizes, entries)
    return entry.name if entry else clean_line(model.name)


def _mark(model: Found) -> str:
    """Short, and the same as long as it lies where it lies."""
    return hashlib.sha256(str(model.path).encode("utf-8", "surrogateescape")).hexdigest()[:12]
