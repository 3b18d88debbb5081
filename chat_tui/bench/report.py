"""Results for people, as tables, and for programs, as JSON.

Knows the results' values; must not measure. A model's name comes from a stranger's file and is
never taken for markup.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from chat_tui.bench.speed import Speed
from chat_tui.bench.turns import Turn
from chat_tui.events import ModelInfo
from chat_tui.language import N_, _, ngettext, number, pgettext
from chat_tui.untrusted import clean_line

_HEADS = (
    *(N_("prompt"), N_("new"), N_("read"), N_("÷ new")),
    *("s", N_("cold"), "s", N_("all")),
)


def as_json(model: ModelInfo, speed: Speed, turns: Sequence[Turn]) -> dict[str, Any]:
    """Everything that was measured."""
    typical = speed.typical
    return {
        "model": asdict(model),
        "speed": {
            "prompt_tokens_per_second": typical.prompt,
            "bare_prompt_tokens_per_second": typical.bare_prompt,
            "prompt_ratio": speed.prompt_ratio,
            "decode_tokens_per_second": typical.decode,
            "bare_decode_tokens_per_second": typical.bare_decode,
            "decode_ratio": speed.decode_ratio,
            "rounds": [asdict(one) for one in speed.rounds],
        },
        "conversation": [
            {**asdict(turn), "kind": str(turn.kind), "ratio": turn.ratio} for turn in turns
        ],
    }


def show(console: Console, model: ModelInfo, speed: Speed, turns: Sequence[Turn]) -> None:
    """Print tables."""
    name = _("{name}, {size:,.0f} MB, on {device}").format(
        name=model.name, size=model.size_bytes / 1e6, device=model.device
    )
    console.print(Text(clean_line(name), style="bold"))
    if model.note:
        console.print(Text(clean_line(model.note), style="dim"))
    console.print(_speed_table(speed))
    if turns:
        console.print(_turns_table(turns))
        console.print(
            _(
                "new: tokens that no cache can hold yet. read: those evaluated before the\n"
                "answer's first one where the history was read ahead; cold: where it was not;\n"
                "s: seconds that takes; all: seconds for the whole prompt."
            ),
            style="dim",
            highlight=False,
        )


def _speed_table(speed: Speed) -> Table:
    title = ngettext(
        "Tokens a second, medians of {n} round",
        "Tokens a second, medians of {n} rounds",
        len(speed.rounds),
    )
    table = Table(title=title.format(n=len(speed.rounds)))
    table.add_column("")
    for head in ("chat-tui", _("bare llama_decode"), _("ratio")):
        table.add_column(head, justify="right")
    typical = speed.typical
    for label, ours, bare, ratio in (
        (_("reading a prompt"), typical.prompt, typical.bare_prompt, speed.prompt_ratio),
        (_("writing"), typical.decode, typical.bare_decode, speed.decode_ratio),
    ):
        table.add_row(label, number(ours, 1), number(bare, 1), number(ratio, 3))
    return table


def _turns_table(turns: Sequence[Turn]) -> Table:
    table = Table(title=_("A conversation of ten turns"))
    table.add_column(_("turn"), justify="right")
    table.add_column(_("by"), no_wrap=True)
    for head in _HEADS:
        table.add_column(_(head), justify="right")
    for turn in turns:
        table.add_row(
            str(turn.turn),
            pgettext("turn", turn.kind),
            number(turn.prompt),
            number(turn.new),
            number(turn.evaluated),
            number(turn.ratio, 2) if turn.new else "",
            number(turn.seconds, 2),
            number(turn.unprimed_evaluated),
            number(turn.unprimed_seconds, 2),
            number(turn.full_seconds, 2),
        )
    return table
