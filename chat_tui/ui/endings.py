"""How a turn ended, in words.

Knows why turns end and what was reached; must not know widgets.
"""

from __future__ import annotations

from collections.abc import Iterable

from chat_tui.errors import ChatError
from chat_tui.events import ModelInfo, StopReason, TurnEnded, TurnEvent, TurnFailed, Usage
from chat_tui.language import _, ngettext
from chat_tui.ui.keys import key_name


def is_done(events: Iterable[TurnEvent]) -> bool:
    """Whether a turn has ended in another way than by the user's hand."""
    return any(
        isinstance(event, TurnFailed)
        or (isinstance(event, TurnEnded) and event.reason is not StopReason.CANCELLED)
        for event in events
    )


def seconds(count: float) -> str:
    """``< 1 s``, ``12 s``, ``2 min 5 s``."""
    whole = int(count)
    if whole < 1:
        return _("< 1 s")
    if whole < 60:
        return _("{seconds} s").format(seconds=whole)
    return _("{minutes} min {seconds} s").format(minutes=whole // 60, seconds=whole % 60)


def facts(effort: str, usage: Usage, repairs: int) -> list[str]:
    """How an answer was made: level, speed, time, and how much of it had to be mended."""
    found = [effort]
    if usage.tokens_per_second:
        found.append(_("{rate:.1f} tok/s").format(rate=usage.tokens_per_second))
    if usage.total_seconds:
        found.append(seconds(usage.total_seconds))
    if repairs:
        mended = ngettext("mended {count} slip", "mended {count} slips", repairs)
        found.append(mended.format(count=repairs))
    return found


def mark(reason: StopReason | None, usage: Usage, model: ModelInfo | None) -> str:
    """What stands before an answer's facts; empty for one that is whole."""
    if reason is StopReason.CANCELLED:
        return _("stopped")
    if reason is StopReason.LENGTH:
        if _full(usage, model):
            return _("cut: the context is full")
        return _("cut at the token limit")
    return ""


def trouble(
    reason: StopReason, usage: Usage, model: ModelInfo | None, *, answered: bool
) -> ChatError | None:
    """What happened and what to do about a turn that ran out of room; None for any other."""
    if reason is not StopReason.LENGTH:
        return None
    if not _full(usage, model):
        if answered:
            return None
        hint = _(
            "The reasoning is kept. {again} asks again; less effort ({effort}) or a larger"
            " --max-tokens leaves room to answer."
        ).format(again=key_name("regenerate"), effort=key_name("effort"))
        return ChatError(_("The token limit was reached before there was an answer."), hint)
    more = ""
    if model and model.context < model.trained_context:
        more = " " + _("chat-tui --context N makes more room, up to {count:,} tokens.").format(
            count=model.trained_context
        )
    if answered:
        hint = _(
            "What came is kept. {key} makes room and goes on; {copy} copies it, /export writes"
            " everything."
        ).format(key=key_name("go on"), copy=key_name("copy"))
        return ChatError(_("The context is full: the answer ends before its end."), hint + more)
    hint = _(
        "The reasoning is kept. {key} makes room and goes on; /regen low asks again with less of"
        " it."
    ).format(key=key_name("go on"))
    problem = _("The context is full: the model was still reasoning and has not answered.")
    return ChatError(problem, hint + more)


def _full(usage: Usage, model: ModelInfo | None) -> bool:
    return model is not None and model.is_filled_by(usage)
