"""Gathering: nothing hangs, nothing fails the whole, nothing is written, no secret comes along."""

from __future__ import annotations

import io
import json
import signal
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_tui.doctor import hardware, places, terminal
from chat_tui.doctor.facts import Facts, Runner, Tooling, Unknown
from chat_tui.doctor.looking import Asked, ask_runner, look
from chat_tui.doctor.report import document, judge, usable
from chat_tui.doctor.secrets import address, hidden, without_secrets
from chat_tui.errors import ModelFileError
from chat_tui.paths import Paths
from chat_tui.plain.doctor import doctor_command
from chat_tui.runner.about import features
from chat_tui.servers import Server
from chat_tui.settings import Settings
from chat_tui.store.schema import VERSION
from chat_tui.supply import Stock
from tests.test_cli import run

NOTHING = Stock((), (), None, (), 0)


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


def asked(paths: Paths, **changes: object) -> Asked:
    plain = Asked(paths, Settings(), lambda: NOTHING, paths.cache / "hub", environment={})
    return replace(plain, **changes)  # type: ignore[arg-type]


def test_everything_is_found_out_and_nothing_is_written(paths: Paths, tmp_path: Path) -> None:
    facts = look(asked(paths))
    assert isinstance(facts.runner, Runner)
    assert facts.runner.problem == ""
    assert facts.runner.binding
    assert "CPU" in facts.runner.backends
    assert facts.runner.cores > 0
    assert facts.runner.memory_total
    assert not any(isinstance(getattr(facts, name), Unknown) for name in Facts.__slots__)
    assert list(tmp_path.iterdir()) == []


def test_a_look_that_hangs_or_fails_costs_only_itself(paths: Paths) -> None:
    opened = threading.Event()

    def hangs() -> Stock:
        opened.wait(60)
        return NOTHING

    def fails() -> Stock:
        raise ModelFileError("The disk is full.", "Make room.")

    def breaks() -> Stock:
        raise ZeroDivisionError

    try:
        late = look(asked(paths, stock=hangs), seconds=3.0)
    finally:
        opened.set()
    assert late.stock == Unknown("It took too long.")
    assert not isinstance(late.terminal, Unknown)
    assert look(asked(paths, stock=fails)).stock == Unknown("The disk is full. Make room.")
    assert isinstance(look(asked(paths, stock=breaks)).stock, Unknown)


def test_what_the_models_process_said_before_it_died_stays() -> None:
    died = (
        f"print('{{\"cores\": 3}}', flush=True); import os; os.kill(os.getpid(), {signal.SIGILL})"
    )
    found = ask_runner(python(died))
    assert found.cores == 3
    assert "SIGILL" in found.problem
    hung = ask_runner(python("print('{\"cores\": 4}', flush=True); import time; time.sleep(60)"), 2)
    assert hung.cores == 4
    assert "2 s" in hung.problem
    assert "ended with 5" in ask_runner(python("raise SystemExit(5)")).problem
    assert ask_runner(("/nowhere/python",)).problem


@given(st.binary(max_size=300))
def test_nonsense_from_the_models_process_is_no_end(said: bytes) -> None:
    from chat_tui.doctor.looking import _runner

    assert _runner(said, "It died.").problem


def test_features_are_those_switched_on() -> None:
    told = "CPU : AVX2 = 1 | FMA = 0 | REPACK = 1 | CUDA : ARCHS = 500,610 | USE_GRAPHS = 1 | "
    assert features(told) == ("AVX2", "REPACK", "ARCHS", "USE_GRAPHS")
    assert features("") == ()


SECRETS = ("hunter2hunter2", "hf_abcdefghijklmnopqrstuv", "sk-abcdefghijklmnopqrstuv")


