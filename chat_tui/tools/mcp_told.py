"""What an MCP server says, made fit for a model: its list of tools, and what came of a call.

Knows MCP's JSON as plain values; must not know processes, the SDK or who approved a server. All
of it is hostile: names, descriptions and schemas are cleaned and bounded before a model is told.
Source of the shapes: the Model Context Protocol's schema, ``Tool`` and ``CallToolResult``.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chat_tui.conversation import FunctionSpec
from chat_tui.language import _
from chat_tui.tools.base import canonical_json
from chat_tui.tools.output import shortened
from chat_tui.untrusted import clean, clean_line

MAX_TOOLS = 128
MAX_DESCRIPTION = 1_000
MAX_SCHEMA = 12_000
"""Characters of a tool's schema as JSON; a tool with a larger one is left out."""
MAX_TEXT = 400_000
"""Characters of a result; escaped in JSON they are 5 MB at most."""
MAX_IMAGES = 8 << 20
"""Characters of base64 in the images of one result together."""
_MAX_NAME = 64
_MAX_DEPTH = 24
_MAX_REMARK = 400

IMAGES = {
    b"\x89PNG\r\n\x1a\n": ("image/png", "png"),
    b"\xff\xd8\xff": ("image/jpeg", "jpg"),
    b"GIF8": ("image/gif", "gif"),
    b"RIFF": ("image/webp", "webp"),
}
"""How a picture begins that is handed on: its media type and its suffix."""


@dataclass(frozen=True, slots=True)
class Told:
    """A tool as a model may be told of it."""

    name: str
    """As its server calls it, whatever characters that has."""
    description: str
    parameters: dict[str, Any]


def fingerprint(tools: Iterable[Mapping[str, Any]]) -> str:
    """A hash of what a server says of its tools, in whatever order; see ``approved``."""
    said = sorted(
        canonical_json([each.get("name"), each.get("description"), each.get("inputSchema")])
        for each in tools
    )
    return hashlib.sha256("\n".join(said).encode()).hexdigest()


def told(tools: Sequence[Mapping[str, Any]]) -> tuple[tuple[Told, ...], tuple[str, ...]]:
    """The tools that a model can be told of, and which are left out and why."""
    found: dict[str, Told] = {}
    left_out = []
    for tool in tools:
        name = str(tool.get("name", ""))
        shown = clean_line(name)[:_MAX_NAME] or _("a tool without a name")
        schema = _cleaned(tool.get("inputSchema"), 0)
        if not isinstance(schema, dict) or schema.get("type", "object") != "object":
            left_out.append(_("{tool}: its schema is not that of an object.").format(tool=shown))
        elif len(canonical_json(schema)) > MAX_SCHEMA:
            long = _("{tool}: its schema is longer than {n:,} characters.")
            left_out.append(long.format(tool=shown, n=MAX_SCHEMA))
        elif not name or name in found:
            left_out.append(_("{tool}: there is no other name for it.").format(tool=shown))
        elif len(found) == MAX_TOOLS:
            full = _("{tool}: there are {n} already.")
            left_out.append(full.format(tool=shown, n=MAX_TOOLS))
        else:
            about = clean(str(tool.get("description") or "")).strip()
            found[name] = Told(name, _short(about, MAX_DESCRIPTION), {**schema, "type": "object"})
    return tuple(found.values()), tuple(left_out)


def named(server: str, tools: Iterable[Told], taken: Collection[str]) -> dict[str, Told]:
    """The tools by the names that the model calls them by: valid, and none of ``taken``.

    The server's name stands before the tool's, so that two servers can have a tool ``search``.
    """
    found: dict[str, Told] = {}
    for tool in tools:
        plain = re.sub(r"[^A-Za-z0-9_]+", "_", f"{server}_{tool.name}")[:_MAX_NAME].rstrip("_")
        name, number = plain, 2
        while name in taken or name in found:
            name = f"{plain[: _MAX_NAME - 4]}_{number}"
            number += 1
        found[name] = tool
    return found


def specs(tools: Mapping[str, Told]) -> tuple[FunctionSpec, ...]:
    """The same as the model is told of them."""
    return tuple(
        FunctionSpec(name, tool.description, tool.parameters if _has_arguments(tool) else None)
        for name, tool in tools.items()
    )


def presented(result: Mapping[str, Any]) -> dict[str, Any]:
    """A ``CallToolResult`` as ``text``, ``failed`` and ``images``, the last in base64."""
    parts: list[str] = []
    images: list[str] = []
    room = MAX_IMAGES
    content = result.get("content")
    for part in content if isinstance(content, list) else ():
        kind = part.get("type") if isinstance(part, dict) else None
        if kind == "text":
            parts.append(str(part.get("text", "")))
        elif kind == "image" and len(data := str(part.get("data", ""))) <= room:
            room -= len(data)
            images.append(data)
        elif kind == "image":
            parts.append("[An image that is too large to be shown.]")
        elif kind == "resource" and isinstance(part.get("resource"), dict):
            parts.append(_resource(part["resource"]))
        elif kind == "resource_link":
            parts.append(f"[See {clean_line(str(part.get('uri', '')))[:_MAX_REMARK]}]")
        else:
            parts.append(f"[Content of the kind {clean_line(str(kind))[:40]}, which has no text.]")
    if result.get("structuredContent") is not None:
        structured = _json(result["structuredContent"])
        if not any(_json_of(part) == structured for part in parts):
            parts.append(structured)
    text = "\n".join(part for part in parts if part.strip())
    return {
        "text": shortened(text, MAX_TEXT),
        "failed": bool(result.get("isError")),
        "images": images,
    }


def _resource(resource: Mapping[str, Any]) -> str:
    if isinstance(resource.get("text"), str):
        return str(resource["text"])
    return f"[The file {clean_line(str(resource.get('uri', '')))[:_MAX_REMARK]}, which is no text.]"


def _json(value: object) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    except (ValueError, TypeError, RecursionError):
        return "[Structured content that is nested too deeply.]"


def _json_of(text: str) -> str:
    """``text`` as ``_json`` writes it, where it is JSON: servers say the same twice."""
    try:
        return _json(json.loads(text))
    except (ValueError, RecursionError):
        return ""


def _cleaned(value: object, depth: int, *, schema: bool = True) -> Any:
    """A schema without control characters, with remarks of bounded length.

    Titles go: libraries make them from names, and a model would read each name twice.
    """
    if depth > _MAX_DEPTH:
        return {}
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_cleaned(each, depth + 1, schema=schema) for each in value]
    if not isinstance(value, dict):
        return value
    found = {}
    for key, each in value.items():
        if schema and key in ("title", "$schema") and isinstance(each, str):
            continue
        if schema and key == "description" and isinstance(each, str):
            found[key] = _short(clean(each), _MAX_REMARK)
        else:
            inner = schema and key not in ("default", "const", "enum", "examples")
            found[clean(str(key))] = _cleaned(each, depth + 1, schema=inner)
    return found


def _short(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _has_arguments(tool: Told) -> bool:
    return bool(tool.parameters.keys() - {"type", "additionalProperties"}) and (
        tool.parameters.get("properties") != {}
    )
