"""Every setting of the file is in the table, with words and a default that is the real one."""

from __future__ import annotations

import gettext
from dataclasses import fields

import pytest

from chat_tui import language
from chat_tui.errors import UsageError
from chat_tui.preferences.table import PREFERENCES, matching, preference
from chat_tui.settings import Settings

NAMES = {
    "budgets": {"reasoning.budget.low", "reasoning.budget.medium", "reasoning.budget.high"},
    "reasoning": {"reasoning.view"},
    "tool_mode": {"tools.mode"},
    "tools": {"tools.enabled"},
    "models": {"models.folders", "models.mirror"},
}
ELSEWHERE = {"tool_rules", "servers", "keys"}
"""What is more than a value, or a secret, and is changed in the file itself."""


def test_every_setting_is_in_the_table() -> None:
    names = {field.name for field in fields(Settings)} - ELSEWHERE
    assert set().union(*(NAMES.get(name, {name}) for name in names)) == set(PREFERENCES)


def test_each_says_what_it_does_and_what_holds_without_it() -> None:
    for one in PREFERENCES.values():
        assert one.does.endswith(".")
        assert len(one.does) <= 75
        assert one.default
        assert one.kind.hint
        if one.kind.choices:
            assert one.default in one.kind.choices


def test_a_name_is_found_or_a_near_one_is_told() -> None:
    assert preference("reasoning").name == "reasoning.view"
    with pytest.raises(UsageError, match="temperature"):
        preference("temprature")


def test_words_find_settings() -> None:
    assert [one.name for one in matching("gpu")] == ["gpu_layers"]
    assert {one.name for one in matching("reasoning tokens")} >= {"reasoning.budget.low"}
    assert matching("") == list(PREFERENCES.values())
    assert matching("xyzzy") == []


class Russian(gettext.NullTranslations):
    """Two texts of it."""

    def gettext(self, message: str) -> str:
        """A text in Russian where it is one of these."""
        return {"The colours.": "Цвета.", "no limit": "без предела"}.get(message, message)


def test_words_of_the_language_and_english_ones_find_settings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(language, "_catalog", Russian())
    assert [one.name for one in matching("цвета")] == ["theme"]
    assert [one.name for one in matching("colours")] == ["theme"]


def test_a_default_that_could_be_typed_is_the_same_in_every_language(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(language, "_catalog", Russian())
    assert preference("reasoning.budget.low").usual == "без предела"
    for one in PREFERENCES.values():
        if one.kind.choices:
            assert one.usual == one.default
