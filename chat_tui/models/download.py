"""A model of the catalog into the cache that all programs using huggingface_hub share.

Knows repositories, hashes and that cache's layout as far as resuming needs it; huggingface_hub
asks for the files and puts them in their places. It is imported on the first call only (0.5 s).

A file is loaded into ``blobs/HASH.incomplete``, which whatever cuts it leaves behind and the next
call goes on with; it gets its name only when its sha256 is the catalog's.
"""

from __future__ import annotations

import errno
import logging
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from chat_tui.errors import ModelFileError
from chat_tui.language import _
from chat_tui.models import refused
from chat_tui.models.bounded import reason
from chat_tui.models.catalog import Entry, RemoteFile
from chat_tui.models.checked import sha256
from chat_tui.models.hub import Home, already, free_space, link, size_of
from chat_tui.models.transfer import Meter, Moved, Patience, Transfer
from chat_tui.supply import Hear, Phase, Progress

HUB = "https://huggingface.co"
SPARE = 256 << 20
"""Bytes of the disk that a download leaves free."""
_OFTEN = 0.1
_SHA256 = re.compile(r"[0-9a-f]{64}")


def never() -> bool:
    """Do not stop."""
    return False


def pull(
    entry: Entry,
    cache: Path,
    hear: Hear,
    *,
    endpoint: str = HUB,
    stop: Callable[[], bool] = never,
    patience: Patience = Patience(),  # noqa: B008 - frozen
    space: Callable[[Path], int] = free_space,
) -> Path | None:
    """Download what is missing, check it and say where the model lies; None where stopped.

    ``stop`` is asked after each piece and at least every ``patience.silence`` seconds. Raises
    ModelFileError with a hint; KeyboardInterrupt passes at any time, and what came is kept.
    """
    home = Home(cache, entry)
    work = _Work(home, endpoint.rstrip("/"), stop, patience, _Report(hear, home))
    wanted = [file for file in entry.files if not home.whole(file)]
    if not wanted:
        return home.pointer(entry.files[0])
    _check_space(home, wanted, space)
    try:
        with _hub_session():
            work.report.say(Phase.ASKING, wanted[0].name)
            usual = [work.ask(file) for file in wanted]
            for file, as_usual in zip(wanted, usual, strict=True):
                if not work.bring(file):
                    return None
                work.place(file, as_usual=as_usual)
    except OSError as error:
        raise _disk_trouble(error, cache) from error
    return home.pointer(entry.files[0])


@contextmanager
def _hub_session() -> Iterator[None]:
    """huggingface_hub without telemetry and without Xet, which begins each file anew.

    No connection outlives the download.
    """
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("HF_HUB_DISABLE_XET", "1")
    os.environ.setdefault("HF_HUB_DISABLE_SYMLINKS_WARNING", "1")
    import huggingface_hub  # noqa: PLC0415 - takes half a second

    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
    try:
        yield
    finally:
        huggingface_hub.close_session()


@dataclass(slots=True)
class _Report:
    """Tells how far things are, ten times a second at most."""

    hear: Hear
    home: Home
    last: Progress = field(init=False)
    meter: Meter = field(default_factory=Meter)
    due: float = 0.0

    def __post_init__(self) -> None:
        entry = self.home.entry
        self.last = Progress(Phase.ASKING, "", already(entry, self.home.cache), entry.size)

    def say(self, phase: Phase, file: str, done: int | None = None) -> None:
        """A new phase begins, with an own count where ``done`` is given."""
        self.meter.clear()
        there = already(self.home.entry, self.home.cache) if done is None else done
        self.last = replace(self.last, phase=phase, file=file, done=there, speed=0.0)
        self.due = 0.0
        self.came(0)

    def came(self, count: int) -> None:
        """Bytes came, were checked, or (fewer than none) have to come again."""
        now = time.monotonic()
        speed = self.meter.add(now, max(0, count))
        phase = Phase.LOADING if count and self.last.phase is Phase.WAITING else self.last.phase
        self.last = replace(self.last, phase=phase, done=self.last.done + count, speed=speed)
        if now >= self.due or self.last.done >= self.last.total:
            self.due = now + _OFTEN
            self.hear(self.last)


