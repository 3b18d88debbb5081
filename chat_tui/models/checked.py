"""Whether a file is the one that was published: its sha256.

Knows hashes, and the caches that name their files by them; must not know what a model is.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

_CHUNK = 4 << 20
_BLOB = re.compile(r"(?:sha256-)?([0-9a-f]{64})")


def sha256(path: Path, came: Callable[[int], None], stop: Callable[[], bool]) -> str | None:
    """The hash in hexadecimal; None where ``stop`` said so. Raises OSError."""
    seen = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            if stop():
                return None
            seen.update(chunk)
            came(len(chunk))
    return seen.hexdigest()


def named_hash(path: Path) -> str | None:
    """The hash that a cache gave a file for a name: Hugging Face's and Ollama's blobs."""
    real = path.resolve()
    match = _BLOB.fullmatch(real.name)
    return match[1] if match and real.parent.name == "blobs" else None
