"""From a turn to the store: what was said is kept before anybody sees it.

Knows events and the store; must not know how anything is shown. A ``Keeper`` belongs to one chat;
one thread at a time uses it. Node numbers are those of ``Conversation``: the keeper and the chat
count alike, because the chat adds a node exactly when the keeper records one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from chat_tui.conversation import Conversation, Effort, Message, Role
from chat_tui.errors import StoreError
from chat_tui.events import Delta, Resumed, TurnEnded, TurnEvent, Usage
from chat_tui.session.accounts import noted
from chat_tui.session.growing import Growing, alike, opening
from chat_tui.store.pen import Pen
from chat_tui.store.store import Store
from chat_tui.store.titles import title_of
from chat_tui.store.values import Stored


class Keeper:
    """Keeps one conversation after the other in ``store``.

    A conversation is made with its first message, so that an empty one leaves nothing behind.
    With the disk full nothing here fails: ``store.trouble`` says that what is said is not saved
    yet. StoreError is raised for what waiting does not mend, StoreBusy among it.
    """

    def __init__(self, store: Store, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.store = store
        self.model = ""
        """The name of the model that answers; written beside each of its messages."""
        self.effort: Effort | None = None
        """The level of the conversation; of each message its own is kept."""
        self.turn_effort: Effort | None = None
        """The level of the turn under way, where it is another."""
        self.failed: StoreError | None = None
        """Why nothing more of this conversation is kept: trouble that waiting does not mend."""
        self.told: Callable[[StoreError | None], None] = lambda _trouble: None
        """Hears when ``failed`` changes."""
        self._grows = Growing(clock)
        self._pen: Pen | None = None
        self._started: date | None = None
        self._last: int | None = None
        self._recorded = 0
        self._written_model = ""

    @property
    def id(self) -> str | None:
        """The conversation that is kept; None before its first message."""
        return self._pen.id if self._pen else None

    def begin(self, conversation: str | None = None, *, started: date | None = None) -> Stored:
        """Leave the present conversation and go on with another, or with a new one (None).

        ``started`` is a new one's day. Raises StoreBusy while another process writes it
        (``store.load`` reads it), StoreError where there is none; the present one then goes on.
        """
        resumed = None
        if conversation is not None and conversation != self.id:
            resumed = self.store.resume(conversation)
        self.leave()
        self._started = started
        self._fail(None)
        if conversation is None:
            return Stored("", started=started or date.fromtimestamp(time.time()))
        stored, self._pen = resumed or self.store.resume(conversation)
        self._last = stored.conversation.head
        self.effort = stored.effort
        return stored

    def record(
        self, message: Message, parent: int | None, *, extra: Mapping[str, Any] | None = None
    ) -> int:
        """Keep a whole message below node ``parent``; its node. It is on the disk on return.

        If its pieces were streamed, it takes their place.
        """
        pen = self._begun(message)
        model = self.model if message.role is Role.ASSISTANT else ""
        if model and model != self._written_model:
            pen.set(model=model)
            self._written_model = model
        if self._grows.node is not None and message.role is Role.ASSISTANT:
            number = self._grows.node
            pen.finish(number, message, model=model, extra=extra)
            self._grows.forget()
        else:
            self.interrupt()
            number = pen.add(message, parent, model=model, extra=extra)
        self._last = number
        self._recorded += 1
        return number

    def renew(self, started: date, effort: Effort) -> None:
        """Leave the present conversation for a new one, begun on that day; never raises."""
        try:
            self.begin(started=started)
        except StoreError as error:
            self._fail(error)
        self.effort = effort

    def follow(
        self,
        message: Message,
        conversation: Conversation,
        started: date,
        effort: Effort | None = None,
    ) -> None:
        """Keep a message that is about to be added to ``conversation``; never raises.

        A tree without nodes is a new conversation, begun on the day ``started``. ``effort`` is
        the level at which it goes on. After trouble that waiting does not mend (``failed``)
        nothing more is kept.
        """
        if self.failed is not None:
            return
        try:
            if not conversation.nodes and self.id is not None:
                self.renew(started, effort or self.effort or Effort.MEDIUM)
            if effort and effort is not self.effort:
                self.set_effort(effort)
            self.record(message, conversation.head)
        except StoreError as error:
            self._fail(error)

    def stream(self, delta: Delta, parent: int | None) -> None:
        """Keep a piece of the message that follows node ``parent``; it is on the disk on return.

        Not for each token alone: ``keep`` joins what comes close together.
        """
        if self.failed is not None:
            return
        try:
            if self._grows.node is None:
                opened = replace(opening(delta), effort=self.turn_effort or self.effort)
                self._grows.begin(self._begun(opened), opened, parent, self.model)
            self._grows.add(delta.text)
        except StoreError as error:
            self._fail(error)  # the answer goes on; what is kept ends here

    def resume(self, message: Message, parent: int | None) -> None:
        """Begin a message with what stood of one that is gone on with; never raises.

        It is another node: the unfinished one stays as it is until more than it is on the disk.
        """
        if self.failed is not None:
            return
        try:
            self.interrupt()
            opened = replace(message, content="", tokens=(), interrupted=False)
            self._grows.begin(self._begun(opened), opened, parent, self.model, message.content)
        except StoreError as error:
            self._fail(error)

    def keep(
        self,
        events: Iterable[TurnEvent],
        parent: Callable[[], int | None],
        broken: Callable[[Message], None],
    ) -> Iterator[TurnEvent]:
        """Pass a turn's events on, each piece of text only when it is on the disk.

        ``parent`` gives the node that a message beginning now follows; ``broken`` gets a message
        that broke off without an event of its own (the turn raised, or nobody reads on), already
        kept: it is the conversation's next node. Pieces that come faster than the disk takes them
        are joined. The last message gets the turn's usage.
        """
        if self.failed is not None:
            yield from events
            return
        held: Delta | None = None
        recorded = self._recorded
        try:
            for event in events:
                if held is not None and not alike(held, event):
                    yield self._kept(held, parent, recorded)
                    held = None
                if not isinstance(event, Delta):
                    if isinstance(event, TurnEnded):
                        self._note_end(event)
                    elif isinstance(event, Resumed):
                        self.resume(event.message, parent())
                    yield event
                    continue
                if held is None:
                    held, recorded = event, self._recorded
                else:
                    text, tokens = held.text + event.text, held.tokens + event.tokens
                    held = replace(held, text=text, tokens=tokens)
                if self._grows.is_due:
                    ready, held = held, None
                    yield self._kept(ready, parent, recorded)
        finally:
            if held is not None and self._recorded == recorded:
                self.stream(held, parent())
            message = self.interrupt()
            if message is not None:
                broken(message)

    def interrupt(self) -> Message | None:
        """End the open message where it is; it, marked as interrupted, or None without one.

        It is node ``last``.
        """
        node, message = self._grows.node, self._grows.interrupt()
        if message is not None:
            self._last = node
        return message

    @property
    def last(self) -> int | None:
        """The node that was kept last."""
        return self._last

    def move(self, head: int | None) -> None:
        """The user went to another place in the tree: a sibling, an earlier message."""
        if self._pen is not None:
            self._pen.move(head)

    def go(self, head: int | None) -> None:
        """``move``; never raises."""
        try:
            self.move(head)
        except StoreError as error:
            self._fail(error)

    def note(
        self,
        node: int | None = None,
        *,
        usage: Usage | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        """Say more of a node (else the last one): usage, an approval, attachments."""
        number = self._last if node is None else node
        if self._pen is not None and number is not None:
            self._pen.note(number, usage=usage, extra=extra)

    def remark(self, extra: Mapping[str, Any]) -> None:
        """Say more of the last message; it is on the disk on return. Never raises."""
        if self.failed is not None:
            return
        try:
            self.note(extra=extra)
        except StoreError as error:
            self._fail(error)

    def set_effort(self, effort: Effort) -> None:
        """The conversation goes on at this level."""
        self.effort = effort
        if self._pen is not None:
            self._pen.set(effort=effort)

    def leave(self) -> None:
        """Give the conversation back; the next message begins a new one."""
        self.interrupt()
        if self._pen is not None:
            self._pen.close()
        self._pen, self._last, self.effort = None, None, None
        self._written_model = ""

    close = leave

    def _note_end(self, event: TurnEnded) -> None:
        try:
            self.note(usage=event.usage, extra=noted(event))
        except StoreError as error:
            self._fail(error)

    def _fail(self, error: StoreError | None) -> None:
        if error is not self.failed:
            self.failed = error
            self.told(error)

    def _begun(self, message: Message) -> Pen:
        if self._pen is None:
            self._pen = self.store.create(
                title_of(message.content) if message.role in (Role.USER, Role.MARK) else "",
                started=self._started,
                effort=self.effort,
                model=self.model,
            )
        return self._pen

    def _kept(self, delta: Delta, parent: Callable[[], int | None], recorded: int) -> Delta:
        """``delta``, now on the disk; its message may have been recorded whole meanwhile."""
        if self._recorded == recorded:
            self.stream(delta, parent())
        return delta
