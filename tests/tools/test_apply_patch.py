"""What the tool does to files: everything that the patch says, or nothing at all."""

from __future__ import annotations

import errno
import json
import os
import random
import shutil
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from chat_tui.conversation import COMMENTARY, Message, Role
from chat_tui.errors import ToolError
from chat_tui.tools.apply_patch import ApplyPatch
from chat_tui.tools.base import Context, Result, Risk
from tests.tools import patches


def call(text: str) -> Message:
    return Message(Role.ASSISTANT, text, COMMENTARY, "functions.apply_patch", content_type="code")


def patch(*lines: str) -> Message:
    return call("\n".join(("*** Begin Patch", *lines, "*** End Patch")))


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


@pytest.fixture
def tool(workspace: Path, tmp_path: Path) -> ApplyPatch:
    return ApplyPatch(
        workspace, protected=[workspace / "ours"], records=tmp_path / "state" / "undo"
    )


def run(tool: ApplyPatch, message: Message, workspace: Path) -> Result:
    (result,) = tool.run(message, Context(workspace, threading.Event()))
    assert isinstance(result, Result)
    return result


def files(folder: Path) -> dict[str, tuple[bytes | str, int]]:
    """All there is below ``folder``: contents, links' targets and modes, by name."""
    found: dict[str, tuple[bytes | str, int]] = {}
    for path in sorted(folder.rglob("*")):
        mode = path.lstat().st_mode
        if path.is_symlink():
            found[str(path.relative_to(folder))] = (str(path.readlink()), mode)
        else:
            data = path.read_bytes() if path.is_file() else b"folder"
            found[str(path.relative_to(folder))] = (data, mode)
    return found


def test_a_patch_adds_changes_moves_and_deletes(tool: ApplyPatch, workspace: Path) -> None:
    (workspace / "src").mkdir()
    (workspace / "src" / "app.py").write_bytes(b'def greet():\r\n    print("Hi")\r\n')
    (workspace / "src" / "app.py").chmod(0o751)
    (workspace / "obsolete.txt").write_text("old\n")
    (workspace / "b.txt").write_bytes(b"caf\xe9\none")
    message = patch(
        "*** Add File: new/deep/hello.txt", "+Hello world",
        "*** Update File: src/app.py", "*** Move to: src/main.py",
        "@@ def greet():", '-print("Hi")', '+print("Hello, world!")',
        "*** Update File: b.txt", "@@", "-one", "+two",
        "*** Delete File: obsolete.txt",
    )  # fmt: skip
    result = run(tool, message, workspace)
    assert not result.failed
    assert result.text.splitlines()[1:] == [
        "A new/deep/hello.txt", "R src/app.py -> src/main.py", "M b.txt", "D obsolete.txt",
    ]  # fmt: skip
    assert {name: data for name, (data, _) in files(workspace).items() if data != b"folder"} == {
        "new/deep/hello.txt": b"Hello world\n",
        "src/main.py": b'def greet():\r\n    print("Hello, world!")\r\n',
        "b.txt": b"caf\xe9\ntwo",
    }
    assert (workspace / "src" / "main.py").stat().st_mode & 0o777 == 0o751


def test_undo_brings_everything_back_once(tool: ApplyPatch, workspace: Path) -> None:
    (workspace / "a").write_bytes(b"1\r\n2")
    (workspace / "a").chmod(0o640)
    (workspace / "b").write_text("x\n")
    before = files(workspace)
    message = patch(
        "*** Update File: a", "*** Move to: c", "@@", "-2", "+3", "*** Delete File: b",
        "*** Add File: d", "+new",
    )  # fmt: skip
    assert not run(tool, message, workspace).failed
    assert files(workspace) != before
    said = tool.undo().splitlines()
    assert {"Restored a", "Removed c", "Restored b", "Removed d"} == set(said)
    assert files(workspace) == before
    with pytest.raises(ToolError, match="no patch to undo"):
        tool.undo()


def test_undo_walks_back_through_several_patches(tool: ApplyPatch, workspace: Path) -> None:
    for number in range(3):
        run(tool, patch(f"*** Add File: {number}", "+x"), workspace)
    for left in (["0", "1"], ["0"], []):
        tool.undo()
        assert sorted(path.name for path in workspace.iterdir()) == left


@pytest.mark.parametrize("change", ["edit", "remove", "add"])
def test_undo_refuses_where_files_changed_since(
    tool: ApplyPatch, workspace: Path, change: str
) -> None:
    (workspace / "a").write_text("1\n")
    (workspace / "b").write_text("1\n")
    run(tool, patch("*** Update File: a", "@@", "-1", "+2", "*** Delete File: b"), workspace)
    if change == "edit":
        (workspace / "a").write_text("mine\n")
    elif change == "remove":
        (workspace / "a").unlink()
    else:
        (workspace / "b").write_text("mine\n")
    before = files(workspace)
    with pytest.raises(ToolError, match="has changed since"):
        tool.undo()
    assert files(workspace) == before


