"""From conversations to token ids, weights and packed batches (numpy, no PyTorch).

Knows the harmony frame around messages and which tokens are learned; nothing of what they say.
"""

from __future__ import annotations

import functools
import itertools
import os
import random
import re
from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from chat_tui.conversation import Effort, Prompt
from chat_tui.demo.data import make_talk
from chat_tui.demo.functions import CITIES
from chat_tui.demo.phrasing import UNKNOWN, bare
from chat_tui.demo.turns import EFFORTS, Talk
from chat_tui.harmony.prompt import developer_text, system_text
from chat_tui.harmony.vocabulary import RANKS_NAME, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from chat_tui.demo.turns import Call, Turn

RETURN, CONSTRAIN, CHANNEL, START, END, MESSAGE, CALL = (
    200002, 200003, 200005, 200006, 200007, 200008, 200012,
)  # fmt: skip
SPECIALS = (199998, 199999, RETURN, CONSTRAIN, CHANNEL, START, END, MESSAGE, CALL)
FRAME, BODY, SLOT, STOP = 0.1, 1.0, 4.0, 0.5
"""Loss weights: header tokens, plain content, content that depends on the question, ends."""
FOREIGN_ORDER = 0.15
"""Share of earlier calls whose recipient stands before the channel, as other programs write it."""


def open_vocabulary() -> Vocabulary:
    """The o200k_harmony vocabulary from the folder that TIKTOKEN_ENCODINGS_BASE names."""
    return Vocabulary.open(Path(os.environ["TIKTOKEN_ENCODINGS_BASE"]) / RANKS_NAME)


class Tokens:
    """Text to harmony ids and on to the small ids the network trains on (0 is the unknown)."""

    def __init__(self, used: list[int] | None = None) -> None:
        self.harmony = open_vocabulary()
        self.used = used or []
        self.small = {token: i + 1 for i, token in enumerate(self.used)}
        self.plain = functools.lru_cache(maxsize=100_000)(self._plain)
        self.weighted = functools.lru_cache(maxsize=200_000)(self._weighted)

    def _plain(self, text: str) -> list[int]:
        """Harmony ids; -1 for each placeholder of an unknown word."""
        ids: list[int] = []
        for piece in re.split(f"( ?{UNKNOWN})", text):
            if piece.endswith(UNKNOWN):
                ids.append(-1)
            elif piece:
                ids.extend(self.harmony.encode(piece))
        return ids

    def _weighted(self, marked: str) -> tuple[list[int], list[float]]:
        """Ids of a text and a loss weight for each: SLOT where it touches a marked stretch."""
        ids = self.plain(bare(marked))
        hot: list[bool] = []
        inside = False
        for char in marked:
            if char in "⟦⟧":
                inside = char == "⟦"
            else:
                hot.extend([inside] * len(char.encode()))
        weights, at = [], 0
        for token in ids:
            piece = self.harmony.piece(token)
            size = len(piece) if isinstance(piece, bytes) else 0
            weights.append(SLOT if any(hot[at : at + size]) else BODY)
            at += size
        return ids, weights

    def shrink(self, ids: list[int]) -> list[int]:
        """Harmony ids to training ids."""
        return [self.small.get(token, 0) for token in ids]

    def message(self, role: str, text: str, channel: str = "") -> list[int]:
        """One whole message of the history."""
        head = [CHANNEL, *self.plain(channel)] if channel else []
        return [START, *self.plain(role), *head, MESSAGE, *self.plain(bare(text)), END]

    def prefix(self, talk: Talk) -> list[int]:
        """System message and, where there is one, the developer message."""
        day = date.fromisoformat(talk.date)
        prompt = Prompt((), Effort(talk.effort), day, talk.instructions, talk.tools)
        ids = self.message("system", system_text(prompt))
        if text := developer_text(prompt):
            ids += self.message("developer", text)
        return ids

    def prompt(self, turns: tuple[Turn, ...], rng: random.Random | None = None) -> list[int]:
        """History without reasoning, the question, and the start of the answer.

        With a generator some calls have the order of header that other programs render.
        """
        ids: list[int] = []
        for turn in turns[:-1]:
            ids += self.message("user", turn.ask)
            if turn.call and not turn.call.is_thought:
                foreign = rng is not None and rng.random() < FOREIGN_ORDER
                ids += [START, *self.plain("assistant"), *self.call_header(turn.call, foreign)]
                ids += [*self.plain(bare(turn.call.body)), CALL, *self.result(turn.call)]
            ids += self.message("assistant", turn.answer, "final")
        return [*ids, *self.message("user", turns[-1].ask), START, *self.plain("assistant")]

    def call_header(self, call: Call, foreign: bool = False) -> list[int]:
        """What stands between ``assistant`` and the body of a call."""
        to, kind = f" to={call.recipient}", [*self.plain(" "), CONSTRAIN, *self.plain("json")]
        if call.form != "json":
            kind = list(self.plain(f" {call.form}"))
        if foreign:
            return [*self.plain(to), CHANNEL, *self.plain(call.channel), *kind, MESSAGE]
        return [CHANNEL, *self.plain(call.channel + to), *kind, MESSAGE]

    def result(self, call: Call) -> list[int]:
        """The tool's answer, as the prompt shows it."""
        author = self.plain(f"{call.recipient} to=assistant")
        head = [START, *author, CHANNEL, *self.plain(call.channel), MESSAGE]
        return [*head, *self.plain(call.result), END]

    def reply(self, turn: Turn, effort: str) -> tuple[list[int], list[float]]:
        """What the model must write, with loss weights; a tool's answer between weighs nothing."""
        ids: list[int] = []
        weights: list[float] = []
        level = EFFORTS.index(effort)

        def say(head: list[int], weight: float, text: str, stop: int) -> None:
            body, slots = self.weighted(text)
            ids.extend((*head, *body, stop))
            weights.extend((*[weight] * len(head), *slots, STOP))

        def think(text: str) -> None:
            if text:
                say([CHANNEL, *self.plain("analysis"), MESSAGE], FRAME, text, END)
                ids.extend(again)
                weights.extend([FRAME] * len(again))

        again = [START, *self.plain("assistant")]
        think(turn.think[level])
        if turn.call:
            say(self.call_header(turn.call), BODY, turn.call.body, CALL)
            heard = [*self.result(turn.call), *again]
            ids += heard
            weights += [0.0] * len(heard)
            think(turn.call.after[level])
        say([CHANNEL, *self.plain("final"), MESSAGE], FRAME, turn.answer, RETURN)
        return ids, weights


