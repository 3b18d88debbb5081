"""Cleaning of text that a model, a tool, a file, a title or an error brought.

Knows Unicode and terminals' control codes; must not know who shows the text or where it is from.
What is removed could move the cursor, write the clipboard, rename the window, hide text or turn
its order round: C0 except newline and tab, DEL, C1, bidirectional controls, zero-width and other
invisible characters, tag characters, lone surrogates, marks stacked on a letter without end.
Sources: ECMA-48, Unicode TR36 and TR9, CVE-2021-42574 ("Trojan Source").
"""

from __future__ import annotations

import re
from functools import cache

_CSI = r"(?:\x1b\[|\x9b)[0-?]*[ -/]*"  # control sequence: parameters, intermediates
_STRING = r"(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x80-\x9f]*"  # OSC, DCS, SOS, PM, APC
_SEQUENCE = (
    # The four shapes an escape sequence takes; its visible rest would be litter on the screen.
    rf"{_CSI}[@-~]"
    rf"|{_STRING}(?:\x07|\x1b\\|\x9c)"
    r"|\x1b[ -/]+[0-~]"  # designations such as ESC ( B
    r"|\x1b[0-~]"  # two-byte sequences such as ESC c
)
_INVISIBLE = (
    "\x00-\x08\x0b-\x1f\x7f\x80-\x9f"  # C0 without \t and \n, DEL, C1
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"  # soft hyphen, joiners, fillers
    "\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f"  # zero width, bidi, separators
    "\u3164\ufeff\uffa0\ufff0-\ufffb"  # fillers, BOM, interlinear annotation
    "\ud800-\udfff"  # lone surrogates
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"  # musical controls, tags, variation supplement
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3"  # joiners of hieroglyphs and of shorthand
)
_STACKED = 8
"""Marks on one letter; no language needs as many, and more reach over the lines around."""
_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0e31\u0e34-\u0e3a"
    "\u0e47-\u0e4e\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f"
)
_STACK = re.compile(f"([{_MARKS}]{{{_STACKED}}})[{_MARKS}]+")
_REMOVE = re.compile(f"{_SEQUENCE}|[{_INVISIBLE}]")
_JOINER = "\u200d"
_JOINED = "[\u00a9-\u200c\u200e-\U0010ffff]"
_LINE_BREAK = re.compile("\r\n?|[\u0085\u2028\u2029]")
_OPEN = re.compile(rf"(?:{_CSI}|{_STRING}\x1b?|\x1b[ -/]*|\r|\u200d[\u200d{_INVISIBLE}]*)\Z")
_HELD_LIMIT = 4096


def clean(text: str) -> str:
    """``text`` without anything that acts on a terminal; newlines are ``\\n``, tabs stay.

    Idempotent. A joiner (U+200D) stays between two non-ASCII characters, where emoji need it.
    """
    # One pass is enough: every control character goes, in a sequence or alone, and no sequence
    # can form without one.
    text = _REMOVE.sub("", _LINE_BREAK.sub("\n", text))
    if _JOINER in text:
        text = _lone_joiner().sub("", text)
    return text if text.isascii() else _STACK.sub(r"\1", text)


@cache
def _lone_joiner() -> re.Pattern[str]:
    # Such a class takes milliseconds to compile, and most programs never meet a joiner.
    return re.compile(f"(?<!{_JOINED}){_JOINER}|{_JOINER}(?!{_JOINED})")


def clean_line(text: str) -> str:
    """``clean`` for a place that is one line high: titles, names, status."""
    return " ".join(clean(text).split())


def visible(text: str) -> str:
    """``text`` with every character that ``clean`` would remove shown as ``\\uXXXX``.

    For places where a person decides about the text: nothing may be hidden from them.
    """
    shown = re.sub(f"[{_INVISIBLE}\u200d]", _escape, text)
    return shown if shown.isascii() else _STACK.sub(_unstacked, shown)


def masked(text: str) -> str:
    """``text`` with one visible sign for each character that ``clean`` would remove.

    As long as before, so that places in it stay what they are; newlines and tabs stay.
    """
    return re.sub(f"[{_INVISIBLE}\u200d\ufe00-\ufe0f]", _sign, text)


def _unstacked(match: re.Match[str]) -> str:
    kept = match[1]
    return kept + re.sub(".", _escape, match[0][len(kept) :])


def _sign(match: re.Match[str]) -> str:
    code = ord(match.group())
    return chr(0x2400 + code) if code < 0x20 else "\u2421" if code == 0x7F else "\ufffd"


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


class Cleaner:
    """``clean`` for text that comes in pieces.

    An escape sequence can be split across pieces, so an unfinished one is held back until it is
    whole, or until it has grown past what any real sequence needs. Marks stack up across pieces,
    and a joiner joins what two of them bring.
    """

    def __init__(self) -> None:
        self._held = ""
        self._before = ""
        """The last of what came, to judge marks and joiners by."""

    def feed(self, text: str) -> str:
        """The clean text that is certain so far."""
        text = self._held + text
        unfinished = _OPEN.search(text)
        if unfinished and len(text) - unfinished.start() <= _HELD_LIMIT:
            self._held = text[unfinished.start() :]
            text = text[: unfinished.start()]
        else:
            self._held = ""
        return self._cleaned(text)

    def flush(self) -> str:
        """What was held back, cleaned; the cleaner is as new."""
        held, self._held = self._held, ""
        last, self._before = self._cleaned(held), ""
        return last

    def _cleaned(self, text: str) -> str:
        before = self._before
        fresh = clean(before + text)[len(before) :]
        # No joiner stands at its end: that would be held back.
        self._before = (before + fresh)[-1 - _STACKED :].lstrip("\u200d")
        return fresh
