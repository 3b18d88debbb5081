"""`compare` for scripts: what is run, what is printed, and with which exit code."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from chat_tui.conversation import Effort
from chat_tui.engine.protocol import Cancel
from chat_tui.engine.scripted import Hook, ScriptedEngine
from chat_tui.errors import EngineCrashed, EngineError, InputError, UsageError
from chat_tui.plain.compare import Compare, table
from chat_tui.plain.questions import Task, tasks_for, tasks_of
from chat_tui.session.chat import Chat


def completion(words: str) -> str:
    return (
        "<|channel|>analysis<|message|>Let me see.<|end|><|start|>assistant"
        f"<|channel|>final<|message|>{words}<|return|>"
    )


def run(
    *completions: str,
    tasks: Sequence[Task] = (Task("Why?"),),
    efforts: Sequence[Effort] = tuple(Effort),
    rounds: int = 1,
    hook: Hook | None = None,
    cancel: Cancel | None = None,
    as_document: bool = False,
) -> tuple[int, str, str, ScriptedEngine]:
    engine = ScriptedEngine([completion(words) for words in completions], hook=hook)
    out, err = io.StringIO(), io.StringIO()
    compare = Compare(Chat(engine), tasks, efforts, rounds, out, err)
    code = compare.run(cancel or Cancel(), as_document=as_document)
    return code, out.getvalue(), err.getvalue(), engine


def document(*completions: str, **options: Any) -> dict[str, Any]:
    code, out, _, _ = run(*completions, as_document=True, **options)
    assert code == 0
    found: dict[str, Any] = json.loads(out)
    return found


def test_one_question_gives_the_answers_and_a_table() -> None:
    code, out, err, engine = run("short\x1b]0;evil\x07", "middle", "long")
    assert (code, err) == (0, "")
    assert "── low\nshort\n" in out
    assert "── high\nlong\n" in out
    lines = out.splitlines()
    assert [line.split()[0] for line in lines[-5:-1]] == ["effort", "low", "medium", "high"]
    assert lines[-1].startswith("one run at each level · first seed ")
    assert [prompt.effort for prompt in engine.prompts] == list(Effort)


def test_every_run_is_a_fresh_conversation_and_a_round_has_its_own_seed() -> None:
    tasks = [Task("One?"), Task("Two?")]
    _, out, _, engine = run("so", tasks=tasks, efforts=[Effort.LOW, Effort.HIGH], rounds=2)
    assert len(engine.prompts) == 8
    asked = [[message.content for message in prompt.messages] for prompt in engine.prompts]
    assert asked == [["One?"], ["One?"], ["Two?"], ["Two?"]] * 2
    seeds = [used.sampling.seed for used in engine.options]
    assert seeds[:4] == [seeds[0]] * 4
    assert seeds[4:] == [(seeds[0] or 0) + 1] * 4
    assert "medians of 4 runs" in out


def test_what_is_right_is_counted() -> None:
    tasks = [Task("Capital?", "paris"), Task("Sum?", "4"), Task("Why?")]
    found = document(
        *["It is  PARIS.", "Rome", "5", "4", "because", "because"],
        tasks=tasks,
        efforts=[Effort.LOW, Effort.HIGH],
    )
    assert [one.get("right") for one in found["runs"]] == [True, False, False, True, None, None]
    low = found["medians"]["low"]
    assert (low["right"], low["judged"], low["right_share"]) == (1, 2, 0.5)


def test_json_has_every_run_with_its_figures() -> None:
    found = document("short", "middle", "long")
    assert found["tools"] == "off"
    assert [(one["effort"], one["answer"]) for one in found["runs"]] == [
        ("low", "short"),
        ("medium", "middle"),
        ("high", "long"),
    ]
    one = found["runs"][0]
    assert one["reasoning"] == "Let me see."
    assert one["reasoning_tokens"] > 0
    assert one["first_word_seconds"] is not None
    assert found["medians"]["low"]["reasoning_tokens"] == one["reasoning_tokens"]


def test_a_table_aligns_its_columns_and_shows_what_is_not_known() -> None:
    row = {
        "seconds": 12.34,
        "first_word_seconds": None,
        "reasoning_tokens": 1234.0,
        "answer_tokens": 8.0,
        "tokens_per_second": 45.0,
        "right": 3,
        "judged": 4,
    }
    lines = table({Effort.LOW: row, Effort.HIGH: {**row, "judged": 0}}).splitlines()
    assert lines[1].split() == ["low", "12.3", "–", "1,234", "8", "45.0", "3/4"]
    assert lines[2].split()[-1] == "–"
    assert len({len(line) for line in lines}) == 1


def crash(generation: int, _token: int) -> None:
    if generation == 1:
        raise EngineCrashed("The model process was killed.")


def test_a_crash_is_told_and_the_rest_goes_on() -> None:
    code, out, err, engine = run("so", hook=crash)
    assert code == 1
    assert "was killed" in err
    assert len(engine.prompts) == 3
    assert "high" in out


def test_an_engine_that_fails_ends_it() -> None:
    def hook(_generation: int, _token: int) -> None:
        raise EngineError("llama.cpp could not go on.")

    code, _, err, engine = run("so", hook=hook)
    assert code == 1
    assert "could not go on" in err
    assert len(engine.prompts) == 1


def test_what_was_stopped_is_no_figure_and_what_came_before_is_printed() -> None:
    cancel = Cancel()

    def hook(generation: int, token: int) -> None:
        if (generation, token) == (1, 4):
            cancel.set()

    code, out, err, _ = run("so it is", hook=hook, cancel=cancel, as_document=True)
    assert code == 130
    assert "Stopped." in err
    found = json.loads(out)
    assert [one["state"] for one in found["runs"]] == ["done", "stopped"]
    assert [row["runs"] for row in found["medians"].values()] == [1, 0, 0]


def test_a_file_of_lines_and_one_of_json(tmp_path: Path) -> None:
    path = tmp_path / "prompts"
    path.write_text("One?\n\n  Two?  \n", encoding="utf-8")
    assert tasks_of(path) == (Task("One?"), Task("Two?"))
    path.write_text('{"prompt": "One?", "expect": "1"}\n{"prompt": "Two?"}\n', encoding="utf-8")
    assert tasks_of(path) == (Task("One?", "1"), Task("Two?"))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "no question"),
        ('{"prompt": "One?"}\n{"prompt"', "Line 2 is not valid JSON"),
        ('{"prompt": "One?"}\n[]', "Line 2"),
        ('{"question": "One?"}', "Line 1"),
        ('{"prompt": "One?", "expects": "1"}', "'expects' in line 1"),
        ('{"prompt": "One?", "expect": 1}', "Line 1 holds what is no text"),
        ('{"prompt": " "}', "Line 1 holds what is no text"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_its_line(
    tmp_path: Path, text: str, problem: str
) -> None:
    path = tmp_path / "prompts"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=problem):
        tasks_of(path)


def test_files_that_are_none_and_two_sources_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        tasks_of(tmp_path / "none")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="UTF-8"):
        tasks_of(tmp_path / "binary")
    with pytest.raises(UsageError):
        tasks_for(["words"], tmp_path / "none", lambda: "words")
    assert tasks_for(["words"], None, lambda: "words") == (Task("words"),)
