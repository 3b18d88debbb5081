"""Makes patches the way a careful model does: the least context that leaves no doubt."""

from __future__ import annotations

from difflib import SequenceMatcher


def update(path: str, old: list[str], new: list[str]) -> str:
    """A patch that turns the lines ``old`` of ``path`` into ``new``."""
    return "\n".join(("*** Begin Patch", *section(path, old, new), "*** End Patch"))


def section(path: str, old: list[str], new: list[str]) -> list[str]:
    """The part of a patch for one file."""
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    changes = [(a, b, new[c:d]) for kind, a, b, c, d in blocks if kind != "equal"]
    merged: list[tuple[int, int, list[tuple[int, int, list[str]]]]] = []
    for change in changes:
        begin, end = _grown(change, old)
        inside = [change]
        while merged and merged[-1][1] >= begin:
            first, last, before = merged.pop()
            begin, end, inside = min(begin, first), max(end, last), [*before, *inside]
        merged.append((begin, end, inside))
    lines = [f"*** Update File: {path}"]
    for begin, end, inside in merged:
        lines.append("@@")
        at = begin
        for first, last, added in inside:
            lines += [" " + line for line in old[at:first]]
            lines += ["-" + line for line in old[first:last]]
            lines += ["+" + line for line in added]
            at = last
        lines += [" " + line for line in old[at:end]]
    return lines


def _grown(change: tuple[int, int, list[str]], old: list[str]) -> tuple[int, int]:
    """The change's lines with as much around them as makes them the only ones of their kind."""
    begin, end = change[0], change[1]
    while _places(old[begin:end], old) != 1 and (begin > 0 or end < len(old)):
        begin, end = max(0, begin - 1), min(len(old), end + 1)
    return begin, end


def _places(part: list[str], old: list[str]) -> int:
    if not part:
        return len(old) + 1
    return sum(old[at : at + len(part)] == part for at in range(len(old)))
