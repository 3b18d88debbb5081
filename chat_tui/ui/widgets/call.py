"""A call to a tool: its arguments as they come, what it says while it runs, and what came of it.

Knows texts and times; must not know tools. Arguments and output are hostile: plain text, with
control characters made visible in what was called and taken out of what came back. When it is over
it folds to a line, like reasoning.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from chat_tui.language import _
from chat_tui.session.decisions import Record
from chat_tui.tools.base import Attachment
from chat_tui.ui.highlight import highlight
from chat_tui.ui.keys import bind
from chat_tui.ui.pacing import Pace
from chat_tui.ui.progress import tool_name
from chat_tui.ui.widgets.asked import more_characters
from chat_tui.ui.widgets.picture import Picture
from chat_tui.ui.widgets.reasoning import LIVE_CHARACTERS, Tail
from chat_tui.ui.widgets.searchable import Place, SearchableText, places
from chat_tui.untrusted import Cleaner, clean, clean_line, visible

SHOWN = 20_000
"""Characters of arguments and of results that an opened card shows."""
_KEPT = 4 * LIVE_CHARACTERS
_TRACEBACK = "Traceback (most recent call last)"
_FOLDED, _OPENED = "▸ ", "▾ "
_PICTURES = 4
"""Of one call, those that are shown; the others are named."""


def shown(recipient: str, arguments: str, result: str) -> tuple[str, str, str]:
    """The tool's name, the arguments and the result as they stand on a card that is over."""
    name = tool_name(recipient)
    return name, _cut(visible(arguments)), _cut(clean(result))


def search(texts: Sequence[str], pattern: re.Pattern[str]) -> list[Place]:
    """Where the pattern is in what ``shown`` gives: which text, and the place in that."""
    return [(at, *place) for at, text in enumerate(texts) for place in places(text, pattern)]


