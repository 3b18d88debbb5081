"""The words of the commands that work on kept conversations.

Knows argparse only, so that the command line is read without opening anything.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from chat_tui.language import _
from chat_tui.plain.numbers import natural

LAST = "last"
"""Stands for the conversation that was changed last, wherever an id does."""


def add_commands(commands: argparse._SubParsersAction[Any], run: str) -> None:
    """Add the parsers; each sets ``run``, and ``on_store`` to its name."""

    def command(name: str, text: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = commands.add_parser(name, help=text)
        parser.set_defaults(run=run, on_store=name)
        return parser

    def listing(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help=_("for programs"))
        parser.add_argument(
            "--limit", type=natural, default=50, metavar="N", help=_("at most N; 0 for all")
        )

    parser = command("list", _("the kept conversations"))
    parser.add_argument("--deleted", action="store_true", help=_("those that can be restored"))
    listing(parser)

    parser = command("search", _("find words in what was said"))
    parser.add_argument(
        "words",
        nargs="+",
        metavar=_("WORD"),
        help=_('parts of words; "in quotes" they stay together'),
    )
    listing(parser)

    parser = command("export", _("a conversation as Markdown, JSON or HTML"))
    parser.add_argument(
        "id",
        nargs="?",
        metavar="ID",
        help=_("or the beginning of one, or {last}").format(last=LAST),
    )
    parser.add_argument("--all", action="store_true", help=_("all of them, as JSON"))
    parser.add_argument("--format", choices=["markdown", "json", "html"], default="markdown")
    parser.add_argument("--output", type=Path, metavar=_("FILE"), help=_("never over another file"))
    parser.add_argument(
        "--reasoning",
        action=argparse.BooleanOptionalAction,
        default=None,
        help=_("with the chain of thought (JSON has it unless told otherwise)"),
    )
    parser.add_argument(
        "--tools",
        action=argparse.BooleanOptionalAction,
        default=True,
        help=_("with calls of tools and their results"),
    )

    parser = command("import", _("conversations of chat-tui, ChatGPT or LM Studio"))
    parser.add_argument(
        "files", nargs="+", type=Path, metavar=_("FILE"), help=_("files or folders")
    )

    parser = command("delete", _("take conversations out of the list"))
    parser.add_argument("ids", nargs="+", metavar="ID")
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--restore", action="store_true", help=_("bring them back"))
    way.add_argument("--now", action="store_true", help=_("remove them for good, at once"))


def add_resuming(parser: argparse.ArgumentParser, *, repeated: bool = False) -> None:
    """Options that go on with a conversation: ``resume`` is its id, ``last``, or None."""
    default = argparse.SUPPRESS if repeated else None
    way = parser.add_mutually_exclusive_group()
    way.add_argument(
        "--continue",
        dest="resume",
        action="store_const",
        const=LAST,
        default=default,
        help=_("go on with the last conversation"),
    )
    way.add_argument(
        "--resume",
        nargs="?",
        const=LAST,
        metavar="ID",
        default=default,
        help=_("go on with this one (see chat-tui list), else with the last"),
    )
    way.add_argument(
        "--private",
        action="store_true",
        default=argparse.SUPPRESS if repeated else False,
        help=_("keep nothing of what is said"),
    )