@dataclass(frozen=True, slots=True)
class _Work:
    home: Home
    endpoint: str
    stop: Callable[[], bool]
    patience: Patience
    report: _Report

    @property
    def token(self) -> bool | None:
        """The user's own token goes to Hugging Face alone, never to a mirror."""
        return None if self.endpoint == HUB else False

    def url(self, file: RemoteFile) -> str:
        from huggingface_hub import hf_hub_url  # noqa: PLC0415

        entry = self.home.entry
        return hf_hub_url(
            entry.repository, file.name, revision=entry.revision, endpoint=self.endpoint
        )

    def ask(self, file: RemoteFile) -> bool:
        """Make sure that the server has this very file; whether it names it by its sha256.

        Hugging Face does; a mirror may have names of its own. Raises ModelFileError.
        """
        from huggingface_hub import get_hf_file_metadata  # noqa: PLC0415

        with refused.told(self.endpoint, file.name):
            found = get_hf_file_metadata(
                self.url(file), token=self.token, timeout=self.patience.silence
            )
        if found.commit_hash is None or found.etag is None:
            raise ModelFileError(
                _("{endpoint} does not answer like Hugging Face.").format(endpoint=self.endpoint),
                _("Check the mirror in the settings or in HF_ENDPOINT."),
            )
        differs = found.etag != file.sha256 and _SHA256.fullmatch(found.etag)
        if differs or found.size not in (None, file.size):
            raise ModelFileError(
                _("{endpoint} has another {name} than the one this program knows.").format(
                    endpoint=self.endpoint, name=file.name
                ),
                _("Nothing was downloaded. Use another mirror, or a newer chat-tui."),
            )
        return found.etag == file.sha256

    def bring(self, file: RemoteFile) -> bool:
        """Load a file and check it; False where stopped."""
        blob = self.home.blob(file)
        blob.parent.mkdir(parents=True, exist_ok=True)
        with self._locked(file):
            there = size_of(blob)
            if there is None:
                if not (self._load(file) and self._check(file)):
                    return False
                self.home.part(file).replace(blob)
            elif there != file.size:
                raise ModelFileError(
                    _("{blob} is damaged: {there:,} of {size:,} bytes.").format(
                        blob=blob, there=there, size=file.size
                    ),
                    _("Other programs may use it too; remove it and pull again."),
                )
        return True

    def place(self, file: RemoteFile, *, as_usual: bool) -> None:
        """Let programs find it, as huggingface_hub does for a blob that is there already."""
        from huggingface_hub import hf_hub_download  # noqa: PLC0415

        if not as_usual:
            link(self.home.blob(file), self.home.pointer(file))
            return
        entry = self.home.entry
        with refused.told(self.endpoint, file.name):
            hf_hub_download(
                entry.repository,
                file.name,
                revision=entry.revision,
                cache_dir=self.home.cache,
                endpoint=self.endpoint,
                token=self.token,
            )

    @contextmanager
    def _locked(self, file: RemoteFile) -> Iterator[None]:
        """Keep other programs from downloading the same file meanwhile."""
        from filelock import FileLock, Timeout  # noqa: PLC0415

        lock = self.home.lock(file)
        lock.parent.mkdir(parents=True, exist_ok=True)
        guard = FileLock(lock)
        try:
            guard.acquire(timeout=0.5)
        except Timeout as error:
            raise ModelFileError(
                _("Another program is downloading {name} now.").format(name=file.name),
                _("Wait for it, or end it."),
            ) from error
        try:
            yield
        finally:
            guard.release()

    def _load(self, file: RemoteFile) -> bool:
        from huggingface_hub import get_session  # noqa: PLC0415
        from huggingface_hub.utils._headers import build_hf_headers  # noqa: PLC0415

        part = self.home.part(file)
        if (size_of(part) or 0) > file.size:
            part.unlink()
        self.report.say(Phase.LOADING, file.name)
        transfer = Transfer(
            get_session(),
            self.url(file),
            build_hf_headers(token=self.token),
            part,
            file.size,
            self.patience,
            self.stop,
            self.report.came,
            lambda: self.report.say(Phase.WAITING, file.name),
        )
        try:
            with refused.told(self.endpoint, file.name):
                return transfer.run()
        except Moved as error:
            raise refused.answered(error.response, self.endpoint, file.name) from error

    def _check(self, file: RemoteFile) -> bool:
        part = self.home.part(file)
        before = already(self.home.entry, self.home.cache) - file.size
        self.report.say(Phase.CHECKING, file.name, done=before)
        found = sha256(part, self.report.came, self.stop)
        if found is None:
            return False
        if found != file.sha256:
            part.unlink()
            raise ModelFileError(
                _("{name} was damaged on its way (its sha256 is {found}…).").format(
                    name=file.name, found=found[:12]
                ),
                _(
                    "What came was removed; pull it again, from another mirror if that"
                    " happens twice."
                ),
            )
        return True


def _check_space(home: Home, files: Iterable[RemoteFile], space: Callable[[Path], int]) -> None:
    """Raises ModelFileError where the disk would not hold the rest."""
    needed = sum(file.size - home.come(file) for file in files)
    free = space(home.cache)
    if needed and needed + SPARE > free:
        raise ModelFileError(
            _("{name} needs {needed} more on the disk of {cache}; {free} are free.").format(
                name=home.entry.name,
                needed=_gigabytes(needed),
                cache=home.cache,
                free=_gigabytes(free),
            ),
            _("Make room, or set HF_HOME to a folder on a larger disk."),
        )


def _disk_trouble(error: OSError, cache: Path) -> ModelFileError:
    if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", -1)):
        return ModelFileError(
            _("The disk of {cache} is full.").format(cache=cache),
            _("What came is kept; make room, and the same command goes on where it stopped."),
        )
    return ModelFileError(
        _("The download cannot be written to {cache}: {reason}.").format(
            cache=cache, reason=reason(error)
        ),
        _("Check the folder and its permissions, or set HF_HOME to another one."),
    )


def _gigabytes(count: int) -> str:
    return _("{size:,.1f} GB").format(size=count / 1e9)
