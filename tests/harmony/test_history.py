"""Which reasoning the model sees again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chat_tui.conversation import ANALYSIS, COMMENTARY, FINAL, Message, Role, user
from chat_tui.harmony.history import visible


def said(channel: str | None, text: str, recipient: str | None = None) -> Message:
    return Message(Role.ASSISTANT, text, channel=channel, recipient=recipient)


def result(name: str, channel: str | None = None) -> Message:
    return Message(Role.TOOL, "a result", channel=channel, recipient="assistant", name=name)


ASK, AGAIN = user("First?"), user("Second?")
THOUGHT, ANSWER = said(ANALYSIS, "Hm"), said(FINAL, "So.")
PLAN = said(COMMENTARY, "I will look.")
CALL = said(COMMENTARY, "{}", "functions.look")
HIDDEN_CALL = said(ANALYSIS, "{}", "functions.look")
PYTHON, SEARCH = said(ANALYSIS, "1", "python"), said(ANALYSIS, "{}", "browser.search")
OPEN_SEARCH = said(COMMENTARY, "{}", "browser.search")
LOOKED = result("functions.look")


def test_reasoning_goes_with_its_final() -> None:
    assert visible([ASK, THOUGHT, ANSWER, AGAIN]) == (ASK, ANSWER, AGAIN)


def test_it_goes_before_the_last_final_and_not_before_the_first_only() -> None:
    messages = [ASK, THOUGHT, ANSWER, AGAIN, THOUGHT, ANSWER, user("Third?")]
    assert THOUGHT not in visible(messages)


def test_a_tool_loop_sees_its_own_reasoning() -> None:
    loop = (AGAIN, THOUGHT, PYTHON, result("python", ANALYSIS), THOUGHT, CALL, LOOKED)
    assert visible([ASK, THOUGHT, ANSWER, *loop]) == (ASK, ANSWER, *loop)


def test_preambles_calls_and_their_results_stay() -> None:
    messages = (ASK, THOUGHT, PLAN, CALL, LOOKED, ANSWER, AGAIN)
    assert visible(messages) == (ASK, PLAN, CALL, LOOKED, ANSWER, AGAIN)


def test_built_in_calls_on_analysis_go_with_their_results() -> None:
    messages = (
        ASK, PYTHON, result("python", ANALYSIS), SEARCH, result("browser.search"), ANSWER, AGAIN
    )  # fmt: skip
    assert visible(messages) == (ASK, ANSWER, AGAIN)


def test_what_was_called_on_commentary_stays_and_so_does_its_result() -> None:
    messages = (ASK, OPEN_SEARCH, result("browser.search"), ANSWER, AGAIN)
    assert visible(messages) == messages


def test_a_function_called_on_analysis_stays() -> None:
    messages = (ASK, HIDDEN_CALL, result("functions.look", ANALYSIS), ANSWER, AGAIN)
    assert visible(messages) == messages


def test_an_interrupted_turn_ends_with_the_next_question() -> None:
    messages = (ASK, THOUGHT, CALL, LOOKED, THOUGHT, AGAIN)
    assert visible(messages) == (ASK, CALL, LOOKED, AGAIN)


def test_text_on_no_channel_goes_with_the_reasoning() -> None:
    stray = said(None, "?")
    assert visible([ASK, stray, ANSWER, AGAIN]) == (ASK, ANSWER, AGAIN)
    assert visible([ASK, stray]) == (ASK, stray)


ANY = st.sampled_from(
    [ASK, THOUGHT, ANSWER, PLAN, CALL, HIDDEN_CALL, PYTHON, LOOKED, result("python", ANALYSIS)]
)


@given(st.lists(ANY))
def test_dropping_twice_drops_nothing_more(messages: list[Message]) -> None:
    once = visible(messages)
    assert visible(once) == once
    assert [one for one in messages if one.role is Role.USER or one.is_final] == [
        one for one in once if one.role is Role.USER or one.is_final
    ]
