"""What is allowed without a question, listed and changed, in words for every face.

Knows the toolset; must not know a face. The words hold what a call said: a face cleans them.
"""

from __future__ import annotations

from chat_tui.errors import UsageError
from chat_tui.session.toolset import Toolset

YOLO = "--yolo: code in the sandbox runs and the library is read without a question."


def check_walls(tools: Toolset) -> None:
    """Raise UsageError where code could run without a question but not behind whole walls."""
    offer = tools.offer
    if not offer.tier.complete:
        why = offer.missing.get("python") or offer.tier.note
        raise UsageError(f"--yolo is refused: code would run {offer.tier.label}.", why)


def listed(tools: Toolset) -> list[str]:
    """All that is settled, a line each, numbered for ``change``."""
    rules = tools.rules
    lines = [YOLO] if tools.unasked else []
    for at, rule in enumerate(rules, 1):
        where = " · in your settings" if tools.is_standing(rule) else ""
        lines.append(f"{at}. {rule.words}{where}")
    if rules:
        return [*lines, "/approve revoke N takes one back, keep N puts it into your settings."]
    return lines or ["Nothing is allowed without a question."]


def change(tools: Toolset, words: str) -> str:
    """Do ``revoke N`` or ``keep N``; what to say of it. Raises UsageError, SettingsError."""
    verb, _, number = words.partition(" ")
    if verb not in ("revoke", "keep"):
        raise UsageError("That is not known.", "/approve, or /approve revoke|keep N.")
    if not (number.strip().isdecimal() and number.strip().isascii()):
        raise UsageError("Which one?", "/approve lists them by number.")
    if verb == "keep":
        return f"From now on in every conversation: {tools.settle(int(number)).words}"
    rule, gone = tools.revoke(int(number))
    more = "" if gone else " (until you restart: take it out of your settings file yourself)"
    return f"No longer{more}: {rule.words}"
