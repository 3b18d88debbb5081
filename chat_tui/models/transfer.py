"""One file over HTTP, on from what is there: cuts, silence and servers without ranges.

Knows requests and bytes; must not know repositories, hashes or what the file is. huggingface_hub
brings the connection (proxies, certificates, tokens); its own download begins anew each time it is
called, which for a model of 12 GB is not good enough.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from chat_tui.errors import ModelFileError
from chat_tui.language import _

if TYPE_CHECKING:
    import httpx2

_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Answers that may be others a little later."""
_WINDOW = 8.0


@dataclass(frozen=True, slots=True)
class Patience:
    """How much a server may try it."""

    silence: float = 10.0
    """Seconds without a byte after which a connection counts as dead."""
    tries: int = 8
    """Connections in a row that bring nothing new."""
    pause: float = 1.0
    """Seconds before the second of them; doubled each time, up to 16 of these."""


class Meter:
    """The speed over the last eight seconds."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def add(self, now: float, count: int) -> float:
        """``count`` bytes came; bytes a second."""
        self._seen.append((now, count))
        while now - self._seen[0][0] > _WINDOW:
            self._seen.popleft()
        elapsed = now - self._seen[0][0]
        return sum(bytes_ for _, bytes_ in list(self._seen)[1:]) / elapsed if elapsed > 0 else 0.0

    def clear(self) -> None:
        """Begin again, after a pause that was no download."""
        self._seen.clear()


class Moved(Exception):
    """The server answered with an error that trying again does not mend."""

    def __init__(self, response: httpx2.Response) -> None:
        super().__init__(str(response.status_code))
        self.response = response


@dataclass(frozen=True, slots=True)
class Transfer:
    """A file to bring into ``part``."""

    client: httpx2.Client
    url: str
    headers: Mapping[str, str]
    part: Path
    size: int
    patience: Patience
    stop: Callable[[], bool]
    came: Callable[[int], None]
    """Hears how many bytes were added; fewer than none where the file began anew."""
    waiting: Callable[[], None]

    def run(self) -> bool:
        """Until all is there; False where ``stop`` said so.

        Raises ModelFileError where the line stays dead or the server sends something else, Moved
        for an answer that is an error, OSError from the disk.
        """
        import httpx2  # noqa: PLC0415 - takes half a second

        furthest, fruitless, trouble = self._there(), 0, ""
        while self._there() < self.size:
            if fruitless:
                if fruitless > self.patience.tries:
                    raise ModelFileError(
                        _("The download does not get on: {trouble}.").format(trouble=trouble),
                        _("What came is kept; the same command goes on where it stopped."),
                    )
                self.waiting()
                if not self._pause(self.patience.pause * min(16, 2 ** (fruitless - 1))):
                    return False
            try:
                if not self._once():
                    return False
                trouble = _("the server ends the connection before the file's end")
            except httpx2.TimeoutException:
                trouble = _("the server is silent")
            except httpx2.TransportError as error:
                trouble = str(error).lower().rstrip(".") or _("the connection was cut")
            except _Busy as error:
                trouble = str(error)
            reached = self._there()
            fruitless = 0 if reached > furthest else fruitless + 1
            furthest = max(furthest, reached)
        return True

    def _there(self) -> int:
        try:
            return self.part.stat().st_size
        except FileNotFoundError:
            return 0

    def _pause(self, seconds: float) -> bool:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if self.stop():
                return False
            time.sleep(min(0.1, left))
        return not self.stop()

    def _once(self) -> bool:
        """One connection; False where ``stop`` said so."""
        at = self._there()
        headers = {**self.headers, "Accept-Encoding": "identity"}
        if at:
            headers["Range"] = f"bytes={at}-"
        with self.client.stream(
            "GET", self.url, headers=headers, timeout=self.patience.silence, follow_redirects=True
        ) as response:
            if response.status_code in _BUSY:
                raise _Busy(
                    _("the server answers {status_code}").format(status_code=response.status_code)
                )
            if response.status_code >= 400 and response.status_code != 416:
                response.read()
                raise Moved(response)
            begin = _beginning(response)
            if begin != at:
                # No ranges here: what came before cannot be used. The next bytes are the first.
                self.came(-at)
                self.part.unlink(missing_ok=True)
                if begin != 0:
                    return True
                at = 0
            with self.part.open("ab") as file:
                for chunk in response.iter_bytes():
                    if at + len(chunk) > self.size:
                        raise ModelFileError(
                            _("The server sends more than the {size:,} bytes of the file.").format(
                                size=self.size
                            ),
                            _("Try again later, or another mirror."),
                        )
                    file.write(chunk)
                    at += len(chunk)
                    self.came(len(chunk))
                    if self.stop():
                        return False
        return True


class _Busy(Exception):
    """The server asks for a pause."""


def _beginning(response: httpx2.Response) -> int | None:
    """The place of the answer's first byte in the file; None where it has none of it."""
    if response.status_code == 200:
        return 0
    if response.status_code != 206:
        return None
    unit, _, rest = response.headers.get("Content-Range", "").partition(" ")
    first = rest.partition("-")[0].strip()
    return int(first) if unit == "bytes" and first.isascii() and first.isdigit() else None
