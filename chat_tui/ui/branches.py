"""Going back in a conversation: choosing a message, its versions, editing, forking, answering anew.

Knows the chat's units, the turns on the screen and the talk; must not know keys' names or how a
command is spelled. Nothing is taken away: what was said before stays as a version beside the new.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol

from chat_tui.conversation import Effort
from chat_tui.errors import UsageError
from chat_tui.language import _
from chat_tui.session.chat import Chat
from chat_tui.session.versions import Unit
from chat_tui.ui import busy
from chat_tui.ui.editing import Editing
from chat_tui.ui.keys import key_name
from chat_tui.ui.place import Place
from chat_tui.ui.talk import Talk
from chat_tui.ui.turn_worker import TurnWorker
from chat_tui.ui.units import by_turns, numbered
from chat_tui.ui.widgets.chooser import Chooser
from chat_tui.ui.widgets.turn_view import TurnView

TWICE_SECONDS = 1.0
"""Two Esc within this time choose a message."""


class Ground(Place, Protocol):
    """The part of the screen where one goes back."""

    @property
    def chooser(self) -> Chooser:
        """What can be done with the message that is chosen."""

    def say(self, text: str) -> None:
        """Show a line above the composer."""

    def say_for(self, seconds: float, text: str) -> None:
        """Show a line that is true for so long only."""

    async def turn_to(self, work: Callable[[], str]) -> None:
        """Go on with the conversation that ``work`` leads to."""


class Branches:
    """The branches of the conversation that ``talk`` holds; methods may raise a UsageError."""

    def __init__(self, chat: Chat, ground: Ground, talk: Talk, worker: TurnWorker) -> None:
        self._chat = chat
        self._ground = ground
        self._talk = talk
        self._worker = worker
        self._chosen: int | None = None
        """The number of the unit that is chosen."""
        self._editing = Editing(lambda: ground.composer)
        self._cut: int | None = None
        """The first turn that was taken away for one of which nothing may come."""
        self._escaped_at = float("-inf")
        talk.changed = self._changed
        ground.transcript.on_built.append(self._drawn)

    # -- choosing

    @property
    def chosen_text(self) -> str:
        """What the message says that is chosen; empty where none is."""
        if self._chosen is None:
            return ""
        end = self._chat.units[self._chosen].end
        return self._chat.conversation.nodes[end].message.content

    def escape(self, now: float) -> None:
        """Esc, where nothing ran: editing is given up; twice chooses a message."""
        if self._editing.end():
            return
        if now - self._escaped_at < TWICE_SECONDS and self._chat.units:
            self._escaped_at = float("-inf")
            self.choose(-1)
        else:
            self._escaped_at = now
            again = _("{key} again goes to an earlier message.").format(key=key_name("stop"))
            self._ground.say_for(TWICE_SECONDS, again if self._chat.units else "")

    def choose(self, step: int) -> None:
        """Choose the last question, else the message ``step`` further on."""
        self._may_leave()
        units = self._chat.units
        if not units:
            raise UsageError(_("Nothing has been said yet."))
        if self._chosen is None:
            asked = [number for number, unit in enumerate(units) if unit.is_question]
            self._show(asked[-1] if asked else len(units) - 1)
        else:
            self._show(max(0, min(self._chosen + step, len(units) - 1)))

    async def do(self, id_: str) -> None:
        """Do what a key says with the message that is chosen."""
        match id_, self._chosen:
            case "back", _:
                self._leave()
            case _, None:
                pass
            case "message above" | "message below", _:
                self.choose(-1 if id_ == "message above" else 1)
            case "version left" | "version right", _:
                await self.walk(-1 if id_ == "version left" else 1)
            case "edit message", int(unit):
                self._edit(unit)
            case "answer anew", int(unit):
                await self.regenerate(unit)
            case "fork", int(unit):
                await self._fork(self._chat.units[unit].end)

    # -- doing

    async def walk(self, step: int) -> None:
        """Go to another version of the message that is chosen, else of the last that has some."""
        unit = self._chosen
        if unit is None:
            found = [n for n, one in enumerate(self._chat.units) if len(one.versions) > 1]
            unit = found[-1] if found else 0
        if not await self._walk(unit, step):
            self._ground.say(_("There is no other version on that side."))

    async def walk_turn(self, turn: TurnView, question: bool, step: int) -> None:
        """Go to another version of a turn's question, or of what came of it."""
        number = self._ground.transcript.number_of(turn)
        if number is not None:
            numbers = by_turns(self._chat.units)[number]
            unit = numbers[0 if question else 1]
            if unit is not None:
                await self._walk(unit, step)

    async def edit(self, number: int | None) -> None:
        """Take the last question, or the one of that number, back to the composer."""
        self._may()
        self._edit(numbered(self._chat.units, number, question=True))

    async def fork(self, number: int | None) -> None:
        """Go on in another conversation, with all of this or up to that answer."""
        node = None
        if number is not None:
            node = self._chat.units[numbered(self._chat.units, number, question=False)].end
        await self._fork(node)

    async def send(self, text: str) -> None:
        """Put a question: a new one, or the one that is edited in other words."""
        node = self._editing.node
        if node is None:
            await self._talk.send(text)
            return
        self._may()
        units = self._chat.units
        number = next(
            (
                number
                for number, (asked, _answered) in enumerate(by_turns(units))
                if asked is not None and units[asked].end == node
            ),
            None,
        )
        if number is None:
            raise UsageError(_("The question that was edited is not here any more."))
        self._editing.end()
        transcript, self._cut = self._ground.transcript, number
        await transcript.cut(number)
        view = await transcript.begin(text, self._chat.effort, is_json=self._talk.wants_json)
        self._talk.wait_for(self._worker.edit(node, text), view)

    async def anew(self) -> None:
        """Answer anew: the question that is chosen, else the last one."""
        if self._chosen is None:
            await self._talk.regenerate()
        else:
            await self.regenerate(self._chosen)

    async def keep(self, end: int) -> None:
        """Go to the version of what came last that ends with this node."""
        units = self._chat.units
        versions = units[-1].versions if units else ()
        if end not in versions:
            raise UsageError(_("It is not here any more."))
        if step := versions.index(end) - versions.index(units[-1].end):
            await self._walk(len(units) - 1, step)

    async def regenerate(self, unit: int, effort: Effort | None = None) -> None:
        """Answer the question of this unit anew, beside what came of it and all that followed."""
        self._may_leave()
        units = self._chat.units
        number = next(n for n, turn in enumerate(by_turns(units)) if unit in turn)
        asked = by_turns(units)[number][0]
        if asked is None:
            raise UsageError(_("There is no question to answer anew."))
        transcript, effort = self._ground.transcript, effort or self._chat.effort
        self._leave()
        if number + 1 < transcript.count:
            self._cut = number + 1
            await transcript.cut(number + 1)
        old = await transcript.reach(number)
        view = await transcript.again(old, effort, is_json=self._talk.wants_json)
        self._talk.wait_for(self._worker.regenerate(effort, units[asked].end), view)

    def reset(self) -> None:
        """The conversation is another: nothing of the old one is chosen or edited."""
        self._cut = None
        self._editing.end()
        if self._chosen is not None:
            self._leave()

    # -- inside

    def _may(self) -> None:
        if self._talk.is_busy:
            raise busy.answering()
        if not self._worker.is_free:
            raise busy.ending()

    def _may_leave(self) -> None:
        self._may()
        if self._editing.node is not None:
            hint = _("{send} sends it, {stop} gives up.")
            send, stop = key_name("send"), key_name("stop")
            raise UsageError(_("A question is being edited."), hint.format(send=send, stop=stop))

    async def _walk(self, unit: int, step: int) -> bool:
        self._may_leave()
        before = self._chat.units
        if not await self._worker.do(partial(self._chat.walk, unit, step)):
            return False
        numbers = by_turns(before)
        number = next(number for number, turn in enumerate(numbers) if unit in turn)
        chosen, self._chosen = self._chosen, None
        with self._ground.transcript.app.batch_update():
            await self._redraw(number)
        if chosen is not None:
            self._show(min(unit, len(self._chat.units) - 1))
        else:
            self._go_to(number, unit == numbers[number][0])
        self._talk.recount()
        return True

    async def _redraw(self, first: int) -> None:
        """Draw the path from turn number ``first`` on."""
        await self._ground.transcript.cut(first)
        await self._talk.show_history(first)

    def _edit(self, unit: int) -> None:
        units = self._chat.units
        if not units[unit].is_question:
            raise UsageError(_("An answer cannot be edited."), _("r asks for another one."))
        self._leave()
        node = units[unit].end
        number = sum(one.is_question for one in units[: unit + 1])
        self._editing.begin(node, number, self._chat.conversation.nodes[node].message.content)

    async def _fork(self, node: int | None) -> None:
        self._may_leave()
        await self._ground.turn_to(partial(self._chat.fork, node))
        self._ground.say(_("This is a fork. The conversation that it comes from stays as it was."))

    def _show(self, number: int) -> None:
        """Choose this unit, in sight."""
        units = self._chat.units
        unit, self._chosen = units[number], number
        turns = by_turns(units)
        at = next(at for at, turn in enumerate(turns) if number in turn)
        for turn_number, turn in self._ground.transcript.built:
            turn.choose(unit.is_question if turn_number == at else None)
        asked, answered = _("Question {number} of {count}"), _("Answer {number} of {count}")
        name = (asked if unit.is_question else answered).format(number=at + 1, count=len(turns))
        self._ground.say("")
        self._ground.chooser.show(name, unit.place, unit.is_question)
        self._go_to(at, unit.is_question)

    def _go_to(self, turn: int, question: bool) -> None:
        transcript = self._ground.transcript
        if turn < transcript.count:
            transcript.call_later(self._come_to, turn, question)

    async def _come_to(self, number: int, question: bool) -> None:
        """Scroll to a turn, which may have to be drawn first."""
        transcript = self._ground.transcript
        if number < transcript.count:
            part = (await transcript.reach(number)).part(question)
            transcript.call_after_refresh(transcript.scroll_to_widget, part, animate=False)

    def _leave(self) -> None:
        """Choose nothing, and go back to writing."""
        self._chosen = None
        for _number, turn in self._ground.transcript.built:
            turn.choose(None)
        chooser = self._ground.chooser
        had_focus = chooser.has_focus
        chooser.hide()
        if had_focus:
            self._ground.composer.focus()

    async def _changed(self) -> None:
        """A turn is over or the conversation another: show which versions these are."""
        transcript = self._ground.transcript
        if self._cut is not None and not self._talk.is_busy:
            first, self._cut = self._cut, None
            if len(by_turns(self._chat.units)) != transcript.count:
                await self._redraw(first)
                return
        units = self._chat.units
        turns = by_turns(units)
        for number, turn in transcript.built:
            if number < len(turns):
                _tell(turn, units, turns[number])

    def _drawn(self, number: int, turn: TurnView) -> None:
        """An earlier turn came near the reader: show its versions, and whether it is chosen."""
        units = self._chat.units
        turns = by_turns(units)
        if number < len(turns):
            _tell(turn, units, turns[number])
            if self._chosen in turns[number] and self._chosen is not None:
                turn.choose(units[self._chosen].is_question)


def _tell(turn: TurnView, units: tuple[Unit, ...], numbers: tuple[int | None, int | None]) -> None:
    """Tell a view which versions it shows."""
    turn.set_versions(*((0, 0) if number is None else units[number].place for number in numbers))
