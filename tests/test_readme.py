"""The README names what there is."""

from __future__ import annotations

from pathlib import Path

import pytest

from chat_tui.keys import COMMANDS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_stands_in_it(name: str) -> None:
    assert f"`/{name}`" in README


@pytest.mark.parametrize("picture", sorted((ROOT / "screenshots").glob("*.svg")), ids=str)
def test_every_picture_is_shown_or_linked(picture: Path) -> None:
    assert f"(screenshots/{picture.name})" in README
