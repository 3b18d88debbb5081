"""Every widget that shows foreign text, hung with hostile ones, in a running app.

``python -m tests.ui.gallery FIRST LAST IN OUT`` is a child on a terminal: it shows the payloads of
these numbers, and tells on the descriptor OUT, line by line, where what should be on the screen;
it goes on when something comes on IN.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from textual.drivers.linux_driver import LinuxDriver
from textual.pilot import Pilot
from textual.widget import Widget

from chat_tui.settings import ReasoningView
from tests.ui.hostile_guide import BLOCK, Guide, Tell, Watch, still
from tests.ui.hostile_page import page, wrong_page
from tests.ui.hostile_screens import views
from tests.ui.payloads import giant, payload
from tests.ui.screen import Stage, harmony

SIZE = (100, 160)
LOT = 16
"""Payloads that stand in the transcript at a time."""
APART = 200
"""Of so many payloads one is enormous too."""


async def tour(
    stage: Stage,
    pilot: Pilot[int],
    numbers: Sequence[int],
    tell: Tell,
    giants: Iterable[int] = (),
) -> set[type[Widget]]:
    """Show these payloads everywhere, and ``giants`` in the chat; the kinds of widgets met."""
    watch = Watch()
    stage.app._control_filter = watch
    pilot.app.screen._update_timer.pause()
    with still() as paint:
        guide = Guide(pilot, watch, tell, paint)
        for begin in range(0, len(numbers), BLOCK):
            block = numbers[begin : begin + BLOCK]
            for first in range(0, len(block), LOT):
                await guide.chat(block[first : first + LOT])
            texts = [payload(number) for number in block]
            await guide.fields(texts)
            for view in views(texts, block[0]):
                await guide.screen(view)
            pages = [wrong for number in block for wrong in wrong_page(page(number))]
            await tell({"wrong": pages, "next": block[-1] + 1, "marked": guide.marked})
        for number in giants:
            await guide.giant(giant(number))
    return guide.met


def main() -> None:
    """Be the child."""
    first, last, heard, said = map(int, sys.argv[1:])
    stage = Stage(harmony("Yes."), reasoning=ReasoningView.SHOWN)
    written = 0
    write = LinuxDriver.write

    def count(driver: LinuxDriver, data: str) -> None:
        nonlocal written
        # The terminal's line discipline makes two bytes of a newline.
        written += len(data.encode()) + data.count("\n")
        write(driver, data)

    async def tell(message: Mapping[str, Any]) -> None:
        told = json.dumps({"written": written, **message}).encode() + b"\n"
        while told:
            told = told[os.write(said, told) :]
        os.read(heard, 1)  # nothing changes meanwhile

    async def go(pilot: Pilot[Any]) -> None:
        await pilot.pause(0.3)
        giants = range(-(-first // APART), -(-last // APART))
        await tour(stage, pilot, range(first, last), tell, giants)
        stage.app.exit(0)

    setattr(LinuxDriver, "write", count)  # noqa: B010 - mypy takes no method
    gc.disable()  # to look for what nobody needs any more costs more than it is worth
    setattr(gc, "collect", lambda *_: 0)  # noqa: B010 - mypy takes no method
    stage.app.run(auto_pilot=go)


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)  # nor does taking it all down
