"""What the model would read, asked of the process that holds it."""

from __future__ import annotations

import pytest

from chat_tui.conversation import FunctionSpec, Message, Prompt, Role, ToolSpec, user
from chat_tui.engine.client import ChildEngine
from chat_tui.engine.protocol import Cancel, GenerateOptions
from chat_tui.engine.scripted import ScriptedEngine
from chat_tui.errors import EngineError

PROMPT = Prompt(
    (
        user("One <|end|> \U0001f600"),
        Message(Role.ASSISTANT, "Two", channel="final"),
        user("Three"),
    ),
    tools=(ToolSpec("functions", (FunctionSpec("look"),)),),
)


def test_every_token_that_is_counted_is_told(engine: ChildEngine) -> None:
    list(engine.load())
    found = engine.inspect(PROMPT)
    assert sum(len(part.ends) for part in found.parts) == engine.cost(PROMPT).total
    assert [part.role for part in found.parts] == [
        *("system", "developer", "user", "assistant", "user", "assistant")
    ]
    assert "One <|end|> \U0001f600" in found.parts[2].text
    assert found.reused == engine.cost(PROMPT).reused


def test_what_was_read_is_reused(engine: ChildEngine) -> None:
    list(engine.generate(PROMPT, GenerateOptions(max_tokens=1), Cancel()))
    found = engine.inspect(PROMPT)
    assert found.reused == engine.cost(PROMPT).reused > 0


def test_nothing_is_told_without_a_model() -> None:
    scripted = ScriptedEngine(["<|channel|>final<|message|>So.<|return|>"])
    with pytest.raises(EngineError):
        scripted.inspect(PROMPT)
    list(scripted.load())
    assert scripted.inspect(PROMPT).parts[-1].text == "<|start|>assistant"
