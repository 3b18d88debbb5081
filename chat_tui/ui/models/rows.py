"""What is shown of a model: its row in the list and all that is known of it, and what is asked.

Knows models and what runs of them; must not know widgets. Pure. Names, paths and reasons are what
files and folders say: they are cleaned and never markup.
"""

from __future__ import annotations

from pathlib import Path

from textual.content import Content

from chat_tui.events import ModelInfo
from chat_tui.language import N_, _, ngettext
from chat_tui.supply import Model, Stock
from chat_tui.supply_words import facts, fitting, gigabytes
from chat_tui.untrusted import clean_line

SPARE = 500_000_000
"""Bytes of the disk that should stay free."""
_FAINT = "$text-muted"
_KEYS = {
    "where": N_("where"),
    "file": N_("file"),
    "size": N_("size"),
    "weights": N_("weights"),
    "in use": N_("in use"),
    "problem": N_("problem"),
    "fits": N_("fits"),
    "placement": N_("placement"),
    "context": N_("context"),
    "memory": N_("memory"),
    "remark": N_("remark"),
    "note": N_("note"),
}
"""What the facts are called."""
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
    name = Content.styled(clean_line(model.name) or _("(no name)"), "bold")
    parts = [gigabytes(model.size), clean_line(model.quantization)]
    right = Content.styled(" · ".join(part for part in parts if part), _FAINT)
    left = Content("● " if used else "  ") + name
    room = max(width - right.cell_length - 2, min(width, 12))
    left = left.truncate(room, ellipsis=True)
    first = left.pad_right(max(1, width - left.cell_length - right.cell_length)) + right
    second = "    " + " · ".join(filter(None, map(clean_line, _short(model, info, loading))))
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
        return [_("cannot be used: {problem}").format(problem=model.problem)]
    if info is not None and is_used(model, info):
        return [_("in use"), model.note, info.device, _context(info)]
    source = model.source if model.path else _("to download")
    return [model.note, source, fitting(model.fit)]


def details(model: Model, stock: Stock, info: ModelInfo | None, width: int) -> Content:
    """All about a model, a line or more for each fact."""
    known = facts(model)
    title = clean_line(known.pop("name")) or _("(no name)")
    del known["chosen"]
    if info is not None and is_used(model, info):
        known["fits"] = known["placement"] = known["context"] = ""
        known = {"in use": f"{info.device}, {_context(info)}", **known}
    if known["memory"]:
        known["memory"] = memory(model, stock)
    known = {key: known[key] for key in (*_FIRST, *known) if key in known}
    lines = [Content.styled(title, "bold $text-accent").truncate(width, ellipsis=True)]
    names = {key: Content.styled(_(name), _FAINT) for key, name in _KEYS.items()}
    cells = max(name.cell_length for name in names.values()) + 2
    for key, value in known.items():
        if value:
            body = Content(clean_line(value)).wrap(max(8, width - cells))
            begin = names[key].pad_right(cells - names[key].cell_length)
            for line in body:
                lines.append((begin + line).truncate(width))
                begin = Content(" " * cells)
    return Content("\n").join(lines)


def _context(info: ModelInfo) -> str:
    said = ngettext("{n:,} token of context", "{n:,} tokens of context", info.context)
    return said.format(n=info.context)


def memory(model: Model, stock: Stock) -> str:
    """What a model takes against what is free: ``13.9 GB needed, 15.8 GB free``."""
    if model.fit is None or not model.fit.fits:
        return ""
    free = [_("unknown") if stock.memory is None else gigabytes(stock.memory)]
    free += [_("{size} on a GPU").format(size=gigabytes(left)) for left in stock.devices]
    said = _("{needed} needed, {free} free")
    return said.format(needed=gigabytes(model.fit.memory), free=_(" and ").join(free))


def question(model: Model, stock: Stock) -> str:
    """What is asked once before a download; see ``lacks``."""
    text = _("Enter again downloads {name}: {size}, {free} of disk free.").format(
        name=model.name, size=gigabytes(model.size), free=gigabytes(stock.disk)
    )
    more = ""
    if model.fit is not None and not model.fit.fits:
        more = _("It does not fit the memory now.")  # why stands above
    elif said := memory(model, stock):
        more = _("Memory: {needed}.").format(needed=said)
    return f"{text} {more}".strip()


def lacks(model: Model, stock: Stock) -> str:
    """Why the disk does not hold a download; empty where it does."""
    if model.note or model.size + SPARE <= stock.disk:
        return ""  # of one that is there in part, the download itself knows what is missing
    needed, free = gigabytes(model.size), gigabytes(stock.disk)
    said = _("{name} needs {needed} on the disk, {free} are free: make room first.")
    return said.format(name=model.name, needed=needed, free=free)