def test_what_undo_needs_is_the_users_alone(
    tool: ApplyPatch, workspace: Path, tmp_path: Path
) -> None:
    run(tool, patch("*** Add File: a", "+x"), workspace)
    (record,) = (tmp_path / "state").rglob("*.json")
    assert record.stat().st_mode & 0o777 == 0o600
    assert record.parent.stat().st_mode & 0o777 == 0o700
    assert record.parent.parent.stat().st_mode & 0o777 == 0o700
    record.write_text("{")
    with pytest.raises(ToolError, match="damaged"):
        tool.undo()


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["*** Add File: a", "+x"], "does not overwrite"),
        (["*** Update File: none", "@@", "-1", "+2"], "no file none"),
        (["*** Delete File: none"], "no file none"),
        (["*** Update File: a", "@@", "-9", "+2"], "is not in the file"),
        (["*** Update File: a", "*** Move to: b", "@@", "-1", "+2"], "b exists already"),
        (["*** Delete File: b", "*** Update File: a/c", "@@", "-1", "+2"], "Not a directory"),
        (["*** Update File: a", "@@", "-1", "+2", "*** Delete File: ./a"], "twice"),
        (["*** Delete File: b", "*** Add File: a/c", "+x"], "Not a directory"),
        (["*** Delete File: b", "*** Add File: d/e", "+x", "*** Add File: d", "+x"], "exists"),
        (["*** Add File: x", "+x", "*** Delete File: ../secret"], "outside the workspace"),
        (["*** Add File: /etc/x", "+x"], "outside the workspace"),
        (["*** Add File: ~/x", "+x"], "outside the workspace"),
        (["*** Add File: d/../../x", "+x"], "outside the workspace"),
        (["*** Add File: .git/hooks/pre-commit", "+x"], "Git"),
        (["*** Add File: sub/.GIT/config", "+x"], "Git"),
        (["*** Add File: .g\u200dit/config", "+x"], "Git"),
        (["*** Add File: .git. /config", "+x"], "Git"),
        (["*** Add File: ours/settings.toml", "+x"], "own files"),
        (["*** Add File: link/x", "+x"], "symbolic link"),
        (["*** Update File: out", "@@", "-secret", "+x"], "symbolic link"),
        (["*** Delete File: b", "*** Delete File: pipe"], "no file"),
        (["*** Delete File: folder"], "no file"),
        (["*** Add File: x\x1b[2J", "+x"], "control characters"),
        (["*** Add File: folder/", "+x"], "names no file"),
        (["*** Add File: " + "x" * 300, "+x"], "too long"),
    ],
)
def test_a_patch_that_cannot_be_carried_out_leaves_every_byte(
    tool: ApplyPatch, workspace: Path, tmp_path: Path, lines: list[str], said: str
) -> None:
    (tmp_path / "secret").write_text("secret\n")
    (workspace / "a").write_text("1\n")
    (workspace / "b").write_text("b\n")
    (workspace / "folder").mkdir()
    (workspace / "link").symlink_to(tmp_path)
    (workspace / "out").symlink_to(tmp_path / "secret")
    os.mkfifo(workspace / "pipe")
    before = {name: one for name, one in files(tmp_path).items() if not name.startswith("state")}
    view = tool.describe(patch(*lines))
    result = run(tool, patch(*lines), workspace)
    assert result.failed
    assert said in result.text
    assert view.problem is None or said in view.problem
    after = {name: one for name, one in files(tmp_path).items() if not name.startswith("state")}
    assert after == before
    with pytest.raises(ToolError, match="no patch to undo"):
        tool.undo()


def test_an_absolute_path_inside_the_workspace_is_meant_well(
    tool: ApplyPatch, workspace: Path
) -> None:
    assert not run(tool, patch(f"*** Add File: {workspace}/a", "+x"), workspace).failed
    assert (workspace / "a").read_text() == "x\n"


def test_our_own_files_are_known_by_another_name_too(tmp_path: Path) -> None:
    (tmp_path / "work" / "ours").mkdir(parents=True)
    (tmp_path / "work" / "ours" / "settings.toml").write_text("a\n")
    os.link(tmp_path / "work" / "ours" / "settings.toml", tmp_path / "work" / "twin")
    tool = ApplyPatch(
        tmp_path / "work",
        protected=[tmp_path / "work" / "ours" / "settings.toml"],
        records=tmp_path / "undo",
    )
    result = run(tool, patch("*** Update File: twin", "@@", "-a", "+b"), tmp_path / "work")
    assert "own files" in result.text


