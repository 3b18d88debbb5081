"""An engine for an address, from what the user set.

Knows where the vocabulary is kept; sends nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from chat_tui.engine.remote.address import parse_address
from chat_tui.engine.remote.engine import RemoteEngine
from chat_tui.engine.remote.http import Link
from chat_tui.errors import SettingsError, VocabularyError
from chat_tui.harmony.vocabulary import RANKS_NAME, Vocabulary, ranks_from_model
from chat_tui.language import _


def engine_at(
    address: str,
    *,
    vocabulary: Callable[[], Vocabulary],
    key: str = "",
    model: str = "",
    context: int | None = None,
) -> RemoteEngine:
    """The engine at that address. Raises UsageError and, for a key that is none, SettingsError."""
    key = key.strip()
    if any(not 0x20 < ord(letter) < 0x7F for letter in key):
        raise SettingsError(
            _("The key of the engine's server has characters in it that no key has."),
            _("Look at CHAT_TUI_ENGINE_KEY, or at engine_key in the settings."),
        )
    link = Link(parse_address(address), key)
    return RemoteEngine(link, vocabulary=vocabulary, model=model, context=context)


def vocabulary_from(cache: Path, model: Callable[[], Path]) -> Vocabulary:
    """o200k_harmony as it lies in ``cache``, else as ``model`` carries it.

    Raises ModelFileError.
    """
    ranks = cache / RANKS_NAME
    if ranks.is_file():
        with suppress(VocabularyError):
            return Vocabulary.open(ranks)
    return Vocabulary.open(ranks_from_model(model(), cache))
