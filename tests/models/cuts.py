"""A download that is cut ten times and finished: ``python -m tests.models.cuts``.

Five times the line is cut, five times the downloading process is killed (SIGKILL); the server is
on loopback. Prints what each try asked for, and how many bytes came twice.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from chat_tui.models.download import pull
from chat_tui.models.hub import Home
from tests.models.loopback import Line, entry, serving

SIZE = 24_000_000
FILES = {"it.gguf": random.Random(7).randbytes(SIZE)}


def load(endpoint: str, cache: str) -> Path | None:
    """The download itself."""
    return pull(entry(FILES), Path(cache), lambda _: None, endpoint=endpoint)


def main() -> None:
    """Kill five times, cut five times, finish."""
    line = Line(FILES, pause=0.002)
    with tempfile.TemporaryDirectory() as cache, serving(line) as endpoint:
        part = Home(Path(cache), entry(FILES)).part(entry(FILES).files[0])
        for at in range(1, 6):
            child = subprocess.Popen([sys.executable, "-m", "tests.models.cuts", endpoint, cache])
            while not part.exists() or part.stat().st_size < at * 2_000_000:
                time.sleep(0.005)
            child.kill()
            child.wait()
            print(f"killed at {part.stat().st_size:>10,} of {SIZE:,} bytes")
        line.cuts = [2_000_000] * 5
        path = load(endpoint, cache)
        asked = [headers.get("Range") for _, name, headers in line.asked if name[:5] == "/cdn/"]
        begins = [int(one.strip("bytes=-")) for one in asked[5:] if one]
        for begin in begins[1:]:
            print(f"cut at    {begin:>10,} of {SIZE:,} bytes")
        whole = path is not None and path.read_bytes() == FILES["it.gguf"]
        print(f"{len(asked)} connections, none of them from the beginning again:", end=" ")
        print("yes" if all(asked[1:]) else "NO")
        print("the file is whole and its sha256 is right" if whole else "THE FILE IS WRONG")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        load(sys.argv[1], sys.argv[2])
    else:
        main()