def vocabulary(seed: int = 1, talks: int = 30_000, at_least: int = 3) -> list[int]:
    """The ids that the data uses: seen ``at_least`` times in ``talks`` conversations.

    And whatever numbers and the cities of calls are made of: each is too rare to be counted on.
    """
    tokens, counts = Tokens(), Counter[int]()
    rng = random.Random(seed)  # noqa: S311
    for number, effort in enumerate(itertools.islice(itertools.cycle(EFFORTS), talks)):
        talk = make_talk(rng, effort, with_tools=number % 2 == 0)
        counts.update(tokens.prefix(talk))
        counts.update(tokens.prompt(talk.turns))
        for turn in talk.turns:
            counts.update(tokens.reply(turn, effort)[0])
    counts.pop(-1, None)
    kept = {token for token, count in counts.items() if count >= at_least}
    digits = {
        t for width in (1, 2, 3) for n in range(10**width) for t in tokens.plain(f"{n:0{width}}")
    }
    cities = {t for city in CITIES for t in tokens.plain(f'{{"city":"{city}"}} {city.lower()}')}
    return sorted(kept | digits | cities | set(SPECIALS))


class Packed(NamedTuple):
    """A batch in numpy; see ``network.Batch``. ``user`` marks the words of the last question."""

    prefix: NDArray[np.int64]
    prefix_at: NDArray[np.int64]
    rows: NDArray[np.int64]
    at: NDArray[np.int64]
    part: NDArray[np.int64]
    weight: NDArray[np.float32]
    user: NDArray[np.bool_]


MAX_GAP = 900
"""Positions left out between the system message and a conversation, at most."""
FAR_BEHIND, CUT_SHORT = 0.3, 0.04
"""Shares of conversations with such a gap, and of replies whose reasoning is broken off."""


