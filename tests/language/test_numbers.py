"""Numbers are written as the language writes them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chat_tui import language
from chat_tui.language import Language, _, choose, ngettext, number, ungrouped


@pytest.fixture(autouse=True)
def english_again(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever a test chose is gone after it."""
    monkeypatch.setenv("LANGUAGE", "en")
    yield
    choose(Language.EN)


WRITTEN = {
    Language.EN: ("131,072", "1,240", "12.1"),
    Language.RU: ("131\u00a0072", "1\u00a0240", "12,1"),
    Language.FR: ("131\u202f072", "1\u202f240", "12,1"),
    Language.ES: ("131.072", "1240", "12,1"),
    Language.PT: ("131.072", "1.240", "12,1"),
    Language.ZH: ("131,072", "1,240", "12.1"),
}


@pytest.mark.parametrize("chosen", WRITTEN)
def test_alone_and_in_the_places_of_a_text(chosen: Language) -> None:
    choose(chosen)
    large, small, broken = WRITTEN[chosen]
    assert number(131_072) == large
    assert number(1240) == small
    assert number(12.1, 1) == broken
    text = _("{used:,}/{total:,} tokens").format(used=1240, total=131_072)
    assert text.startswith(f"{small}/{large} ")
    assert broken in _("{n:.1f} GB").format(n=12.1)
    assert large in ngettext("{n:,} token", "{n:,} tokens", 131_072).format(n=131_072)


@pytest.mark.parametrize("chosen", WRITTEN)
def test_a_number_is_understood_as_it_is_shown(chosen: Language) -> None:
    choose(chosen)
    assert {ungrouped(number(131_072)), ungrouped(" 131_072 "), ungrouped("131,072")} == {"131072"}


def test_a_fraction_is_not_taken_for_groups() -> None:
    choose(Language.ES)
    assert ungrouped("1.5") == "1.5"
    assert ungrouped("1.234.567") == "1234567"


def test_what_is_no_count_stays_as_it_is() -> None:
    choose(Language.FR)
    assert "1, 2.5 and 3,000" in _("{key} stops it.").format(key="1, 2.5 and 3,000")
    assert number(-1234.5, 1) == "-1\u202f234,5"
    assert "'x, 1.5'" in _("invalid whole number value: {text!r}").format(text="x, 1.5")


def test_where_a_text_has_no_places_or_is_english_it_is_text_and_nothing_else() -> None:
    choose(Language.FR)
    assert type(_("quit at once")) is str
    choose(Language.EN)
    assert type(_("{n:.1f} GB")) is str
    assert language.number(1e6) == "1,000,000"
