"""Whole numbers on the command line, with complaints that argparse shows as they are.

Knows argparse's way of hearing of a wrong value; must not know any option.
"""

from __future__ import annotations

import argparse

from chat_tui.language import _


def whole(text: str) -> int | None:
    """The whole number that ``text`` writes; None where it writes none."""
    try:
        return int(text)
    except ValueError:
        return None


def natural(text: str) -> int:
    """A number from 0 on. Raises ArgumentTypeError."""
    value = whole(text)
    if value is None or value < 0:
        wrong = _("invalid whole number value: {text!r}")
        raise argparse.ArgumentTypeError(wrong.format(text=text))
    return value


def positive(text: str) -> int:
    """A number from 1 on. Raises ArgumentTypeError."""
    value = whole(text)
    if value is None or value <= 0:
        wrong = _("invalid positive whole number value: {text!r}")
        raise argparse.ArgumentTypeError(wrong.format(text=text))
    return value
