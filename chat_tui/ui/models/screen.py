"""The screen with the models: what there is, all about the chosen one, what a key does with it.

Knows rows and what can be done with a model; must not know the disk, the network or the chat.
Nothing here waits: the list comes when it comes.
"""

from __future__ import annotations

from typing import ClassVar, Protocol

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from chat_tui.errors import ChatError
from chat_tui.events import ModelInfo
from chat_tui.keys import Where
from chat_tui.language import _, number
from chat_tui.supply import Model, Stock
from chat_tui.supply_words import free
from chat_tui.ui.keys import bind_all, key_name
from chat_tui.ui.list_screen import ListScreen
from chat_tui.ui.models.download import Download
from chat_tui.ui.models.rows import details, is_used, lacks, question, row
from chat_tui.untrusted import clean_line


class Deeds(Protocol):
    """What can be done with the models."""

    @property
    def in_use(self) -> ModelInfo | None:
        """The model that is loaded."""

    @property
    def download(self) -> Download | None:
        """The one that runs."""

    async def listed(self) -> Stock:
        """Everything there is now. Raises ChatError."""

    def fetch(self, model: Model) -> None:
        """Begin a download. Raises ChatError where one runs already."""


class ModelsScreen(ListScreen[Model | None]):
    """All models; it ends with the one to use. ``name`` is the one that is chosen at first."""

    BINDINGS: ClassVar[list[BindingType]] = bind_all(Where.MODELS)
    DEFAULT_CSS = "ModelsScreen > VerticalScroll { max-height: 45%; }"

    def __init__(
        self, deeds: Deeds, chosen: Model | None = None, stock: Stock | None = None
    ) -> None:
        super().__init__()
        self._deeds = deeds
        self._stock = stock
        self._wish = chosen
        self._asked: Model | None = None
        """The model about which something was asked; Enter again is the answer."""
        self._clicked: str | None = None

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield Static(" · ".join([_("Models"), _("looking …")]), id="name", markup=False)
        yield OptionList(markup=False)
        details = VerticalScroll(Static(id="details", markup=False), can_focus=False)
        details.display = False
        yield details
        yield Static(id="said", markup=False)
        yield Static(id="hints", markup=False)

    def on_mount(self) -> None:
        """Look at once."""
        self.query_one(OptionList).focus()
        self._hint()
        if self._stock is None:
            self.look()
        else:
            self.call_after_refresh(lambda: self._draw(self._wish))

    # -- what is shown

    def look(self, said: str = "") -> None:
        """Read the list anew, and say something about it."""
        self.run_worker(self._look(said), exclusive=True)

    def advance(self) -> None:
        """The download has got on."""
        download, stock = self._deeds.download, self._stock
        self._hint()
        if download is None or stock is None:
            return
        for at, model in enumerate(stock.models):
            if _same(model, download.model):
                options = self.query_one(OptionList)
                options.replace_option_prompt(str(at), self._row(model))

    async def _look(self, said: str) -> None:
        try:
            stock = await self._deeds.listed()
        except ChatError as error:
            self.say(str(error))
            return
        chosen = self._chosen or self._wish
        self._stock = stock
        self._draw(chosen)
        if said:
            self.say(said)

    def _hint(self) -> None:
        """Say what the keys do now."""
        chosen, hints = self._chosen, []
        if chosen is not None:
            does = _("{key} uses it") if chosen.path else _("{key} downloads it")
            hints.append(does.format(key=key_name("use model")))
        if self._deeds.download is not None:
            hints.append(_("{key} stops the download").format(key=key_name("cancel download")))
        hints.append(_("{key} goes back").format(key=key_name("close models")))
        self.query_one("#hints", Static).update(Content(" · ".join(hints)))

    def _draw(self, chosen: Model | None) -> None:
        stock = self._stock
        if stock is None:
            return
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options([
            Option(self._row(model), id=str(at)) for at, model in enumerate(stock.models)
        ])  # fmt: skip
        wanted = (at for at, one in enumerate(stock.models) if chosen and _same(one, chosen))
        used = (at for at, one in enumerate(stock.models) if is_used(one, self._deeds.in_use))
        options.highlighted = next(wanted, next(used, 0)) if stock.models else None
        title = " · ".join([_("Models"), number(len(stock.models)), free(stock)])
        self.query_one("#name", Static).update(Content(clean_line(title)))

    def _row(self, model: Model) -> Content:
        download = self._deeds.download
        loading = download.text if download and _same(model, download.model) else ""
        width = self.query_one(OptionList).scrollable_content_region.width
        return row(model, self._deeds.in_use, loading, max(8, width))

    @property
    def _chosen(self) -> Model | None:
        """The model that keys act on."""
        at = self.query_one(OptionList).highlighted
        if self._stock is None or at is None or at >= len(self._stock.models):
            return None
        return self._stock.models[at]

    # -- what is asked

    def on_option_list_option_highlighted(self, message: OptionList.OptionHighlighted) -> None:
        """Show all about it."""
        message.stop()
        chosen, stock = self._chosen, self._stock
        self._hint()
        around = self.query_one(VerticalScroll)
        around.display = chosen is not None
        if chosen is None or stock is None:
            return
        if self._asked is not None and not _same(self._asked, chosen):
            self._asked = None
            self.say("")
        width = max(16, self.size.width - 5)
        self.query_one("#details", Static).update(details(chosen, stock, self._deeds.in_use, width))
        around.scroll_home(animate=False)
        # It may have taken lines from the list.
        self.call_after_refresh(self.query_one(OptionList).scroll_to_highlight)

    def on_option_list_option_selected(self, message: OptionList.OptionSelected) -> None:
        """The first click chooses, the second one uses."""
        message.stop()
        again, self._clicked = self._clicked == message.option_id, message.option_id
        if again:
            self.action_use_model()

    def on_resize(self) -> None:
        """Rows are as wide as the screen."""
        self.call_after_refresh(lambda: self._draw(self._chosen or self._wish))

    def action_model_above(self) -> None:
        """The one above."""
        self._move(-1)

    def action_model_below(self) -> None:
        """The one below."""
        self._move(1)

    def _move(self, step: int) -> None:
        options = self.query_one(OptionList)
        if options.option_count:
            at = options.highlighted or 0
            options.highlighted = min(max(0, at + step), options.option_count - 1)

    def action_use_model(self) -> None:
        """Leave with it, where that makes sense."""
        chosen = self._chosen
        if chosen is None:
            return
        if chosen.path is None:
            self.action_download()
        elif chosen.problem:
            self.say(_("It cannot be used: {problem}").format(problem=chosen.problem))
        elif is_used(chosen, self._deeds.in_use):
            self.say(_("It is in use."))
        elif chosen.fit is not None and not chosen.fit.fits and self._asked != chosen:
            self._asked = chosen
            self.say(
                _(
                    "It does not fit now. Enter again tries it all the same, once the model in use"
                    " is freed."
                )
            )
        else:
            self.dismiss(chosen)

    def action_download(self) -> None:
        """Ask, then begin."""
        chosen, stock = self._chosen, self._stock
        if chosen is None or stock is None:
            return
        running = self._deeds.download
        if chosen.path is not None:
            self.say(_("It is on this machine: Enter uses it."))
        elif running is not None:
            said = _("{name} is being downloaded; {key} stops it.")
            self.say(said.format(name=running.model.name, key=key_name("cancel download")))
        elif missing := lacks(chosen, stock):
            self.say(missing)
        elif self._asked != chosen:
            self._asked = chosen
            self.say(question(chosen, stock))
        else:
            self._asked = None
            self._deeds.fetch(chosen)
            self.advance()
            said = _("It goes on while you chat; {key} goes back there.")
            self.say(said.format(key=key_name("close models")))

    def action_cancel_download(self) -> None:
        """Stop what is being downloaded."""
        if (running := self._deeds.download) is None:
            self.say(_("Nothing is being downloaded."))
        else:
            running.stop()
            self.advance()

    def action_close_models(self) -> None:
        """Back to the chat."""
        self.dismiss(None)


def _same(one: Model, other: Model) -> bool:
    """Whether both are the same, whatever is known of them by now."""
    return (one.name, one.path) == (other.name, other.path) or (
        # One that was downloaded meanwhile has a path now.
        one.name == other.name and other.path is None
    )
