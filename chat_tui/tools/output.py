"""Keeping a part of a text that may be endless.

Knows lengths alone. The beginning and the end stay; how much was left out between them is said.
"""

from __future__ import annotations

import codecs


class Kept:
    """The beginning and the end of what is added, ``limit`` characters at most."""

    def __init__(self, limit: int) -> None:
        """``limit`` is split in two halves."""
        self._half = limit // 2
        self._head = ""
        self._tail = ""
        self._dropped = 0

    def add(self, text: str) -> None:
        """Take more; only what is kept is held."""
        room = self._half - len(self._head)
        if room > 0:
            self._head += text[:room]
            text = text[room:]
        self._tail += text
        if len(self._tail) > 2 * self._half:
            self._cut()

    @property
    def text(self) -> str:
        """What was kept, with a line that says what was not."""
        if len(self._tail) > self._half:
            self._cut()
        if not self._dropped:
            return self._head + self._tail
        return f"{self._head}\n[… {self._dropped:,} characters left out …]\n{self._tail}"

    def _cut(self) -> None:
        cut = len(self._tail) - self._half
        self._dropped += cut
        self._tail = self._tail[cut:]


def shortened(text: str, limit: int) -> str:
    """``text`` in ``limit`` characters, without its middle where it is longer."""
    if len(text) <= limit:
        return text
    kept = Kept(limit)
    kept.add(text)
    return kept.text


class Decoder:
    """UTF-8 in pieces; what is none becomes U+FFFD."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def feed(self, data: bytes) -> str:
        """The text that is certain so far."""
        return self._decoder.decode(data)

    def flush(self) -> str:
        """What an unfinished character became."""
        text = self._decoder.decode(b"", final=True)
        self._decoder.reset()
        return text
