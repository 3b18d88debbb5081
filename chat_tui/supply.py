"""What a face knows of models: what there is, whether it fits, and how a download goes.

Values and one seam, ``Supply``; must not know files' formats, the network, or llama.cpp.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Fit:
    """Where a model would go on this machine now, or why it cannot."""

    fits: bool
    why: str
    """Where it does not fit: what is missing and what would fit. Else what is less than whole."""
    context: int = 0
    """Tokens."""
    memory: int = 0
    """Bytes it takes, devices included."""
    gpu_layers: int = 0
    layers: int = 0
    """Of the model, the output table counting as one, as llama.cpp counts."""
    cpu_experts: int = 0
    """Layers on a GPU whose experts stay in main memory."""


@dataclass(frozen=True, slots=True)
class Model:
    """A model that is on this machine, or could be."""

    name: str
    path: Path | None
    """Its file, or the first of its parts; None where it would have to be downloaded."""
    size: int
    """Bytes."""
    quantization: str
    source: str
    """Whose folder it lies in, or where it would come from."""
    fit: Fit | None = None
    chosen: bool = False
    """Whether a chat begins with it."""
    note: str = ""
    problem: str = ""
    """Why it cannot be used although it is there."""


@dataclass(frozen=True, slots=True)
class Unusable:
    """A file or folder that gives no model, and why."""

    path: Path
    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class Stock:
    """All models that can be had, and what was passed over."""

    models: tuple[Model, ...]
    passed_over: tuple[Unusable, ...]
    memory: int | None
    """Bytes of main memory that are free; None where that is unknown."""
    devices: tuple[int, ...]
    """Free bytes of each GPU."""
    disk: int
    """Free bytes where a download would go."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a first start says of models beside the embedded one."""

    text: str
    """One line."""
    marks: tuple[str, ...]
    """What it is about: who hides it is not told of these again."""


class Phase(StrEnum):
    """What a download is doing."""

    ASKING = "asking"
    LOADING = "loading"
    WAITING = "waiting"
    """The line was cut or silent; it is tried again."""
    CHECKING = "checking"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a download or a check is."""

    phase: Phase
    file: str
    done: int
    """Bytes of all files, with those that were there before."""
    total: int
    speed: float = 0.0
    """Bytes a second over the last seconds; 0 where nothing came."""

    @property
    def left(self) -> float | None:
        """Seconds that the rest will take; None where nothing comes."""
        return (self.total - self.done) / self.speed if self.speed > 0 else None


Hear = Callable[[Progress], None]


class Supply(Protocol):
    """The models of this machine and of the catalog; each method may take seconds."""

    def stock(self) -> Stock:
        """Everything there is."""

    def find(self, word: str) -> Model:
        """The one model of that name or path. Raises ChatError."""

    def pull(self, model: Model, hear: Hear, stop: Callable[[], bool]) -> Path | None:
        """Download a model; None where ``stop`` said so. Raises ModelFileError."""

    def check(self, model: Model, hear: Hear, stop: Callable[[], bool]) -> str:
        """Check its structure and hash: what was found. Raises ModelFileError."""

    def use(self, model: Model) -> None:
        """Remember it as the model to talk to. Raises ModelFileError."""

    def forget(self) -> Path | None:
        """Forget that choice; what it was. No file is touched."""
