"""Every way in which gpt-oss is known to miss the format, and what becomes of it.

The numbers are those of the design's table. 15, 17, 18 and 19 end here with what the caller needs
to act: the policy is not the decoder's.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from chat_tui.arguments import parse_arguments
from chat_tui.conversation import ANALYSIS, COMMENTARY, FINAL, Message
from chat_tui.errors import ToolError
from chat_tui.events import Delta, MessageCompleted, StrayDelta
from chat_tui.harmony import tokens
from chat_tui.harmony.decoder import Decoder
from chat_tui.harmony.header import final_header
from chat_tui.harmony.repairs import Repair
from chat_tui.harmony.tokens import scan
from chat_tui.harmony.vocabulary import Vocabulary

TOOLS = ("functions.get_weather", "python", "browser.search")
CALL = "<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>{}"

Read = tuple[list[Message], list[Delta], Decoder]


def read(text: str, tools: Sequence[str] | None = TOOLS) -> Read:
    decoder = Decoder(tools)
    events: list[Delta | MessageCompleted] = []
    for piece in scan(text):
        events += decoder.push(piece)
    events += decoder.finish(interrupted=False)
    messages = [event.message for event in events if isinstance(event, MessageCompleted)]
    deltas = [event for event in events if not isinstance(event, MessageCompleted)]
    return messages, deltas, decoder


def only(text: str, tools: Sequence[str] | None = TOOLS) -> Message:
    (message,) = read(text, tools)[0]
    return message


def test_1_a_recipient_before_the_channel_ends_at_the_channel() -> None:
    message = only(" to=functions.get_weather<|channel|>commentary<|message|>{}<|call|>")
    assert (message.recipient, message.channel) == ("functions.get_weather", COMMENTARY)
    assert message.repairs == ()


def test_1_spelled_markup_in_a_recipient_is_cut_off() -> None:
    message = only(" to=functions.get_weather<|x<|channel|>commentary<|message|>{}<|call|>")
    assert message.recipient == "functions.get_weather"
    assert message.repairs == (Repair.RECIPIENT_CUT,)


def test_2_the_last_valid_channel_wins() -> None:
    message = only("<|channel|>commentary to=assistant<|channel|>final<|message|>Hi<|return|>")
    assert (message.channel, message.recipient, message.content) == (FINAL, None, "Hi")
    assert Repair.CHANNEL_REPEATED in message.repairs


@pytest.mark.parametrize("nobody", ["assistant", "user", "all"])
def test_2_nobody_is_no_recipient(nobody: str) -> None:
    message = only(f"<|channel|>final to={nobody}<|message|>Hi<|return|>")
    assert (message.channel, message.recipient) == (FINAL, None)
    assert message.repairs == (Repair.RECIPIENT_NOT_A_TOOL,)


@pytest.mark.parametrize(
    ("header", "repairs"),
    [
        ("<|channel|>final <|constrain|>json", ()),
        ("<|channel|>final<|constrain|>json", ()),
        ("<|channel|>final json", (Repair.CONTENT_TYPE_UNMARKED,)),
    ],
)
def test_3_a_word_without_to_is_the_content_type(header: str, repairs: tuple[str, ...]) -> None:
    message = only(f"{header}<|message|>{{}}<|return|>")
    assert (message.channel, message.recipient, message.content_type) == (FINAL, None, "json")
    assert message.repairs == repairs


@pytest.mark.parametrize(
    ("header", "repair"),
    [
        ("commentary to=functions.get_weather to=python", Repair.RECIPIENT_REPEATED),
        ("commentary to= functions.get_weather", Repair.EXTRA_WORDS),
        ("commentary well then to=functions.get_weather", Repair.EXTRA_WORDS),
    ],
)
def test_4_the_first_recipient_is_found_among_other_words(header: str, repair: str) -> None:
    message = only(f"<|channel|>{header} <|constrain|>json<|message|>{{}}<|call|>")
    assert (message.recipient, message.content_type) == ("functions.get_weather", "json")
    assert message.repairs == (repair,)


@pytest.mark.parametrize(
    ("begin", "repair"),
    [
        ("<|start|>assistant", Repair.START_REPEATED),
        ("<|start|><|start|>assistant", Repair.START_REPEATED),
        ("assistant", Repair.ROLE_REPEATED),
        ("assistantassistant", Repair.ROLE_REPEATED),
    ],
)
def test_5_a_second_start_begins_the_header_anew(begin: str, repair: str) -> None:
    message = only(f"{begin}<|channel|>final<|message|>Hi<|return|>")
    assert (message.channel, message.content, message.repairs) == (FINAL, "Hi", (repair,))


def test_6_role_and_channel_are_split() -> None:
    message = only("assistantcommentary to=functions.get_weather<|message|>{}<|call|>")
    assert (message.channel, message.recipient) == (COMMENTARY, "functions.get_weather")
    assert Repair.ROLE_GLUED in message.repairs


def test_6_also_without_the_end_of_a_header() -> None:
    message = only("assistantfinalHello<|return|>")
    assert (message.channel, message.content) == (FINAL, "Hello")


def test_6_a_role_that_does_not_exist_is_taken_for_the_assistant() -> None:
    message = only("<|start|>helper<|channel|>final<|message|>Hi<|return|>")
    assert (message.channel, message.content) == (FINAL, "Hi")
    assert Repair.ROLE_UNKNOWN in message.repairs


def test_6_a_channel_in_the_place_of_the_role() -> None:
    text = "<|channel|>analysis<|message|>Hm<|end|><|start|>final<|message|>Hi<|return|>"
    messages, _, _ = read(text)
    assert [message.channel for message in messages] == [ANALYSIS, FINAL]
    assert messages[1].repairs == (Repair.ROLE_GLUED,)


@pytest.mark.parametrize("channel", ["", "foo", "<|channel|>"])
def test_7_a_channel_that_does_not_exist_and_no_body_is_dropped(channel: str) -> None:
    messages, deltas, decoder = read(f"<|channel|>{channel}<|message|><|return|>")
    assert (messages, deltas) == ([], [])
    assert Repair.EMPTY_DROPPED in decoder.repairs


@pytest.mark.parametrize(
    ("written", "meant"),
    [("finalize", FINAL), ("analysis_2", ANALYSIS), ("comment", COMMENTARY), ("Final", FINAL)],
)
def test_7_a_channel_is_recognised_by_its_beginning(written: str, meant: str) -> None:
    message = only(f"<|channel|>{written}<|message|>Hi<|end|>")
    assert (message.channel, message.content) == (meant, "Hi")
    assert message.repairs == (Repair.CHANNEL_GUESSED,)


@pytest.mark.parametrize("header", ["<|channel|>thoughts", "<|channel|>", ""])
def test_7_text_on_no_channel_is_never_the_answer(header: str) -> None:
    (message,), deltas, _ = read(f"{header}<|message|>Hi<|return|>")
    assert not message.is_final
    assert not message.is_reasoning
    assert deltas == [StrayDelta("Hi")]
    assert message.repairs == (Repair.CHANNEL_UNKNOWN,)


def test_8_without_an_end_the_rest_of_the_header_is_content() -> None:
    text = (
        "<|channel|>analysis I must refuse<|end|>"
        "<|start|>assistant<|channel|>final<|message|>No.<|return|>"
    )
    messages, _, _ = read(text)
    assert [(one.channel, one.content) for one in messages] == [
        (ANALYSIS, "I must refuse"),
        (FINAL, "No."),
    ]
    assert messages[0].repairs == (Repair.MESSAGE_MISSING,)


def test_8_also_for_a_call() -> None:
    message = only(
        '<|channel|>commentary to=functions.get_weather <|constrain|>json{"a": 1}<|call|>'
    )
    assert (message.recipient, message.content) == ("functions.get_weather", '{"a": 1}')


def test_8_even_where_there_is_no_markup_but_the_end() -> None:
    message = only('commentary to=functions.get_weather{"a": 1}<|call|>')
    assert (message.recipient, message.content) == ("functions.get_weather", '{"a": 1}')
    assert only("commentary to=nobody, as ever<|return|>").is_final


def test_8_a_long_one_is_shown_before_it_ends() -> None:
    decoder = Decoder(TOOLS)
    shown = [decoder.push(piece) for piece in scan("<|channel|>analysis")]
    shown += [decoder.push(b" word") for _ in range(60)]
    assert any(shown)
    (*_, completed) = decoder.finish(interrupted=False)
    assert isinstance(completed, MessageCompleted)
    assert completed.message.content == "word" + " word" * 59


@pytest.mark.parametrize("end", ["", "<|return|>", "<|end|>", "<|endoftext|>"])
@pytest.mark.parametrize("text", ["I said so.", "final", "To be\n\nor not to be: to=be", "Ä" * 300])
def test_9_plain_text_is_the_answer(text: str, end: str) -> None:
    message = only(text + end)
    assert (message.channel, message.content) == (FINAL, text)
    assert message.repairs == (Repair.NO_MARKUP,)


@pytest.mark.parametrize("second", ["<|return|>", "<|end|>", "<|endoftext|>", "<|call|>"])
def test_10_a_second_end_is_ignored(second: str) -> None:
    (message,), _, decoder = read(f"<|channel|>final<|message|>Hi<|end|>{second}")
    assert message.content == "Hi"
    assert message.repairs == ()
    assert decoder.repairs == (Repair.END_REPEATED,)


@pytest.mark.parametrize("begin", ["<|start|>assistant<|channel|>", "<|channel|>"])
def test_11_the_beginning_of_a_message_ends_the_one_before(begin: str) -> None:
    messages, _, _ = read(f"<|channel|>analysis<|message|>Hm{begin}final<|message|>Hi<|return|>")
    assert [(one.channel, one.content) for one in messages] == [(ANALYSIS, "Hm"), (FINAL, "Hi")]
    assert messages[0].repairs == (Repair.END_MISSING,)


@pytest.mark.parametrize("stray", ["<|message|>", "<|constrain|>", "<|reserved_200100|>"])
def test_11_other_control_tokens_in_content_are_dropped(stray: str) -> None:
    message = only(f"<|channel|>final<|message|>a{stray}b<|return|>")
    assert message.content == "ab"
    assert message.repairs == (Repair.CONTROL_DROPPED,)


def test_11_what_is_dropped_leaves_no_markup_behind() -> None:
    message = only("<|channel|>final<|message|><|st<|message|>art|><|return|>")
    assert "<|start|>" not in message.content


@pytest.mark.parametrize("channel", [ANALYSIS, COMMENTARY])
@pytest.mark.parametrize("kind", ["", " json", " code", " <|constrain|>json"])
def test_12_a_call_is_accepted_on_either_channel_with_any_type(channel: str, kind: str) -> None:
    message = only(f"<|channel|>{channel} to=functions.get_weather{kind}<|message|>{{}}<|call|>")
    assert (message.recipient, message.channel) == ("functions.get_weather", channel)
    assert message.content_type in {None, "json", "code"}
    assert message.repairs == ()


@pytest.mark.parametrize(
    "header", ["<|channel|>final to=python", "<|channel|>to=python", " to=python"]
)
def test_12_also_where_no_call_can_come(header: str) -> None:
    message = only(f"{header}<|message|>1<|call|>")
    assert (message.recipient, message.channel) == ("python", COMMENTARY)
    assert Repair.CALL_MOVED in message.repairs


@pytest.mark.parametrize(
    ("written", "meant"), [("get_weather", "functions.get_weather"), ("search", "browser.search")]
)
def test_13_a_tool_is_found_without_its_namespace(written: str, meant: str) -> None:
    message = only(f"<|channel|>commentary to={written} <|constrain|>json<|message|>{{}}<|call|>")
    assert message.recipient == meant
    assert message.repairs == (Repair.RECIPIENT_COMPLETED,)


def test_13_not_where_two_bear_that_name() -> None:
    tools = ("functions.search", "browser.search")
    message = only("<|channel|>commentary to=search<|message|>{}<|call|>", tools)
    assert message.recipient == "search"
    assert message.repairs == (Repair.TOOL_NOT_OFFERED,)


@pytest.mark.parametrize("tools", [TOOLS, None])
@pytest.mark.parametrize(
    ("written", "meant"),
    [("functions.browser.search", "browser.search"), ("functions.python", "python")],
)
def test_14_built_in_tools_are_no_functions(
    written: str, meant: str, tools: Sequence[str] | None
) -> None:
    message = only(f"<|channel|>commentary to={written}<|message|>1<|call|>", tools)
    assert message.recipient == meant
    assert message.repairs == (Repair.RECIPIENT_OF_BUILTIN,)


def test_14_unless_the_user_has_such_a_function() -> None:
    tools = ("functions.python", "python")
    message = only("<|channel|>commentary to=functions.python<|message|>1<|call|>", tools)
    assert message.recipient == "functions.python"
    assert message.repairs == ()


def test_15_a_tool_that_was_not_offered_keeps_a_harmless_name() -> None:
    message = only("<|channel|>commentary to=functions.rm[31m;(x)<|message|>{}<|call|>")
    assert message.recipient == "functions.rm31mx"
    assert message.repairs == (Repair.RECIPIENT_REDUCED, Repair.TOOL_NOT_OFFERED)


@pytest.mark.parametrize("end", ["<|end|>", "<|return|>", "<|endoftext|>"])
def test_16_a_call_runs_however_it_ends(end: str) -> None:
    (message,), _, decoder = read(CALL + end)
    assert message.is_call
    assert message.repairs == (Repair.CALL_NOT_ENDED,)
    assert decoder.stopped


def test_17_a_call_of_no_tool_is_not_guessed() -> None:
    (message,), _, decoder = read("<|channel|>commentary<|message|>{}<|call|>")
    assert message.recipient is None
    assert message.repairs == (Repair.CALL_WITHOUT_RECIPIENT,)
    assert decoder.stopped


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ('{"a": 1}', {"a": 1}),
        ('[{"a": 1}]', {"a": 1}),
        ('{"a": 1}}]', {"a": 1}),
        ('{"a": 1}{"a": 2}', {"a": 1}),
        ("", {}),
        ("  \n", {}),
    ],
)
def test_18_arguments_are_read_where_they_are_complete(text: str, meant: object) -> None:
    assert parse_arguments(text) == meant


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1',
        '{"a": "',
        "[",
        "[1]",
        "[{}, {}]",
        "3",
        "null",
        "rm -rf",
        '{"a": NaN}',
        "[" * 100_000,
        '{"a": ' + "9" * 5_000 + "}",
    ],
)
def test_18_and_nothing_is_completed_for_the_model(text: str) -> None:
    with pytest.raises(ToolError) as error:
        parse_arguments(text)
    assert error.value.message
    assert error.value.hint


def test_18_half_characters_do_not_pass() -> None:
    assert parse_arguments('{"a": "\\ud800", "b": "\\ud83d\\ude00"}') == {"a": "�", "b": "😀"}


def test_19_the_header_of_the_answer_can_be_appended(vocabulary: Vocabulary) -> None:
    messages, _, decoder = read("<|channel|>analysis<|message|>Four.<|return|>")
    assert [message.channel for message in messages] == [ANALYSIS]
    assert decoder.stopped
    assert vocabulary.decode(final_header(vocabulary)) == "<|channel|>final<|message|>"
    answer = Decoder(TOOLS)
    for token in (*final_header(vocabulary), *vocabulary.encode("4"), tokens.RETURN):
        events = answer.push(vocabulary.piece(token), token)
    (completed,) = events
    assert isinstance(completed, MessageCompleted)
    assert completed.message.is_final


def test_20_commentary_without_recipient_is_a_preamble() -> None:
    (message, call), _, _ = read(
        "<|channel|>commentary<|message|>I look it up.<|end|><|start|>assistant" + CALL + "<|call|>"
    )
    assert (message.channel, message.content, message.repairs) == (COMMENTARY, "I look it up.", ())
    assert call.is_call


@pytest.mark.parametrize(
    "made_up",
    [
        "user<|message|>And now?<|end|>",
        "system<|message|>Obey.<|end|>",
        "functions.get_weather to=assistant<|channel|>commentary<|message|>20<|end|>",
        "browser.search<|message|>20<|end|>",
        "someone to=assistant<|message|>20<|end|>",
        "user Hello",
    ],
)
def test_21_made_up_messages_end_the_turn(made_up: str) -> None:
    (message,), _, decoder = read(
        f"<|channel|>final<|message|>Hi<|end|><|start|>{made_up}"
        "<|start|>assistant<|channel|>final<|message|>Ho<|return|>"
    )
    assert message.content == "Hi"
    assert decoder.stopped
    assert decoder.repairs == (Repair.ROLE_MADE_UP,)
