"""What is read before the question is there begins every question that may come."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chat_tui.conversation import Message, Prompt, Role, user
from chat_tui.harmony.prompt import Renderer
from chat_tui.harmony.vocabulary import Vocabulary
from chat_tui.runner.ahead import next_prompt, settled_length, turn_header

TYPED = st.text(st.sampled_from(" abzäßλ漢🙂.,'\n\t1-"), max_size=40)


def said(role: Role, text: str, channel: str | None = None, to: str | None = None) -> Message:
    return Message(role, text, channel, to)


TALK = (
    user("What is the weather?"),
    said(Role.ASSISTANT, "Look it up.", "analysis"),
    said(Role.ASSISTANT, "{}", "commentary", "functions.weather"),
    Message(Role.TOOL, "rain", name="functions.weather"),
    said(Role.ASSISTANT, "It rains, so say so.", "analysis"),
    said(Role.ASSISTANT, "It rains.", "final"),
)


@pytest.mark.parametrize("count", range(len(TALK) + 1))
@pytest.mark.parametrize("draft", ["", "Is it", "Is it warm there and so on"])
def test_the_next_question_goes_on_from_there(
    vocabulary: Vocabulary, count: int, draft: str
) -> None:
    prompt = Prompt(TALK[:count])
    renderer, turn = Renderer(vocabulary), turn_header(vocabulary)
    found = next_prompt(renderer, prompt, draft, turn)
    asked = renderer.render(Prompt((*TALK[:count], user(draft + " or not?"))))
    assert asked[: len(found)] == found
    question = len(vocabulary.encode(draft + " or not?")) + len(turn) + 4
    assert len(asked) - len(found) <= question


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(TYPED, TYPED)
def test_what_is_settled_keeps_its_tokens_whatever_follows(
    vocabulary: Vocabulary, draft: str, more: str
) -> None:
    settled = vocabulary.encode(draft[: settled_length(draft)])
    assert vocabulary.encode(draft + more)[: len(settled)] == settled


def test_nearly_all_of_a_sentence_is_settled() -> None:
    assert settled_length("Is it raining in Ber") == len("Is it raining in")
    assert settled_length("Is it ") == len("Is")
    assert settled_length("Is") == 0
