"""The user's own tools and the sandbox on the command line: list, approve, revoke, sandbox.

Knows files, approvals and text streams. A file is shown whole, with nothing hidden, before it is
approved, and where nobody can be asked nothing is.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from chat_tui.errors import UsageError
from chat_tui.plain.own_servers import Servers
from chat_tui.sandbox.choose import choose
from chat_tui.servers import Server
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
    servers: Servers | None = None,
) -> int:
    """Do one of ACTIONS; exit code 1 where something was not approved. Raises ToolError.

    A name that no file has can be that of one of ``servers``.
    """
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
        if servers is not None:
            servers.show(stdout)
        return 0
    chosen = [_named(files, servers, name) for name in names]
    if not chosen:
        raise UsageError(
            f"tools {action} needs the name of a file or server.", "See: chat-tui tools list"
        )
    done = True
    for one in chosen:
        if isinstance(one, ToolFile):
            if action == "revoke":
                approvals.revoke(one.path)
            else:
                done &= _approved(one, approvals, stdout, confirm)
        elif servers is not None:
            if action == "revoke":
                servers.revoke(one)
            else:
                done &= servers.approve(one, stdout, confirm)
    return 0 if done else 1


def _named(files: tuple[ToolFile, ...], servers: Servers | None, name: str) -> ToolFile | Server:
    for file in files:
        if name in (file.path.name, file.path.stem, str(file.path)):
            return file
    if servers is not None and (server := servers.find(name)) is not None:
        return server
    raise UsageError(f"There is no file or server {clean_line(name)}.", "See: chat-tui tools list")


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
