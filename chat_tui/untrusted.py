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
    # What has no cell of its own: marks, vowel signs, the later parts of Hangul.
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1-\u05c2\u05c4-\u05c5\u05c7"
    "\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7-\u06e8\u06ea-\u06ed"
    "\u0711\u0730-\u074a\u07a6-\u07b0\u07eb-\u07f3\u07fd\u0816-\u0819\u081b-\u0823"
    "\u0825-\u0827\u0829-\u082d\u0859-\u085b\u0897-\u089f\u08ca-\u08e1\u08e3-\u0903"
    "\u093a-\u093c\u093e-\u094f\u0951-\u0957\u0962-\u0963\u0981-\u0983\u09bc\u09be-\u09cd"
    "\u09d7\u09e2-\u09e3\u09fe-\u0a03\u0a3c-\u0a51\u0a70-\u0a71\u0a75\u0a81-\u0a83\u0abc"
    "\u0abe-\u0acd\u0ae2-\u0ae3\u0afa-\u0b03\u0b3c\u0b3e-\u0b57\u0b62-\u0b63\u0b82"
    "\u0bbe-\u0bcd\u0bd7\u0c00-\u0c04\u0c3c\u0c3e-\u0c56\u0c62-\u0c63\u0c81-\u0c83\u0cbc"
    "\u0cbe-\u0cd6\u0ce2-\u0ce3\u0cf3\u0d00-\u0d03\u0d3b-\u0d3c\u0d3e-\u0d4d\u0d57\u0d62-\u0d63"
    "\u0d81-\u0d83\u0dca-\u0ddf\u0df2-\u0df3\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1"
    "\u0eb4-\u0ebc\u0ec8-\u0ece\u0f18-\u0f19\u0f35\u0f37\u0f39\u0f3e-\u0f3f\u0f71-\u0f84"
    "\u0f86-\u0f87\u0f8d-\u0fbc\u0fc6\u102b-\u103e\u1056-\u1059\u105e-\u1060\u1062-\u1064"
    "\u1067-\u106d\u1071-\u1074\u1082-\u108d\u108f\u109a-\u109d\u1161-\u11ff\u135d-\u135f"
    "\u1712-\u1715\u1732-\u1734\u1752-\u1753\u1772-\u1773\u17b6-\u17d3\u17dd\u1885-\u1886"
    "\u18a9\u1920-\u193b\u1a17-\u1a1b\u1a55-\u1a7f\u1ab0-\u1b04\u1b34-\u1b44\u1b6b-\u1b73"
    "\u1b80-\u1b82\u1ba1-\u1bad\u1be6-\u1bf3\u1c24-\u1c37\u1cd0-\u1cd2\u1cd4-\u1ce8\u1ced"
    "\u1cf4\u1cf7-\u1cf9\u1dc0-\u1dff\u20d0-\u20f0\u2cef-\u2cf1\u2d7f\u2de0-\u2dff"
    "\u302a-\u302f\u3099-\u309a\ua66f-\ua672\ua674-\ua67d\ua69e-\ua69f\ua6f0-\ua6f1\ua802"
    "\ua806\ua80b\ua823-\ua827\ua82c\ua880-\ua881\ua8b4-\ua8c5\ua8e0-\ua8f1\ua8ff"
    "\ua926-\ua92d\ua947-\ua953\ua980-\ua983\ua9b3-\ua9c0\ua9e5\uaa29-\uaa36\uaa43"
    "\uaa4c-\uaa4d\uaa7b-\uaa7d\uaab0\uaab2-\uaab4\uaab7-\uaab8\uaabe-\uaabf\uaac1"
    "\uaaeb-\uaaef\uaaf5-\uaaf6\uabe3-\uabea\uabec-\uabed\ud7b0-\ud7ff\ufb1e\ufe00-\ufe0f"
    "\ufe20-\ufe2f"
)
_RARE_MARKS = (
    # Those beyond the BMP, apart: they make a class slow, and hardly any text needs them.
    "\U000101fd\U000102e0\U00010376-\U0001037a\U00010a01-\U00010a03\U00010a05-\U00010a06"
    "\U00010a0c-\U00010a0f\U00010a38-\U00010a3a\U00010a3f\U00010ae5-\U00010ae6"
    "\U00010d24-\U00010d27\U00010d69-\U00010d6d\U00010eab-\U00010eac\U00010efa-\U00010eff"
    "\U00010f46-\U00010f50\U00010f82-\U00010f85\U00011000-\U00011002\U00011038-\U00011046"
    "\U00011070\U00011073-\U00011074\U0001107f-\U00011082\U000110b0-\U000110ba\U000110c2"
    "\U00011100-\U00011102\U00011127-\U00011134\U00011145-\U00011146\U00011173"
    "\U00011180-\U00011182\U000111b3-\U000111c0\U000111c9-\U000111cc\U000111ce-\U000111cf"
    "\U0001122c-\U00011237\U0001123e\U00011241\U000112df-\U000112ea\U00011300-\U00011303"
    "\U0001133b-\U0001133c\U0001133e-\U00011344\U00011347-\U00011348\U0001134b-\U0001134d"
    "\U00011357\U00011362-\U00011363\U00011366-\U0001136c\U00011370-\U00011374"
    "\U000113b8-\U000113c0\U000113c2\U000113c5\U000113c7-\U000113ca\U000113cc-\U000113d0\U000113d2"
    "\U000113e1-\U000113e2\U00011435-\U00011446\U0001145e\U000114b0-\U000114c3"
    "\U000115af-\U000115b5\U000115b8-\U000115c0\U000115dc-\U000115dd\U00011630-\U00011640"
    "\U000116ab-\U000116b7\U0001171d-\U0001172b\U0001182c-\U0001183a\U00011930-\U00011935"
    "\U00011937-\U00011938\U0001193b-\U0001193e\U00011940\U00011942-\U00011943"
    "\U000119d1-\U000119d7\U000119da-\U000119e0\U000119e4\U00011a01-\U00011a0a"
    "\U00011a33-\U00011a39\U00011a3b-\U00011a3e\U00011a47\U00011a51-\U00011a5b"
    "\U00011a8a-\U00011a99\U00011b60-\U00011b67\U00011c2f-\U00011c36\U00011c38-\U00011c3f"
    "\U00011c92-\U00011ca7\U00011ca9-\U00011cb6\U00011d31-\U00011d36\U00011d3a"
    "\U00011d3c-\U00011d3d\U00011d3f-\U00011d45\U00011d47\U00011d8a-\U00011d8e"
    "\U00011d90-\U00011d91\U00011d93-\U00011d97\U00011ef3-\U00011ef6\U00011f00-\U00011f01"
    "\U00011f03\U00011f34-\U00011f3a\U00011f3e-\U00011f42\U00011f5a\U00013440\U00013447-\U00013455"
    "\U0001611e-\U0001612f\U00016af0-\U00016af4\U00016b30-\U00016b36\U00016f4f"
    "\U00016f51-\U00016f87\U00016f8f-\U00016f92\U00016fe4\U00016ff0-\U00016ff1"
    "\U0001bc9d-\U0001bc9e\U0001cf00-\U0001cf2d\U0001cf30-\U0001cf46\U0001d165-\U0001d169"
    "\U0001d16d-\U0001d172\U0001d17b-\U0001d182\U0001d185-\U0001d18b\U0001d1aa-\U0001d1ad"
    "\U0001d242-\U0001d244\U0001da00-\U0001da36\U0001da3b-\U0001da6c\U0001da75\U0001da84"
    "\U0001da9b-\U0001da9f\U0001daa1-\U0001daaf\U0001e000-\U0001e006\U0001e008-\U0001e018"
    "\U0001e01b-\U0001e021\U0001e023-\U0001e024\U0001e026-\U0001e02a\U0001e08f"
    "\U0001e130-\U0001e136\U0001e2ae\U0001e2ec-\U0001e2ef\U0001e4ec-\U0001e4ef"
    "\U0001e5ee-\U0001e5ef\U0001e6e3\U0001e6e6\U0001e6ee-\U0001e6ef\U0001e6f5\U0001e8d0-\U0001e8d6"
    "\U0001e944-\U0001e94a"
)
_RARE = re.compile("[\U000101fd-\U0001e94a]")
_TONES = "\U0001f3fb-\U0001f3ff"  # of skin, which can also stand alone
_PLAIN = re.compile(
    # What stays in any case, and is nearly all there is: one look instead of several.
    "[\n\t -~\u00a0-\u00ac\u00ae-\u02ff\u0370-\u0482\u048a-\u0590\u2010-\u2027\u2190-\u2bff"
    "\u3000-\u3029\u3041-\u3096\u30a0-\u30ff\u3400-\u9fff\uac00-\ud7a3]*"
)
_REMOVE = re.compile(f"{_SEQUENCE}|[{_INVISIBLE}]")
_JOINER = "\u200d"
_JOINED = "[\u00a9-\u200c\u200e-\U0010ffff]"
_LINE_BREAK = re.compile("\r\n?|[\u0085\u2028\u2029]")
_OPEN = re.compile(rf"(?:{_CSI}|{_STRING}\x1b?|\x1b[ -/]*|\r|\u200d[\u200d{_INVISIBLE}]*)\Z")
_HELD_LIMIT = 4096
_LOST = "\ufffd"
"""Stands for what cannot be shown."""


