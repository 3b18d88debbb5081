"""The arguments of a call: from what the model wrote to a JSON object.

Knows the ways in which models miss valid JSON and which of them are safe to forgive. It never
closes what the model left open: half a call must not run.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn

from chat_tui.errors import ToolError

_HINT = "Call the tool again with one JSON object that holds its arguments."


def parse_arguments(text: str) -> dict[str, Any]:
    """The object in a call's body; ``{}`` for an empty body.

    Whatever follows the first value is ignored, and a list of one object is that object. Raises
    ToolError, in words meant for the model, for everything else: no JSON, another value, or an
    object that is not finished.
    """
    body = text.strip()
    if not body:
        return {}
    decoder = json.JSONDecoder(parse_constant=_no_number)
    try:
        value, _ = decoder.raw_decode(body)
    except RecursionError as error:
        raise ToolError("The arguments are nested too deeply.", _HINT) from error
    except json.JSONDecodeError as error:
        raise ToolError(
            f"The arguments are not valid JSON: {error.msg} at character {error.pos + 1}.", _HINT
        ) from error
    except ValueError as error:
        raise ToolError(f"The arguments are not valid JSON: {error}.", _HINT) from error
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, dict):
        raise ToolError(f"The arguments are {_kind(value)}, not a JSON object.", _HINT)
    return _with_whole_characters(value) if "\\u" in body else value


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _kind(value: object) -> str:
    names = {list: "a list", str: "a string", bool: "a boolean", type(None): "null"}
    return names.get(type(value), "a number")


def _with_whole_characters(value: dict[str, Any]) -> dict[str, Any]:
    """The same with U+FFFD for halves of characters, which JSON can escape and UTF-8 cannot."""
    text = json.dumps(value, ensure_ascii=False)
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    fixed: dict[str, Any] = json.loads(whole)
    return fixed
