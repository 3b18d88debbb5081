"""The models that can be downloaded, as data: ``catalog.toml``.

Knows names, sizes and hashes; must not know the network or this machine. A new model is a new
table in that file.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType

from chat_tui.models.gguf import GGUF, TENSOR_TYPES, Tensor
from chat_tui.models.gpt_oss import ModelFile, Shape, wanted_tensors

_TABLE = "catalog.toml"


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """One file of a repository."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A model that can be downloaded."""

    name: str
    repository: str
    revision: str
    """A commit, so that what is behind the name never changes."""
    license: str
    memory: int
    """Bytes it takes with the smallest context."""
    layers: int
    experts: int
    files: tuple[RemoteFile, ...]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)


def catalog() -> tuple[Entry, ...]:
    """All of them, the smallest first."""
    table = tomllib.loads((files(__package__) / _TABLE).read_text(encoding="utf-8"))
    entries = (
        Entry(name, **{**values, "files": tuple(RemoteFile(**file) for file in values["files"])})
        for name, values in table.items()
    )
    return tuple(sorted(entries, key=lambda entry: entry.size))


def known(sizes: Iterable[int], entries: Iterable[Entry]) -> Entry | None:
    """The entry whose files have exactly these sizes, in this order."""
    wanted = tuple(sizes)
    return next((e for e in entries if tuple(f.size for f in e.files) == wanted), None)


def outline(entry: Entry) -> ModelFile:
    """What the model's header will say, for planning before it is downloaded.

    Everything but the experts is taken for Q8_0, as in the published files; the sum is within 1 %.
    """
    shape = Shape(
        layers=entry.layers,
        width=2880,
        heads=64,
        kv_heads=8,
        head_dim=64,
        experts=entry.experts,
        experts_used=4,
        expert_width=2880,
        window=128,
        context=131_072,
    )
    blocks = {name: (block, width) for name, block, width in TENSOR_TYPES.values()}
    tensors = []
    for name, dimensions in wanted_tensors(shape):
        matrix = len(dimensions) > 1 and name.endswith(".weight")
        kind = ("MXFP4" if "_exps" in name else "Q8_0") if matrix else "F32"
        count = 1
        for length in dimensions:
            count *= length
        block, width = blocks[kind]
        tensors.append(Tensor(name, dimensions, kind, 0, count // block * width))
    first = entry.files[0].name
    header = GGUF(Path(first), 3, MappingProxyType({}), tuple(tensors), 32, 0, entry.size)
    return ModelFile((header,), shape, entry.name)
