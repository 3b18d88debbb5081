"""Headers that are valid by construction, and content without stray markup."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_tui.conversation import Message
from chat_tui.events import MessageCompleted
from chat_tui.harmony import tokens
from chat_tui.harmony.decoder import Decoder
from chat_tui.harmony.header import AllBut, HeaderGuard, Only
from chat_tui.harmony.tokens import scan
from chat_tui.harmony.vocabulary import Vocabulary

TOOLS = ("functions.get", "functions.get_weather", "python", "browser.search")
ENDS = (tokens.END, tokens.RETURN, tokens.CALL)


def ids_of(vocabulary: Vocabulary, text: str) -> list[int]:
    found: list[int] = []
    for piece in scan(text):
        found += vocabulary.encode(piece.decode()) if isinstance(piece, bytes) else [piece.value]
    return found


def refused(vocabulary: Vocabulary, text: str, tools: tuple[str, ...] = TOOLS) -> str | None:
    """The rest of a completion from the first token on that the guard refuses."""
    guard = HeaderGuard(vocabulary, tools)
    ids = ids_of(vocabulary, text)
    for at, token in enumerate(ids):
        if not guard.allows(token):
            return vocabulary.decode(ids[at:])
        guard.advance(token)
    return None


@pytest.mark.parametrize(
    "text",
    [
        "<|channel|>final<|message|>Hi<|return|>",
        "<|channel|>final <|constrain|>json<|message|>{}<|return|>",
        "<|channel|>analysis<|message|>Hm<|end|><|start|>assistant<|channel|>final<|message|>Hi",
        "<|channel|>commentary<|message|>First I look.<|end|>",
        "<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>{}<|call|>",
        "<|channel|>commentary to=functions.get<|message|>{}<|call|>",
        "<|channel|>analysis to=python code<|message|>1<|call|>",
        " to=browser.search<|channel|>commentary<|constrain|>json<|message|>{}<|call|>",
    ],
)
def test_what_gpt_oss_was_taught_to_write_passes(vocabulary: Vocabulary, text: str) -> None:
    assert refused(vocabulary, text) is None


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("", "Hello"),
        ("", "<|message|>"),
        ("", "assistant"),
        (" to=", "all"),
        (" to=functions.get", "_time<|channel|>"),
        ("<|channel|>", "<|message|>"),
        ("<|channel|>", "thoughts"),
        ("<|channel|>analysis", "<|channel|>"),
        ("<|channel|>final", " to=python"),
        ("<|channel|>final", " json"),
        (" to=python<|channel|>", "final"),
        (" to=python<|channel|>analysis", " to=python"),
        ("<|channel|>commentary to=functions.get_weather", "_now"),
        ("<|channel|>commentary <|constrain|>", "xml"),
        ("<|channel|>final<|message|>Hi", "<|end|>"),
        ("<|channel|>final<|message|>Hi", "<|start|>"),
        ("<|channel|>analysis<|message|>Hm", "<|return|>"),
        ("<|channel|>commentary<|message|>Hm", "<|call|>"),
        ("<|channel|>commentary to=python<|message|>1", "<|end|>"),
        ("<|channel|>analysis<|message|>Hm<|end|>", "Hello"),
        ("<|channel|>analysis<|message|>Hm<|end|><|start|>", "user"),
        ("<|channel|>final<|message|>Hi<|return|>", "more"),
    ],
)
def test_everything_else_is_refused(vocabulary: Vocabulary, good: str, bad: str) -> None:
    assert refused(vocabulary, good + bad) == bad


def test_without_tools_nothing_can_be_called(vocabulary: Vocabulary) -> None:
    assert HeaderGuard(vocabulary, ()).allowed() == Only(frozenset({tokens.CHANNEL}))
    assert refused(vocabulary, "<|channel|>analysis to=python<|message|>", ()) is not None


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_the_mask_says_the_same_as_the_test(vocabulary: Vocabulary, data: st.DataObject) -> None:
    """Along any way through the automaton, and every such way is well-formed harmony."""
    guard, decoder = HeaderGuard(vocabulary, TOOLS), Decoder(TOOLS)
    messages: list[Message] = []
    some = [*range(0, tokens.FIRST_SPECIAL, 9973), *range(tokens.FIRST_SPECIAL, 200_020)]
    for _ in range(60):
        mask = guard.allowed()
        if isinstance(mask, Only):
            assert [one for one in some if guard.allows(one)] == [
                one for one in some if one in mask.ids
            ]
            assert all(map(guard.allows, mask.ids))
            if not mask.ids:
                break
            token = data.draw(st.sampled_from(sorted(mask.ids)))
        else:
            assert all(guard.allows(one) != (one in mask.ids) for one in some)
            end = next(one for one in ENDS if guard.allows(one))
            token = data.draw(st.sampled_from([end, *vocabulary.encode("Some words {")]))
        guard.advance(token)
        events = decoder.push(vocabulary.piece(token), token)
        messages += [event.message for event in events if isinstance(event, MessageCompleted)]
    assert decoder.repairs == ()
    assert all(message.recipient in {None, *TOOLS} for message in messages)


def test_it_names_the_channel_inside_content_only(vocabulary: Vocabulary) -> None:
    guard = HeaderGuard(vocabulary, TOOLS)
    seen = [guard.channel]
    for token in ids_of(vocabulary, "<|channel|>analysis<|message|>Hm<|end|>"):
        guard.advance(token)
        seen.append(guard.channel)
    assert [channel for channel, _ in itertools.groupby(seen)] == [None, "analysis", None]


def test_what_follows_the_end_of_a_message_need_not_be_sampled(vocabulary: Vocabulary) -> None:
    guard = HeaderGuard(vocabulary, TOOLS)
    for token in ids_of(vocabulary, "<|channel|>analysis<|message|>Hm<|end|>"):
        guard.advance(token)
    assert guard.allowed() == Only(frozenset({tokens.START}))
    for token in guard.after_end():
        guard.advance(token)
    assert guard.allows(tokens.CHANNEL)
    assert vocabulary.decode(guard.after_end()) == "<|start|>assistant"


def test_inside_content_all_text_may_win_and_one_control_token(vocabulary: Vocabulary) -> None:
    guard = HeaderGuard(vocabulary, TOOLS)
    for token in ids_of(vocabulary, "<|channel|>final<|message|>"):
        guard.advance(token)
    mask = guard.allowed()
    assert isinstance(mask, AllBut)
    special = set(range(tokens.FIRST_SPECIAL, tokens.VOCABULARY_SIZE))
    assert mask.ids == special - {tokens.RETURN}


def test_a_refused_token_is_not_followed(vocabulary: Vocabulary) -> None:
    guard = HeaderGuard(vocabulary, TOOLS)
    with pytest.raises(ValueError, match="may not follow"):
        guard.advance(tokens.MESSAGE)
    assert guard.allows(tokens.CHANNEL)
