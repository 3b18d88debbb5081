"""Take the screenshots anew: ``uv run python screenshots/make.py [NAME …]``.

The real app with the embedded model, without a terminal: questions are typed, keys pressed, and
Textual draws the screen as SVG. What the model says may change with it; the scenes stay. So that
nothing else changes, the model says what is likeliest, and times are those of a clock that
a token moves on by a fixed step; the machine in the list of models is made up.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from types import SimpleNamespace

from textual.pilot import Pilot
from textual.widgets import OptionList

from chat_tui.conversation import Effort, Prompt
from chat_tui.demo.embedded import embedded_model
from chat_tui.engine.client import ChildEngine
from chat_tui.engine.protocol import Cancel, GenerateOptions, LoadOptions, Sampling
from chat_tui.events import Delta, EngineEvent, GenerationEnded, TurnEvent
from chat_tui.memory import Memory
from chat_tui.models.catalog import catalog
from chat_tui.paths import Paths
from chat_tui.runner.fit import Room
from chat_tui.session.chat import Chat
from chat_tui.session.equipment import equip
from chat_tui.session.toolset import Toolset
from chat_tui.settings import Settings
from chat_tui.supplier import Supplier
from chat_tui.supply import Stock
from chat_tui.ui import hearing, talk
from chat_tui.ui.app import ChatApp
from chat_tui.ui.compare import desk as compare_desk
from chat_tui.ui.compare import screen as compare_screen
from chat_tui.ui.furniture import Furniture
from chat_tui.ui.models.desk import Models
from chat_tui.ui.pane import ChatPane
from chat_tui.ui.turn_worker import TurnBatch
from chat_tui.ui.widgets.approval import ApprovalCard
from chat_tui.ui.widgets.reasoning import Reasoning

HERE = Path(__file__).parent
SIZE = (100, 30)
PACE = 20
"""Tokens a second of the clock."""
GB = 10**9
CODE, TABLE = "How do I read a file in Python?", "Show planets in a table."
NOTES = {
    "river.md": "# Walks\n\nThe river is high in spring.\nThe path beside it is wet.\n",
    "tea.md": "# Tea\n\nGreen tea is made with water of 80 degrees.\n",
}


class Clock:
    """Seconds that only tokens pass."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def monotonic(self) -> float:
        """What the app takes for the time."""
        return self.seconds

    def rule(self) -> None:
        """Let it be the time for all that shows durations."""
        for module in (hearing, talk, compare_desk, compare_screen):
            module.time = SimpleNamespace(monotonic=self.monotonic)  # type: ignore[attr-defined]
        take_in = ChatPane.on_turn_batch

        async def one_by_one(pane: ChatPane, batch: TurnBatch) -> None:
            batch.stop()
            for event in chain.from_iterable(map(_tokens, batch.events)):
                await take_in(pane, TurnBatch(batch.turn, (event,)))
                self.seconds += getattr(event, "tokens", 0) / PACE

        ChatPane.on_turn_batch = one_by_one  # type: ignore[assignment]


def _tokens(event: TurnEvent) -> Iterator[TurnEvent]:
    """An event for each token: how many come at once is chance."""
    if not isinstance(event, Delta) or event.tokens < 2:
        yield event
        return
    yield replace(event, tokens=1)
    for _ in range(event.tokens - 1):
        yield replace(event, text="", tokens=1)


class PacedEngine(ChildEngine):
    """Says that it has taken the time of that clock."""

    def generate(
        self, prompt: Prompt, options: GenerateOptions, cancel: Cancel
    ) -> Iterator[EngineEvent]:
        """As the model does."""
        for event in super().generate(prompt, options, cancel):
            if isinstance(event, GenerationEnded):
                tokens = event.usage.reasoning_tokens + event.usage.answer_tokens
                seconds = max(0, tokens - 1) / PACE
                usage = replace(event.usage, total_seconds=seconds, decode_seconds=seconds)
                yield GenerationEnded(event.reason, usage)
            else:
                yield event


class Shop(Supplier):
    """The models of a machine that is as many are."""

    def stock(self) -> Stock:
        """With a disk of which nobody else takes."""
        return replace(super().stock(), disk=200 * GB)


