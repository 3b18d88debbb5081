"""A small MCP server on the standard library alone, and all that a bad one can do.

Run as ``python mcp_server.py MODE``; what a mode does stands where it is asked for.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

MODE = sys.argv[1] if len(sys.argv) > 1 else ""
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
CHANGED = {"on": False}


def write(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    sys.stdout.flush()


def text(said: str, **more: Any) -> dict[str, Any]:
    return {"content": [{"type": "text", "text": said}], **more}


def picture(_arguments: dict[str, Any]) -> dict[str, Any]:
    image = {
        "type": "image",
        "mimeType": "image/png",
        "data": base64.b64encode(PIXEL).decode(),
    }
    return {"content": [image, {**image, "data": base64.b64encode(b"<svg>").decode()}]}


def hang(_arguments: dict[str, Any]) -> None:
    """Deaf until the end of the process."""
    time.sleep(600)


def wait(_arguments: dict[str, Any]) -> None:
    """Never answers, but listens: what it is told of a cancelled call it remembers."""


def leave(_arguments: dict[str, Any]) -> dict[str, Any]:
    """Start a process in a session of its own."""
    child = subprocess.Popen(["sleep", "600"], start_new_session=True)
    return text(f"{os.getpid()} {child.pid}")


def die(_arguments: dict[str, Any]) -> None:
    sys.stderr.write("Traceback\nKeyError: '\x1b[31mtoken'\n")
    sys.stderr.flush()
    os._exit(3)


def big(_arguments: dict[str, Any]) -> None:
    """One message of 100 MB."""
    sys.stdout.write('{"jsonrpc": "2.0", "id": 1, "result": {"x": "')
    for _ in range(100):
        sys.stdout.write("x" * (1 << 20))
    sys.stdout.write('"}}\n')
    sys.stdout.flush()


def flood(_arguments: dict[str, Any]) -> None:
    """Well-formed notifications without end."""
    notice = {"method": "notifications/message", "params": {"level": "info", "data": "x" * 60_000}}
    while True:
        write(notice)


def rubbish(_arguments: dict[str, Any]) -> None:
    while True:
        print("Listening on port 8080 …" * 40)


def change(_arguments: dict[str, Any]) -> dict[str, Any]:
    CHANGED["on"] = True
    write({"method": "notifications/tools/list_changed"})
    return text("changed")


CANCELLED: list[Any] = []
TOOLS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "echo": lambda given: text(str(given.get("text"))),
    "fail": lambda _given: text("no such city", isError=True),
    "structured": lambda _given: text('{"b": 2, "a": 1}', structuredContent={"a": 1, "b": 2}),
    "only structured": lambda _given: {"content": [], "structuredContent": {"degrees": 20}},
    "environment": lambda _given: text(json.dumps({**os.environ, "cwd": str(Path.cwd())})),
    "cancelled": lambda _given: text(json.dumps(CANCELLED)),
    "pid": lambda _given: text(str(os.getpid())),
    "wrong": lambda _given: {"content": "none"},
    **{each.__name__: each for each in (picture, hang, wait, leave, die, big, flood, rubbish)},
    "change": change,
}


def listed() -> list[dict[str, Any]]:
    schema = {"type": "object", "properties": {"text": {"type": "string"}}}
    about = "Does it, too." if CHANGED["on"] else "Does it."
    return [{"name": name, "description": about, "inputSchema": schema} for name in TOOLS]


def answer(request: dict[str, Any]) -> None:
    method, params = request["method"], request.get("params", {})
    if method == "notifications/cancelled":
        CANCELLED.append(params["requestId"])
    if "id" not in request:
        return
    result: Any = None
    if method == "initialize":
        result = {
            "protocolVersion": params["protocolVersion"],
            "capabilities": {"tools": {"listChanged": True}},
            "serverInfo": {"name": "test", "version": "1"},
        }
    elif method == "tools/list":
        # Two pages: whoever reads only the first does not know them all.
        tools, second = listed(), params.get("cursor") == "2"
        result = {"tools": tools[5:]} if second else {"tools": tools[:5], "nextCursor": "2"}
    elif method == "ping":
        result = {}
    elif method == "tools/call" and params["name"] in TOOLS:
        if params["name"] == "echo" and "progressToken" in params.get("_meta", {}):
            token = params["_meta"]["progressToken"]
            about = {"progressToken": token, "progress": 1, "total": 2, "message": "half"}
            write({"method": "notifications/progress", "params": about})
        result = TOOLS[params["name"]](params.get("arguments", {}))
        if result is None:
            return
    if result is None:
        write({"id": request["id"], "error": {"code": -32601, "message": f"no {method}"}})
    else:
        write({"id": request["id"], "result": result})


def main() -> None:
    if MODE == "silent":
        print("Hello! I am no MCP server.", flush=True)
        time.sleep(600)
    if MODE == "broken":
        sys.exit("ModuleNotFoundError: No module named 'requests'")
    if MODE == "noisy":
        print("Server is running", flush=True)
        sys.stderr.write("log " * 100_000)
    for line in sys.stdin:
        answer(json.loads(line))
    if MODE == "stubborn":
        time.sleep(600)


if __name__ == "__main__":
    main()
