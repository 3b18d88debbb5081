"""The built-in tools, built for one workspace: the first that a conversation needs them.

Knows every tool's constructor and where things lie; must not know a face. What cannot be had is
left out with the reason, never offered without its walls.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from chat_tui.errors import ChatError
from chat_tui.language import N_, _
from chat_tui.paths import Paths
from chat_tui.sandbox.base import NONE, Tier, check_workspace
from chat_tui.sandbox.choose import Choice, choose
from chat_tui.servers import Server
from chat_tui.session.offer import Finished, Offer, Patches
from chat_tui.tools import mcp
from chat_tui.tools.apply_patch import ApplyPatch
from chat_tui.tools.approved import Approvals
from chat_tui.tools.base import Tool
from chat_tui.tools.browser import Browser, Source
from chat_tui.tools.functions import offered
from chat_tui.tools.library import Library
from chat_tui.tools.mcp_approved import ServerApprovals
from chat_tui.tools.python import PythonTool
from chat_tui.tools.registry import Registry
from chat_tui.tools.web import Web

EMPTY = N_("The library is empty. /library add FOLDER fills it.")


def equip(
    paths: Paths,
    workspace: Path,
    wanted: Collection[str],
    finished: Finished,
    *,
    search_server: str = "",
    servers: Sequence[Server] = (),
    probe: Callable[[Collection[Path]], Choice] = lambda private: choose(tuple(private)),
) -> Offer:
    """The tools named in ``wanted``, as far as they can be had. Tries the sandbox: some 0.1 s."""
    private = (paths.config, paths.data, paths.state, paths.cache, paths.log)
    tools: list[Tool] = []
    missing: dict[str, str] = {}
    patches: Patches | None = None
    library: Library | None = None
    browser: Browser | None = None
    tier: Tier = NONE
    try:
        workspace = check_workspace(workspace, private)
    except ChatError as error:
        missing = {name: str(error) for name in ("python", "apply_patch") if name in wanted}
    if "python" in wanted and "python" not in missing:
        choice = probe(private)
        tier = choice.tier
        if tier.name == NONE.name:
            missing["python"] = _no_walls(choice)
        else:
            attachments = paths.state / "attachments"
            tools.append(PythonTool(choice.sandbox, attachments, workspace=workspace))
    if "apply_patch" in wanted and "apply_patch" not in missing:
        patch = ApplyPatch(workspace, protected=private, records=paths.state / "edits")
        tools.append(patch)
        patches = patch
    if "browser" in wanted:
        library = Library(paths.library)
        sources: list[Source] = [library]
        if search_server:
            sources.append(Web(search_server))
        browser = Browser(sources)
        tools.append(browser)
    if "functions" in wanted:
        own, waiting, _problems = offered(paths.tools, Approvals(paths.approved_tools))
        tools.extend(own)
        for file in waiting:
            name = file.path.name
            missing[name] = _("It is new or changed: {command}").format(
                command=f"chat-tui tools approve {name}"
            )
    if "mcp" in wanted and servers:
        taken = {one.name for tool in tools for one in tool.spec.functions}
        theirs, waiting_servers = mcp.offered(
            servers, ServerApprovals(paths.approved_servers), taken, paths.state / "attachments"
        )
        tools.extend(theirs)
        missing |= waiting_servers

    def useless(name: str) -> str:
        """Why a tool that could be had is of no use now; empty where it is."""
        if name != "browser" or library is None or search_server:
            return ""
        try:
            return "" if library.roots() else _(EMPTY)
        except ChatError as error:
            return str(error)

    def begin(answers: Sequence[str]) -> None:
        """Start over: no variables and no pages of another conversation."""
        for tool in tools:
            if isinstance(tool, PythonTool | Browser):
                tool.close()
        if browser is not None:
            browser.resume(answers)

    return Offer(
        Registry(tools, workspace, finished),
        tier,
        missing=missing,
        useless=useless,
        patches=patches,
        library=library,
        begin=begin,
    )


def _no_walls(choice: Choice) -> str:
    reasons = [
        f"{message} {hint}".strip() for _tier, message, hint in choice.passed_over if message
    ]
    return " ".join([_("No sandbox holds here."), *reasons])