@dataclass(frozen=True)
class Shape:
    """How many groups (a multiple of three: one effort each in turn), rows and tokens."""

    groups: int = 6
    least: int = 0
    """Tokens that a group's beginning has at least, and ``prefix`` at most."""
    prefix: int = 104
    rows: int = 3
    length: int = 256


BARE = Shape()
WITH_TOOLS = Shape(groups=3, prefix=512, rows=4, length=320)
WITH_ALL = Shape(groups=3, least=513, prefix=960, rows=3, length=320)
"""Batches of conversations without tools in the system and developer messages, with some, and with
as many as the app offers."""


def cut_short(
    rng: random.Random, target: list[int], weight: list[float]
) -> tuple[list[int], list[float]]:
    """The reply with its reasoning broken off somewhere, as "answer now" does it.

    The end that comes too early is not learned; that the answer is right all the same is.
    """
    end = target.index(END)
    cut = rng.randint(3, end)
    return [*target[:cut], *target[end:]], [*weight[:cut], 0.0, *weight[end + 1 :]]


def pack(
    tokens: Tokens, talks: Iterator[list[Talk]], shape: Shape, rng: random.Random | None = None
) -> Packed:
    """Fill a batch; each list of talks shares its effort, date and instructions (endless).

    With a generator some conversations begin far behind the system message, as after a long
    history, and some reasoning is broken off.
    """
    g, n, length = shape.groups, shape.rows, shape.length
    out = Packed(
        np.zeros((g, shape.prefix), np.int64), np.full((g, shape.prefix), -1, np.int64),
        np.zeros((g, n, length), np.int64), np.zeros((g, n, length), np.int64),
        np.full((g, n, length), -1, np.int64), np.zeros((g, n, length), np.float32),
        np.zeros((g, n, length), np.bool_),
    )  # fmt: skip
    for group in range(g):
        queue = next(talks)
        prefix = tokens.shrink(tokens.prefix(queue[0]))[: shape.prefix]
        out.prefix[group, : len(prefix)] = prefix
        out.prefix_at[group, : len(prefix)] = np.arange(len(prefix))
        used = [0] * n
        for part, talk in enumerate(queue):
            last = talk.turns[-1]
            prompt = tokens.prompt(talk.turns, rng)
            target, weight = tokens.reply(last, talk.effort)
            if rng and not last.call and rng.random() < CUT_SHORT:
                target, weight = cut_short(rng, target, weight)
            ids = tokens.shrink([*prompt, *target])
            row = next((r for r in range(n) if used[r] + len(ids) <= length), None)
            if row is None:
                continue
            span = slice(used[row], used[row] + len(ids))
            out.rows[group, row, span] = ids
            gap = rng.randint(0, MAX_GAP) if rng and rng.random() < FAR_BEHIND else 0
            out.at[group, row, span] = len(prefix) + gap + np.arange(len(ids))
            out.part[group, row, span] = part
            start = used[row] + len(prompt) - 1
            out.weight[group, row, start : start + len(weight)] = weight
            end = used[row] + len(prompt) - 3
            out.user[group, row, end - len(tokens.plain(last.ask)) : end] = True
            used[row] += len(ids)
    return out


def group(
    rng: random.Random, tokens: Tokens, shape: Shape, effort: str, count: int = 30,
    held_out: bool = False, kinds: tuple[str, ...] = (), last: tuple[str, ...] = (),
) -> list[Talk]:  # fmt: skip
    """Conversations under one beginning, with tools where ``shape`` has room for them."""
    with_tools = shape.prefix > BARE.prefix
    while True:
        first = make_talk(rng, effort, None, held_out, kinds, last, with_tools)
        if shape.least <= len(tokens.prefix(first)) <= shape.prefix:
            more = (make_talk(rng, effort, first, held_out, kinds, last) for _ in range(count - 1))
            return [first, *more]


def endless(
    seed: int, tokens: Tokens, shape: Shape,
    kinds: tuple[str, ...] = (), last: tuple[str, ...] = (),
) -> Iterator[list[Talk]]:  # fmt: skip
    """Groups of training conversations, efforts in turn."""
    rng = random.Random(seed)  # noqa: S311
    for effort in itertools.cycle(EFFORTS):
        yield group(rng, tokens, shape, effort, kinds=kinds, last=last)
