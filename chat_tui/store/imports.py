"""Conversations from files of this program, of ChatGPT and of LM Studio.

Knows the three formats; must not know SQLite. ChatGPT's export is a ZIP archive whose
``conversations.json`` holds trees of nodes (``mapping``); LM Studio keeps one file for each
conversation, a list of messages each with ``versions``. Neither is documented by its maker:
what is not understood is left out and said.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chat_tui.errors import InputError
from chat_tui.language import _
from chat_tui.store import chatgpt, lm_studio
from chat_tui.store.documents import FORMAT, NotUnderstood, from_document
from chat_tui.store.values import Stored

MAX_BYTES = 1 << 30
"""A file larger than that is no export of conversations."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file holds."""

    conversations: tuple[Stored, ...]
    skipped: tuple[str, ...]
    """What was left out, in words without contents."""


def read_file(path: Path) -> Imported:
    """The conversations in a file, or in all files of a folder. Raises InputError."""
    try:
        if path.is_dir():
            return _folder(path)
        if path.stat().st_size > MAX_BYTES:
            large = _("{path} is larger than {n} GiB.")
            raise InputError(large.format(path=path, n=MAX_BYTES >> 30))
        return read(path.read_bytes(), str(path))
    except OSError as error:
        unread = _("{path} cannot be read: {error}.")
        raise InputError(unread.format(path=path, error=error.strerror or error)) from error


def _folder(path: Path) -> Imported:
    conversations: list[Stored] = []
    skipped: list[str] = []
    for file in sorted(path.rglob("*.json")):
        try:
            one = read_file(file)
        except InputError as error:
            skipped.append(error.message)
            continue
        conversations += one.conversations
        skipped += one.skipped
    return Imported(tuple(conversations), tuple(skipped))


def read(data: bytes, name: str) -> Imported:
    """The conversations in ``data``, from a file of that name. Raises InputError."""
    conversations: list[Stored] = []
    skipped: list[str] = []
    try:
        for part in _parts(data):
            _read_part(_parsed(part), conversations, skipped)
    except (NotUnderstood, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise InputError(
            _("{name} holds no conversations: {reason}.").format(name=name, reason=error),
            _(
                "Known are JSON from chat-tui export, ChatGPT's export and LM Studio's"
                " conversations."
            ),
        ) from error
    return Imported(tuple(conversations), tuple(skipped))


def _parts(data: bytes) -> Iterator[bytes]:
    """The JSON documents in a file: itself, or those of an archive."""
    if not data.startswith(b"PK\x03\x04"):
        yield data
        return
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        found = [
            entry
            for entry in archive.infolist()
            if re.fullmatch(r"(.*/)?conversations(-\d+)?\.json", entry.filename)
        ]
        if not found:
            raise NotUnderstood(_("the archive has no conversations.json"))
        if sum(entry.file_size for entry in found) > MAX_BYTES:
            raise NotUnderstood(_("the archive's contents are too large"))
        for entry in found:
            yield archive.read(entry)


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise NotUnderstood(_("it is not JSON")) from error


def _read_part(document: Any, conversations: list[Stored], skipped: list[str]) -> None:
    if isinstance(document, dict) and document.get("format") == FORMAT:
        conversations += from_document(document)
        return
    entries = document if isinstance(document, list) else [document]
    known = 0
    for number, entry in enumerate(entries, 1):
        reader = _reader(entry)
        if reader is None:
            skipped.append(_entry(number, _("no conversation")))
            continue
        known += 1
        try:
            stored, left_out = reader(entry)
        except (NotUnderstood, ValueError, TypeError, KeyError, AttributeError, OverflowError) as e:
            why = str(e) if isinstance(e, NotUnderstood) else _("damaged")
            skipped.append(_entry(number, why))
            continue
        skipped += [_entry(number, what) for what in left_out]
        if stored.conversation.nodes:
            conversations.append(stored)
        else:
            skipped.append(_entry(number, _("no messages")))
    if not known:
        raise NotUnderstood(_("its shape is not known"))


def _entry(number: int, why: str) -> str:
    return _("entry {number}: {reason}").format(number=number, reason=why)


def _reader(entry: Any) -> Any:
    if isinstance(entry, dict) and isinstance(entry.get("mapping"), dict):
        return chatgpt.read
    if isinstance(entry, dict) and isinstance(entry.get("messages"), list):
        return lm_studio.read
    return None
