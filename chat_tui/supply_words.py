"""What is said of models, fits and downloads, the same by every face.

Knows the values of ``supply``; must not know where they are from or how text is shown. Only file
names are cleaned here: what else is said has to be cleaned by whoever shows it.
"""

from __future__ import annotations

import math

from chat_tui.supply import Fit, Model, Phase, Progress, Stock
from chat_tui.untrusted import clean_line


def facts(model: Model) -> dict[str, str]:
    """Everything about a model, by what it is; empty where there is nothing to say."""
    fit = model.fit
    return {
        "name": model.name,
        "chosen": "yes" if model.chosen else "no",
        "where": where(model),
        "file": str(model.path) if model.path else "",
        "size": f"{gigabytes(model.size)} ({model.size:,} bytes)",
        "weights": model.quantization,
        "fits": "" if fit is None else "yes" if fit.fits else f"no: {fit.why}",
        "placement": placement(fit) if fit and fit.fits else "",
        "context": f"{fit.context:,} tokens" if fit and fit.fits else "",
        "memory": gigabytes(fit.memory) if fit and fit.fits else "",
        "remark": fit.why if fit and fit.fits else "",
        "problem": model.problem,
        "note": model.note,
    }


def where(model: Model) -> str:
    """Whose folder it lies in, or where it would come from."""
    if model.path is None:
        return f"not here; to download from {model.source}"
    return model.source


def fitting(fit: Fit | None) -> str:
    """Whether it fits, and where it would go; empty where nobody knows."""
    if fit is None:
        return ""
    if not fit.fits:
        return f"does not fit: {fit.why}"
    return f"fits: {placement(fit)}, {fit.context:,} tokens of context"


def placement(fit: Fit) -> str:
    """Where a model that fits would go."""
    if not fit.gpu_layers:
        return "on the CPU"
    layers = "all layers" if fit.gpu_layers >= fit.layers else f"{fit.gpu_layers} layers"
    if not fit.cpu_experts:
        return f"{layers} on the GPU"
    return f"{layers} on the GPU, the experts of {fit.cpu_experts} on the CPU"


def free(stock: Stock) -> str:
    """What the machine has free."""
    memory = "unknown" if stock.memory is None else gigabytes(stock.memory)
    devices = "".join(f", {gigabytes(left)} on a GPU" for left in stock.devices)
    return f"Free: {memory} of memory{devices}, {gigabytes(stock.disk)} of disk."


def how_far(now: Progress) -> str:
    """How far a download or a check is, with its speed and the time left."""
    share = now.done * 100 // max(1, now.total)
    if now.phase is Phase.ASKING:
        return f"asking for {clean_line(now.file)}"
    text = f"{share:3} %  {gigabytes(now.done)} of {gigabytes(now.total)}"
    if now.phase is Phase.CHECKING:
        return f"{text}  checking"
    if now.phase is Phase.WAITING:
        return f"{text}  the line is down; trying again"
    left = f"  {_time(now.left)} left" if now.left is not None else ""
    return f"{text}  {now.speed / 1e6:.1f} MB/s{left}" if now.speed else text


def briefly(now: Progress) -> str:
    """The same in a few words: ``↓ 43 % 11.2 MB/s 9 min``."""
    share = f"↓ {now.done * 100 // max(1, now.total)} %"
    if now.phase is Phase.CHECKING:
        return f"{share} checking"
    if now.phase is Phase.WAITING:
        return f"{share} waiting"
    if not now.speed:
        return share
    left = f" {_time(now.left)}" if now.left is not None else ""
    return f"{share} {now.speed / 1e6:.1f} MB/s{left}"


def _time(seconds: float) -> str:
    """Seconds as people say them."""
    if seconds < 90:
        return f"{math.ceil(seconds)} s"
    minutes = math.ceil(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def gigabytes(count: int) -> str:
    """Bytes as people write them."""
    return f"{count / 1e9:,.1f} GB" if count >= 100_000_000 else f"{count / 1e6:,.0f} MB"
