"""What is shown of a model: its row in the list and all that is known of it, and what is asked.

Knows models and what runs of them; must not know widgets. Pure. Names, paths and reasons are what
files and folders say: they are cleaned and never markup.
"""

from __future__ import annotations

from pathlib import Path

from textual.content import Content

from chat_tui.events import ModelInfo
from chat_tui.supply import Model, Stock
from chat_tui.supply_words import facts, fitting, gigabytes
from chat_tui.untrusted import clean_line

SPARE = 500_000_000
"""Bytes of the disk that should stay free."""
_FAINT = "$text-muted"
_KEY_CELLS = 11
_FIRST = ("in use", "problem", "fits", "placement", "context", "memory", "remark", "note")
"""What matters most, where the screen is low."""


def is_used(model: Model, info: ModelInfo | None) -> bool:
    """Whether it is the model that is loaded."""
    return (
        model.path is not None
        and info is not None
        and Path(info.path).absolute() == model.path.absolute()
    )


def row(model: Model, info: ModelInfo | None, loading: str, width: int) -> Content:
    """Two lines of at most ``width`` cells; ``loading`` says how far its download is."""
    used = is_used(model, info)
    name = Content.styled(clean_line(model.name) or "(no name)", "bold")
    parts = [gigabytes(model.size), clean_line(model.quantization)]
    right = Content.styled(" · ".join(part for part in parts if part), _FAINT)
    left = Content("● " if used else "  ") + name
    room = max(width - right.cell_length - 2, min(width, 12))
    left = left.truncate(room, ellipsis=True)
    first = left.pad_right(max(1, width - left.cell_length - right.cell_length)) + right
    second = "    " + clean_line(" · ".join(filter(None, _short(model, info, loading))))
    return Content("\n").join(
        [
            first.truncate(width, ellipsis=True),
            Content.styled(second, _FAINT).truncate(width, ellipsis=True),
        ]
    )


def _short(model: Model, info: ModelInfo | None, loading: str) -> list[str]:
    if loading:
        return [loading]
    if model.problem:
        return [f"cannot be used: {model.problem}"]
    if info is not None and is_used(model, info):
        return ["in use", model.note, info.device, f"{info.context:,} tokens of context"]
    source = model.source if model.path else "to download"
    return [model.note, source, fitting(model.fit)]


def details(model: Model, stock: Stock, info: ModelInfo | None, width: int) -> Content:
    """All about a model, a line or more for each fact."""
    known = facts(model)
    title = clean_line(known.pop("name")) or "(no name)"
    del known["chosen"]
    if info is not None and is_used(model, info):
        known["fits"] = known["placement"] = known["context"] = ""
        known = {"in use": f"{info.device}, {info.context:,} tokens of context", **known}
    if known["memory"]:
        known["memory"] = memory(model, stock)
    known = {key: known[key] for key in (*_FIRST, *known) if key in known}
    lines = [Content.styled(title, "bold $text-accent").truncate(width, ellipsis=True)]
    for key, value in known.items():
        if value:
            body = Content(clean_line(value)).wrap(max(8, width - _KEY_CELLS))
            begin = Content.styled(key.ljust(_KEY_CELLS), _FAINT)
            for line in body:
                lines.append((begin + line).truncate(width))
                begin = Content(" " * _KEY_CELLS)
    return Content("\n").join(lines)


def memory(model: Model, stock: Stock) -> str:
    """What a model takes against what is free: ``13.9 GB needed, 15.8 GB free``."""
    if model.fit is None or not model.fit.fits:
        return ""
    free = "unknown" if stock.memory is None else gigabytes(stock.memory)
    on_devices = "".join(f" and {gigabytes(left)} on a GPU" for left in stock.devices)
    return f"{gigabytes(model.fit.memory)} needed, {free}{on_devices} free"


def question(model: Model, stock: Stock) -> str:
    """What is asked once before a download; see ``lacks``."""
    needed = f"{gigabytes(model.size)}, {gigabytes(stock.disk)} of disk free"
    text = f"Enter again downloads {model.name}: {needed}."
    if model.fit is not None and not model.fit.fits:
        return f"{text} It does not fit the memory now."  # why stands above
    if said := memory(model, stock):
        return f"{text} Memory: {said}."
    return text


def lacks(model: Model, stock: Stock) -> str:
    """Why the disk does not hold a download; empty where it does."""
    if model.note or model.size + SPARE <= stock.disk:
        return ""  # of one that is there in part, the download itself knows what is missing
    needed, free = gigabytes(model.size), gigabytes(stock.disk)
    return f"{model.name} needs {needed} on the disk, {free} are free: make room first."
