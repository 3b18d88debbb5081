"""The Python that runs a model's code, cell after cell; the program inside the sandbox.

Run as ``python -I kernel_main.py DESCRIPTOR`` by ``kernel`` alone; knows the standard library and
nothing of this program. Commands come in on standard input, answers leave on DESCRIPTOR, both as
frames: four bytes of length, then JSON. What the code writes to descriptors 1 and 2 goes to the
parent as it is, so that the output of other programs and of C code is there too.

    in:   {"id": 1, "code": "…"} · {"interrupt": 1}
    out:  {"id": 1, "media": "image/png", "data": "…base64…"}
          {"id": 1, "result": "…", "error": "…"}

The code can do to this process what it likes; whoever reads the answers believes nothing of them.
"""

from __future__ import annotations

import ast
import json
import os
import queue
import re
import signal
import struct
import sys
import threading
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO

_RESULT_LIMIT = 1 << 18
"""Characters of a value or a traceback that are sent."""
_MEDIA_LIMIT = 6 << 20
_COROUTINE = 0x80  # inspect.CO_COROUTINE, without the time to load that
_SHELL_LINE = re.compile(r"^(\s*)!(.*)$")
_MAGIC_LINE = re.compile(r"^(\s*)%{1,2}[A-Za-z].*$")


class Frames:
    """Frames on two binary files; writing is for any thread."""

    def __init__(self, source: BinaryIO, sink: BinaryIO) -> None:
        """``source`` and ``sink`` are closed by whoever opened them."""
        self._source = source
        self._sink = sink
        self._writing = threading.Lock()

    def read(self) -> dict[str, Any] | None:
        """The next frame; None at the end."""
        head = self._source.read(4)
        if len(head) < 4:
            return None
        (length,) = struct.unpack("!I", head)
        body = self._source.read(length)
        frame: dict[str, Any] | None = json.loads(body) if len(body) == length else None
        return frame

    def write(self, frame: dict[str, Any]) -> None:
        """Send one frame."""
        body = json.dumps(frame).encode()
        with self._writing:
            self._sink.write(struct.pack("!I", len(body)) + body)
            self._sink.flush()


def streams(descriptor: int) -> Frames:
    """The frames of a child process, taken off standard input, which is empty from then on."""
    source = os.fdopen(os.dup(0), "rb")
    os.set_inheritable(descriptor, False)
    sink = os.fdopen(descriptor, "wb")
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    return Frames(source, sink)


class Interrupts:
    """SIGINT as an exception, but only while code of the model runs."""

    def __init__(self) -> None:
        self._running: object = None
        """The id of the running call; None between calls."""
        self._wanted: object = None
        """The id of the call that was interrupted last: it may not have begun yet."""
        self._main = threading.main_thread().ident or 0

    @contextmanager
    def during(self, call: object) -> Iterator[None]:
        """Run the code of ``call`` inside this; KeyboardInterrupt where it is interrupted.

        The signal is taken back from whatever the code of an earlier call did with it.
        """
        signal.signal(signal.SIGINT, self._raise)
        try:
            self._running = call
            if self._wanted == call:
                raise KeyboardInterrupt
            yield
        finally:
            self._running = None

    def send(self, wanted: object) -> None:
        """Interrupt call ``wanted``, also when it is only about to begin. From another thread."""
        self._wanted = wanted
        if self._running is not None and self._running == wanted:
            signal.pthread_kill(self._main, signal.SIGINT)

    def _raise(self, _number: int, _frame: types.FrameType | None) -> None:
        if self._running is not None:
            raise KeyboardInterrupt


def commands(frames: Frames, interrupts: Interrupts) -> Iterator[dict[str, Any]]:
    """The calls, one after the other, while a thread watches for interrupts.

    The process ends when the parent has gone.
    """
    waiting: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()

    def listen() -> None:
        with suppress(OSError, ValueError):
            while (frame := frames.read()) is not None:
                if "interrupt" in frame:
                    interrupts.send(frame["interrupt"])
                else:
                    waiting.put(frame)
        os._exit(0)

    threading.Thread(target=listen, name="commands", daemon=True).start()
    while True:
        with suppress(KeyboardInterrupt):
            yield waiting.get()


class Session:
    """The names that cells share, and how a cell is run."""

    def __init__(self) -> None:
        self._module = types.ModuleType("__main__")
        self._module.__dict__["_shell"] = _shell
        sys.modules["__main__"] = self._module
        self._count = 0
        self._runner: Any = None

    def run(self, code: str) -> object:
        """Run one cell; returns the value of its last expression, None where there is none.

        Raises what the code raises.
        """
        self._count += 1
        name = f"<cell {self._count}>"
        tree, code = _parsed(code, name)
        _remember_lines(name, code)
        last: ast.Expression | None = None
        if tree.body and isinstance(tree.body[-1], ast.Expr) and not _silenced(code):
            last = ast.Expression(tree.body.pop().value)  # type: ignore[attr-defined]
        if tree.body:
            self._execute(compile(tree, name, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT))
        if last is None:
            return None
        value = self._execute(compile(last, name, "eval", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT))
        if value is not None:
            self._module.__dict__["_"] = value
        return value

    def _execute(self, code: types.CodeType) -> object:
        value = eval(code, self._module.__dict__)  # noqa: S307  this is what the process is for
        if not code.co_flags & _COROUTINE:
            return value
        import asyncio  # noqa: PLC0415  few cells wait for anything

        if self._runner is None:
            self._runner = asyncio.Runner()
        return self._runner.run(value)


