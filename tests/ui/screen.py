"""A screen without a terminal: run the app, press keys, read what is shown."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

from rich.cells import cell_len
from textual.events import Key
from textual.pilot import Pilot

from chat_tui.conversation import Effort
from chat_tui.engine.protocol import Engine, GenerateOptions
from chat_tui.engine.scripted import SCRIPTED, Hook, ScriptedEngine
from chat_tui.events import ModelInfo
from chat_tui.preferences.file import SettingsFile
from chat_tui.session.chat import Chat
from chat_tui.session.toolset import Toolset
from chat_tui.settings import ReasoningView
from chat_tui.ui.app import ChatApp
from chat_tui.ui.furniture import Furniture

SNAPSHOTS = Path(__file__).parent / "snapshots"
PATIENCE = 20.0
FIRST_LOOK, LAST_LOOK = 0.004, 0.025
"""Seconds between two looks for what a test waits for."""


def harmony(answer: str, reasoning: str = "") -> str:
    """A completion: some reasoning, then the answer."""
    thought = (
        f"<|channel|>analysis<|message|>{reasoning}<|end|><|start|>assistant" if reasoning else ""
    )
    return f"{thought}<|channel|>final<|message|>{answer}<|return|>"


class Gate:
    """A hook for the scripted engine that holds a turn at one of its tokens."""

    def __init__(self, generation: int, token: int) -> None:
        self._at = (generation, token)
        self.reached = threading.Event()
        self.opened = threading.Event()

    def __call__(self, generation: int, token: int) -> None:
        if (generation, token) == self._at:
            self.reached.set()
            assert self.opened.wait(PATIENCE)


class Stage:
    """The app with its engine, and what it was asked to remember."""

    def __init__(
        self,
        *completions: str,
        engine: Engine | None = None,
        hook: Hook | None = None,
        model: ModelInfo = SCRIPTED,
        effort: Effort = Effort.MEDIUM,
        max_tokens: int | None = None,
        reasoning: ReasoningView = ReasoningView.FOLDED,
        theme: str = "chat-dark",
        themes: Path | None = None,
        notice: str = "",
        tools: Toolset | None = None,
        environment: Mapping[str, str] | None = None,
        settings: SettingsFile | None = None,
    ) -> None:
        self.engine = engine or ScriptedEngine(completions, hook=hook, model=model)
        options = GenerateOptions(max_tokens=max_tokens)
        self.chat = Chat(self.engine, effort=effort, options=options, tools=tools)
        self.remembered: dict[str, str] = {}
        self.app = ChatApp(
            Furniture(
                self.chat,
                reasoning=reasoning,
                remember=self.remembered.__setitem__,
                settings=settings,
            ),
            theme=theme,
            user_themes=themes,
            notice=notice,
            environment=environment,
        )
        self.pilot: Pilot[int]

    def play(
        self,
        scenario: Callable[[Stage], Awaitable[None]],
        size: tuple[int, int] = (100, 30),
    ) -> None:
        """Run the app headless for as long as ``scenario`` takes."""

        async def run() -> None:
            async with self.app.run_test(size=size) as self.pilot:
                await scenario(self)

        asyncio.run(run())

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait for ``condition``, without a busy loop: it is looked at ever more rarely."""
        delay = FIRST_LOOK
        for _ in range(int(PATIENCE / LAST_LOOK)):
            if condition():
                return
            await self.pilot.pause(delay)
            delay = min(delay * 1.3, LAST_LOOK)
        raise AssertionError("it never happened; the screen:\n" + self.text)

    async def shows(self, *texts: str) -> None:
        """Wait until all of ``texts`` are on the screen, wherever their lines are broken."""

        def shown() -> bool:
            screen = self.text
            flat = " ".join(screen.split())
            return all(text in screen or text in flat for text in texts)

        await self.until(shown)

    async def hides(self, *texts: str) -> None:
        """Wait until none of ``texts`` is on the screen."""

        def hidden() -> bool:
            screen = self.text
            return not any(text in screen for text in texts)

        await self.until(hidden)

    async def resize(self, width: int, height: int) -> None:
        """Make the terminal another size, and wait until the screen has it."""
        await self.pilot.resize_terminal(width, height)
        await self.until(lambda: [cell_len(line) for line in self.lines] == [width] * height)

    async def write(self, text: str) -> None:
        """Type ``text`` into the composer."""
        self.app.query_one("Composer").insert(text)  # type: ignore[attr-defined]
        await self.pilot.pause()

    def burst(self, text: str) -> None:
        """Keys as fast as they can come, whatever the machine is busy with."""
        for event in [Key(char, char) for char in text]:
            self.app.post_message(event)

    async def send(self, text: str) -> None:
        """Type ``text`` and press Enter."""
        await self.write(text)
        await self.pilot.press("enter")

    async def ask(self, text: str, shows: str) -> None:
        """Send ``text`` and wait for ``shows`` and the end of the turn."""
        await self.send(text)
        await self.shows(shows, "ready")

    async def rests(self) -> None:
        """Wait until the screen does not change any more."""
        for _ in range(100):
            before = self.text
            await self.pilot.pause(0.15)
            if self.text == before:
                return
        raise AssertionError("the screen never rests")

    @property
    def lines(self) -> list[str]:
        """What the terminal would show, line by line."""
        strips = self.app.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip) for strip in strips]

    @property
    def text(self) -> str:
        """What the terminal would show."""
        return "\n".join(line.rstrip() for line in self.lines)

    @property
    def written(self) -> str:
        """What the composer holds."""
        return self.app.query_one("Composer").text  # type: ignore[attr-defined, no-any-return]


def check_snapshot(name: str, lines: Sequence[str]) -> None:
    """Compare with ``snapshots/name.txt``; UPDATE_SNAPSHOTS=1 writes it."""
    path = SNAPSHOTS / f"{name}.txt"
    text = "\n".join(line.rstrip() for line in lines) + "\n"
    if os.environ.get("UPDATE_SNAPSHOTS") == "1":
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
