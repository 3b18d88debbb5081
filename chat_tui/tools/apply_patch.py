"""The tool ``functions.apply_patch``: a patch, planned against the files and then carried out.

Knows which file becomes what; the language is ``patch``'s, the place of a hunk ``hunks``'s, and
what may be touched ``confined``'s. The plan that a person saw is the one that is carried out: where
a file changed since, the call fails.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from chat_tui.conversation import FunctionSpec, Message, ToolSpec
from chat_tui.errors import ToolError
from chat_tui.language import N_, _, ngettext
from chat_tui.paths import homely
from chat_tui.tools.base import CallView, Context, Progress, Result, Risk
from chat_tui.tools.confined import MAX_BYTES, Change, ConfinedFolder, Seen
from chat_tui.tools.diff import unified
from chat_tui.tools.hunks import updated
from chat_tui.tools.patch import Add, Operation, Update, parse, patch_text
from chat_tui.tools.undo import Before, Records

_DESCRIPTION = """\
Edits text files of the workspace with a patch. The argument is the patch itself:

*** Begin Patch
*** Add File: <path>
+<every line of the new file begins with +>
*** Update File: <path>
*** Move to: <new path, only to move or rename the file>
@@ <a line above the change, such as the class or function it is in>
 <a line that stays begins with a space>
-<a line that goes begins with ->
+<a line that comes begins with +>
*** Delete File: <path>
*** End Patch

