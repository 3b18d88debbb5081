"""What a search looks for, and where in a text it is: pure parts of the library.

Knows words and lines; must not know files or SQL beyond FTS5's query language. Words are those of
SQLite's unicode61 tokenizer. Han, kana and Hangul are set apart character by character, since
their words are not parted by blanks; a run of them is then searched as a phrase.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

PASSAGE = 2_000
"""Characters of a passage, about: what is ranked, and what a snippet is cut from."""

_CJK = (
    "\u3005\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
_CJK_CHAR = re.compile(f"([{_CJK}])")
_TERM = re.compile(f'"[^"]+"|[{_CJK}]+|[^\\W{_CJK}]+')
_WORD = re.compile(r"[^\W_]+")
_COMMON = frozenset(
    # Words that find everything; they count only where a query has no others.
    """
    a an and are as at be by for from has have how in is it of on or that the this to was what when
    where which who why will with i my me you your do does did can about tell there not
    и в во не что он на я с со как а то все она так его но да ты к у же вы за бы по от о из
    der die das und ist in zu den von mit ein eine auf für des im dem nicht le la les de et un une
    est en que du pour dans el los las y por con para
    """.split()  # noqa: SIM905 - a list of words reads worse
)


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of a document; all of them joined are the document."""

    line: int
    """The line of the document that it begins in, from 0."""
    text: str


def passages(text: str) -> Iterator[Passage]:
    """``text`` in parts of about PASSAGE characters, cut between lines where there are any."""
    at = line = 0
    while at < len(text):
        end = at + PASSAGE
        if end >= len(text):
            end = len(text)
        else:
            # Rather after an empty line than after any, rather after any than within one.
            for mark in ("\n\n", "\n", " "):
                cut = text.rfind(mark, at + PASSAGE // 2, end)
                if cut >= 0:
                    end = cut + len(mark)
                    break
        yield Passage(line, text[at:end])
        line += text.count("\n", at, end)
        at = end


def spaced(text: str) -> str:
    """``text`` as it is indexed."""
    return _CJK_CHAR.sub(r" \1 ", text)


def terms(query: str) -> tuple[str, ...]:
    """What is looked for: words, runs of Han or kana, and whatever stands in quotes."""
    found = dict.fromkeys(_TERM.findall(folded(query)))
    plain = tuple(term.strip('"') for term in found if any(map(str.isalnum, term)))
    rare = tuple(term for term in plain if term not in _COMMON)
    return rare or plain


def words_of(term: str) -> tuple[str, ...]:
    """The words that ``term`` is in the index."""
    return tuple(_WORD.findall(spaced(term)))


def strict_queries(wanted: Sequence[str]) -> Iterator[str]:
    """FTS5 queries: for all terms, then for any of them."""
    phrases = [_phrase(term) for term in wanted]
    if len(phrases) > 1:
        yield " AND ".join(phrases)
    if phrases:
        yield " OR ".join(phrases)


def loose_query(wanted: Sequence[str]) -> str:
    """An FTS5 query for words that begin alike, which other forms of a word do; may be empty."""
    return " OR ".join(f"{_phrase(stem)} *" for term in wanted if (stem := _stem(term)))


def _phrase(term: str) -> str:
    return '"' + " ".join(spaced(term).replace('"', " ").split()) + '"'


def _stem(term: str) -> str:
    """The beginning that other forms of a word share, roughly; empty for what has no forms."""
    if len(term) < 3 or " " in term or _CJK_CHAR.search(term):
        return ""
    return term[: -2 if len(term) > 6 else -1] if len(term) > 4 else term


def folded(text: str) -> str:
    """``text`` in lower case without accents, as the index has it; as long as it was."""
    if text.isascii():
        return text.lower()
    return "".join(char.lower() if char < "\x80" else _folded(char) for char in text)


def _folded(char: str) -> str:
    letters = unicodedata.normalize("NFD", char)
    plain = letters[0] if all(map(unicodedata.combining, letters[1:])) else char
    lower = plain.lower()
    return lower if len(lower) == 1 else plain


def best_line(text: str, wanted: Sequence[str]) -> tuple[int, str, int]:
    """The line of ``text`` that has most of ``wanted``: its number, itself, where they begin."""
    best, best_score = (0, "", 0), -1.0
    whole = " ".join(wanted)
    stems = [_stem(term) or term for term in wanted]
    for number, line in enumerate(text.split("\n")):
        if not line.strip():
            continue
        plain = folded(line)
        places = [plain.find(term) for term in wanted]
        score = 2.0 * sum(place >= 0 for place in places) + 3 * (whole in plain)
        if not score:
            places = [plain.find(stem) for stem in stems]
            score = 1.0 * sum(place >= 0 for place in places)
        if score > best_score:
            first = min((place for place in places if place >= 0), default=0)
            start = plain.find(whole)
            best, best_score = (number, line, start if start >= 0 else first), score
    return best


def snippet(line: str, at: int, width: int) -> str:
    """``line`` in at most ``width`` characters around ``at``, cut between words."""
    lead = len(line) - len(line.lstrip())
    line, at = line.strip(), max(0, at - lead)
    if len(line) <= width:
        return line
    start = 0
    if at > width // 2:
        start = line.rfind(" ", 0, max(0, at - width // 4)) + 1
        if start <= at - width // 2:
            start = at
    end = start + width
    if end < len(line):
        cut = line.rfind(" ", start + width // 2, end + 1)
        end = cut if cut > 0 else end
    return line[start:end].strip()
