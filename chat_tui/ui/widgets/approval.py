"""The card that asks whether a call may run.

Knows a request and the guard that says which keys count; must not know what an answer leads to.
All that it shows of a call is hostile: it is plain text with every escape visible. Its choices are
widgets of its own, so no text can pretend to be one. The default is to deny; Enter never allows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.containers import ItemGrid, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from chat_tui.conversation import Message as Said
from chat_tui.keys import Where
from chat_tui.language import _
from chat_tui.session.gate import Choice, Reply, Request
from chat_tui.tools.base import CallView
from chat_tui.ui.guard import QUIET, Act, Guard
from chat_tui.ui.highlight import highlight
from chat_tui.ui.inquiry import Inquiry
from chat_tui.ui.keys import bound, key_name
from chat_tui.ui.markdown import Code
from chat_tui.ui.widgets.answering import AROUND, IDS, WORDS, Editor, Option, Why
from chat_tui.ui.widgets.document import Chunk
from chat_tui.ui.widgets.steady import Steady
from chat_tui.untrusted import clean, visible


class ApprovalCard(Widget, can_focus=True):
    """One question; ``look`` says what a changed call would do, and may take a while."""

    WHERE: ClassVar[Where] = Where.CARD

    DEFAULT_CSS = """
    ApprovalCard {
        height: auto; width: 1fr; layout: vertical; margin: 0 0 1 0; padding: 0 1;
        border-left: outer $text-warning; background: $warning 8%;
        & > .title, & > .facts { width: 1fr; height: auto; }
        & > .facts { color: $text-muted; }
        & > .problem { width: 1fr; height: auto; color: $text-error; display: none; }
        & > VerticalScroll { height: auto; max-height: 28vh; scrollbar-size-vertical: 1; }
        & > Editor { height: auto; max-height: 40vh; min-height: 3; border: none; display: none; }
        & > Why { width: 1fr; height: auto !important; display: none; }
        & > ItemGrid { height: auto; grid-gutter: 0 1; }
        & > .hint { width: 1fr; height: auto; color: $text-muted; }
    }
    ApprovalCard:focus { border-left: outer $text-accent; }
    """

    class Settled(Message):
        """It has been answered."""

        def __init__(self, inquiry: Inquiry, reply: Reply) -> None:
            super().__init__()
            self.inquiry = inquiry
            self.reply = reply

    class Wrote(Message):
        """What was typed on it is text for the composer."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, inquiry: Inquiry, look: Callable[[Said], CallView]) -> None:
        super().__init__()
        self.inquiry = inquiry
        self._request: Request = inquiry.request
        self._look = look
        self._body = self._request.call.content
        """The arguments that are shown: those of the call, or what the user made of them."""
        self._seen = self._request.view
        """What is shown of them."""
        keys = {key: act for act, id_ in IDS.items() for key in bound(id_).keys}
        self._guard = Guard(self._acts(), keys)

    @property
    def _is_edited(self) -> bool:
        return self._body != self._request.call.content

    def _acts(self, problem: str | None = None) -> frozenset[Act]:
        """What can be done about what is shown."""
        acts = set(Act)
        if self._is_edited or self._request.rule is None:
            acts.discard(Act.ALWAYS)
        if problem is not None:
            acts.discard(Act.ONCE)
        return frozenset(acts)

    def compose(self) -> ComposeResult:
        """What would happen, the whole arguments, what they may touch, the choices."""
        yield Static(classes="title", markup=False)
        with VerticalScroll(can_focus=False):
            yield Chunk()
        yield Editor(clean(self._body), soft_wrap=True, tab_behavior="focus", compact=True)
        yield Static(classes="problem", markup=False)
        yield Static(classes="facts", markup=False)
        words = {act: _(WORDS[act]) for act in Act}
        widest = max(map(cell_len, words.values()))
        with ItemGrid(min_column_width=widest + AROUND, stretch_height=False):
            for act in Act:
                yield Option(act, words[act])
        yield Why(compact=True)
        yield Static(classes="hint", markup=False)

    def on_mount(self) -> None:
        """Show the call; from the next paint on it can be answered."""
        self._show(self._request.view)

    def on_focus(self) -> None:
        """Say what the keys do here."""
        self._draw_hint(focused=True)

    def on_blur(self) -> None:
        """Nothing is half pressed."""
        self._guard.leave()
        self._draw_hint(focused=False)

    def written(self) -> None:
        """Something was written in the composer."""
        self._guard.written(_now())

    def on_paste(self, event: events.Paste) -> None:
        """A paste decides nothing: it is text for the composer."""
        event.stop()
        if self.screen.focused is self:  # else the editor or the line above has taken it
            self._guard.leave()
            self.post_message(self.Wrote(event.text))

    def on_key(self, event: events.Key) -> None:
        """The keys of the choices, and those that scroll."""
        if self.screen.focused is not self:
            return  # it is for the editor or the line above
        if event.key in ("up", "down", "home", "end"):
            event.stop()
            self._scroll(event.key)
            return
        character = event.character if event.is_printable else None
        key = character if character and len(character) == 1 else event.key
        if not (character or key == "enter"):
            return
        event.stop()
        if text := self._guard.press(key, event.time):
            self.post_message(self.Wrote(text))
        else:
            self.set_timer(QUIET + 0.01, self._fire)

    def _scroll(self, key: str) -> None:
        """Scroll what would run; else all, where the card is higher than its place."""
        body = self.query_one(VerticalScroll)
        in_sight = self._place.content_region.contains_region(body.region)
        step = {"up": -1, "down": 1}.get(key, 0)
        if key == "home":
            body.scroll_home(animate=False)
            self._bring(self.query_one(".title"))
        elif key == "end":
            body.scroll_end(animate=False)
            self._bring(self.query_one(".hint"))
        elif in_sight and 0 <= body.scroll_y + step <= body.max_scroll_y:
            body.scroll_relative(y=step, animate=False)
        else:
            self._place.scroll_relative(y=step, animate=False)

    def _bring(self, part: Widget) -> None:
        """Have a part of the card in sight, once it has its place."""
        if isinstance(place := self._place, Steady):
            self.call_after_refresh(place.show_line, part, 0)

    @property
    def _place(self) -> Widget:
        """What the card scrolls in."""
        return next((one for one in self.ancestors if isinstance(one, Steady)), self)

    async def _fire(self) -> None:
        if self.screen.focused is self and (act := self._guard.fire(_now())):
            await self._do(act)

    async def on_option_clicked(self, message: Option.Clicked) -> None:
        """The same as the key."""
        message.stop()
        if act := self._guard.click(message.act, message.when):
            await self._do(act)

    async def _do(self, act: Act) -> None:
        match act:
            case Act.ONCE:
                if self._is_edited:
                    self._settle(Reply(Choice.ONCE, edited=self._body, seen=self._seen))
                else:
                    self._settle(Reply(Choice.ONCE))
            case Act.ALWAYS:
                self._settle(Reply(Choice.CONVERSATION))
            case Act.DENY:
                self._settle(Reply(Choice.DENY))
            case Act.STOP:
                self._settle(Reply(Choice.STOP))
            case Act.EDIT:
                self._write_in(self.query_one(Editor))
            case Act.REASON:
                self._write_in(self.query_one(Why))

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """The reason is written."""
        message.stop()
        self._settle(Reply(Choice.DENY, clean(message.value)))

    def on_why_left(self, message: Why.Left) -> None:
        """Back to the question."""
        message.stop()
        self._back()

    async def on_editor_left(self, message: Editor.Left) -> None:
        """Show what the changed call would do; it is approved like any other."""
        message.stop()
        self._body = clean(self.query_one(Editor).text)
        self._back()
        call = replace(self._request.call, content=self._body, tokens=())
        self._guard.offered = self._acts("")  # not before it is seen what it would do
        view = await asyncio.to_thread(self._look, call) if self._is_edited else None
        if self.is_attached:
            self._show(view or self._request.view)

    def _settle(self, reply: Reply) -> None:
        if self.inquiry.settle(reply):
            self.post_message(self.Settled(self.inquiry, reply))

    def _write_in(self, field: Editor | Why) -> None:
        self.query_one(ItemGrid).display = False
        self.query_one(VerticalScroll).display = not isinstance(field, Editor)
        field.display = True
        field.focus(scroll_visible=False)
        self._draw_hint()
        self._bring(field)

    def _back(self) -> None:
        """From writing to the question, which looks different now."""
        for field in (self.query_one(Editor), self.query_one(Why)):
            field.display = False
        self.query_one(ItemGrid).display = True
        self.query_one(VerticalScroll).display = True
        self._guard.appear(_now())
        self.focus(scroll_visible=False)
        self._draw_hint(focused=True)
        self._bring(self.query_one(".hint"))

    def _show(self, view: CallView) -> None:
        """Show what the call would do."""
        request, self._seen = self._request, view
        title = visible(" ".join(view.title.split()))
        mark = [_("as you changed it")] if self._is_edited else []
        asks, shown = _("Allow this?"), " · ".join([title, *mark])
        self.query_one(".title", Static).update(
            Content.assemble((f"{asks} ", "bold $text-warning"), (shown, "bold"))
        )
        shown, language = (view.diff, "diff") if view.diff else (view.body, view.language)
        text = visible(shown.strip("\n")).expandtabs(4)
        self.query_one(Chunk).show([Code(highlight(text, language), "")])
        problem = self.query_one(".problem", Static)
        said = view.problem or ("" if self._is_edited else request.again)
        problem.update(Content(visible(said)))
        problem.display = bool(said)
        facts = [" · ".join(visible(" ".join(one.split())) for one in view.touches)]
        walls = _(request.tier.label)
        if walls not in view.title and language not in ("diff", "json"):
            facts.append(_("sandbox: {walls}").format(walls=walls))
        if request.rule is not None and not self._is_edited:
            what = _(view.rule) or _("exactly this call again")
            allows = _("“{choice}” allows in this conversation: {what}")
            facts.append(allows.format(choice=_(WORDS[Act.ALWAYS]), what=visible(what)))
        self.query_one(".facts", Static).update(Content("\n".join(filter(None, facts))))
        self._guard.offered = self._acts(view.problem)
        for option in self.query(Option):
            option.display = option.act in self._guard.offered
        self._draw_hint()
        # Not before it has been painted: what nobody can have seen nobody can have answered.
        self.call_after_refresh(lambda: self._guard.appear(_now()))

    def _draw_hint(self, *, focused: bool | None = None) -> None:
        """``focused`` where that is just changing."""
        if self.query_one(Editor).display:
            text = _("Esc ends the editing; nothing runs before you allow it")
        elif self.query_one(Why).display:
            text = _("Why not? Enter denies, Esc goes back")
        elif self.has_focus if focused is None else focused:
            text = _("↑↓ scroll · Enter denies")
        else:
            # Never empty: a line that came with the focus would move the choices under a click.
            text = _("{key} comes here").format(key=key_name("card"))
        hint = self.query_one(".hint", Static)
        hint.update(Content(text))
        hint.display = bool(text)


def _now() -> float:
    """The time by the clock that stamps events."""
    return Message().time