def _marks(text: str) -> str:
    return _MARKS + _RARE_MARKS if _RARE.search(text) else _MARKS


@cache
def _stack(marks: str) -> re.Pattern[str]:
    # Compiled when it is first needed: plain English never does.
    return re.compile(f"([{marks}{_TONES}]{{{_STACKED}}})[{marks}{_TONES}]+")


@cache
def _lead(marks: str) -> re.Pattern[str]:
    """Marks that begin a line: a terminal puts them on what stands to the left of the text."""
    return re.compile(f"^[{marks}\u200d]+", re.MULTILINE)


def clean(text: str) -> str:
    """``text`` without anything that acts on a terminal; newlines are ``\\n``, tabs stay.

    Idempotent. A joiner (U+200D) stays between two non-ASCII characters, where emoji need it.
    """
    if _PLAIN.fullmatch(text):
        return text
    # One pass is enough: every control character goes, in a sequence or alone, and no sequence
    # can form without one.
    text = _REMOVE.sub("", _LINE_BREAK.sub("\n", text))
    if text.isascii():
        return text
    marks = _marks(text)
    if _JOINER in text:
        text = _lone_joiner(marks).sub("", text)
    return _stack(marks).sub(r"\1", _lead(marks).sub("", text))


@cache
def _lone_joiner(marks: str) -> re.Pattern[str]:
    # Such a class takes milliseconds to compile, and most programs never meet a joiner.
    # One between two marks joins nothing and would part a stack.
    alone = f"(?<!{_JOINED}){_JOINER}|{_JOINER}(?!{_JOINED})"
    return re.compile(f"{alone}|{_JOINER}(?<=[{marks}{_TONES}].)(?=[{marks}{_TONES}])")


