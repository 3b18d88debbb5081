"""A model in a child process: it loads, answers, stops, and may die without taking anything along.

Everything here runs real GGUF files in real processes.
"""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from chat_tui.conversation import (
    Effort,
    Message,
    Prompt,
    user,
)
from chat_tui.engine.client import ChildEngine
from chat_tui.engine.protocol import Cancel, GenerateOptions, Sampling
from chat_tui.errors import EngineCrashed, LoadError, ModelFileError, PromptTooLong, VocabularyError
from chat_tui.events import (
    Delta,
    GenerationEnded,
    Loaded,
    LoadProgress,
    MessageCompleted,
    PromptProgress,
    StopReason,
)
from tests.engine.conftest import MakeEngine
from tests.gguf_factory import string_list, vocabulary, write_model

HELLO = Prompt((user("Hello"),))
GREEDY = Sampling(temperature=0.0)


def ask(
    engine: ChildEngine,
    prompt: Prompt = HELLO,
    tokens: int | None = 16,
    sampling: Sampling = GREEDY,
) -> list[Any]:
    return list(engine.generate(prompt, GenerateOptions(sampling, tokens), Cancel()))


def messages(events: list[Any]) -> list[Message]:
    return [event.message for event in events if isinstance(event, MessageCompleted)]


def ended(events: list[Any]) -> GenerationEnded:
    assert isinstance(events[-1], GenerationEnded)
    return events[-1]


def shown(events: list[Any]) -> str:
    return "".join(event.text for event in events if isinstance(event, Delta))


def test_a_model_loads_with_progress_and_stays_loaded(
    make_engine: MakeEngine, random_model: Path
) -> None:
    engine = make_engine(random_model)
    assert engine.model is None
    *progress, loaded = engine.load()
    assert isinstance(loaded, Loaded)
    assert all(isinstance(event, LoadProgress) for event in progress)
    fractions = [event.fraction for event in progress if isinstance(event, LoadProgress)]
    assert fractions == sorted(fractions)
    assert loaded.model == engine.model
    assert loaded.model.context == 2048
    assert loaded.model.trained_context == 131_072
    assert loaded.model.size_bytes == random_model.stat().st_size
    assert loaded.seconds > 0
    pid = engine.pid
    assert [type(event) for event in engine.load()] == [Loaded]
    assert engine.pid == pid


def test_the_answer_at_temperature_0_is_always_the_same(
    make_engine: MakeEngine, random_model: Path, engine: ChildEngine
) -> None:
    other, engine = engine, make_engine(random_model)
    first, again = ask(engine), ask(engine)
    assert messages(first) == messages(again)
    assert shown(first) == shown(again) == messages(first)[0].content
    assert ended(first).usage.reused_tokens == 0
    assert ended(again).usage.evaluated_tokens == 1
    # Another question leaves the cache somewhere in the middle, or behind the window's reach.
    ask(engine, Prompt((user("Something else " * 300),)))
    assert messages(ask(engine)) == messages(first)
    assert messages(ask(other)) == messages(first)


def test_a_seed_decides_the_answer(engine: ChildEngine) -> None:
    one, same, other = (
        ask(engine, sampling=Sampling(seed=seed, top_p=0.9, top_k=50)) for seed in (1, 1, 2)
    )
    assert messages(one) == messages(same) != messages(other)


def test_the_usage_adds_up(engine: ChildEngine) -> None:
    events = ask(engine, Prompt((user("Add up"),)), tokens=30)
    end = ended(events)
    assert end.reason is StopReason.LENGTH
    assert end.usage.reasoning_tokens + end.usage.answer_tokens == 30
    assert end.usage.prompt_tokens == end.usage.reused_tokens + end.usage.evaluated_tokens
    assert 0 < end.usage.first_token_seconds <= end.usage.total_seconds
    assert end.usage.tokens_per_second > 0
    progress = [event for event in events if isinstance(event, PromptProgress)]
    assert progress[0].done == end.usage.reused_tokens
    assert progress[-1].done == end.usage.prompt_tokens
    (message,) = messages(events)
    assert message.interrupted
    assert message.effort is Effort.MEDIUM


