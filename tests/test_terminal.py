"""The whole program in a real terminal, with the model that comes with it.

Says nothing of what the model answers, only of what the program does with it: that is the one
thing a tiny model can be trusted with. Needs tmux; where CI runs it has to be there.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

PATIENCE = 90.0
"""Seconds to wait for something to appear; a guard against waiting for ever, not a promise."""


class Terminal:
    """A tmux of our own with one program in it."""

    def __init__(self, folder: Path, command: list[str], size: tuple[int, int]) -> None:
        self._socket = str(folder / "tmux")
        self._status = folder / "status"
        self._tmux("new-session", "-d", "-s", "chat", "-x", str(size[0]), "-y", str(size[1]))
        self._tmux("set-option", "-g", "remain-on-exit", "on")
        # The shell keeps the exit code: tmux 3.3 at times never reaps what ended in a pane.
        script = f"{shlex.join(command)}; echo $? > {shlex.quote(str(self._status))}"
        self._tmux("respawn-pane", "-k", "-t", "chat", script)

    def _tmux(self, *words: str) -> str:
        return subprocess.run(
            ["tmux", "-S", self._socket, "-f", os.devnull, *words],
            capture_output=True,
            text=True,
            check=True,
            timeout=30,
        ).stdout

    def screen(self) -> str:
        """What is on the screen, as text."""
        return self._tmux("capture-pane", "-p", "-t", "chat")

    def press(self, *keys: str) -> None:
        """Press keys by tmux's names for them."""
        self._tmux("send-keys", "-t", "chat", *keys)

    def type(self, text: str) -> None:
        """Type text as it stands."""
        self._tmux("send-keys", "-l", "-t", "chat", text)

    def wait_for(self, pattern: str, count: int = 1) -> str:
        """The screen as soon as the pattern is on it so many times."""
        until = time.monotonic() + PATIENCE
        while len(re.findall(pattern, screen := self.screen())) < count:
            assert time.monotonic() < until, f"no {pattern!r} on the screen:\n{screen}"
            time.sleep(0.1)
        return screen

    def model_process(self) -> int:
        """The process that holds the model."""
        shell = self._tmux("display-message", "-p", "-t", "chat", "#{pane_pid}").strip()
        return child_of(child_of(int(shell)))

    def exit_code(self) -> int:
        """The program's exit code, as soon as it has ended."""
        until = time.monotonic() + PATIENCE
        while not (self._status.exists() and (code := self._status.read_text().strip())):
            assert time.monotonic() < until, f"the program goes on:\n{self.screen()}"
            time.sleep(0.1)
        return int(code)

    def close(self) -> None:
        """End the program and its terminal."""
        self._tmux("kill-server")


def child_of(pid: int) -> int:
    """The one process that this one has started."""
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=True)
    (child,) = found.stdout.split()
    return int(child)


@pytest.fixture
def terminal(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    for name in ("COLUMNS", "LINES"):  # they would overrule the terminal's own size
        monkeypatch.delenv(name, raising=False)
    if not shutil.which("tmux") and "CI" not in os.environ:
        pytest.skip("tmux is not installed")
    terminal = Terminal(home, [sys.executable, "-m", "chat_tui", "--effort", "low"], (100, 30))
    yield terminal
    terminal.close()


def test_a_conversation_from_the_first_key_to_the_last(terminal: Terminal) -> None:
    terminal.wait_for("offline")
    terminal.type("Hello")
    terminal.press("Enter")
    screen = terminal.wait_for(r"low · [\d.]+ tok/s")
    assert "▌ Hello" in screen
    assert "▸ Thought for" in screen

    terminal.press("C-o")
    terminal.wait_for("▾ Thought for")
    terminal.press("C-t")
    terminal.type("What is the capital of France?")
    terminal.press("Enter")
    terminal.wait_for(r"medium · [\d.]+ tok/s")

    terminal.type("/frobnicate")
    terminal.press("Enter")
    terminal.wait_for("no command")
    assert "▌ /frobnicate" not in terminal.screen()
    terminal.press("C-u")

    terminal.press("C-n")
    terminal.wait_for("New conversation")
    terminal.press("C-c")
    terminal.press("C-c")
    assert terminal.exit_code() == 0


def test_the_models_death_is_a_card_and_the_next_question_is_answered(terminal: Terminal) -> None:
    terminal.wait_for("ready")
    terminal.type("Hello")
    terminal.press("Enter")
    terminal.wait_for(r"low · [\d.]+ tok/s")
    killed = terminal.model_process()
    os.kill(killed, signal.SIGKILL)
    terminal.type("Hello again")
    terminal.press("Enter")
    terminal.wait_for(r"(?s)Hello again.*low · [\d.]+ tok/s")
    assert terminal.model_process() != killed
