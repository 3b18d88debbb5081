"""The beginning: what is brought into memory, and what the collector of garbage does about it."""

from __future__ import annotations

import gc
import subprocess
import sys

from chat_tui.command_line import parser, words_of
from chat_tui.lasting import lasting

HEAVY = ("conversation", "events", "engine", "store", "tools", "harmony", "sandbox", "demo",
         "session.chat", "ui.chat_screen", "ui.pane", "ui.commands")  # fmt: skip
"""What comes behind the first paint."""
LATE = ("markdown_it", "pygments.lexers", "zipfile", "chat_tui.store.imports", "chat_tui.supplier")
"""What not even the chat needs that follows."""


def _brings(code: str) -> set[str]:
    """The modules that are in memory after ``code``."""
    code = f"import sys\nsys.argv = ['chat-tui', '--version']\n{code}\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    return set(done.stdout.splitlines()[-1].split())


def test_the_first_paint_waits_for_nothing_that_it_does_not_show() -> None:
    paint = _brings("from chat_tui import cli\nfrom chat_tui.ui import app, front")
    assert not paint & {f"chat_tui.{name}" for name in HEAVY}


def test_the_chat_brings_nothing_that_is_needed_only_now_and_then() -> None:
    chat = _brings("from chat_tui.ui import app, chat_screen\nimport chat_tui.plain.conversations")
    assert not chat & set(LATE)


def test_without_words_the_command_line_is_what_it_is_with_all_commands_known() -> None:
    assert words_of([]) == parser().parse_args([])
    assert words_of(["--effort", "high"]) == parser().parse_args(["--effort", "high"])
    assert words_of(["plain"]).run == "plain"


def test_what_lasts_is_not_searched_for_garbage_and_what_comes_later_is() -> None:
    before = gc.get_freeze_count()
    with lasting():
        assert not gc.isenabled()
        kept = [[number] for number in range(1000)]
    try:
        assert gc.isenabled()
        assert gc.get_freeze_count() >= before + len(kept)
    finally:
        gc.unfreeze()
