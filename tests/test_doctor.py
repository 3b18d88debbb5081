"""What the doctor makes of facts: sound advice, problems named, and commands for that machine."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_tui.doctor import report
from chat_tui.doctor.facts import (
    Conversations,
    Device,
    Facts,
    Hardware,
    Place,
    Program,
    Runner,
    Terminal,
    Tooling,
    Unknown,
    Walls,
)
from chat_tui.doctor.findings import Finding, Level
from chat_tui.supply import Fit, Model, Stock

GB = 10**9
FITS = Fit(True, "", 131_072, 2 * GB, 0, 25, 0)
REAL = Model("gpt-oss-20b", Path("/m/20b.gguf"), 12 * GB, "MXFP4", "LM Studio", FITS, chosen=True)
PROGRAM = Program(
    "0.1.0", "CPython 3.12.1", "Linux", "Linux 6 x86_64", "x86_64", "/venv/bin/python", "/src", True
)
RUNNER = Runner(
    *("0.3.36", "b1", "0.1"),
    backends=("CPU",),
    features=("AVX", "AVX2", "FMA", "F16C"),
    devices=(Device("A processor", "CPU", "cpu", 1, 1),),
    cores=8,
    threads=16,
    memory=20 * GB,
    memory_total=32 * GB,
)
HARDWARE = Hardware(compilers=("c++",), flags=("avx", "avx2", "fma", "f16c"), distribution="debian")
WALLS = Walls("bubblewrap", "sandboxed", complete=True, note="")
TERMINAL = Terminal(
    *(80, 24), True, "xterm-256color", "truecolor", "kitty", no_color=False, encoding="utf-8"
)
DATA = Place("data", "/home/me/.local/share/chat-tui", True, 1000, mode=0o700, free=50 * GB)
WELL = Facts(
    program=PROGRAM,
    settings="",
    runner=RUNNER,
    hardware=HARDWARE,
    stock=Stock((REAL,), (), 20 * GB, (), 100 * GB),
    walls=WALLS,
    terminal=TERMINAL,
    places=(DATA,),
    conversations=Conversations(True, True, 3, 3),
    tooling=Tooling(),
)
NVIDIA = replace(HARDWARE, gpus=(("nvidia", "A card"),), cuda="12.8")


def wrong(facts: Facts) -> list[Finding]:
    """Whatever is not well."""
    return [one for one in report.judge(facts) if one.level is not Level.OK]


def only(facts: Facts) -> Finding:
    (one,) = wrong(facts)
    return one


def test_nothing_is_found_wrong_where_nothing_is() -> None:
    assert wrong(WELL) == []
    text = report.text(report.judge(WELL))
    assert text.endswith("All is well.")
    for said in ("0.3.36", "AVX2", "8 physical cores", "20.0 GB of 32.0 GB", "gpt-oss-20b"):
        assert said in text


@pytest.mark.parametrize(
    ("program", "command"),
    [
        (
            PROGRAM,
            'CMAKE_ARGS="-DGGML_CUDA=on" uv sync --project /src'
            " --reinstall-package llama-cpp-python --no-cache",
        ),
        (
            replace(PROGRAM, project=""),
            'CMAKE_ARGS="-DGGML_CUDA=on" uv pip install --python /venv/bin/python --no-cache'
            " --reinstall-package llama-cpp-python --no-binary llama-cpp-python"
            " 'llama-cpp-python>=0.3.36'",
        ),
        (
            replace(PROGRAM, project="", uv=False, executable="/my venv/bin/python"),
            "CMAKE_ARGS=\"-DGGML_CUDA=on\" '/my venv/bin/python' -m pip install --force-reinstall"
            " --no-deps --no-cache-dir --no-binary llama-cpp-python 'llama-cpp-python>=0.3.36'",
        ),
        (
            replace(PROGRAM, project="", uv=False, system="Windows", executable="C:\\py.exe"),
            '$env:CMAKE_ARGS="-DGGML_CUDA=on"; C:\\py.exe -m pip install --force-reinstall'
            ' --no-deps --no-cache-dir --no-binary llama-cpp-python "llama-cpp-python>=0.3.36"',
        ),
    ],
)
def test_a_card_that_the_build_cannot_use_is_told_with_the_command_for_this_installation(
    program: Program, command: str
) -> None:
    hardware = replace(NVIDIA, compilers=("nvcc", "c++"))
    walls = WALLS if program.system != "Windows" else Unknown("none")
    found = only(replace(WELL, program=program, hardware=hardware, walls=walls))
    assert found.level is Level.ADVICE
    assert "A card is here" in found.text
    assert found.command == command


@pytest.mark.parametrize(
    ("driver", "said"),
    [
        ("12.8", "whl/cu124"),
        ("12.2", "whl/cu122"),
        ("13.1", "whl/cu124"),
        ("11.8", "-DGGML_CUDA=on"),
        ("", "-DGGML_CUDA=on"),
    ],
)
def test_without_the_toolkit_the_newest_wheel_for_the_driver_is_named(
    driver: str, said: str
) -> None:
    assert said in only(replace(WELL, hardware=replace(NVIDIA, cuda=driver))).command


@pytest.mark.parametrize(
    ("gpu", "compilers", "said"),
    [
        ("apple", (), "-DGGML_METAL=on"),
        ("amd", ("hipcc",), "-DGGML_HIP=on"),
        ("amd", (), "sudo apt install libvulkan-dev glslc && CMAKE_ARGS"),
        ("amd", ("glslc",), 'CMAKE_ARGS="-DGGML_VULKAN=on"'),
    ],
)
def test_other_cards_have_commands_of_their_own(
    gpu: str, compilers: tuple[str, ...], said: str
) -> None:
    hardware = replace(HARDWARE, gpus=((gpu, ""),), compilers=compilers)
    found = only(replace(WELL, hardware=hardware))
    assert said in found.command
    assert not found.command.startswith("sudo") or "glslc" not in compilers


@pytest.mark.parametrize(
    ("gpu", "backend"),
    [("nvidia", "CUDA"), ("nvidia", "Vulkan"), ("amd", "ROCm"), ("apple", "MTL")],
)
def test_a_card_that_is_used_needs_no_advice(gpu: str, backend: str) -> None:
    card = Device("A card", backend, "gpu", 7 * GB, 8 * GB)
    runner = replace(RUNNER, backends=(backend, "CPU"), offload=True, devices=(card,))
    facts = replace(WELL, runner=runner, hardware=replace(HARDWARE, gpus=((gpu, "A card"),)))
    assert wrong(facts) == []
    assert "A card, by" in report.text(report.judge(facts))
    assert "7.0 GB of 8.0 GB free" in report.text(report.judge(facts))


def test_a_build_for_cards_that_finds_none_is_told() -> None:
    runner = replace(RUNNER, backends=("CUDA", "CPU"), offload=True)
    assert "finds none" in only(replace(WELL, runner=runner)).text
    inside = replace(HARDWARE, container=True)
    assert "--gpus all" in only(replace(WELL, runner=runner, hardware=inside)).text


def test_instructions_that_the_build_leaves_unused_are_told() -> None:
    found = only(replace(WELL, hardware=replace(HARDWARE, flags=("avx2", "avx512f"))))
    assert "AVX512" in found.text
    assert "AVX2" not in found.text
    assert "-DGGML_NATIVE=on" in found.command


@pytest.mark.parametrize(
    ("runner", "said"),
    [
        (Runner(cores=2, problem="llama-cpp-python is not installed."), "not installed"),
        (
            Runner("0.3.36", cores=2, problem="The process was ended by SIGILL."),
            "another processor",
        ),
        (Runner("0.3.36", problem="llama.cpp could not be asked: no such library"), "no such"),
    ],
)
def test_a_llama_cpp_that_does_not_run_is_a_problem(runner: Runner, said: str) -> None:
    found = only(replace(WELL, runner=runner))
    assert found.level is Level.PROBLEM
    assert said in found.text
    assert "llama-cpp-python" in found.command
    assert not report.usable([found])


def with_models(*models: Model, disk: int = 100 * GB) -> Facts:
    return replace(WELL, stock=Stock(models, (), 20 * GB, (), disk))


def test_a_model_that_does_not_fit_or_is_broken_is_a_problem() -> None:
    large = replace(REAL, fit=Fit(False, "43.0 GB are missing."))
    assert "43.0 GB are missing" in only(with_models(large)).text
    broken = replace(REAL, fit=None, problem="It is not whole.")
    assert only(with_models(broken)).level is Level.PROBLEM
    assert only(with_models()).command == "chat-tui models list"


def test_a_model_that_is_loaded_already_is_not_said_not_to_fit() -> None:
    large = replace(REAL, fit=Fit(False, "9.0 GB are missing."))
    facts = replace(with_models(large), loaded="gpt-oss-20b")
    assert wrong(facts) == []
    assert "gpt-oss-20b is loaded" in report.text(report.judge(facts))


def test_without_a_compiler_a_ready_wheel_is_named() -> None:
    broken = Runner(cores=2, problem="llama-cpp-python is not installed.")
    bare = replace(WELL, runner=broken, hardware=replace(HARDWARE, compilers=()))
    assert "whl/cpu" in only(bare).command


def test_whoever_has_the_embedded_model_is_told_of_the_largest_that_fits() -> None:
    embedded = Model("embedded", Path("/e"), 1, "", "comes with chat-tui", FITS, chosen=True)
    other = replace(REAL, chosen=False)
    far = replace(other, path=None)
    huge = Model("gpt-oss-120b", None, 63 * GB, "", "", Fit(False, "too large"))
    assert only(with_models(embedded, other, huge)).command == "chat-tui models use gpt-oss-20b"
    assert only(with_models(embedded, far, huge)).command == "chat-tui models pull gpt-oss-20b"
    assert wrong(with_models(embedded, far, huge, disk=GB)) == []


@pytest.mark.parametrize(
    ("distribution", "command"),
    [
        ("debian", "sudo apt install bubblewrap"),
        ("fedora", "sudo dnf install bubblewrap"),
        ("arch", "sudo pacman -S bubblewrap"),
        ("", ""),
    ],
)
def test_a_missing_sandbox_is_mended_with_this_systems_package_manager(
    distribution: str, command: str
) -> None:
    passed = (("bubblewrap", "bubblewrap is not installed.", "a hint"),)
    walls = Walls("landlock", "partly sandboxed", False, "Less.", passed, installed=False)
    hardware = replace(HARDWARE, distribution=distribution)
    facts = replace(WELL, walls=walls, hardware=hardware)
    assert [one.command for one in wrong(facts)] == ["", command]
    assert report.usable(report.judge(facts))
    assert ("a hint" in report.text(report.judge(facts))) is not bool(command)


@pytest.mark.parametrize(
    ("switch", "said"),
    [("apparmor", "apparmor_parser"), ("clone", "userns_clone=1"), ("max", "user_namespaces=")],
)
def test_a_sandbox_that_linux_forbids_is_mended_outside_of_containers(
    switch: str, said: str
) -> None:
    passed = (("bubblewrap", "A program does not start in it.", "bwrap: no permissions"),)
    walls = Walls("none", "NOT sandboxed", False, "All.", passed, restricted=switch)
    assert said in wrong(replace(WELL, walls=walls))[1].command
    inside = wrong(replace(WELL, walls=walls, hardware=replace(HARDWARE, container=True)))[1]
    assert inside.command == ""
    assert "no permissions" in inside.text


@pytest.mark.parametrize(
    ("terminal", "command"),
    [
        (replace(TERMINAL, colorterm=""), "export COLORTERM=truecolor"),
        (replace(TERMINAL, term="dumb"), "chat-tui plain"),
        (replace(TERMINAL, encoding="ascii"), "export LANG=C.UTF-8"),
        (
            replace(TERMINAL, multiplexer="tmux", clipboard_switch="external"),
            "tmux set-option -s set-clipboard on",
        ),
        (replace(TERMINAL, columns=30), ""),
        (replace(TERMINAL, program="vte"), ""),
        (replace(TERMINAL, multiplexer="screen"), ""),
    ],
)
def test_what_a_terminal_lacks_is_advice_never_a_problem(terminal: Terminal, command: str) -> None:
    found = only(replace(WELL, terminal=terminal))
    assert found.level is Level.ADVICE
    assert found.command == command


def test_terminals_that_are_fine_are_left_alone() -> None:
    for terminal in (
        replace(TERMINAL, no_color=True),
        replace(TERMINAL, multiplexer="tmux", clipboard_switch="on"),
        replace(TERMINAL, program="", term="xterm", colorterm=""),
        replace(TERMINAL, interactive=False, columns=0, lines=0),
    ):
        assert wrong(replace(WELL, terminal=terminal)) == []


@pytest.mark.parametrize(
    ("place", "level", "said"),
    [
        (replace(DATA, writable=False), Level.PROBLEM, "Nothing can be written"),
        (replace(DATA, free=GB // 1000), Level.PROBLEM, "1 MB are free"),
        (replace(DATA, free=GB // 2), Level.ADVICE, "0.5 GB are free"),
        (replace(DATA, owned=False), Level.ADVICE, "another user"),
        (replace(DATA, mode=0o755, private=True), Level.ADVICE, "may read"),
        (replace(DATA, mode=0o777), Level.ADVICE, "may write"),
    ],
)
def test_folders_that_cannot_be_used_or_are_open_to_others(
    place: Place, level: Level, said: str
) -> None:
    found = only(replace(WELL, places=(place,)))
    assert found.level is level
    assert said in found.text


def test_a_folder_with_an_odd_name_makes_a_harmless_command() -> None:
    path = "/home/me/a; rm -rf $HOME"
    found = only(replace(WELL, places=(replace(DATA, path=path, mode=0o777),)))
    assert shlex.split(found.command) == ["chmod", "go-w", path]


def test_the_database() -> None:
    newer = only(replace(WELL, conversations=Conversations(True, True, 4, 3)))
    assert newer.level is Level.PROBLEM
    damaged = only(replace(WELL, conversations=Conversations(True, False, 0, 3)))
    assert damaged.level is Level.ADVICE
    assert "rescues" in damaged.text
    assert wrong(replace(WELL, conversations=Conversations(False))) == []


def test_tools_that_wait_for_approval() -> None:
    tooling = Tooling(
        (("mine.py", "changed"), ("old.py", "approved")), (("mcp.files", "new"),), mcp_missing="X."
    )
    found = wrong(replace(WELL, tooling=tooling))
    assert [one.command for one in found] == [
        *("", "chat-tui tools approve mine.py", "chat-tui tools approve mcp.files")
    ]


def test_in_a_window_what_is_wrong_stands_first_and_nothing_twice() -> None:
    facts = replace(WELL, conversations=Conversations(True, False, 0, 3))
    lines = report.text(report.judge(facts), 60, wrong_first=True).splitlines()
    assert lines[0] == "Nothing is broken; 1 thing could be better."
    assert lines[1].startswith("  advice ")
    plain = report.text(report.judge(facts), 60).splitlines()
    assert sorted(lines) == sorted(plain)


def test_whether_python_draws_plots_is_told_where_there_is_python() -> None:
    def said(facts: Facts) -> list[str]:
        return [one.text for one in report.judge(facts) if one.id == "tools.plots"]

    assert "uv pip install matplotlib" in said(WELL)[0]
    assert "can draw plots" in said(replace(WELL, tooling=Tooling(plots=True)))[0]
    assert said(replace(WELL, program=replace(PROGRAM, system="Windows"))) == []


def test_settings_that_cannot_be_read_are_a_problem() -> None:
    assert only(replace(WELL, settings="line 3: unknown")).level is Level.PROBLEM


def test_what_could_not_be_looked_at_is_told_and_the_rest_judged() -> None:
    gone = Unknown("It took too long.")
    facts = Facts(PROGRAM, "", gone, gone, gone, gone, gone, gone, gone, gone)
    found = report.judge(facts)
    assert {one.section for one in found} == {
        *("program", "engine", "machine", "model", "sandbox", "terminal", "folders", "tools")
    }
    assert all("It took too long." in one.text for one in found[1:])


def test_the_document_is_whole_and_keeps_its_form() -> None:
    document = report.document(WELL, report.judge(WELL))
    assert json.loads(json.dumps(document)) == document
    assert set(document) == {"format", "usable", "findings", "facts"}
    assert document["format"] == 1
    assert document["usable"] is True
    for one in document["findings"]:
        assert set(one) == {"id", "level", "text", "command"}
        assert one["level"] in ("ok", "advice", "problem")
    assert document["facts"]["runner"]["memory"] == 20 * GB
    assert document["facts"]["stock"]["passed_over"] == 0
    lost = replace(WELL, stock=Unknown("gone"))
    assert report.document(lost, report.judge(lost))["facts"]["stock"] == {"why": "gone"}


@given(
    st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), max_size=300),
    st.integers(40, 100),
)
def test_no_line_is_wider_than_asked_for_but_for_one_long_word(text: str, width: int) -> None:
    finding = Finding("a", Level.ADVICE, text, "do " + "word " * 40)
    for line in report.text([finding], width).splitlines():
        assert len(line) <= width


def test_a_broken_command_is_still_the_same_command() -> None:
    found = only(replace(WELL, hardware=NVIDIA))
    lines = report.text([found], 60).splitlines()
    begin = next(at for at, line in enumerate(lines) if line.strip().startswith("$"))
    end = next(at for at, line in enumerate(lines[begin:], begin) if not line.endswith("\\"))
    joined = "\n".join(lines[begin : end + 1]).strip().removeprefix("$ ").replace("\\\n", "")
    assert end > begin
    assert shlex.split(joined) == shlex.split(found.command)


@pytest.mark.parametrize(("backends", "words"), [(("RPC", "CPU"), "can take"), (("CPU",), "needs")])
def test_whether_other_machines_can_take_layers_is_told(
    backends: tuple[str, ...], words: str
) -> None:
    runner = replace(RUNNER, backends=backends, offload="RPC" in backends)
    found = report.judge(replace(WELL, runner=runner))
    assert words in next(one.text for one in found if "--rpc" in one.text)
    assert wrong(replace(WELL, runner=runner)) == []


def test_a_server_that_has_the_model_is_named() -> None:
    facts = replace(WELL, tooling=replace(WELL.tooling, engine="https://models.example"))
    text = report.text(report.judge(facts), 200)
    assert "The model runs at https://models.example" in text
    assert "stays offline" not in text
