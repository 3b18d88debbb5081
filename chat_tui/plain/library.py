"""The library on the command line: add, remove, list, index, search.

Knows the library and text streams; must not know the model or a full screen. File names and texts
are cleaned before they are printed.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from chat_tui.errors import UsageError
from chat_tui.language import _, ngettext
from chat_tui.tools.library import Library
from chat_tui.untrusted import clean_line

ACTIONS = ("add", "remove", "list", "index", "search")


def library_command(
    library: Library, action: str, words: Sequence[str], stdout: TextIO, stderr: TextIO
) -> int:
    """Do one of ACTIONS; exit code 1 where a search finds nothing. Raises ToolError."""
    if action in ("add", "remove", "search") and not words:
        if action == "search":
            raise UsageError(_("library search needs words."))
        raise UsageError(_("library {action} needs a path.").format(action=action))
    if action in ("list", "index") and words:
        raise UsageError(_("library {action} takes nothing else.").format(action=action))
    if action == "search":
        return _search(library, " ".join(words), stdout)
    if action == "list":
        for root in library.roots():
            print(clean_line(str(root)), file=stdout)
        count = library.count()
        text = ngettext("{n:,} document", "{n:,} documents", count)
        print(text.format(n=count), file=stderr)
        return 0
    for word in words:
        if action == "add":
            library.add(Path(word))
        else:
            library.remove(Path(word))
    _index(library, stderr)
    return 0


def _index(library: Library, stderr: TextIO) -> None:
    """Bring the index in step and say what came of it."""
    counted = stderr.isatty()

    def progress(count: int) -> None:
        if counted and count % 100 == 0:
            text = ngettext("{n:,} file", "{n:,} files", count).format(n=count)
            print(f"\r{text}", end="", file=stderr, flush=True)

    report = library.index(progress)
    if counted:
        print("\r", end="", file=stderr)
    for problem in report.problems:
        print(f"{clean_line(problem.path)}: {clean_line(problem.reason)}", file=stderr)
    text = ngettext(
        "{n:,} document: {added:,} new, {changed:,} changed, {removed:,} removed,"
        " {unchanged:,} as they were.",
        "{n:,} documents: {added:,} new, {changed:,} changed, {removed:,} removed,"
        " {unchanged:,} as they were.",
        report.documents,
    ).format(
        n=report.documents,
        added=report.added,
        changed=report.changed,
        removed=report.removed,
        unchanged=report.unchanged,
    )
    print(text, file=stderr)


def _search(library: Library, query: str, stdout: TextIO) -> int:
    hits = library.search(query, 20)
    for hit in hits:
        line = "" if hit.line is None else f":{hit.line + 1}"
        print(f"{clean_line(_short(hit.address))}{line}: {clean_line(hit.snippet)}", file=stdout)
    return 0 if hits else 1


def _short(path: str) -> str:
    """A path from here where that is shorter."""
    try:
        relative = os.path.relpath(path)
    except ValueError:  # another drive
        return path
    return min(relative, path, key=len)
