"""The embedded model: a packed GGUF that comes with the program, unpacked once per user.

Knows where the packed file lies and its hash; must not know what is inside or who loads it.
"""

from __future__ import annotations

import hashlib
import lzma
import os
import time
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from threading import Lock

from chat_tui.errors import ModelFileError
from chat_tui.language import _

_PACKED = "model.gguf.xz"
_HASH = "model.sha256"
_STEM = "chat-tui-demo"
_CHUNK = 1 << 20
_LATELY = 600.0
"""Seconds."""
_ONE = Lock()
"""Two threads of a process would unpack into the same file."""


def embedded_path(cache: Path) -> Path:
    """Where the unpacked model is, or will be. Raises ModelFileError where there is none."""
    return _target(cache)[0]


def embedded_model(cache: Path) -> Path:
    """The unpacked model in ``cache``, made on first use (64 MB, about a second).

    Its name carries the hash, so that a newer version of the program brings a newer file and
    takes the older one away. Written aside, verified by sha256 and renamed: whoever finds the
    file finds it whole.

    Raises ModelFileError where there is no embedded model or it cannot be unpacked.
    """
    target, digest = _target(cache)
    with _ONE:
        return target if target.is_file() else _unpacked(target, digest)


def _target(cache: Path) -> tuple[Path, str]:
    home = files("chat_tui.demo")
    if not (home / _PACKED).is_file():
        raise ModelFileError(
            _("This copy of chat-tui carries no model."),
            _("Name a gpt-oss GGUF with --model FILE."),
        )
    digest = (home / _HASH).read_text(encoding="ascii").split()[0]
    return cache / "models" / f"{_STEM}-{digest[:12]}.gguf", digest


def _unpacked(target: Path, digest: str) -> Path:
    packed = files("chat_tui.demo") / _PACKED
    aside = target.with_suffix(f".{os.getpid()}.tmp")
    seen = hashlib.sha256()
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with packed.open("rb") as source, lzma.open(source) as plain, aside.open("wb") as out:
            while chunk := plain.read(_CHUNK):
                seen.update(chunk)
                out.write(chunk)
        if seen.hexdigest() != digest:
            raise ModelFileError(_("The embedded model is damaged."), _("Install chat-tui again."))
        aside.replace(target)
        _forget_others(target)
    except (OSError, lzma.LZMAError) as error:
        raise ModelFileError(
            _("The embedded model cannot be unpacked into {folder}: {error}.").format(
                folder=target.parent, error=error
            ),
            _("About 100 MB of free space are needed there; or name a model with --model FILE."),
        ) from error
    finally:
        with suppress(OSError):
            aside.unlink()
    return target


def _forget_others(target: Path) -> None:
    """Remove what earlier versions unpacked, and what a killed one left half unpacked.

    What was written to lately is left: another process may be unpacking it now.
    """
    for path in target.parent.glob(f"{_STEM}-*"):
        if path != target:
            with suppress(OSError):  # in use, on systems where that protects a file
                if path.suffix != ".tmp" or time.time() - path.stat().st_mtime > _LATELY:
                    path.unlink()
