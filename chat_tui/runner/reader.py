"""Brings a prompt into the KV cache for as little evaluation as possible.

Knows what was saved where (snapshots of the sliding window, parked states, states on disk) and
carries out the planner's decisions; must not know harmony, events or the pipe. Whatever
llama.cpp refuses costs a saved thing and a dearer plan, never a wrong cache.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from chat_tui.runner import cache
from chat_tui.runner.aside import Aside, Laid
from chat_tui.runner.llama import BATCH, Aborted, Llama
from chat_tui.runner.states import Kept, States

SNAPSHOTS = 64
SNAPSHOT_BYTES = 64 << 20
PARK_BYTES = 512 << 20
"""The most that parked states may take, and never more than a quarter of what is free there."""
WORTH_SAVING = 256
"""Tokens that parking or saving must spare."""

Progress = Callable[[int, int], None]
"""Called with the tokens that are in the cache by now and those that need not be evaluated."""


class Stop(Protocol):
    """Looked at between two batches."""

    def is_set(self) -> bool:
        """Whether to stop."""


@dataclass(frozen=True, slots=True)
class _Snapshot:
    position: int
    window: Laid
    used: int


@dataclass(frozen=True, slots=True, eq=False)
class _Parked:
    tokens: Sequence[int]
    state: Laid


@dataclass(frozen=True, slots=True)
class _Way:
    """A plan with the things it names."""

    keep: int
    state: _Parked | Kept | None
    snapshot: bytes | None


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may be kept besides model and cache; bytes, but for ``snapshots``."""

    snapshots: int = SNAPSHOTS
    snapshot_bytes: int = SNAPSHOT_BYTES
    park_bytes: int = PARK_BYTES


