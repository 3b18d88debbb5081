"""What is said of models, fits and downloads, the same by every face.

Knows the values of ``supply``; must not know where they are from or how text is shown. Only file
names are cleaned here: what else is said has to be cleaned by whoever shows it.
"""

from __future__ import annotations

import math

from chat_tui.language import N_, _, ngettext
from chat_tui.supply import Fit, Model, Phase, Progress, Stock
from chat_tui.untrusted import clean_line


def facts(model: Model) -> dict[str, str]:
    """Everything about a model, by what it is; empty where there is nothing to say.

    What it is, is English here, and translated by whoever shows it.
    """
    fit = model.fit
    return {
        N_("name"): model.name,
        N_("chosen"): _("yes") if model.chosen else _("no"),
        N_("where"): where(model),
        N_("file"): str(model.path) if model.path else "",
        N_("size"): _("{size} ({count:,} bytes)").format(
            size=gigabytes(model.size), count=model.size
        ),
        N_("weights"): model.quantization,
        N_("fits"): _fits(fit),
        N_("placement"): placement(fit) if fit and fit.fits else "",
        N_("context"): _tokens(fit.context) if fit and fit.fits else "",
        N_("memory"): gigabytes(fit.memory) if fit and fit.fits else "",
        N_("remark"): fit.why if fit and fit.fits else "",
        N_("problem"): model.problem,
        N_("note"): model.note,
    }


def _fits(fit: Fit | None) -> str:
    if fit is None:
        return ""
    return _("yes") if fit.fits else _("no: {why}").format(why=fit.why)


def _tokens(count: int) -> str:
    return ngettext("{n:,} token", "{n:,} tokens", count).format(n=count)


def where(model: Model) -> str:
    """Whose folder it lies in, or where it would come from."""
    if model.path is None:
        return _("not here; to download from {source}").format(source=model.source)
    return model.source


def fitting(fit: Fit | None) -> str:
    """Whether it fits, and where it would go; empty where nobody knows."""
    if fit is None:
        return ""
    if not fit.fits:
        return _("does not fit: {why}").format(why=fit.why)
    return _("fits: {placement}, {context:,} tokens of context").format(
        placement=placement(fit), context=fit.context
    )


def placement(fit: Fit) -> str:
    """Where a model that fits would go."""
    if not fit.gpu_layers:
        return _("on the CPU")
    every, layers, experts = fit.gpu_layers >= fit.layers, fit.gpu_layers, fit.cpu_experts
    if not experts:
        if every:
            return _("all layers on the GPU")
        return ngettext("{n} layer on the GPU", "{n} layers on the GPU", layers).format(n=layers)
    if every:
        return _("all layers on the GPU, the experts of {experts} on the CPU").format(
            experts=experts
        )
    return ngettext(
        "{n} layer on the GPU, the experts of {experts} on the CPU",
        "{n} layers on the GPU, the experts of {experts} on the CPU",
        layers,
    ).format(n=layers, experts=experts)


def free(stock: Stock) -> str:
    """What the machine has free."""
    memory = _("unknown") if stock.memory is None else gigabytes(stock.memory)
    devices = "".join(_(", {size} on a GPU").format(size=gigabytes(one)) for one in stock.devices)
    return _("Free: {memory} of memory{devices}, {disk} of disk.").format(
        memory=memory, devices=devices, disk=gigabytes(stock.disk)
    )


def how_far(now: Progress) -> str:
    """How far a download or a check is, with its speed and the time left."""
    share = now.done * 100 // max(1, now.total)
    if now.phase is Phase.ASKING:
        return _("asking for {file}").format(file=clean_line(now.file))
    text = _("{share:3} %  {done} of {total}").format(
        share=share, done=gigabytes(now.done), total=gigabytes(now.total)
    )
    if now.phase is Phase.CHECKING:
        return _("{share}  checking").format(share=text)
    if now.phase is Phase.WAITING:
        return _("{share}  the line is down; trying again").format(share=text)
    if not now.speed:
        return text
    text = f"{text}  {_speed(now)}"
    if now.left is None:
        return text
    return _("{share}  {time} left").format(share=text, time=_time(now.left))


def briefly(now: Progress) -> str:
    """The same in a few words: ``↓ 43 % 11.2 MB/s 9 min``."""
    share = f"↓ {now.done * 100 // max(1, now.total)} %"
    if now.phase is Phase.CHECKING:
        return _("{share} checking").format(share=share)
    if now.phase is Phase.WAITING:
        return _("{share} waiting").format(share=share)
    if not now.speed:
        return share
    left = f" {_time(now.left)}" if now.left is not None else ""
    return f"{share} {_speed(now)}{left}"


def _speed(now: Progress) -> str:
    return _("{speed:.1f} MB/s").format(speed=now.speed / 1e6)


def _time(seconds: float) -> str:
    """Seconds as people say them."""
    if seconds < 90:
        return _("{n} s").format(n=math.ceil(seconds))
    minutes = math.ceil(seconds / 60)
    if minutes < 90:
        return _("{n} min").format(n=minutes)
    return _("{hours} h {minutes} min").format(hours=minutes // 60, minutes=minutes % 60)


def gigabytes(count: int) -> str:
    """Bytes as people write them."""
    if count >= 100_000_000:
        return _("{size:,.1f} GB").format(size=count / 1e9)
    return _("{size:,.0f} MB").format(size=count / 1e6)
