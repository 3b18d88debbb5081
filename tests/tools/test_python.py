"""The python tool: what a model that was trained on notebooks can rely on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from chat_tui.events import ToolFinished
from chat_tui.sandbox.base import BUBBLEWRAP, Sandbox
from chat_tui.sandbox.unconfined import Unconfined
from chat_tui.session.approval import Policy
from chat_tui.session.gate import Choice, Gate, Reply
from chat_tui.session.turn import Decision
from chat_tui.tools.base import Context, Progress, Result, Risk
from chat_tui.tools.python import NOTHING, PythonTool
from chat_tui.tools.registry import Registry
from tests.tools.conftest import Flag, outcome, python_call

Run = Callable[[str], str]


def test_a_session_keeps_names_and_shows_the_last_value(run: Run) -> None:
    assert run("x = 6") == NOTHING
    assert run("print('first'); x * 7") == "first\n42"
    assert run("_ + 1;") == NOTHING
    assert run("import asyncio\nawait asyncio.sleep(0)\nx") == "6"
    assert run("def f():\n    return __name__\nf()") == "'__main__'"


def test_errors_come_once_after_the_output_and_show_the_models_lines(run: Run) -> None:
    said = run("import sys\nprint('out')\nsys.stderr.write('warned')\ny = 0\n1 / y")
    assert said.startswith("out\nwarned")
    assert said.count("ZeroDivisionError") == 1
    assert '<cell 1>", line 5' in said
    assert "1 / y" in said
    assert "kernel" not in said
    assert "SyntaxError" in run("this is no code")
    assert "SystemExit" in run("exit()")
    assert run("y") == "0"


def test_output_of_other_programs_and_of_c_code_is_there(run: Run) -> None:
    said = run("!echo from the shell\nimport os\nos.write(1, b'from a descriptor')\nNone")
    assert said == "from the shell\nfrom a descriptor"


def test_notebook_lines_are_understood_where_they_are_no_python(run: Run) -> None:
    assert run("%matplotlib inline\n5 % 3") == "2"


def test_a_forked_copy_does_not_answer(run: Run) -> None:
    assert run("import os\npid = os.fork()\nif pid: os.wait()\nNone") == NOTHING
    assert run("pid > 0") == "True"


def test_what_lies_in_the_workspace_is_there_and_stays(run: Run, workspace: Path) -> None:
    (workspace / "mine.txt").write_text("ключ")
    (workspace / "helper.py").write_text("value = 7")
    assert run("open('mine.txt').read()") == "'ключ'"
    assert run("import helper\nhelper.value") == "7"
    run("open('made.txt', 'w').write('made')")
    assert (workspace / "made.txt").read_text() == "made"
    assert sorted(path.name for path in workspace.glob("[!.]*")) == [
        "helper.py",
        "made.txt",
        "mine.txt",
    ]


def test_placeholders_are_gone_afterwards(python: PythonTool, run: Run, workspace: Path) -> None:
    run("1")
    assert (workspace / ".git").is_dir()
    python.close()
    assert list(workspace.iterdir()) == []


def test_a_repository_inside_the_workspace_is_read_only(run: Run, workspace: Path) -> None:
    (workspace / "inner" / ".git" / "hooks").mkdir(parents=True)
    assert "Read-only" in run("open('inner/.git/hooks/pre-commit', 'w')")
    assert run("open('inner/file', 'w').write('ab')") == "2"


def test_nothing_is_started_and_no_time_runs_before_the_call_is_allowed(
    python: PythonTool, workspace: Path
) -> None:
    registry = Registry([python], workspace)
    began: list[bool] = []

    def slow(_request: object, _stop: object) -> Reply:
        time.sleep(0.1)
        began.append(any(workspace.iterdir()))  # a session makes its placeholders first
        return Reply(Choice.ONCE)

    gate = Gate(registry, Policy(), BUBBLEWRAP, slow)
    assert gate.approve(python_call("6 * 7"), Flag()).decision is Decision.ALLOW
    assert began == [False]
    (*_, last) = registry.run(python_call("6 * 7"), Flag())
    assert isinstance(last, ToolFinished)
    assert last.result.content == "42"


def stopped_after(seconds: float) -> Flag:
    flag = Flag()
    threading.Timer(seconds, flag.set).start()
    return flag


@pytest.mark.parametrize("code", ["while True: pass", "import time; time.sleep(60)", "!sleep 60"])
def test_a_stopped_cell_leaves_its_names(
    python: PythonTool, run: Run, workspace: Path, code: str
) -> None:
    run("x = 1")
    _, result = outcome(python, python_call(code), workspace, stopped_after(0.2))
    assert result.failed
    assert "KeyboardInterrupt" in result.text
    assert "The session goes on" in result.text
    assert run("x") == "1"


def test_a_cell_that_was_stopped_before_it_began_does_not_run(
    python: PythonTool, run: Run, workspace: Path
) -> None:
    run("x = 1")
    flag = Flag()
    flag.set()
    _, result = outcome(python, python_call("while True: pass"), workspace, flag)
    assert "KeyboardInterrupt" in result.text
    assert run("x") == "1"


def test_too_long_a_call_is_interrupted(sandbox: Sandbox, workspace: Path, tmp_path: Path) -> None:
    tool = PythonTool(sandbox, tmp_path, seconds=0.3, grace=30)
    _, result = outcome(tool, python_call("while True: pass"), workspace)
    tool.close()
    assert "longer than 0.3 seconds" in result.text


@pytest.mark.parametrize(
    "code",
    [
        "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass",
        "import signal; signal.signal(signal.SIGINT, print)\nwhile True: pass",
        "import os; os.closerange(3, 99)\nwhile True: pass",
        "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)",
    ],
)
def test_a_cell_that_will_not_stop_loses_its_session(
    sandbox: Sandbox, workspace: Path, tmp_path: Path, code: str
) -> None:
    tool = PythonTool(sandbox, tmp_path / "attachments", grace=0.2)
    outcome(tool, python_call("x = 1"), workspace)
    _, result = outcome(tool, python_call(code), workspace, stopped_after(0.2))
    assert result.failed
    assert "All variables and imports are lost" in result.text
    assert "NameError" in outcome(tool, python_call("x"), workspace)[1].text
    tool.close()


@pytest.mark.parametrize(
    "code",
    ["import os; os._exit(3)", "import ctypes; ctypes.string_at(0)", "import os; os.abort()"],
)
def test_a_session_that_dies_is_told_of_and_replaced(run: Run, code: str) -> None:
    assert "All variables and imports are lost" in run(code)
    assert run("6 * 7") == "42"


@pytest.mark.parametrize(
    "frame",
    [
        b"\xff\xff\xff\xff",
        b"\x00\x00\x00\x02[]",
        b"\x00\x00\x00\x03abc",
        b"\x00\x00\x00\x02\xff\xff",
        b"\x00\x00\x00\x0b" + b'{"id": [1]}',
        b"\x00\x00\x00\x28" + b'{"id": 1, "result": 3, "error": "12345"}',
    ],
)
def test_forged_answers_harm_the_session_alone(run: Run, frame: bytes) -> None:
    run(
        "import os\nfor fd in range(3, 20):\n    try: os.write(fd, "
        f"{frame!r})\n    except OSError: pass"
    )
    answers = [run("6 * 7") for _ in range(2)]  # what was forged may be found at the next answer
    assert answers[-1] == "42"


def test_endless_output_is_bounded_while_it_is_read(python: PythonTool, workspace: Path) -> None:
    code = (
        "import os\nblock = b'x' * (1 << 20)\nfor _ in range(100): os.write(1, block)\nprint('end')"
    )
    live, result = outcome(python, python_call(code), workspace)
    assert len(live) <= 1 << 18
    assert len(result.text) < (1 << 20) + 100
    assert result.text.endswith("end")
    assert "characters left out" in result.text


def test_output_that_never_ends_can_be_stopped(python: PythonTool, workspace: Path) -> None:
    code = "import os\nwhile True: os.write(1, b'y' * 65536)"
    _, result = outcome(python, python_call(code), workspace, stopped_after(0.3))
    assert "the user stopped it" in result.text
    assert len(result.text) < (1 << 20) + 1000


def test_a_caller_that_goes_away_stops_the_call(
    python: PythonTool, run: Run, workspace: Path
) -> None:
    code = "print('here', flush=True)\nimport time\ntime.sleep(60)"
    running = python.run(python_call(code), Context(workspace, Flag()))
    assert next(iter(running)) == Progress("here\n")
    running.close()  # type: ignore[attr-defined]
    assert run("'anew'") == "'anew'"


def test_a_cell_that_fills_the_disk_is_ended(
    sandbox: Sandbox, workspace: Path, tmp_path: Path
) -> None:
    tool = PythonTool(sandbox, tmp_path / "attachments", disk_left=1 << 60)
    code = (
        "import os, time\nfile = open('big', 'wb')\nfor _ in range(400):\n"
        "    file.write(os.urandom(1 << 20)); file.flush(); time.sleep(0.01)"
    )
    _, result = outcome(tool, python_call(code), workspace)
    tool.close()
    assert "it was filling the disk" in result.text


PICTURE = """
class Picture:
    def _repr_png_(self): return bytes.fromhex("89504e470d0a1a0a") + b"rest"
    def __repr__(self): return "a picture"
