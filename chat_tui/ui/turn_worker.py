"""The thread that talks to the chat, and how its events reach the screen.

Knows ``Chat`` and Textual's messages; must not touch a widget. Jobs run one after another in the
order they were given, so a turn that is still winding down never meets the next one. Events are
gathered and handed over in batches by time: one message per batch, never one a token.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import suppress
from queue import SimpleQueue
from typing import TypeVar

from textual.message import Message

from chat_tui.conversation import Effort
from chat_tui.engine.protocol import Cancel
from chat_tui.errors import ChatError
from chat_tui.events import PromptCost, TurnEvent, TurnFailed
from chat_tui.language import _
from chat_tui.session.chat import Chat
from chat_tui.session.gate import Choice, Reply, Request
from chat_tui.tools.base import Stop
from chat_tui.ui.inquiry import Inquiry

BATCH_SECONDS = 0.03
Result = TypeVar("Result")


class Turn:
    """One question on its way, or the loading of the model (``text`` is empty then).

    Either the worker begins it or the user withdraws it, never both.
    """

    def __init__(self, text: str = "") -> None:
        self.text = text
        self.cancel = Cancel()
        self.resumes = False
        """Whether it goes on with an answer that is there already."""
        self.is_withdrawn = False
        """Whether the user withdrew it before it began: nothing will be heard of it."""
        self._claim = threading.Lock()

    def begin(self) -> bool:
        """The worker's claim; False when the turn was withdrawn before."""
        return self._claim.acquire(blocking=False)

    @property
    def is_claimed(self) -> bool:
        """Whether it has begun or never will."""
        return self._claim.locked()

    def withdraw(self) -> bool:
        """Stop it; True when it had not begun, so that it never will."""
        self.cancel.set()
        self.is_withdrawn = self._claim.acquire(blocking=False) or self.is_withdrawn
        return self.is_withdrawn


class TurnBatch(Message):
    """What happened in one turn since the last batch."""

    def __init__(self, turn: Turn, events: tuple[TurnEvent, ...]) -> None:
        super().__init__()
        self.turn = turn
        self.events = events


class Asked(Message):
    """A call of this turn waits for the user."""

    def __init__(self, turn: Turn, inquiry: Inquiry) -> None:
        super().__init__()
        self.turn = turn
        self.inquiry = inquiry


class Priced(Message):
    """What the next question would have to read, before more of it is read ahead."""

    def __init__(self, cost: PromptCost) -> None:
        super().__init__()
        self.cost = cost


