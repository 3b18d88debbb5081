"""The words of the command line: commands, options, and what their values may be.

Knows argparse and names only; must not know what any command does (that is ``cli``'s). A command
is named in ``run``.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn

from chat_tui import __version__
from chat_tui.columns import columns, wrapped
from chat_tui.effort import Effort
from chat_tui.errors import UsageError
from chat_tui.language import N_, _
from chat_tui.plain.archive import add_commands, add_resuming
from chat_tui.plain.numbers import natural, positive, whole
from chat_tui.settings import NO_BUDGET, TOOLS, Switch

_ARGPARSE = (
    *(N_("usage: "), N_("positional arguments"), N_("options")),
    N_("show this help message and exit"),
    N_("argument %(argument_name)s: %(message)s"),
    N_("the following arguments are required: %s"),
    N_("one of the arguments %s is required"),
    N_("unrecognized arguments: %s"),
    N_("invalid choice: %(value)r (choose from %(choices)s)"),
    N_("unknown parser %(parser_name)r (choices: %(choices)s)"),
    N_("invalid %(type)s value: %(value)r"),
    N_("expected one argument"),
    N_("expected at least one argument"),
    N_("not allowed with argument %s"),
    N_("ignored explicit argument %r"),
    N_("ambiguous option: %(option)s could match %(matches)s"),
)
"""What argparse says itself. It looks these up in the text domain of the process, see ``choose``;
they stand here so that they come into the catalogs."""


class _Lines(argparse.HelpFormatter):
    """Lines that are measured in columns: argparse counts characters."""

    def _format_action(self, action: argparse.Action) -> str:
        text = super()._format_action(action)
        words = self._format_action_invocation(action)
        more = " " * (columns(words) - len(words))
        return text.replace(f"{words}{more}  ", f"{words}  ", 1)

    def _split_lines(self, text: str, width: int) -> list[str]:
        return wrapped(" ".join(text.split()), width)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n".join(wrapped(" ".join(text.split()), width, indent, indent))


class _Parser(argparse.ArgumentParser):
    """argparse whose complaints read like this program's other errors."""

    def __init__(self, **about: Any) -> None:
        super().__init__(**{"formatter_class": _Lines, **about})
        self._words: Sequence[str] = ()

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        self._words = tuple(args or ())
        return super().parse_known_args(args, namespace)

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """What is no command is one only by mistake: a question, or what an option takes."""
        known = action.choices
        if action.nargs == argparse.PARSER and known and value not in known:
            for word in self._words[: self._words.index(value)]:
                if word.startswith("--") and not self._get_option_tuples(word.partition("=")[0]):
                    self.error(_("unrecognized arguments: %s") % word)
            hint = _("See {prog} --help.").format(prog=self.prog)
            if self.prog == "chat-tui":
                hint = _('For one answer: chat-tui ask "{question}"').format(question=value[:60])
            near = get_close_matches(value, known, 1)
            hint = _("Did you mean {name}?").format(name=near[0]) if near else hint
            raise UsageError(_("There is no command '{name}'.").format(name=value[:60]), hint)
        super()._check_value(action, value)

    def error(self, message: str) -> NoReturn:
        raise UsageError(
            f"{message[:1].upper()}{message[1:]}.", _("See {prog} --help.").format(prog=self.prog)
        )


def _budget(text: str) -> int:
    value = whole(text)
    if value is None:
        wrong = _("invalid number of tokens value: {text!r}")
        raise argparse.ArgumentTypeError(wrong.format(text=text))
    if value <= 0:
        wrong = _("{value} is not 1 or more. {why}")
        # The full stop is argparse's.
        why = _(NO_BUDGET).rstrip(".")
        raise argparse.ArgumentTypeError(wrong.format(value=value, why=why))
    return value