class CallCard(Widget, can_focus=True):
    """One call; ``now`` is in seconds of a monotonic clock."""

    BINDINGS: ClassVar[list[BindingType]] = bind("thought")
    DEFAULT_CSS = """
    CallCard {
        width: 1fr; height: auto; layout: vertical; margin: 0 0 1 0; color: $text-muted;
        & > .heading { width: 1fr; height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
        & > .heading:hover { color: $foreground; }
        & > .files, & > .decision { width: 1fr; height: auto; padding: 0 0 0 2; display: none; }
        & > .decision { text-style: italic; }
        &.folded > Picture.read { display: none; }
        & > .call, & > .result, & > Tail { width: 1fr; height: auto; padding: 0 1 0 2; }
        & > .call { background: $surface; margin: 0 0 0 1; padding: 0 1; }
        & > .result { margin: 0 0 0 1; padding: 0 1; }
        &:focus > .heading { color: $text-accent; text-style: bold; }
    }
    """

    def __init__(self, recipient: str) -> None:
        super().__init__()
        self.decided: Callable[[], Record | None] = lambda: None
        """What was decided about it, as far as that is known by now."""
        self._tool = tool_name(recipient)
        self._arguments = ""
        """What the model wrote."""
        self._as_run = ""
        """What runs, which the user may have changed; the result tells of that afterwards."""
        self._live = ""
        self._cleaner = Cleaner()
        self._result = ""
        self._files: Sequence[Attachment] = ()
        self._said = _("calling")
        self._failed = False
        self._began: float | None = None
        self._seconds = 0.0
        self._over = False
        self._by_hand: bool | None = None
        self._pace = Pace(self, self._draw)

    @property
    def is_open(self) -> bool:
        """Whether more than the heading is shown."""
        return not self._over if self._by_hand is None else self._by_hand

    def compose(self) -> ComposeResult:
        """Heading, files, what was decided, arguments, what it says, what it said."""
        yield SearchableText(classes="heading")
        yield Static(classes="files", markup=False)
        yield Static(classes="decision", markup=False)
        yield SearchableText(classes="call")
        yield Tail()
        yield SearchableText(classes="result")

    def on_mount(self) -> None:
        """Draw what came before."""
        self._draw()

    def feed(self, text: str) -> None:
        """More arguments."""
        self._arguments += text
        self._pace.ask()

    def finish(self, arguments: str) -> None:
        """The whole arguments."""
        self._arguments = arguments
        self._draw()

    def start(self, arguments: str, now: float) -> None:
        """It runs, with these arguments."""
        self._as_run, self._said, self._began = arguments, _("running"), now
        self._draw()

    def output(self, text: str, now: float) -> None:
        """More of what the tool says."""
        self._live = (self._live + self._cleaner.feed(text))[-_KEPT:]
        self.tick(now)
        self._pace.ask()

    def tick(self, now: float) -> None:
        """Time has passed."""
        if self._began is not None and not self._over:
            self._seconds = max(0.0, now - self._began)
            self._draw_heading()

    def result(
        self,
        text: str,
        now: float,
        *,
        failed: bool = False,
        files: Sequence[Attachment] = (),
        recalled: bool = False,
    ) -> None:
        """All that the tool said, and the files it made; ``recalled`` from an earlier time."""
        self.tick(now)
        for file in [file for file in files if file.media_type == "image/png"][:_PICTURES]:
            self.mount(Picture(file.path), before=self.query_one(".decision"))
        self._result, self._failed, self._files, self._over = text, failed, files, True
        record = self.decided()
        if recalled and record is None:
            self._said = _("answered")
        else:
            ran = record.ran if recalled and record else self._began is not None
            self._said = _("ran") if ran else _("not run")
        self._draw()

    def stop(self) -> None:
        """The user does not wait any longer."""
        if not self._over:
            self._said, self._over = _("stopped"), True
            self._draw()

    @property
    def is_searchable(self) -> bool:
        """Whether nothing else stands in its place."""
        return self.is_mounted and bool(self.display)

    def search(self, pattern: re.Pattern[str]) -> list[list[Place]]:
        """See ``Searchable``; what is folded is found too."""
        return [search(shown(self._tool, self._written, self._result), pattern)]

    def mark(self, pattern: re.Pattern[str] | None, here: Place | None) -> None:
        """See ``Searchable``."""
        for at, text in enumerate(self._found_in):
            text.mark(pattern, self._within(here) if here and here[0] == at else None)

    def reach(self, place: Place) -> None:
        """Open it, unless the place is in what a folded one shows, too."""
        if place[0] and not self.is_open:
            self.action_thought()

    def spot(self, place: Place) -> tuple[Widget, int]:
        """See ``Searchable``."""
        return self._found_in[place[0]].spot(self._within(place))

    @property
    def _found_in(self) -> list[SearchableText]:
        """What shows the texts that ``shown`` gives."""
        return [self.query_one(one, SearchableText) for one in (".heading", ".call", ".result")]

    @staticmethod
    def _within(place: Place) -> Place:
        """The place in the one text; in the heading a sign stands before the name."""
        at, line, column = place
        return line, column if at else column + len(_FOLDED)

    def on_click(self, event: events.Click) -> None:
        """The heading opens and folds."""
        if event.widget is self.query_one(".heading"):
            self.action_thought()

    def action_thought(self) -> None:
        """Open what is folded, fold what is open."""
        self._by_hand = not self.is_open
        # A picture is what came of it: it folds only when somebody folds it.
        self.set_class(not self._by_hand, "folded")
        self._draw()

    def _draw(self) -> None:
        if not self.is_mounted:
            return
        call, tail, result, files = (
            self.query_one(".call", SearchableText),
            self.query_one(Tail),
            self.query_one(".result", SearchableText),
            self.query_one(".files", Static),
        )
        opened = self.is_open
        record, decision = self.decided(), self.query_one(".decision", Static)
        decision.display = opened and record is not None
        if record is not None:
            decision.update(Content(record.words))
        call.display = opened and bool(self._written.strip())
        if call.display:
            call.update(highlight(_cut(visible(self._written)), self._language))
        tail.display = opened and not self._over and bool(self._live.strip())
        if tail.display:
            tail.show(self._live[-LIVE_CHARACTERS:])
        result.display = opened and self._over and bool(self._result.strip())
        if result.display:
            result.update(Content(_cut(clean(self._result))))
        files.display = bool(self._files)
        if files.display:
            # One by one: the end of a name could take the beginning of a path for its own.
            lines = [f"▫ {clean_line(f.name)}: {clean_line(str(f.path))}" for f in self._files]
            files.update(Content("\n".join(lines)))
        self._draw_heading()

    def _draw_heading(self) -> None:
        if not self.is_mounted:
            return
        mark = _OPENED if self.is_open else _FOLDED
        parts: list[str | tuple[str, str]] = [mark, (self._tool, "bold"), f" · {self._said}"]
        if self._began is not None:
            parts += [" ", _("{seconds:.1f} s").format(seconds=self._seconds)]
        if self._failed:
            parts.append((" · " + _("failed"), "$text-error"))
        if self._over and not self.is_open and (first := self._in_short):
            parts.append(f" · {first}")
        self.query_one(".heading", SearchableText).update(Content.assemble(*parts))

    @property
    def _written(self) -> str:
        """The arguments: as they run, and when it is over as the model wrote them."""
        wrote, runs = self._arguments, self._as_run
        return wrote or runs if self._over else runs or wrote

    @property
    def _in_short(self) -> str:
        """The first line of what came of it, not of what the model is told of a change before."""
        record, said, mark = self.decided(), self._result, ""
        if record is not None and record.edited is not None:
            before, _edited, after = said.partition(f"{record.edited}\n\n")
            said, mark = after or before, _("as you changed it") + " · "
        if self._failed and _TRACEBACK in said:
            said = said.strip()[-400:].rpartition("\n")[2]  # what went wrong stands at its end
        return f"{mark}{_first_line(said)}"

    @property
    def _language(self) -> str:
        if self._tool == "python":
            return "python"
        if self._tool.endswith("apply_patch"):
            return "diff"
        return "json" if self._arguments.lstrip().startswith("{") else ""


def _cut(text: str) -> str:
    text = text.strip("\n").expandtabs(4)
    if len(text) <= SHOWN:
        return text
    return f"{text[:SHOWN]}\n{more_characters(len(text) - SHOWN)}"


def _first_line(text: str) -> str:
    """With the second one where the first only announces it."""
    first, _, rest = text.strip()[:400].partition("\n")
    if first.rstrip().endswith(":"):
        first = f"{first.rstrip()} {rest.strip().partition(chr(10))[0]}"
    return clean_line(first[:200].strip())