def _parsed(code: str, name: str) -> tuple[ast.Module, str]:
    """The cell as a tree, and as the text that was parsed: without what only notebooks know."""
    try:
        return ast.parse(code, name), code
    except SyntaxError:
        plain = "\n".join(_without_notebook(line) for line in code.splitlines())
        if plain == code:
            raise
        return ast.parse(plain, name), plain


def _without_notebook(line: str) -> str:
    if shell := _SHELL_LINE.match(line):
        return f"{shell[1]}_shell({shell[2].strip()!r})"
    if magic := _MAGIC_LINE.match(line):
        return f"{magic[1]}pass"
    return line


def _shell(command: str) -> None:
    import subprocess  # noqa: PLC0415

    sys.stdout.flush()
    subprocess.run(command, shell=True, check=False)  # noqa: S602  inside the sandbox


def _silenced(code: str) -> bool:
    """Whether the cell ends in a semicolon, with which notebooks keep a value to themselves."""
    return code.rstrip().endswith(";")


def _remember_lines(name: str, code: str) -> None:
    """Let tracebacks show the lines of the cell."""
    import linecache  # noqa: PLC0415

    lines = [f"{line}\n" for line in code.splitlines()]
    linecache.cache[name] = (len(code), None, lines, name)


def described(error: BaseException) -> str:
    """The traceback of ``error`` from the first line of the model's code on."""
    import traceback  # noqa: PLC0415

    trace = error.__traceback__
    while trace is not None and not trace.tb_frame.f_code.co_filename.startswith("<cell "):
        trace = trace.tb_next
    told = traceback.TracebackException(type(error), error, trace, limit=-30)
    told.stack[:] = [frame for frame in told.stack if frame.filename != __file__]
    return "".join(told.format())[-_RESULT_LIMIT:]


def media_of(value: object) -> Iterator[tuple[str, bytes]]:
    """The pictures that the cell drew and the table that its value is: media type and bytes."""
    plots = sys.modules.get("matplotlib.pyplot")
    if plots is not None:
        import io  # noqa: PLC0415

        for number in plots.get_fignums():
            buffer = io.BytesIO()
            plots.figure(number).savefig(buffer, format="png", bbox_inches="tight")
            yield "image/png", buffer.getvalue()
        plots.close("all")
    for method, kind in (("_repr_png_", "image/png"), ("_repr_html_", "text/html")):
        form = getattr(type(value), method, None)
        if form is not None:
            made = form(value)
            if made:
                yield kind, made.encode() if isinstance(made, str) else bytes(made)
                return


def answer(run: Callable[[], object], frames: Frames, call: object) -> dict[str, Any]:
    """Run one call; the frame that tells how it ended. The code may raise whatever it likes."""
    result, error = "", ""
    try:
        value = run()
        if value is not None:
            result = repr(value)[:_RESULT_LIMIT]
        for kind, data in media_of(value):
            if len(data) <= _MEDIA_LIMIT:
                import base64  # noqa: PLC0415

                frames.write({"id": call, "media": kind, "data": base64.b64encode(data).decode()})
    except BaseException as problem:  # noqa: BLE001  the code's failure is the answer
        error = described(problem)
    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):
            stream.flush()
    return {"id": call, "result": _whole(result), "error": _whole(error)}


def _whole(text: str) -> str:
    """``text`` without halves of characters, which no encoding takes."""
    return text.encode("utf-8", "replace").decode()


def main() -> None:
    """Serve until the parent closes its end."""
    frames = streams(int(sys.argv[1]))
    _prepare()
    interrupts = Interrupts()
    session = Session()
    own = os.getpid()
    for command in commands(frames, interrupts):
        call = command["id"]
        frame = {"id": call, "result": "", "error": "KeyboardInterrupt"}
        with suppress(KeyboardInterrupt), interrupts.during(call):
            frame = answer(lambda: session.run(command["code"]), frames, call)  # noqa: B023
        if os.getpid() != own:
            os._exit(0)  # the code has forked, and this is the copy
        frames.write(frame)


def _prepare() -> None:
    sys.dont_write_bytecode = True
    sys.argv = [""]
    sys.path.append(os.getcwd())  # noqa: PTH109  pathlib takes long to load
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace", line_buffering=True)  # type: ignore[union-attr]
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    with suppress(OSError), open("/proc/self/oom_score_adj", "w", encoding="ascii") as score:  # noqa: PTH123
        score.write("1000")  # when memory runs out, let it be this
    import warnings  # noqa: PLC0415

    warnings.filterwarnings("ignore", message=".*non-interactive")


if __name__ == "__main__":
    main()