@pytest.mark.parametrize(
    "text",
    [
        "https://me:hunter2hunter2@host/x cannot be reached",
        "GET https://host/search?key=hunter2hunter2 failed",
        "API_KEY=hunter2hunter2 is wrong",
        "'mcp.x.token': \"hunter2hunter2\"",
        "npx server --api-key hunter2hunter2 --verbose",
        "Authorization: Bearer hunter2hunter2",
        "password: hunter2hunter2",
        "used hf_abcdefghijklmnopqrstuv here",
        "used sk-abcdefghijklmnopqrstuv here",
    ],
)
def test_secrets_are_hidden(text: str) -> None:
    shown = hidden(text)
    assert not any(secret in shown for secret in SECRETS)
    assert shown != text


@pytest.mark.parametrize(
    "text",
    [
        "131,072 tokens of context",
        "fits: on the CPU, 131,072 tokens: enough",
        "/home/me/.local/share/chat-tui/conversations.db",
        "https://huggingface.co/ggml-org/gpt-oss-20b-GGUF",
        "uv sync --extra mcp",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert hidden(text) == text


def test_addresses_lose_all_but_scheme_host_and_port() -> None:
    assert address("https://me:pw@host.example:8443/key/x?y=z#w") == "https://host.example:8443"
    assert address("") == ""
    assert "pw" not in address("https://me:pw@host:99999999/")


def test_values_keep_their_shape_without_secrets() -> None:
    before = Tooling((("a", "new"),), problems=("token=hunter2hunter2",), search="x\x1b[2Jy")
    after = without_secrets(before)
    assert after.files == before.files
    assert "hunter2" not in after.problems[0]
    assert "\x1b" not in after.search


def test_no_secret_of_settings_or_environment_is_in_the_document(paths: Paths) -> None:
    secret = SECRETS[0]
    server = Server("files", "npx", ("--key", secret), {"TOKEN": secret}, ("HF_TOKEN",))
    settings = Settings(search_server=f"https://me:{secret}@host/{secret}", servers=(server,))
    environment = {
        "HF_TOKEN": secret,
        "TERM": "xterm-256color",
        "HF_ENDPOINT": f"https://{secret}@h",
    }
    facts = look(asked(paths, settings=settings, environment=environment))
    written = json.dumps(document(facts, judge(facts)))
    assert secret not in written
    assert "mcp.files" in written
    assert "https://host" in written


def test_folders_are_measured_and_never_made(paths: Paths, tmp_path: Path) -> None:
    paths.conversations.parent.mkdir(parents=True, mode=0o700)
    paths.conversations.write_bytes(b"x" * 500)
    paths.conversations.chmod(0o640)
    found = {one.name: one for one in places.look(paths, tmp_path / "hub")}
    assert found["data"].size == 500
    assert found["conversations file"].mode == 0o640
    assert found["conversations file"].private
    assert found["conversations"].mode == 0o700
    assert not found["cache"].exists
    assert found["cache"].writable
    assert found["cache"].free
    assert not paths.cache.exists()


def test_a_file_in_the_way_of_a_folder_is_seen(paths: Paths) -> None:
    paths.cache.write_text("in the way")
    found = {one.name: one for one in places.look(paths, paths.cache)}
    assert not found["states"].writable


def test_the_database_is_known_by_its_first_bytes(tmp_path: Path) -> None:
    file = tmp_path / "it.db"
    assert not places.conversations(file).exists
    file.write_bytes(b"")
    assert places.conversations(file).sqlite
    file.write_bytes(b"rubbish" * 100)
    assert not places.conversations(file).sqlite
    head = bytearray(b"SQLite format 3\0".ljust(100, b"\0"))
    head[60:64] = (VERSION + 1).to_bytes(4, "big")
    file.write_bytes(head)
    found = places.conversations(file)
    assert (found.sqlite, found.version, found.newest) == (True, VERSION + 1, VERSION)


def machine(root: Path, **files: str) -> Path:
    for name, text in files.items():
        path = root / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_linux_says_what_is_built_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr("platform.system", lambda: "Linux")
    root = machine(
        tmp_path,
        sys__class__drm__card0__device__vendor="0x1002\n",
        proc__driver__nvidia__gpus__1__information="Model: \t\t NVIDIA A10\nIRQ: 1\n",
        proc__cpuinfo="processor : 0\nflags\t\t: fpu avx2 avx512f\n\n",
        etc__os="",
        run__x="",
    )
    (root / "etc/os-release").write_text('ID=ubuntu\nID_LIKE="debian"\n')
    (root / "run/.containerenv").write_text("")
    found = hardware.look(root)
    assert found.gpus == (("nvidia", "NVIDIA A10"), ("amd", ""))
    assert found.flags == ("fpu", "avx2", "avx512f")
    assert found.container
    assert found.distribution == "debian"
    assert found.compilers == ()
    assert hardware.look(tmp_path / "empty").gpus == ()


def test_the_driver_is_asked_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "nvidia-smi"
    program.write_text(
        f"#!{sys.executable}\nimport sys\n"
        'print("A card\\nA card" if sys.argv[1:] else "| Driver 1 CUDA Version: 12.8 |")\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    found = hardware.look(tmp_path)
    assert found.gpus[:2] == (("nvidia", "A card"), ("nvidia", "A card"))
    assert found.cuda == "12.8"
    program.write_text("#!/bin/sh\nexit 9\n")
    assert hardware.look(tmp_path).cuda == ""


def test_a_program_that_hangs_says_nothing() -> None:
    assert hardware.said(python("import time; time.sleep(60)"), 1.0) == ""


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("ID=debian", "debian"),
        ("ID=linuxmint\nID_LIKE=ubuntu debian", "debian"),
        ('ID="rhel"\nID_LIKE="fedora"', "fedora"),
        ("ID=arch", "arch"),
        ("ID=opensuse-tumbleweed", "suse"),
        ("ID=plan9", ""),
        ("", ""),
    ],
)
def test_distributions(text: str, name: str) -> None:
    assert hardware.distribution(text) == name


def test_switches_of_linux(tmp_path: Path) -> None:
    assert hardware.restricted(tmp_path) == ""
    for name, said, switch in (
        ("kernel__apparmor_restrict_unprivileged_userns", "1", "apparmor"),
        ("kernel__unprivileged_userns_clone", "0", "clone"),
        ("user__max_user_namespaces", "0\n", "max"),
    ):
        machine(tmp_path, **{f"proc__sys__{name}": said})
        assert hardware.restricted(tmp_path) == switch


@pytest.mark.parametrize(
    ("environment", "program", "around"),
    [
        ({"TERM": "xterm-kitty"}, "kitty", ""),
        ({"TERM": "xterm-256color", "VTE_VERSION": "7600"}, "vte", ""),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"}, "terminal.app", ""),
        ({"TERM": "screen", "STY": "1.x"}, "", "screen"),
        (
            {"TERM": "tmux-256color", "TMUX": "/nowhere,1,0", "WT_SESSION": "x"},
            "windows terminal",
            "tmux",
        ),
        ({}, "", ""),
    ],
)
def test_terminals_are_known_by_their_variables(
    environment: dict[str, str], program: str, around: str
) -> None:
    assert terminal.program(environment) == program
    assert terminal.multiplexer(environment) == around
    assert terminal.look(environment).term == environment.get("TERM", "")


def test_the_text_is_plain_and_the_exit_code_means_something(paths: Paths) -> None:
    facts = replace(look(asked(paths)), settings="")
    out = io.StringIO()
    code = doctor_command(facts, False, out, 80)
    text = out.getvalue()
    assert code == (0 if usable(judge(facts)) else 1)
    assert text.startswith("Program\n")
    assert "\x1b" not in text
    assert doctor_command(replace(facts, settings="It is broken."), True, io.StringIO()) == 1


def test_the_command_goes_on_with_settings_that_cannot_be_read(home: Path) -> None:
    settings = home / "config" / "chat-tui" / "settings.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text("frobnicate = 1\n")
    told = run("doctor", "--json")
    assert told.returncode == 1, told.stderr
    assert told.stderr == b""
    found = json.loads(told.stdout)
    assert found["usable"] is False
    assert [one["id"] for one in found["findings"] if one["level"] == "problem"] == [
        "program.settings"
    ]