STEPS = ("link", "rename", "unlink", "fsync", "mkdir")


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("nth", range(1, 6))
def test_a_failure_in_the_middle_rolls_everything_back(
    tool: ApplyPatch, workspace: Path, monkeypatch: pytest.MonkeyPatch, step: str, nth: int
) -> None:
    for name in "abc":
        (workspace / name).write_text(f"{name}\n")
    before = files(workspace)
    count = 0
    real = getattr(os, step)

    def failing(*args: object, **options: object) -> object:
        nonlocal count
        count += 1
        if count == nth:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(*args, **options)

    monkeypatch.setattr(os, step, failing)
    message = patch(
        "*** Update File: a", "@@", "-a", "+1", "*** Update File: b", "*** Move to: x/d", "@@",
        "-b", "+2", "*** Delete File: c", "*** Add File: y/z/e", "+5",
    )  # fmt: skip
    result = run(tool, message, workspace)
    monkeypatch.undo()
    if result.failed:
        assert files(workspace) == before
    else:  # the step was not needed so often, or it has another way, or it only tidies up
        litter = {name for name in files(workspace) if "chat-tui" in name}
        assert len(litter) == (step == "unlink" and count >= nth)
        tool.undo()
        assert {"a", "b", "c"} <= set(files(workspace))


def test_without_hard_links_everything_works_as_well(
    tool: ApplyPatch, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refused)
    (workspace / "a").write_text("1\n")
    before = files(workspace)
    message = patch("*** Update File: a", "@@", "-1", "+2", "*** Add File: b", "+x")
    assert not run(tool, message, workspace).failed
    assert {name: data for name, (data, _) in files(workspace).items()} == {
        "a": b"2\n",
        "b": b"x\n",
    }
    tool.undo()
    assert files(workspace) == before


def test_the_card_shows_the_diff_and_changes_nothing(tool: ApplyPatch, workspace: Path) -> None:
    (workspace / "a.py").write_text("".join(f"line {n}\n" for n in range(20)) + "end")
    before = files(workspace)
    view = tool.describe(
        patch("*** Update File: a.py", "@@", "-line 10", "+LINE 10", "@@", "-end", "+END",
              "*** Add File: b", "+x")
    )  # fmt: skip
    assert view.risk is Risk.WRITES
    assert view.problem is None
    assert view.touches == ("changes a.py", "creates b", f"in {workspace}")
    assert view.diff == (
        "--- a/a.py\n+++ b/a.py\n"
        "@@ -8,7 +8,7 @@\n line 7\n line 8\n line 9\n-line 10\n+LINE 10\n"
        " line 11\n line 12\n line 13\n"
        "@@ -18,4 +18,4 @@\n line 17\n line 18\n line 19\n"
        "-end\n\\ No newline at end of file\n+END\n\\ No newline at end of file\n"
        "--- /dev/null\n+++ b/b\n@@ -0,0 +1 @@\n+x\n"
    )
    assert files(workspace) == before


@pytest.mark.parametrize(
    ("lines", "title"),
    [
        (["*** Add File: b", "+x"], "Create b"),
        (["*** Update File: a", "@@", "-1", "+2"], "Edit a"),
        (["*** Delete File: a"], "Delete a"),
        (["*** Delete File: a", "*** Add File: b", "+x"], "Edit 2 files"),
    ],
)
def test_the_card_is_titled_by_what_would_happen(
    tool: ApplyPatch, workspace: Path, lines: list[str], title: str
) -> None:
    (workspace / "a").write_text("1\n")
    assert tool.describe(patch(*lines)).title == title


def test_what_was_seen_is_what_is_done(tool: ApplyPatch, workspace: Path) -> None:
    (workspace / "a").write_text("1\n2\n")
    message = patch("*** Update File: a", "@@", "-1", "+x")
    tool.describe(message)
    (workspace / "a").write_text("0\n1\n2\n")
    result = run(tool, message, workspace)
    assert result.failed
    assert "changed after the patch was looked at" in result.text
    assert (workspace / "a").read_text() == "0\n1\n2\n"
    tool.describe(message)
    assert not run(tool, message, workspace).failed


def test_a_stopped_turn_changes_nothing(tool: ApplyPatch, workspace: Path) -> None:
    stop = threading.Event()
    stop.set()
    (result,) = tool.run(patch("*** Add File: a", "+x"), Context(workspace, stop))
    assert isinstance(result, Result)
    assert result.failed
    assert not files(workspace)


def test_json_around_the_patch_is_read(tool: ApplyPatch, workspace: Path) -> None:
    text = patch("*** Add File: a", "+x").content
    assert not run(tool, call(json.dumps({"patch": text})), workspace).failed
    assert run(tool, call("{}"), workspace).failed


