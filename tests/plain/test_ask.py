"""`ask` for scripts: what goes where, and with which exit code."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chat_tui.conversation import Effort, ResponseFormat
from chat_tui.engine.protocol import Cancel, GenerateOptions
from chat_tui.engine.scripted import SCRIPTED, ScriptedEngine
from chat_tui.errors import EngineCrashed, EngineError, InputError, PromptTooLong
from chat_tui.events import ModelInfo, StopReason, TurnEnded, Usage
from chat_tui.plain.ask import Output, ask, question
from chat_tui.plain.endings import ran_out
from chat_tui.session.chat import Chat

COMPLETION = (
    "<|channel|>analysis<|message|>Two and two.<|end|>"
    "<|start|>assistant<|channel|>final<|message|>**4**\x1b]0;evil\x07<|return|>"
)


def run(
    output: Output = Output.TEXT,
    *,
    completion: str = COMPLETION,
    show_reasoning: bool = False,
    form: ResponseFormat | None = None,
    model: ModelInfo = SCRIPTED,
    **options: Any,
) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    engine = ScriptedEngine([completion], model=model)
    chat = Chat(engine, effort=Effort.LOW, options=GenerateOptions(**options))
    chat.response_format = form
    code = ask(
        chat,
        "What is 2+2?",
        cancel=Cancel(),
        output=output,
        show_reasoning=show_reasoning,
        stdout=out,
        stderr=err,
    )
    return code, out.getvalue(), err.getvalue()


def test_the_answer_is_all_that_stdout_gets_and_it_is_clean() -> None:
    assert run() == (0, "**4**\n", "")


def test_how_the_model_was_fitted_is_told_beside_the_answer() -> None:
    model = replace(SCRIPTED, note="Only 4,096 tokens\x1b]0;evil\x07 fit.")
    assert run(model=model) == (0, "**4**\n", "chat-tui: Only 4,096 tokens fit.\n")
    code, out, err = run(Output.JSON, model=model)
    assert (code, err) == (0, "chat-tui: Only 4,096 tokens fit.\n")
    assert json.loads(out)["answer"].startswith("**4**")


def test_reasoning_goes_to_stderr_when_asked_for() -> None:
    assert run(show_reasoning=True) == (0, "**4**\n", "Two and two.\n")


def test_a_person_who_waits_sees_what_for_and_the_line_goes_away() -> None:
    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    out, screen = io.StringIO(), Screen()
    ask(
        Chat(ScriptedEngine([COMPLETION])),
        "Hi",
        cancel=Cancel(),
        output=Output.TEXT,
        show_reasoning=False,
        stdout=out,
        stderr=screen,
    )
    lines = screen.getvalue().split("\r")
    assert "loading 50%" in lines
    assert any(line.startswith("reading ") for line in lines)
    assert lines[-1] == ""
    assert out.getvalue() == "**4**\n"


def test_json_is_one_object_with_everything() -> None:
    code, out, _ = run(Output.JSON)
    document = json.loads(out)
    assert code == 0
    assert set(document) == {
        "answer",
        "reasoning",
        "effort",
        "stop",
        "model",
        "usage",
        "seconds",
        "tokens_per_second",
        "repairs",
    }
    assert document["answer"] == "**4**\x1b]0;evil\x07"
    assert document["reasoning"] == "Two and two."
    assert (document["effort"], document["stop"]) == ("low", "complete")
    assert set(document["usage"]) == {
        "prompt_tokens",
        "reused_tokens",
        "evaluated_tokens",
        "reasoning_tokens",
        "answer_tokens",
    }
    assert set(document["seconds"]) == {"load", "first_token", "total"}
    assert "\x1b" not in out


def test_stream_json_is_one_event_a_line_and_ends_with_the_result() -> None:
    _, out, _ = run(Output.STREAM_JSON)
    events = [json.loads(line) for line in out.splitlines()]
    assert {event["type"] for event in events[:-1]} == {"reasoning", "answer"}
    streamed = "".join(event["text"] for event in events if event["type"] == "answer")
    assert events[-1]["type"] == "result"
    assert events[-1]["answer"] == streamed


FORM = ResponseFormat("form", {"type": "object"})
JSON_ANSWER = '<|channel|>final <|constrain|>json<|message|>{"a": [1, 2]}<|return|>'


def test_an_answer_with_a_schema_is_read_too() -> None:
    document = json.loads(run(Output.JSON, completion=JSON_ANSWER, form=FORM)[1])
    assert (document["answer"], document["value"]) == ('{"a": [1, 2]}', {"a": [1, 2]})
    assert run(completion=JSON_ANSWER, form=FORM) == (0, '{"a": [1, 2]}\n', "")


def test_half_a_json_is_no_success() -> None:
    code, out, err = run(Output.JSON, completion=JSON_ANSWER, form=FORM, max_tokens=6)
    assert (code, json.loads(out)["value"]) == (1, None)
    assert "The limit of tokens was reached: the answer was cut." in err


def test_a_turn_that_ran_out_of_room_says_so_and_what_helps() -> None:
    code, out, err = run(max_tokens=3)
    assert (code, out) == (0, "")
    assert "while the model was still reasoning: there is no answer" in err
    assert "--max-tokens" in err


def test_a_full_context_is_told_from_a_limit() -> None:
    model = ModelInfo("m.gguf", "m", 1, 4096, 131_072, "CPU")
    full = TurnEnded(StopReason.LENGTH, Usage(prompt_tokens=3000, reasoning_tokens=1096))
    assert "context of 4,096 tokens is full" in ran_out(full, model, answered=False).message
    assert "--context" in ran_out(full, model, answered=True).hint
    whole = ModelInfo("m.gguf", "m", 1, 4096, 4096, "CPU")
    assert "--context" not in ran_out(full, whole, answered=True).hint


def test_malformed_output_is_repaired_and_told() -> None:
    _, out, _ = run(Output.JSON, completion="no markup at all")
    document = json.loads(out)
    assert document["answer"] == "no markup at all"
    assert document["repairs"]


@pytest.mark.parametrize(
    ("error", "code"),
    [(PromptTooLong("Too long.", "Ask less."), 2), (EngineCrashed("It was killed."), 1)],
)
def test_errors_have_their_exit_codes(error: EngineError, code: int) -> None:
    def fail(_generation: int, _token: int) -> None:
        raise error

    out, err = io.StringIO(), io.StringIO()
    got = ask(
        Chat(ScriptedEngine([COMPLETION], hook=fail)),
        "Hi",
        cancel=Cancel(),
        output=Output.TEXT,
        show_reasoning=False,
        stdout=out,
        stderr=err,
    )
    assert got == code
    assert err.getvalue().startswith(f"chat-tui: {error.message}")


def test_a_stopped_question_exits_with_130() -> None:
    cancel = Cancel()
    cancel.set()
    err = io.StringIO()
    code = ask(
        Chat(ScriptedEngine([COMPLETION])),
        "Hi",
        cancel=cancel,
        output=Output.TEXT,
        show_reasoning=False,
        stdout=io.StringIO(),
        stderr=err,
    )
    assert (code, err.getvalue()) == (130, "Stopped.\n")


def asked(words: list[str], stdin: bytes = b"", *, interactive: bool = False) -> str:
    return question(words, io.BytesIO(stdin), interactive=interactive)


def test_a_question_is_put_together_from_words_files_and_stdin(tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("Notes.\n", encoding="utf-8")
    assert asked(["What", "is", "this?"]) == "What is this?"
    attached = f"File: {notes}\n```txt\nNotes.\n```"
    assert asked(["Sum up:", f"@{notes}"]) == f"Sum up:\n\n{attached}"
    assert asked([f"@{notes}", "-"], b"diff") == f"diff\n\n{attached}"
    assert asked([f"@{notes}"]) == "Notes.\n"
    assert asked(["Review.", "-"], b"diff") == "Review.\n\ndiff"
    assert asked([], b"\xef\xbb\xbffrom a pipe") == "from a pipe"
    assert asked(["@@home"]) == "@home"


@pytest.mark.parametrize(
    ("words", "stdin", "expected"),
    [
        ([], b"", "empty"),
        (["  "], b"", "empty"),
        ([], b"caf\xe9", "not UTF-8"),
        (["@/nowhere/at/all"], b"", "cannot be read"),
    ],
)
def test_what_cannot_be_asked_is_told(words: list[str], stdin: bytes, expected: str) -> None:
    with pytest.raises(InputError, match=expected):
        asked(words, stdin)


def test_without_a_question_a_terminal_is_not_waited_for() -> None:
    with pytest.raises(InputError, match="no question"):
        asked([], b"never read", interactive=True)
