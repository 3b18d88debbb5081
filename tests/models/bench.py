"""How long a look at many model files takes: ``python -m tests.models.bench``.

Writes 1,000 GGUFs of 256 KB, each with a long vocabulary, into the layouts of three programs.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from chat_tui.models.discover import discover
from chat_tui.models.places import Layout, Place
from tests.gguf_factory import string_list, write_gguf

COUNT = 1_000


def main() -> None:
    """Print the median of five looks."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        words = string_list(f"token number {at}" for at in range(10_000))
        for at in range(COUNT):
            kind = "gpt-oss" if at % 50 == 0 else "llama"
            metadata = {"general.architecture": kind, "tokenizer.ggml.tokens": words}
            path = root / "tree" / f"{at % 7}" / f"model-{at}.gguf"
            if at % 2:
                path = root / "hub" / f"models--o--m{at}" / "snapshots" / "abc" / "m.gguf"
            path.parent.mkdir(parents=True, exist_ok=True)
            write_gguf(path, metadata, {"one": ((4,), "F32", bytes(16))})
        places = [Place("tree", root / "tree"), Place("hub", root / "hub", Layout.HUB)]
        seconds = []
        for _ in range(5):
            start = time.perf_counter()
            found = discover(places)
            seconds.append(time.perf_counter() - start)
        print(
            f"{COUNT:,} files: {statistics.median(seconds):.2f} s, at worst {max(seconds):.2f} s;"
            f" {len(found.found)} found, {len(found.passed_over)} passed over with a reason"
        )


if __name__ == "__main__":
    main()
