"""The user's own tools and the sandbox on the command line: list, approve, revoke, sandbox.

Knows files, approvals and text streams. A file is shown whole, with nothing hidden, before it is
approved, and where nobody can be asked nothing is.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from chat_tui.errors import UsageError
from chat_tui.language import _
from chat_tui.plain.own_servers import Servers, state_word
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
            print(f"{state_word(approvals.state(file))} {clean_line(file.path.name)}", file=stdout)
        if not files:
            print(
                _("No Python files in {folder}.").format(folder=clean_line(str(folder))),
                file=stdout,
            )
        if servers is not None:
            servers.show(stdout)
        return 0
    chosen = [_named(files, servers, name) for name in names]
    if not chosen:
        raise UsageError(
            _("tools {action} needs the name of a file or server.").format(action=action),
            _("See: chat-tui tools list"),
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
    raise UsageError(
        _("There is no file or server {name}.").format(name=clean_line(name)),
        _("See: chat-tui tools list"),
    )


def _approved(
    file: ToolFile, approvals: Approvals, stdout: TextIO, confirm: Callable[[str], bool]
) -> bool:
    """Show the file and ask; whether it is approved now."""
    if approvals.state(file) is State.APPROVED:
        print(_("{name} is approved already.").format(name=clean_line(file.path.name)), file=stdout)
        return True
    print(visible(file.source), file=stdout)
    question = _("Run {name} with all your rights, now and when called?").format(
        name=clean_line(file.path.name)
    )
    if not confirm(question):
        print(_("Not approved."), file=stdout)
        return False
    approvals.approve(file, functions.inspect(file))
    names = ", ".join(function.name for function in approvals.functions(file))
    print(_("Approved: {names}").format(names=clean_line(names)), file=stdout)
    return True


def _sandbox(stdout: TextIO) -> int:
    """Which sandbox this machine has, and what a better one would need."""
    found = choose()
    print(f"{found.tier.name}: {_(found.tier.label)}", file=stdout)
    if found.tier.note:
        print(_(found.tier.note), file=stdout)
    for tier, problem, hint in found.passed_over:
        print(
            clean_line(_("not {name}: {why}").format(name=tier.name, why=f"{problem} {hint}")),
            file=stdout,
        )
    return 0 if found.tier.complete else 1
