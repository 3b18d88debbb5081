"""What an MCP server writes has bounds, and whatever it does ends in words."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from chat_tui.tools import mcp_process
from chat_tui.tools.mcp_process import ServerProcess, environment


def run(code: str, use: Callable[[ServerProcess, bytes], None] = lambda *_: None) -> ServerProcess:
    """A Python that runs ``code``, and whose lines go to ``use``, until there is trouble."""

    async def read() -> ServerProcess:
        process = await ServerProcess.start(sys.executable, ["-c", code], {}, Path("/"))
        async for line in process.lines():
            use(process, line)
        await process.end()
        process._process._transport.close()  # type: ignore[attr-defined]
        await process._process.wait()
        return process

    return asyncio.run(read())


def test_lines_come_until_it_ends() -> None:
    found: list[bytes] = []
    process = run("print('a\\n\\nb', flush=True)", lambda _process, line: found.append(line))
    assert found == [b"a\n", b"b\n"]
    assert process.trouble == "it ended with status 0"
    assert process.last_words == ""


def test_its_end_is_told_with_its_last_words() -> None:
    long = "import sys; sys.stderr.write('x' * 10**6 + '\\x1b[2J\\nNo key.\\n'); sys.exit(2)"
    process = run(long)
    assert process.trouble == "it ended with status 2"
    assert process.last_words.startswith("It said: xxx")
    assert process.last_words.endswith("x No key.")
    assert len(process.last_words) < 700
    assert run("import os; os.kill(os.getpid(), 9)").trouble == "it was ended by SIGKILL"


def test_a_message_of_100_megabytes_is_the_last() -> None:
    process = run(
        "import sys\nfor _ in range(100): sys.stdout.write('x' * (1 << 20))\nprint(flush=True)"
    )
    assert process.trouble == "it sent a message of more than 16 MB"


def test_a_flood_is_the_end_unless_it_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mcp_process, "MAX_BYTES", 10_000)
    code = "for _ in range(300): print('x' * 99)"
    assert run(code).trouble.startswith("it wrote more than")
    asked = run(code, lambda process, _line: process.asked())
    assert asked.trouble == "it ended with status 0"


def test_what_is_not_mcp_is_passed_over_but_not_for_ever() -> None:
    few = run("print('Listening'); print('on 80')", ServerProcess.rubbish)
    assert few.trouble == "it ended with status 0"
    assert few.last_words == "It said: Listening on 80"
    many = run("while True: print('Listening ' * 100)", ServerProcess.rubbish)
    assert many.trouble == "it writes to its standard output what is not MCP"


def test_one_that_closed_its_output_is_gone() -> None:
    process = run("import os, time; os.close(1); time.sleep(600)")
    assert process.trouble == "it closed its output"


def test_one_that_cannot_be_started_raises() -> None:
    async def start(command: str, folder: str) -> None:
        await ServerProcess.start(command, [], {}, Path(folder))

    for command, folder in (("/no/such/command", "/"), ("/etc/hostname", "/"), ("true", "/none")):
        with pytest.raises(OSError, match=r"."):
            asyncio.run(start(command, folder))


def test_only_what_is_named_is_inherited() -> None:
    own = {"PATH": "/bin", "TOKEN": "1", "SECRET": "2", "HOME": "/home"}
    found = environment(own, ["TOKEN", "OTHER"], {"PATH": "/opt", "LEVEL": "3"})
    assert found == {"PATH": "/opt", "HOME": "/home", "TOKEN": "1", "LEVEL": "3"}
