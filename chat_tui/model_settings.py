"""What the user set about models: the table ``[models]``; and the model that was chosen.

Knows names and values; must not know files' contents or the network.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from chat_tui.errors import ModelFileError, SettingsError
from chat_tui.home import at_home
from chat_tui.language import _

CHOSEN = "model"
"""The name under which the choice is remembered: a path, EMBEDDED, or empty for none."""
HIDDEN = "hidden offers"
"""The name under which the marks of offers that were hidden are remembered."""
EMBEDDED = "embedded"
"""What the model that comes with the program is called."""


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """The table ``[models]``."""

    folders: tuple[Path, ...] = ()
    """Folders to look for models in, beside those of other programs."""
    mirror: str = ""
    """The address that models are downloaded from; empty: HF_ENDPOINT, else Hugging Face."""


def models_of(table: object, where: str) -> ModelSettings:
    """The settings in the table; SettingsError that begins with ``where`` otherwise."""
    if not isinstance(table, dict):
        raise SettingsError(
            _("{where}: 'models' should be a table.").format(where=where), _("Write [models].")
        )
    folders, mirror = table.get("folders", []), table.get("mirror", "")
    for key in table.keys() - {"folders", "mirror"}:
        raise SettingsError(
            _("{where}: 'models.{key}' is unknown.").format(where=where, key=key),
            _("Known are folders and mirror."),
        )
    if not isinstance(folders, list) or not all(isinstance(one, str) for one in folders):
        raise SettingsError(
            _("{where}: 'models.folders' is {folders!r}.").format(where=where, folders=folders),
            _("It is a list of paths."),
        )
    if not isinstance(mirror, str) or (mirror and not _is_address(mirror)):
        raise SettingsError(
            _("{where}: 'models.mirror' is {mirror!r}.").format(where=where, mirror=mirror),
            _("It is an address: https://…"),
        )
    return ModelSettings(tuple(at_home(one) for one in folders), mirror.rstrip("/"))


def chosen_model(remembered: Mapping[str, str], default: Path | None = None) -> Path | None:
    """The model that ``chat-tui models use`` chose, None for the embedded one; else ``default``."""
    choice = remembered.get(CHOSEN)
    if choice == EMBEDDED:
        return None
    return Path(choice) if choice else default


def still_there(path: Path, remembered: Mapping[str, str]) -> Path:
    """``path``; ModelFileError where it is the chosen model and its file has gone."""
    if path == chosen_model(remembered) and not path.exists():
        raise ModelFileError(
            _("The model that was chosen is no longer there: {path}.").format(path=path),
            _("Choose another one (chat-tui models list), or none (chat-tui models forget)."),
        )
    return path


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)
