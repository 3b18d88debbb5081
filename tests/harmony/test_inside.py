"""A prompt taken apart: nothing more and nothing less than what is rendered."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chat_tui.conversation import ANALYSIS, COMMENTARY, FINAL, Message, Prompt, Role, user
from chat_tui.events import PromptInside
from chat_tui.harmony.inside import inside
from chat_tui.harmony.prompt import Renderer
from chat_tui.harmony.vocabulary import Vocabulary

TALK = (
    user("Weather?"),
    Message(Role.ASSISTANT, "I look.", channel=ANALYSIS),
    Message(Role.ASSISTANT, "{}", channel=COMMENTARY, recipient="functions.look"),
    Message(Role.TOOL, "rain", name="functions.look"),
    Message(Role.ASSISTANT, "Rain.", channel=FINAL),
    user("Sure?"),
)


def taken_apart(vocabulary: Vocabulary, prompt: Prompt) -> PromptInside:
    return inside(Renderer(vocabulary), vocabulary, prompt, 3)


def test_the_parts_are_the_prompt(vocabulary: Vocabulary) -> None:
    found = taken_apart(vocabulary, Prompt(TALK))
    tokens = Renderer(vocabulary).render(Prompt(TALK))
    assert "".join(part.text for part in found.parts) == vocabulary.decode(tokens)
    assert sum(len(part.ends) for part in found.parts) == len(tokens)
    assert found.reused == 3


def test_each_part_knows_its_message_and_what_the_format_drops_is_named(
    vocabulary: Vocabulary,
) -> None:
    found = taken_apart(vocabulary, Prompt(TALK))
    assert [part.source for part in found.parts] == [None, 0, 2, 3, 4, 5, None]
    assert found.dropped == (1,)
    call, result, opening = found.parts[2], found.parts[3], found.parts[-1]
    assert (call.role, call.recipient) == ("assistant", "functions.look")
    assert (result.role, result.name, result.channel) == ("tool", "functions.look", COMMENTARY)
    assert opening.text == "<|start|>assistant"


def test_markup_is_told_from_text_that_looks_like_it(vocabulary: Vocabulary) -> None:
    said = taken_apart(vocabulary, Prompt((user("<|end|>"),))).parts[-2]
    assert said.text == "<|start|>user<|message|><|end|><|end|>"
    markup = [said.text[_begin(said.ends, at) : said.ends[at]] for at in said.specials]
    assert markup == ["<|start|>", "<|message|>", "<|end|>"]


def _begin(ends: tuple[int, ...], at: int) -> int:
    return ends[at - 1] if at else 0


def test_what_goes_on_is_in_the_last_part(vocabulary: Vocabulary) -> None:
    cut = Message(Role.ASSISTANT, "Half an", channel=FINAL, interrupted=True)
    found = taken_apart(vocabulary, Prompt((user("Hi"), cut), continues=True))
    assert found.parts[-1].text == "<|start|>assistant<|channel|>final<|message|>Half an"
    assert found.parts[-1].source == 1
    assert found.dropped == ()


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_every_token_ends_where_the_next_begins(vocabulary: Vocabulary, text: str) -> None:
    said = taken_apart(vocabulary, Prompt((user(text),))).parts[-2]
    assert list(said.ends) == sorted(said.ends)
    assert said.ends[-1] == len(said.text)
    assert said.text == f"<|start|>user<|message|>{text}<|end|>"
