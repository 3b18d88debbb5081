"""A context that fills up: when the choice is shown, and what each choice does on the screen.

Knows the chat's space, the worker and the transcript; must not know keys or how a command is
spelled. Its methods are called in the screen's loop only; counting and summarising is the
worker's. Every method that a command calls may raise a ChatError.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from rich.cells import cell_len, set_cell_size
from textual.widget import Widget

from chat_tui.errors import ChatError, UsageError
from chat_tui.events import PromptCost, StopReason, TurnEnded, TurnFailed
from chat_tui.language import _, ngettext, number
from chat_tui.session import export
from chat_tui.session.chat import Chat
from chat_tui.session.compaction import Space
from chat_tui.session.meter import SIGNS, Meter
from chat_tui.session.room import REQUEST, is_nearly_full
from chat_tui.ui import busy
from chat_tui.ui.keys import key_name
from chat_tui.ui.turn_worker import Turn, TurnWorker
from chat_tui.ui.widgets.cards import ErrorCard, Notice
from chat_tui.ui.widgets.composer import Composer
from chat_tui.ui.widgets.line import Line
from chat_tui.ui.widgets.room import MarkCard, RoomCard
from chat_tui.ui.widgets.transcript import Transcript
from chat_tui.ui.widgets.turn_view import TurnView

BAR = 10
"""Cells of the meter's longest bar."""


class Place(Protocol):
    """The part of the screen where the conversation is held."""

    @property
    def transcript(self) -> Transcript:
        """What was said."""

    @property
    def line(self) -> Line:
        """What is said now, and what waits."""

    @property
    def composer(self) -> Composer:
        """Where the user writes."""

    def run_worker(self, work: Coroutine[Any, Any, None], *, group: str, exclusive: bool) -> object:
        """Do something beside the handling of events."""

    async def turn_to(self, work: Callable[[], str]) -> None:
        """Leave the conversation for the one that ``work`` leads to; it gives the title."""


class Around(Protocol):
    """The talk that this belongs to."""

    @property
    def is_busy(self) -> bool:
        """Whether the user waits for an answer."""

    def wait_for(self, turn: Turn, view: TurnView) -> None:
        """The user waits for this now."""

    def watch(self, turn: Turn) -> None:
        """The model is being loaded in this turn."""

    def load(self) -> None:
        """Bring the model into memory."""

    def take_back(self) -> bool:
        """Give the message that waits back to the user."""

    def recount(self) -> None:
        """What the model sees has changed."""

    async def go_on(self) -> None:
        """Go on with the answer that was cut off. Raises UsageError."""


