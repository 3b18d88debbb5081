"""A hostile text in every widget of the chat's own screen that shows foreign text.

Knows widgets and what of a text each of them should show; must not know how that is read. First a
turn while it comes, then the same when it is over, with the cards and lines that can stand by it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from textual.widget import Widget
from textual.widgets import Static

from chat_tui.attachments import Attachment, parted, with_files
from chat_tui.conversation import Effort, Message, Role
from chat_tui.errors import ChatError
from chat_tui.events import (
    AnswerDelta,
    MessageCompleted,
    PreambleDelta,
    ReasoningDelta,
    StrayDelta,
    ToolArgumentsDelta,
    ToolFinished,
    ToolProgressed,
    ToolStarted,
    TurnFailed,
)
from chat_tui.sandbox.base import BUBBLEWRAP
from chat_tui.session.decisions import Record
from chat_tui.session.gate import Request
from chat_tui.session.room import REQUEST
from chat_tui.tools import base
from chat_tui.tools.base import CallView, Risk
from chat_tui.ui.footnotes import Footnotes, unforged
from chat_tui.ui.inquiry import Inquiry
from chat_tui.ui.layout import lines
from chat_tui.ui.longtext import LongText
from chat_tui.ui.markdown import Block
from chat_tui.ui.models.bar import OfferBar
from chat_tui.ui.widgets.answering import Editor
from chat_tui.ui.widgets.approval import ApprovalCard
from chat_tui.ui.widgets.asked import SHOWN_CHARACTERS, UserMessage
from chat_tui.ui.widgets.call import CallCard
from chat_tui.ui.widgets.cards import DiffCard, ErrorCard, Notice
from chat_tui.ui.widgets.chunk import Chunk
from chat_tui.ui.widgets.document import Document
from chat_tui.ui.widgets.notes import Note
from chat_tui.ui.widgets.reasoning import LIVE_CHARACTERS, Reasoning, Tail
from chat_tui.ui.widgets.room import MarkCard
from chat_tui.ui.widgets.searchable import SearchableText
from chat_tui.ui.widgets.transcript import Transcript
from chat_tui.ui.widgets.turn_view import TurnView
from chat_tui.untrusted import Cleaner, clean, clean_line, visible
from tests.ui.hostile_reader import brief, letters
from tests.ui.payloads import cut, payload

FENCE = "`" * 3000
_CITES = " 【1†L1】"


@dataclass(frozen=True, slots=True)
class Hung:
    """A widget, and what of it has to be on the screen; see ``fits``."""

    widget: Widget
    how: str
    wanted: tuple[str, ...] = ()


def shows(widget: Widget, how: str, *texts: str) -> Hung:
    """``texts`` are clean."""
    return Hung(widget, how, tuple(map(letters, texts)))


def holds(widget: Widget, *texts: str) -> Hung:
    """The beginnings of ``texts``, which are clean, among what the app itself says."""
    return Hung(widget, "holds", tuple(map(brief, texts)))


def set_in_lines(blocks: Sequence[Block], width: int) -> str:
    """The text of these blocks in lines of that width."""
    return "".join(line.plain for block in blocks for line in lines(block, width))


def whole(text: str) -> list[Block]:
    """The blocks of a text that is there as a whole."""
    pieces = LongText.of(text)
    return [block for at in range(len(pieces)) for block in pieces.blocks(at)]


def document(one: Document, text: str) -> Hung:
    """A document that shows ``text``, the marks of its footnotes included."""
    return shows(one, "same", set_in_lines(whole(text), one.content_size.width))


class Exhibit:
    """One payload; ``begin`` and then ``finish`` hang it into a transcript."""

    def __init__(self, number: int, transcript: Transcript) -> None:
        self.number = number
        self.text = payload(number)
        self._pieces = cut(self.text, number)
        self._transcript = transcript
        self._turn: TurnView
        self._others: list[Hung] = []
        text = self.text
        self._thought = Message(Role.ASSISTANT, text, channel="analysis")
        self._call = Message(Role.ASSISTANT, text, channel="commentary", recipient=text)
        self._file = Attachment(" ".join(text[:60].split("\n")), text)
        self._line = line = text.replace("\n", " ")
        """A title; blanks make other escape sequences of it than newlines do."""
        self._page = f"[1] {line} (https://{line})\n**viewing lines [1 - 1] of 1**\n\nL1: {line}"

    @property
    def words(self) -> str:
        """Some of it, to be found."""
        line = clean_line(self.text)
        begin = self.number % max(1, len(line) // 2)
        return line[begin : begin + 1 + self.number % 9]

    async def begin(self) -> None:
        """All of it has come, in pieces, and nothing is over."""
        question = with_files(self.text, [self._file])
        self._turn = turn = await self._transcript.begin(question, Effort.LOW)
        turn.pages = lambda: [self._page]
        pieces, call = self._pieces, self._call
        await turn.apply([ReasoningDelta(piece) for piece in pieces[:1]], 0.0)
        for piece in pieces[1:]:
            await turn.apply([ReasoningDelta(piece)], 0.0)
        if self.number % 2:
            return
        await turn.apply([MessageCompleted(self._thought)], 0.0)
        for piece in pieces:
            await turn.apply([ToolArgumentsDelta(self.text, piece)], 0.0)
        await turn.apply([MessageCompleted(call), ToolStarted(call)], 0.0)
        for piece in pieces:
            await turn.apply([ToolProgressed(call, piece)], 0.0)

    def coming(self) -> Iterator[Hung]:
        """What is to be seen by then."""
        yield self._asked()
        cleaner = Cleaner()
        said = "".join(map(cleaner.feed, self._pieces))[-LIVE_CHARACTERS:]
        if self.number % 2:
            yield shows(self._turn.query_one("Reasoning > Tail", Tail), "end", said)
            return
        card = self._turn.query_one(CallCard)
        yield shows(card.query_one(".call"), "same", visible(self.text).strip("\n"))
        if said.strip():
            yield shows(card.query_one(Tail), "end", said)

    async def finish(self) -> None:
        """It is over; what else can stand in a transcript stands below."""
        turn, text, call = self._turn, self.text, self._call
        if self.number % 2:
            await turn.apply([MessageCompleted(self._thought)], 0.0)
            await turn.apply([MessageCompleted(call), ToolStarted(call)], 0.0)
        card = turn.query_one(CallCard)
        card.decided = lambda: Record("denied", "person", reason=text)
        answer = Message(Role.TOOL, text, name=text)
        await turn.apply([ToolFinished(call, answer)], 0.0)
        card.result(text, 0.0, files=(base.Attachment(text, "text/plain", Path(text)),))
        card.action_thought()
        for delta, channel, end in (
            (PreambleDelta, "commentary", ""),
            (StrayDelta, text, ""),
            (AnswerDelta, "final", _CITES),
        ):
            for piece in (*self._pieces, end):
                await turn.apply([delta(piece)], 0.0)
            said = Message(Role.ASSISTANT, text + end, channel=channel)
            await turn.apply([MessageCompleted(said)], 0.0)
        await turn.apply([TurnFailed(ChatError(text, text))], 0.0)
        self._others = list(self._beside())
        await self._transcript.mount_all([one.widget for one in self._others])

    async def dress(self) -> None:
        """What can be done only to what is on the screen."""
        text, number = self.text, self.number
        for one in self._others:
            match one.widget:
                case MarkCard() as card:
                    card.open()
                case ApprovalCard() as card if number % 3 == 0:
                    card.query_one(Editor).display = True
                case Document() as code:
                    await code.finish(f"{FENCE}\n{text}\n{FENCE}")

    def over(self) -> Iterator[Hung]:
        """What is to be seen in the end."""
        turn, text = self._turn, self.text
        clear, line = clean(text), clean_line(text)
        yield self._asked()
        yield shows(turn.query_one(Reasoning).query_one(".body", SearchableText), "same", clear)
        card = turn.query_one(CallCard)
        yield holds(card.query_one(".heading"), line)
        yield holds(card.query_one(".files"), line)
        yield holds(card.query_one(".decision"), line)
        yield shows(card.query_one(".call"), "same", visible(text))
        yield shows(card.query_one(".result"), "same", clear)
        preamble, stray, answer = turn.query_children(Document)
        yield document(preamble, unforged(text))
        yield document(stray, unforged(text))
        yield document(answer, Footnotes(lambda: [self._page]).whole(f"{text}{_CITES}"))
        for note in turn.query(Note):
            yield holds(note, "[1]" + clean_line(self._line))
        yield shows(turn.query_one(ErrorCard), "same", clear + clear)
        yield from self._others
        for one in self._others:
            match one.widget:
                case MarkCard() as mark:
                    yield shows(mark.query_one(".summary"), "same", REQUEST + clear)
                case ApprovalCard() as asked:
                    yield from self._card(asked)

    def _asked(self) -> Hung:
        asked = self._turn.query_one(UserMessage)
        question, files = parted(self._turn.question)
        names = [brief(clean_line(file.name)) for file in files]
        return Hung(asked, "holds", (letters(clean(question[:SHOWN_CHARACTERS])), *names))

    def _beside(self) -> Iterator[Hung]:
        text = self.text
        clear, line = clean(text), clean_line(text)
        yield shows(Notice(text), "same", clear)
        diff = f"--- a\n+++ b\n@@\n-{text}\n+{text}"
        yield shows(DiffCard(diff), "same", visible(diff))
        view = CallView(
            text, text, Risk.RUNS, "python", diff if self.number % 2 else None, (text, text),
            rule=text, problem=text if self.number % 5 == 0 else None,
        )  # fmt: skip
        request = Request(self._call, view, BUBBLEWRAP, None)
        yield Hung(ApprovalCard(Inquiry(request), lambda _: view), "seen")
        yield holds(MarkCard(Message(Role.MARK, text, name=text), is_alone=True), line)
        yield shows(Document(), "same", f"code{unforged(clear)}")
        yield shows(OfferBar(text, lambda: None), "start", line)

    def _card(self, card: ApprovalCard) -> Iterator[Hung]:
        text, view = self.text, card._request.view
        title = visible(" ".join(text.split()))
        yield shows(card.query_one(".title", Static), "same", f"Allow this? {title}")
        body = view.diff or text
        yield shows(card.query_one(Chunk), "start", visible(body.strip("\n")))
        if view.problem:
            yield shows(card.query_one(".problem", Static), "same", visible(text))
        yield Hung(card.query_one(".facts", Static), "holds", (letters(title), letters(title)))
        if self.number % 3 == 0:
            yield shows(card.query_one(Editor), "start", clean(text))
