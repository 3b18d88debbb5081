"""One question and all that came of it: the one place where events become widgets.

Knows events and the transcript's pieces; must not know the chat, the worker or the app.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

from textual.message import Message as Told
from textual.widget import Widget

from chat_tui.conversation import ANALYSIS, COMMENTARY, FINAL, Effort, Message, Role
from chat_tui.errors import ChatError
from chat_tui.events import (
    AnswerDelta,
    MessageCompleted,
    ModelInfo,
    PreambleDelta,
    ReasoningCircles,
    ReasoningDelta,
    Resumed,
    StopReason,
    StrayDelta,
    ToolArgumentsDelta,
    ToolFinished,
    ToolProgressed,
    ToolStarted,
    TurnEnded,
    TurnEvent,
    TurnFailed,
    Usage,
    merged,
)
from chat_tui.language import _
from chat_tui.session.accounts import Ending
from chat_tui.session.toolset import Toolset
from chat_tui.settings import ReasoningView
from chat_tui.ui import endings
from chat_tui.ui.inquiry import Inquiry
from chat_tui.ui.widgets.answer import Answer
from chat_tui.ui.widgets.approval import ApprovalCard
from chat_tui.ui.widgets.asked import UserMessage
from chat_tui.ui.widgets.cards import ErrorCard
from chat_tui.ui.widgets.circles import Circles
from chat_tui.ui.widgets.document import Chunk, Document
from chat_tui.ui.widgets.foot import Foot
from chat_tui.ui.widgets.notes import Note, Notes
from chat_tui.ui.widgets.parts import Parts
from chat_tui.ui.widgets.reasoning import Reasoning
from chat_tui.ui.widgets.room import MarkCard
from chat_tui.ui.widgets.siblings import Siblings
from chat_tui.ui.widgets.tall import Tall


class TurnView(Tall):
    """A question, the thoughts, the answer, and how it was made."""

    DEFAULT_CSS = """
    TurnView {
        height: auto; width: 1fr; layout: vertical; margin: 0 2;
        & > Document { margin: 0 0 1 0; }
        &.-question > UserMessage { background: $accent 25%; border-left: thick $text-accent; }
        &.-answer > Document, &.-answer > Reasoning, &.-answer > CallCard, &.-answer > Foot {
            background: $accent 15%;
        }
        & > Siblings { margin: 0 0 1 0; }
        &.-versions > UserMessage { margin: 0; }
        & > .aside { color: $text-muted; text-style: italic; }
    }
    """

    class Walked(Told):
        """Another version of the question, or of what came of it, is wanted."""

        def __init__(self, turn: TurnView, question: bool, step: int) -> None:
            super().__init__()
            self.turn = turn
            self.question = question
            self.step = step

    def __init__(
        self, question: str, effort: Effort, view: ReasoningView, *, is_json: bool = False
    ) -> None:
        super().__init__()
        self.question = question
        self.effort = effort
        self.replaces: TurnView | None = None
        """The turn, not shown any more, in whose place this one stands."""
        self.tools: Toolset | None = None
        """What can say more of a call."""
        self.model: ModelInfo | None = None
        """Who answers; None while unknown."""
        self.pages: Callable[[], Sequence[str]] = tuple
        """What the browser has said in this conversation, oldest first."""
        self._answer = Answer(self._shown_pages, is_json=is_json)
        self._notes: Notes | None = None
        self._effort = str(effort)
        self._view = view
        self._repairs = 0
        self._asked_as = Siblings()
        self._foot = Foot()
        self._parts = Parts(self, self._foot)

    @property
    def is_thinking(self) -> bool:
        """Whether the model is reasoning now."""
        return self._parts.is_thinking

    @property
    def answer(self) -> str:
        """The text of the final answer, as it came."""
        return self._answer.text

    @property
    def has_answer(self) -> bool:
        """Whether anything came of the question."""
        return bool(self.query("Reasoning, Document, CallCard"))

    def compose(self) -> Iterator[Widget]:
        """The question at first."""
        if self.question:
            yield UserMessage(self.question)
            yield self._asked_as
        yield self._foot

    async def apply(self, events: Iterable[TurnEvent], now: float) -> None:
        """Draw what happened."""
        for event in merged(events):
            match event:
                case ReasoningDelta(text, tokens):
                    (await self._reasoning(now)).feed(text, tokens, now)
                case AnswerDelta(text):
                    await self._write(text)
                case Resumed(message):
                    await self._take_up(message, now)
                case ReasoningCircles() if self.is_thinking:
                    await self._offer()
                case PreambleDelta(text):
                    await (await self._parts.document("preamble aside")).feed(text)
                case StrayDelta(text):
                    await (await self._parts.document("stray aside")).feed(text)
                case ToolArgumentsDelta(recipient, text):
                    (await self._parts.calling(recipient)).feed(text)
                case MessageCompleted(message):
                    await self._complete(message, now)
                case ToolStarted(call) if self._parts.call:
                    self._parts.call.start(call.content, now)
                case ToolProgressed(_, text) if self._parts.call:
                    self._parts.call.output(text, now)
                case ToolFinished(call, result) if self._parts.call:
                    self._finish_call(call, result, now)
                case TurnEnded(reason, usage):
                    await self._end(reason, usage)
                case TurnFailed(error):
                    await self._fail(error)
                case _:
                    pass

    async def recall(self, message: Message, took: float | None = None) -> None:
        """Draw a message of an earlier time; it came within ``took`` seconds, if that is known."""
        if message.role is Role.TOOL:
            if self._parts.call:
                files = self.tools.decisions.files(message) if self.tools else ()
                self._parts.call.result(message.content, 0.0, files=files, recalled=True)
        elif message.is_mark:
            await self.mount(MarkCard(message))
        elif message.role is Role.ASSISTANT:
            await self._complete(message, 0.0, took)
            self._parts.last = None

    async def recall_end(self, ending: Ending) -> None:
        """Say how a turn of an earlier time ended."""
        mark = endings.mark(ending.reason, ending.usage, self.model)
        if ending.reason is None and self._parts.cut is not None:
            mark = _("cut off")
        await self._foot.stamp(endings.facts(self._effort, ending.usage, self._repairs), mark)

    async def ask(self, inquiry: Inquiry) -> ApprovalCard | None:
        """Show the card for a call that waits; None where nobody waits any more."""
        if inquiry.is_settled or self._foot.is_stamped or self.tools is None:
            inquiry.deny()
            return None
        return await self._parts.ask(ApprovalCard(inquiry, self.tools.describe))

    async def settle(self, *, answered: bool = False) -> None:
        """Take away the card; see ``Parts``."""
        await self._parts.settle(answered=answered)

    async def stop(self) -> None:
        """The user does not wait any longer; what still comes is taken in quietly."""
        await self.settle()
        self._parts.stop()
        if not self._foot.is_stamped:
            await self._foot.stamp([self._effort], _("stopped"))

    async def begin_again(self) -> None:
        """The answer is gone on with: what was said of its end does not hold any more."""
        await self._foot.begin_again()
        await self.query_children(ErrorCard).remove()

    def offer_to_go_on(self, does: str) -> None:
        """Say, or with no words no longer, what the key to go on with the answer does."""
        self._foot.offer(does)

    def tick(self, now: float) -> None:
        """Time has passed."""
        self._parts.tick(now)

    def set_versions(self, question: tuple[int, int], answer: tuple[int, int]) -> None:
        """Which of how many questions, and of how many answers, these are, from 1."""
        self._asked_as.show(question)
        self.set_class(question[1] > 1, "-versions")
        self._foot.versions.show(answer)

    def choose(self, question: bool | None) -> None:
        """Show that the question is chosen, or what came of it, or nothing of both."""
        self.set_class(question is True, "-question")
        self.set_class(question is False, "-answer")

    def part(self, question: bool) -> Widget:
        """Where the question stands, or what came of it begins."""
        if question:
            return self
        answer = self.query_children("Reasoning, CallCard, Document")
        return answer.first() if answer else self

    def on_siblings_walked(self, message: Siblings.Walked) -> None:
        """An arrow was clicked."""
        message.stop()
        self.post_message(self.Walked(self, message.siblings is self._asked_as, message.step))

    def set_view(self, view: ReasoningView) -> None:
        """Show as much reasoning as ``view`` says."""
        self._view = view
        for reasoning in self.query(Reasoning):
            reasoning.set_view(view)

    async def withdraw_offer(self) -> bool:
        """Let reasoning that goes in circles go on; False where nothing was offered."""
        offers = self.query(Circles)
        found = bool(offers)
        await offers.remove()
        return found

    def _finish_call(self, call: Message, result: Message, now: float) -> None:
        """Show what came of a call, the parts too that only the user gets."""
        card = self._parts.call
        if card is None:
            return
        came = self.tools.result(call) if self.tools else None
        if came is None:
            card.result(result.content, now)
            return
        files, text = came.attachments, came.full or result.content
        card.result(text, now, failed=came.failed, files=files)

    async def _offer(self) -> None:
        if not self.query(Circles):
            await self.mount(Circles(self.effort), before=self._foot)

    async def _write(self, text: str) -> None:
        """More of the answer."""
        await (await self._parts.document("")).feed(self._answer.feed(text))

    def _shown_pages(self) -> Sequence[str]:
        return self.pages()

    async def _list_notes(self) -> None:
        """The footnotes below the answer, as many as there are by now."""
        if self._notes is not None:
            await self._notes.remove()
            self._notes = None
        if references := self._answer.references:
            self._notes = Notes(tuple(references))
            await self.mount(self._notes, before=self._foot)

    def on_chunk_note_clicked(self, message: Chunk.NoteClicked) -> None:
        """The same as opening the footnote."""
        message.stop()
        references = self._answer.references
        if 0 < message.number <= len(references):
            self.post_message(Note.Opened(references[message.number - 1]))

    async def _take_up(self, message: Message, now: float) -> None:
        """A message that was cut off grows again, from as far as it stood."""
        await self.begin_again()
        cut = self._parts.take_up()
        if message.is_reasoning:
            tokens = max(1, len(message.tokens))
            (await self._reasoning(now)).feed(message.content, tokens, now)
        elif message.is_final:
            self._answer.begin_again()
            await self._write(message.content)
        else:
            await (await self._parts.document("preamble aside")).feed(message.content)
        if cut is not None:
            await cut.remove()

    async def _reasoning(self, now: float) -> Reasoning:
        return await self._parts.reasoning(self._effort, self._view, now)

    async def _complete(self, message: Message, now: float, took: float | None = None) -> None:
        """A message is whole: what was streamed of it is replaced by exactly its text."""
        self._repairs += len(message.repairs)
        effort = str(message.effort or self._effort)
        self._effort = effort
        if message.is_reasoning:
            if message.content or isinstance(self._parts.last, Reasoning):
                thought = await self._reasoning(now)
                thought.finish(message.content, effort, len(message.tokens), took)
                self.query(Circles).remove()
        elif message.is_call:
            card = await self._parts.calling(message.recipient or "")
            if self.tools is not None:
                card.decided = partial(self.tools.decisions.of, message)
            card.finish(message.content)
        elif message.content:
            text = message.content
            if message.channel == FINAL:
                text = self._answer.finish(text)
            kinds = {FINAL: "", COMMENTARY: "preamble aside", ANALYSIS: "stray aside"}
            kind = kinds.get(message.channel or "", "stray aside")
            await (await self._parts.document(kind)).finish(text)
            await self._list_notes()
        self._parts.completed(interrupted=message.interrupted)

    async def _end(self, reason: StopReason, usage: Usage) -> None:
        await self.settle()
        if self._parts.call:
            self._parts.call.stop()
        self._parts.close_thought()
        facts = endings.facts(self._effort, usage, self._repairs)
        await self._foot.stamp(facts, endings.mark(reason, usage, self.model))
        answered = bool(self.answer)
        if problem := endings.trouble(reason, usage, self.model, answered=answered):
            await self.mount(ErrorCard(problem))

    async def _fail(self, error: ChatError) -> None:
        await self.settle()
        if self._parts.call:
            self._parts.call.stop()
        self._parts.close_thought()
        if isinstance(self._parts.last, Document) and not self._foot.is_stamped:
            await self._foot.stamp([self._effort], _("broke off"))
        await self.mount(ErrorCard(error))
