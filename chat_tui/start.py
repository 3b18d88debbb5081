"""The beginning of the program: brings the command line into memory without delay.

Must not know what the program does; that is ``cli``'s.
"""

from __future__ import annotations

from chat_tui.lasting import lasting


def main() -> int:
    """Run the program; return its exit code. See ``cli.main``."""
    with lasting():
        from chat_tui import cli
    return cli.main()
