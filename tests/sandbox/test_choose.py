"""The choice of a sandbox: what does not hold is passed over, and that is said."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from chat_tui.errors import ToolError
from chat_tui.sandbox import bubblewrap, choose, confine
from chat_tui.sandbox.base import BUBBLEWRAP, LANDLOCK, NONE, Limits, Process
from chat_tui.sandbox.landlock import Landlock
from chat_tui.sandbox.unconfined import Unconfined


def test_the_complete_tier_is_found_and_holds() -> None:
    found = choose.choose()
    assert found.tier.name == BUBBLEWRAP.name, found.passed_over
    assert found.tier.complete
    assert found.passed_over == ()


def test_without_bubblewrap_the_next_tier_is_taken_and_the_package_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(choose, "BWRAP", Path("/nowhere/bwrap"))
    found = choose.choose()
    assert found.tier == LANDLOCK
    ((tier, problem, hint),) = found.passed_over
    assert tier == BUBBLEWRAP
    assert "not installed" in problem
    assert "apt install bubblewrap" in hint


def test_with_nothing_there_is_only_what_says_that_it_is_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(choose, "BWRAP", Path("/nowhere/bwrap"))
    monkeypatch.setattr(confine, "landlock_version", lambda: 0)
    found = choose.choose()
    assert found.tier == NONE
    assert "NOT sandboxed" in found.tier.label
    assert [tier for tier, _, _ in found.passed_over] == [BUBBLEWRAP, LANDLOCK]


def test_a_bubblewrap_that_only_pretends_is_not_believed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    liar = tmp_path / "bwrap"
    liar.write_text('#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done\nshift\nexec "$@"\n')
    liar.chmod(0o755)
    monkeypatch.setattr(bubblewrap, "BWRAP", liar)
    found = choose.choose()
    assert found.tier == LANDLOCK
    assert "does not hold" in found.passed_over[0][1]


def test_no_walls_are_seen_as_none() -> None:
    with pytest.raises(ToolError, match="read outside"):
        choose.check(Unconfined())


class Broken:
    """A sandbox in which nothing starts."""

    tier = BUBBLEWRAP

    def start(
        self,
        command: Sequence[str],
        *,
        workspace: Path,
        limits: Limits,
        readable: Sequence[Path] = (),
        pass_fds: Sequence[int] = (),
    ) -> Process:
        del command
        return Unconfined().start(
            ["/bin/false"],
            workspace=workspace,
            limits=limits,
            readable=readable,
            pass_fds=pass_fds,
        )


def test_a_sandbox_in_which_nothing_starts_is_none() -> None:
    with pytest.raises(ToolError, match="does not start"):
        choose.check(Broken())


@pytest.mark.parametrize("abi", range(1, 8))
def test_older_landlocks_get_what_they_know(abi: int) -> None:
    files, network, scopes = confine.handled(abi)
    assert files.bit_length() == {1: 13, 2: 14, 3: 15, 4: 15}.get(abi, 16)
    assert bool(network) == (abi >= 4)
    assert bool(scopes) == (abi >= 6)


def test_an_older_landlock_closes_more_by_the_filter(monkeypatch: pytest.MonkeyPatch) -> None:
    now = Landlock()._filter
    monkeypatch.setattr(confine, "landlock_version", lambda: 1)
    assert len(Landlock()._filter) > len(now)


APP = """
import sys, time
from pathlib import Path
from chat_tui.sandbox import interpreter
from chat_tui.sandbox.base import Limits
from chat_tui.sandbox.bubblewrap import Bubblewrap
from chat_tui.tools.kernel import Kernel
import threading
kernel = Kernel(Bubblewrap(), Path(sys.argv[1]), interpreter.own(), Limits())
code = "import subprocess; subprocess.Popen(['sleep', sys.argv[0] or '600']); print(1)" \
    .replace("sys.argv[0] or '600'", repr(sys.argv[2]))
list(kernel.run(code, threading.Event(), 30))
print("ready", flush=True)
list(kernel.run("while True: pass", threading.Event(), 60))
"""


def orphans(mark: str) -> list[str]:
    """The processes that have ``mark`` as a word of their command line."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = entry.read_bytes().split(b"\0")
        except OSError:
            continue
        if mark.encode() in words:
            found.append(entry.parent.name)
    return found


def left_after_kill(workspace: Path, number: int) -> list[str]:
    """What lives a second after the app was killed in the middle of a call."""
    mark = f"600.{number:06d}{time.monotonic_ns() % 10**9:09d}"
    app = subprocess.Popen(
        [sys.executable, "-c", APP, str(workspace), mark], stdout=subprocess.PIPE, text=True
    )
    assert app.stdout is not None
    assert app.stdout.readline() == "ready\n"
    assert orphans(mark)
    app.kill()
    app.wait()
    app.stdout.close()
    deadline = time.monotonic() + 1.0
    while (left := orphans(mark)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return left


def test_nothing_outlives_an_app_that_was_killed(tmp_path: Path) -> None:
    assert [left_after_kill(tmp_path, number) for number in range(2)] == [[], []]


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_nothing_outlives_an_app_that_was_killed_fifty_times(tmp_path: Path) -> None:
    assert [left_after_kill(tmp_path, number) for number in range(50)] == [[]] * 50
