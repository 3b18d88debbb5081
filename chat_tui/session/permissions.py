"""What is allowed without a question, listed and changed, in words for every face.

Knows the toolset; must not know a face. The words hold what a call said: a face cleans them.
"""

from __future__ import annotations

from chat_tui.errors import UsageError
from chat_tui.language import N_, _
from chat_tui.session.toolset import Toolset

YOLO = N_("--yolo: code in the sandbox runs and the library is read without a question.")


def check_walls(tools: Toolset) -> None:
    """Raise UsageError where code could run without a question but not behind whole walls."""
    offer = tools.offer
    if not offer.tier.complete:
        why = offer.missing.get("python") or _(offer.tier.note)
        refused = _("--yolo is refused: code would run {walls}.")
        raise UsageError(refused.format(walls=_(offer.tier.label)), why)


def listed(tools: Toolset) -> list[str]:
    """All that is settled, a line each, numbered for ``change``."""
    rules = tools.rules
    lines = [_(YOLO)] if tools.unasked else []
    for at, rule in enumerate(rules, 1):
        where = " · " + _("in your settings") if tools.is_standing(rule) else ""
        lines.append(f"{at}. {rule.words}{where}")
    if rules:
        return [
            *lines,
            _("/approve revoke N takes one back, keep N puts it into your settings."),
        ]
    return lines or [_("Nothing is allowed without a question.")]


def change(tools: Toolset, words: str) -> str:
    """Do ``revoke N`` or ``keep N``; what to say of it. Raises UsageError, SettingsError."""
    verb, _space, number = words.partition(" ")
    if verb not in ("revoke", "keep"):
        raise UsageError(_("That is not known."), _("/approve, or /approve revoke|keep N."))
    if not (number.strip().isdecimal() and number.strip().isascii()):
        raise UsageError(_("Which one?"), _("/approve lists them by number."))
    if verb == "keep":
        kept = _("From now on in every conversation: {rule}")
        return kept.format(rule=tools.settle(int(number)).words)
    rule, gone = tools.revoke(int(number))
    if gone:
        return _("No longer: {rule}").format(rule=rule.words)
    return _(
        "No longer (until you restart: take it out of your settings file yourself): {rule}"
    ).format(rule=rule.words)