def clean_after(before: str, text: str) -> str:
    """``text`` cleaned as what goes on from ``before``, which is clean and ends with no joiner."""
    # Something to stand on, lest what is left of a stack begins a line.
    begun = f".{before[-1 - _STACKED :].lstrip(_JOINER)}" if before else ""
    return clean(begun + text)[len(begun) :]


def clean_line(text: str) -> str:
    """``clean`` for a place that is one line high: titles, names, status."""
    return " ".join(clean(text).split())


def visible(text: str) -> str:
    """``text`` with every character that ``clean`` would remove shown as ``\\uXXXX``.

    For places where a person decides about the text: nothing may be hidden from them.
    """
    shown = re.sub(f"[{_INVISIBLE}\u200d]", _escape, text)
    return shown if shown.isascii() else _stack(_marks(shown)).sub(_unstacked, shown)


def masked(text: str) -> str:
    """``text`` with one visible sign for each character that ``clean`` would remove.

    As long as before, so that places in it stay what they are; newlines and tabs stay.
    """
    shown = re.sub(f"[{_INVISIBLE}\u200d\ufe00-\ufe0f]", _sign, text)
    if shown.isascii():
        return shown
    marks = _marks(shown)
    shown = _lead(marks).sub(lambda lead: _LOST * len(lead[0]), shown)
    return _stack(marks).sub(lambda stack: stack[1] + _LOST * (len(stack[0]) - _STACKED), shown)


def is_mark(sign: str) -> bool:
    """Whether it stands on the sign before it and has no cell of its own."""
    return _lead(_marks(sign)).match(sign) is not None


def _unstacked(match: re.Match[str]) -> str:
    kept = match[1]
    return kept + re.sub(".", _escape, match[0][len(kept) :])


def _sign(match: re.Match[str]) -> str:
    code = ord(match.group())
    return chr(0x2400 + code) if code < 0x20 else "\u2421" if code == 0x7F else _LOST


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
        # No joiner stands at its end: that would be held back.
        fresh = clean_after(self._before, text)
        self._before = (self._before + fresh)[-1 - _STACKED :]
        return fresh
