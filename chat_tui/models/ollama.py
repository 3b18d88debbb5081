"""Ollama's store: manifests that name blobs.

Knows its folders and its JSON; must not know GGUF. Layout: ``manifests/HOST/OWNER/MODEL/TAG`` is
an OCI manifest; the layer of the type ``…image.model`` names ``blobs/sha256-HEX``.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from chat_tui.language import _
from chat_tui.models.bounded import open_regular, reason

_MODEL = "application/vnd.ollama.image.model"
_DIGEST = re.compile(r"sha256[:-]([0-9a-f]{64})")
_MAX_MANIFEST = 1 << 20
_MAX_MANIFESTS = 2_000
_OWN = "gptoss"
"""What Ollama calls the architecture in the files that it converts itself."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A model of the store."""

    name: str
    """As ``ollama list`` shows it."""
    blob: Path


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A manifest or folder that says nothing."""

    path: Path
    reason: str


def models(store: Path) -> Iterator[Stored | Unreadable]:
    """Every model that a manifest of the store names; nothing where there is no store."""
    root = store / "manifests"
    problems: list[Unreadable] = []

    def complain(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):
            path = Path(error.filename or root)
            problems.append(
                Unreadable(
                    path, _("The folder cannot be read: {reason}.").format(reason=reason(error))
                )
            )

    count = 0
    for folder, below, names in os.walk(root, onerror=complain):  # links are not followed
        below.sort()
        for name in sorted(names):
            count += 1
            if count > _MAX_MANIFESTS:
                yield Unreadable(
                    root,
                    _("Only the first {max_manifests:,} were looked at.").format(
                        max_manifests=_MAX_MANIFESTS
                    ),
                )
                return
            yield from _blobs(Path(folder) / name, root, store)
    yield from problems


def why_not(architecture: str) -> str:
    """Why a file of this architecture is no model for this program."""
    if architecture == _OWN:
        return _(
            "It is gpt-oss in Ollama's own arrangement of tensors (architecture"
            " 'gptoss'), which llama.cpp does not load; gpt-oss-20b can be"
            " downloaded: chat-tui models pull."
        )
    if not architecture:
        return _("It does not say what model it holds.")
    return _("It holds a model of the architecture {architecture!r}, not gpt-oss.").format(
        architecture=architecture
    )


def _blobs(manifest: Path, root: Path, store: Path) -> Iterator[Stored | Unreadable]:
    try:
        with open(manifest, "rb", opener=open_regular) as file:
            data = json.loads(file.read(_MAX_MANIFEST + 1)[:_MAX_MANIFEST])
        digests = [layer["digest"] for layer in data["layers"] if layer["mediaType"] == _MODEL]
    except (OSError, ValueError, RecursionError) as error:
        yield Unreadable(
            manifest, _("The manifest cannot be read: {reason}.").format(reason=reason(error))
        )
        return
    except (KeyError, TypeError):
        yield Unreadable(manifest, _("The manifest is of a form that this program does not know."))
        return
    for digest in digests:
        match = _DIGEST.fullmatch(digest) if isinstance(digest, str) else None
        if match is None:
            yield Unreadable(manifest, _("The manifest names no file."))
        else:
            name = _name(manifest.relative_to(root).parts)
            yield Stored(name, store / "blobs" / f"sha256-{match[1]}")


def _name(parts: tuple[str, ...]) -> str:
    """``registry.ollama.ai/library/gpt-oss/20b`` → ``gpt-oss:20b``."""
    *owner, model, tag = ("", *parts) if len(parts) == 1 else parts
    owner = owner[1:] if owner[:1] == ["registry.ollama.ai"] else owner
    owner = owner[1:] if owner[:1] == ["library"] else owner
    return f"{'/'.join([*owner, model])}:{tag}"
