"""A model in several files: how they are named, and whether they belong together.

Knows the names that llama.cpp gives them and the numbers in their headers; must not know what model
it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chat_tui.errors import ModelFileError
from chat_tui.language import _
from chat_tui.models.bounded import DAMAGED
from chat_tui.models.gguf import GGUF, read_header

MAX_SPLITS = 999
SPLIT_NAME = re.compile(r"(?P<stem>.*)-(?P<number>\d{5})-of-(?P<count>\d{5})\.gguf")


def check_first(header: GGUF) -> None:
    """Raise ModelFileError for a file that says that it is a later part, and is named like one."""
    number, match = header.metadata.get("split.no"), SPLIT_NAME.fullmatch(header.path.name)
    if isinstance(number, int) and number > 0 and match:
        raise _later(header, match)


def other_parts(header: GGUF) -> Iterator[GGUF]:
    """The further files of a split model, each one's number and size checked.

    Raises ModelFileError.
    """
    count, path = header.split_count, header.path
    if count == 1:
        return
    match = SPLIT_NAME.fullmatch(path.name)
    if count > MAX_SPLITS or match is None or int(match["count"]) != count:
        raise ModelFileError(
            _("{name} is one of {count:,} parts but is not named like one.").format(
                name=path.name, count=count
            ),
            _("Keep the names that the parts were downloaded with: name-00001-of-0000N.gguf."),
        )
    if header.metadata.get("split.no", 0) != 0 or int(match["number"]) != 1:
        raise _later(header, match)
    for at in range(2, count + 1):
        name = f"{match['stem']}-{at:05d}-of-{match['count']}.gguf"
        if not (path.parent / name).exists():
            raise ModelFileError(
                _("The model is in {count} files and {name} is missing.").format(
                    count=count, name=name
                ),
                _("Download it too and put it beside {name}.").format(name=path.name),
            )
        part = read_header(path.parent / name)
        if part.metadata.get("split.no") != at - 1 or part.split_count != count:
            raise ModelFileError(
                _("{name} belongs to another model.").format(name=name), _(DAMAGED)
            )
        yield part


def _later(header: GGUF, match: re.Match[str]) -> ModelFileError:
    first = f"{match['stem']}-00001-of-{match['count']}.gguf"
    return ModelFileError(
        _("{name} is a later part of a split model.").format(name=header.path.name),
        _("Open {first} instead.").format(first=first),
    )
