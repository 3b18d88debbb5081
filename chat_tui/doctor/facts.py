"""What was found out about the machine, the model's process and the folders: values alone.

Knows nothing of how it was found out or what it means. No value holds a secret: of servers their
names, of variables whether they are set.
"""

from __future__ import annotations

from dataclasses import dataclass

from chat_tui.supply import Stock


@dataclass(frozen=True, slots=True)
class Unknown:
    """Stands for facts that could not be had, and why."""

    why: str


@dataclass(frozen=True, slots=True)
class Program:
    """What runs."""

    version: str
    python: str
    """``CPython 3.12.1``."""
    system: str
    """``Linux``, ``Darwin``, ``Windows``."""
    platform: str
    """The same with its version and the processor, for people."""
    processor: str
    """``x86_64``, ``arm64`` …"""
    executable: str
    """The interpreter."""
    project: str = ""
    """The folder of the sources where this is a checkout with a lock file; else empty."""
    uv: bool = False
    """Whether uv is there to install with."""


@dataclass(frozen=True, slots=True)
class Device:
    """What llama.cpp can compute on besides its own threads."""

    name: str
    backend: str
    kind: str
    """``cpu``, ``gpu``, ``igpu`` or ``accel``."""
    free: int
    """Bytes."""
    total: int


@dataclass(frozen=True, slots=True)
class Runner:
    """What the model's process says of llama.cpp and of its machine."""

    binding: str = ""
    """The version of llama-cpp-python; empty where there is none."""
    llama: str = ""
    ggml: str = ""
    backends: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    """What the build was told that the processor has."""
    offload: bool = False
    """Whether the build can use a GPU."""
    devices: tuple[Device, ...] = ()
    cores: int = 0
    """Physical ones that this process may use."""
    threads: int = 0
    """Logical ones of the machine."""
    memory: int | None = None
    """Free bytes."""
    memory_total: int | None = None
    """Bytes of the machine, or what a container is granted of them."""
    problem: str = ""
    """Why llama.cpp could not be asked."""


@dataclass(frozen=True, slots=True)
class Hardware:
    """What the operating system says is built in, whatever llama.cpp was built for."""

    gpus: tuple[tuple[str, str], ...] = ()
    """Maker (``nvidia``, ``amd``, ``intel``, ``apple``) and name."""
    cuda: str = ""
    """The newest version of CUDA that the NVIDIA driver can do; empty where that is unknown."""
    compilers: tuple[str, ...] = ()
    """Of ``nvcc``, ``hipcc``, ``glslc`` and a C++ compiler (``c++``) those that are there."""
    flags: tuple[str, ...] = ()
    """What the processor can do, as Linux calls it; empty where that is unknown."""
    container: bool = False
    distribution: str = ""
    """``debian``, ``fedora`` …: whose package manager there is."""


@dataclass(frozen=True, slots=True)
class Walls:
    """The sandbox for code that the model writes."""

    tier: str
    label: str
    complete: bool
    note: str
    passed_over: tuple[tuple[str, str, str], ...] = ()
    """Better ones: name, what is wrong, what to do."""
    installed: bool = True
    """Whether bubblewrap is there at all."""
    restricted: str = ""
    """``apparmor``, ``clone`` or ``max``: which switch of Linux forbids user namespaces."""


@dataclass(frozen=True, slots=True)
class Terminal:
    """The terminal, as far as it can be known without asking it."""

    columns: int
    lines: int
    interactive: bool
    """Whether input and output are one."""
    term: str
    colorterm: str
    program: str
    """``kitty``, ``wezterm``, ``vte`` …; empty where it does not tell."""
    no_color: bool
    encoding: str
    multiplexer: str = ""
    """``tmux`` or ``screen``."""
    remote: bool = False
    """Whether it is reached by SSH."""
    clipboard_switch: str = ""
    """tmux's ``set-clipboard``."""
    keys_switch: str = ""
    """tmux's ``extended-keys``."""


@dataclass(frozen=True, slots=True)
class Place:
    """A folder or file of this program."""

    name: str
    path: str
    exists: bool
    size: int = 0
    """Bytes of all files in it."""
    whole: bool = True
    """Whether all of it was counted."""
    mode: int = 0
    """Permission bits; 0 on Windows."""
    owned: bool = True
    writable: bool = True
    """Whether something can be written there, or the folder made."""
    free: int | None = None
    """Bytes on that disk."""
    private: bool = False
    """Whether nobody else should read it."""


@dataclass(frozen=True, slots=True)
class Conversations:
    """The first bytes of the database."""

    exists: bool
    sqlite: bool = True
    """Whether it begins as a database does."""
    version: int = 0
    newest: int = 0
    """The version that this program writes."""


@dataclass(frozen=True, slots=True)
class Tooling:
    """The user's own functions and MCP servers, each with ``new``, ``changed`` or ``approved``."""

    files: tuple[tuple[str, str], ...] = ()
    servers: tuple[tuple[str, str], ...] = ()
    problems: tuple[str, ...] = ()
    mcp_missing: str = ""
    """What to install before servers can be used."""
    search: str = ""
    """The web search's address without anything secret; empty where there is none."""
    engine: str = ""
    """The address of the server that has the model, likewise; empty: it is on this machine."""
    plots: bool = False
    """Whether matplotlib is installed beside this program, where the model's Python finds it."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything; what could not be had is Unknown."""

    program: Program
    settings: str
    """What is wrong with the settings file; empty where nothing is."""
    runner: Runner | Unknown
    hardware: Hardware | Unknown
    stock: Stock | Unknown
    walls: Walls | Unknown
    terminal: Terminal | Unknown
    places: tuple[Place, ...] | Unknown
    conversations: Conversations | Unknown
    tooling: Tooling | Unknown
    loaded: str = ""
    """The model that this very program holds; empty on the command line. What is free is counted
    beside it, so that it would seem not to fit."""
