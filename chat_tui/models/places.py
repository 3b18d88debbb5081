"""Where programs that run models keep their files.

Knows folder names and environment variables; looks at nothing on the disk. Sources: huggingface_hub
(``HF_HUB_CACHE``, ``HF_HOME``), llama.cpp (``LLAMA_CACHE``, ``fs_get_cache_directory``), LM Studio
(``~/.cache/lm-studio`` until 0.3.5, ``~/.lmstudio`` since), Jan's and Ollama's documentation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

from chat_tui.home import at_home
from chat_tui.language import _


class Layout(Enum):
    """How a folder is arranged."""

    TREE = auto()
    """GGUFs in folders of any depth."""
    HUB = auto()
    """``models--OWNER--NAME/snapshots/COMMIT/FILE``, each a link to a blob."""
    OLLAMA = auto()
    """Manifests in JSON, which name blobs."""


@dataclass(frozen=True, slots=True)
class Place:
    """A folder to look into."""

    source: str
    """What people call it."""
    folder: Path
    layout: Layout = Layout.TREE


def places(
    environment: Mapping[str, str], home: Path, platform: str, folders: Sequence[Path] = ()
) -> tuple[Place, ...]:
    """All of them, the user's own ``folders`` first; ``platform`` is ``sys.platform``."""
    found = [Place(_("your folders"), at_home(folder)) for folder in folders]
    found.append(Place(_("Hugging Face cache"), hub_cache(environment, home), Layout.HUB))
    found += [
        Place("LM Studio", home / ".lmstudio" / "models"),
        Place("LM Studio", home / ".cache" / "lm-studio" / "models"),
        Place("llama.cpp", _llama_cache(environment, home, platform)),
    ]
    found += [Place("Jan", folder) for folder in _jan(environment, home, platform)]
    store = _named(environment, "OLLAMA_MODELS") or home / ".ollama" / "models"
    found.append(Place("Ollama", store, Layout.OLLAMA))
    if platform == "linux":
        # Where Ollama's installer puts the store of its own user.
        found.append(Place("Ollama", Path("/usr/share/ollama/.ollama/models"), Layout.OLLAMA))
    return tuple(dict.fromkeys(found))


def hub_cache(environment: Mapping[str, str], home: Path) -> Path:
    """The folder that all programs using huggingface_hub share."""
    if (cache := _named(environment, "HF_HUB_CACHE")) is not None:
        return cache
    base = _named(environment, "HF_HOME")
    if base is None:
        base = (_named(environment, "XDG_CACHE_HOME") or home / ".cache") / "huggingface"
    return base / "hub"


def _named(environment: Mapping[str, str], name: str) -> Path | None:
    value = environment.get(name)
    return at_home(value) if value else None


def _llama_cache(environment: Mapping[str, str], home: Path, platform: str) -> Path:
    if (cache := _named(environment, "LLAMA_CACHE")) is not None:
        return cache
    if platform == "darwin":
        return home / "Library" / "Caches" / "llama.cpp"
    if platform == "win32":
        base = _named(environment, "LOCALAPPDATA") or home / "AppData" / "Local"
        return base / "llama.cpp"
    return (_named(environment, "XDG_CACHE_HOME") or home / ".cache") / "llama.cpp"


def _jan(environment: Mapping[str, str], home: Path, platform: str) -> Iterator[Path]:
    """The data folders of Jan's versions; models lie below."""
    if platform == "darwin":
        yield home / "Library" / "Application Support" / "Jan" / "data"
    elif platform == "win32":
        yield (_named(environment, "APPDATA") or home / "AppData" / "Roaming") / "Jan" / "data"
    else:
        yield (_named(environment, "XDG_DATA_HOME") or home / ".local" / "share") / "Jan" / "data"
        yield (_named(environment, "XDG_CONFIG_HOME") or home / ".config") / "Jan" / "data"
    yield home / "jan"
