"""The palette in another language: both its names of a thing find it."""

from __future__ import annotations

import gettext

import pytest
from textual.widgets import Input, OptionList

from chat_tui import language
from chat_tui.ui.widgets.composer import Composer
from tests.ui.screen import Stage, harmony


class Backwards(gettext.NullTranslations):
    """A language in which every word is read from its end."""

    def gettext(self, message: str) -> str:
        """The words of ``message``, each turned round; places stay as they are."""
        return " ".join(word if "{" in word else word[::-1] for word in message.split(" "))


@pytest.mark.parametrize("words", ["new conversation", "wen noitasrevnoc"])
def test_a_command_is_found_by_its_english_and_by_its_shown_name(
    words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(language, "_catalog", Backwards())

    async def scenario(stage: Stage) -> None:
        await stage.pilot.press("ctrl+p")
        await stage.until(lambda: stage.app.screen.query(OptionList))
        stage.app.screen.query_one(Input).value = words
        options = stage.app.screen.query_one(OptionList)

        def titles() -> list[str]:
            return [str(option.prompt) for option in options.options]

        await stage.until(lambda: titles() and titles()[0].startswith("Wen noitasrevnoc"))
        assert "noisrev" not in "".join(titles())

    Stage(harmony("A")).play(scenario)


@pytest.mark.parametrize(
    ("words", "first"),
    [("theme", "Other colours"), ("/resum", "Conversations: open"), ("exit", "Quit at once")],
)
def test_a_command_is_found_by_what_is_typed_after_a_slash(words: str, first: str) -> None:
    async def scenario(stage: Stage) -> None:
        await stage.pilot.press("ctrl+p")
        await stage.until(lambda: stage.app.screen.query(OptionList))
        stage.app.screen.query_one(Input).value = words
        options = stage.app.screen.query_one(OptionList)

        def best() -> str:
            return str(options.get_option_at_index(0).prompt) if options.option_count else ""

        await stage.until(lambda: best().startswith(first))

    Stage(harmony("A")).play(scenario)


def test_that_nothing_was_found_is_said_in_the_language_of_the_interface(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(language, "_catalog", Backwards())

    async def scenario(stage: Stage) -> None:
        await stage.pilot.press("ctrl+p")
        await stage.until(lambda: stage.app.screen.query(OptionList))
        stage.app.screen.query_one(Input).value = "qqzzqq"
        await stage.shows("gnihtoN saw dnuof")
        await stage.pilot.press("enter", "escape")
        await stage.hides("gnihtoN")

    Stage(harmony("A")).play(scenario)


def test_the_key_that_opens_it_closes_it_again() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.pilot.press("ctrl+p")
        await stage.shows("Search for commands")
        await stage.pilot.press("c", "ctrl+p")
        await stage.hides("🔎")
        assert stage.app.focused is stage.app.query_one(Composer)

    Stage().play(scenario)
