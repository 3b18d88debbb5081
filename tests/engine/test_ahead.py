"""Reading ahead, the price of a prompt, and what is kept from one start to the next."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from chat_tui.conversation import Effort, FunctionSpec, Message, Prompt, ToolSpec, user
from chat_tui.engine.client import ChildEngine
from chat_tui.engine.protocol import Cancel, GenerateOptions, Sampling
from chat_tui.errors import EngineError
from chat_tui.events import Delta, GenerationEnded, MessageCompleted, PromptProgress, Usage
from chat_tui.harmony.vocabulary import Vocabulary, ranks_from_model
from tests.engine.conftest import MakeEngine

GREEDY = Sampling(temperature=0.0)
TALK = "It rains in the north and the sun shines in the south. " * 20


@pytest.fixture(scope="module")
def vocabulary(models: Path, random_model: Path) -> Vocabulary:
    return Vocabulary.open(ranks_from_model(random_model, models))


def ask(engine: ChildEngine, prompt: Prompt, tokens: int = 24) -> tuple[tuple[Message, ...], Usage]:
    """What was said, and what it took."""
    events: list[Any] = list(engine.generate(prompt, GenerateOptions(GREEDY, tokens), Cancel()))
    assert isinstance(events[-1], GenerationEnded)
    said = tuple(event.message for event in events if isinstance(event, MessageCompleted))
    return said, events[-1].usage


def framed(vocabulary: Vocabulary, text: str) -> int:
    """Tokens of a message of the user with its frame, and of the reply's beginning."""
    return len(vocabulary.encode("user")) + len(vocabulary.encode(text)) + 3 + 2


def primed(engine: ChildEngine, prompt: Prompt, evaluate: int, draft: str = "") -> None:
    """Read ahead until only so much is left of the prompt; a test's own limit ends a vain wait."""
    engine.prime(prompt if not draft else Prompt(prompt.messages[:-1], prompt.effort), draft)
    while engine.cost(prompt).evaluate > evaluate:
        time.sleep(0.02)


def test_after_reading_ahead_only_the_question_is_read(
    make_engine: MakeEngine, random_model: Path, vocabulary: Vocabulary
) -> None:
    engine, said = make_engine(random_model, context=4096), (user(TALK),)
    list(engine.load())
    for number in range(4):
        reply, _ = ask(engine, Prompt(said), 150)
        said += reply
        question = f"And question {number}?"
        new = Prompt((*said, user(question)))
        engine.prime(Prompt(said))
        expected = framed(vocabulary, question)
        while engine.cost(new).evaluate > expected:
            time.sleep(0.02)
        _, usage = ask(engine, new, 1)
        # One less where the reply was a thought cut short: then <|start|> is there already.
        assert usage.evaluated_tokens in {expected, expected - 1}
        said = new.messages


def test_without_reading_ahead_only_answer_and_question_are_read(
    make_engine: MakeEngine, random_model: Path, vocabulary: Vocabulary
) -> None:
    engine, said = make_engine(random_model, context=4096), (user(TALK),)
    reply, _ = ask(engine, Prompt(said), 600)
    answer = sum(len(message.tokens) for message in reply if not message.is_reasoning)
    new = Prompt((*said, *reply, user("More?")))
    _, usage = ask(engine, new, 1)
    # Each message that stays has <|start|>assistant in front, an interrupted one <|end|> behind.
    assert usage.evaluated_tokens <= answer + 3 * len(reply) + framed(vocabulary, "More?")


def test_the_price_is_what_it_then_takes(make_engine: MakeEngine, random_model: Path) -> None:
    engine = make_engine(random_model, context=4096)
    with pytest.raises(EngineError):
        engine.cost(Prompt(()))
    engine.prime(Prompt((user("Nobody is there"),)))
    engine.leave()
    list(engine.load())
    said: tuple[Message, ...] = (user(TALK),)
    low, high = (Prompt(said, effort) for effort in (Effort.LOW, Effort.HIGH))
    for prompt in (low, low, high, low, high):
        price = engine.cost(prompt)
        assert engine.cost(prompt) == price
        _, usage = ask(engine, prompt)
        assert (price.total, price.evaluate) == (usage.prompt_tokens, usage.evaluated_tokens)
    assert price.evaluate == 1  # back and forth is free once both were read


def test_the_price_is_not_told_while_an_answer_is_written(engine: ChildEngine) -> None:
    events = engine.generate(Prompt((user("Hello"),)), GenerateOptions(GREEDY), Cancel())
    next(events)
    with pytest.raises(EngineError):
        engine.cost(Prompt((user("Hello"),)))
    events.close()  # type: ignore[attr-defined]
    assert engine.cost(Prompt((user("Hello"),))).total > 0


def test_a_question_ends_reading_ahead_and_hears_nothing_of_it(
    make_engine: MakeEngine, random_model: Path
) -> None:
    engine = make_engine(random_model, context=65_536)
    first, _ = ask(engine, Prompt((user("Hello"),)))
    for _ in range(5):
        engine.prime(Prompt((user("word " * 50_000),)))
        price = engine.cost(Prompt((user("Hello"),)))  # the child is in the middle of it
        assert price.total < 100
        events: list[Any] = list(
            engine.generate(Prompt((user("Hello"),)), GenerateOptions(GREEDY, 24), Cancel())
        )
        assert [e.message for e in events if isinstance(e, MessageCompleted)] == list(first)
        assert all(e.total < 100 for e in events if isinstance(e, PromptProgress))


