"""A schema from a file, checked as far as it can be before a model is asked.

Knows files and schemas; must not know who asks.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from chat_tui.conversation import ResponseFormat
from chat_tui.errors import InputError, SchemaError
from chat_tui.grammar.compile import gbnf
from chat_tui.home import at_home
from chat_tui.language import _

MAX_BYTES = 1 << 20


def load_schema(path: Path) -> ResponseFormat:
    """The form that answers are to have; its name is the schema's title or the file's name.

    Raises InputError for a file that cannot be read, and SchemaError for one that holds no JSON,
    no JSON Schema, or one that cannot be enforced.
    """
    path = at_home(path)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(
            _("The schema {path} cannot be read: {error}.").format(
                path=path, error=error.strerror or error
            ),
            _("Check its name."),
        ) from error
    if len(data) > MAX_BYTES:
        large = _("The schema {path} holds more than {n} MiB.")
        raise SchemaError(large.format(path=path, n=MAX_BYTES >> 20))
    try:
        schema = json.loads(data.decode("utf-8-sig"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise SchemaError(
            _("The file {path} is no JSON: {error}.").format(path=path, error=error),
            _("A schema is a JSON document."),
        ) from error
    gbnf(schema)
    if isinstance(schema, bool):
        schema = {}
    title = schema.get("title")
    name = title if isinstance(title, str) else path.stem
    return ResponseFormat(re.sub(r"\W+", "_", name).strip("_")[:64] or "answer", schema)


def _no_constant(name: str) -> None:
    raise ValueError(_("{name} is no value of JSON").format(name=name))
