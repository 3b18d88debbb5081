"""Small pieces of the transcript: what went wrong, an edit, a notice, a turn's stamp.

Knows texts; must not know events. Every text is cleaned here and shown without markup.
"""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from chat_tui.errors import ChatError
from chat_tui.ui.highlight import highlight
from chat_tui.untrusted import clean, visible

SHOWN_DIFF = 20_000


class ErrorCard(Static):
    """What went wrong, and what to do."""

    DEFAULT_CSS = """
    ErrorCard {
        width: 1fr; height: auto; margin: 0 0 1 0; padding: 0 1;
        border-left: outer $error; background: $error 8%;
    }
    """

    def __init__(self, error: ChatError) -> None:
        content = Content.styled(clean(error.message), "bold $text-error")
        if error.hint:
            content = content + "\n" + clean(error.hint)
        super().__init__(content)


class DiffCard(Static):
    """An edit that was made, as a diff."""

    DEFAULT_CSS = """
    DiffCard {
        width: 1fr; height: auto; margin: 0 2 1 2; padding: 0 1;
        border-left: outer $secondary; background: $surface;
    }
    """

    def __init__(self, diff: str) -> None:
        super().__init__(highlight(visible(diff[:SHOWN_DIFF].strip("\n")).expandtabs(4), "diff"))


class Notice(Static):
    """Something worth knowing that is no error."""

    DEFAULT_CSS = """
    Notice { width: 1fr; height: auto; margin: 0 0 1 0; color: $text-muted; }
    """

    def __init__(self, text: str) -> None:
        super().__init__(Content(clean(text)))


class Stamp(Static):
    """How a turn was made: which answer it is, level, speed, time, and whether it is whole."""

    DEFAULT_CSS = """
    Stamp { width: 1fr; height: auto; margin: 0 0 1 0; color: $text-muted; }
    """

    def __init__(self, facts: list[str], mark: str = "") -> None:
        content = Content(" · ".join(facts))
        if mark:
            marked = Content.styled(mark, "$text-warning")
            content = Content(" · ").join([marked, content]) if facts else marked
        super().__init__(content)
