"""``chat-tui models``: list, info, pull, check, use, forget.

Knows the seam ``Supply`` and text streams; must not know files' formats or the network. Names and
paths are cleaned before they are printed.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from chat_tui.columns import columns, cut, padded, wrapped
from chat_tui.language import N_, _, ngettext
from chat_tui.model_settings import EMBEDDED
from chat_tui.supply import Model, Progress, Stock, Supply
from chat_tui.supply_words import facts, fitting, free, gigabytes, how_far, where
from chat_tui.untrusted import clean_line

_ACTIONS = {
    "list": N_("what is on this machine and what can be downloaded"),
    "info": N_("all about one of them"),
    "pull": N_("download one into the cache that Hugging Face's programs share"),
    "check": N_("whether a file is whole and as it was published"),
    "use": N_("talk to this one from now on"),
    "forget": N_("take that choice back; no file is removed"),
}


def add_models(commands: argparse._SubParsersAction[Any], run: str) -> None:
    """Add the parser; it sets ``run``, and ``action`` to the name of what is to be done."""
    models = commands.add_parser("models", help=_("find, download, check and choose a model"))
    actions = models.add_subparsers(metavar=_("ACTION"), title=_("actions"), required=True)
    for name, marked in _ACTIONS.items():
        text = _(marked)
        parser = actions.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
        parser.set_defaults(run=run, action=name, json=False, all=False, name=None)
        if name in ("info", "pull", "check", "use"):
            which = _("as listed") if name == "pull" else _("as listed, or the path of a file")
            parser.add_argument("name", metavar=_("NAME"), help=which)
        if name in ("list", "info"):
            parser.add_argument("--json", action="store_true", help=_("for programs"))
        if name == "list":
            parser.add_argument(
                "--all", action="store_true", help=_("with what was passed over, and why")
            )


def models_command(
    supply: Supply, words: argparse.Namespace, stdout: TextIO, stderr: TextIO, width: int = 80
) -> int:
    """Do what ``words.action`` says; an exit code. Raises ChatError."""
    if words.action == "list":
        return _list(supply.stock(), words, stdout, width)
    if words.action == "forget":
        return _forget(supply.forget(), stdout)
    model = supply.find(words.name)
    if words.action == "info":
        lines = [json.dumps(_plain(model), indent=1)] if words.json else _info(model, width)
        print("\n".join(lines), file=stdout)
        return 0
    if words.action == "pull":
        return _pull(supply, model, stdout, stderr, width)
    if words.action == "check":
        with _Meter(stderr, width) as meter:
            found = supply.check(model, meter.hear, lambda: False)
        print(clean_line(found), file=stdout)
        return 0
    supply.use(model)
    print(_("From now on: {name}.").format(name=clean_line(model.name)), file=stdout)
    if model.fit is not None and not model.fit.fits:
        print(_("It does not fit now: {why}").format(why=clean_line(model.fit.why)), file=stderr)
    return 0


def _pull(supply: Supply, model: Model, stdout: TextIO, stderr: TextIO, width: int) -> int:
    if model.path is not None:
        print(
            _("It is on this machine already: {path}").format(path=clean_line(str(model.path))),
            file=stdout,
        )
        return 0
    if model.fit is not None and not model.fit.fits:
        print(_("It does not fit now: {why}").format(why=clean_line(model.fit.why)), file=stderr)
    try:
        with _Meter(stderr, width) as meter:
            path = supply.pull(model, meter.hear, lambda: False)
    except KeyboardInterrupt:
        name = clean_line(model.name)
        print(
            _("Stopped. `chat-tui models pull {name}` goes on from there.").format(name=name),
            file=stderr,
        )
        return 130
    print(clean_line(str(path)), file=stdout)
    print(
        _("To talk to it: chat-tui models use {name}").format(name=clean_line(model.name)),
        file=stderr,
    )
    return 0


def _forget(chosen: Path | None, stdout: TextIO) -> int:
    if chosen is None:
        print(_("No model was chosen."), file=stdout)
    else:
        print(
            _("No longer chosen. The file stays: {chosen}").format(chosen=clean_line(str(chosen))),
            file=stdout,
        )
        print(
            _("A chat begins with that of your settings, else with the embedded one."), file=stdout
        )
    return 0


def _list(stock: Stock, words: argparse.Namespace, stdout: TextIO, width: int) -> int:
    if words.json:
        print(json.dumps(_plain(stock), indent=1), file=stdout)
        return 0
    for model in stock.models:
        for line in _entry(model, width):
            print(line, file=stdout)
    print(file=stdout)
    for line in wrapped(free(stock), width):
        print(line, file=stdout)
    if words.all:
        for one in stock.passed_over:
            text = f"{one.source}: {one.path}: {one.reason}"
            print("\n".join(_wrapped(text, "- ", width, whole=True)), file=stdout)
    elif stock.passed_over:
        count = len(stock.passed_over)
        text = ngettext(
            "One file or folder was passed over; `chat-tui models list --all` says why.",
            "{n:,} files or folders were passed over; `chat-tui models list --all` says why.",
            count,
        ).format(n=count)
        print("\n".join(wrapped(text, width)), file=stdout)
    print("\n".join(wrapped(_what_next(stock), width)), file=stdout)
    return 0


def _entry(model: Model, width: int) -> Iterator[str]:
    """A model in two or more lines."""
    mark = "*" if model.chosen else " "
    size = gigabytes(model.size)
    parts = [f"{mark} {clean_line(model.name)}", size, model.quantization]
    yield from _wrapped("  ".join(part for part in parts if part), "", width, "    ")
    yield from _wrapped(where(model), "    ", width)
    for text in (model.problem, fitting(model.fit), model.note):
        if text:
            yield from _wrapped(text, "    ", width)


def _info(model: Model, width: int) -> Iterator[str]:
    """Everything about a model, a line each."""
    known = facts(model)
    begin = max(columns(_(key)) for key in known) + 2
    for key, value in known.items():
        if value:
            yield from _wrapped(value, padded(_(key), begin), width, whole=key == "file")


def _what_next(stock: Stock) -> str:
    """The one command that makes most sense now."""
    real = [one for one in stock.models if one.name != EMBEDDED and not one.problem]
    if any(one.chosen for one in real):
        return _("* is the one that a chat begins with; `chat-tui models use NAME` takes another.")
    ready = [one for one in real if one.path and one.fit and one.fit.fits]
    if ready:
        best = max(ready, key=lambda one: one.size)
        return _("Try: chat-tui models use {name}").format(name=clean_line(best.name))
    remote = [
        one
        for one in real
        if one.path is None and one.fit and one.fit.fits and one.size < stock.disk
    ]
    if remote:
        best = max(remote, key=lambda one: one.size)
        return _("Try: chat-tui models pull {name}").format(name=clean_line(best.name))
    return _("Nothing larger than the embedded model fits the free memory and disk now.")


class _Meter:
    """A line that says how far a download is: rewritten on a terminal, else one each tenth."""

    def __init__(self, stream: TextIO, width: int) -> None:
        self._stream = stream
        self._columns = width - 1
        self._live = stream.isatty()
        self._width = 0
        self._said = ""

    def __enter__(self) -> _Meter:
        return self

    def __exit__(self, *_: object) -> None:
        if self._width:
            print(file=self._stream)

    def hear(self, now: Progress) -> None:
        """Show it."""
        text = how_far(now)
        if self._live:
            text = cut(text, self._columns)
            print(f"\r{padded(text, self._width)}", end="", file=self._stream, flush=True)
            self._width = columns(text)
            return
        tenth = now.done * 10 // max(1, now.total)
        step = f"{now.phase}{tenth}{now.file}"
        if step != self._said:
            self._said = step
            print(text, file=self._stream, flush=True)


def _wrapped(
    text: str, begin: str, width: int, later: str = "", *, whole: bool = False
) -> list[str]:
    """In lines of that width; ``whole`` leaves a long path in one piece, so that it can be copied.

    What does not fit then is left to the terminal.
    """
    return wrapped(
        clean_line(text) if begin else text,
        width,
        begin,
        later or " " * columns(begin),
        hyphens=False,
        whole=whole,
    )


def _plain(value: Stock | Model) -> Mapping[str, Any]:
    """The value as JSON takes it."""
    found: dict[str, Any] = json.loads(json.dumps(asdict(value), default=str))
    return found
