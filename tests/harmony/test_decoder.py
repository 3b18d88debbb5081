"""What the decoder promises for any input, and that it agrees with openai-harmony on good input."""

from __future__ import annotations

import random

import openai_harmony as library
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chat_tui.conversation import CHANNELS, FINAL, Effort, Message
from chat_tui.events import (
    AnswerDelta,
    Delta,
    MessageCompleted,
    PreambleDelta,
    ReasoningDelta,
    ToolArgumentsDelta,
)
from chat_tui.harmony import tokens
from chat_tui.harmony.decoder import Decoder
from chat_tui.harmony.repairs import Repair
from chat_tui.harmony.tokens import Control, scan
from chat_tui.harmony.vocabulary import Vocabulary
from tests.harmony.completions import TOOLS, check, mutated, soup, well_formed

Event = Delta | MessageCompleted
ANYTHING = st.one_of(
    st.text(max_size=200),
    st.randoms(use_true_random=False).map(soup),
    st.randoms(use_true_random=False).map(lambda one: mutated(one, well_formed(one))),
)


@settings(max_examples=400, deadline=None)
@given(ANYTHING, st.sampled_from([TOOLS, (), None]), st.booleans())
@example("<|channel|>final<|message|><|st<|message|>art|>", TOOLS, False)
@example(" to=functions.a", TOOLS, True)
@example(f" to={'x' * 300}<|c<|constrain|>hannel|><|call|>", None, False)
def test_any_input_gives_messages_without_markup(
    text: str, tools: tuple[str, ...] | None, interrupted: bool
) -> None:
    check(text, tools, interrupted=interrupted)


@pytest.mark.soak
def test_200000_accidents() -> None:
    dice = random.Random(20_240_613)
    for number in range(200_000):
        text = soup(dice) if number % 4 == 0 else mutated(dice, well_formed(dice))
        check(text, dice.choice([TOOLS, TOOLS, (), None]), interrupted=dice.random() < 0.2)


@given(st.lists(st.sampled_from([*Control, b"a", b"\xe2\x82", b"\n", b" to=f", b"<|"])))
def test_any_pieces_give_messages(pieces: list[bytes | Control]) -> None:
    decoder = Decoder(TOOLS)
    for piece in pieces:
        decoder.push(piece)
    decoder.finish(interrupted=False)
    assert decoder.stopped


BODY = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
HEADER = st.one_of(
    st.sampled_from(CHANNELS).map(lambda channel: f"<|channel|>{channel}"),
    st.builds(
        "<|channel|>{} to={}{}".format,
        st.sampled_from(["analysis", "commentary"]),
        st.sampled_from(TOOLS),
        st.sampled_from(["", " <|constrain|>json", "<|constrain|>json", " code", " json"]),
    ),
    st.builds(
        " to={}<|channel|>commentary{}".format,
        st.sampled_from(TOOLS),
        st.sampled_from(["", " <|constrain|>json", " code"]),
    ),
)


@st.composite
def turns(draw: st.DrawFn) -> list[tuple[str, str, str]]:
    """The header, body and end of each message of a turn: all but the last go on."""
    headers = draw(st.lists(HEADER.filter(lambda one: "to=" not in one), max_size=3))
    found = [(header, draw(BODY), "<|end|>") for header in headers]
    last = draw(HEADER)
    found.append((last, draw(BODY), "<|call|>" if "to=" in last else "<|return|>"))
    return found


def turn_ids(vocabulary: Vocabulary, turn: list[tuple[str, str, str]]) -> list[int]:
    """A turn as tokens; what looks like markup in a body stays text."""
    found: list[int] = []
    for at, (header, body, end) in enumerate(turn):
        for piece in scan(("<|start|>assistant" if at else "") + header):
            found += (
                vocabulary.encode(piece.decode()) if isinstance(piece, bytes) else [piece.value]
            )
        found += [tokens.MESSAGE, *vocabulary.encode(body), *(one.value for one in scan(end))]
    return found


def decode(vocabulary: Vocabulary, ids: list[int]) -> tuple[list[Event], Decoder]:
    decoder = Decoder(TOOLS, Effort.LOW)
    events: list[Event] = []
    for token in ids:
        events += decoder.push(vocabulary.piece(token), token)
    events += decoder.finish(interrupted=False)
    return events, decoder


def completed(events: list[Event]) -> list[Message]:
    return [event.message for event in events if isinstance(event, MessageCompleted)]


