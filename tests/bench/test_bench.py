"""The benchmark says what was measured, for people and for programs."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from chat_tui.bench import report, script, turns
from chat_tui.bench.run import bench
from chat_tui.bench.script import Kind
from chat_tui.bench.speed import Round, Speed, measure_speed
from chat_tui.bench.turns import Turn
from chat_tui.conversation import Message, Role
from chat_tui.engine.client import ChildEngine
from chat_tui.errors import UsageError
from chat_tui.events import ModelInfo
from chat_tui.harmony.prompt import Renderer
from chat_tui.harmony.vocabulary import Vocabulary, ranks_from_model
from tests.engine import conftest as engines

models, make_engine, random_model = engines.models, engines.make_engine, engines.random_model

MODEL = ModelInfo("/m.gguf", "[red]evil[/] \x1b[2J", 64_000_000, 8192, 131_072, "CPU")
SPEED = Speed((Round(90, 100, 30, 30), Round(99, 100, 29, 30), Round(70, 100, 40, 50)))
TURN = Turn(3, Kind.RESULT, 1000, 50, 51, 0.25, 300, 1.5, 9.0)


def test_the_script_has_ten_turns_with_tools_an_edit_and_one_answer_made_again() -> None:
    steps = list(script.steps())
    assert [step.turn for step in steps if step.kind in (Kind.QUESTION, Kind.EDIT)] == [
        *range(1, 11)
    ]
    assert [step.turn for step in steps if step.kind is Kind.RESULT] == [3, 6, 9]
    assert [step.turn for step in steps if step.kind is Kind.EDIT] == [7]
    assert steps[-1].kind is Kind.AGAIN
    assert steps == list(script.steps())


def test_its_messages_make_a_conversation() -> None:
    said: list[Message] = []
    for step in script.steps():
        assert 0 <= step.keep <= len(said)
        before = said[: step.keep]
        if step.kind is Kind.AGAIN:
            assert before[-1].role is Role.USER
        elif step.kind is Kind.RESULT:
            assert before[-1].is_call
            assert step.new[0].name == before[-1].recipient
        else:
            assert not before or before[-1].is_final
            assert [one.role for one in step.new] == [Role.USER]
        said = [*before, *step.new, *step.answer]
    assert said[-1].is_final


def test_ratios_are_medians_of_rounds_and_not_ratios_of_medians() -> None:
    assert SPEED.typical == Round(90, 100, 30, 30)
    assert SPEED.prompt_ratio == 0.9
    assert SPEED.decode_ratio == 29 / 30


def test_a_table_shows_every_figure_and_obeys_no_model() -> None:
    out = io.StringIO()
    report.show(Console(file=out, width=100), MODEL, SPEED, [TURN])
    text = out.getvalue()
    assert "[red]evil[/]" in text
    assert "\x1b" not in text
    for figure in ("0.900", "1,000", "1.02", "9.00"):
        assert figure in text


def test_json_holds_what_the_table_does() -> None:
    document = json.loads(json.dumps(report.as_json(MODEL, SPEED, [TURN])))
    assert document["speed"]["prompt_ratio"] == 0.9
    assert len(document["speed"]["rounds"]) == 3
    (turn,) = document["conversation"]
    assert (turn["kind"], turn["new"], turn["evaluated"], turn["ratio"]) == ("result", 50, 51, 1.02)


def test_a_context_that_is_too_small_is_refused_before_anything_is_measured(
    make_engine: Callable[..., ChildEngine], random_model: Path, models: Path
) -> None:
    with pytest.raises(UsageError, match="8,192"):
        bench(
            make_engine(random_model, context=4096),
            cache=models,
            rounds=1,
            tokens=8,
            as_document=True,
            stdout=io.StringIO(),
            stderr=io.StringIO(),
        )


def test_a_real_model_is_measured(
    make_engine: Callable[..., ChildEngine],
    random_model: Path,
    models: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(script, "prose", _short)
    monkeypatch.setattr(turns.time, "sleep", lambda _seconds: None)
    engine = make_engine(random_model, context=8192)
    (one,) = measure_speed(engine, rounds=1, tokens=8, tell=lambda _text: None).rounds
    assert min(one.prompt, one.bare_prompt, one.decode, one.bare_decode) > 0
    renderer = Renderer(Vocabulary.open(ranks_from_model(random_model, models)))
    found = turns.measure_turns(
        engine, renderer, tokens=4, prompt_speed=1000.0, tell=lambda _text: None
    )
    assert len(found) == 14
    for turn in found:
        assert 0 < turn.evaluated <= turn.prompt
        assert turn.new <= turn.prompt
        # A new question has to be read; one that is edited begins as the old one did.
        if turn.kind is Kind.QUESTION:
            assert turn.unprimed_evaluated >= turn.new
        assert (turn.new == 0) == (turn.kind is Kind.AGAIN)
        assert min(turn.seconds, turn.unprimed_seconds, turn.full_seconds) > 0


def _short(seed: int, count: int) -> str:
    return f"{seed} and {count}."
