"""Findings as text for people and as JSON for programs.

Knows findings and facts as values; must not know how they came. Plain text, no colours, no more
columns than asked for. A long command is broken as a shell takes it, with a backslash.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Any

from chat_tui.columns import columns, padded, wrapped
from chat_tui.doctor import computing, surroundings
from chat_tui.doctor.facts import Facts, Unknown
from chat_tui.doctor.findings import Finding, Level
from chat_tui.language import N_, _, ngettext

FORMAT = 1
"""Goes up when a key of the document changes its meaning or goes away."""
_JUDGES: tuple[Callable[[Facts], Iterator[Finding]], ...] = (
    *(computing.program, computing.engine, computing.machine, computing.model),
    *(surroundings.sandbox, surroundings.terminal, surroundings.folders, surroundings.tools),
)
_SECTIONS = {
    "program": N_("Program"),
    "engine": N_("Engine"),
    "machine": N_("Machine"),
    "model": N_("Model"),
    "sandbox": N_("Sandbox"),
    "terminal": N_("Terminal"),
    "folders": N_("Folders"),
    "tools": N_("Tools"),
}
_LEVELS = {Level.OK: N_("ok"), Level.ADVICE: N_("advice"), Level.PROBLEM: N_("problem")}
_LEAST = 30
"""Columns that a text has at least."""
_WORD = re.compile(r"""(?:[^\s"']|"[^"]*"|'[^']*')+""")


def judge(facts: Facts) -> tuple[Finding, ...]:
    """All findings, section by section."""
    return tuple(finding for one in _JUDGES for finding in one(facts))


def usable(findings: Sequence[Finding]) -> bool:
    """Whether nothing is broken."""
    return not any(one.level is Level.PROBLEM for one in findings)


def text(findings: Sequence[Finding], width: int = 80, *, wrong_first: bool = False) -> str:
    """The findings for a person, at most ``width`` columns wide.

    The summary comes last, where one looks when it was printed; with ``wrong_first`` it comes
    first, and with it what is not as it should be: for a window that shows its beginning.
    """
    width = max(width, _LEAST)
    summary = wrapped(_summary(findings), width)
    if not wrong_first:
        return "\n".join([*_sections(findings, width), "", *summary])
    wrong = [one for one in findings if one.level is not Level.OK]
    lines = [*summary, *(line for one in wrong for line in _finding(one, width))]
    well = [one for one in findings if one.level is Level.OK]
    return "\n".join([*lines, "", *_sections(well, width)])


def _sections(findings: Sequence[Finding], width: int) -> list[str]:
    lines: list[str] = []
    for section, group in groupby(findings, key=lambda one: one.section):
        heading = _(_SECTIONS.get(section, section.capitalize()))
        lines += ["", heading] if lines else [heading]
        for finding in group:
            lines += _finding(finding, width)
    return lines


def document(facts: Facts, findings: Sequence[Finding]) -> dict[str, Any]:
    """The same for programs, as JSON takes it.

    ``format`` (a number, see ``FORMAT``), ``usable`` (a boolean), ``findings`` (a list of objects
    with ``id``, ``level`` — ``ok``, ``advice`` or ``problem`` —, ``text`` and ``command``, empty
    where there is none; an ``id`` can come several times) and ``facts``: an object with the
    fields of ``facts.Facts``, sizes in bytes; one that could not be had is ``{"why": …}`` alone.
    Keys and ids stay, new ones may come; texts may change at any time.
    """
    plain = asdict(facts)
    if not isinstance(facts.stock, Unknown):
        plain["stock"]["passed_over"] = len(facts.stock.passed_over)
    document = {
        "format": FORMAT,
        "usable": usable(findings),
        "findings": [asdict(one) for one in findings],
        "facts": plain,
    }
    found: dict[str, Any] = json.loads(json.dumps(document, default=str))
    return found


def _finding(finding: Finding, width: int) -> Iterator[str]:
    begin = 2 + max(columns(_(word)) for word in _LEVELS.values()) + 2
    level = padded(f"  {_(_LEVELS[finding.level])}", begin)
    yield from wrapped(finding.text, width, level, " " * begin, hyphens=False)
    if finding.command:
        yield from _command(finding.command, " " * begin, width)


def _command(command: str, begin: str, width: int) -> Iterator[str]:
    """The command so that it can be copied; a word that is too long for a line keeps its own."""
    line = begin + "$"
    for word in _WORD.findall(command):
        if len(line) + len(word) + 3 > width and line.strip() != "$":
            yield f"{line} \\"
            line = f"{begin}   {word}"
        else:
            line = f"{line} {word}"
    yield line


def _summary(findings: Sequence[Finding]) -> str:
    count = {level: sum(one.level is level for one in findings) for level in Level}
    broken, better = count[Level.PROBLEM], count[Level.ADVICE]
    if broken:
        text = ngettext(
            "{n} problem; {better} could be better.",
            "{n} problems; {better} could be better.",
            broken,
        )
        return text.format(n=broken, better=better)
    if better:
        text = ngettext(
            "Nothing is broken; {n} thing could be better.",
            "Nothing is broken; {n} things could be better.",
            better,
        )
        return text.format(n=better)
    return _("All is well.")
