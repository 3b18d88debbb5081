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
from chat_tui.untrusted import clean_line


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
    name = clean_line(f"{model.name}, {model.size_bytes / 1e6:,.0f} MB, on {model.device}")
    console.print(Text(name, style="bold"))
    if model.note:
        console.print(Text(clean_line(model.note), style="dim"))
    console.print(_speed_table(speed))
    if turns:
        console.print(_turns_table(turns))
        console.print(
            "new: tokens that no cache can hold yet. read: those evaluated before the\n"
            "answer's first one where the history was read ahead; cold: where it was not;\n"
            "s: seconds that takes; all: seconds for the whole prompt.",
            style="dim",
            highlight=False,
        )


def _speed_table(speed: Speed) -> Table:
    table = Table(title=f"Tokens a second, medians of {len(speed.rounds)} rounds")
    table.add_column("")
    for head in ("chat-tui", "bare llama_decode", "ratio"):
        table.add_column(head, justify="right")
    typical = speed.typical
    for label, ours, bare, ratio in (
        ("reading a prompt", typical.prompt, typical.bare_prompt, speed.prompt_ratio),
        ("writing", typical.decode, typical.bare_decode, speed.decode_ratio),
    ):
        table.add_row(label, f"{ours:,.1f}", f"{bare:,.1f}", f"{ratio:.3f}")
    return table


def _turns_table(turns: Sequence[Turn]) -> Table:
    table = Table(title="A conversation of ten turns")
    table.add_column("turn", justify="right")
    table.add_column("by", no_wrap=True)
    for head in ("prompt", "new", "read", "÷ new", "s", "cold", "s", "all"):
        table.add_column(head, justify="right")
    for turn in turns:
        table.add_row(
            str(turn.turn),
            str(turn.kind),
            f"{turn.prompt:,}",
            f"{turn.new:,}",
            f"{turn.evaluated:,}",
            f"{turn.ratio:.2f}" if turn.new else "",
            f"{turn.seconds:.2f}",
            f"{turn.unprimed_evaluated:,}",
            f"{turn.unprimed_seconds:.2f}",
            f"{turn.full_seconds:.2f}",
        )
    return table
