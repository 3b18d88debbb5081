"""The beginning: what is brought into memory, and what the collector of garbage does about it."""

from __future__ import annotations

import gc
import subprocess
import sys

from chat_tui.command_line import parser, words_of
from chat_tui.lasting import lasting

LATE = ("markdown_it", "pygments.lexers", "zipfile", "chat_tui.store.imports", "chat_tui.supplier")
"""What the first paint does not need."""


def test_a_start_brings_nothing_that_its_first_paint_does_not_need() -> None:
    code = "import sys; sys.argv = ['chat-tui', '--version']\nfrom chat_tui.start import main\n"
    code += "try:\n    main()\nexcept SystemExit:\n    pass\n"
    code += "import chat_tui.ui.app, chat_tui.plain.conversations\n"
    code += f"print([name for name in {LATE!r} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.splitlines()[-1] == "[]"


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
