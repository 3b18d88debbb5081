"""An error of this program itself: what a person is told of it, and where the rest of it goes.

Knows errors and one file; must not know what the program was doing. What that file holds are lines
of code and the error's own words: no values, since those may be what was said.
"""

from __future__ import annotations

import traceback
from pathlib import Path

from chat_tui.errors import ChatError, ProgramError
from chat_tui.language import _
from chat_tui.untrusted import clean_line
from chat_tui.whole_file import write_whole

MOST = 200
"""Characters of the error's own words that are told."""


def told(trouble: BaseException, file: Path) -> BaseException:
    """``trouble`` as a person is told it: one that is nobody's mistake goes to ``file``, in full.

    What asks the program to end, and a ChatError, stay what they are.
    """
    if isinstance(trouble, ChatError) or not isinstance(trouble, Exception):
        return trouble
    said = f"{type(trouble).__name__}: {clean_line(str(trouble))[:MOST]}".rstrip(": ")
    message = _("An error of chat-tui itself has ended it ({error}).").format(error=said)
    try:
        write_whole(file, "".join(traceback.format_exception(trouble)))
    except (OSError, ValueError):
        return ProgramError(message)
    return ProgramError(message, _("How it came about stands in {path}").format(path=file))
