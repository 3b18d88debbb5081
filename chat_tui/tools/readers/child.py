"""Reads books and papers in a process of its own, and the thread of the parent that asks it.

A damaged or hostile file can make a reader loop or fill the memory; here it costs one process,
which is killed, and one line in the report. Requests and answers are lines of JSON. The parent's
half is ``ReaderProcess``; ``python -m chat_tui.tools.readers.child`` is the other.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

from chat_tui.errors import ToolError
from chat_tui.language import N_
from chat_tui.tools.readers import MAX_TEXT, Reading
from chat_tui.tools.readers.plain import decode_markup

SUFFIXES = {".pdf", ".epub", ".docx", ".html", ".htm", ".xhtml"}
MAX_BYTES = 100 << 20
_MAX_MARKUP = 8 << 20
_SECONDS = 60
_MEMORY = 2 << 30


class ReaderProcess:
    """Starts the process when it is first needed, and anew where it had to be killed."""

    def __init__(self, seconds: float = _SECONDS) -> None:
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None

    def read(self, path: Path) -> Reading:
        """What the file says, links left out. Raises ToolError."""
        process = self._process or self._start()
        assert process.stdin is not None  # noqa: S101 - both were asked for
        assert process.stdout is not None  # noqa: S101
        timer = threading.Timer(self._seconds, process.kill)
        timer.daemon = True
        timer.start()
        try:
            process.stdin.write(json.dumps(os.fspath(path)).encode() + b"\n")
            process.stdin.flush()
            answer = json.loads(process.stdout.readline())
        except (OSError, ValueError) as error:
            self.close()
            raise ToolError(N_("The file cannot be read: its reader gave up.")) from error
        finally:
            timer.cancel()
        if "error" in answer:
            raise ToolError(str(answer["error"]))
        return Reading(str(answer["title"]), (str(answer["text"]),))

    def close(self) -> None:
        """End the process, if there is one."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        with suppress(OSError):
            if process.stdin:
                process.stdin.close()
        if process.stdout:
            process.stdout.close()
        process.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-m", "chat_tui.tools.readers.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        return self._process


def read_file(path: Path) -> Reading:
    """What the file at ``path`` says, by the reader of its kind. Raises ToolError."""
    suffix = path.suffix.casefold()
    limit = MAX_BYTES if suffix in (".pdf", ".epub", ".docx") else _MAX_MARKUP
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise ToolError(f"The file cannot be read: {error.strerror or error}.") from error
    if len(data) > limit:
        raise ToolError(f"The file is larger than {limit >> 20} MB.")
    if suffix == ".pdf":
        from chat_tui.tools.readers.pdf import read_pdf  # noqa: PLC0415 - only for PDF

        return read_pdf(data)
    if suffix in (".epub", ".docx"):
        from chat_tui.tools.readers.books import read_docx, read_epub  # noqa: PLC0415

        return read_epub(data) if suffix == ".epub" else read_docx(data)
    from chat_tui.tools.readers.markup import read_html  # noqa: PLC0415

    return read_html(decode_markup(data))


def main() -> None:
    """Answer until the parent closes the pipe."""
    with suppress(ImportError, ValueError, OSError):
        import resource  # noqa: PLC0415 - not on Windows

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # nobody else shall write into the answers
    for line in sys.stdin.buffer:
        try:
            reading = read_file(Path(json.loads(line)))
            answer = {"title": reading.title, "text": reading.text[:MAX_TEXT]}
        except ToolError as error:
            answer = {"error": error.message}
        except (MemoryError, RecursionError):
            answer = {"error": N_("The file needs more memory than it may have.")}
        answers.write(json.dumps(answer).encode() + b"\n")
        answers.flush()


if __name__ == "__main__":
    main()
