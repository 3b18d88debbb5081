"""The one line that a first start shows: what could be talked to instead of the embedded model.

Decides from values; must not look at the machine itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from chat_tui.models.catalog import Entry, known
from chat_tui.models.discover import Found
from chat_tui.models.download import SPARE
from chat_tui.untrusted import clean_line

OVERHEAD = 900_000_000
"""Bytes that a model takes beside its weights with the smallest context, roughly."""


def offer(
    found: Sequence[Found], entries: Sequence[Entry], memory: int | None, disk: int, way: str = ""
) -> str | None:
    """The largest model here that fits, else the largest download that fits; None for neither.

    ``memory`` is what main memory and GPUs have free together, None where that is unknown;
    ``disk`` what is free where a download would go. Bytes. ``way`` is said in place of the command.
    """
    room = float("inf") if memory is None else memory
    here = [model for model in found if model.size + OVERHEAD <= room]
    if here:
        best = max(here, key=lambda model: model.size)
        entry = known(best.sizes, entries)
        name = entry.name if entry else clean_line(best.name)
        return (
            f"{name} is on this machine ({best.source}, {best.size / 1e9:.1f} GB):"
            f" {way or f'chat-tui models use {name}'}"
        )
    fitting = [e for e in entries if e.memory <= room and e.size + SPARE <= disk]
    if not fitting:
        return None
    entry = max(fitting, key=lambda entry: entry.size)
    return (
        f"{entry.name} would fit this machine ({entry.size / 1e9:.1f} GB to download,"
        f" {disk / 1e9:,.0f} GB free): {way or f'chat-tui models pull {entry.name}'}"
    )
