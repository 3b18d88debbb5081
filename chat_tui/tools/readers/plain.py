"""Text out of bytes: whether it is text at all, and in which encoding.

Knows encodings; must not know files.
"""

from __future__ import annotations

import codecs
import re

_SAMPLE = 8192
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CYRILLIC = re.compile("[А-яЁё]")
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_ASCII = re.compile(rb"[\x00-\x7f]+")
_CHARSET = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([\w-]{2,20})""", re.IGNORECASE)


def decode(data: bytes) -> str | None:
    """``data`` as text with ``\\n`` for line ends; None where it is none.

    UTF-8, or UTF-16 and UTF-32 with their mark; else Windows' Cyrillic where that gives Cyrillic
    words, else Windows' Western one, which can read anything.
    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _lines(data.decode(name, "replace"))
    sample = data[: 16 * _SAMPLE]
    control = len(_CONTROL.findall(sample))
    if b"\0" in sample[:_SAMPLE] or control * 50 > len(sample):
        return None
    try:
        return _lines(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        if error.start >= len(data) - 4 or error.start > len(data) * 9 // 10:
            return _lines(data.decode("utf-8", "replace"))  # cut off or hurt near its end
    high = len(_ASCII.sub(b"", sample))
    cyrillic = len(_CYRILLIC.findall(sample.decode("cp1251", "replace")))
    words = high * 3 > len(sample) and cyrillic * 10 > high * 9
    return _lines(data.decode("cp1251" if words else "cp1252", "replace"))


def decode_markup(data: bytes) -> str:
    """The same for HTML and XML, which may name their encoding."""
    said = _CHARSET.search(data[:2048])
    if said and not data.startswith(tuple(mark for mark, _ in _MARKS)):
        try:
            return _lines(data.decode(said[1].decode("ascii"), "replace"))
        except (LookupError, UnicodeDecodeError, ValueError):
            pass  # an encoding that nobody knows, or none of text
    return decode(data) or ""


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
