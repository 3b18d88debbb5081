"""The control tokens of the o200k_harmony vocabulary, and text with markup cut into pieces.

Knows ids and spellings only; needs no vocabulary and no library. A piece is what one token stands
for: bytes of text (not always whole characters) or a control token.
"""

from __future__ import annotations

import re
from enum import Enum

FIRST_SPECIAL = 199_998
"""The smallest id that is no text."""
VOCABULARY_SIZE = 201_088
"""Ids run from 0 to one below this; all from FIRST_SPECIAL on are special."""

ENDOFTEXT = 199_999
RETURN = 200_002
CONSTRAIN = 200_003
CHANNEL = 200_005
START = 200_006
END = 200_007
MESSAGE = 200_008
CALL = 200_012

ASSISTANT = 173_781
"""The one token that spells ``assistant``."""

LOOSE = " \t\ufffd"
"""What a token may have joined to its successor: left out at the end of a text that goes on."""


class Control(Enum):
    """A special token; the value is its id, for RESERVED that of the first of many."""

    START = START
    END = END
    MESSAGE = MESSAGE
    CHANNEL = CHANNEL
    CONSTRAIN = CONSTRAIN
    RETURN = RETURN
    CALL = CALL
    ENDOFTEXT = ENDOFTEXT
    RESERVED = FIRST_SPECIAL


Piece = bytes | Control

NAMES = {
    FIRST_SPECIAL: "<|startoftext|>",
    ENDOFTEXT: "<|endoftext|>",
    RETURN: "<|return|>",
    CONSTRAIN: "<|constrain|>",
    CHANNEL: "<|channel|>",
    START: "<|start|>",
    END: "<|end|>",
    MESSAGE: "<|message|>",
    CALL: "<|call|>",
}
"""How special ids are spelled in text; all others are ``<|reserved_{id}|>``."""

_CONTROLS = {control.value: control for control in Control}
_IDS = {name: token for token, name in NAMES.items()}
_MARKUP = re.compile("(" + "|".join(map(re.escape, _IDS)) + r"|<\|reserved_[0-9]{6}\|>)")


def control(token: int) -> Control:
    """The control token of a special id; RESERVED for one that has no meaning in harmony."""
    return _CONTROLS.get(token, Control.RESERVED)


def spelling(token: int) -> str:
    """A special id as text with markup."""
    return NAMES.get(token, f"<|reserved_{token}|>")


def scan(text: str) -> list[Piece]:
    """Cut text with markup into pieces; a lone surrogate becomes a question mark.

    Anything that looks like markup and is none, such as ``<|foo|>``, stays text.
    """
    # With one group in the pattern, every other part of the split is markup.
    return [
        control(_IDS.get(part, FIRST_SPECIAL)) if at % 2 else part.encode("utf-8", "replace")
        for at, part in enumerate(_MARKUP.split(text))
        if part
    ]
