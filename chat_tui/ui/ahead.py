"""What the next question will have to read before it is answered, and how long that takes.

Knows token counts and times; must not know the engine, widgets or clocks: every method is told
what time it is, in seconds of a monotonic clock.
"""

from __future__ import annotations

from dataclasses import dataclass

from chat_tui.events import PromptCost
from chat_tui.language import _, ngettext

FRAME = 24
"""Tokens that every question costs beside its own; no more than that is nothing to tell."""
WORTH_TELLING = 1.0
"""Seconds below which nobody minds."""
MANY = 256
"""Tokens that are worth telling of where the speed is not known yet."""
SAMPLE = 64
"""Tokens from which a measured speed means something."""


@dataclass(slots=True)
class Ahead:
    """The last known cost, and the speed at which prompts are read."""

    _left: int = 0
    _speed: float | None = None
    """Tokens a second."""
    _reading: tuple[float, int] | None = None
    """When the question's prompt began to be read, and how much of it was there before."""
    _looked: tuple[float, int] | None = None
    """When the cost was last asked for, and what it was."""

    def read(self, done: int, total: int, now: float) -> None:
        """So much of a question's prompt has been read."""
        if self._reading is None or done < self._reading[1]:
            self._reading = (now, done)
        elif done == total:
            self._measure(done - self._reading[1], now - self._reading[0])
        if done == total:
            self._reading = None  # what is read later, behind a call, waited for a person

    def begin(self) -> None:
        """A question is on its way: what was ahead is being read."""
        self._left, self._reading, self._looked = 0, None, None

    def look(self, cost: PromptCost, now: float) -> None:
        """The next question costs this much, before more of it is read ahead."""
        if self._looked and cost.evaluate > FRAME:
            self._measure(self._looked[1] - cost.evaluate, now - self._looked[0])
        self._left = cost.evaluate if cost.evaluate > FRAME else 0
        self._looked = (now, cost.evaluate) if self._left else None

    @property
    def wait(self) -> float | None:
        """Seconds until it is worth asking again; None when all is read."""
        if not self._left:
            return None
        expected = self._left / self._speed if self._speed else 2.0
        return min(max(expected, 0.5), 3.0)

    @property
    def text(self) -> str:
        """In words; empty where there is nothing to tell."""
        tokens = ngettext(
            "next question reads {count:,} token",
            "next question reads {count:,} tokens",
            self._left,
        ).format(count=self._left)
        if self._speed is None:
            return tokens if self._left >= MANY else ""
        left = self._left / self._speed
        if left < WORTH_TELLING:
            return ""
        time = _("{seconds} s").format(seconds=f"{left:.0f}")
        if left >= 100:
            time = _("{n} min").format(n=f"{left / 60:.0f}")
        return _("{reading}, about {time}").format(reading=tokens, time=time)

    def _measure(self, tokens: int, seconds: float) -> None:
        if tokens >= SAMPLE and seconds > 0:
            self._speed = tokens / seconds
