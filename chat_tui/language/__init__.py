"""The language of the interface: a catalog of texts for each, chosen by the locale or a setting.

Numbers are written as the language writes them: in the places of a text, and with ``number``.

Knows gettext and the catalogs beside it (``locale/``); must not know what any text means. English
stands in the code and has no catalog. What the model, a script or the log reads is never
translated: tool results, JSON, names of commands, settings and effort levels.
"""

from __future__ import annotations

import gettext
import os
import re
from enum import StrEnum
from pathlib import Path

from chat_tui.language.numbers import ENGLISH, STYLES, Filler, Template

DOMAIN = "chat_tui"
LOCALE = Path(__file__).parent / "locale"


class Language(StrEnum):
    """What the setting can be; AUTO is what the locale says."""

    AUTO = "auto"
    EN = "en"
    RU = "ru"
    FR = "fr"
    ES = "es"
    PT = "pt"
    ZH = "zh"


_catalog = gettext.NullTranslations()
_style, _filler = ENGLISH, Filler(ENGLISH)
# The one state of a module in this program: a process has one language as it has one locale, and
# to hand it to each sentence would put it into every signature.


def choose(language: Language = Language.AUTO) -> None:
    """Speak it from now on, here and in the processes started from here; English where unknown.

    AUTO asks LANGUAGE, LC_ALL, LC_MESSAGES and LANG, in this order, as GNU gettext does. argparse
    looks its own words up in the text domain of the process: that is this one then.
    """
    global _catalog, _style, _filler  # noqa: PLW0603
    names = None if language is Language.AUTO else [language.value]
    _catalog = gettext.translation(DOMAIN, LOCALE, names, fallback=True)
    _style = STYLES.get(_catalog.info().get("language", ""), ENGLISH)
    _filler = Filler(_style)
    if names:
        os.environ["LANGUAGE"] = language.value
    gettext.bindtextdomain(DOMAIN, LOCALE)
    gettext.textdomain(DOMAIN)


def _(text: str) -> str:
    """``text``, a literal of the code, in the chosen language."""
    return _template(_catalog.gettext(text)) if text else text


def ngettext(one: str, more: str, count: int) -> str:
    """The form that the language has for ``count`` things; the caller fills its places."""
    return _template(_catalog.ngettext(one, more, count))


def pgettext(context: str, text: str) -> str:
    """``text`` where it means something else than elsewhere, which ``context`` tells apart."""
    return _template(_catalog.pgettext(context, text))


def number(value: float, digits: int = 0) -> str:
    """A number as the language writes it: its digits in groups, so many of them a fraction.

    In a text with places ``{n:,}`` and ``{n:.1f}`` come to the same.
    """
    return _style.written(f"{value:,.{digits}f}")


def ungrouped(text: str) -> str:
    """The digits of a whole number that somebody typed in groups, as ``number`` writes them."""
    groups = re.sub(rf"{re.escape(_style.group)}(?=\d{{3}}(?!\d))", "", text)
    return re.sub(r"[,_\s]", "", groups)


def _template(text: str) -> str:
    """A text whose places are filled as the language fills them."""
    return Template(text, _filler) if _style is not ENGLISH and "{" in text else text


def N_(text: str) -> str:  # noqa: N802
    """``text`` as it is: marks a text of a table, which is translated where it is shown."""
    return text


def NP_(context: str, text: str) -> str:  # noqa: ARG001, N802
    """``text`` as it is: marks one that is translated with its context."""
    return text
