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
from chat_tui.session.toolset import Toolset
from chat_tui.settings import ReasoningView
from chat_tui.ui import endings
from chat_tui.ui.footnotes import Footnotes
from chat_tui.ui.inquiry import Inquiry
from chat_tui.ui.json_text import Indenter
from chat_tui.ui.widgets.approval import ApprovalCard
from chat_tui.ui.widgets.call import CallCard
from chat_tui.ui.widgets.cards import ErrorCard, Stamp, UserMessage
from chat_tui.ui.widgets.circles import Circles
from chat_tui.ui.widgets.document import Chunk, Document
from chat_tui.ui.widgets.notes import Note, Notes
from chat_tui.ui.widgets.onward import Onward
from chat_tui.ui.widgets.reasoning import Reasoning, seconds
from chat_tui.ui.widgets.room import MarkCard
from chat_tui.ui.widgets.siblings import Foot, Siblings

Part = Reasoning | Document | CallCard
_FENCE = "`" * 12
"""Longer than any that a text of JSON is likely to hold."""


class TurnView(Widget):
    """A question, the thoughts, the answer, and how it was made."""

    DEFAULT_CSS = """
    TurnView {
        height: auto; width: 1fr; layout: vertical; margin: 0 2;
        & > Document { margin: 0 0 1 0; }
        &.-question > UserMessage { background: $accent 25%; border-left: thick $accent; }
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
        self.answer = ""
        """The text of the final answer, as it came."""
        self.pages: Callable[[], Sequence[str]] = tuple
        """What the browser has said in this conversation, oldest first."""
        self._footnotes = Footnotes(self._shown_pages)
        self._notes: Notes | None = None
        self._effort = str(effort)
        self._view = view
        self._indenter = Indenter() if is_json else None
        self._part: Part | None = None
        self._cut: Part | None = None
        """What shows a message that was cut off, if that was the last."""
        self._onward = Onward()
        self._call: CallCard | None = None
        self._repairs = 0
        self._stamp: Stamp | None = None
        self._asked_as, self._answered_as = Siblings(), Siblings()
        self._foot = Foot(self._answered_as, self._onward)

    @property
    def is_thinking(self) -> bool:
        """Whether the model is reasoning now."""
        return isinstance(self._part, Reasoning) and self._part.is_live

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
                    await (await self._document("preamble aside")).feed(text)
                case StrayDelta(text):
                    await (await self._document("stray aside")).feed(text)
                case ToolArgumentsDelta(recipient, text):
                    (await self._calling(recipient)).feed(text)
                case MessageCompleted(message):
                    await self._complete(message, now)
                case ToolStarted(call) if self._call:
                    self._call.start(call.content, now)
                case ToolProgressed(_, text) if self._call:
                    self._call.output(text, now)
                case ToolFinished(call, result) if self._call:
                    self._finish_call(call, result, now)
                case TurnEnded(reason, usage):
                    await self._end(reason, usage)
                case TurnFailed(error):
                    await self._fail(error)
                case _:
                    pass

    async def recall(self, message: Message) -> None:
        """Draw a message of an earlier time; how long it took is not known any more."""
        if message.role is Role.TOOL:
            if self._call:
                files = self.tools.decisions.files(message) if self.tools else ()
                self._call.result(message.content, 0.0, files=files, recalled=True)
        elif message.is_mark:
            await self.mount(MarkCard(message), before=self._stamp)
        elif message.role is Role.ASSISTANT:
            await self._complete(message, 0.0)
            self._part = None

    async def ask(self, inquiry: Inquiry) -> ApprovalCard | None:
        """Show the card for a call that waits; None where nobody waits any more."""
        if inquiry.is_settled or self._stamp is not None or self.tools is None:
            inquiry.deny()
            return None
        card = ApprovalCard(inquiry, self.tools.describe)
        if self._call:
            self._call.display = False
        await self.mount(card, before=self._foot)
        return card

    async def settle(self, *, answered: bool = False) -> None:
        """Take away the card; where it was not answered, that denies it.

        With ``answered`` only one that was: the same call may have been asked about again.
        """
        cards = list(self.query(ApprovalCard))
        gone = [card for card in cards if card.inquiry.is_settled or not answered]
        for card in gone:
            card.inquiry.deny()
            card.display = False
            await card.remove()
        if self._call and len(gone) == len(cards):
            self._call.display = True

    async def stop(self) -> None:
        """The user does not wait any longer; what still comes is taken in quietly."""
        await self.settle()
        if self._call:
            self._call.stop()
        if isinstance(self._part, Reasoning):
            self._part.finish("")  # what is still on its way belongs to it
        self.query(Circles).remove()
        if self._stamp is None:
            await self._set_stamp([self._effort], "stopped")

    async def begin_again(self) -> None:
        """The answer is gone on with: what was said of its end does not hold any more."""
        if self._stamp is not None:
            await self._stamp.remove()
            self._stamp = None
        await self.query_children(ErrorCard).remove()
        self.offer_to_go_on(False)

    def offer_to_go_on(self, offered: bool) -> None:
        """Say, or no longer, that the answer can be gone on with."""
        self._onward.show(offered, mark="" if self._stamp else "cut off")

    def tick(self, now: float) -> None:
        """Time has passed."""
        if isinstance(self._part, Reasoning):
            self._part.tick(now)
        if self._call:
            self._call.tick(now)

    def set_versions(self, question: tuple[int, int], answer: tuple[int, int]) -> None:
        """Which of how many questions, and of how many answers, these are, from 1."""
        self._asked_as.show(question)
        self.set_class(question[1] > 1, "-versions")
        self._answered_as.show(answer)

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
        card = self._call
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
        if self._indenter is None:
            shown = self._footnotes.feed(text)
        else:
            begin = "" if self.answer else f"{_FENCE}json\n"
            shown = begin + self._indenter.feed(text)
        self.answer += text
        await (await self._document("")).feed(shown)

    def _whole(self, answer: str) -> str:
        """What is shown of a whole answer."""
        if self._indenter is None:
            return self._footnotes.whole(answer)
        return f"{_FENCE}json\n{Indenter().feed(answer)}\n{_FENCE}"

    def _shown_pages(self) -> Sequence[str]:
        return self.pages()

    async def _list_notes(self) -> None:
        """The footnotes below the answer, as many as there are by now."""
        if self._notes is not None:
            await self._notes.remove()
            self._notes = None
        if references := self._footnotes.references:
            self._notes = Notes(tuple(references))
            await self.mount(self._notes, before=self._foot)

    def on_chunk_note_clicked(self, message: Chunk.NoteClicked) -> None:
        """The same as opening the footnote."""
        message.stop()
        references = self._footnotes.references
        if 0 < message.number <= len(references):
            self.post_message(Note.Opened(references[message.number - 1]))

    async def _take_up(self, message: Message, now: float) -> None:
        """A message that was cut off grows again, from as far as it stood."""
        await self.begin_again()
        self._close_thought()
        cut, self._cut, self._part = self._cut, None, None
        if message.is_reasoning:
            tokens = max(1, len(message.tokens))
            (await self._reasoning(now)).feed(message.content, tokens, now)
        elif message.is_final:
            self.answer, self._footnotes = "", Footnotes(self._shown_pages)
            self._indenter = self._indenter and Indenter()
            await self._write(message.content)
        else:
            await (await self._document("preamble aside")).feed(message.content)
        if cut is not None:
            await cut.remove()

    async def _reasoning(self, now: float) -> Reasoning:
        if not isinstance(self._part, Reasoning):
            await self._begin(part := Reasoning(self._effort, self._view, now))
            return part
        return self._part

    async def _document(self, classes: str) -> Document:
        part = self._part
        if not isinstance(part, Document) or part.classes != frozenset(classes.split()):
            part = Document()
            part.set_classes(classes)
            await self._begin(part)
        return part

    async def _calling(self, recipient: str) -> CallCard:
        if not isinstance(self._part, CallCard):
            self._call = CallCard(recipient)
            await self._begin(self._call)
            return self._call
        return self._part

    async def _begin(self, part: Part) -> None:
        self._close_thought()
        self._part = part
        await self.mount(part, before=self._foot)

    def _close_thought(self) -> None:
        if isinstance(self._part, Reasoning):
            self._part.finish("")
            self._part = None
        self.query(Circles).remove()

    async def _complete(self, message: Message, now: float) -> None:
        """A message is whole: what was streamed of it is replaced by exactly its text."""
        self._repairs += len(message.repairs)
        effort = str(message.effort or self._effort)
        self._effort = effort
        if message.is_reasoning:
            if message.content or isinstance(self._part, Reasoning):
                thought = await self._reasoning(now)
                thought.finish(message.content, effort, len(message.tokens))
                self.query(Circles).remove()
        elif message.is_call:
            card = await self._calling(message.recipient or "")
            if self.tools is not None:
                card.decided = partial(self.tools.decisions.of, message)
            card.finish(message.content)
        elif message.content:
            text = message.content
            if message.channel == FINAL:
                self.answer, text = text, self._whole(text)
            kinds = {FINAL: "", COMMENTARY: "preamble aside", ANALYSIS: "stray aside"}
            kind = kinds.get(message.channel or "", "stray aside")
            await (await self._document(kind)).finish(text)
            await self._list_notes()
        self._cut = self._part if message.interrupted else None
        if not message.interrupted:
            self._part = None

    async def _end(self, reason: StopReason, usage: Usage) -> None:
        await self.settle()
        if self._call:
            self._call.stop()
        self._close_thought()
        facts = [self._effort]
        if usage.tokens_per_second:
            facts.append(f"{usage.tokens_per_second:.1f} tok/s")
        if usage.total_seconds:
            facts.append(seconds(usage.total_seconds))
        if self._repairs:
            facts.append("mended 1 slip" if self._repairs == 1 else f"mended {self._repairs} slips")
        await self._set_stamp(facts, endings.mark(reason, usage, self.model))
        answered = bool(self.answer)
        if problem := endings.trouble(reason, usage, self.model, answered=answered):
            await self.mount(ErrorCard(problem))

    async def _fail(self, error: ChatError) -> None:
        await self.settle()
        if self._call:
            self._call.stop()
        self._close_thought()
        if isinstance(self._part, Document) and self._stamp is None:
            await self._set_stamp([self._effort], "broke off")
        await self.mount(ErrorCard(error))

    async def _set_stamp(self, facts: list[str], mark: str) -> None:
        if self._stamp is not None:
            await self._stamp.remove()
        self._stamp = Stamp(facts, mark)
        await self._foot.mount(self._stamp, before=self._onward)
