"""What was decided about a call: on its card, again after a restart, and asked once more if need
be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chat_tui.conversation import ANALYSIS, Message, Role, user
from chat_tui.session.turn import answer
from chat_tui.tools.base import CallView, Context, Progress, Result
from chat_tui.ui.widgets.approval import ApprovalCard
from chat_tui.ui.widgets.call import CallCard
from tests.ui.screen import Stage, harmony
from tests.ui.test_approval import CALL, answerable, focused
from tests.ui.tools import FINAL, Edits, Pretend, toolset

PATCH = "<|channel|>commentary to=functions.apply_patch code<|message|>*** patch<|call|>"


class Moving(Edits):
    """Edits a file that somebody else writes, once, while the card is there."""

    def __init__(self) -> None:
        self.state = "one"
        self.ran: list[str] = []

    def describe(self, call: Message) -> CallView:
        """As the file is."""
        view = super().describe(call)
        diff = (view.diff or "").replace("cold", self.state)
        return CallView(view.title, view.body, view.risk, "diff", diff=diff, fingerprint=self.state)

    def run(self, call: Message, context: Context) -> Iterator[Progress | Result]:
        """Remember what was there."""
        self.ran.append(self.state)
        yield from super().run(call, context)


def test_a_call_whose_files_have_changed_is_asked_about_again() -> None:
    tool = Moving()

    async def scenario(stage: Stage) -> None:
        await focused(stage)
        await stage.shows("-one")
        tool.state = "two"
        await stage.pilot.press("y")
        await stage.shows("has changed since you were asked", "-two")
        assert tool.ran == []
        await stage.until(lambda: len(stage.app.screen.query(ApprovalCard)) == 1)
        card = await answerable(stage)
        if not card.has_focus:  # the key before was pressed a moment ago
            await stage.pilot.press("f3")
        await stage.until(lambda: card.has_focus)
        await stage.pilot.press("y")
        await stage.shows("All done.", "ready")
        assert tool.ran == ["two"]

    Stage(PATCH, FINAL, tools=toolset(tool)).play(scenario, size=(80, 40))


def test_an_opened_card_says_what_was_decided_and_what_was_kept_of_it() -> None:
    kept: list[Any] = []
    tools = toolset(Pretend())
    tools.keep = kept.append

    async def scenario(stage: Stage) -> None:
        await focused(stage)
        await stage.pilot.press("y")
        await stage.shows("All done.", "▸ python · ran", "ready")
        stage.app.screen.query_one(CallCard).action_thought()
        await stage.shows("allowed once by you · 20")

    Stage(CALL, FINAL, tools=tools).play(scenario)
    assert [one["decision"]["outcome"] for one in kept] == ["once"]


def test_a_conversation_of_an_earlier_time_still_says_what_was_decided() -> None:
    evil = "[@click=app.leave]no[/] \x1b[2J\u202e"
    call = Message(Role.ASSISTANT, "print(6*7)", ANALYSIS, "python", "code")
    tools = toolset(Pretend())
    stage = Stage(harmony("Later."), tools=tools)
    stage.chat.conversation = stage.chat.conversation.add(
        user("Compute."), call, answer(call, "No."), user("Why?"), Message(Role.ASSISTANT, "x")
    )
    record = {"outcome": "denied", "by": "person", "at": 1.7e9, "reason": evil}
    tools.recall(stage.chat.conversation, [{}, {"decision": record}, {}, {}, {}])

    async def scenario(stage: Stage) -> None:
        await stage.shows("▸ python · not run · No.")
        stage.app.screen.query_one(CallCard).action_thought()
        await stage.shows("denied by you: [@click=app.leave]no[/]", "2023-11-1")
        assert "\x1b" not in stage.text
        assert "\u202e" not in stage.text

    stage.play(scenario)
