"""Comparing levels in the chat: one after the other is answered, and one is kept.

Knows the chat, the talk and the screen; must not know keys or how a command is spelled. Each level
is drawn in the conversation as any other answer is, and beside the others on the screen of its
own. Its methods are called in the screen's loop only.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from chat_tui.conversation import Effort, Message
from chat_tui.errors import ChatError, EngineCrashed, NoRoom, UsageError
from chat_tui.events import TurnEnded, TurnFailed
from chat_tui.language import _
from chat_tui.session.chat import Chat
from chat_tui.session.compare import Comparison, Run, State
from chat_tui.session.versions import turns
from chat_tui.settings import ReasoningView
from chat_tui.ui import busy
from chat_tui.ui.keys import key_name
from chat_tui.ui.pane import ChatPane
from chat_tui.ui.turn_worker import Turn, TurnBatch

if TYPE_CHECKING:
    from chat_tui.ui.compare.screen import CompareScreen

LEVELS = tuple(Effort)


class CompareDesk:
    """One comparison at a time."""

    def __init__(self, chat: Chat, pane: ChatPane) -> None:
        self._chat = chat
        self._pane = pane
        self._comparison: Comparison | None = None
        self._question: str | None = None
        """What is still to be put; the levels after the first answer it anew."""
        self._asked = self._title = ""
        """The new question, and what the conversation was called before it."""
        self._runs: dict[Effort, Run] = {}
        self._ends: dict[Effort, tuple[int, Message]] = {}
        """The last node of each level's answer, and what stands there."""
        self._turn: Turn | None = None
        self._running: Run | None = None
        self._wish: Effort | None = None
        """The level to keep as soon as what runs has ended."""
        self._screen: CompareScreen | None = None

    @property
    def is_running(self) -> bool:
        """Whether a level is being answered, or will be."""
        return self._turn is not None

    async def compare(self, words: str, view: ReasoningView) -> None:
        """Compare the levels on a new question, else on the last one. Raises UsageError."""
        talk, chat = self._pane.talk, self._chat
        if talk.is_busy or self._turn is not None:
            raise busy.answering()
        last = self._pane.transcript.last_turn
        if not words and (last is None or not last.question):
            hint = _("{command} puts one.").format(command=" ".join(["/compare", _("QUESTION")]))
            raise UsageError(_("There is no question to compare."), hint)
        question = words or (last.question if last else "")
        self._comparison = Comparison(chat, words or None)
        self._question = words or None
        self._asked, self._title = words, self._pane.header.title
        self._runs = {effort: Run(effort) for effort in LEVELS}
        self._ends, self._wish = {}, None
        if view is not ReasoningView.HIDDEN:
            view = ReasoningView.FOLDED
        from chat_tui.ui.compare.screen import CompareScreen  # noqa: PLC0415 - when it is opened

        self._screen = CompareScreen(
            self, list(self._runs.values()), question, view, is_json=talk.wants_json
        )
        if self.heard not in talk.heard:
            talk.heard.append(self.heard)
        await self._pane.app.push_screen(self._screen, self._closed)
        await self._next()

    async def heard(self, batch: TurnBatch) -> None:
        """The worker tells something; it may be about the level that runs."""
        run = self._running
        if run is None or batch.turn is not self._turn:
            return
        now = time.monotonic()
        for event in batch.events:
            run.take(event, now)
        if self._screen is not None and self._screen.is_attached:
            await self._screen.apply(run, batch.events, self._chat.engine.model, now)
        for event in batch.events:
            if isinstance(event, TurnEnded | TurnFailed):
                await self._ended(run, event)

    async def stop(self) -> None:
        """End what runs, and what would follow."""
        turn = self._turn
        if turn is None:
            return
        for run in self._runs.values():
            if run.state is State.WAITING:
                run.give_up()
        await self._pane.talk.stop()
        await self.look()

    async def look(self) -> None:
        """Whatever stopped a level before it began, nothing is heard of it."""
        if self._turn is not None and self._turn.is_withdrawn:
            await self._over()

    async def keep(self, effort: Effort) -> None:
        """Go on with the answer of this level; what runs is stopped."""
        if effort not in self._ends and self._running is not self._runs[effort]:
            self._say(_("There is no answer to keep."))
        elif self._turn is not None:
            self._wish = effort
            await self.stop()
        else:
            await self._keep(effort)

    async def leave(self) -> None:
        """Go on with no answer: all is as before, and the new question in the composer again."""
        comparison, talk = self._comparison, self._pane.talk
        try:
            left = comparison is not None and await talk.with_chat(comparison.leave)
        except ChatError as error:
            self._say(str(error))
            return
        self._close()
        if not left:
            return
        first = max(0, len(turns(self._chat.conversation.messages)) - 1)
        with self._pane.app.batch_update():
            await self._pane.transcript.cut(first)
            await talk.show_history(first)
        self._pane.header.title = self._title
        talk.recount()
        said = _("No answer was kept; {older} and {newer} go to those that were compared.")
        if self._asked:
            self._pane.composer.put_before(self._asked)
            said = _("No answer was kept; they stand beside the question when it is asked again.")
        self._pane.say(said.format(older=key_name("older"), newer=key_name("newer")))

    def answer_now(self) -> None:
        """End the reasoning that runs."""
        try:
            self._pane.talk.answer_now()
        except ChatError as error:
            self._say(str(error))

    # -- inside

    async def _next(self) -> None:
        """Answer at the next level that waits."""
        comparison = self._comparison
        run = next((one for one in self._runs.values() if one.state is State.WAITING), None)
        if run is None or comparison is None:
            await self._over()
            return
        question, self._question = self._question, None
        run.begin(time.monotonic())
        self._running = run
        try:
            self._turn = await self._pane.talk.answer(
                question, run.effort, lambda turn: comparison.answer(run.effort, turn.cancel)
            )
        except ChatError as error:
            run.take(TurnFailed(error), time.monotonic())
            self._say(str(error))
            await self._over()

    async def _ended(self, run: Run, event: TurnEnded | TurnFailed) -> None:
        """A level is over: on to the next, unless that makes no sense."""
        conversation = self._chat.conversation
        head = conversation.head
        if run.messages and head is not None:
            self._ends[run.effort] = (head, conversation.nodes[head].message)
        if isinstance(event, TurnFailed) and isinstance(event.error, NoRoom):
            await self._over()
            self._close()  # the choice that helps stands in the chat
        elif run.state is State.STOPPED or (
            isinstance(event, TurnFailed) and not isinstance(event.error, EngineCrashed)
        ):
            await self._over()
        else:
            await self._next()

    async def _over(self) -> None:
        """Nothing runs any more, and nothing follows."""
        self._turn = self._running = None
        for run in self._runs.values():
            run.give_up()
        if self._screen is not None and self._screen.is_attached:
            self._screen.over()
        wish, self._wish = self._wish, None
        if wish in self._ends and wish is not None:
            await self._keep(wish)

    async def _keep(self, effort: Effort) -> None:
        end, message = self._ends[effort]
        nodes = self._chat.conversation.nodes
        if end >= len(nodes) or nodes[end].message is not message:
            self._say(_("It is not in this conversation any more."))
            return
        try:
            await self._pane.branches.keep(end)
        except ChatError as error:
            self._say(str(error))
            return
        self._close()
        said = _("The answer at {effort} goes on; {older} and {newer} go to the others.")
        self._pane.say(said.format(effort=effort, older=key_name("older"), newer=key_name("newer")))

    def _close(self) -> None:
        if self._screen is not None and self._screen.is_current:
            self._screen.dismiss(None)

    def _closed(self, _nothing: None) -> None:
        self._screen = None

    def _say(self, text: str) -> None:
        if self._screen is not None and self._screen.is_attached:
            self._screen.say(text)
        else:
            self._pane.say(text)