class Reader:
    """The one way prompts get into a loaded model; all methods belong to its thread."""

    def __init__(
        self,
        llama: Llama,
        window: int,
        turn: Sequence[int],
        *,
        states: States | None = None,
        limits: Limits | None = None,
        aside: Aside | None = None,
    ) -> None:
        """``window``: tokens that sliding layers see. ``turn``: how a user's message begins.

        What is saved is put ``aside``: in memory, unless it says otherwise.
        """
        self._llama = llama
        self._window = window
        self._turn = turn
        self._states = states
        self._limits = limits or Limits()
        self._aside = aside or Aside()
        self._snapshots: dict[bytes, _Snapshot] = {}  # by digest of the tokens before it
        self._parked: list[_Parked] = []
        self._clock = 0

    @property
    def saved_bytes(self) -> int:
        """What snapshots and parked states take."""
        windows = sum(one.window.size for one in self._snapshots.values())
        return windows + sum(one.state.size for one in self._parked)

    def reusable(self, wanted: Sequence[int]) -> int:
        """How many tokens of a prompt (not empty) need not be evaluated as things are."""
        return self._plan(wanted).keep

    def holds(self, wanted: Sequence[int]) -> bool:
        """Whether a prompt that goes on from these tokens finds all of them in the cache."""
        tokens = self._llama.tokens
        known = cache.common_prefix(tokens, wanted) == len(wanted)
        return known and (len(tokens) == len(wanted) or self._remembers(len(wanted)))

    def read(
        self,
        wanted: Sequence[int],
        stop: Stop,
        progress: Progress = lambda _done, _reused: None,
        size: int = BATCH,
    ) -> int:
        """Have the cache hold exactly ``wanted`` (not empty); how many tokens it held already.

        Logits come from the last token. Evaluates ``size`` tokens at a time and takes snapshots
        where users' messages begin and at the end. Raises Aborted where ``stop`` is set (what
        was evaluated stays), EngineError where llama.cpp fails.
        """
        reused = self._reuse(wanted)
        progress(reused, reused)
        marks = cache.beginnings(wanted, self._turn)
        stops = cache.worth_a_stop(marks, reused, len(wanted), BATCH)
        try:
            for piece in cache.batches(wanted, reused, size, stops):
                if stop.is_set():
                    raise Aborted
                whole = len(self._llama.tokens) + len(piece) == len(wanted)
                self._llama.decode(piece, logits=whole)
                at = len(self._llama.tokens)
                if at in stops or at == len(wanted):
                    self._take_snapshot()
                if marks and at == marks[0]:
                    self._keep_preface(reused)
                progress(at, reused)
        except Aborted:
            # All of it was wanted, so that is how far ``leave`` goes back, and no further.
            at = len(self._llama.tokens)
            if at > reused and self._remembers(at):
                self._take_snapshot()
            raise
        return reused

    def leave(self) -> None:
        """Keep what was read of the present conversation on disk, as far as that pays."""
        if self._states is None:
            return
        self._go_back()
        tokens = self._llama.tokens
        if len(tokens) - self._on_disk(tokens) >= WORTH_SAVING:
            self._save(preface=False)

    def close(self) -> None:
        """Let go of all that was put aside."""
        for one in list(self._parked):
            self._drop(one)
        for key in list(self._snapshots):
            self._forget(key)

    def _plan(self, wanted: Sequence[int]) -> _Way:
        files = [] if self._states is None else self._states.kept()
        positions = {one.position for one in self._snapshots.values()}
        digest = cache.digests(wanted, positions | {one.count for one in files})
        snapshots = {
            one.position: key
            for key, one in self._snapshots.items()
            if digest.get(one.position) == key
        }
        sources = [cache.Source(self._llama.tokens, self._llama.floor)]
        states: list[_Parked | Kept] = list(self._parked)
        sources += [self._source(one.tokens) for one in self._parked]
        for file in files:
            if digest.get(file.count) == file.digest:
                states.append(file)
                sources.append(self._source(wanted[: file.count]))
        plan = cache.plan(wanted, sources, self._window, snapshots)
        state = states[plan.source - 1] if plan.source else None
        return _Way(plan.keep, state, None if plan.snapshot is None else snapshots[plan.snapshot])

    def _source(self, tokens: Sequence[int]) -> cache.Source:
        """A state as it will be once it is loaded: of the sliding layers it holds one window."""
        return cache.Source(tokens, max(0, len(tokens) - self._window))

    def _reuse(self, wanted: Sequence[int]) -> int:
        """Go the cheapest way that llama.cpp agrees to; the number of tokens kept."""
        llama, parked = self._llama, False
        while True:
            way = self._plan(wanted)
            if not parked:
                parked = True
                if self._park(way):
                    continue  # the cache is shorter now
            # What fails here is gone for good, and the next plan does without.
            if way.state is not None and not self._load(way.state):
                continue
            if way.snapshot is not None and not self._rewind(way.snapshot):
                continue
            if llama.keep(way.keep) and self._remembers(way.keep):
                return way.keep
            llama.keep(0)
            if not way.keep:
                return 0

    def _remembers(self, keep: int) -> bool:
        """Whether the sliding layers hold what the next token will look at."""
        return not keep or self._llama.floor <= cache.lowest_needed(keep, self._window)

    def _load(self, state: _Parked | Kept) -> bool:
        if isinstance(state, _Parked):
            block = state.state.take()
            self._drop(state)
            return block is not None and self._llama.replace(block, state.tokens)
        if self._states is None or (content := self._states.load(state)) is None:
            return False
        if self._llama.replace(content.state, content.tokens):
            self._take_snapshot()
            return True
        self._states.forget(state)
        return False

    def _rewind(self, key: bytes) -> bool:
        snapshot = self._snapshots[key]
        window = snapshot.window.take()
        if window is None or not self._llama.rewind(window, snapshot.position):
            self._forget(key)
            return False
        self._snapshots[key] = replace(snapshot, used=self._tick())
        return True

    def _forget(self, key: bytes) -> None:
        self._snapshots.pop(key).window.close()

    def _tick(self) -> int:
        self._clock += 1
        return self._clock

    def _take_snapshot(self) -> None:
        tokens, position = self._llama.tokens, len(self._llama.tokens)
        key = cache.digests(tokens, [position])[position]
        known = self._snapshots.get(key)
        copy = None if known else self._llama.window()
        window = known.window if known else copy and self._aside.put(copy)
        if window is None:
            return
        self._snapshots[key] = _Snapshot(position, window, self._tick())
        current = self._known()
        held = [
            cache.Held(one.position, one.window.size, one.used, key in current)
            for key, one in self._snapshots.items()
        ]
        keys, limits = list(self._snapshots), self._limits
        for at in cache.superfluous(held, limits.snapshots, limits.snapshot_bytes):
            self._forget(keys[at])

    def _known(self) -> Mapping[bytes, int]:
        """The snapshots on the path that the live cache holds, with their positions."""
        positions = {one.position for one in self._snapshots.values()}
        found = cache.digests(self._llama.tokens, positions)
        return {key: at for at, key in found.items() if key in self._snapshots}

    def _go_back(self) -> None:
        """Forget what was generated since the last snapshot: a chain of thought, as a rule."""
        known = self._known()
        key = max(known, key=known.__getitem__, default=None)
        if key is not None and known[key] < len(self._llama.tokens):
            self._rewind(key)

    def _park(self, way: _Way) -> bool:
        """Copy the cache aside where going that way would lose much; whether it is shorter now.

        The state that is about to be loaded is not dropped, and will not be here much longer.
        """
        last = max(self._known().values(), default=0)
        keep, wanted = 0 if way.state else way.keep, way.state
        lost = self._llama.tokens[:last]
        if last - keep < WORTH_SAVING or self._on_disk(lost) == last:
            return False
        free, limit = self._aside.free(), self._limits.park_bytes
        limit = limit if free is None else min(limit, free // 4)
        size = self._llama.state_bytes
        if size * last > limit * len(self._llama.tokens):
            return False
        # A cache that can be cut as it is (it is short then) may not lose that.
        shorten = keep == 0 or way.snapshot is not None
        if shorten:
            self._go_back()
        size = self._llama.state_bytes
        others = [one for one in self._parked if one is not wanted]
        for one in list(others):
            if cache.common_prefix(one.tokens, lost) == len(one.tokens):
                others.remove(one)  # the one that is parked now goes on from it
                self._drop(one)
        while others and sum(one.state.size for one in others) + size > limit:
            self._drop(others.pop(0))
        state = self._llama.state()
        laid = None if state is None else self._aside.put(state)
        if laid is not None:
            self._parked.append(_Parked(tuple(self._llama.tokens), laid))
        return shorten

    def _drop(self, parked: _Parked) -> None:
        self._parked.remove(parked)
        parked.state.close()

    def _keep_preface(self, reused: int) -> None:
        """Save the system message with its tools, where reading it took long enough to matter."""
        tokens = self._llama.tokens
        if self._states is not None and len(tokens) - reused >= WORTH_SAVING:
            self._save(preface=True)

    def _save(self, *, preface: bool) -> None:
        state = self._llama.state()
        if state is not None and self._states is not None:
            self._states.save(self._llama.tokens, state, preface=preface)

    def _on_disk(self, tokens: Sequence[int]) -> int:
        """How many of the first tokens a state file holds."""
        files = [] if self._states is None else self._states.kept()
        digest = cache.digests(tokens, {one.count for one in files})
        return max((one.count for one in files if digest.get(one.count) == one.digest), default=0)
