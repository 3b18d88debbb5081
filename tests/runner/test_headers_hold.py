"""No header is ever malformed, however wild the model: nothing is left to mend."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from chat_tui.conversation import CHANNELS, FunctionSpec, Prompt, ToolSpec, user
from chat_tui.demo.embedded import embedded_model
from chat_tui.events import MessageCompleted
from chat_tui.harmony.prompt import Renderer
from chat_tui.harmony.vocabulary import Vocabulary
from chat_tui.runner.ahead import turn_header
from chat_tui.runner.flag import Flag
from chat_tui.runner.generation import Generation, Speaker
from chat_tui.runner.llama import Llama
from chat_tui.runner.outbox import Outbox
from chat_tui.runner.reader import Reader
from chat_tui.wire import Generate
from tests.gguf_factory import TINY
from tests.runner.conftest import WINDOW, MakeSpeaker

WEATHER = {"type": "object", "properties": {"city": {"type": "string", "maxLength": 8}}}
TOOLS = (
    ToolSpec(
        "functions",
        (FunctionSpec("get"), FunctionSpec("get_weather", parameters=WEATHER)),
    ),
    ToolSpec("browser", (FunctionSpec("search"), FunctionSpec("open"))),
    ToolSpec("python"),
)
RECIPIENTS = {name for tool in TOOLS for name in tool.recipients}
QUESTION = Prompt((user("What is the weather in Paris?"),), tools=TOOLS)


def spoken(speaker: Speaker, seeds: range, **options: Any) -> Counter[tuple[str, str | None]]:
    """How many messages of each kind were written; every one of them is checked."""
    found: Counter[tuple[str, str | None]] = Counter()
    for seed in seeds:
        sent: list[Any] = []
        request = Generate(QUESTION, temperature=1.5, seed=seed, **options)
        generation = Generation(speaker, request, Outbox(sent.extend), Flag())
        generation.run()
        assert generation._decoder.repairs == ()
        for message in (one.message for one in sent if isinstance(one, MessageCompleted)):
            assert message.channel in CHANNELS
            assert message.recipient is None or message.recipient in RECIPIENTS
            assert message.recipient is None or message.channel != "final"
            found[message.channel, message.recipient] += 1
    return found


def test_random_weights_write_well_formed_headers(make_speaker: MakeSpeaker) -> None:
    found = spoken(make_speaker(**TINY), range(40), max_tokens=32)
    assert found.total() > 20
    assert {channel for channel, _ in found} == set(CHANNELS)
    assert len({recipient for _, recipient in found}) > 2


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_random_weights_write_ten_thousand_well_formed_turns(make_speaker: MakeSpeaker) -> None:
    found = spoken(make_speaker(**TINY), range(10_000), max_tokens=20)
    assert found.total() > 3_000
    assert {recipient for _, recipient in found} == {None, *RECIPIENTS}


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_the_embedded_model_writes_well_formed_turns(models: Path, vocabulary: Vocabulary) -> None:
    llama = Llama(Flag(), lambda _line: None)
    path = str(embedded_model(models))
    llama.load(path, context=2048, threads=1, gpu_layers=0, progress=lambda _fraction: None)
    reader = Reader(llama, WINDOW, turn_header(vocabulary))
    speaker = Speaker(llama, vocabulary, Renderer(vocabulary), reader)
    found = spoken(speaker, range(500), max_tokens=200)
    llama.close()
    assert found.total() > 800
