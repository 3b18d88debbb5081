"""A conversation in progress, as a face holds it.

Knows the conversation, the effort and the engine's seam; must not know how anything is shown.
One thread at a time iterates ``load``, ``ask``, ``resume``, ``regenerate`` or ``edit`` and calls
``prime``, ``cost``, ``walk``, ``fork``, ``open`` and ``new``; others only read values and set a
``Cancel``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date

from chat_tui.conversation import Conversation, Effort, Message, Prompt, ResponseFormat, user
from chat_tui.engine.protocol import Cancel, Engine, GenerateOptions
from chat_tui.errors import ChatError, UsageError
from chat_tui.events import (
    Loaded,
    LoadProgress,
    PromptCost,
    TurnEvent,
    TurnFailed,
)
from chat_tui.language import _
from chat_tui.session.accounts import Accounts
from chat_tui.session.answering import Answering
from chat_tui.session.prospect import Prospect
from chat_tui.session.resuming import NOTHING_CUT, Place, anew, place
from chat_tui.session.room import named, seen
from chat_tui.session.toolset import Toolset
from chat_tui.session.turn import NoTools, Seams
from chat_tui.session.versions import Unit, is_question, last_question
from chat_tui.session.walking import Walk


class Chat:
    """One conversation with one model.

    ``effort`` and ``response_format`` may be set at any time and hold from the next turn on;
    ``budgets`` says after how many tokens of reasoning the answer begins at each effort, unless
    ``options`` has a budget; ``today`` gives the date that the model is told.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        effort: Effort = Effort.MEDIUM,
        instructions: str = "",
        options: GenerateOptions | None = None,
        budgets: Mapping[Effort, int] | None = None,
        seams: Seams | None = None,
        tools: Toolset | None = None,
        today: Callable[[], date] = date.today,
    ) -> None:
        self.engine = engine
        self.effort = effort
        self.response_format: ResponseFormat | None = None
        self.conversation = Conversation()
        self.instructions = instructions
        self.options = options or GenerateOptions()
        """How answers are generated."""
        self.budgets = budgets or {}
        self.tools = tools
        """The tools that this conversation has; they take the place of those of the seams."""
        self._seams = seams or Seams()
        if tools is not None:
            self._seams = replace(self._seams, toolbox=tools, approve=tools.approve)
        self._today = today
        self._started = today()
        self.accounts = Accounts()
        """What the turns of this conversation took."""
        self._prospect = Prospect(self)
        self._answering = Answering(self, self._prospect, self._recording, self._add, self._go)
        self._walk = Walk()

    @property
    def context_used(self) -> int:
        """Tokens that the last turn left in the context; 0 in a new conversation."""
        return self._prospect.used

    @property
    def started(self) -> date:
        """The day on which the conversation began."""
        return self._started

    @property
    def version(self) -> tuple[int, int]:
        """Which of how many answers to the last question this is, from 1; (0, 0) without one."""
        units = self.units
        return (0, 0) if not units or units[-1].is_question else units[-1].place

    @property
    def is_unfinished(self) -> bool:
        """Whether the last answer did not end, so that ``resume`` goes on with it."""
        return place(self.conversation) is not None

    @property
    def reads_ahead(self) -> bool:
        """Whether ``prime`` reads without a draft.

        Not right behind an answer that was cut off: what it left makes going on with it cheap.
        """
        return not self._prospect.holds

    @property
    def units(self) -> tuple[Unit, ...]:
        """The questions and what came of them, on the path to the head, with their versions."""
        return self._walk.units(self.conversation)

    def new(self) -> None:
        """Begin a fresh conversation with the same model."""
        self.open(Conversation(), self._today())
        self._seams.leave()

    def open(
        self,
        conversation: Conversation,
        started: date,
        *,
        effort: Effort | None = None,
        context_used: int = 0,
    ) -> None:
        """Leave this conversation and go on with another, which began on the day ``started``.

        It goes on at the level ``effort``, where one is given.
        """
        self.engine.leave()
        if self.tools is not None:
            self.tools.forget()
        self.conversation = conversation
        self.accounts, self._walk = Accounts(), Walk()
        self._started = started
        self._prospect.holds, self._prospect.used = False, context_used
        self.effort = effort or self.effort

    def load(self, cancel: Cancel) -> Iterator[LoadProgress | Loaded | TurnFailed]:
        """Bring the model into memory; ends early when cancelled, never raises ChatError."""
        try:
            for event in self.engine.load():
                if isinstance(event, Loaded):
                    self.prime()
                yield event
                if cancel.is_set():
                    return
        except ChatError as error:
            yield TurnFailed(error)

    def ask(self, text: str, cancel: Cancel, effort: Effort | None = None) -> Iterator[TurnEvent]:
        """Put a question; ends with exactly one TurnEnded or TurnFailed, never raises ChatError.

        Every completed message, an interrupted one too, is in the conversation before it is
        yielded. A question that does not fit the context is not put: it fails with NoRoom.
        ``effort`` holds for this answer alone.
        """
        try:
            yield from self._answering.loaded(cancel)
        except ChatError as error:
            self._record(user(text))
            yield TurnFailed(error)
            return
        if (problem := self._prospect.no_room(text)) is not None:
            yield TurnFailed(problem)
            return
        self._record(user(text))
        yield from self._answering.turn(cancel, effort or self.effort)

    def resume(self, cancel: Cancel) -> Iterator[TurnEvent]:
        """Go on with the last answer, which did not end, at its own level; else like ``ask``.

        What is gone on with takes the place of the unfinished message, which stays in the tree.
        An attempt of which nothing came leaves the conversation as it was.
        """
        if (found := place(self.conversation)) is None:
            yield TurnFailed(UsageError(_(NOTHING_CUT)))
            return
        yield from self._turn_at(found, found.effort or self.effort, cancel)

    def regenerate(
        self, cancel: Cancel, effort: Effort | None = None, asked: int | None = None
    ) -> Iterator[TurnEvent]:
        """Answer the last question anew, beside the answer that is there; else like ``ask``.

        ``effort`` holds for this answer alone, ``asked`` is the node of another question. An
        attempt of which nothing came leaves the conversation as it was.
        """
        asked = last_question(self.conversation) if asked is None else asked
        if asked is None or not is_question(self.conversation, asked):
            yield TurnFailed(UsageError(_("There is no question to answer anew.")))
            return
        yield from self._turn_at(anew(self.conversation, asked), effort or self.effort, cancel)

    def edit(self, index: int, text: str, cancel: Cancel) -> Iterator[TurnEvent]:
        """Put the question at node ``index`` in other words, as its sibling; else like ``ask``."""
        if not is_question(self.conversation, index):
            yield TurnFailed(UsageError(_("Only a question of yours can be edited.")))
            return
        before = self.conversation
        self.conversation = before.at(before.nodes[index].parent)
        if (problem := self._prospect.no_room(text)) is not None:
            self.conversation = before
            yield TurnFailed(problem)
            return
        self._walk.leave(before)
        yield from self.ask(text, cancel)

    @contextmanager
    def alike(self, options: GenerateOptions) -> Iterator[None]:
        """Answer with these options and without tools for as long as it lasts."""
        before = self.options, self._seams
        self.options, self._seams = options, replace(self._seams, toolbox=NoTools())
        try:
            yield
        finally:
            self.options, self._seams = before

    def walk(self, unit: int, step: int) -> bool:
        """Go to another version of ``units[unit]``, and to where one was below it, else the newest.

        False where there is no version ``step`` further on.
        """
        head = self._walk.step(self.conversation, unit, step)
        if head is None:
            return False
        self.go_to(head)
        return True

    def reach(self, node: int) -> None:
        """Go to the branch that ``node`` is on."""
        self.go_to(self._walk.reach(self.conversation, node))

    def go_to(self, head: int | None) -> None:
        """See the tree from this head, with nothing behind it."""
        if head != self.conversation.head:
            self._go(self.conversation.at(head))
            self.recount()

    def fork(self, node: int | None = None) -> str:
        """Go on in a new conversation with what was said up to ``node``, else with all of it.

        Returns its title; the old one stays as it is. Raises UsageError where nothing is kept,
        StoreError.
        """
        title = self._seams.fork(node)
        self.prime()
        return title

    def prime(self, draft: str = "") -> None:
        """Have what the next question will need read while nothing else is to do.

        Returns at once; ``draft`` is what the user is writing. See ``reads_ahead``.
        """
        self._prospect.prime(draft)

    def cost(self, question: str = "") -> PromptCost:
        """What the next question would have to read now. Raises EngineError before a load."""
        return self._prospect.cost(question)

    def prompt(self, messages: tuple[Message, ...], effort: Effort | None = None) -> Prompt:
        """What the model would be given after these messages, marks among them."""
        return Prompt(
            seen(messages),
            effort=effort or self.effort,
            # The day the conversation began: a date that changed at midnight would change the
            # system message and with it every token in the KV cache.
            date=self._started,
            instructions=self.instructions,
            tools=self._seams.toolbox.specs,
            response_format=self.response_format,
        )

    def add(self, message: Message) -> None:
        """Keep a message that no turn has brought, at the head."""
        is_mark = message.is_mark
        self._record(named(self.conversation.messages, message) if is_mark else message)

    def mark(self, mark: Message) -> None:
        """Have the model see less of what was said, or more, from now on."""
        self.add(mark)
        self.recount()

    def recount(self) -> None:
        """Count what the model sees by now, and have it read ahead."""
        self._prospect.recount()

    def _turn_at(self, found: Place, effort: Effort, cancel: Cancel) -> Iterator[TurnEvent]:
        """Answer at another place of the tree; if nothing comes of it all stays as it was."""
        before = self.conversation
        self._walk.leave(before)
        self.conversation = before.at(found.at)
        if found.first:
            for message in found.first:
                self.add(message)
            before = self.conversation.at(before.head)
        yield from self._answering.turn(cancel, effort, before, found.message)

    def _recording(self) -> Seams:
        """The seams of a turn: what it brings is kept, and is in the conversation."""
        return replace(self._seams, record=self._record)

    def _go(self, conversation: Conversation) -> None:
        """See the tree from another head, and have that kept."""
        self.conversation = conversation
        self._seams.move(conversation.head)

    def _record(self, message: Message) -> None:
        self._seams.record(message)
        if self.tools is not None:
            self.tools.kept(message)
        self._add(message)

    def _add(self, message: Message) -> None:
        self.conversation = self.conversation.add(message)