def test_reading_ahead_goes_on_after_a_question_about_the_price(
    make_engine: MakeEngine, random_model: Path
) -> None:
    engine = make_engine(random_model, context=16_384)
    list(engine.load())
    long = Prompt((user("word " * 5000), user("?")))
    primed(engine, long, 10, "unused")


def test_a_draft_is_read_while_it_is_typed(
    make_engine: MakeEngine, random_model: Path, vocabulary: Vocabulary
) -> None:
    engine = make_engine(random_model, context=4096)
    list(engine.load())
    engine.prime(Prompt(()), TALK + "and then it s")
    new = Prompt((user(TALK + "and then it snows"),))
    # "it" and what may become of it, <|end|><|start|>assistant
    while engine.cost(new).evaluate > len(vocabulary.encode(" it snows")) + 3:
        time.sleep(0.02)


TOOLS = ToolSpec("functions", tuple(FunctionSpec(f"tool_{at}", TALK[:200]) for at in range(12)))


def test_a_conversation_and_its_tools_are_kept_from_one_start_to_the_next(
    make_engine: MakeEngine, random_model: Path, tmp_path: Path
) -> None:
    states = tmp_path / "states"
    prompt = Prompt((user(TALK * 2),), tools=(TOOLS,))
    engine = make_engine(random_model, states=states)
    reply, cold = ask(engine, prompt)
    assert cold.reused_tokens == 0
    pid = engine.pid
    engine.close()
    wait_for_end(pid)
    files = list(states.glob("*.state"))
    assert len(files) == 2  # the tools and the conversation
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert stat.S_IMODE(states.stat().st_mode) == 0o700
    again = make_engine(random_model, states=states)
    list(again.load())
    assert again.cost(prompt).evaluate == 1
    assert again.cost(Prompt((user("Other"),), tools=(TOOLS,))).evaluate < 20
    assert ask(again, prompt)[0] == reply


def test_a_conversation_that_is_left_is_found_again(
    make_engine: MakeEngine, random_model: Path, tmp_path: Path
) -> None:
    engine = make_engine(random_model, states=tmp_path / "states")
    prompt = Prompt((user(TALK * 3),))
    ask(engine, prompt)
    engine.leave()
    ask(engine, Prompt((user(TALK + "Something else"),)))
    while not list((tmp_path / "states").glob("*.state")):
        time.sleep(0.02)
    assert engine.cost(prompt).evaluate == 1


def test_closing_in_the_middle_of_an_answer_keeps_what_was_read(
    make_engine: MakeEngine, random_model: Path, tmp_path: Path
) -> None:
    engine = make_engine(random_model, states=tmp_path / "states")
    prompt = Prompt((user(TALK * 2),))
    pid = None
    for event in engine.generate(prompt, GenerateOptions(GREEDY), Cancel()):
        if pid is None and isinstance(event, Delta):
            pid = engine.pid
            threading.Thread(target=engine.close).start()
    wait_for_end(pid)
    again = make_engine(random_model, states=tmp_path / "states")
    list(again.load())
    assert again.cost(prompt).evaluate == 1


def test_damaged_files_cost_a_reading(
    make_engine: MakeEngine, random_model: Path, tmp_path: Path
) -> None:
    states, prompt = tmp_path / "states", Prompt((user(TALK * 2),))
    engine = make_engine(random_model, states=states)
    reply, cold = ask(engine, prompt)
    pid = engine.pid
    engine.close()
    wait_for_end(pid)
    (path,) = states.glob("*.state")
    content = bytearray(path.read_bytes())
    content[-5000] ^= 1
    path.write_bytes(content)
    again = make_engine(random_model, states=states)
    said, usage = ask(again, prompt)
    assert (said, usage.evaluated_tokens) == (reply, cold.evaluated_tokens)
    assert not path.exists()


PARENT = """
import sys
from pathlib import Path
from chat_tui.conversation import Prompt, user
from chat_tui.engine.client import ChildEngine
from chat_tui.engine.protocol import Cancel, GenerateOptions, LoadOptions
model, folder = map(Path, sys.argv[1:])
options = LoadOptions(model, 2048, 1)
engine = ChildEngine(options, log=folder / "log", cache=folder, states=folder / "states")
prompt = Prompt((user("It rains. " * 300),))
list(engine.generate(prompt, GenerateOptions(max_tokens=5), Cancel()))
print(engine.pid, flush=True)
engine.close()
"""


def test_the_child_finishes_writing_after_its_parent(random_model: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PARENT, str(random_model), str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    wait_for_end(int(done.stdout))
    assert len(list((tmp_path / "states").glob("*.state"))) == 1
    assert not list((tmp_path / "states").glob("*.tmp"))


def wait_for_end(pid: int | None) -> None:
    """Until a process that may be nobody's child any more is gone, or a zombie."""
    while True:
        try:
            os.kill(pid or 0, 0)
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return
        except (ProcessLookupError, FileNotFoundError):
            return
        time.sleep(0.02)
