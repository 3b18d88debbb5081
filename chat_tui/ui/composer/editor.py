"""The user's own editor, in place of the composer for a while.

Knows $VISUAL, $EDITOR and a temporary file; must not know widgets. Whatever goes wrong, no text is
lost: the one that was there stays, and one that was written lies in the file that is named.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from pathlib import Path

from textual.app import SuspendNotSupported

from chat_tui.errors import UsageError
from chat_tui.language import N_, _
from chat_tui.untrusted import clean_line

_USUAL = ("nano", "vim", "vi", "notepad.exe")
_HINT = N_("Set EDITOR, such as: export EDITOR=nano")


def editor(
    environment: Mapping[str, str], which: Callable[[str], str | None] = shutil.which
) -> list[str]:
    """The command that opens a file; UsageError where there is none."""
    for name in ("VISUAL", "EDITOR"):
        if said := environment.get(name, "").strip():
            try:
                command = shlex.split(said)
            except ValueError as error:
                problem = _("${name} is no command: {command}.")
                problem = problem.format(name=name, command=clean_line(said)[:60])
                raise UsageError(problem, _(_HINT)) from error
            if which(command[0]) is None:
                problem = _("${name} is {command}, which is not there.")
                problem = problem.format(name=name, command=clean_line(command[0])[:60])
                raise UsageError(problem, _(_HINT))
            return command
    for name in _USUAL:
        if which(name):
            return [name]
    raise UsageError(_("There is no editor."), _(_HINT))


def write_in_editor(
    text: str,
    suspended: Callable[[], AbstractContextManager[None]],
    environment: Mapping[str, str] = os.environ,
    run: Callable[[Sequence[str]], int] = lambda command: (
        subprocess.run(command, check=False).returncode
    ),
) -> str:
    """What the user makes of ``text`` in their editor, which has the terminal meanwhile.

    Raises UsageError where it cannot be started or says that it failed.
    """
    command = editor(environment)
    handle, name = tempfile.mkstemp(prefix="question-", suffix=".md")
    file = Path(name)
    keeps = False
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="replace", newline="\n") as out:
            out.write(text)
        try:
            with suspended():
                code = run((*command, name))
        except (OSError, subprocess.SubprocessError, SuspendNotSupported) as error:
            keeps = _written(file) not in (text, None)
            problem = _("{command} could not be run: {error}.")
            problem = problem.format(command=clean_line(command[0]), error=clean_line(str(error)))
            raise UsageError(problem, _kept(file) if keeps else _(_HINT)) from error
        written = _written(file)
        if code or written is None:
            keeps = written not in (text, None)
            problem = _("{command} ended without leaving a text.")
            if code:
                problem = _("{command} ended with {code}.")
            hint = _kept(file) if keeps else _("Your text is as it was.")
            raise UsageError(problem.format(command=clean_line(command[0]), code=code), hint)
        return written.removesuffix("\n") if not text.endswith("\n") else written
    finally:
        if not keeps:
            with suppress(OSError):
                file.unlink()


def _written(file: Path) -> str | None:
    """What the file holds; None where it is gone or no text."""
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def _kept(file: Path) -> str:
    said = _("Your text is as it was; what was written there lies in {file}.")
    return said.format(file=file)
