"""What stands above a column: how far a level is, and what it took.

Knows runs and cells; must not know widgets or clocks. Pure: the same run, time and width give the
same two lines.
"""

from __future__ import annotations

from rich.cells import cell_len
from textual.content import Content

from chat_tui.language import N_, _, number
from chat_tui.session.compare import Run, State

_WORDS = {
    State.WAITING: N_("waiting"),
    State.READING: N_("reading"),
    State.THINKING: N_("thinking"),
    State.WRITING: N_("writing"),
    State.DONE: N_("done"),
    State.CUT: N_("cut: out of tokens"),
    State.STOPPED: N_("stopped"),
    State.FAILED: N_("failed"),
}
WIDE = 44
"""Cells from which the kinds of tokens are named."""


def title(run: Run, number: int, width: int, *, chosen: bool, kept: bool = False) -> Content:
    """``▸1 low`` to the left, how far it is to the right."""
    left = Content.styled(f"{'▸' if chosen else ' '}{number} {run.effort}", "bold")
    state = _("kept") if kept else _(_WORDS[run.state])
    right = Content.styled(state, "$text-accent" if not run.is_over else "$text-muted")
    gap = width - left.cell_length - right.cell_length
    if gap < 1:
        return left.truncate(width, ellipsis=True)
    return left.pad_right(gap) + right


def facts(run: Run, now: float, width: int) -> Content:
    """Seconds, tokens of reasoning and answer, speed: as much as fits."""
    found = [_("{seconds:.1f} s").format(seconds=run.seconds(now))]
    wide, narrow = _("{thought:,} reasoning + {said:,} answer tok"), _("{thought:,}+{said:,} tok")
    tokens = wide if width >= WIDE else narrow
    found.append(tokens.format(thought=run.reasoning_tokens, said=run.answer_tokens))
    if speed := run.tokens_per_second:
        found.append(_("{speed} tok/s").format(speed=number(speed, 1 if speed < 10 else 0)))
    if run.state is State.WAITING:
        return Content("")
    while len(found) > 1 and cell_len(" · ".join(found)) > width - 1:
        found.pop()
    return Content.styled(" " + " · ".join(found), "$text-muted").truncate(width, ellipsis=True)
