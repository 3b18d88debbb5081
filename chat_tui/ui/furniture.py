"""What the chat's screen is made of; to bring it takes longer than the first paint.

Knows names only, and imports none of what it names.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chat_tui.settings import ReasoningView

if TYPE_CHECKING:
    from chat_tui.errors import StoreError
    from chat_tui.preferences.file import SettingsFile
    from chat_tui.session.chat import Chat
    from chat_tui.session.shelf import Shelf
    from chat_tui.ui.models.desk import Models


def _forgotten(_key: str, _value: str) -> None:
    """A choice that nobody remembers."""


@dataclass(frozen=True, slots=True)
class Furniture:
    """One conversation and what is around it."""

    chat: Chat
    reasoning: ReasoningView = ReasoningView.FOLDED
    remember: Callable[[str, str], None] = _forgotten
    """Keeps a choice (``reasoning``, ``effort``, ``theme``) for the next start."""
    shelf: Shelf | None = None
    """Where what is said is kept."""
    unkept: StoreError | None = None
    """Why there is no shelf, where one is wanted."""
    private: bool = False
    """The user wants that nothing is kept."""
    models: Models | None = None
    """Others to talk to."""
    examine: Callable[[int], str] | None = None
    """What is right and wrong with the installation, so wide; takes seconds."""
    settings: SettingsFile | None = None
    """The file that settings are written to; without it ``remember`` keeps the theme."""
