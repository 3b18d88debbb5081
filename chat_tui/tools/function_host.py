"""The process that holds one file of the user's own functions.

Run as ``python -P -m chat_tui.tools.function_host DESCRIPTOR`` by ``functions`` alone. The file's
text comes in the first frame, not by its path: what runs is what was approved.

    in:   {"id": 0, "path": "…", "source": "…"} · {"id": 1, "name": "…", "arguments": {…}}
    out:  {"id": 0, "functions": […], "error": ""} · {"id": 1, "result": "…", "error": "…"}
"""

from __future__ import annotations

import json
import sys
import traceback
import types
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from chat_tui.language import choose
from chat_tui.tools import hints
from chat_tui.tools.kernel_main import Interrupts, commands, streams


def loaded(path: str, source: str) -> dict[str, Callable[..., Any]]:
    """The public functions that the file defines; raises what running it raises."""
    module = types.ModuleType("user_tools")
    module.__file__ = path
    sys.modules[module.__name__] = module
    exec(compile(source, path, "exec"), module.__dict__)  # noqa: S102  the user approved it
    names = getattr(module, "__all__", None) or [
        name
        for name, value in vars(module).items()
        if isinstance(value, types.FunctionType)
        and value.__module__ == module.__name__
        and not name.startswith("_")
    ]
    return {name: getattr(module, name) for name in names}


def shown(value: object) -> str:
    """A function's value as text for the model."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)


class Host:
    """The functions of one file, once it has come."""

    def __init__(self) -> None:
        self._functions: dict[str, Callable[..., Any]] = {}

    def answer(self, command: dict[str, Any]) -> dict[str, Any]:
        """The frame that answers ``command``; the user's code may raise whatever it likes."""
        try:
            if "source" in command:
                self._functions = loaded(command["path"], command["source"])
                told = [hints.described(function) for function in self._functions.values()]
                return {"functions": told, "error": ""}
            value = hints.called(self._functions[command["name"]], command["arguments"])
            return {"result": shown(value), "error": ""}
        except (hints.UnsupportedHint, ValueError) as error:
            return {"result": "", "error": str(error)}
        except BaseException as error:  # noqa: BLE001  the code's failure is the answer
            return {"result": "", "error": _where(error)}


def _where(error: BaseException) -> str:
    """One line of what went wrong and where in the user's file."""
    line = traceback.format_exception_only(error)[-1].strip()
    frames = traceback.extract_tb(error.__traceback__)
    return f"{line} (line {frames[-1].lineno} of {frames[-1].filename})" if frames else line


def main() -> None:
    """Serve until the parent closes its end."""
    choose()
    frames = streams(int(sys.argv[1]))
    interrupts, host = Interrupts(), Host()
    for command in commands(frames, interrupts):
        frame = {"result": "", "error": "KeyboardInterrupt"}
        with suppress(KeyboardInterrupt), interrupts.during(command["id"]):
            frame = host.answer(command)
        for stream in (sys.stdout, sys.stderr):
            with suppress(Exception):
                stream.flush()
        frames.write({"id": command["id"], **frame})


if __name__ == "__main__":
    main()
