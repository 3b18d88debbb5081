"""Take the screenshots anew: ``uv run python screenshots/make.py``.

The real app with the embedded model, without a terminal: questions are typed, keys pressed, and
Textual draws the screen as SVG. What the model says may change with it; the scenes stay.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from textual.pilot import Pilot

from chat_tui.conversation import Effort
from chat_tui.demo.embedded import embedded_model
from chat_tui.engine.client import ChildEngine
from chat_tui.engine.protocol import GenerateOptions, LoadOptions, Sampling
from chat_tui.session.chat import Chat
from chat_tui.ui.app import ChatApp

HERE = Path(__file__).parent
SIZE = (100, 30)


@dataclass(frozen=True)
class Stage:
    """The app as a scene plays on it."""

    pilot: Pilot[int]
    chat: Chat

    async def ask(self, text: str) -> None:
        """Type a question, send it and wait for the whole answer."""
        before = len(self.chat.conversation.messages)
        await self.press(*("space" if char == " " else char for char in text), "enter")
        while not any(m.is_final for m in self.chat.conversation.messages[before:]):
            await self.pilot.pause(0.05)
        await self.pilot.pause(0.5)

    async def press(self, *keys: str) -> None:
        """Press keys by Textual's names for them."""
        await self.pilot.press(*keys)


async def hero(stage: Stage) -> None:
    """Three questions, reasoning folded."""
    await stage.ask("Hello!")
    await stage.ask("How do I change the effort?")
    await stage.ask("What is the capital of Peru?")


async def reasoning(stage: Stage) -> None:
    """The chain of thought shown."""
    await stage.press("ctrl+o")
    await stage.ask("What is the capital of Norway?")


async def effort(stage: Stage) -> None:
    """One sum at each level, reasoning shown."""
    await stage.press("ctrl+o", "ctrl+t", "ctrl+t")
    for _ in Effort:
        await stage.ask("What is 17 + 25?")
        await stage.press("ctrl+t")


async def keys(stage: Stage) -> None:
    """Keys and commands."""
    await stage.press("f1")
    await stage.pilot.pause(0.3)


SCENES: dict[str, tuple[str, Callable[[Stage], Awaitable[None]]]] = {
    "hero": ("chat-dark", hero),
    "reasoning": ("chat-dark", reasoning),
    "effort": ("chat-dark", effort),
    "light": ("chat-light", hero),
    "help": ("chat-dark", keys),
}


async def main() -> None:
    """Take them all."""
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder)
        options = LoadOptions(embedded_model(cache), context=4096)
        for name, (theme, scene) in SCENES.items():
            with closing(ChildEngine(options, log=cache / "engine.log", cache=cache)) as engine:
                chat = Chat(engine, options=GenerateOptions(Sampling(temperature=0)))
                app = ChatApp(chat, theme=theme)
                async with app.run_test(size=SIZE) as pilot:
                    while engine.model is None:
                        await pilot.pause(0.05)
                    await scene(Stage(pilot, chat))
                    (HERE / f"{name}.svg").write_text(app.export_screenshot(), encoding="utf-8")
            print(HERE / f"{name}.svg")


if __name__ == "__main__":
    asyncio.run(main())
