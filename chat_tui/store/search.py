"""Finding words in what was said, in any script: as parts of words, all of them in one message.

Knows FTS5's trigrams and SQL; must not know who asks. The index has no words of one or two
characters (much of Chinese is): for these SQLite itself looks through the texts, ten thousand
messages in some hundredths of a second, which a second index would not be worth.
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Sequence
from itertools import product

from chat_tui.conversation import Message
from chat_tui.store.rows import cell_text, whole
from chat_tui.store.values import Hit, Part
from chat_tui.untrusted import clean_line

_LOOKED_AT = 50
"""How many times as many messages as are wanted are looked at, where one conversation has many."""
AROUND = 60
"""Characters of a snippet on each side of the first word found."""

_WORD = re.compile(r'"([^"]+)"|(\S+)')

# Bytes, because a text that damage made invalid UTF-8 would not reach the function.
_TITLES = """
SELECT id, title, updated FROM conversations
WHERE deleted IS NULL AND holds(CAST(title AS BLOB)) ORDER BY pinned DESC, updated DESC LIMIT ?
"""
_FIELDS = """
SELECT c.id, c.title, c.updated, m.number,
    m.role, m.channel, m.recipient, m.name, m.content
"""
_INDEXED = (
    _FIELDS
    + """
FROM search s CROSS JOIN messages m ON m.key = s.rowid
CROSS JOIN conversations c ON c.id = m.conversation
WHERE search MATCH ? AND c.deleted IS NULL AND holds(
    CAST(m.content AS BLOB), CAST(m.recipient AS BLOB), CAST(m.name AS BLOB)
)
ORDER BY s.rowid DESC LIMIT ?
"""
)
_SCANNED = (
    _FIELDS
    + """
