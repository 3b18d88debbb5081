"""How a turn ended, in words.

Knows why turns end and what was reached; must not know widgets.
"""

from __future__ import annotations

from chat_tui.errors import ChatError
from chat_tui.events import ModelInfo, StopReason, Usage
from chat_tui.ui.keys import key_name


def seconds(count: float) -> str:
    """``< 1 s``, ``12 s``, ``2 min 5 s``."""
    whole = int(count)
    if whole < 1:
        return "< 1 s"
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60} s"


def facts(effort: str, usage: Usage, repairs: int) -> list[str]:
    """How an answer was made: level, speed, time, and how much of it had to be mended."""
    found = [effort]
    if usage.tokens_per_second:
        found.append(f"{usage.tokens_per_second:.1f} tok/s")
    if usage.total_seconds:
        found.append(seconds(usage.total_seconds))
    if repairs:
        found.append("mended 1 slip" if repairs == 1 else f"mended {repairs} slips")
    return found


def mark(reason: StopReason | None, usage: Usage, model: ModelInfo | None) -> str:
    """What stands before an answer's facts; empty for one that is whole."""
    if reason is StopReason.CANCELLED:
        return "stopped"
    if reason is StopReason.LENGTH:
        return "cut: the context is full" if _full(usage, model) else "cut at the token limit"
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
        return ChatError(
            "The token limit was reached before there was an answer.",
            f"The reasoning is kept. {key_name('regenerate')} asks again; less effort"
            f" ({key_name('effort')}) or a larger"
            " --max-tokens leaves room to answer.",
        )
    more = ""
    if model and model.context < model.trained_context:
        more = f" chat-tui --context N makes more room, up to {model.trained_context:,} tokens."
    if answered:
        return ChatError(
            "The context is full: the answer ends before its end.",
            f"What came is kept. {key_name('go on')} makes room and goes on; {key_name('copy')}"
            f" copies it, /export writes everything.{more}",
        )
    return ChatError(
        "The context is full: the model was still reasoning and has not answered.",
        f"The reasoning is kept. {key_name('go on')} makes room and goes on; /regen low asks again"
        f" with less of it.{more}",
    )


def _full(usage: Usage, model: ModelInfo | None) -> bool:
    return model is not None and model.is_filled_by(usage)
