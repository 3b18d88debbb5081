"""Making room in a conversation: a summary, the oldest left out, a larger context, a fresh start.

Knows the chat and the engine's seam; must not know a face. Nothing is ever removed: what the model
sees less of stays in the tree, and every step can be taken back. All counts are the real
tokenizer's. One thread at a time, the one that talks to the chat.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from chat_tui.conversation import Message, Role, user
from chat_tui.engine.protocol import Cancel
from chat_tui.errors import ChatError, EngineError, UsageError
from chat_tui.events import (
    GenerationEnded,
    Loaded,
    LoadProgress,
    MessageCompleted,
    ModelInfo,
    StopReason,
    TurnEnded,
    TurnEvent,
    TurnFailed,
    Usage,
)
from chat_tui.language import _, ngettext
from chat_tui.session import room
from chat_tui.session.chat import Chat
from chat_tui.session.measure import measure
from chat_tui.session.meter import Meter
from chat_tui.session.room import Room

SHARE = 4
"""A summary, with what is thought about it, may take this part of what messages may take."""
LONGEST = 4096
"""And no more tokens than that."""


class Space:
    """The room that a chat has, and how to get more of it."""

    def __init__(self, chat: Chat) -> None:
        self._chat = chat

    def look(self, question: str | None = None, keep: int = 0) -> Room:
        """What there is to choose between; ``question`` waits for room.

        The last ``keep`` questions are to stay. Raises EngineError.
        """
        model = self._model()
        used = self._after(0, question)
        asked = room.questions(self._path) - room.hidden(self._path)
        droppable, after = max(0, asked - keep), used
        if droppable:
            told = self._count(())
            aim = told + room.AIM_AT * (model.context - told)
            droppable = room.fewest(droppable, lambda count: self._after(count, question), aim)
            after = self._after(droppable, question)
        return Room(
            used,
            model.context,
            asked,
            droppable if room.fits(after, model.context) else 0,
            after,
            model.trained_context if model.trained_context > model.context else 0,
            question is not None,
        )

    def meter(self, draft: str = "") -> Meter:
        """How the context is filled, by kind. Raises EngineError."""
        return measure(self._chat, draft)

    def compact(
        self, cancel: Cancel, question: str | None = None, keep: int = 0
    ) -> Iterator[TurnEvent]:
        """Have the model summarise all but the last question, or more where that is needed.

        The last ``keep`` questions stay in any case. Ends with one TurnEnded or TurnFailed.
        Stopped or failed, it changes nothing.
        """
        try:
            yield from self._compact(cancel, question, keep)
        except ChatError as error:
            yield TurnFailed(error)

    def drop(self, count: int | None = None, question: str | None = None, keep: int = 0) -> int:
        """Let the model not see the ``count`` oldest questions that it sees, with what followed.

        None leaves out as many as leave half of the context free, but for the last ``keep``.
        Returns how many these were. Raises UsageError, EngineError.
        """
        asked = room.questions(self._path) - room.hidden(self._path)
        if count is None:
            found = self.look(question, keep)
            count = found.droppable
            if not count and not found.fits:
                raise UsageError(
                    _("Leaving out questions makes too little room: this one alone is too long."),
                    _("Shorten it, or use a larger context."),
                )
            if not count:
                raise UsageError(
                    _("More than half of the context is free."),
                    _("/drop N leaves out N questions."),
                )
        if not 0 < count <= asked:
            sees = ngettext(
                "The model sees {n:,} question.", "The model sees {n:,} questions.", asked
            )
            raise UsageError(sees.format(n=asked), _("Drop one or more of them."))
        self._chat.mark(self._marked(count))
        return count

    def undo(self) -> None:
        """Take back what the last mark changed. Raises UsageError."""
        mark = room.undone(self._path)
        if mark is None:
            raise UsageError(
                _("The model sees everything that was said; there is nothing to undo.")
            )
        self._chat.mark(mark)

    def fork(self, question: str | None = None) -> None:
        """Go on in a fresh conversation with the summary, if there is one, and the last questions.

        As many as leave half of the context free; the old one stays as it is. Raises UsageError,
        EngineError, StoreError.
        """
        path = self._path
        if not room.questions(path):
            raise UsageError(_("There is nothing to take along yet."), _("/new begins anew."))
        found = self.look(question)
        hides, mark = room.hidden(path) + found.droppable, room.last_mark(path)
        keep = room.seen((*path, room.mark(hides)))
        if mark is not None and mark.content:
            keep = (room.mark(0, mark.content), *keep)
        self._chat.new()
        for message in keep:
            self._chat.add(message)
        self._chat.recount()

    def enlarge(self, cancel: Cancel) -> Iterator[LoadProgress | Loaded | TurnEnded | TurnFailed]:
        """Load the model again with the largest context that fits the memory.

        Ends with TurnEnded or TurnFailed; where no more fits, with the context there was.
        """
        engine = self._chat.engine
        model = engine.model
        if model is None or model.context >= model.trained_context:
            yield TurnFailed(UsageError(_("The context is as large as the model was made for.")))
            return
        engine.leave()
        engine.resize(None)
        failed: TurnFailed | None = None
        for event in self._chat.load(cancel):
            if isinstance(event, TurnFailed):
                failed = event
            else:
                yield event
        if failed is not None or cancel.is_set():
            engine.resize(model.context)
            yield failed or TurnEnded(StopReason.CANCELLED, Usage())
        elif engine.model is not None and engine.model.context <= model.context:
            yield TurnFailed(EngineError(_("No larger context fits the free memory now.")))
        else:
            yield TurnEnded(StopReason.COMPLETE, Usage())

    def _compact(self, cancel: Cancel, question: str | None, keep: int) -> Iterator[TurnEvent]:
        chat = self._chat
        model = self._model()
        asked = room.questions(self._path) - room.hidden(self._path)
        if asked <= keep:
            raise UsageError(_("There is nothing to summarise yet."))
        limit = max(1, min((model.context - self._count(())) // SHARE, LONGEST))
        wanted = max(asked - 1, 1, self.look(question, keep).droppable)
        within = model.context - limit
        count = room.most(wanted, lambda count: self._count(self._request(count)), within)
        if not count:
            raise UsageError(
                _("The oldest question alone, with its answer, is too long to be summarised."),
                _("/drop leaves it out."),
            )
        # The effort stays the conversation's: another one would change the system message, and
        # everything would have to be read anew.
        prompt = replace(chat.prompt(self._request(count)), response_format=None)
        options = replace(chat.options, max_tokens=limit, budget=limit // 3)
        parts: list[str] = []
        ended = GenerationEnded(StopReason.CANCELLED, Usage())
        for event in chat.engine.generate(prompt, options, cancel):
            if isinstance(event, GenerationEnded):
                ended = event
                continue
            if isinstance(event, MessageCompleted) and event.message.is_final:
                parts.append(event.message.content.strip())
            yield event
        if ended.reason is StopReason.CANCELLED:
            yield TurnEnded(StopReason.CANCELLED, ended.usage)
            return
        summary = "\n\n".join(filter(None, parts))
        if not summary:
            raise UsageError(
                _("The model wrote no summary, and nothing was changed."),
                _("Try again, or /drop leaves out the oldest."),
            )
        if ended.reason is StopReason.LENGTH:
            summary += " …"
        mark = room.mark(room.hidden(self._path) + count, summary)
        if self._count((*self._path, mark)) >= self._count(self._path):
            raise UsageError(
                _("The summary is longer than what it stands for, and nothing was changed."),
                _("/drop leaves out the oldest."),
            )
        chat.mark(mark)
        yield TurnEnded(StopReason.COMPLETE, ended.usage)

    def _request(self, count: int) -> tuple[Message, ...]:
        """What the model reads to summarise the ``count`` oldest questions that it sees."""
        path, hides = self._path, room.hidden(self._path)
        mark = room.last_mark(path)
        asked, part = 0, []
        for message in path:
            asked += message.role is Role.USER
            if asked <= hides + count and not message.is_mark:
                part.append(message)
        return (*part, room.mark(hides, mark.content if mark else ""), user(room.REQUEST))

    def _after(self, count: int, question: str | None) -> int:
        """What the next question has the model see without the ``count`` oldest."""
        return self._count((*self._path, self._marked(count), user(question or "")))

    def _marked(self, count: int) -> Message:
        """A mark that hides so many questions more; a summary stays."""
        mark = room.last_mark(self._path)
        return room.mark(room.hidden(self._path) + count, mark.content if mark else "")

    def _count(self, messages: tuple[Message, ...]) -> int:
        return self._chat.engine.cost(self._chat.prompt(messages)).total

    def _model(self) -> ModelInfo:
        model = self._chat.engine.model
        if model is None:
            raise EngineError(_("No model is loaded yet."))
        return model

    @property
    def _path(self) -> tuple[Message, ...]:
        return self._chat.conversation.messages
