"""The user's own functions on the command line: nothing runs before it was shown and confirmed."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from chat_tui.errors import ToolError, UsageError
from chat_tui.plain.own_tools import tools_command
from chat_tui.tools.approved import Approvals
from chat_tui.tools.functions import offered

SOURCE = "from pathlib import Path\nPath({mark!r}).touch()\ndef f(x: int) -> int:\n    return x\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "tools"
    made.mkdir()
    (made / "mine.py").write_text(SOURCE.format(mark=str(tmp_path / "ran")) + "# \u202e hidden\n")
    return made


def said(folder: Path, action: str, *names: str, yes: bool = False) -> tuple[int, str]:
    out = io.StringIO()
    approvals = Approvals(folder.parent / "approved.json")
    code = tools_command(folder, approvals, action, list(names), out, lambda _question: yes)
    return code, out.getvalue()


def test_a_file_runs_only_after_it_was_shown_and_confirmed(folder: Path) -> None:
    ran = folder.parent / "ran"
    assert said(folder, "list") == (0, "new       mine.py\n")
    code, shown = said(folder, "approve", "mine.py")
    assert (code, ran.exists()) == (1, False)
    assert "\\u202e hidden" in shown
    code, shown = said(folder, "approve", "mine", yes=True)
    assert (code, ran.exists()) == (0, True)
    assert "Approved: f" in shown
    assert said(folder, "list")[1].startswith("approved")
    assert "approved already" in said(folder, "approve", "mine")[1]


def test_approved_files_are_offered_and_changed_ones_wait(folder: Path) -> None:
    said(folder, "approve", "mine", yes=True)
    (folder / "other.py").write_text("x = 1")
    where = folder.parent / "approved.json"
    (tool,), (waiting,), problems = offered(folder, Approvals(where))
    assert tool.spec.recipients == ("functions.f",)
    assert waiting.path.name == "other.py"
    assert problems == ()
    (folder / "mine.py").write_text("def f(x: str) -> str: return x")
    assert offered(folder, Approvals(where))[0] == ()
    assert said(folder, "list")[1].startswith("changed")
    said(folder, "revoke", "mine.py")
    assert said(folder, "list")[1].startswith("new")


def test_wrong_words_are_told(folder: Path) -> None:
    for action, names in (("approve", ()), ("revoke", ("nothing.py",))):
        with pytest.raises(UsageError):
            said(folder, action, *names)
    (folder / "broken.py").write_text("def f(x): pass")
    with pytest.raises(ToolError, match="no type hint"):
        said(folder, "approve", "broken", yes=True)
    assert "No Python files" in said(folder / "none", "list")[1]


def test_the_sandbox_is_named(folder: Path) -> None:
    code, shown = said(folder, "sandbox")
    assert code == 0
    assert shown.startswith("bubblewrap: sandboxed")