class MakingRoom:
    """The choices of one talk."""

    def __init__(self, around: Around, chat: Chat, place: Place, worker: TurnWorker) -> None:
        self._around = around
        self._chat = chat
        self._place = place
        self._worker = worker
        self._space = Space(chat)
        self._card: RoomCard | None = None
        self._warned = False
        self._waits = False
        """Whether what stands in the composer did not fit."""
        self._goes_on = False
        """Whether an answer that was cut off waits for room."""
        self._summing: Turn | None = None
        self._enlarging: Turn | None = None

    def priced(self, cost: PromptCost) -> None:
        """The next question costs this much: time to choose, or room enough again."""
        model = self._chat.engine.model
        if model is None:
            return
        if not is_nearly_full(cost.total, model.context):
            self._warned = self._waits = False
            if self._card is not None and not self._card.room.asks:
                self._beside(self._withdraw())
        elif not self._warned and not self._around.is_busy:
            self._warned = True
            self._beside(self._offer())

    def cut(self) -> None:
        """An answer ended because the context was full."""
        self._warned = True
        self._beside(self._offer(was_cut=True))

    async def go_on(self) -> None:
        """Show what makes room for an answer that was cut off; it goes on then by itself."""
        self._warned = self._goes_on = True
        await self._offer()
        if self._card is not None:
            self._card.focus()

    async def refused(self, turn: Turn, view: TurnView | None) -> None:
        """The question did not fit: it goes back to where it came from."""
        if view is not None and view.is_attached:
            await (self._place.transcript.settle(view) if view.replaces else view.remove())
        if turn.text:
            self._place.composer.put_before(turn.text)
        self._around.take_back()
        self._warned = self._waits = True
        self._beside(self._offer(asks=True))

    async def finished(
        self, turn: Turn, view: TurnView | None, event: TurnEnded | TurnFailed
    ) -> None:
        """A turn is over; if it was one of these, show what came of it."""
        if turn is self._summing:
            self._summing = None
            await self._summarised(view, event)
        elif turn is self._enlarging:
            self._enlarging = None
            await self._enlarged(event)
        else:
            self._goes_on = False

    async def choose(self, id_: str) -> None:
        """A line of the card was chosen."""
        self._place.composer.focus()
        match id_:
            case "compact":
                await self.compact("")
            case "drop":
                await self.drop("")
            case "larger":
                await self.context("larger")
            case "afresh":
                await self.context("fork")
            case _:
                self._goes_on = False
                await self._withdraw()

    async def compact(self, words: str) -> None:
        """Have the earlier part summarised, or take that back."""
        if words == "undo":
            await self._undo()
            return
        if words:
            raise UsageError(_("/compact takes no words."), _("/compact undo takes it back."))
        self._check()
        question, keep = self._waiting, int(self._goes_on)
        await self._withdraw()
        view = await self._place.transcript.begin(REQUEST, self._chat.effort)
        work = self._space.compact
        self._summing = self._worker.play(lambda turn: work(turn.cancel, question, keep))
        self._around.wait_for(self._summing, view)

    async def drop(self, words: str) -> None:
        """Leave out so many of the oldest questions, or as many as are needed; or take it back."""
        if words == "undo":
            await self._undo()
            return
        if words and not (words.isdecimal() and len(words) < 9):
            hint = _("/drop 3 leaves out the three oldest.")
            raise UsageError(_("How many questions?"), hint)
        self._check()
        count, question = int(words) if words else None, self._waiting
        keep = int(self._goes_on)
        await self._worker.do(lambda: self._space.drop(count, question, keep))
        await self._marked()

    async def context(self, words: str) -> None:
        """Show what fills the context, or get more of it."""
        self._check()
        match words:
            case "":
                meter = await self._worker.do(self._space.meter)
                await self._note(Notice(drawn(meter)))
                await self._offer(asks=self._waiting is not None)
            case "larger":
                work = self._space.enlarge
                self._enlarging = self._worker.play(lambda turn: work(turn.cancel))
                self._around.watch(self._enlarging)
            case "fork":
                await self._place.turn_to(self._forked)
                self._card, self._warned, self._waits = None, False, False
            case _:
                raise UsageError(_("There is /context, /context larger and /context fork."))

    def _forked(self) -> str:
        """In the worker: go on in a fresh conversation; its title."""
        self._space.fork(self._waiting)
        return export.title(self._chat.conversation.messages)

    async def _summarised(self, view: TurnView | None, event: TurnEnded | TurnFailed) -> None:
        if view is None or not view.is_attached:
            return  # the conversation was left
        await view.remove()
        if isinstance(event, TurnEnded) and event.reason is StopReason.COMPLETE:
            await self._marked()
            return
        if isinstance(event, TurnFailed) and isinstance(event.error, UsageError):
            self._say(str(event.error))
        elif isinstance(event, TurnFailed):
            await self._note(ErrorCard(event.error))
        else:
            await self._note(Notice(_("The summary was stopped; nothing was changed.")))
        if self._warned:
            self._beside(self._offer(asks=self._waits))

    async def _enlarged(self, event: TurnEnded | TurnFailed) -> None:
        model = self._chat.engine.model
        if isinstance(event, TurnFailed) or model is None:
            if model is None:
                self._around.load()
            return
        question, self._warned, self._waits = self._waiting, False, False
        await self._withdraw()
        said = ngettext(
            "The context holds {count:,} token now.",
            "The context holds {count:,} tokens now.",
            model.context,
        ).format(count=model.context)
        await self._note(Notice(said))
        await self._again(question)

    async def _undo(self) -> None:
        self._check()
        await self._worker.do(self._space.undo)
        await self._marked()

    async def _marked(self) -> None:
        """The model sees something else from here on: say so."""
        question = self._waiting
        await self._withdraw()
        self._warned = self._waits = False
        path = self._chat.conversation.messages
        if path and path[-1].is_mark:
            await self._note(MarkCard(path[-1], is_alone=True))
        await self._again(question)

    async def _again(self, question: str | None) -> None:
        """There is more room: say whether the question that waits fits now."""
        self._around.recount()
        if self._goes_on:
            self._goes_on = False
            await self._around.go_on()
            return
        if question is None:
            return
        found = await self._worker.do(lambda: self._space.look(question))
        if found.fits:
            self._say(_("There is room now: Enter sends your question."))
        else:
            self._warned = self._waits = True
            await self._offer(asks=True)

    async def _offer(self, *, asks: bool = False, was_cut: bool = False) -> None:
        """Show the choices."""
        question = self._place.composer.whole_text.strip() if asks else None
        goes_on = self._goes_on
        try:
            found = await self._worker.do(lambda: self._space.look(question, int(goes_on)))
        except ChatError:
            return  # the model is busy or gone; the next turn will tell
        await self._withdraw()
        if not RoomCard.choices(found, goes_on=goes_on):
            if goes_on:
                self._goes_on = False
                self._say(
                    _("This question with its answer fills the context: there is no more room.")
                )
            elif asks and not found.fits:
                self._say(_("The question alone is too long for the context: shorten it."))
            return
        self._card = RoomCard(found, was_cut=was_cut, goes_on=goes_on)
        await self._note(self._card)
        if asks:
            said = _("Not sent: it does not fit. {key} goes to the choices.")
            self._say(said.format(key=key_name("card")))

    async def _withdraw(self) -> None:
        card, self._card = self._card, None
        if card is not None and card.is_attached:
            await card.remove()

    async def _note(self, card: Widget) -> None:
        await self._place.transcript.note(card)
        self._place.transcript.anchor()

    def _check(self) -> None:
        """Raise UsageError where the chat cannot be asked now."""
        if self._around.is_busy:
            raise busy.answering()
        if self._chat.engine.model is None:
            raise busy.loading()

    @property
    def _waiting(self) -> str | None:
        """The question that waits for room."""
        return self._place.composer.whole_text.strip() or None if self._waits else None

    def _say(self, text: str) -> None:
        self._place.line.say(text, self._place.composer.text)

    def _beside(self, work: Coroutine[Any, Any, None]) -> None:
        self._place.run_worker(work, group="room", exclusive=True)


def drawn(meter: Meter) -> str:
    """The meter in lines."""
    share = f"{min(meter.used / meter.context, 1.0):.0%}".replace("%", " %")
    head = _("Context: {used:,} of {context:,} tokens, {share}")
    lines = [head.format(used=meter.used, context=meter.context, share=share)]
    rows = [(_(kind), SIGNS[kind], count) for kind, count in meter.kinds.items()]
    rows.append((_("free"), SIGNS["free"], meter.free))
    cached = _("in the cache")
    width = max(cell_len(name) for name in (cached, *(name for name, _sign, _count in rows)))
    for name, sign, count in rows:
        bar = sign * max(round(BAR * count / meter.context), count > 0)
        lines.append(f"{set_cell_size(name, width)}{number(count):>8}  {bar}".rstrip())
    lines.append(f"{set_cell_size(cached, width)}{number(meter.reused):>8}")
    return "\n".join(lines)
