"""Every screen in every theme, cell by cell; by hand: uv run pytest -m soak -k theme_scenes."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.color import Color
from textual.geometry import Region

from chat_tui.preferences.file import SettingsFile
from chat_tui.ui.contrast import contrast
from chat_tui.ui.themes import ANSI, Wardrobe
from tests.ui.screen import Stage, harmony
from tests.ui.tools import Pretend, python, toolset

NAMES = [name for name in Wardrobe().names if name != ANSI]
DRAWN = " ·─│╭╮╰╯▌▎▏█▔▁▂▃▄▅▆▇▀▐┃━"
"""Lines and bars: no text."""
SEEN = 2.9
"""The contrast of those, at the least: the end of a bar lies between two cells."""
MARKDOWN = """\
# Title

Text **bold** `code` [x](https://a.b)

> quote

|a|b|
|-|-|
|1|2|

```python
import os  # note
def f(x): return 'a' + 1
@dec
class A(B): pass
```

```diff
+a
-b
```
All done."""


def hard_to_read(stage: Stage, within: Region | None = None) -> list[tuple[str, str, float]]:
    """Theme, text and contrast of every cell that has too little of it."""
    theme, found = stage.app.theme, []
    strips = stage.app.screen._compositor.render_strips()
    if within is not None:
        rows = strips[within.y : within.bottom]
        strips = [strip.crop(within.x, within.right) for strip in rows]
    for strip in strips:
        for text, style, _ in strip:
            if style is None or style.reverse or not text.strip():
                continue
            wanted = (7 if theme.startswith("high") else 4.5) if text.strip(DRAWN) else SEEN
            if style.color is not None and style.bgcolor is not None:
                on = [Color.from_rich_color(one) for one in (style.color, style.bgcolor)]
                if (ratio := contrast(*on)) < wanted:
                    found.append((theme, text, ratio))
    return found


@pytest.mark.soak
def test_whatever_is_drawn_can_be_read_in_every_theme(tmp_path: Path) -> None:
    async def scenario(stage: Stage) -> None:
        press, pause = stage.pilot.press, stage.pilot.pause

        async def looks_good() -> None:
            for name in NAMES:
                stage.app.wear(name)
                await pause()
                await pause()
                assert not hard_to_read(stage)

        await stage.send("Compute.")
        await stage.shows("Allow")
        await looks_good()
        await press("f3")
        await looks_good()
        await press("y")
        await stage.shows("All done.", "ready")
        await looks_good()
        await press("ctrl+f", *"done")
        await stage.rests()
        await looks_good()
        await press("escape", "alt+up")
        await stage.rests()
        await looks_good()
        await press("escape")
        for command in ("/nope", "/help", "/settings", "/theme", "/prompt", "/context"):
            await stage.send(command)
            await stage.rests()
            await looks_good()
            await press("escape")
            stage.app.screen.query("Composer").first().clear_all()  # type: ignore[attr-defined]
        await stage.write("/")
        await stage.rests()
        await looks_good()
        await stage.write("some words")
        await press("ctrl+a", "shift+home")
        await looks_good()
        for name in NAMES:
            stage.app.wear(name)
            await press("ctrl+p")
            await stage.rests()
            offered = stage.app.screen.query_one("CommandList").content_region
            assert not hard_to_read(stage, offered)
            await press("escape")

    Stage(
        python("print(6*7) # hi\nx = 'a'"),
        harmony(MARKDOWN, reasoning="hm"),
        tools=toolset(Pretend()),
        settings=SettingsFile(tmp_path / "settings.toml"),
    ).play(scenario, size=(90, 44))
