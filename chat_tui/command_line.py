"""The words of the command line: commands, options, and what their values may be.

Knows argparse and names only; must not know what any command does (that is ``cli``'s). A command
is named in ``run``.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import NoReturn

from chat_tui import __version__
from chat_tui.conversation import Effort
from chat_tui.errors import UsageError
from chat_tui.plain.archive import add_commands, add_resuming
from chat_tui.plain.ask import Output
from chat_tui.plain.doctor import add_doctor
from chat_tui.plain.models import add_models
from chat_tui.plain.questions import add_compare
from chat_tui.plain.settings import add_settings
from chat_tui.settings import NO_BUDGET, TOOLS, Switch


class _Parser(argparse.ArgumentParser):
    """argparse whose complaints read like this program's other errors."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message[:1].upper()}{message[1:]}.", f"See {self.prog} --help.")


def _positive(text: str) -> int:
    value = int(text)
    if value <= 0:
        raise ValueError(text)
    return value


def _budget(text: str) -> int:
    value = int(text)
    if value <= 0:
        raise argparse.ArgumentTypeError(f"{value} is not 1 or more. {NO_BUDGET[:-1]}")
    return value


def _tools(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if names == ("none",):
        return ()
    for name in names:
        if name not in TOOLS:
            raise argparse.ArgumentTypeError(f"{name} is no tool: it can be {', '.join(TOOLS)}")
    return names


def _natural(text: str) -> int:
    value = int(text)
    if value < 0:
        raise ValueError(text)
    return value


def _layers(text: str) -> int:
    return _ALL if text == "all" else _natural(text)


def _temperature(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 10:
        raise ValueError(text)
    return value


_ALL = 1 << 16
"""More layers than any model has."""

# The names that argparse puts into its complaint about a value.
_positive.__name__ = "positive whole number"
_natural.__name__ = "whole number"
_budget.__name__ = "number of tokens"
_layers.__name__ = "whole number, or all"
_temperature.__name__ = "temperature (0 to 10)"


def parser() -> argparse.ArgumentParser:
    """The parser of everything that can stand behind ``chat-tui``."""
    whole = _Parser(
        prog="chat-tui",
        description="Talk to gpt-oss on your own machine, in a terminal, offline.",
        epilog="Without a command: the full-screen chat.",
    )
    whole.add_argument("--version", action="version", version=f"chat-tui {__version__}")
    whole.set_defaults(run="chat")
    _model_options(whole)
    _yolo(whole)
    add_resuming(whole)
    commands = whole.add_subparsers(metavar="COMMAND", title="commands")

    ask = commands.add_parser("ask", help="one answer, for scripts and pipes")
    ask.add_argument(
        "question", nargs="*", help="words; @FILE for a file's text, - for standard input"
    )
    ask.add_argument("--output", choices=[str(kind) for kind in Output], default="text")
    ask.add_argument("--schema", type=Path, metavar="FILE", help="a JSON Schema for the answer")
    ask.set_defaults(run="ask")
    plain = commands.add_parser("plain", help="a conversation line by line, without a full screen")
    plain.set_defaults(run="plain")
    for command in (ask, plain):
        _model_options(command, repeated=True)
        _yolo(command, repeated=True)
        add_resuming(command, repeated=True)
        command.add_argument(
            "--show-reasoning", action="store_true", help="print the chain of thought too"
        )

    _model_options(add_compare(commands, run="compare"), repeated=True)

    bench = commands.add_parser(
        "bench", help="measure the model: tokens a second, and what each turn has to read"
    )
    _model_options(bench, repeated=True)
    bench.add_argument(
        "--rounds", type=_positive, default=5, metavar="N", help="rounds to take medians of"
    )
    bench.add_argument("--json", action="store_true", help="all figures for programs")
    bench.set_defaults(run="bench")

    add_commands(commands, run="conversations")

    add_models(commands, run="models")

    add_settings(commands, run="settings")

    _model_options(add_doctor(commands, run="doctor"), repeated=True)

    library = commands.add_parser("library", help="the files that the model may search")
    library.set_defaults(run="library")
    library.add_argument("action", choices=["add", "remove", "list", "index", "search"])
    library.add_argument(
        "words", nargs="*", metavar="PATH|WORD", help="files and folders; words for search"
    )

    tools = commands.add_parser("tools", help="your own functions and MCP servers; the sandbox")
    tools.set_defaults(run="own_tools")
    tools.add_argument("action", choices=["list", "approve", "revoke", "sandbox"])
    tools.add_argument(
        "names", nargs="*", metavar="NAME", help="a file of the tools folder, or mcp.SERVER"
    )

    harmony = commands.add_parser("harmony", help="look at the format the model speaks")
    harmony.set_defaults(run="harmony")
    harmony.add_argument("action", choices=["render", "parse"])
    harmony.add_argument("file", metavar="FILE", help="a file, or - for standard input")
    harmony.add_argument("--model", type=Path, default=argparse.SUPPRESS, help="a GGUF file")
    harmony.add_argument("--tokens", action="store_true", help="token ids instead of text")
    return whole


def _yolo(parser: argparse.ArgumentParser, *, repeated: bool = False) -> None:
    parser.add_argument(
        "--yolo",
        action="store_true",
        default=argparse.SUPPRESS if repeated else False,
        help="run the model's Python without asking, in a sandbox that holds; refused without one",
    )


def _model_options(parser: argparse.ArgumentParser, *, repeated: bool = False) -> None:
    """Options that mean the same before and after a command's name.

    ``repeated`` ones have no default of their own: it would overwrite what came before the name.
    """

    def option(name: str, kind: type | object, text: str, **extra: object) -> None:
        extra["default"] = argparse.SUPPRESS if repeated else None
        parser.add_argument(name, type=kind, help=text, **extra)  # type: ignore[arg-type]

    option("--model", Path, "a gpt-oss GGUF file (default: the small embedded model)")
    option("--engine", str, "a server that has the model; what is said goes there", metavar="URL")
    option("--engine-model", str, "the model's name at that server", metavar="NAME")
    option("--effort", str, "how much the model reasons", choices=[str(level) for level in Effort])
    option("--system", str, "instructions for the model", dest="instructions", metavar="TEXT")
    option("--temperature", _temperature, "0 always takes the likeliest token (default 1)")
    option("--seed", _natural, "the same seed gives the same answer")
    option("--max-tokens", _positive, "stop after so many tokens", metavar="N")
    option("--budget", _budget, "begin the answer after N tokens of reasoning", metavar="N")
    option("--tools", _tools, f"the tools to offer: {', '.join(TOOLS)}, or none", metavar="LIST")
    option("--context", _positive, "tokens of context (default: what fits)", metavar="N")
    option("--threads", _positive, "CPU threads (default: physical cores)", metavar="N")
    option("--gpu-layers", _layers, "layers on the GPU (default: what fits)", metavar="N|all")
    option(
        "--cpu-experts",
        _layers,
        "layers whose experts stay in main memory (default: as few as fit)",
        metavar="N|all",
    )
    option("--rpc", str, "machines that take layers, by llama.cpp's RPC", metavar="HOST:PORT,…")
    option(
        "--flash-attention",
        str,
        "attention with far smaller buffers (default: auto)",
        choices=[str(state) for state in Switch],
    )
