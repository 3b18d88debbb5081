"""The ``python`` tool: code of the model, run in a session that lasts, inside the sandbox.

Knows the kernel and what gpt-oss was trained to expect of this tool; must not know how it was
approved. The body of a call is the code itself, not JSON.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

from chat_tui.conversation import Message, ToolSpec
from chat_tui.errors import ToolError
from chat_tui.language import N_, _
from chat_tui.paths import homely
from chat_tui.sandbox import interpreter
from chat_tui.sandbox.base import Limits, Sandbox
from chat_tui.tools.base import Attachment, CallView, Context, Progress, Result, Risk
from chat_tui.tools.child import Output
from chat_tui.tools.kernel import DISK_LEFT, GRACE, Finished, Kernel, Media
from chat_tui.tools.output import Decoder, Kept

SECONDS = 120.0
"""How long one call may take; gpt-oss was trained with this number."""
NOTHING = (
    "[WARN] No output available. Use print() to output anything to stdout to receive the output"
)
"""What the model knows as the answer to code that says nothing."""
_KEPT = 1 << 20
_LIVE = 1 << 18
"""Characters of live output of one call; what follows is in the result."""
_SUFFIX = {"image/png": "png", "text/html": "html"}

DESCRIPTION = (
    "Runs Python code in a notebook session that lasts: variables, imports and files stay from "
    "one call to the next, and the value of the last expression is part of the output. The "
    "message is the code itself. A call may take {seconds:.1f} seconds. The current folder is "
    "the user's workspace: read the user's files there and save files there. There is no "
    "internet access, and packages cannot be installed. Only text comes back to you; plots and "
    "tables are shown to the user. The user reads the code and decides whether it runs."
)


class PythonTool:
    """Implements ``Tool``. One conversation's; keeps one session at a time."""

    def __init__(
        self,
        sandbox: Sandbox,
        attachments: Path,
        *,
        workspace: Path | None = None,
        python: interpreter.Interpreter | None = None,
        limits: Limits | None = None,
        seconds: float = SECONDS,
        grace: float = GRACE,
        disk_left: int = DISK_LEFT,
    ) -> None:
        """``attachments`` is the folder for plots and tables; it is made when there are some.

        ``workspace`` is the folder that calls are said to run in.
        A call runs for ``seconds`` at most; for ``grace`` and ``disk_left`` see ``Kernel``.
        """
        self._sandbox = sandbox
        self._attachments = attachments
        self._python = python or interpreter.own()
        self._said = workspace
        self._limits = limits or Limits()
        self._seconds = seconds
        self._grace = grace
        self._disk_left = disk_left
        self._kernel: Kernel | None = None
        self._workspace: Path | None = None
        self.spec = ToolSpec("python", description=DESCRIPTION.format(seconds=seconds))

    def describe(self, call: Message) -> CallView:
        """See ``Tool.describe``."""
        tier = self._sandbox.tier
        walled = tier.name != "none"
        writes = _("reads and writes the workspace")
        if self._said is not None:
            writes = _("reads and writes {folder}").format(folder=homely(self._said))
        return CallView(
            title=_("Run Python ({walls})").format(walls=_(tier.label)),
            body=call.content,
            language="python",
            risk=Risk.RUNS if walled else Risk.OUTSIDE,
            touches=(
                (writes, _("no network"), *_note(_(tier.note)))
                if walled
                else (_("NOT sandboxed"), _(tier.note))
            ),
            rule=N_("any Python code in the sandbox") if tier.complete else "",
            problem=None if call.content.strip() else "There is no code in this call.",
        )

    def run(self, call: Message, context: Context) -> Iterator[Progress | Result]:
        """See ``Tool.run``."""
        if not call.content.strip():
            yield Result("There is no code in this call. Write Python code.", failed=True)
            return
        try:
            kernel = self._session(context.workspace)
        except ToolError as error:
            yield Result(f"Python could not be started: {error}", failed=True)
            return
        out, errors = _Stream(), _Stream()
        room = _LIVE
        done: Finished | None = None
        try:
            for event in kernel.run(call.content, context.stop, self._seconds):
                if isinstance(event, Finished):
                    done = event
                    continue
                text = (errors if event.error else out).add(event)
                if text and room > 0:
                    yield Progress(text[:room])
                    room -= len(text)
        finally:
            if done is None or done.lost:
                self.close()
        if done is not None:
            yield self._result(done, out.text, errors.text)

    def close(self) -> None:
        """See ``Tool.close``."""
        kernel, self._kernel = self._kernel, None
        if kernel is not None:
            kernel.close()

    def _session(self, workspace: Path) -> Kernel:
        if self._kernel is not None and workspace != self._workspace:
            self.close()
        if self._kernel is None:
            self._kernel = Kernel(
                self._sandbox,
                workspace,
                self._python,
                self._limits,
                grace=self._grace,
                disk_left=self._disk_left,
            )
            self._workspace = workspace
        return self._kernel

    def _result(self, done: Finished, out: str, error: str) -> Result:
        """What the model is told: standard output and value, then errors, each once."""
        files = tuple(self._saved(media) for media in done.media)
        parts = [_ended(out) + done.result, _ended(error) + done.error]
        parts += [f"[Shown to the user: {file.name}]" for file in files]
        if done.lost:
            parts.append(
                f"[The session ended: {done.lost}. All variables and imports are lost; files in "
                "the workspace are still there. The next call starts a new session.]"
            )
        elif done.stopped:
            parts.append(f"[The code was interrupted: {done.stopped}. The session goes on.]")
        text = "".join(_ended(part) for part in parts if part.strip()).rstrip("\n")
        return Result(text or NOTHING, bool(done.error or done.lost or done.stopped), files)

    def _saved(self, media: Media) -> Attachment:
        """Write a picture or a table where the user can open it; for them alone to read."""
        self._attachments.mkdir(parents=True, exist_ok=True, mode=0o700)
        suffix = _SUFFIX[media.media_type]
        stem = "plot" if suffix == "png" else "table"
        for number in itertools.count(1):
            path = self._attachments / f"{stem}-{number}.{suffix}"
            try:
                with path.open("xb") as file:
                    path.chmod(0o600)
                    file.write(media.data)
            except FileExistsError:
                continue
            return Attachment(path.name, media.media_type, path)
        raise AssertionError("count never ends")


class _Stream:
    """One of the two outputs of a call."""

    def __init__(self) -> None:
        self._decoder = Decoder()
        self._kept = Kept(_KEPT)

    def add(self, output: Output) -> str:
        """Keep it; the text that is certain so far."""
        text = self._decoder.feed(output.data)
        self._kept.add(text)
        return text

    @property
    def text(self) -> str:
        """All that was kept."""
        self._kept.add(self._decoder.flush())
        return self._kept.text


def _ended(text: str) -> str:
    """``text`` with a newline at its end, unless it is empty."""
    return text if not text or text.endswith("\n") else f"{text}\n"


def _note(note: str) -> tuple[str, ...]:
    return (note,) if note else ()