class TurnWorker:
    """Runs one job at a time in a thread and posts what happens.

    ``post`` is called on ``loop``.
    """

    def __init__(
        self,
        chat: Chat,
        post: Callable[[TurnBatch | Priced | Asked], object],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._chat = chat
        self._post = post
        self._loop = loop
        self.pause = BATCH_SECONDS
        """Seconds in which what happens is gathered."""
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._waiting: list[tuple[Turn, TurnEvent]] = []
        self._running: Turn | None = None
        self._loading: Turn | None = None
        self._waiting_work = 0
        """How much of what ``do`` and ``new`` were given is not done yet."""
        self._given: list[Turn] = []
        """The turns that may still have to begin."""
        self._asked = 0
        """How many jobs have been given; a look ahead is for the time when none has followed."""
        # A daemon: a native call that never returns must not keep the program from ending.
        self._thread = threading.Thread(target=self._run, name="turns", daemon=True)
        self._thread.start()
        if chat.tools is not None:
            chat.tools.ask = self._inquire

    def load(self) -> Turn:
        """Bring the model into memory."""
        self._loading = self._begin(Turn(), lambda turn: self._chat.load(turn.cancel))
        return self._loading

    def regenerate(self, effort: Effort, asked: int | None = None) -> Turn:
        """Answer the last question, or the one at node ``asked``, anew once all before is done."""
        return self._begin(Turn(), lambda turn: self._chat.regenerate(turn.cancel, effort, asked))

    def edit(self, node: int, text: str) -> Turn:
        """Put the question at ``node`` in other words once everything before it is done."""
        return self._begin(Turn(text), lambda turn: self._chat.edit(node, text, turn.cancel))

    @property
    def is_free(self) -> bool:
        """Whether no turn is winding down."""
        return self._running is None or self._running is self._loading

    def play(self, events: Callable[[Turn], Iterable[TurnEvent]], text: str = "") -> Turn:
        """Play other events of the chat, of the question ``text``, once all before is done."""
        return self._begin(Turn(text), events)

    def new(self) -> None:
        """Begin a fresh conversation once everything before it is done."""

        def job() -> None:
            self._chat.new()
            self._waiting_work -= 1

        self._waiting_work += 1
        self._put(job)

    async def do(self, work: Callable[[], Result]) -> Result:
        """Do ``work`` with the chat once everything before it is done; raises what it raises.

        The loading of the model is not waited for: it does not touch the conversation.
        """
        loads = self._running is not None and self._running is self._loading
        if loads and self._waiting_work == 0 and all(turn.is_claimed for turn in self._given):
            return await asyncio.to_thread(work)
        done: Future[Result] = Future()

        def job() -> None:
            if not done.set_running_or_notify_cancel():
                self._waiting_work -= 1
                return
            try:
                done.set_result(work())
            except Exception as error:  # noqa: BLE001 - raised again where it was asked for
                done.set_exception(error)
            finally:
                self._waiting_work -= 1

        self._waiting_work += 1
        self._put(job)
        return await asyncio.wrap_future(done)

    def look_ahead(self, draft: str) -> None:
        """Post what the next question will cost, then have it read while nothing else is to do."""
        number = self._asked + 1
        self._put(lambda: self._look(number, draft))

    def close(self, timeout: float = 1.0) -> None:
        """Cancel what runs, drop what waits and wait a moment for the thread."""
        if self._running:
            self._running.cancel.set()
        while not self._jobs.empty():
            with suppress(Exception):
                self._jobs.get_nowait()
        self._jobs.put(None)
        self._thread.join(timeout)

    def _begin(self, turn: Turn, events: Callable[[Turn], Iterable[TurnEvent]]) -> Turn:
        self._given = [*(one for one in self._given if not one.is_claimed), turn]
        self._put(lambda: self._play(turn, lambda: events(turn)))
        return turn

    def _put(self, job: Callable[[], None]) -> None:
        self._asked += 1
        self._jobs.put(job)

    def _look(self, number: int, draft: str) -> None:
        if number != self._asked:
            return
        try:
            cost = self._chat.cost()
        except ChatError:
            return  # no model yet, or none any more: nothing to tell and nothing to read
        self._chat.prime(draft)
        with suppress(RuntimeError):  # the screen has gone
            self._loop.call_soon_threadsafe(self._post, Priced(cost))

    def _inquire(self, request: Request, stop: Stop) -> Reply:
        """Ask the user, in the turn's thread, behind all that has happened until now."""
        turn = self._running
        if turn is None:
            return Reply(Choice.DENY)
        inquiry = Inquiry(request)
        try:
            self._loop.call_soon_threadsafe(self._show, Asked(turn, inquiry))
        except RuntimeError:  # the screen has gone
            inquiry.deny()
        return inquiry.wait(stop)

    def _show(self, asked: Asked) -> None:
        self._flush()
        self._post(asked)

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()

    def _play(self, turn: Turn, events: Callable[[], Iterable[TurnEvent]]) -> None:
        if not turn.begin():
            return
        self._running = turn
        try:
            for event in events():
                self._hand_over(turn, event)
        except Exception as error:  # noqa: BLE001 - the turn's boundary: a fault is shown, not fatal
            problem = f"{type(error).__name__}: {error}"
            self._hand_over(turn, TurnFailed(ChatError(_("The turn broke off."), problem)))
        finally:
            self._running = None

    def _hand_over(self, turn: Turn, event: TurnEvent) -> None:
        with self._lock:
            self._waiting.append((turn, event))
            first = len(self._waiting) == 1
        if first:
            with suppress(RuntimeError):  # the screen has gone
                self._loop.call_soon_threadsafe(self._loop.call_later, self.pause, self._flush)

    def _flush(self) -> None:
        with self._lock:
            waiting, self._waiting = self._waiting, []
        while waiting:
            turn = waiting[0][0]
            events = [event for owner, event in waiting if owner is turn]
            waiting = [entry for entry in waiting if entry[0] is not turn]
            self._post(TurnBatch(turn, tuple(events)))
