"""Putting text where other programs find it.

Knows the terminal's own way (OSC 52) and the system's clipboard tools; must not know where the
text comes from. What is sent to the terminal is base64 of cleaned text and of bounded size, so that
nothing in it can act there; a tool gets the text on its standard input, never as an argument.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence

from textual.app import App

from chat_tui.errors import UsageError
from chat_tui.language import _, ngettext
from chat_tui.untrusted import clean

MOST_BYTES = 750_000
"""Of a text that goes through the terminal: tmux drops sequences beyond a million."""
SECONDS = 3.0
"""A tool that takes longer is given up."""


async def copy(app: App[object], text: str, what: str) -> str:
    """Copy ``text``, which is ``what`` in words; what to say about it. Raises UsageError."""
    text = clean(text)
    size = len(text.encode())
    if size <= MOST_BYTES:
        app.copy_to_clipboard(text)
    command = None if app.is_headless else tool(os.environ, sys.platform)
    copied = command is not None and await asyncio.to_thread(_give, command, text)
    if size > MOST_BYTES and not copied:
        problem = ngettext(
            "{what} is too long for the terminal's clipboard: {size:,} byte.",
            "{what} is too long for the terminal's clipboard: {size:,} bytes.",
            size,
        ).format(what=what, size=size)
        raise UsageError(problem[:1].upper() + problem[1:], _("/export writes it to a file."))
    return told(text, what)


def told(text: str, what: str) -> str:
    """What was copied and how large it is, in words."""
    size, lines = len(text), len(text.splitlines())
    characters = ngettext("{count:,} character", "{count:,} characters", size).format(count=size)
    if lines <= 1:
        return _("Copied {what}: {characters}.").format(what=what, characters=characters)
    rows = ngettext("{n:,} line", "{n:,} lines", lines).format(n=lines)
    return _("Copied {what}: {characters}, {lines}.").format(
        what=what, characters=characters, lines=rows
    )


def tool(
    environment: Mapping[str, str],
    platform: str,
    which: Callable[[str], str | None] = shutil.which,
) -> Sequence[str] | None:
    """The command that takes a text for the system's clipboard; None where there is none."""
    tools: list[Sequence[str]] = []
    if platform == "darwin":
        tools.append(("pbcopy",))
    elif platform == "win32" or environment.get("WSL_DISTRO_NAME"):
        tools.append(("clip.exe",))
    if environment.get("WAYLAND_DISPLAY"):
        tools.append(("wl-copy",))
    if environment.get("DISPLAY"):
        tools += [("xclip", "-selection", "clipboard"), ("xsel", "--clipboard", "--input")]
    if environment.get("TERMUX_VERSION"):
        tools.append(("termux-clipboard-set",))
    return next((one for one in tools if which(one[0])), None)


def code_blocks(answer: str) -> list[str]:
    """The code in an answer, block by block, exactly as it was written.

    Without the last line's end: what is pasted into a shell must not run by itself.
    """
    from markdown_it import MarkdownIt  # noqa: PLC0415 - the first paint does not wait for it

    tokens = MarkdownIt("commonmark").parse(clean(answer))
    return [
        token.content.removesuffix("\n")
        for token in tokens
        if token.type in ("fence", "code_block")
    ]


def _give(command: Sequence[str], text: str) -> bool:
    """Whether the tool took the text."""
    data = text.encode("utf-16-le" if command[0] == "clip.exe" else "utf-8")
    try:
        subprocess.run(
            command,
            input=data,
            stdout=subprocess.DEVNULL,  # xclip stays and would keep a pipe open
            stderr=subprocess.DEVNULL,
            timeout=SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return True
