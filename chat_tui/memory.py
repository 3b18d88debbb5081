"""What the program remembers by itself from one start to the next.

Knows JSON and names; must not know what they mean.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType


class Memory:
    """What the program remembers from one start to the next: names and short texts.

    A damaged or unwritable file costs the memory, never the start: this is convenience.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._values = self._read()

    @property
    def values(self) -> Mapping[str, str]:
        """All that is remembered."""
        return MappingProxyType(self._values)

    def remember(self, key: str, value: str) -> None:
        """Keep ``value`` under ``key``, on disk at once (written aside and renamed)."""
        self._values[key] = value
        self._write()

    def _write(self) -> None:
        aside = self._path.with_suffix(f".{os.getpid()}.tmp")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            aside.write_text(json.dumps(self._values, indent=1), encoding="utf-8")
            aside.chmod(0o600)
            aside.replace(self._path)
        except OSError:
            with suppress(OSError):
                aside.unlink()

    def forget(self, key: str) -> None:
        """Remember nothing under ``key`` any more: the settings hold again."""
        if key in self._values:
            del self._values[key]
            self._write()

    def _read(self) -> dict[str, str]:
        try:
            values = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        if not isinstance(values, dict):
            return {}
        return {key: value for key, value in values.items() if isinstance(value, str)}
