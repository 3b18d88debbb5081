"""How little of a prompt has to be evaluated: pure arithmetic over token lists.

Knows positions, the sliding window and where states were saved; must not know llama.cpp, files or
harmony. Half of gpt-oss's layers forget what lies further back than their window, so a cache can
always grow at its end, but be cut back only as far as those layers still remember everything that
the first new token looks at. A snapshot is those layers' window, copied when the cache ended at
its position. The other layers forget nothing: a snapshot serves any cache that holds the same
tokens up to there, whatever was cut and evaluated in between.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

CHUNK = 1024
"""Tokens compared at once; a hundred times faster than one by one."""
GAIN = 64
"""Tokens that a saved state must spare to be loaded in the live cache's place."""


@dataclass(frozen=True, slots=True)
class Source:
    """A cache that a prompt could go on from: the live one, or a state that can be loaded."""

    tokens: Sequence[int]
    floor: int
    """The lowest position that the sliding layers hold."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Keep the first ``keep`` tokens of a source, then evaluate the prompt from there on."""

    keep: int
    evaluate: int
    """Prompt tokens to evaluate: at least one, because logits come from the last one."""
    source: int = 0
    """Which of the sources; 0 is the live cache."""
    snapshot: int | None = None
    """The position of the snapshot to restore before cutting."""


@dataclass(frozen=True, slots=True)
class Held:
    """A snapshot as the policy of dropping sees it."""

    position: int
    size: int
    """Bytes."""
    used: int
    """When it was taken or last restored; a larger number is later."""
    current: bool
    """Whether the live cache holds the tokens before its position."""


def common_prefix(left: Sequence[int], right: Sequence[int]) -> int:
    """How many tokens two sequences share from their beginning."""
    length = min(len(left), len(right))
    for begin in range(0, length, CHUNK):
        some, others = left[begin : begin + CHUNK], right[begin : begin + CHUNK]
        if list(some) != list(others):
            pairs = enumerate(zip(some, others, strict=False))
            return next((begin + at for at, (one, other) in pairs if one != other), length)
    return length


def digests(tokens: Sequence[int], positions: Iterable[int]) -> Mapping[int, bytes]:
    """A hash of the tokens before each position; positions beyond the end are left out."""
    running, at, found = hashlib.blake2b(digest_size=16), 0, {}
    for position in sorted(set(positions)):
        if position > len(tokens):
            break
        running.update(array("i", tokens[at:position]).tobytes())
        found[position] = running.copy().digest()
        at = position
    return found


def plan(
    wanted: Sequence[int], sources: Sequence[Source], window: int, snapshots: Iterable[int] = ()
) -> Plan:
    """The cheapest way to the prompt ``wanted`` (not empty); ``sources[0]`` is the live cache.

    ``window`` is how many tokens the sliding layers see, the present one included. ``snapshots``
    are the positions of those that were taken behind the same tokens as ``wanted`` begins with.
    """
    snapshots = tuple(snapshots)
    best = Plan(0, len(wanted))
    for number, source in enumerate(sources):
        keep, snapshot = _reach(wanted, source, window, snapshots)
        if keep > (best.keep + GAIN if number else 0):
            best = Plan(keep, len(wanted) - keep, number, snapshot)
    return best


def _reach(
    wanted: Sequence[int], source: Source, window: int, snapshots: Iterable[int]
) -> tuple[int, int | None]:
    """How much of a source can be kept, and the snapshot that takes."""
    shared = common_prefix(source.tokens, wanted)
    keep = min(shared, len(wanted) - 1)
    if keep == len(source.tokens) or source.floor <= lowest_needed(keep, window):
        return keep, None
    # A snapshot holds one position more than the next token needs, so that a prompt that ends
    # where it was taken can have its last token evaluated again.
    snapshot = max((at for at in snapshots if at <= shared), default=None)
    return min(snapshot or 0, keep), snapshot


def lowest_needed(keep: int, window: int) -> int:
    """The lowest position that the token at position ``keep`` looks at in the sliding layers."""
    return max(0, keep - window + 1)


def beginnings(tokens: Sequence[int], header: Sequence[int]) -> list[int]:
    """The positions at which ``header`` (the first tokens of some kind of message) stands."""
    found: list[int] = []
    first, rest = header[0], list(header[1:])
    at = -1
    while True:
        try:
            at = tokens.index(first, at + 1)
        except ValueError:
            return found
        if list(tokens[at + 1 : at + len(header)]) == rest:
            found.append(at)


def worth_a_stop(marks: Sequence[int], begin: int, end: int, spacing: int) -> list[int]:
    """Of ascending ``marks``, those at which to pause for a snapshot between begin and end.

    The last one always, because that is where the next edit is likeliest; of the others none
    closer than ``spacing`` to its neighbour, because many small batches read slowly.
    """
    inside = [at for at in marks if begin < at < end]
    found: list[int] = []
    for at in inside[:-1]:
        if at - (found[-1] if found else begin) >= spacing <= inside[-1] - at:
            found.append(at)
    return found + inside[-1:]


def batches(
    tokens: Sequence[int], begin: int, size: int, stops: Iterable[int] = ()
) -> list[list[int]]:
    """The tokens from ``begin`` on in pieces of at most ``size``; a piece ends at each stop.

    Pieces end at multiples of ``size`` too: llama.cpp looks at the cache in blocks of 256 cells,
    and a batch that reaches a little into the next block pays for all of it (a fifth of the time
    at 4,000 tokens of the embedded model).
    """
    found = []
    for end in (*stops, len(tokens)):
        while begin < end:
            until = min(end, (begin // size + 1) * size)
            found.append(list(tokens[begin:until]))
            begin = until
    return found


def superfluous(held: Sequence[Held], count: int, size: int) -> list[int]:
    """Which snapshots to drop, as indices, so that at most ``count`` and ``size`` bytes remain.

    The latest stays. First go those on branches that were left, the least recently used first;
    then those that spare the least: the tokens between one and its predecessor, measured against
    its distance from the end, so that what remains lies close together near the end and ever
    wider apart towards the beginning.
    """
    left = dict(enumerate(held))
    dropped: list[int] = []
    while left and (len(left) > count or sum(one.size for one in left.values()) > size):
        latest = max(left, key=lambda at: left[at].used)
        dropped.append(_least_useful(left, latest))
        del left[dropped[-1]]
    return dropped


def _least_useful(left: Mapping[int, Held], latest: int) -> int:
    others = {at: one for at, one in left.items() if at != latest}
    if not others:
        return latest
    stale = [at for at, one in others.items() if not one.current]
    if stale:
        return min(stale, key=lambda at: left[at].used)
    end = max(one.position for one in left.values())
    places = sorted(one.position for one in left.values() if one.current)
    before = dict(zip(places, (0, *places), strict=False))

    def use(at: int) -> float:
        position = left[at].position
        return (position - before[position]) / (end - position + 1)

    return min(others, key=use)