def _tools(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if names == ("none",):
        return ()
    for name in names:
        if name not in TOOLS:
            raise argparse.ArgumentTypeError(
                _("{name} is no tool: it can be {tools}").format(name=name, tools=", ".join(TOOLS))
            )
    return names


def _layers(text: str) -> int:
    value = _ALL if text == "all" else whole(text)
    if value is None or value < 0:
        wrong = _("invalid whole number, or all value: {text!r}")
        raise argparse.ArgumentTypeError(wrong.format(text=text))
    return value


def _temperature(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 10:
        wrong = _("invalid temperature (0 to 10) value: {text!r}")
        raise argparse.ArgumentTypeError(wrong.format(text=text))
    return value


_ALL = 1 << 16
"""More layers than any model has."""


def words_of(argv: Sequence[str]) -> argparse.Namespace:
    """What stands behind ``chat-tui``, read; a start without words waits for no command's own.

    Raises UsageError.
    """
    return (parser() if argv else _without_commands()).parse_args(argv)


def parser() -> argparse.ArgumentParser:
    """The parser of everything that can stand behind ``chat-tui``."""
    top = _without_commands()
    _add_commands(top)
    return top


def _without_commands() -> argparse.ArgumentParser:
    top = _Parser(
        prog="chat-tui",
        description=_("Talk to gpt-oss on your own machine, in a terminal, offline."),
        epilog=_("Without a command: the full-screen chat."),
    )
    top.add_argument(
        "--version",
        action="version",
        version=f"chat-tui {__version__}",
        help=_("show program's version number and exit"),
    )
    top.set_defaults(run="chat")
    _model_options(top)
    _yolo(top)
    add_resuming(top)
    return top


def _add_commands(top: argparse.ArgumentParser) -> None:
    from chat_tui.plain.ask import Output
    from chat_tui.plain.doctor import add_doctor
    from chat_tui.plain.models import add_models
    from chat_tui.plain.questions import add_compare
    from chat_tui.plain.settings import add_settings

    commands = top.add_subparsers(metavar=_("COMMAND"), title=_("commands"))

    ask = commands.add_parser("ask", help=_("one answer, for scripts and pipes"))
    ask.add_argument(
        "question",
        nargs="*",
        metavar=_("QUESTION"),
        help=_("words; @FILE for a file's text, - for standard input"),
    )
    ask.add_argument("--output", choices=[str(kind) for kind in Output], default="text")
    ask.add_argument(
        "--schema", type=Path, metavar=_("FILE"), help=_("a JSON Schema for the answer")
    )
    ask.set_defaults(run="ask")
    plain = commands.add_parser(
        "plain", help=_("a conversation line by line, without a full screen")
    )
    plain.set_defaults(run="plain")
    for command in (ask, plain):
        _model_options(command, repeated=True)
        _yolo(command, repeated=True)
        add_resuming(command, repeated=True)
        command.add_argument(
            "--show-reasoning", action="store_true", help=_("print the chain of thought too")
        )

    _model_options(add_compare(commands, run="compare"), repeated=True)

    bench = commands.add_parser(
        "bench", help=_("measure the model: tokens a second, and what each turn has to read")
    )
    _model_options(bench, repeated=True)
    bench.add_argument(
        "--rounds", type=positive, default=5, metavar="N", help=_("rounds to take medians of")
    )
    bench.add_argument("--json", action="store_true", help=_("all figures for programs"))
    bench.set_defaults(run="bench")

    add_commands(commands, run="conversations")

    add_models(commands, run="models")

    add_settings(commands, run="settings")

    _model_options(add_doctor(commands, run="doctor"), repeated=True)

    library = commands.add_parser("library", help=_("the files that the model may search"))
    library.set_defaults(run="library")
    library.add_argument("action", choices=["add", "remove", "list", "index", "search"])
    library.add_argument(
        "words", nargs="*", metavar=_("PATH|WORD"), help=_("files and folders; words for search")
    )

    tools = commands.add_parser("tools", help=_("your own functions and MCP servers; the sandbox"))
    tools.set_defaults(run="own_tools")
    tools.add_argument("action", choices=["list", "approve", "revoke", "sandbox"])
    tools.add_argument(
        "names", nargs="*", metavar=_("NAME"), help=_("a file of the tools folder, or mcp.SERVER")
    )

    harmony = commands.add_parser("harmony", help=_("look at the format the model speaks"))
    harmony.set_defaults(run="harmony")
    harmony.add_argument("action", choices=["render", "parse"])
    harmony.add_argument("file", metavar=_("FILE"), help=_("a file, or - for standard input"))
    harmony.add_argument(
        "--model", type=Path, default=argparse.SUPPRESS, metavar=_("FILE"), help=_("a GGUF file")
    )
    harmony.add_argument("--tokens", action="store_true", help=_("token ids instead of text"))


def _yolo(parser: argparse.ArgumentParser, *, repeated: bool = False) -> None:
    parser.add_argument(
        "--yolo",
        action="store_true",
        default=argparse.SUPPRESS if repeated else False,
        help=_(
            "run the model's Python without asking, in a sandbox that holds; refused without one"
        ),
    )


def _model_options(parser: argparse.ArgumentParser, *, repeated: bool = False) -> None:
    """Options that mean the same before and after a command's name.

    ``repeated`` ones have no default of their own: it would overwrite what came before the name.
    """

    def option(name: str, kind: type | object, text: str, **extra: object) -> None:
        extra["default"] = argparse.SUPPRESS if repeated else None
        parser.add_argument(name, type=kind, help=text, **extra)  # type: ignore[arg-type]

    default_model = _("a gpt-oss GGUF file (default: the small embedded model)")
    option("--model", Path, default_model, metavar=_("FILE"))
    option(
        "--engine", str, _("a server that has the model; what is said goes there"), metavar="URL"
    )
    option("--engine-model", str, _("the model's name at that server"), metavar=_("NAME"))
    option(
        "--effort", str, _("how much the model reasons"), choices=[str(level) for level in Effort]
    )
    option("--system", str, _("instructions for the model"), dest="instructions", metavar=_("TEXT"))
    likeliest = _("0 always takes the likeliest token (default 1)")
    option("--temperature", _temperature, likeliest, metavar=_("NUMBER"))
    option("--seed", natural, _("the same seed gives the same answer"), metavar="N")
    option("--max-tokens", positive, _("stop after so many tokens"), metavar="N")
    option("--budget", _budget, _("begin the answer after N tokens of reasoning"), metavar="N")
    option(
        "--tools",
        _tools,
        _("the tools to offer: {tools}, or none").format(tools=", ".join(TOOLS)),
        metavar=_("LIST"),
    )
    option("--context", positive, _("tokens of context (default: what fits)"), metavar="N")
    option("--threads", positive, _("CPU threads (default: physical cores)"), metavar="N")
    option("--gpu-layers", _layers, _("layers on the GPU (default: what fits)"), metavar="N|all")
    option(
        "--cpu-experts",
        _layers,
        _("layers whose experts stay in main memory (default: as few as fit)"),
        metavar="N|all",
    )
    option(
        "--rpc", str, _("machines that take layers, by llama.cpp's RPC"), metavar=_("HOST:PORT,…")
    )
    option(
        "--flash-attention",
        str,
        _("attention with far smaller buffers (default: auto)"),
        choices=[str(state) for state in Switch],
    )
