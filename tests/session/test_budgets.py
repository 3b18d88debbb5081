"""A budget of reasoning is a turn's, and that of the effort it is asked with."""

from __future__ import annotations

from chat_tui.conversation import Effort, Message, Prompt, user
from chat_tui.engine.protocol import Cancel, GenerateOptions
from chat_tui.engine.scripted import ScriptedEngine
from chat_tui.session.chat import Chat
from chat_tui.session.turn import Decision, Seams, Verdict, run_turn
from tests.session.test_turn import ANSWER, CALL, Calculator

THINKS = f"<|channel|>analysis<|message|>{'hm ' * 7}<|end|><|start|>assistant"


def budgets_of(engine: ScriptedEngine) -> list[int | None]:
    return [options.budget for options in engine.options]


def test_what_one_generation_thought_is_not_left_for_the_next() -> None:
    def allow(_call: Message, _cancel: Cancel) -> Verdict:
        return Verdict(Decision.ALLOW)

    engine = ScriptedEngine([THINKS + CALL, THINKS + CALL, THINKS + ANSWER])
    seams = Seams(toolbox=Calculator(), approve=allow)
    prompt = Prompt((user("What is 6 × 7?"),))
    for budget, expected in ((1000, 1000), (10, 10), (None, None)):
        engine.options.clear()
        engine.prompts.clear()
        options = GenerateOptions(budget=budget)
        list(run_turn(engine, prompt, options, Cancel(), seams))
        first, second, third = budgets_of(engine)
        assert first == expected
        if budget is not None:
            assert first is not None
            assert second is not None
            assert third is not None
            assert first > second >= third >= 1


def test_each_effort_has_its_own() -> None:
    engine = ScriptedEngine([ANSWER])
    chat = Chat(engine, budgets={Effort.LOW: 100, Effort.HIGH: 9000})
    for effort in Effort:
        chat.effort = effort
        list(chat.ask("Hi", Cancel()))
    assert budgets_of(engine) == [100, None, 9000]


def test_one_for_this_call_comes_first() -> None:
    engine = ScriptedEngine([ANSWER])
    options = GenerateOptions(budget=7)
    chat = Chat(engine, effort=Effort.LOW, options=options, budgets={Effort.LOW: 100})
    list(chat.ask("Hi", Cancel()))
    assert budgets_of(engine) == [7]
