"""Ten thousand ways to fumble: nothing but a deliberate key, or a click on a choice, allows."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from textual.events import Paste

from chat_tui.settings import ToolMode
from chat_tui.ui.guard import QUIET, SETTLE, Act, Guard
from chat_tui.ui.widgets.answering import Option
from chat_tui.ui.widgets.approval import ApprovalCard
from tests.ui.screen import Stage
from tests.ui.tools import Pretend, python, toolset

KEYS = ("y", "a", "e", "n", "r", "s", "enter", "x", " ", "tab", "escape", "Y", "up", "f3", "é")
ALLOWS = (Act.ONCE, Act.ALWAYS)


def fumble(random_: random.Random) -> list[tuple[str, str, float]]:
    """What happens, and how long after what came before."""
    whats = ("appear", "key", "key", "key", "fire", "fire", "click", "written", "leave")
    delays = (0.0, 0.001, 0.01, 0.1, QUIET - 0.01, QUIET, SETTLE - 0.01, SETTLE, 0.5, 2.0)
    count = random_.randrange(1, 30)
    return [
        (random_.choice(whats), random_.choice(KEYS), random_.choice(delays)) for _ in range(count)
    ]


def deliberate(
    events: Sequence[tuple[str, str, float]], times: Sequence[float], at: int, act: Act
) -> bool:
    """Whether the firing at ``at`` follows one lone key of the act on a settled question."""
    pressed = next((n for n in range(at - 1, -1, -1) if events[n][0] == "key"), None)
    if pressed is None or events[pressed][1] != act.value:
        return False
    if any(events[n][0] in ("appear", "written", "leave", "click") for n in range(pressed, at)):
        return False
    before = [n for n in range(pressed) if events[n][0] in ("appear", "written")]
    if not any(events[n][0] == "appear" for n in before):
        return False
    since = times[before[-1]]
    earlier = [times[n] for n in range(pressed) if events[n][0] == "key"]
    return (
        times[pressed] - since >= SETTLE - 1e-9
        and times[at] - times[pressed] >= QUIET - 1e-9
        and (not earlier or times[pressed] - earlier[-1] >= QUIET - 1e-9)
    )


def play(random_: random.Random) -> int:
    """One sequence; how often something was allowed."""
    events, guard = fumble(random_), Guard()
    now, times, allowed, typed = 0.0, [], 0, []
    for at, (what, key, delay) in enumerate(events):
        now += delay
        times.append(now)
        act: Act | None = None
        match what:
            case "appear":
                guard.appear(now)
            case "key":
                typed.append(guard.press(key, now))
            case "fire":
                act = guard.fire(now)
                if act in ALLOWS:
                    assert deliberate(events, times, at, act), (events, at)
            case "click":
                act = guard.click(Act.ONCE, now)
                settled = [n for n in range(at) if events[n][0] in ("appear", "written")]
                assert act is None or now - times[settled[-1]] >= SETTLE - 1e-9
            case "written":
                guard.written(now)
            case "leave":
                guard.leave()
        allowed += act in ALLOWS
    return allowed


def test_no_fumbling_allows_anything() -> None:
    allowed = sum(play(random.Random(seed)) for seed in range(2_000))
    assert allowed > 100  # deliberate ones among them were not lost


@pytest.mark.soak
def test_no_fumbling_allows_anything_in_ten_thousand_sequences() -> None:
    assert sum(play(random.Random(seed)) for seed in range(10_000)) > 500


def test_enter_never_allows() -> None:
    for seed in range(500):
        random_ = random.Random(seed)
        guard, now = Guard(), 0.0
        guard.appear(now)
        for _ in range(20):
            now += random_.choice((0.0, 0.1, 0.3, 1.0))
            guard.press("enter", now)
            now += random_.choice((0.0, 0.1, 0.3, 1.0))
            assert guard.fire(now) in (None, Act.DENY)


def test_random_events_on_the_real_card_run_nothing() -> None:
    tool = Pretend()
    random_ = random.Random(7)
    presses = ("enter", "tab", "space", "x", "up", "down", "f1", "escape", "f3", "Y", "shift+tab")

    async def scenario(stage: Stage) -> None:
        for _round in range(12):
            if not stage.app.screen.query(ApprovalCard) and len(stage.app.screen_stack) == 1:
                stage.chat.tools.mode = ToolMode.ASK  # type: ignore[union-attr]
                stage.app.query_one("Composer").text = ""  # type: ignore[attr-defined]
                await stage.until(lambda: "ready" in stage.lines[-1])
                await stage.send("Compute.")
                await stage.shows("Allow this?")
                await stage.pilot.press("f3")
            for _event in range(6):
                match random_.choice(("press", "burst", "paste", "click")):
                    case "press":
                        await stage.pilot.press(random_.choice(presses))
                    case "burst":
                        stage.burst(random_.choice(("yes", "ay", "ya", "aaa", "oyo")))
                    case "paste":
                        stage.app.post_message(Paste(random_.choice(("y", "a", "y\n"))))
                    case "click":
                        x, y = random_.randrange(80), random_.randrange(30)
                        widget, _ = stage.app.screen.get_widget_at(x, y)
                        if not isinstance(widget, Option):
                            await stage.pilot.click(offset=(x, y))
            assert tool.ran == []
        await stage.pilot.pause(QUIET + 0.1)
        assert tool.ran == []

    Stage(python("print(6*7) # y a [@click=app.leave]y[/]"), tools=toolset(tool)).play(
        scenario, size=(80, 30)
    )
