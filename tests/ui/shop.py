"""Models that a test says there are, and the app with them: nothing is downloaded or read."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from chat_tui.engine.scripted import ScriptedEngine
from chat_tui.errors import LoadError, UsageError
from chat_tui.events import Loaded, LoadProgress, ModelInfo
from chat_tui.session.chat import Chat
from chat_tui.supply import Fit, Hear, Model, Offer, Phase, Progress, Stock
from chat_tui.ui.app import ChatApp
from chat_tui.ui.furniture import Furniture
from chat_tui.ui.models.desk import Models
from chat_tui.ui.models.screen import ModelsScreen
from tests.ui.screen import PATIENCE, Stage, harmony

GB = 10**9
HUB = Path("/hub/it.gguf")
"""Where a download comes to lie."""
WHOLE = Fit(True, "", 65_536, 13 * GB, 20, 25, 5)
TINY = Model("embedded", Path("/c/tiny.gguf"), 64_000_000, "Q8_0", "comes with chat-tui", WHOLE)
OTHER = Model("other", Path("/m/other.gguf"), 12 * GB, "MXFP4", "LM Studio", WHOLE)
LARGE = Model(
    "large", Path("/m/large.gguf"), 63 * GB, "MXFP4", "Ollama", Fit(False, "40 GB are missing.")
)
THERE = Model("gpt-oss-20b", None, 12 * GB, "MXFP4", "huggingface.co/me/it", WHOLE)


class ScriptedShop:
    """Holds what is on offer; a download waits for ``go`` after its first half."""

    def __init__(self, *models: Model, disk: int = 500 * GB, line: str | None = None) -> None:
        self.models = list(models)
        self.disk = disk
        self.line = line
        self.used: list[str] = []
        self.hidden: set[str] = set()
        self.half, self.go = threading.Event(), threading.Event()
        self.broken: Exception | None = None

    def stock(self) -> Stock:
        return Stock(tuple(self.models), (), 30 * GB, (8 * GB,), self.disk)

    def offer(self, way: str = "") -> Offer | None:
        if not self.line or self.used or self.line in self.hidden:
            return None
        return Offer(f"{self.line}: {way}", (self.line,))

    def hide(self, offer: Offer) -> None:
        self.hidden.update(offer.marks)

    def find(self, word: str) -> Model:
        for model in self.models:
            if word in (model.name, str(model.path)):
                return model
        raise UsageError(f"There is no model {word}.", "There are others.")

    def pull(self, model: Model, hear: Hear, stop: Callable[[], bool]) -> Path | None:
        hear(Progress(Phase.LOADING, "it.gguf", model.size // 2, model.size, 50e6))
        self.half.set()
        while not self.go.wait(0.02):
            if stop():
                return None
        if self.broken is not None:
            raise self.broken
        path = HUB
        self.models[self.models.index(model)] = replace(model, path=path)
        return path

    def check(self, _model: Model, _hear: Hear, _stop: Callable[[], bool]) -> str:
        return ""

    def use(self, model: Model) -> None:
        self.used.append(model.name)

    def forget(self) -> Path | None:
        return None


class SlowEngine(ScriptedEngine):
    """Loads half, then waits for ``go``; fails with ``broken``."""

    def __init__(self, completions: Sequence[str], model: ModelInfo) -> None:
        super().__init__(completions, model=model)
        self.half, self.go = threading.Event(), threading.Event()
        self.go.set()
        self.broken: LoadError | None = None
        self.others: list[ScriptedEngine] = []
        """Those that must not hold a model meanwhile."""

    def load(self):  # type: ignore[no-untyped-def]
        assert not any(other.model for other in self.others)
        yield LoadProgress(0.5)
        self.half.set()
        while not self.go.wait(0.02):
            yield LoadProgress(0.5)
        if self.broken is not None:
            raise self.broken
        yield from (event for event in super().load() if isinstance(event, Loaded))


def engine(model: Model, answer: str) -> SlowEngine:
    info = ModelInfo(str(model.path), model.name, model.size, 65_536, 131_072, "CPU")
    return SlowEngine([harmony(answer)], info)


class ModelStage(Stage):
    """The app with a shop; ``engines`` are those of the models by their paths."""

    def __init__(self, shop: ScriptedShop, tiny: str = "Tiny says.") -> None:
        self.shop = shop
        self.tiny = engine(TINY, tiny)
        self.engine = self.tiny
        self.engines = {HUB: engine(replace(THERE, path=HUB), "Real.")}
        for model in (OTHER, LARGE):
            assert model.path
            self.engines[model.path] = engine(model, f"{model.name} says.")
        for one in self.engines.values():
            one.others = [self.tiny]
        self.chat = Chat(self.engine)
        self.remembered = {}
        self.app = ChatApp(
            Furniture(self.chat, models=Models(lambda: shop, self.engines.__getitem__))
        )

    async def opens(self, *shown: str) -> None:
        """Open the list and wait for what it shows."""
        await self.send("/model")
        await self.until(lambda: isinstance(self.app.screen, ModelsScreen))
        await self.shows(*shown)

    async def choose(self, name: str) -> None:
        """Go to the row of that model."""
        for _ in self.shop.models:
            await self.pilot.press("up")
        for _ in range([model.name for model in self.shop.models].index(name)):
            await self.pilot.press("down")

    @property
    def header(self) -> str:
        return self.lines[0]


def patient(event: threading.Event) -> bool:
    """Wait for what another thread does."""
    return event.wait(PATIENCE)
