"""What stands above a column: how far a level is, and what it took.

Knows runs and cells; must not know widgets or clocks. Pure: the same run, time and width give the
same two lines.
"""

from __future__ import annotations

from textual.content import Content

from chat_tui.session.compare import Run, State

_WORDS = {State.CUT: "cut: out of tokens", State.DONE: "done"}
WIDE = 44
"""Cells from which the kinds of tokens are named."""


def title(run: Run, number: int, width: int, *, chosen: bool, kept: bool = False) -> Content:
    """``▸1 low`` to the left, how far it is to the right."""
    left = Content.styled(f"{'▸' if chosen else ' '}{number} {run.effort}", "bold")
    state = "kept" if kept else _WORDS.get(run.state, str(run.state))
    right = Content.styled(state, "$text-accent" if not run.is_over else "$text-muted")
    gap = width - left.cell_length - right.cell_length
    if gap < 1:
        return left.truncate(width, ellipsis=True)
    return left.pad_right(gap) + right


def facts(run: Run, now: float, width: int) -> Content:
    """Seconds, tokens of reasoning and answer, speed: as much as fits."""
    found = [f"{run.seconds(now):.1f} s"]
    thought, said = f"{run.reasoning_tokens:,}", f"{run.answer_tokens:,}"
    found.append(
        f"{thought} reasoning + {said} answer tok" if width >= WIDE else f"{thought}+{said} tok"
    )
    if speed := run.tokens_per_second:
        found.append(f"{speed:,.{1 if speed < 10 else 0}f} tok/s")
    if run.state is State.WAITING:
        return Content("")
    while len(found) > 1 and len(" · ".join(found)) > width - 1:
        found.pop()
    return Content.styled(" " + " · ".join(found), "$text-muted").truncate(width, ellipsis=True)
