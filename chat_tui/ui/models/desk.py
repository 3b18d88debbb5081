"""What is done with models: one is chosen, downloaded, offered.

Knows the supply, the chat and the pane; must not know keys or rows. What may take time runs beside
the loop; what touches the chat, in its own thread.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from chat_tui.engine.protocol import Engine
from chat_tui.errors import ChatError, UsageError
from chat_tui.events import Loaded, ModelInfo, TurnEnded, TurnFailed
from chat_tui.language import _
from chat_tui.session.chat import Chat
from chat_tui.supply import Model, Offer, Stock, Supply
from chat_tui.ui.keys import key_name
from chat_tui.ui.models.aside import aside
from chat_tui.ui.models.bar import OfferBar
from chat_tui.ui.models.download import Download
from chat_tui.ui.models.rows import is_used, memory
from chat_tui.ui.pane import ChatPane
from chat_tui.ui.turn_worker import Turn, TurnBatch
from chat_tui.ui.widgets.cards import ErrorCard
from chat_tui.ui.widgets.frame import Frame
from chat_tui.ui.widgets.status import StatusLine
from chat_tui.untrusted import clean_line

if TYPE_CHECKING:
    from chat_tui.ui.models.screen import ModelsScreen


class Shop(Supply, Protocol):
    """The models, and what a first start offers of them."""

    def offer(self, way: str = "") -> Offer | None:
        """One line, which ends with ``way``; None where there is nothing new to offer."""

    def hide(self, offer: Offer) -> None:
        """Never offer that again."""


@dataclass(frozen=True, slots=True)
class Models:
    """What is needed to go on with another model."""

    shop: Callable[[], Shop]
    """Takes a moment."""
    engine: Callable[[Path], Engine]
    """One for that file; nothing is loaded yet."""


class ModelsDesk:
    """Everything about the models beside the one that is loaded."""

    def __init__(self, models: Models, chat: Chat, pane: ChatPane) -> None:
        self._models = models
        self._chat = chat
        self._pane = pane
        self._shop: Shop | None = None
        self._stock: Stock | None = None
        """What there was when somebody looked last."""
        self._bar: OfferBar | None = None
        self._offered: Offer | None = None
        """What the bar offers of the machine."""
        self._screen: ModelsScreen | None = None
        self._wanted: tuple[Turn, Model, str] | None = None
        """The change that is under way: its turn, the model, and the name of the one before."""
        self.download: Download | None = None
        """The one that runs."""

    # -- commands, keys and clicks of the chat

    async def model(self, words: str) -> None:
        """Show the list; use the model of that name or path. Raises ChatError."""
        if not words:
            self.show()
            return
        self._pane.say(_("Looking …"))
        try:
            stock = await self.listed()
            named = [one for one in stock.models if words in (one.name, str(one.path))]
            if len(named) == 1:
                found = named[0]
            else:
                found = await aside(lambda: self._at_hand().find(words))
        finally:
            self._pane.say("")
        ready = found.path is not None and not found.problem
        if ready and (found.fit is None or found.fit.fits):
            await self.use(found)
        else:
            self.show(found, stock)  # there it says why not, and what can be done

    def show(self, chosen: Model | None = None, stock: Stock | None = None) -> None:
        """Show the list; ``stock`` where it has just been looked at."""
        self._hide_bar()
        from chat_tui.ui.models.screen import ModelsScreen  # noqa: PLC0415 - when it is opened

        self._screen = ModelsScreen(self, chosen, stock)
        self._pane.app.push_screen(self._screen, self._left)

    def escape(self) -> bool:
        """Give up the change that is under way, else hide the offer; False where neither is."""
        if self._wanted is not None:
            self._wanted[0].cancel.set()
            return True
        return self._hide_bar()

    async def offer(self) -> None:
        """Offer more than the embedded model, where nothing was chosen yet."""
        with suppress(ChatError, OSError):  # whoever wants to know opens the list
            found = await aside(lambda: self._at_hand().offer("/model"))
            if found and self._screen is None and self._wanted is None:
                await self._show_bar(found.text, self.show)
                self._offered = found

    def close(self) -> None:
        """Let the download end; what came is kept."""
        if self.download is not None:
            self.download.stop()

    # -- what the list asks for

    @property
    def in_use(self) -> ModelInfo | None:
        """The model that is loaded."""
        return self._chat.engine.model

    async def listed(self) -> Stock:
        """Everything there is now, the model in use with it wherever it lies."""
        info = self.in_use

        def work() -> Stock:
            stock = self._at_hand().stock()
            if info is not None and not any(is_used(model, info) for model in stock.models):
                with suppress(ChatError):
                    own = self._at_hand().find(info.path)
                    return replace(stock, models=(own, *stock.models))
            return stock

        self._stock = await aside(work)
        return self._stock

    def fetch(self, model: Model) -> None:
        """Begin a download. Raises UsageError where one runs."""
        if self.download is not None:
            raise UsageError(_("One model at a time is downloaded."))
        self.download = Download(model, self._advanced)
        self._pane.run_worker(self._fetch(self.download), group="download")

    async def use(self, model: Model) -> None:
        """Go on with it: what runs is stopped, the model in use is freed, this one is loaded."""
        if model.path is None:
            said = _("{name} has to be downloaded first.").format(name=clean_line(model.name))
            raise UsageError(said)
        if is_used(model, self.in_use):
            self._pane.say(_("{name} is in use.").format(name=clean_line(model.name)))
            await aside(lambda: self._at_hand().use(model))
            return
        self._hide_bar()
        before = self.in_use.name if self.in_use else _("The model before")
        if self._wanted is not None:
            before = self._wanted[2]
        needed = memory(model, self._stock) if self._stock else ""
        if self.heard not in self._pane.talk.heard:
            self._pane.talk.heard.append(self.heard)
        turn = await self._pane.talk.switch(self._models.engine(model.path))
        self._wanted = (turn, model, before)
        loads = _("Loading {name}: {needed}.") if needed else _("Loading {name}.")
        loads = loads.format(name=clean_line(model.name), needed=needed)
        keeps = _("{key} keeps {name}.").format(key=key_name("stop"), name=clean_line(before))
        self._pane.say(f"{loads} {keeps}")

    async def heard(self, batch: TurnBatch) -> None:
        """The worker tells something; it may be about the change."""
        for event in batch.events:
            if self._wanted is None or batch.turn is not self._wanted[0]:
                return
            _turn, model, before = self._wanted
            if isinstance(event, Loaded):
                self._wanted = None
                self._pane.talk.recount()
                if not self._pane.line.waiting:
                    self._pane.say("")
                self._pane.run_worker(self._remember(model), group="remember")
            elif isinstance(event, TurnFailed | TurnEnded):
                self._wanted = None
                if isinstance(event, TurnFailed) and self._pane.talk.is_busy:
                    await self._pane.transcript.note(ErrorCard(event.error))
                self._pane.say(_("{name} stays.").format(name=clean_line(before)))
                self._pane.talk.load()

    # -- inside

    def _at_hand(self) -> Shop:
        """The supply; the first time takes a moment."""
        self._shop = self._shop or self._models.shop()
        return self._shop

    def _left(self, wanted: Model | None) -> None:
        self._screen = None
        if wanted is not None:
            self._begin(wanted)

    def _begin(self, model: Model) -> None:
        async def work() -> None:
            try:
                await self.use(model)
            except ChatError as error:
                self._pane.say(str(error))

        self._pane.run_worker(work(), group="model")

    async def _remember(self, model: Model) -> None:
        """The next start begins with it."""
        try:
            await aside(lambda: self._at_hand().use(model))
        except ChatError as error:
            said = _("The next start will not know that it was chosen: {error}")
            self._pane.say(said.format(error=error))

    async def _fetch(self, download: Download) -> None:
        name = clean_line(download.model.name)
        try:
            path = await download.run(self._at_hand())
        except ChatError as error:
            path = None
            said = _("{name} was not downloaded: {error}").format(name=name, error=error)
        else:
            said = _("{name}: stopped; the next download goes on from there.").format(name=name)
        self.download = None
        self._advanced()
        if not self._pane.is_attached or self._pane.is_down:
            return
        here = replace(download.model, path=path)
        if path is not None:
            said = _("{name} is on this machine now.").format(name=name)
            way = _("A click or {command} uses it.").format(command=f"/model {name}")
            await self._show_bar(f"{said} {way}", lambda: self._begin(here))
            said = " ".join([said, _("Enter uses it.")])
        else:
            self._pane.say(said)
        if self._screen is not None:
            self._screen.look(said)

    def _advanced(self) -> None:
        """The download has got on, or is over."""
        if not self._pane.is_attached or self._pane.is_down:
            return
        self._pane.query_one(StatusLine).download = self.download.brief if self.download else ""
        if self._screen is not None and self._screen.is_mounted:
            self._screen.advance()

    async def _show_bar(self, text: str, taken: Callable[[], None]) -> None:
        self._offered = None  # where it gives way unseen it may come again
        self._hide_bar()
        hides = _("{key} hides it").format(key=key_name("stop"))
        self._bar = OfferBar(f"{text} · {hides}", taken)
        await self._pane.mount(self._bar, before=self._pane.query_one(Frame))

    def _hide_bar(self) -> bool:
        """Whoever hides it, or has taken it up, has seen it: it does not come again."""
        bar, self._bar = self._bar, None
        offered, self._offered = self._offered, None
        if bar is None or not bar.is_attached:
            return False
        bar.remove()
        if offered is not None:
            self._pane.run_worker(aside(lambda: self._at_hand().hide(offered)), group="hide")
        return True