def test_a_prompt_that_does_not_fit_is_refused_before_anything_else(engine: ChildEngine) -> None:
    with pytest.raises(PromptTooLong, match="2,048") as caught:
        ask(engine, Prompt((user("word " * 3000),)))
    assert caught.value.hint
    assert ended(ask(engine)).reason is StopReason.LENGTH


def test_a_stop_ends_the_answer_and_keeps_what_was_shown(engine: ChildEngine) -> None:
    whole = ask(engine, tokens=24)
    cancel = Cancel()
    events = []
    for event in engine.generate(HELLO, GenerateOptions(GREEDY), cancel):
        events.append(event)
        if isinstance(event, Delta):
            cancel.set()
    assert ended(events).reason is StopReason.CANCELLED
    (message,) = messages(events)
    assert message.interrupted
    assert message.content == shown(events) != ""
    pid = engine.pid
    assert messages(ask(engine, tokens=24)) == messages(whole)
    assert engine.pid == pid


def test_a_stop_before_the_model_is_loaded_spares_the_load(
    make_engine: MakeEngine, random_model: Path
) -> None:
    engine, cancel = make_engine(random_model), Cancel()
    cancel.set()
    events = list(engine.generate(HELLO, GenerateOptions(), cancel))
    assert [event.reason for event in events if isinstance(event, GenerationEnded)] == [
        StopReason.CANCELLED
    ]
    assert messages(events) == []


def test_a_stop_is_heard_while_the_prompt_is_read(
    make_engine: MakeEngine, random_model: Path, engine: ChildEngine
) -> None:
    other, engine = engine, make_engine(random_model, context=65_536)
    list(engine.load())
    pid, cancel, events = engine.pid, Cancel(), []
    long = Prompt((user("word " * 60_000),))
    for event in engine.generate(long, GenerateOptions(GREEDY), cancel):
        events.append(event)
        if isinstance(event, PromptProgress):
            cancel.set()
    assert ended(events).reason is StopReason.CANCELLED
    assert messages(events) == []
    assert max(event.done for event in events if isinstance(event, PromptProgress)) < 60_000
    assert messages(ask(engine)) == messages(ask(other))
    assert engine.pid == pid


def test_an_iterator_that_is_closed_early_stops_the_model(engine: ChildEngine) -> None:
    events = engine.generate(HELLO, GenerateOptions(GREEDY), Cancel())
    assert isinstance(next(events), PromptProgress)
    events.close()  # type: ignore[attr-defined]
    assert messages(ask(engine)) == messages(ask(engine))


def test_closing_from_another_thread_ends_the_answer(
    make_engine: MakeEngine, random_model: Path
) -> None:
    engine = make_engine(random_model)
    events: list[Any] = []
    for event in engine.generate(HELLO, GenerateOptions(GREEDY), Cancel()):
        events.append(event)
        if len(events) == 3:
            threading.Thread(target=engine.close).start()
    assert ended(events).reason is StopReason.CANCELLED
    assert "".join(message.content for message in messages(events)) == shown(events)
    assert engine.model is None
    engine.close()


def crash(engine: ChildEngine, number: signal.Signals) -> tuple[list[Any], EngineCrashed]:
    """Ask, and send the child a signal once something is shown."""
    events: list[Any] = []
    try:
        for event in engine.generate(HELLO, GenerateOptions(GREEDY), Cancel()):
            if isinstance(event, Delta) and not any(isinstance(seen, Delta) for seen in events):
                os.kill(engine.pid or 0, number)
            events.append(event)
    except EngineCrashed as error:
        return events, error
    pytest.fail("the child lived on")


def test_a_crash_loses_nothing_that_was_shown_and_two_are_enough(
    make_engine: MakeEngine, random_model: Path, tmp_path: Path
) -> None:
    engine = make_engine(random_model)
    log = str(tmp_path / "logs" / "engine.log")
    for number in (signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT):
        events, error = crash(engine, number)
        (message,) = messages(events)
        assert isinstance(events[-1], MessageCompleted)
        assert message.interrupted
        assert message.content == shown(events) != ""
        assert log in error.hint
        assert engine.model is None
        if number is signal.SIGSEGV:  # the second; after the first it started again by itself
            with pytest.raises(LoadError, match="2 times") as caught:
                list(engine.load())
            assert log in caught.value.hint