FROM messages m CROSS JOIN conversations c ON c.id = m.conversation
WHERE c.deleted IS NULL AND {}
ORDER BY m.key DESC LIMIT ?
"""
)
_WITHIN = "instr(lower(m.content), ?1) OR instr(lower(m.recipient), ?1) OR instr(lower(m.name), ?1)"
INDEX = """
INSERT INTO search (rowid, content, recipient, name)
SELECT key, content, recipient, name FROM messages WHERE key = ?
"""
UNINDEX = """
INSERT INTO search (search, rowid, content, recipient, name)
SELECT 'delete', key, content, recipient, name FROM messages WHERE conversation = ? AND indexed
"""


def words_of(query: str) -> tuple[str, ...]:
    """The words to find; what stands in double quotes is one."""
    found = _WORD.findall(whole(query))
    return tuple(quoted or plain for quoted, plain in found if quoted or plain)


def find(
    connection: sqlite3.Connection, query: str, limit: int, each: int | None = None
) -> tuple[Hit, ...]:
    """Where all words of ``query`` stand together: titles first, then messages, newest first.

    ``each`` is the most messages of one conversation; what one has beyond does not count.
    """
    words = words_of(query)
    if not words:
        return ()
    patterns = [re.compile(re.escape(word), re.IGNORECASE) for word in words]

    small = [word.lower() for word in words]

    def holds(*cells: bytes | None) -> bool:
        # Many times faster than the patterns, which only say where.
        texts = [cell_text(cell).lower() for cell in cells if cell]
        return all(any(word in text for text in texts) for word in small)

    connection.create_function("holds", -1, holds, deterministic=True)
    hits = [
        _hit(row, Part.TITLE, None, str(row[1]), patterns)
        for row in connection.execute(_TITLES, (limit,))
    ]
    trigrams = _trigrams(words)
    most = limit if each is None else limit * _LOOKED_AT
    if trigrams:
        found = connection.execute(_INDEXED, (trigrams, most))
    else:
        found = connection.execute(*_scan(small, most))
    counts: Counter[str] = Counter()
    for row in found:
        if len(hits) >= limit and each is not None:
            break
        if each is not None and counts[row[0]] == each:
            continue
        number, role, channel, recipient, name = row[3:8]
        if not isinstance(row[8], str | bytes):
            continue  # damage; loading the conversation will find it too
        text = cell_text(row[8])
        texts = [one.lower() for one in (text, recipient, name) if one]
        if not all(any(word in one for one in texts) for word in small):
            continue
        counts[row[0]] += 1
        if not all(word in texts[0] for word in small):
            # A word stands in the name of the tool.
            text = f"{recipient or name or ''}: {text}"
        hits.append(_hit(row, _part(role, channel, recipient), number, text, patterns))
    return tuple(hits)


def part_of(message: Message) -> Part:
    """What kind of message this is to one who searches."""
    return _part(str(message.role), message.channel, message.recipient)


def _part(role: str, channel: str | None, recipient: str | None) -> Part:
    match role, channel, recipient:
        case "user", _, _:
            return Part.QUESTION
        case "tool", _, _:
            return Part.RESULT
        case "mark", _, _:
            return Part.SUMMARY
        case "assistant", "analysis", None:
            return Part.REASONING
        case "assistant", _, None:
            return Part.ANSWER
        case "assistant", _, _:
            return Part.CALL
    return Part.OTHER


def _trigrams(words: Sequence[str]) -> str:
    """What a message must have in its index to hold these words; empty if they are too short."""
    found = {word[at : at + 3] for word in words for at in range(len(word) - 2)}
    usable = sorted(one for one in found if "\0" not in one and one.isprintable())
    return " AND ".join('"' + one.replace('"', '""') + '"' for one in usable)


def _scan(words: Sequence[str], most: int) -> tuple[str, tuple[object, ...]]:
    """The statement that looks through all messages for these words, and its values.

    It may find a few too many, never too few.
    """
    conditions: list[str] = []
    values: list[object] = []
    for word in words:
        ways = []
        for spelling in spellings(word):
            values.append(spelling)
            ways.append(_WITHIN.replace("?1", f"?{len(values)}"))
        conditions.append(f"({' OR '.join(ways)})")
    return _SCANNED.format(" AND ".join(conditions)), (*values, most)


_OTHERS = {
    "i": "\u0130",
    "\u0307": "\u0130",
    "k": "\u212a",
    "\u00e5": "\u212b",
    "\u03c9": "\u2126",
    "\u03b8": "\u03f4",
    "\u03c2": "\u03a3",
    "\u00df": "\u1e9e",
}
"""Letters whose small form is one that has another capital, or none."""


def spellings(word: str) -> list[str]:
    """How a text may write the first two letters of ``word``, which is in small letters.

    But for capitals from A to Z, which are left to SQLite's ``lower``; it knows no others.
    """
    letters = word[:1] if word[1:2] == "\u0307" else word[:2]  # U+0130 is both at once
    ways = []
    for letter in letters:
        found = {letter, letter.upper(), letter.title(), _OTHERS.get(letter, letter)}
        ways.append(sorted({one.lower() if one.isascii() else one for one in found}))
    return ["".join(one) for one in product(*ways)]


def _hit(
    row: Sequence[object],
    part: Part,
    node: int | None,
    text: str,
    patterns: Sequence[re.Pattern[str]],
) -> Hit:
    identity, title, updated = row[:3]
    snippet, spans = snippet_of(text, patterns)
    when = float(updated) if isinstance(updated, int | float) else 0.0
    return Hit(str(identity), str(title), when, part, node, snippet, spans)


def snippet_of(
    text: str, patterns: Sequence[re.Pattern[str]]
) -> tuple[str, tuple[tuple[int, int], ...]]:
    """One line of ``text`` around the first word found, and where the words stand in it."""
    first = min((match.start() for one in patterns if (match := one.search(text))), default=0)
    start, end = max(0, first - AROUND), first + 2 * AROUND
    line = clean_line(text[start:end])
    snippet = f"{'…' if start else ''}{line}{'…' if end < len(text) else ''}"
    spans: list[tuple[int, int]] = []
    for start, end in sorted(match.span() for one in patterns for match in one.finditer(snippet)):
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return snippet, tuple(spans)