One patch can hold any number of these sections, and a section any number of hunks; each hunk begins
with @@. Show about 3 unchanged lines before and after a change, exactly as the file has them. Where
the same lines stand in several places, name the function or class behind @@; @@ lines can be
stacked, outermost first. Write *** End of File after a hunk that reaches the end of the file. Paths
are relative to the workspace. Add File never overwrites a file. A patch is carried out as a whole
or not at all."""

SPEC = ToolSpec("functions", (FunctionSpec("apply_patch", _DESCRIPTION, {"type": "string"}),))
"""One function whose only argument is the patch."""

_SHOWN = 32
"""Plans that are remembered between being shown and being carried out."""


@dataclass(frozen=True, slots=True)
class _Plan:
    changes: tuple[Change, ...]
    diff: str
    summary: tuple[str, ...]
    """One line a file: ``A path``, ``M path``, ``D path``, ``R old -> new``."""

    @property
    def fingerprint(self) -> str:
        """What was there and what is to be, in short."""
        parts = [
            f"{change.path}\0{_digest(change.before.data if change.before else None)}"
            f"\0{_digest(change.after)}"
            for change in self.changes
        ]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()


class ApplyPatch:
    """Edits files of one workspace.

    ``protected`` are files and folders of this program, which no patch may touch; ``records`` is
    the folder that keeps what edited files were.
    """

    def __init__(self, workspace: Path, *, protected: Iterable[Path], records: Path) -> None:
        self._workspace = workspace
        self._protected = tuple(protected)
        self._records = Records(records, workspace)
        self._shown: dict[str, str] = {}

    @property
    def spec(self) -> ToolSpec:
        """See ``SPEC``."""
        return SPEC

    def describe(self, call: Message) -> CallView:
        """The edit as a diff; ``problem`` says why it does not fit."""
        try:
            body = patch_text(call.content)
        except ToolError as error:
            return CallView(_("Edit files"), call.content, Risk.WRITES, problem=str(error))
        try:
            with self._folder() as folder:
                plan = _plan(parse(body), folder)
        except ToolError as error:
            return CallView(_("Edit files"), body, Risk.WRITES, "diff", problem=str(error))
        self._remember(call.content, plan.fingerprint)
        return CallView(
            _title(plan.summary),
            body,
            Risk.WRITES,
            "diff",
            diff=plan.diff,
            touches=(
                *(_in_words(line) for line in plan.summary),
                _("in {folder}").format(folder=homely(self._workspace)),
            ),
            fingerprint=plan.fingerprint,
        )

    def run(self, call: Message, context: Context) -> Iterator[Progress | Result]:
        """Carry the patch out; the Result names the files, or says why nothing was changed."""
        try:
            yield Result(self._apply(call, context))
        except ToolError as error:
            yield Result(str(error), failed=True)

    def undo(self) -> str:
        """Take the last patch back and say so. Raises ToolError where files changed since."""
        record = self._records.last()
        if record is None:
            raise ToolError(_("There is no patch to undo."))
        with self._folder() as folder:
            changes = tuple(_back(file, folder.read(file.path)) for file in record.files)
            folder.commit(changes)
        self._records.drop(record.at)
        removed, restored = _("Removed {path}"), _("Restored {path}")
        return "\n".join(
            (removed if file.data is None else restored).format(path=file.path)
            for file in record.files
        )

    def close(self) -> None:
        """Nothing is held."""

    def _apply(self, call: Message, context: Context) -> str:
        shown = self._shown.pop(call.content, None)
        operations = parse(patch_text(call.content))
        with self._folder() as folder:
            plan = _plan(operations, folder)
            if shown not in (None, plan.fingerprint):
                raise ToolError(
                    "The files changed after the patch was looked at. Nothing was changed.",
                    "Read the files again before another patch.",
                )
            if context.stop.is_set():
                raise ToolError("The user stopped before anything was changed.")
            record = None

            def keep() -> None:
                nonlocal record
                record = self._records.push([_kept(change) for change in plan.changes])

            try:
                folder.commit(plan.changes, keep)
            except ToolError:
                if record is not None:
                    self._records.drop(record.at)
                raise
        return "\n".join(("Success. Updated the following files:", *plan.summary))

    def _folder(self) -> ConfinedFolder:
        return ConfinedFolder(self._workspace, self._protected)

    def _remember(self, content: str, fingerprint: str) -> None:
        self._shown.pop(content, None)
        self._shown[content] = fingerprint
        while len(self._shown) > _SHOWN:
            del self._shown[next(iter(self._shown))]


def _plan(operations: tuple[Operation, ...], folder: ConfinedFolder) -> _Plan:
    """What the operations make of the files. Raises ToolError; changes nothing."""
    named: set[tuple[str, ...]] = set()
    changes: list[Change] = []
    diffs: list[str] = []
    summary: list[str] = []
    for operation in operations:
        _once(operation.path, folder, named)
        seen = folder.read(operation.path)
        if isinstance(operation, Add):
            if seen is not None:
                raise ToolError(
                    f"{operation.path} exists already; Add File does not overwrite.",
                    "Use Update File. Nothing was changed.",
                )
            changes.append(Change(operation.path, None, _bytes(operation.text, operation.path)))
            diffs.append(unified(None, operation.path, None, operation.text))
            summary.append(f"A {operation.path}")
            continue
        if seen is None:
            raise ToolError(f"There is no file {operation.path}.", "Nothing was changed.")
        old = _text(seen)
        if not isinstance(operation, Update):
            changes.append(Change(operation.path, seen, None))
            diffs.append(unified(operation.path, None, old, None))
            summary.append(f"D {operation.path}")
            continue
        new = updated(old, operation)
        target = operation.move_to
        if target is None:
            changes.append(Change(operation.path, seen, _bytes(new, operation.path)))
            summary.append(f"M {operation.path}")
        else:
            _once(target, folder, named)
            if folder.read(target) is not None:
                raise ToolError(f"{target} exists already.", "Nothing was changed.")
            changes.append(Change(target, None, _bytes(new, target), seen.mode))
            changes.append(Change(operation.path, seen, None))
            summary.append(f"R {operation.path} -> {target}")
        diffs.append(unified(operation.path, target or operation.path, old, new))
    return _Plan(tuple(changes), "".join(diffs), tuple(summary))


def _once(path: str, folder: ConfinedFolder, named: set[tuple[str, ...]]) -> None:
    parts = folder.parts(path)
    if parts in named:
        raise ToolError(f"The patch names {path} twice.", "Put all its hunks into one section.")
    named.add(parts)


# Files in another encoding than UTF-8 keep every byte that the patch leaves alone.


def _text(seen: Seen) -> str:
    return seen.data.decode("utf-8", "surrogateescape")


def _bytes(text: str, path: str) -> bytes:
    data = text.encode("utf-8", "surrogateescape")
    if len(data) > MAX_BYTES:
        raise ToolError(f"{path} would be larger than {MAX_BYTES >> 20} MB.")
    return data


def _kept(change: Change) -> Before:
    before = change.before
    return Before(
        change.path,
        before.data if before else None,
        before.mode if before else None,
        _digest(change.after),
    )


def _back(file: Before, now: Seen | None) -> Change:
    if _digest(now.data if now else None) != file.after:
        changed = _("{path} has changed since.").format(path=file.path)
        raise ToolError(changed, _("Nothing was undone."))
    return Change(file.path, now, file.data, file.mode)


def _digest(data: bytes | None) -> str | None:
    return None if data is None else hashlib.sha256(data).hexdigest()


def _title(summary: Sequence[str]) -> str:
    if len(summary) > 1:
        count = len(summary)
        return ngettext("Edit {n} file", "Edit {n} files", count).format(n=count)
    if not summary:
        return _("Edit nothing")
    (line,) = summary
    title, _does = _KINDS[line[0]]
    return _(title).format(path=line[2:])


def _in_words(line: str) -> str:
    _title, does = _KINDS[line[0]]
    return _(does).format(path=line[2:])


_KINDS = {
    "A": (N_("Create {path}"), N_("creates {path}")),
    "M": (N_("Edit {path}"), N_("changes {path}")),
    "D": (N_("Delete {path}"), N_("deletes {path}")),
    "R": (N_("Move {path}"), N_("moves {path}")),
}
"""What a patch is called that makes just this change, and what it does to a file."""
