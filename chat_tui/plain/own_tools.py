"""The user's own functions and the sandbox on the command line: list, approve, revoke, sandbox.

Knows files, approvals and text streams. A file is shown whole, with nothing hidden, before it is
approved, and where nobody can be asked nothing is.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from chat_tui.errors import UsageError
from chat_tui.sandbox.choose import choose
from chat_tui.tools import functions
from chat_tui.tools.approved import Approvals, State, ToolFile, scan
from chat_tui.untrusted import clean_line, visible

ACTIONS = ("list", "approve", "revoke", "sandbox")


def tools_command(
    folder: Path,
    approvals: Approvals,
    action: str,
    names: list[str],
    stdout: TextIO,
    confirm: Callable[[str], bool],
) -> int:
    """Do one of ACTIONS; exit code 1 where something was not approved. Raises ToolError."""
    if action == "sandbox":
        return _sandbox(stdout)
    files, problems = scan(folder)
    for problem in problems:
        print(clean_line(str(problem)), file=stdout)
    if action == "list":
        for file in files:
            print(f"{approvals.state(file).value:9} {clean_line(file.path.name)}", file=stdout)
        if not files:
            print(f"No Python files in {clean_line(str(folder))}.", file=stdout)
        return 0
    chosen = [_named(files, name) for name in names]
    if not chosen:
        raise UsageError(f"tools {action} needs the name of a file.", "See: chat-tui tools list")
    done = [_approved(file, approvals, stdout, confirm) for file in chosen if action == "approve"]
    for file in chosen:
        if action == "revoke":
            approvals.revoke(file.path)
    return 0 if all(done) else 1


def _named(files: tuple[ToolFile, ...], name: str) -> ToolFile:
    for file in files:
        if name in (file.path.name, file.path.stem, str(file.path)):
            return file
    raise UsageError(f"There is no file {clean_line(name)}.", "See: chat-tui tools list")


def _approved(
    file: ToolFile, approvals: Approvals, stdout: TextIO, confirm: Callable[[str], bool]
) -> bool:
    """Show the file and ask; whether it is approved now."""
    if approvals.state(file) is State.APPROVED:
        print(f"{clean_line(file.path.name)} is approved already.", file=stdout)
        return True
    print(visible(file.source), file=stdout)
    question = f"Run {clean_line(file.path.name)} with all your rights, now and when called?"
    if not confirm(question):
        print("Not approved.", file=stdout)
        return False
    approvals.approve(file, functions.inspect(file))
    names = ", ".join(function.name for function in approvals.functions(file))
    print(f"Approved: {clean_line(names)}", file=stdout)
    return True


def _sandbox(stdout: TextIO) -> int:
    """Which sandbox this machine has, and what a better one would need."""
    found = choose()
    print(f"{found.tier.name}: {found.tier.label}", file=stdout)
    if found.tier.note:
        print(found.tier.note, file=stdout)
    for tier, problem, hint in found.passed_over:
        print(clean_line(f"not {tier.name}: {problem} {hint}"), file=stdout)
    return 0 if found.tier.complete else 1
