"""The command line: from words, settings and what is remembered to a command, and to an exit code.

Knows what goes before what; must not know what a command does. No traceback passes here.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import replace

from chat_tui.command_line import words_of
from chat_tui.composition import Setup
from chat_tui.effort import Effort
from chat_tui.errors import ChatError, SettingsError
from chat_tui.language import choose
from chat_tui.memory import Memory
from chat_tui.model_settings import chosen_model
from chat_tui.paths import user_paths
from chat_tui.settings import Settings, Switch, load_settings, with_remembered
from chat_tui.subcommands import COMMANDS

ENGINE_KEY = "CHAT_TUI_ENGINE_KEY"
"""The environment variable that holds a server's key; it goes before the settings."""
_HERE = "local"
"""What ``--engine`` says where the settings name a server and this machine is meant."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; return its exit code. No traceback reaches the user."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character shows a question mark instead of failing.
        getattr(stream, "reconfigure", lambda **_: None)(errors="replace")
    choose()
    try:
        return _run(sys.argv[1:] if argv is None else argv)
    except ChatError as error:
        from chat_tui.plain.ask import describe, exit_code

        print(describe(error), file=sys.stderr)
        return exit_code(error)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader has gone (`chat-tui ask … | head -1`); nobody is left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


def _run(argv: Sequence[str]) -> int:
    paths = user_paths()
    memory = Memory(paths.remembered)
    chosen = Settings()
    trouble: SettingsError | None = None
    try:
        chosen = load_settings(paths.settings)
    except SettingsError as error:
        trouble = error
    choose(chosen.language)  # before the words are read: --help speaks it too
    words = words_of(argv)
    if trouble is not None and words.run not in ("doctor", "settings"):
        raise trouble  # those two tell of it, or mend it
    wrong = str(trouble) if trouble else ""
    wrong = wrong or "\n".join(map(str, chosen.keys.problems))
    chosen = replace(chosen, model=chosen_model(memory.values, chosen.model))
    # Taken away, so that nothing that is started from here inherits it.
    if key := os.environ.pop(ENGINE_KEY, ""):
        chosen = replace(chosen, engine_key=key)
    if words.run in ("chat", "plain"):
        # Scripts get what the settings say, whatever somebody last chose on a screen.
        chosen = with_remembered(chosen, memory.values)
    setup = Setup(paths, _override(chosen, words), memory, words, wrong)
    return COMMANDS[words.run](setup)


def _override(chosen: Settings, words: argparse.Namespace) -> Settings:
    """``chosen`` with what the command line says on top."""
    names = (
        *("model", "effort", "temperature", "instructions"),
        *("context", "threads", "gpu_layers", "cpu_experts", "flash_attention", "tools"),
        *("engine", "engine_model", "rpc"),
    )
    given = {name: getattr(words, name, None) for name in names}
    if given["effort"]:
        given["effort"] = Effort(given["effort"])
    if given["flash_attention"]:
        given["flash_attention"] = Switch(given["flash_attention"])
    if given["engine"] == _HERE or (given["model"] and not given["engine"]):
        given["engine"] = ""  # a file that is named is on this machine
    return replace(chosen, **{name: value for name, value in given.items() if value is not None})


if __name__ == "__main__":
    sys.exit(main())
