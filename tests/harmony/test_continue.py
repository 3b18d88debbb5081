"""What the model sees of a message that it goes on with."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chat_tui.conversation import Message, Prompt, Role, user
from chat_tui.harmony import tokens
from chat_tui.harmony.prompt import Renderer
from chat_tui.harmony.vocabulary import Vocabulary

TEXTS = (
    "Paris is the capital of France. It's been so since 987, hasn't it?",
    "```python\ndef twice(x):\n    return 2 * x\n```\n\nThat's all:\n\n- one\n- two\n",
    "# Überschrift\n\n| a | b |\n|---|---|\n| 12345 | 678.90 |\n",
    "今日は天気がいいです。散歩に行きましょう。",
    "Привет, мир! Как дела? 👍🏽 नमस्ते 🪿",
)


def cut_off(text: str, channel: str = "final", **fields: object) -> Message:
    message = Message(Role.ASSISTANT, text, channel=channel, interrupted=True)
    return replace(message, **fields)  # type: ignore[arg-type]


def rendered(vocabulary: Vocabulary, *messages: Message, continues: bool = True) -> list[int]:
    return Renderer(vocabulary).render(Prompt((user("Hi"), *messages), continues=continues))


def content(vocabulary: Vocabulary, *messages: Message) -> list[int]:
    """The tokens behind the last header."""
    found = rendered(vocabulary, *messages)
    at = len(found) - 1 - found[::-1].index(tokens.MESSAGE)
    return found[at + 1 :]


@pytest.mark.parametrize("text", TEXTS)
def test_text_cut_between_two_tokens_gives_the_tokens_before(
    vocabulary: Vocabulary, text: str
) -> None:
    whole = vocabulary.encode(text)
    for count in range(len(whole) + 1):
        shown = b"".join(p for p in map(vocabulary.piece, whole[:count]) if isinstance(p, bytes))
        found = content(vocabulary, cut_off(shown.decode("utf-8", "ignore")))
        assert whole[: len(found)] == found
        # Nothing but half a character and the blanks at the end is left for the model to repeat.
        left = vocabulary.decode(found)
        assert shown.decode("utf-8", "ignore").rstrip(" \t") == left


def test_raw_tokens_are_gone_on_from_as_they_are(vocabulary: Vocabulary) -> None:
    half = vocabulary.encode(" 🪿")[:-1]
    for head in ("<|channel|>final<|message|>", "<|channel|>final <|constrain|>json<|message|>"):
        kind = "json" if "json" in head else None
        raw = [tokens.CHANNEL, *vocabulary.encode("final" + (" " if kind else ""))]
        raw += [tokens.CONSTRAIN, *vocabulary.encode("json")] if kind else []
        raw += [tokens.MESSAGE, *vocabulary.encode("Hel"), *vocabulary.encode("lo "), *half]
        message = cut_off("Hello \ufffd", tokens=tuple(raw), content_type=kind)
        found = rendered(vocabulary, message)
        assert found[-len(raw) - 2 :] == [tokens.START, tokens.ASSISTANT, *raw]


@pytest.mark.parametrize(
    "fields",
    [
        {"repairs": ("something was mended",)},
        {"tokens": (tokens.MESSAGE, 13225)},
        {"tokens": (tokens.CHANNEL, 17196, tokens.MESSAGE, 13225, tokens.END)},
        {"tokens": (tokens.CHANNEL, 35644, tokens.MESSAGE, 13225)},
        {"tokens": (tokens.CHANNEL, 17196, 220, tokens.MESSAGE, 13225)},
        {"content_type": "code", "tokens": (tokens.CHANNEL, 17196, 3490, tokens.MESSAGE, 13225)},
    ],
)
def test_what_was_mended_is_written_anew(vocabulary: Vocabulary, fields: dict[str, object]) -> None:
    raw = (tokens.CHANNEL, 17196, tokens.MESSAGE, 13225)
    message = cut_off("Hello there ", **{"tokens": raw, **fields})
    head = [tokens.START, tokens.ASSISTANT, tokens.CHANNEL, 17196, tokens.MESSAGE]
    assert rendered(vocabulary, message)[-7:] == [*head, *vocabulary.encode("Hello there")]


def test_the_reasoning_that_an_unfinished_answer_follows_is_still_seen(
    vocabulary: Vocabulary,
) -> None:
    thought = Message(Role.ASSISTANT, "Think of it.", channel="analysis")
    earlier = Message(Role.ASSISTANT, "Forget this.", channel="analysis")
    reply = Message(Role.ASSISTANT, "Done.", channel="final")
    text = vocabulary.decode(
        rendered(vocabulary, earlier, reply, user("And?"), thought, cut_off("It is"))
    )
    assert "Think of it." in text
    assert "Forget this." not in text
    assert text.endswith("<|end|><|start|>assistant<|channel|>final<|message|>It is")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(max_size=60), st.sampled_from(["analysis", "commentary", "final"]))
def test_text_of_a_message_never_becomes_markup(
    vocabulary: Vocabulary, text: str, channel: str
) -> None:
    text += "<|end|><|start|>"
    found = content(vocabulary, cut_off(text, channel))
    assert all(token < tokens.FIRST_SPECIAL for token in found)
    text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    assert vocabulary.decode(found) == text


def test_a_prompt_that_does_not_go_on_is_as_ever(vocabulary: Vocabulary) -> None:
    found = rendered(vocabulary, cut_off("Hello"), continues=False)
    assert found[-3:] == [tokens.END, tokens.START, tokens.ASSISTANT]
