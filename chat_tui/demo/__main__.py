"""Make the embedded model anew: train, export, pack. Two to three hours on two cores.

    TIKTOKEN_ENCODINGS_BASE=FOLDER python -m chat_tui.demo WORK_FOLDER

FOLDER holds ``o200k_base.tiktoken``. Run again with the same work folder to resume. The packed file
and its hash are left in the work folder; copy them beside this module to ship them.
"""

from __future__ import annotations

import hashlib
import lzma
import os
import subprocess
import sys
from pathlib import Path

STEPS = 12000
ENVIRONMENT = {
    # Large tensors go back and forth at every step: let malloc keep their memory.
    "MALLOC_MMAP_THRESHOLD_": "4000000000",
    "MALLOC_TRIM_THRESHOLD_": "8000000000",
    # A thread that waits must not spin while others need the core.
    "OMP_WAIT_POLICY": "PASSIVE",
}
FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 6, "dict_size": 1 << 27, "lc": 4, "pb": 0}]
"""What packs best: most of the file is rows that are all the same."""


def pack(model: Path) -> tuple[Path, str]:
    """Compress beside the model; the packed file and the sha256 of the unpacked one."""
    packed = model.with_suffix(".gguf.xz")
    data = model.read_bytes()
    packed.write_bytes(lzma.compress(data, filters=FILTERS))
    return packed, hashlib.sha256(data).hexdigest()


def main() -> None:
    """Command line."""
    folder = Path(sys.argv[1])
    model = folder / "model.gguf"

    def run(module: str, *arguments: object) -> None:
        command = [sys.executable, "-m", f"chat_tui.demo.{module}", *map(str, arguments)]
        subprocess.run(command, check=True, env=os.environ | ENVIRONMENT)

    run("train", "--folder", folder, "--steps", STEPS, "--bf16")
    run("export", folder / "checkpoint.pt", model)
    packed, digest = pack(model)
    (folder / "model.sha256").write_text(f"{digest}  model.gguf\n", encoding="ascii")
    print(f"{packed}: {packed.stat().st_size:,} bytes, unpacked {model.stat().st_size:,}, {digest}")
    run("evaluate", model)


if __name__ == "__main__":
    main()
