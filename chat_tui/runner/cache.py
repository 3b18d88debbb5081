"""How much of the KV cache the next prompt can keep: pure arithmetic over token lists.

Knows positions and the sliding window; must not know llama.cpp. Half of gpt-oss's layers forget
what lies further back than their window, so a cache can always grow at its end, but be cut back
only as far as those layers still remember everything that the first new token looks at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice


@dataclass(frozen=True, slots=True)
class Plan:
    """Keep the first ``keep`` cached tokens, then evaluate the prompt from there on."""

    keep: int
    evaluate: int
    """Prompt tokens to evaluate: at least one, because logits come from the last one."""


def common_prefix(left: Sequence[int], right: Sequence[int]) -> int:
    """How many tokens two sequences share from their beginning."""
    count = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        count += 1
    return count


def plan(cached: Sequence[int], wanted: Sequence[int], window: int, floor: int) -> Plan:
    """What to keep of ``cached`` for the prompt ``wanted`` (not empty).

    ``floor`` is the lowest position that the sliding layers still hold (0: everything). Cutting
    back to ``keep`` needs them to hold the ``window`` positions before it; where they do not, the
    prompt is evaluated anew. States saved at earlier positions would be tried here, before that.
    """
    keep = min(common_prefix(cached, wanted), len(wanted) - 1)
    grows = keep == len(cached)
    if not grows and floor > max(0, keep - window):
        keep = 0
    return Plan(keep, len(wanted) - keep)


def batches(tokens: Sequence[int], begin: int, size: int) -> list[list[int]]:
    """The tokens from ``begin`` on in pieces of at most ``size``."""
    rest = iter(islice(tokens, begin, None))
    return list(iter(lambda: list(islice(rest, size)), []))
