"""Text out of PDF, page by page, each headed by its number.

Knows pypdf, which is pure Python and bounds what a stream may unpack to.
"""

from __future__ import annotations

import logging
from io import BytesIO

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from chat_tui.errors import ToolError
from chat_tui.language import N_
from chat_tui.tools.readers import MAX_TEXT, Reading

_BROKEN = (PyPdfError, ValueError, KeyError, TypeError, IndexError, AttributeError, OSError)
"""What pypdf raises for files that are not as they should be."""


def read_pdf(data: bytes) -> Reading:
    """The pages that have text. Raises ToolError for damaged and locked files."""
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise ToolError(N_("The file is locked with a password."))
        title = str((reader.metadata and reader.metadata.title) or "")
        count = len(reader.pages)
    except (*_BROKEN, ArithmeticError, NotImplementedError, RecursionError) as error:
        raise ToolError(N_("The file is damaged.")) from error
    pieces: list[str] = []
    length = 0
    for number in range(count):
        try:
            text = reader.pages[number].extract_text().strip()
        except (*_BROKEN, ArithmeticError, NotImplementedError, RecursionError):
            text = "(This page cannot be read.)"
        if text:
            pieces.append(f"[Page {number + 1}]\n{text}\n\n")
            length += len(pieces[-1])
        if length > MAX_TEXT:
            break
    return Reading(" ".join(title.split()), tuple(pieces))
