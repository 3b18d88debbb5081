"""What is taken down is gone from memory, too."""

from __future__ import annotations

import gc
import weakref

from chat_tui.ui.widgets.cards import Notice
from tests.ui.screen import Stage, harmony

ARRANGED = 5
"""So many arrangements a place keeps, with the widgets that stood there."""


def test_what_a_widget_drew_goes_with_the_widget() -> None:
    async def scenario(stage: Stage) -> None:
        drawn = []
        for number in range(4 * ARRANGED):
            notice = Notice(f"Number {number} is told.")
            await stage.app.screen.query_one("Transcript").mount(notice)
            await stage.pilot.pause()
            drawn.append(weakref.ref(notice._styles_cache))
            await notice.remove()
        del notice
        await stage.pilot.pause()
        gc.collect()
        assert sum(cache() is not None for cache in drawn) <= ARRANGED

    Stage(harmony("Yes.")).play(scenario)
