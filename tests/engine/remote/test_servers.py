"""A conversation over each kind of server: found, asked in its own words, answered, with tools."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Any

import pytest

from chat_tui.conversation import (
    ANALYSIS,
    COMMENTARY,
    FINAL,
    Closer,
    Effort,
    FunctionSpec,
    Message,
    Prompt,
    ToolSpec,
    user,
)
from chat_tui.engine.protocol import Cancel, GenerateOptions, Sampling
from chat_tui.engine.remote.engine import RemoteEngine
from chat_tui.events import (
    AnswerDelta,
    GenerationEnded,
    Loaded,
    MessageCompleted,
    ModelInfo,
    PromptProgress,
    ReasoningDelta,
    StopReason,
    ToolFinished,
    ToolProgressed,
    TurnEnded,
)
from chat_tui.harmony.prompt import Renderer
from chat_tui.harmony.vocabulary import Vocabulary
from chat_tui.session.turn import Decision, Seams, Verdict, answer, run_turn
from tests.engine.remote.conftest import Connect
from tests.engine.remote.stand_in import StandIn, llama_server, lm_studio, ollama, vllm

PLAIN = (
    "<|channel|>analysis<|message|>A greeting 👋🏽.<|end|><|start|>assistant"
    "<|channel|>final<|message|>Grüß dich, 世界! 🦙<|return|>"
)
CALL = (
    "<|channel|>analysis<|message|>I have to look.<|end|><|start|>assistant<|channel|>commentary"
    ' to=functions.weather <|constrain|>json<|message|>{"city":"Bern"}<|call|>'
)
AFTER = "<|channel|>final<|message|>It rains in Bern.<|return|>"
WEATHER = ToolSpec(
    "functions",
    (
        FunctionSpec(
            "weather",
            "The weather in a city.",
            {"type": "object", "properties": {"city": {"type": "string"}}},
        ),
    ),
)
TOLD = Prompt((user("Hello"),), Effort.LOW)


def texts(messages: Sequence[Message]) -> list[tuple[str | None, str]]:
    return [(message.channel, message.content) for message in messages]


def generate(
    engine: RemoteEngine, prompt: Prompt = TOLD, options: GenerateOptions | None = None
) -> list[Any]:
    return list(engine.generate(prompt, options or GenerateOptions(), Cancel()))


def completed(events: Sequence[Any]) -> list[Message]:
    return [event.message for event in events if isinstance(event, MessageCompleted)]


def loaded(engine: RemoteEngine) -> ModelInfo:
    *_, last = engine.load()
    assert isinstance(last, Loaded)
    return last.model


def in_messages(*calls: Any) -> list[list[dict[str, Any]]]:
    """What Ollama says."""
    first = [{"thinking": "A gree"}, {"thinking": "ting 👋🏽."}, {"content": "Grüß dich, "}]
    return [[*first, {"content": "世界! 🦙"}], *calls]


def in_deltas() -> list[list[dict[str, Any]]]:
    """What LM Studio says."""
    first = [{"role": "assistant", "reasoning": "A gree"}, {"reasoning": "ting 👋🏽."}]
    return [[*first, {"content": "Grüß dich, "}, {"content": "世界! 🦙"}]]


@pytest.fixture(params=["llama.cpp", "vllm", "old vllm", "ollama", "lm studio"])
def server(request: pytest.FixtureRequest, vocabulary: Vocabulary) -> Iterator[StandIn]:
    made = {
        "llama.cpp": lambda: llama_server([PLAIN], vocabulary),
        "vllm": lambda: vllm([PLAIN], vocabulary),
        "old vllm": lambda: vllm([PLAIN], vocabulary, tells_ids=False),
        "ollama": lambda: ollama(in_messages()),
        "lm studio": lambda: lm_studio(in_deltas()),
    }
    with made[request.param]() as running:
        yield running


def test_each_is_recognised_by_what_it_says_and_answers(server: StandIn, connect: Connect) -> None:
    engine = connect(server)
    model = loaded(engine)
    assert "gpt-oss" in model.name
    assert model.context in (8192, 32_768)
    assert model.host == ""  # loopback is this machine
    events = generate(engine)
    assert texts(completed(events)) == [
        (ANALYSIS, "A greeting 👋🏽."),
        (FINAL, "Grüß dich, 世界! 🦙"),
    ]
    assert "".join(e.text for e in events if isinstance(e, ReasoningDelta)) == "A greeting 👋🏽."
    assert "".join(e.text for e in events if isinstance(e, AnswerDelta)) == "Grüß dich, 世界! 🦙"
    assert isinstance(events[0], PromptProgress)
    end = events[-1]
    assert isinstance(end, GenerationEnded)
    assert end.reason is StopReason.COMPLETE
    assert end.usage.prompt_tokens > 50
    assert end.usage.reasoning_tokens > 0
    assert end.usage.answer_tokens > 0


@pytest.mark.parametrize("make", [llama_server, vllm])
def test_where_tokens_are_told_they_are_kept_as_the_model_wrote_them(
    make: Any, vocabulary: Vocabulary, connect: Connect
) -> None:
    with make([PLAIN], vocabulary) as server:
        messages = completed(generate(connect(server)))
    assert "".join(vocabulary.decode(one.tokens) for one in messages) == PLAIN.replace(
        "<|start|>assistant", ""
    )
    assert not any(one.repairs for one in messages)


@pytest.mark.parametrize("make", [llama_server, vllm])
def test_a_server_of_tokens_gets_the_prompt_that_this_program_renders(
    make: Any, vocabulary: Vocabulary, connect: Connect
) -> None:
    with make([PLAIN], vocabulary) as server:
        engine = connect(server)
        sampling = Sampling(temperature=0.0, seed=7)
        first = completed(generate(engine, TOLD, GenerateOptions(sampling, max_tokens=500)))
        second = Prompt((*TOLD.messages, *first, user("And now?")), Effort.HIGH)
        generate(engine, second)
        bodies = [one.body for one in server.asked if one.body and "temperature" in one.body]
    assert [body["prompt"] for body in bodies] == [
        Renderer(vocabulary).render(TOLD),
        Renderer(vocabulary).render(second),
    ]
    assert bodies[0]["temperature"] == 0.0
    assert bodies[0]["seed"] == 7
    assert bodies[0].get("n_predict", bodies[0].get("max_tokens")) == 500
    assert "seed" not in bodies[1]
    assert bodies[1]["min_p"] == 0.01


def test_llama_cpp_is_asked_to_reuse_its_cache_and_tells_how_far_it_has_read(
    vocabulary: Vocabulary, connect: Connect
) -> None:
    with llama_server([PLAIN], vocabulary) as server:
        events = generate(connect(server))
        body = server.posted("/completion")[0]
    assert body["cache_prompt"] is True
    total = len(body["prompt"])
    progress = [event for event in events if isinstance(event, PromptProgress)]
    assert progress[-1] == PromptProgress(total, total, 3)
    assert events[-1].usage.reused_tokens == 3


def test_ollama_is_told_the_effort_and_the_size_of_the_context(connect: Connect) -> None:
    with ollama(in_messages()) as server:
        engine = connect(server, context=16_384)
        assert loaded(engine).context == 16_384
        generate(engine, Prompt((user("Hello"),), Effort.HIGH, instructions="Be brief."))
        body = server.posted("/api/chat")[0]
    assert body["model"] == "gpt-oss:20b"
    assert body["think"] == "high"
    assert body["options"]["num_ctx"] == 16_384
    assert body["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hello"},
    ]


def test_lm_studio_is_told_the_effort(connect: Connect) -> None:
    with lm_studio(in_deltas()) as server:
        events = generate(connect(server))
        body = server.posted("/v1/chat/completions")[0]
    assert body["reasoning_effort"] == "low"
    assert body["model"] == "openai/gpt-oss-20b"
    assert events[-1].usage.prompt_tokens == 70
    assert events[-1].usage.answer_tokens == 21 - 2


class Weather:
    """A toolbox with one tool."""

    specs = (WEATHER,)

    def __init__(self) -> None:
        self.asked: list[str] = []

    def run(self, call: Message, cancel: Cancel) -> Iterator[ToolProgressed | ToolFinished]:
        del cancel
        self.asked.append(call.content)
        yield ToolFinished(call, answer(call, "rain, 12 °C"))


OLLAMA_CALL = [
    {"thinking": "I have to look."},
    {"tool_calls": [{"function": {"name": "weather", "arguments": {"city": "Bern"}}}]},
]
LM_STUDIO_CALL = [
    {"reasoning": "I have to look."},
    {"tool_calls": [{"index": 0, "id": "x", "function": {"name": "weather", "arguments": ""}}]},
    {"tool_calls": [{"index": 0, "function": {"arguments": '{"city":'}}]},
    {"tool_calls": [{"index": 0, "function": {"arguments": ' "Bern"}'}}]},
]
RAIN = {"content": "It rains in Bern."}


@pytest.mark.parametrize("kind", ["llama.cpp", "vllm", "old vllm", "ollama", "lm studio"])
def test_a_tool_is_called_answered_and_told_of(
    kind: str, vocabulary: Vocabulary, connect: Connect
) -> None:
    made = {
        "llama.cpp": lambda: llama_server([CALL, AFTER], vocabulary),
        "vllm": lambda: vllm([CALL, AFTER], vocabulary),
        "old vllm": lambda: vllm([CALL, AFTER], vocabulary, tells_ids=False),
        "ollama": lambda: ollama([OLLAMA_CALL, [RAIN]]),
        "lm studio": lambda: lm_studio([LM_STUDIO_CALL, [RAIN]]),
    }
    weather = Weather()
    seams = Seams(toolbox=weather, approve=lambda _call, _cancel: Verdict(Decision.ALLOW))
    with ExitStack() as stack:
        server = stack.enter_context(made[kind]())
        engine = connect(server)
        events = list(run_turn(engine, TOLD, GenerateOptions(), Cancel(), seams))
        bodies = [one.body for one in server.asked if one.method == "POST"]
    assert weather.asked in (['{"city":"Bern"}'], ['{"city": "Bern"}'])
    messages = completed(events)
    assert [(one.channel, one.recipient) for one in messages] == [
        (ANALYSIS, None),
        (COMMENTARY, "functions.weather"),
        (FINAL, None),
    ]
    assert messages[-1].content == "It rains in Bern."
    assert isinstance(events[-1], TurnEnded)
    if kind == "ollama":
        assert bodies[-1]["messages"][1:] == [
            {
                "role": "assistant",
                "content": "",
                "thinking": "I have to look.",
                "tool_calls": [{"function": {"name": "weather", "arguments": {"city": "Bern"}}}],
            },
            {"role": "tool", "content": "rain, 12 °C", "tool_name": "weather"},
        ]
    elif kind == "lm studio":
        call, result = bodies[-1]["messages"][1:]
        assert call["tool_calls"][0]["id"] == result["tool_call_id"]
        assert result["content"] == "rain, 12 °C"
    else:
        assert "rain, 12 °C" in vocabulary.decode(bodies[-1]["prompt"])


def test_what_comes_before_a_call_is_no_answer(connect: Connect) -> None:
    with ollama([[{"content": "Let me look."}, OLLAMA_CALL[1]]]) as server:
        prompt = Prompt((user("Hello"),), tools=(WEATHER,))
        messages = completed(generate(connect(server), prompt))
    assert [(one.channel, one.recipient) for one in messages] == [
        (COMMENTARY, None),
        (COMMENTARY, "functions.weather"),
    ]


def test_python_is_told_of_as_a_function_and_its_code_comes_back_as_code(connect: Connect) -> None:
    python = ToolSpec("python", description="Runs code.")
    code = {"function": {"name": "python", "arguments": {"input": "print(6 * 7)"}}}
    with ollama([[{"tool_calls": [code]}]]) as server:
        prompt = Prompt((user("Hello"),), tools=(python,))
        (call,) = completed(generate(connect(server), prompt))
        (told,) = server.posted("/api/chat")[0]["tools"]
    assert told["function"]["name"] == "python"
    assert (call.recipient, call.content) == ("python", "print(6 * 7)")


@pytest.mark.parametrize("kind", ["llama.cpp", "ollama"])
def test_the_price_of_a_prompt_and_what_is_in_it_are_told(
    kind: str, vocabulary: Vocabulary, connect: Connect
) -> None:
    made = llama_server([PLAIN], vocabulary) if kind == "llama.cpp" else ollama(in_messages())
    with made as server:
        engine = connect(server)
        messages = completed(generate(engine))
        second = Prompt((*TOLD.messages, *messages, user("And now?")), TOLD.effort)
        cost, parts = engine.cost(second), engine.inspect(second)
    assert cost.total == len(Renderer(vocabulary).render(second))
    assert parts.reused == cost.reused
    # A server of tokens evaluated the question; whether it still holds it, only it knows.
    assert (cost.reused >= len(Renderer(vocabulary).render(TOLD))) is (kind == "llama.cpp")


THINKS = [{"thinking": word} for word in ("One ", "two ", "three ", "four ", "five ", "six")]


@pytest.mark.parametrize("who", [Closer.USER, Closer.BUDGET])
def test_answer_now_puts_the_question_once_more_where_a_server_renders_it(
    who: Closer, connect: Connect
) -> None:
    cancel = Cancel()
    budget = 2 if who is Closer.BUDGET else None
    with ollama([[*THINKS, {"content": "late"}], [{"thinking": "So."}, RAIN]]) as server:
        engine = connect(server)
        events = []
        prompt = Prompt((user("Hello"),), Effort.HIGH)
        for event in engine.generate(prompt, GenerateOptions(budget=budget), cancel):
            events.append(event)
            if isinstance(event, ReasoningDelta) and who is Closer.USER:
                cancel.hurry()
        bodies = server.posted("/api/chat")
    thought, again, final = completed(events)
    assert thought.closed_by is who
    assert thought.content.startswith("One ")
    assert "six" not in thought.content
    assert (again.content, final.content) == ("So.", "It rains in Bern.")
    assert [body["think"] for body in bodies] == ["high", "low"]
    assert [thought.effort, final.effort] == [Effort.HIGH, Effort.LOW]
    assert events[-1].usage.answer_tokens > 0
