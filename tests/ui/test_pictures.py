"""Pictures in the terminal: what a plot looks like in blocks, and that a bad one is a name only."""

from __future__ import annotations

import os
import random
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_tui.tools.base import Attachment
from chat_tui.ui.png import MAX_BYTES, NotShown, load, read
from chat_tui.ui.widgets.call import CallCard
from chat_tui.ui.widgets.picture import Picture
from tests.ui.pngs import CHANNELS, png
from tests.ui.screen import Stage
from tests.ui.test_approval import CALL, focused
from tests.ui.tools import FINAL, Pretend, toolset


@given(
    st.integers(1, 9),
    st.integers(1, 9),
    st.sampled_from(sorted(CHANNELS)),
    st.lists(st.integers(0, 4), min_size=1, max_size=9),
    st.randoms(use_true_random=False),
)
def test_every_filter_and_kind_is_read_as_it_was_written(
    width: int, height: int, colour: int, filters: list[int], rng: random.Random
) -> None:
    step = CHANNELS[colour]
    pixels = rng.randbytes(width * height * step)
    palette = rng.randbytes(768)
    found = read(png(width, height, pixels, colour=colour, filters=filters, palette=palette))
    assert (found.width, found.height) == (width, height)
    for y, row in enumerate(found.rows):
        for x, shown in enumerate(row):
            at = (y * width + x) * step
            one = pixels[at : at + step]
            if colour == 3:
                one = palette[3 * one[0] : 3 * one[0] + 3]
            if colour in (4, 6):
                one = bytes(255 + (value - 255) * one[-1] // 255 for value in one[:-1])
            assert shown == (tuple(one) if len(one) == 3 else tuple(one) * 3)


def test_a_large_picture_is_made_small_by_means() -> None:
    row = b"\xff\x00\x00" * 500 + b"\x00\x00\xff" * 500
    found = read(png(1000, 400, row * 400))
    assert (found.width, found.height) == (200, 80)
    assert found.rows[7][3] == (255, 0, 0)
    assert found.rows[7][-3] == (0, 0, 255)
    small = found.fitted(3, 2)
    assert [pixel[0] for pixel in small.rows[0]] == [255, pytest.approx(127, abs=3), 0]
    assert found.fitted(300, 200).rows[199][299] == (0, 0, 255)


GOOD = png(20, 10, bytes(range(200)) * 3, filters=range(5))
BOMB = zlib.compress(bytes(1 << 24), 1)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a",
        GOOD[:8],
        GOOD[:40],
        GOOD[:-40],
        png(1, 1, b"", packed=b""),
        png(0, 5, b""),
        png(60_000, 60_000, b"", packed=BOMB),
        png(4000, 4000, b"", packed=BOMB),
        png(2**32 - 1, 1, b"", packed=BOMB),
        png(9, 9, bytes(999), packed=b"rubbish"),
        png(4, 4, bytes(99), packed=zlib.compress(b"\x07" + bytes(99))),
        png(2, 2, bytes(12), depth=16),
        png(2, 2, bytes(12), interlaced=1),
        png(2, 2, bytes(4), colour=3),
    ],
)
def test_what_is_no_picture_or_too_much_is_not_shown(data: bytes) -> None:
    with pytest.raises(NotShown):
        read(data)


def test_a_bomb_is_unpacked_no_further_than_its_stated_size() -> None:
    found = read(png(64, 64, b"", packed=BOMB))
    assert found.rows[5][5] == (0, 0, 0)


def test_what_takes_too_long_is_not_shown() -> None:
    with pytest.raises(NotShown, match="too long"):
        read(GOOD, seconds=-1.0)


@given(st.binary(max_size=300), st.integers(0, len(GOOD)), st.integers(0, 20))
def test_any_damage_ends_in_a_picture_or_in_none(more: bytes, at: int, gone: int) -> None:
    try:
        found = read(GOOD[:at] + more + GOOD[at + gone :])
    except NotShown:
        return
    assert len(found.rows) == found.height


def test_a_pipe_a_link_and_a_huge_file_are_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "good.png").write_bytes(GOOD)
    (tmp_path / "link.png").symlink_to("good.png")
    with (tmp_path / "huge.png").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    assert load(tmp_path / "good.png").width == 20
    for name in ("pipe.png", "link.png", "huge.png", "none.png"):
        with pytest.raises((NotShown, OSError)):
            load(tmp_path / name)


def drawing(tmp_path: Path, *files: bytes) -> Pretend:
    """A tool that leaves these as plots."""
    made = []
    for number, data in enumerate(files, 1):
        path = tmp_path / f"plot-{number}.png"
        path.write_bytes(data)
        made.append(Attachment(path.name, "image/png", path))
    return Pretend(files=tuple(made))


@pytest.mark.parametrize("width", [100, 30])
def test_a_plot_is_seen_below_its_call(tmp_path: Path, width: int) -> None:
    red_over_blue = png(40, 40, b"\xff\x00\x00" * 800 + b"\x00\x00\xff" * 800)

    async def scenario(stage: Stage) -> None:
        await focused(stage)
        await stage.pilot.press("y")
        await stage.shows("ready", "▀▀▀▀▀▀▀▀", "plot-1.png")
        picture = stage.app.screen.query_one(Picture)
        strips = [picture.render_line(y) for y in range(picture.size.height)]
        colours = [strip._segments[0].style.color.triplet for strip in strips]  # type: ignore[union-attr]
        assert colours[0] == (255, 0, 0)
        assert colours[-1] == (0, 0, 255)
        assert picture.size.height <= 22
        stage.app.screen.query_one(CallCard).action_thought()
        stage.app.screen.query_one(CallCard).action_thought()
        await stage.hides("▀▀▀▀▀▀▀▀")

    tools = toolset(drawing(tmp_path, red_over_blue))
    Stage(CALL, FINAL, tools=tools).play(scenario, size=(width, 50))


def test_a_bad_plot_is_a_name(tmp_path: Path) -> None:
    async def scenario(stage: Stage) -> None:
        await focused(stage)
        await stage.pilot.press("y")
        await stage.shows("ready", "plot-1.png", "plot-3.png")
        await stage.pilot.pause(0.3)
        assert "▀" not in stage.text
        assert not [one for one in stage.app.screen.query(Picture) if one.is_shown]

    bad = (b"", png(60_000, 60_000, b"", packed=BOMB), GOOD[:90])
    Stage(CALL, FINAL, tools=toolset(drawing(tmp_path, *bad))).play(scenario, size=(90, 50))