def test_a_death_between_questions_costs_a_reload_and_nothing_else(
    make_engine: MakeEngine, random_model: Path
) -> None:
    engine = make_engine(random_model)
    for _ in range(3):  # an answer in between makes up for a crash
        first = ended(ask(engine))
        os.kill(engine.pid or 0, signal.SIGKILL)
        assert ended(ask(engine)).reason is first.reason


def test_a_child_that_does_not_listen_is_ended(make_engine: MakeEngine, random_model: Path) -> None:
    engine = make_engine(random_model)
    cancel, events = Cancel(), []
    for event in engine.generate(HELLO, GenerateOptions(GREEDY), cancel):
        events.append(event)
        if isinstance(event, Delta) and not cancel.is_set():
            os.kill(engine.pid or 0, signal.SIGSTOP)
            cancel.set()
    assert ended(events).reason is StopReason.CANCELLED
    assert messages(events)[0].content == shown(events) != ""
    assert engine.model is None
    assert ended(ask(engine)).reason is StopReason.LENGTH


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"context": 131_073}, "131,073"),
        ({"context": 0}, "trained"),
        ({"context": None, "memory": 300_000_000}, "are free"),
        ({"context": 131_072, "memory": 450_000_000}, "would fit"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_would(
    make_engine: MakeEngine, random_model: Path, options: dict[str, Any], words: str
) -> None:
    engine = make_engine(random_model, **options)
    with pytest.raises(LoadError) as caught:
        list(engine.load())
    assert words in str(caught.value)
    assert caught.value.hint
    assert (engine.model, engine.pid) == (None, None)


def test_the_context_is_the_largest_that_fits(make_engine: MakeEngine, random_model: Path) -> None:
    engine = make_engine(random_model, context=None, memory=450_000_000)
    list(engine.load())
    assert engine.model is not None
    assert 4096 <= engine.model.context < 131_072
    assert engine.model.context % 256 == 0


def test_bad_files_are_sentences(
    make_engine: MakeEngine, random_model: Path, tmp_path: Path
) -> None:
    page = tmp_path / "page.gguf"
    page.write_text("<!doctype html><html>")
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(random_model.read_bytes()[:20_000_000])
    for path in (tmp_path / "missing.gguf", tmp_path, page, cut):
        engine = make_engine(path)
        with pytest.raises(ModelFileError) as caught:
            list(engine.load())
        assert caught.value.hint
        assert engine.pid is None


def test_a_vocabulary_with_another_hash_is_refused(make_engine: MakeEngine, tmp_path: Path) -> None:
    words = list(vocabulary())
    words[1000], words[1001] = words[1001], words[1000]
    path = write_model(
        tmp_path / "swapped.gguf", width=32, metadata={"tokenizer.ggml.tokens": string_list(words)}
    )
    with pytest.raises(VocabularyError):
        list(make_engine(path).load())
    path.unlink()


def test_what_the_child_says_goes_to_a_private_log_file(
    make_engine: MakeEngine, random_model: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    list(make_engine(random_model).load())
    log = tmp_path / "logs" / "engine.log"
    assert "gpt-oss" in log.read_text()
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert capfd.readouterr() == ("", "")


PARENT = """
import sys, time
from pathlib import Path
from chat_tui.engine.client import ChildEngine
from chat_tui.engine.protocol import LoadOptions
model, folder = map(Path, sys.argv[1:])
engine = ChildEngine(LoadOptions(model, 512, 1), log=folder / "log", cache=folder)
list(engine.load())
print(engine.pid, flush=True)
time.sleep(600)
"""


def running(pid: int) -> bool:
    """Whether a process still runs; one that nobody has waited for yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_the_child_ends_with_its_parent(models: Path, random_model: Path) -> None:
    command = [sys.executable, "-c", PARENT, str(random_model), str(models)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert running(pid)
        parent.kill()
    while running(pid):  # the test's time limit is the measure
        time.sleep(0.02)
