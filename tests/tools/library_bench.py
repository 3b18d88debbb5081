"""How fast the library is: uv run python -m tests.tools.library_bench [files]."""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

from chat_tui.tools.library import Library

SYLLABLES = [a + b for a in "bcdfghklmnprstvz" for b in ("a", "e", "i", "o", "u", "or", "an")]


def write_files(folder: Path, count: int, rng: random.Random) -> list[str]:
    """``count`` notes of about 5 kB whose words are as unevenly common as those of a language."""
    words = ["".join(rng.choices(SYLLABLES, k=rng.randint(1, 4))) for _ in range(30_000)]
    weights = [1 / (rank + 1) for rank in range(len(words))]
    for number in range(count):
        at = folder / f"{number % 100:02}"
        at.mkdir(exist_ok=True)
        text = rng.choices(words, weights, k=800)
        lines = [" ".join(text[begin : begin + 12]) for begin in range(0, len(text), 12)]
        (at / f"note-{number}.md").write_text(f"# Note {number}\n\n" + "\n".join(lines) + "\n")
    return words


def main() -> None:
    """Print the figures."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    rng = random.Random(1)
    with tempfile.TemporaryDirectory() as name:
        files = Path(name) / "files"
        files.mkdir()
        words = write_files(files, count, rng)
        library = Library(Path(name) / "data")
        library.add(files)
        for what in ("first", "unchanged"):
            begun, used = time.perf_counter(), time.process_time()
            report = library.index()
            print(
                f"{what}: {report.documents} files in {time.perf_counter() - begun:.2f} s, "
                f"of a core {time.process_time() - used:.2f} s"
            )
        size = sum(path.stat().st_size for path in (Path(name) / "data").iterdir())
        print(f"index: {size / (1 << 20):.0f} MiB")
        for what, ranks in (("rare words", (5000, 30000)), ("common words", (0, 60))):
            times, used = [], []
            for _ in range(60):
                query = " ".join(words[rng.randrange(*ranks)] for _ in range(rng.randint(1, 4)))
                begun, core = time.perf_counter(), time.process_time()
                library.search(query, 10)
                times.append((time.perf_counter() - begun) * 1000)
                used.append((time.process_time() - core) * 1000)
            times.sort()
            used.sort()
            print(
                f"search, {what}: median {statistics.median(times):.1f} ms, "
                f"p95 {times[int(len(times) * 0.95)]:.1f} ms, worst {times[-1]:.1f} ms, "
                f"of a core median {statistics.median(used):.1f} ms, "
                f"p95 {used[int(len(used) * 0.95)]:.1f} ms"
            )
        library.close()


if __name__ == "__main__":
    main()
