"""A bell rings when it can be missed; with reduced motion little changes by itself."""

from __future__ import annotations

import pytest

from chat_tui.errors import EngineError
from chat_tui.events import AnswerDelta, StopReason, TurnEnded, TurnFailed, Usage
from chat_tui.settings import Notify, Settings, Switch
from chat_tui.ui.endings import is_done
from chat_tui.ui.manners import CALM_SECONDS, is_calm, notification, rings
from tests.ui.screen import Stage, harmony


@pytest.mark.parametrize(
    ("wish", "environment", "calm"),
    [
        (Switch.ON, {}, True),
        (Switch.OFF, {"ACCESSIBLE": "1"}, False),
        (Switch.AUTO, {}, False),
        (Switch.AUTO, {"ACCESSIBLE": "1"}, True),
        (Switch.AUTO, {"ACCESSIBLE": "0"}, False),
        (Switch.AUTO, {"TEXTUAL_ANIMATIONS": "none"}, True),
        (Switch.AUTO, {"TEXTUAL_ANIMATIONS": "full"}, False),
    ],
)
def test_motion_is_reduced_where_somebody_asks_for_it(
    wish: Switch, environment: dict[str, str], calm: bool
) -> None:
    assert is_calm(wish, environment) is calm


def test_a_turn_is_done_when_it_ends_by_itself() -> None:
    usage = Usage()
    assert is_done([TurnEnded(StopReason.COMPLETE, usage)])
    assert is_done([TurnEnded(StopReason.LENGTH, usage)])
    assert is_done([TurnFailed(EngineError("gone"))])
    assert not is_done([TurnEnded(StopReason.CANCELLED, usage)])
    assert not is_done([AnswerDelta("Hello")])


def test_it_rings_when_the_terminal_is_not_in_front() -> None:
    assert [rings(wish, in_front=True) for wish in Notify] == [False, True, False]
    assert [rings(wish, in_front=False) for wish in Notify] == [True, True, False]


def test_an_answer_rings_and_what_is_set_holds_at_once() -> None:
    async def scenario(stage: Stage) -> None:
        rung: list[int] = []
        told: list[str] = []
        stage.app.bell = lambda: rung.append(1)  # type: ignore[method-assign]
        stage.app.tell_desktop = told.append  # type: ignore[method-assign]
        pane = stage.app.get_default_screen().pane  # type: ignore[attr-defined]
        await stage.ask("Hello?", "Hello!")
        await stage.rests()  # the app is told of the answer's end after it is drawn
        assert not rung
        stage.app.obey(Settings(notify=Notify.ALWAYS, reduced_motion=Switch.ON))
        assert pane._worker.pause == CALM_SECONDS
        await stage.ask("Again?", "Again!")
        await stage.until(lambda: rung)
        await stage.until(lambda: told)
        assert told == ["\x1b]99;;An answer is done, or a call waits for you.\x1b\\"]
        stage.app.obey(Settings())
        assert pane._worker.pause < CALM_SECONDS

    terminal = {"TERM": "xterm-kitty"}
    Stage(harmony("Hello!"), harmony("Again!"), environment=terminal).play(scenario)


@pytest.mark.parametrize(
    ("environment", "begins"),
    [
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, "\x1b]9;An"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, "\x1b]9;An"),
        ({"TERM": "xterm-ghostty"}, "\x1b]9;An"),
        ({"TERM": "foot"}, "\x1b]777;notify;chat-tui;An"),
        ({"TERM": "xterm-256color"}, ""),
        ({"TERM": "xterm-256color", "WT_SESSION": "1"}, ""),
        ({"TERM": "tmux-256color", "TERM_PROGRAM": "WezTerm"}, ""),
        ({"TERM": "xterm-kitty", "TMUX": "socket,1,0"}, ""),
        ({"TERM": "linux", "KITTY_WINDOW_ID": "1"}, ""),
    ],
)
def test_the_desktop_is_told_only_where_the_terminal_is_known_to_do_it(
    environment: dict[str, str], begins: str
) -> None:
    told = notification(environment)
    assert told.startswith(begins)
    assert bool(told) is bool(begins)
    assert not told or (told.endswith("\x1b\\") and told.count("\x1b") == 2)