def test_the_model_is_told_the_language(tool: ApplyPatch) -> None:
    (function,) = tool.spec.functions
    assert tool.spec.recipients == ("functions.apply_patch",)
    assert function.parameters == {"type": "string"}
    for mark in ("Begin Patch", "Add File:", "Update File:", "Move to:", "Delete File:", "@@",
                 "End of File", "End Patch"):  # fmt: skip
        assert mark in function.description


NAMES = (
    "a", "b", "dir", "flip", "file", "..", ".", "", ".git", "out", "out2", "~", "/", "//",
    "a\u202eb", "\\..\\x", "dir/../../x", "flip/secret", "flip/new", "%2e%2e", "con", "a:b",
)  # fmt: skip


@pytest.fixture
def races(workspace: Path, tmp_path: Path) -> Iterator[None]:
    """Someone who keeps exchanging folders and files of the workspace for links that lead out."""
    stop = threading.Event()
    outside = tmp_path / "outside"
    shutil.rmtree(outside, ignore_errors=True)
    (outside / "deep").mkdir(parents=True)
    (outside / "secret").write_text("secret\n")
    for name in ("flip", "dir"):
        (workspace / name).mkdir()
    (workspace / "file").write_text("a\nsecret\n")
    (workspace / "out").symlink_to(outside)
    (workspace / "out2").symlink_to(outside / "secret")

    def flip() -> None:
        link, real = workspace / ".link", workspace / ".real"
        while not stop.is_set():
            for name, target in (("flip", outside), ("file", outside / "secret")):
                at = workspace / name
                steps = (
                    lambda target=target: link.symlink_to(target),
                    lambda at=at: at.rename(real),
                    lambda at=at: link.rename(at),
                    lambda: stop.wait(0.0003),
                    lambda at=at: at.unlink(),
                    lambda at=at: real.rename(at),
                    lambda: link.unlink(missing_ok=True),
                )
                for step in steps:
                    with suppress(OSError):  # a patch was faster
                        step()

    racer = threading.Thread(target=flip)
    racer.start()
    yield
    stop.set()
    racer.join()


def attack(tool: ApplyPatch, workspace: Path, outside: Path, paths: int) -> int:
    """Patches with hostile paths; how many were carried out. ``outside`` must stay as it is."""
    rng = random.Random(paths)
    before = files(outside)
    done = 0
    for number in range(paths):
        path = "/".join(rng.choices(NAMES, k=rng.randint(1, 4))).replace("\n", "")
        if rng.random() < 0.1:
            path = f"{rng.choice((workspace, outside, outside.parent))}/{path}"
        if rng.random() < 0.4:
            path = rng.choice(("flip/secret", "flip/new", "file", "flip/deep/new"))
        kind = rng.choice(("Add", "Update", "Delete", "Move"))
        lines = {
            "Add": [f"*** Add File: {path}", "+hostile"],
            "Update": [f"*** Update File: {path}", "@@", "-secret", f"+secret {number}"],
            "Delete": [f"*** Delete File: {path}"],
            "Move": ["*** Update File: file", f"*** Move to: {path}", "@@", " secret", "+x"],
        }[kind]
        done += not run(tool, patch(*lines), workspace).failed
        assert files(outside) == before, lines
        restore(workspace / "file")
    return done


def restore(path: Path) -> None:
    """Make ``path`` a file again where a patch moved it away; never through somebody's link."""
    with suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        with os.fdopen(os.open(path, flags, 0o644), "w") as file:
            file.write("a\nsecret\n")


@pytest.mark.usefixtures("races")
def test_no_hostile_path_leads_out_of_the_workspace(
    tool: ApplyPatch, workspace: Path, tmp_path: Path
) -> None:
    assert attack(tool, workspace, tmp_path / "outside", 250) > 5


@pytest.mark.soak
@pytest.mark.usefixtures("races")
def test_five_thousand_hostile_paths(tool: ApplyPatch, workspace: Path, tmp_path: Path) -> None:
    assert attack(tool, workspace, tmp_path / "outside", 5000) > 100


def test_generated_patches_round_trip_through_files(tool: ApplyPatch, workspace: Path) -> None:
    rng = random.Random(7)
    for _ in range(15):
        old = [rng.choice("abcd ") for _ in range(rng.randint(1, 30))]
        new = [line for line in old if rng.random() > 0.1]
        new.insert(rng.randint(0, len(new)), "new")
        (workspace / "f").write_text("\n".join(old) + "\n")
        message = call(patches.update("f", old, new))
        assert not run(tool, message, workspace).failed
        assert (workspace / "f").read_text() == "\n".join(new) + "\n"
        tool.undo()
        assert (workspace / "f").read_text() == "\n".join(old) + "\n"
