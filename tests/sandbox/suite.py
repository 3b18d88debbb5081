"""Runs all probes in one tier as the user who starts it: ``python -m tests.sandbox.suite TIER``.

Builds a small world outside the sandbox (a home with secrets, sockets, a process), runs each probe
in a workspace beside it, and prints one JSON object: for each probe what it wrote, and for the
world whether it is as it was.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from chat_tui.sandbox import interpreter
from chat_tui.sandbox.base import Limits, Sandbox
from chat_tui.sandbox.bubblewrap import Bubblewrap
from chat_tui.sandbox.landlock import Landlock
from chat_tui.sandbox.unconfined import Unconfined
from tests.sandbox.benign import WORKS
from tests.sandbox.harmful import PRELUDE, PROBES, Probe

TIERS = {"bubblewrap": Bubblewrap, "landlock": Landlock, "none": Unconfined}
SECRET = "e7c1-the-secret-of-the-world"  # noqa: S105
LIMITS = Limits(temporary=8 << 20)


@contextmanager
def world() -> Iterator[dict[str, Any]]:
    """A home, sockets and a process that code in a sandbox must not reach; the facts of them."""
    with ExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="world-")))
        home, config, readable = root / "home", root / "config", root / "venv"
        for folder in (home / ".ssh", config, readable):
            folder.mkdir(parents=True)
        (home / ".ssh" / "id_rsa").write_text("private")
        (home / ".bashrc").write_text("unchanged")
        (config / "settings.toml").write_text("unchanged")
        (readable / "module.py").write_text("x = 1")
        tcp, udp = socket.create_server(("127.0.0.1", 0)), socket.socket(type=socket.SOCK_DGRAM)
        stack.enter_context(tcp)
        stack.enter_context(udp)
        port = tcp.getsockname()[1]
        udp.bind(("127.0.0.1", port))
        for name in (str(home / "bus"), str(root / "x"), f"\0{root.name}"):
            listening = stack.enter_context(socket.socket(socket.AF_UNIX))
            listening.bind(name)
            listening.listen()
        victim = subprocess.Popen(["sleep", "600"], env={"SECRET": SECRET})
        stack.callback(victim.wait)
        stack.callback(victim.kill)
        os.environ["SECRET"] = SECRET
        leaked = os.open(home / ".bashrc", os.O_RDWR)
        os.set_inheritable(leaked, True)
        yield {
            "root": str(root), "home": str(home), "config": str(config),
            "readable": str(readable), "port": port, "x": str(root / "x"),
            "abstract": root.name, "victim": victim.pid, "secret": SECRET,
            "memory": LIMITS.memory, "file": LIMITS.file, "temporary": LIMITS.temporary,
            "open_files": LIMITS.open_files,
        }  # fmt: skip
        os.close(leaked)


EACH = """
import ctypes, errno, json, os, resource, signal, socket, struct, sys, tempfile, threading, time
names, codes = json.loads(sys.argv[2])
said = {}
for name, code in zip(names, codes):
    with tempfile.TemporaryFile() as paper:
        if os.fork() == 0:
            os.dup2(paper.fileno(), 1)
            os.dup2(paper.fileno(), 2)
            os.close(paper.fileno())
            try:
                exec(code + "\\nprint('fine', flush=True)", {"__name__": "__main__"})
            except BaseException as error:
                os.write(1, repr(error).encode())
            os._exit(0)
        os.wait()
        paper.seek(0)
        said[name] = paper.read().decode(errors="replace")
print(json.dumps(said))
"""


def run(sandbox: Sandbox, probes: list[Probe], facts: dict[str, Any]) -> dict[str, Any]:
    """Some probes, each in a process of its own, in one sandbox with one workspace."""
    workspace = Path(tempfile.mkdtemp(prefix="work-", dir=facts["root"]))
    (workspace / ".git" / "hooks").mkdir(parents=True)
    (workspace / ".git" / "config").write_text("[core]")
    python = interpreter.own()
    facts = facts | {"marker": f"{workspace.name}-lives"}
    work = [[probe.name for probe in probes], [PRELUDE + probe.code for probe in probes]]
    process = sandbox.start(
        [python.executable, "-I", "-S", "-c", EACH, json.dumps(facts), json.dumps(work)],
        workspace=workspace,
        limits=LIMITS,
        readable=(*python.folders, Path(facts["readable"])),
    )
    try:
        out, error = process.popen.communicate(timeout=100)
    finally:
        process.close()
    alive = _processes(facts["marker"])
    for pid in alive:
        os.kill(pid, 9)
    left = sorted(path.name for path in workspace.iterdir() if path.name.startswith("."))
    shutil.rmtree(workspace, ignore_errors=True)
    said = json.loads(out) if out.endswith(b"}\n") else {}
    said |= {
        each.name: f"did not run: {error[-600:]!r}" for each in probes if each.name not in said
    }
    return {
        name: {"escaped": "ESCAPED" in text or bool(alive), "left": left, "said": text}
        for name, text in said.items()
    }


def _processes(marker: str) -> list[int]:
    """The processes that were started with ``marker`` as a word."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if marker.encode() in words:
            found.append(int(folder.name))
    return found


def main() -> None:
    """Run the suite of one tier; words after the tier choose probes by a part of their names."""
    tier, words = sys.argv[1], sys.argv[2:]
    with world() as facts:
        sandbox = TIERS[tier](private=(Path(facts["config"]),))
        probes = [probe for probe in (*PROBES, *WORKS) if _wanted(probe, tier, words)]
        groups = [[probe for probe in probes if not probe.alone]]
        groups += [[probe] for probe in probes if probe.alone]
        found: dict[str, Any] = {}
        for group in groups:
            found |= run(sandbox, group, facts)
        home = Path(facts["home"])
        unchanged = (
            (home / ".bashrc").read_text() == "unchanged"
            and (Path(facts["config"]) / "settings.toml").read_text() == "unchanged"
            and (home / ".bashrc").stat().st_mode & 0o777 == 0o644
            and Path(f"/proc/{facts['victim']}").exists()
        )
    print(json.dumps({"user": os.geteuid(), "unchanged": unchanged, "probes": found}))


def _wanted(probe: Probe, tier: str, words: list[str]) -> bool:
    if words:
        return any(word in probe.name for word in words)
    if tier == "none":
        return probe.control
    return tier == "bubblewrap" or not probe.complete_only


if __name__ == "__main__":
    main()