Picture()
"""
LIE = PICTURE.replace("89504e470d0a1a0a", "00")


def test_a_picture_goes_to_the_user_and_its_name_to_the_model(
    python: PythonTool, workspace: Path
) -> None:
    _, result = outcome(python, python_call(PICTURE), workspace)
    (attachment,) = result.attachments
    assert result.text == "a picture\n[Shown to the user: plot-1.png]"
    assert attachment.media_type == "image/png"
    assert attachment.path.read_bytes().endswith(b"rest")
    assert attachment.path.stat().st_mode & 0o777 == 0o600
    assert outcome(python, python_call(LIE), workspace)[1].attachments == ()


PLOTS = """
import sys, types
class Figure:
    def savefig(self, file, **_): file.write(bytes.fromhex("89504e470d0a1a0a") + b"figure")
plots = types.ModuleType("matplotlib.pyplot")
plots.open = [1, 2]
plots.get_fignums = lambda: list(plots.open)
plots.figure = lambda number: Figure()
plots.close = lambda what: plots.open.clear()
sys.modules["matplotlib.pyplot"] = plots
"""


def test_open_figures_are_shown_once(python: PythonTool, run: Run, workspace: Path) -> None:
    _, result = outcome(python, python_call(PLOTS), workspace)
    assert [each.name for each in result.attachments] == ["plot-1.png", "plot-2.png"]
    assert run("1") == "1"


def test_closing_from_another_thread_ends_a_running_call(
    python: PythonTool, workspace: Path
) -> None:
    threading.Timer(0.3, python.close).start()
    _, result = outcome(python, python_call("while True: pass"), workspace)
    assert "All variables and imports are lost" in result.text


def test_what_the_model_is_told_is_true(python: PythonTool, run: Run, workspace: Path) -> None:
    assert "60.0 seconds" in python.spec.description
    assert run("import os; os.getcwd()") == repr(str(workspace))
    assert "Operation not permitted" in run(
        "import urllib.request; urllib.request.urlopen('http://192.0.2.1/')"
    )


def test_the_card_says_what_holds_the_code(sandbox: Sandbox, tmp_path: Path) -> None:
    walled = PythonTool(sandbox, tmp_path).describe(python_call("1"))
    assert walled.risk is Risk.RUNS
    assert walled.rule
    bare = PythonTool(Unconfined(), tmp_path).describe(python_call("1"))
    assert bare.risk is Risk.OUTSIDE
    assert not bare.rule
    assert "NOT sandboxed" in bare.touches
    assert PythonTool(sandbox, tmp_path).describe(python_call(" ")).problem


def test_the_card_says_which_folder_the_code_writes(sandbox: Sandbox, tmp_path: Path) -> None:
    folder = Path.home() / "Projects" / "poems"
    view = PythonTool(sandbox, tmp_path, workspace=folder).describe(python_call("1"))
    assert view.touches[0] == "reads and writes ~/Projects/poems"


def test_a_home_is_not_opened(python: PythonTool) -> None:
    _, result = outcome(python, python_call("1"), Path.home())
    assert result == Result(result.text, failed=True)
    assert "too much to open" in result.text


@pytest.mark.soak
def test_stopping_is_quick(python: PythonTool, run: Run, workspace: Path) -> None:
    run("x = 1")
    took = []
    for _ in range(20):
        flag = stopped_after(0.2)
        began = time.monotonic()
        outcome(python, python_call("while True: pass"), workspace, flag)
        took.append(time.monotonic() - began - 0.2)
    print(f"stopped after {max(took):.3f} s at most")
    assert run("x") == "1"