@settings(max_examples=200, deadline=None)
@given(turn=turns())
def test_it_agrees_with_openai_harmony(
    vocabulary: Vocabulary, turn: list[tuple[str, str, str]]
) -> None:
    ids = turn_ids(vocabulary, turn)
    parser = library.StreamableParser(vocabulary._encoding, library.Role.ASSISTANT)
    for token in ids:
        parser.process(token)
    theirs = [
        (
            one.channel,
            one.recipient,
            (one.content_type or "").removeprefix("<|constrain|>") or None,
            one.content[0].text,
        )
        for one in parser.messages
    ]
    events, decoder = decode(vocabulary, ids)
    ours = [
        (one.channel, one.recipient, one.content_type, one.content) for one in completed(events)
    ]
    assert ours == theirs
    assert decoder.repairs == ()
    assert decoder.stopped


@settings(max_examples=100, deadline=None)
@given(turn=turns())
def test_messages_keep_their_raw_tokens(
    vocabulary: Vocabulary, turn: list[tuple[str, str, str]]
) -> None:
    ids = turn_ids(vocabulary, turn)
    messages = completed(decode(vocabulary, ids)[0])
    again = [(tokens.START, tokens.ASSISTANT, *message.tokens) for message in messages]
    assert [token for one in again for token in one] == [tokens.START, tokens.ASSISTANT, *ids]
    assert {message.effort for message in messages} == {Effort.LOW}


@settings(max_examples=200, deadline=None)
@given(data=st.lists(st.binary(min_size=1, max_size=4), max_size=30))
def test_bytes_wait_until_they_are_characters(data: list[bytes]) -> None:
    decoder = Decoder(())
    events: list[Event] = []
    for piece in (Control.CHANNEL, b"final", Control.MESSAGE, *data, Control.RETURN):
        events += decoder.push(piece)
    *deltas, last = events
    assert isinstance(last, MessageCompleted)
    assert last.message.content == b"".join(data).decode("utf-8", "replace")
    assert all(isinstance(delta, AnswerDelta) and delta.text for delta in deltas)
    assert sum(delta.tokens for delta in deltas) == (len(data) if deltas else 0)


def test_a_header_is_not_given_up_inside_a_character() -> None:
    decoder = Decoder(())
    text = ("Ä" * 300).encode()
    shown = [event for at in range(len(text)) for event in decoder.push(text[at : at + 1])]
    assert "".join(event.text for event in shown if isinstance(event, AnswerDelta)) == "Ä" * 300


def test_each_channel_is_shown_as_what_it_is() -> None:
    decoder = Decoder(("python",))
    shown: list[Event] = []
    for piece in scan(
        "<|channel|>analysis<|message|>A<|end|><|start|>assistant"
        "<|channel|>commentary<|message|>B<|end|><|start|>assistant"
        "<|channel|>final<|message|>C<|end|><|start|>assistant"
        "<|channel|>analysis to=python code<|message|>D<|call|>"
    ):
        shown += decoder.push(piece)
    assert [event for event in shown if not isinstance(event, MessageCompleted)] == [
        ReasoningDelta("A"),
        PreambleDelta("B"),
        AnswerDelta("C"),
        ToolArgumentsDelta("python", "D"),
    ]


def test_what_was_cut_off_is_kept_as_interrupted() -> None:
    decoder = Decoder(())
    for piece in (*scan("<|channel|>final<|message|>Half a sen"), b"\xf0\x9f"):
        decoder.push(piece)
    *_, last = decoder.finish(interrupted=True)
    assert isinstance(last, MessageCompleted)
    assert (last.message.content, last.message.interrupted) == ("Half a sen�", True)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "<|channel|>",
        "<|channel|>fin",
        "<|channel|>final",
        " to",
        " to=functions.a",
        "<|channel|>commentary to=functions.a <|constrain|>js",
    ],
)
def test_half_a_header_is_nothing(header: str) -> None:
    decoder = Decoder(TOOLS)
    for piece in scan(header):
        assert decoder.push(piece) == ()
    assert decoder.finish(interrupted=True) == ()


def test_nothing_is_read_after_the_end() -> None:
    decoder = Decoder(())
    for piece in scan("<|channel|>final<|message|>Hi<|return|>"):
        decoder.push(piece)
    assert decoder.stopped
    assert decoder.push(b"more") == ()
    assert decoder.finish(interrupted=False) == ()


def test_spelled_markup_of_the_model_is_text(vocabulary: Vocabulary) -> None:
    """A model that explains harmony writes ``<|start|>`` in ordinary tokens: that is no markup."""
    ids = [tokens.CHANNEL, *vocabulary.encode(FINAL), tokens.MESSAGE]
    ids += [*vocabulary.encode("It begins with <|start|>."), tokens.RETURN]
    (message,) = completed(decode(vocabulary, ids)[0])
    assert message.content == "It begins with <|start|>."
    assert message.repairs == ()


def test_repairs_of_dropped_messages_are_counted_too() -> None:
    decoder = Decoder(())
    for piece in scan(
        "<|channel|>foo<|message|><|end|><|start|>assistant<|channel|>final<|message|>"
    ):
        decoder.push(piece)
    assert Repair.EMPTY_DROPPED in decoder.repairs
