"""Gathering the facts: everything at once, each in its own thread, none longer than its time.

Knows where to look; must not judge. What hangs (a dead network drive, a driver) is left behind in
a thread that does not keep the program from ending; what fails becomes Unknown.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Generic, TypeVar

from chat_tui import __version__
from chat_tui.doctor import hardware, places, terminal
from chat_tui.doctor.facts import Device, Facts, Program, Runner, Tooling, Unknown, Walls
from chat_tui.doctor.secrets import address, without_secrets
from chat_tui.errors import ChatError
from chat_tui.language import _
from chat_tui.paths import Paths
from chat_tui.settings import Settings
from chat_tui.supply import Stock

SECONDS = 40.0
"""After so long whatever has not come is Unknown."""
_CHILD_SECONDS = 30.0
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Asked:
    """What to look at."""

    paths: Paths
    settings: Settings
    stock: Callable[[], Stock]
    """The models, and what fits; takes seconds."""
    hub: Path
    """Where downloads go."""
    settings_problem: str = ""
    loaded: str = ""
    """The model that this program holds now, if it does."""
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)


class _Look(Generic[_T]):
    """One thing that is looked at in a thread."""

    def __init__(self, work: Callable[[], _T]) -> None:
        self._found: _T | Unknown = Unknown(_("It took too long."))
        self._work = work
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._found = self._work()
        except ChatError as error:
            self._found = Unknown(str(error))
        except Exception as error:  # noqa: BLE001  one look that fails is a finding, not an end
            self._found = Unknown(f"{type(error).__name__}: {error}")

    def result(self, until: float) -> _T | Unknown:
        """What was found by then."""
        self._thread.join(max(0.0, until - time.monotonic()))
        return self._found


def look(asked: Asked, seconds: float = SECONDS) -> Facts:
    """All facts, after ``seconds`` at most; raises nothing.

    Starts processes; writes nothing but what ``asked.stock`` does.
    """
    until = time.monotonic() + seconds
    environment, paths = asked.environment, asked.paths
    runner, walls = _Look(ask_runner), _Look(lambda: _walls(paths))
    stock, built_in = _Look(asked.stock), _Look(hardware.look)
    screen = _Look(lambda: terminal.look(environment))
    folders = _Look(lambda: places.look(paths, asked.hub))
    kept = _Look(lambda: places.conversations(paths.conversations))
    tools = _Look(lambda: _tooling(paths, asked.settings))
    facts = Facts(
        program=_program(),
        settings=asked.settings_problem,
        runner=runner.result(until),
        hardware=built_in.result(until),
        stock=stock.result(until),
        walls=walls.result(until),
        terminal=screen.result(until),
        places=folders.result(until),
        conversations=kept.result(until),
        tooling=tools.result(until),
        loaded=asked.loaded,
    )
    return without_secrets(facts)


def _program() -> Program:
    source = Path(__file__).parents[2]
    checkout = (source / "uv.lock").exists() and (source / "pyproject.toml").exists()
    return Program(
        version=__version__,
        python=f"{platform.python_implementation()} {platform.python_version()}",
        system=platform.system(),
        platform=f"{platform.system()} {platform.release()} {platform.machine()}",
        processor=platform.machine(),
        executable=sys.executable,
        project=str(source) if checkout else "",
        uv=shutil.which("uv") is not None,
    )


def ask_runner(
    command: tuple[str, ...] = (sys.executable, "-m", "chat_tui.runner.about"),
    seconds: float = _CHILD_SECONDS,
) -> Runner:
    """What a process like the model's says; what it had said stays where it dies or hangs."""
    problem = ""
    try:
        told = subprocess.run(
            command, capture_output=True, check=False, timeout=seconds, stdin=subprocess.DEVNULL
        )
        out = told.stdout
        if told.returncode:
            problem = _end(told.returncode)
    except subprocess.TimeoutExpired as error:
        out = error.stdout or b""
        problem = _(
            "The process that asks llama.cpp did not answer within {seconds:.0f} s."
        ).format(seconds=seconds)
    except OSError as error:
        out, problem = b"", _("No process could be started: {error}.").format(error=error)
    return _runner(out, problem)


def _end(code: int) -> str:
    if code < 0:
        try:
            name = signal.Signals(-code).name
        except ValueError:
            return _("The process that asks llama.cpp was ended by signal {number}.").format(
                number=-code
            )
        return _("The process that asks llama.cpp was ended by {name}.").format(name=name)
    return _("The process that asks llama.cpp ended with {code}.").format(code=code)


def _runner(out: bytes, problem: str) -> Runner:
    values: dict[str, Any] = {}
    for line in out.splitlines():
        try:
            values |= json.loads(line)
        except (ValueError, TypeError):
            continue  # the line that it died in
    values["problem"] = values.get("problem") or problem
    devices = tuple(Device(**one) for one in values.pop("devices", ()))
    known = {one.name for one in fields(Runner)}
    kept: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in values.items()
        if name in known
    }
    return Runner(**kept, devices=devices)


def _walls(paths: Paths) -> Walls:
    # Imported here: none of it exists on Windows, where this becomes Unknown.
    from chat_tui.sandbox.bubblewrap import BWRAP  # noqa: PLC0415
    from chat_tui.sandbox.choose import choose  # noqa: PLC0415

    found = choose((paths.config, paths.data, paths.state))
    passed = tuple((tier.name, problem, hint) for tier, problem, hint in found.passed_over)
    tier = found.tier
    return Walls(
        *(tier.name, tier.label, tier.complete, tier.note),
        passed_over=passed,
        installed=BWRAP.exists(),
        restricted=hardware.restricted(),
    )


def _with_scheme(url: str) -> str:
    return f"http://{url}" if url and "://" not in url else url


def _tooling(paths: Paths, settings: Settings) -> Tooling:
    # Imported here: the first paint of the screen does not wait for it.
    from chat_tui.tools import mcp  # noqa: PLC0415
    from chat_tui.tools.approved import Approvals, scan  # noqa: PLC0415
    from chat_tui.tools.mcp_approved import ServerApprovals  # noqa: PLC0415

    files, unreadable = scan(paths.tools)
    problems = [str(one) for one in unreadable]
    states: tuple[tuple[str, str], ...] = ()
    servers: tuple[tuple[str, str], ...] = ()
    try:
        approvals = Approvals(paths.approved_tools)
        states = tuple((one.path.name, approvals.state(one).value) for one in files)
    except ChatError as error:
        problems.append(str(error))
    try:
        known = ServerApprovals(paths.approved_servers)
        servers = tuple((one.title, known.state(one).value) for one in settings.servers)
    except ChatError as error:
        problems.append(str(error))
    return Tooling(
        states,
        servers,
        tuple(problems),
        mcp_missing=mcp.not_installed() if settings.servers else "",
        search=address(settings.search_server),
        engine=address(_with_scheme(settings.engine)),
        plots=find_spec("matplotlib") is not None,
    )
