"""The unified diff of two texts, for a person who is to approve an edit.

Knows texts only. Its time is bounded: what both texts begin and end with is set aside first, and
where too much is left the lines between are shown as removed and added.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

_CONTEXT = 3
_COMPARED = 2_000
"""Lines on either side that are compared with one another; the effort grows with their product."""
_NOWHERE = "/dev/null"


def unified(old_name: str | None, new_name: str | None, old: str | None, new: str | None) -> str:
    """What turns ``old`` into ``new``; None stands for a file that is not there."""
    before, after = _lines(old), _lines(new)
    same = next(
        (at for at, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1]),
        min(len(before), len(after)),
    )
    start = max(0, same - _CONTEXT)
    out = [
        f"--- {f'a/{old_name}' if old_name else _NOWHERE}",
        f"+++ {f'b/{new_name}' if new_name else _NOWHERE}",
        *_hunks(before[start:], after[start:], start),
    ]
    return "\n".join(out) + "\n"


def _lines(text: str | None) -> list[str]:
    if not text:
        return []
    *lines, rest = text.split("\n")
    return [*lines, f"{rest}\n\\ No newline at end of file"] if rest else lines


def _hunks(before: Sequence[str], after: Sequence[str], start: int) -> Iterator[str]:
    end = 0
    while end < min(len(before), len(after)) - _CONTEXT and before[-1 - end] == after[-1 - end]:
        end += 1
    end = max(0, end - _CONTEXT)
    old, new = before[: len(before) - end], after[: len(after) - end]
    for group in _groups(old, new):
        first, last = group[0], group[-1]
        yield (f"@@ -{_range(first[1], last[2], start)} +{_range(first[3], last[4], start)} @@")
        for kind, a, b, c, d in group:
            if kind == "equal":
                yield from (f" {line}" for line in old[a:b])
            else:
                yield from (f"-{line}" for line in old[a:b])
                yield from (f"+{line}" for line in new[c:d])


def _groups(old: Sequence[str], new: Sequence[str]) -> list[list[tuple[str, int, int, int, int]]]:
    if old == new:
        return []
    if len(old) > _COMPARED or len(new) > _COMPARED:
        return [[("replace", 0, len(old), 0, len(new))]]
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return [list(group) for group in matcher.get_grouped_opcodes(_CONTEXT)]


def _range(begin: int, end: int, start: int) -> str:
    length = end - begin
    at = start + begin + (1 if length else 0)
    return f"{at}" if length == 1 else f"{at},{length}"
