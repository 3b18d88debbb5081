"""``python -m chat_tui.runner.room``: what is free on this machine, as JSON.

Asks llama.cpp for the GPUs it was built for, in a process of its own: a driver that fails takes
nothing else along.
"""

from __future__ import annotations

import json
import os

from chat_tui.errors import LoadError
from chat_tui.runner import machine
from chat_tui.runner.fit import Room
from chat_tui.runner.flag import Flag
from chat_tui.runner.llama import Llama


def room() -> Room:
    """Free memory, and that of each device."""
    try:
        devices = Llama(Flag(), lambda _line: None).devices()
    except LoadError:
        devices = []
    return Room(
        machine.available_memory(),
        tuple(device.free for device in devices),
        any(device.shared for device in devices),
    )


def main() -> None:
    """Print it; whatever a driver writes to standard output goes to standard error."""
    answer = os.dup(1)
    os.dup2(2, 1)
    found = room()
    values = {"memory": found.memory, "devices": found.devices, "shared": found.shared}
    os.write(answer, json.dumps(values).encode())


if __name__ == "__main__":
    main()
