"""``chat-tui doctor``: what is right and wrong here, as text or JSON.

Knows facts, findings and a text stream; must not know how the facts are gathered.
"""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any, TextIO

from chat_tui.language import _

if TYPE_CHECKING:
    from chat_tui.doctor.facts import Facts


def add_doctor(commands: argparse._SubParsersAction[Any], run: str) -> argparse.ArgumentParser:
    """Add the parser; it sets ``run``."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "doctor",
        help=_("what is built in, what is wrong, and the command that mends it"),
        epilog=_("Exit code 0 where nothing is broken, else 1. It holds no keys and no tokens."),
    )
    parser.add_argument(
        "--json", action="store_true", help=_("all facts and findings for programs")
    )
    parser.set_defaults(run=run)
    return parser


def doctor_command(facts: Facts, as_document: bool, stdout: TextIO, width: int = 80) -> int:
    """Print what was found; 0 where nothing is broken, else 1.

    For the JSON see ``report.document``.
    """
    from chat_tui.doctor import report  # noqa: PLC0415 - only this command needs it

    findings = report.judge(facts)
    if as_document:
        print(json.dumps(report.document(facts, findings), indent=1), file=stdout)
    else:
        print(report.text(findings, width), file=stdout)
    return 0 if report.usable(findings) else 1
