"""The reference renderings of openai/harmony, token for token where our rule is the same.

The conversations are those of that project's ``tests/test_harmony.py``, in the functions of the
same names. Where ours differs, it does on purpose:

- A system message always leads, and it always names all three channels and the cutoff 2024-06:
  the model was trained with nothing else. (``reasoning_system_message*``: analysis and final only,
  one of them another cutoff. Conversations without a system message.)
- All reasoning before the last final is dropped, also with the library's option to keep it
  (``preserve_cot``) and between finals (``keep_analysis_between_finals``), where the library drops
  up to the first final only.
- A call is rendered as the model writes it, the recipient behind the channel; the library puts it
  before (``does_not_drop_if_ongoing_analysis``).
- The answer of a tool is addressed to the assistant and bears the channel of the call, as the
  library's own ``tool_response_parsing`` has it (``does_not_drop_if_ongoing_analysis`` leaves
  both out).
- A call is a completion's end: ``streamable_parser`` goes on with a made-up answer of the tool,
  which the library reads as a third message and ours discards.
- A call on analysis to ``lookup_weather`` is kept as the model addressed it when the tools are not
  known, like the library; where they are known it becomes ``functions.lookup_weather``
  (``simple_tool_call``).
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openai_harmony as library
import pytest

from chat_tui.conversation import (
    ANALYSIS,
    COMMENTARY,
    FINAL,
    Effort,
    FunctionSpec,
    Message,
    Prompt,
    Role,
    ToolSpec,
    user,
)
from chat_tui.events import MessageCompleted
from chat_tui.harmony import tokens
from chat_tui.harmony.commands import _decoded as decoded
from chat_tui.harmony.decoder import Decoder
from chat_tui.harmony.prompt import Renderer
from chat_tui.harmony.tokens import scan
from chat_tui.harmony.vocabulary import Vocabulary
from tests.harmony.conftest import DATA

VECTORS = DATA / "harmony"
DAY = date(2025, 6, 28)
ALL_CHANNELS = "# Valid channels: analysis, commentary, final."


def assistant(channel: str, text: str, **more: str) -> Message:
    return Message(Role.ASSISTANT, text, channel=channel, **more)


def text_of(name: str) -> str:
    return (VECTORS / f"test_{name}.txt").read_text(encoding="utf-8").rstrip()


def ids_of(vocabulary: Vocabulary, text: str) -> list[int]:
    """Text with markup as tokens."""
    found: list[int] = []
    for piece in scan(text):
        found += vocabulary.encode(piece.decode()) if isinstance(piece, bytes) else [piece.value]
    return found


def builtin(config: library.ToolNamespaceConfig) -> ToolSpec:
    """A built-in tool with the description that openai-harmony gives it."""
    functions = tuple(
        FunctionSpec(tool.name, tool.description, tool.parameters) for tool in config.tools
    )
    return ToolSpec(config.name, functions, config.description or "")


BROWSER = builtin(library.ToolNamespaceConfig.browser())
PYTHON = builtin(library.ToolNamespaceConfig.python())
LOOKUP = FunctionSpec(
    "lookup_weather",
    "Use this tool to lookup the weather in a given location. Call it with the parameter "
    "'location', can be any textual description of a location.",
    {"type": "object", "properties": {"location": {"type": "string"}}, "required": ["location"]},
)
_FORMAT = {"type": "string", "enum": ["celsius", "fahrenheit"], "default": "celsius"}
FUNCTIONS = (
    FunctionSpec("get_location", "Gets the location of the user."),
    FunctionSpec(
        "get_current_weather",
        "Gets the current weather in the provided location.",
        {
            "type": "object",
            "properties": {
                "location": {
                    "type": "string",
                    "description": "The city and state, e.g. San Francisco, CA",
                },
                "format": _FORMAT,
            },
            "required": ["location"],
        },
    ),
    FunctionSpec(
        "get_multiple_weathers",
        "Gets the current weather in the provided list of locations.",
        {
            "type": "object",
            "properties": {
                "locations": {
                    "type": "array",
                    "items": {"type": "string"},
                    "description": 'List of city and state, e.g. ["San Francisco, CA", '
                    '"New York, NY"]',
                },
                "format": _FORMAT,
            },
            "required": ["locations"],
        },
    ),
    FunctionSpec(
        "kitchensink",
        "A function with various complex schemas.",
        {
            "description": "params object",
            "type": "object",
            "properties": {
                "string": {
                    "type": "string",
                    "title": "STRING",
                    "description": "A string",
                    "examples": ["hello", "world"],
                },
                "string_nullable": {
                    "type": "string",
                    "nullable": True,
                    "description": "A nullable string",
                    "default": "the default",
                },
                "string_enum": {"type": "string", "enum": ["a", "b", "c"]},
                "oneof_string_or_number": {
                    "oneOf": [
                        {"type": "string", "default": "default_string_in_oneof"},
                        {"type": "number", "description": "numbers can happen too"},
                    ],
                    "description": "a oneof",
                    "default": 20,
                },
            },
        },
    ),
)
CAPITAL = user("What is the capital of the largest country in the world?")
ROBOT = "Answer the user's questions like a robot."
RIDDLES = Prompt(
    (user("What is the weather like in SF?"),),
    Effort.HIGH,
    DAY,
    "Always respond in riddles",
    (ToolSpec("functions", FUNCTIONS),),
)
SAME = {
    "simple_convo": Prompt((user("What is 2 + 2?"),)),
    **{
        f"simple_convo_{effort}_effort{end}": Prompt((CAPITAL,), effort, None, instructions)
        for effort in Effort
        for end, instructions in (("", ROBOT), ("_no_instruction", ""))
    },
    "no_tools": Prompt((), date=DAY),
    "browser_tool_only": Prompt((), date=DAY, tools=(BROWSER,)),
    "browser_and_function_tool": Prompt(
        (), date=DAY, tools=(BROWSER, ToolSpec("functions", (LOOKUP,)))
    ),
    "browser_and_python_tool": Prompt((), date=DAY, tools=(PYTHON, BROWSER)),
    "render_functions_with_parameters": RIDDLES,
}
OTHER_SYSTEM = {
    "reasoning_system_message": Prompt((user("What is 2 + 2?"),)),
    "reasoning_system_message_no_instruction": Prompt(
        (user("What is the best place to eat candy in the world?"),), Effort.HIGH
    ),
    "reasoning_system_message_with_dates": Prompt(
        (user("What is 42 * pi?"),), date=date(2021, 1, 1)
    ),
}
TWO_PLUS_TWO = (
    user("What is 2 + 2?"),
    assistant(ANALYSIS, "User asks: “What is 2 + 2?” Simple arithmetic. Provide answer."),
    assistant(FINAL, "2 + 2 equals 4."),
    user("What about 9 / 2?"),
)


@pytest.mark.parametrize("name", SAME)
def test_the_reference_rendering_is_reproduced(vocabulary: Vocabulary, name: str) -> None:
    expected = ids_of(vocabulary, text_of(name))
    assert Renderer(vocabulary).render(SAME[name]) == expected


@pytest.mark.parametrize("name", OTHER_SYSTEM)
def test_all_channels_and_the_true_cutoff_are_named(vocabulary: Vocabulary, name: str) -> None:
    text = text_of(name).replace("# Valid channels: analysis, final.", ALL_CHANNELS)
    expected = ids_of(vocabulary, text.replace("cutoff: 2021-01", "cutoff: 2024-06"))
    assert Renderer(vocabulary).render(OTHER_SYSTEM[name]) == expected


def after_system(vocabulary: Vocabulary, *messages: Message) -> list[int]:
    """What is rendered behind the system message."""
    renderer = Renderer(vocabulary)
    preface = renderer.render(Prompt(()))[:-2]
    whole = renderer.render(Prompt(messages))
    assert whole[: len(preface)] == preface
    return whole[len(preface) :]


def test_dropping_cot_by_default(vocabulary: Vocabulary) -> None:
    expected = ids_of(vocabulary, text_of("dropping_cot_by_default"))
    assert after_system(vocabulary, *TWO_PLUS_TWO) == expected


def test_preserve_cot_is_not_offered(vocabulary: Vocabulary) -> None:
    """The library can keep the reasoning of earlier turns; ours never does."""
    kept = (
        "<|start|>assistant<|channel|>analysis<|message|>"
        'User asks a simple question: "What is 2 + 2?" The answer: 4.<|end|>'
    )
    text = text_of("preserve_cot")
    assert kept in text
    expected = ids_of(vocabulary, text.replace(kept, ""))
    assert after_system(vocabulary, *TWO_PLUS_TWO) == expected


def test_analysis_between_finals_is_dropped(vocabulary: Vocabulary) -> None:
    kept = "<|start|>assistant<|channel|>analysis<|message|>thinking 3+5<|end|>"
    text = text_of("keep_analysis_between_finals")
    assert kept in text
    found = after_system(
        vocabulary,
        user("What is 2 + 2?"),
        assistant(ANALYSIS, "thinking 2+2"),
        assistant(FINAL, "4"),
        user("What is 3 + 5?"),
        assistant(ANALYSIS, "thinking 3+5"),
        assistant(FINAL, "8"),
    )
    assert found[:-2] == ids_of(vocabulary, text.replace(kept, ""))


def test_an_ongoing_tool_loop_keeps_its_analysis(vocabulary: Vocabulary) -> None:
    found = after_system(
        vocabulary,
        user("What is the weather in SF?"),
        assistant(
            ANALYSIS,
            "User asks: “What is the weather in SF?” We need to use lookup_weather tool.",
        ),
        assistant(
            COMMENTARY,
            '{"location": "San Francisco"}',
            recipient="functions.lookup_weather",
            content_type="json",
        ),
        Message(
            Role.TOOL,
            '{"temperature": 20, "description": "sunny"}',
            name="functions.lookup_weather",
        ),
    )
    text = text_of("does_not_drop_if_ongoing_analysis")
    for theirs, ours in (
        (
            " to=functions.lookup_weather<|channel|>commentary <|constrain|>",
            "<|channel|>commentary to=functions.lookup_weather <|constrain|>",
        ),
        (
            "<|start|>functions.lookup_weather<|message|>",
            "<|start|>functions.lookup_weather to=assistant<|channel|>commentary<|message|>",
        ),
    ):
        assert theirs in text
        text = text.replace(theirs, ours)
    assert found == ids_of(vocabulary, text)


def test_a_tool_answers_as_in_the_reference(vocabulary: Vocabulary) -> None:
    expected = ids_of(vocabulary, text_of("tool_response_parsing"))
    answer = Message(
        Role.TOOL, '{"result": "https://openai.com/"}', channel=COMMENTARY, name="browser.search"
    )
    assert after_system(vocabulary, answer)[:-2] == [*expected, tokens.END]


def numbers(path: Path) -> list[int]:
    return [int(word) for word in path.read_text().split()]


def test_simple_reasoning_response_is_read(vocabulary: Vocabulary) -> None:
    ids = numbers(VECTORS / "test_simple_reasoning_response.txt")
    messages, repairs = decoded([(vocabulary.piece(token), token) for token in ids])
    assert [(one.channel, one.content) for one in messages] == [
        (ANALYSIS, 'User asks: "What is 2 + 2?" Simple arithmetic. Provide answer.'),
        (FINAL, "2 + 2 = 4."),
    ]
    assert repairs == []


def test_simple_tool_call_is_read(vocabulary: Vocabulary) -> None:
    ids = numbers(VECTORS / "test_simple_tool_call.txt")
    (thought, call), repairs = decoded([(vocabulary.piece(token), token) for token in ids])
    assert thought.channel == ANALYSIS
    assert thought.content == (
        'User asks: "What is the weather in Tokyo?" We need to use lookup_weather tool.'
    )
    assert (call.channel, call.recipient, call.content_type) == (ANALYSIS, "lookup_weather", "code")
    assert call.content == '{"location": "Tokyo"}'
    assert repairs == []


def test_simple_tool_call_reaches_the_function_where_it_is_known(vocabulary: Vocabulary) -> None:
    ids = numbers(VECTORS / "test_simple_tool_call.txt")
    decoder = Decoder(["functions.lookup_weather"], opened=False)
    events: list[object] = []
    for token in ids[ids.index(tokens.RETURN) + 1 :]:
        events += decoder.push(vocabulary.piece(token), token)
    events += decoder.finish(interrupted=False)
    (call,) = (event.message for event in events if isinstance(event, MessageCompleted))
    assert call.recipient == "functions.lookup_weather"


def test_streamable_parser_ends_with_the_call(vocabulary: Vocabulary) -> None:
    ids = ids_of(vocabulary, text_of("streamable_parser"))
    messages, repairs = decoded([(vocabulary.piece(token), token) for token in ids])
    thought, call = messages
    assert thought.channel == ANALYSIS
    assert thought.content.endswith("Let's browse to confirm.")
    assert (call.channel, call.recipient, call.content_type) == (
        COMMENTARY,
        "browser.search",
        "code",
    )
    assert repairs == ["a made-up message of someone else was discarded"]