@dataclass(frozen=True)
class Stage:
    """The app as a scene plays on it."""

    pilot: Pilot[int]
    chat: Chat

    async def write(self, text: str) -> None:
        """Type a text and send it."""
        await self.press(*("space" if char == " " else char for char in text), "enter")

    async def ask(self, text: str, *keys: str) -> None:
        """Send a question and wait for the whole answer; ``keys`` answer the card of a call."""
        before = len(self.chat.conversation.messages)
        await self.write(text)
        if keys:
            await self.card()
            await self.press(*keys)
        await self.until(lambda: any(m.is_final for m in self.chat.conversation.messages[before:]))
        await self.rest()

    async def card(self) -> None:
        """Wait until a call waits for an answer, and can be given one."""
        await self.until(lambda: self.pilot.app.screen.query(ApprovalCard))
        await self.pilot.pause(0.6)

    async def press(self, *keys: str) -> None:
        """Press keys by Textual's names for them."""
        await self.pilot.press(*keys)

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait for it."""
        while not condition():
            await self.pilot.pause(0.05)

    async def rest(self) -> None:
        """Wait until nothing is done any more, nothing read ahead either."""
        pane, still = self.pilot.app.query_one(ChatPane), 0
        while still < 10:
            await self.pilot.pause(0.1)
            still = still + 1 if pane.talk.phase == "ready" else 0


async def hero(stage: Stage) -> None:
    """A thought opened by hand, the next one folded; code and a table."""
    await stage.press("ctrl+t")
    await stage.ask(CODE)
    stage.pilot.app.query_one(Reasoning).action_thought()
    await stage.press("ctrl+t", "ctrl+t")
    await stage.ask(TABLE)


async def reasoning(stage: Stage) -> None:
    """The chain of thought shown."""
    await stage.press("ctrl+o")
    await folded(stage)


async def folded(stage: Stage) -> None:
    """The same, folded."""
    await stage.press("ctrl+t")
    await stage.ask("What is 17 + 25?")


async def effort(stage: Stage) -> None:
    """One sum at each level, reasoning shown."""
    await stage.press("ctrl+o", "ctrl+t", "ctrl+t")
    for level in Effort:
        await stage.ask("What is 17 + 25?")
        if level is not Effort.HIGH:
            await stage.press("ctrl+t")


async def compare(stage: Stage) -> None:
    """The three levels side by side."""
    await stage.rest()
    await stage.write("/compare What is 17 + 25?")
    await stage.until(lambda: len(stage.chat.conversation.nodes) >= 2 * len(Effort))
    await stage.until(lambda: not stage.pilot.app.query_one(ChatPane).talk.is_busy)
    await stage.pilot.pause(1)
    await stage.press("space", "left", "space", "left", "space", "right", "right")
    await stage.pilot.pause(0.5)


async def approval(stage: Stage) -> None:
    """A call that waits, with what it would change."""
    await stage.rest()
    await stage.write("Create garden.txt with the text sun moon")
    await stage.card()


async def library(stage: Stage) -> None:
    """A search of one's own files, with a footnote."""
    await stage.rest()
    await stage.write("/library add notes")
    await stage.pilot.pause(1)
    await stage.rest()
    await stage.ask("What do my notes say about river?", "y")


async def models(stage: Stage) -> None:
    """What is here and what can be had."""
    await stage.rest()
    await stage.write("/model")
    await stage.until(lambda: stage.pilot.app.screen.query(OptionList))
    shown = stage.pilot.app.screen.query_one(OptionList)
    await stage.until(lambda: shown.option_count)
    await stage.press("up", "up")
    await stage.pilot.pause(0.5)


async def themes(stage: Stage) -> None:
    """The chooser, the chat behind it in the colours of the highlighted one."""
    await stage.ask(CODE)
    await stage.ask(TABLE)
    await stage.write("/theme")
    await stage.pilot.pause(0.5)
    await stage.press("down", "down")
    await stage.pilot.pause(0.5)


async def keys(stage: Stage) -> None:
    """Keys and commands."""
    await stage.press("f1")
    await stage.pilot.pause(0.3)


SIZES = {
    **dict.fromkeys(("hero", "light", "effort"), (100, 38)),
    **dict.fromkeys(("reasoning", "folded", "compare"), (100, 22)),
    **dict.fromkeys(("approval", "library", "models"), (100, 26)),
}
"""Of the scenes that have another one."""
Scene = Callable[[Stage], Awaitable[None]]
SCENES: dict[str, tuple[str, Scene, tuple[str, ...]]] = {
    "hero": ("chat-dark", hero, ()),
    "reasoning": ("chat-dark", reasoning, ()),
    "folded": ("chat-dark", folded, ()),
    "effort": ("chat-dark", effort, ()),
    "compare": ("chat-dark", compare, ()),
    "approval": ("chat-dark", approval, ("python", "apply_patch")),
    "library": ("chat-dark", library, ("browser",)),
    "models": ("chat-dark", models, ()),
    "themes": ("chat-dark", themes, ()),
    "light": ("chat-light", hero, ()),
    "help": ("chat-dark", keys, ()),
}
"""By name: the colours, what happens, and the tools that there are."""


def main(names: list[str]) -> None:
    """Take those of these names, or all."""
    if unknown := [name for name in names if name not in SCENES]:
        sys.exit(f"There is no {', '.join(unknown)}; there are: {', '.join(SCENES)}.")
    clock = Clock()
    clock.rule()
    with tempfile.TemporaryDirectory() as base:
        model = embedded_model(Path(base))
        for name in names or SCENES:
            with tempfile.TemporaryDirectory() as folder:
                asyncio.run(take(name, model, Path(folder)))
            print(HERE / f"{name}.svg")


async def take(name: str, model: Path, home: Path) -> None:
    """One picture; ``home`` is an empty folder for all that is written."""
    theme, scene, wanted = SCENES[name]
    parts = ("config", "data", "state", "cache", "log")
    paths = Paths(**{part: home / part for part in parts})
    os.environ["HOME"] = str(home)
    workspace = home / "work"
    (workspace / "notes").mkdir(parents=True)
    for note, text in NOTES.items():
        (workspace / "notes" / note).write_text(text, encoding="utf-8")
    os.chdir(workspace)
    memory = Memory(paths.remembered)
    room = Room(64 * GB, (24 * GB,))
    # The embedded model lies where the engine has it from.
    unpacked = model.parent.parent
    shop = Shop(Settings(), memory, unpacked, {}, home, catalog(), lambda: room)
    options = LoadOptions(model, context=4096)
    with (
        closing(PacedEngine(options, log=paths.engine_log, cache=paths.cache)) as engine,
        closing(Toolset(lambda done: equip(paths, workspace, wanted, done))) as tools,
    ):
        chat = Chat(
            engine,
            options=GenerateOptions(Sampling(temperature=0)),
            tools=tools if wanted else None,
        )
        offers = name == "models"
        models = Models(lambda: shop, lambda _: engine) if offers else None
        app = ChatApp(Furniture(chat, models=models), theme=theme)
        async with app.run_test(size=SIZES.get(name, SIZE)) as pilot:
            while engine.model is None:
                await pilot.pause(0.05)
            await scene(Stage(pilot, chat))
            picture = app.export_screenshot().replace("<text ", '<text xml:space="preserve" ')
            (HERE / f"{name}.svg").write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
