"""What the status line says, worked out from a turn's events.

Knows events and times; must not know widgets or clocks: every method is told what time it is, in
seconds of a monotonic clock.
"""

from __future__ import annotations

from dataclasses import dataclass

from chat_tui.events import (
    AnswerDelta,
    Loaded,
    LoadProgress,
    MessageCompleted,
    PreambleDelta,
    PromptProgress,
    ReasoningDelta,
    StrayDelta,
    ToolArgumentsDelta,
    ToolFinished,
    ToolStarted,
    TurnEnded,
    TurnEvent,
    TurnFailed,
)
from chat_tui.language import N_, _
from chat_tui.untrusted import clean_line


def tool_name(recipient: str | None) -> str:
    """A call's recipient as the list of tools has it: ``apply_patch``, ``browser.search``."""
    return clean_line(recipient or "").removeprefix("functions.") or _("a tool")


@dataclass(slots=True)
class Progress:
    """Phase, speed and context of what is happening now."""

    phase: str = N_("ready")
    """In words; this one, which others ask for, is translated where it is shown."""
    used: int = 0
    """Tokens in the context, those of the running turn included."""
    total: int = 0
    """Tokens that fit; 0 while unknown."""
    _asked: bool = False
    _loading: str = ""
    """How far the model was loaded, in words, when that was last heard."""
    _tokens: int = 0
    _first: float | None = None
    _last: float = 0.0
    _rate: float | None = None
    _reading: tuple[float, int] | None = None
    _tool: tuple[str, float] | None = None

    def begin(self) -> None:
        """A question has been put."""
        self._asked = True
        if self.phase != self._loading:
            self.phase = _("waiting")
        self._tokens, self._first, self._rate = 0, None, None
        self._reading = self._tool = None

    def stop(self) -> None:
        """The user does not wait any longer."""
        self.phase, self._asked = "ready", False
        self._tool = None

    def waits(self, recipient: str | None) -> None:
        """A call waits for the user."""
        self.phase = _("waiting for you: {name}").format(name=tool_name(recipient))

    def answered(self) -> None:
        """It does not any more."""
        self.phase = _("waiting")

    def on(self, event: TurnEvent, now: float) -> None:
        """Take in what happened at ``now``."""
        match event:
            case LoadProgress(fraction):
                share = f"{min(max(fraction, 0.0), 1.0):.0%}".replace("%", " %")
                self.phase = self._loading = _("loading {share}").format(share=share)
            case Loaded(model):
                self.total = model.context
                self.phase = _("waiting") if self._asked else "ready"
            case PromptProgress(done, total):
                self._read(done, total, now)
            case ReasoningDelta(_, tokens):
                self._wrote(tokens, _("thinking"), now)
            case AnswerDelta(_, tokens) | PreambleDelta(_, tokens) | StrayDelta(_, tokens):
                self._wrote(tokens, _("writing"), now)
            case ToolArgumentsDelta(recipient, _, tokens):
                phase = _("calling {name}").format(name=tool_name(recipient))
                self._wrote(tokens, phase, now)
            case ToolStarted(call):
                self._tool = (tool_name(call.recipient), now)
            case ToolFinished():
                self._tool, self.phase = None, _("waiting")
            case TurnEnded(_, usage):
                self.stop()
                self._rate = usage.tokens_per_second or None
            case TurnFailed():
                self.stop()
            case MessageCompleted() | _:
                pass

    def describe(self, now: float) -> str:
        """The phase in words."""
        if self._tool:
            name, since = self._tool
            return _("running {name} {seconds:.1f} s").format(name=name, seconds=now - since)
        return self.phase

    def elsewhere(self, used: int) -> None:
        """Another conversation goes on, with so many tokens in the context."""
        self.used, self._tokens, self._first, self._rate = used, 0, None, None

    def rate(self) -> float | None:
        """Tokens a second of this turn or the last one; None before there is anything to say."""
        if self._rate is not None:
            return self._rate
        if self._first is None or self._tokens < 2 or self._last <= self._first:
            return None
        return (self._tokens - 1) / (self._last - self._first)

    def _read(self, done: int, total: int, now: float) -> None:
        if self._reading is None or done < self._reading[1]:
            self._reading = (now, done)
        since, from_done = self._reading
        self.phase = _("reading {done:,}/{total:,} tokens").format(done=done, total=total)
        if done > from_done and now > since and total > done:
            left = (total - done) * (now - since) / (done - from_done)
            if left >= 1:
                more = _("{reading}, about {seconds:.0f} s left")
                self.phase = more.format(reading=self.phase, seconds=left)
        if done == total:
            self._reading = None  # what is read later, behind a call, waited for a person
        self.used = max(done, 0)

    def _wrote(self, tokens: int, phase: str, now: float) -> None:
        self.phase = phase
        self.used += tokens
        self._tokens += tokens
        self._first = now if self._first is None else self._first
        self._last = now
