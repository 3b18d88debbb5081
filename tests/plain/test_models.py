"""``chat-tui models`` on the command line: what is printed, at any width, and exit codes."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from chat_tui.command_line import parser
from chat_tui.plain.models import models_command
from chat_tui.supply import Fit, Hear, Model, Phase, Progress, Stock, Supply, Unusable

GB = 10**9
WHOLE = Fit(True, "", 131_072, 13 * GB, 25, 25)
SHARED = replace(WHOLE, gpu_layers=37, layers=37, cpu_experts=30, context=65_536)
NONE = Fit(False, "40.0 GB are missing.")
HERE = Model("it", Path("/m/it.gguf"), 12 * GB, "MXFP4", "LM Studio", WHOLE)
THERE = Model("big", None, 63 * GB, "MXFP4", "huggingface.co/me/big-GGUF", NONE)
TINY = Model("embedded", Path("/c/e.gguf"), 64_000_000, "Q8_0", "comes with chat-tui", WHOLE, True)
STOCK = Stock((HERE, THERE, TINY), (), 30 * GB, (8 * GB,), 500 * GB)


@dataclass
class Shelf:
    """Says what it was told to, and keeps what was asked of it."""

    models: Stock = STOCK
    interrupted: bool = False
    used: list[Model] = field(default_factory=list)
    chosen: Path | None = None

    def stock(self) -> Stock:
        return self.models

    def find(self, word: str) -> Model:
        return next(model for model in self.models.models if model.name == word)

    def pull(self, model: Model, hear: Hear, _stop: Callable[[], bool]) -> Path | None:
        hear(Progress(Phase.ASKING, "big\x1b[2J.gguf", 0, model.size))
        hear(Progress(Phase.LOADING, "big.gguf", GB, model.size, 50e6))
        if self.interrupted:
            raise KeyboardInterrupt
        hear(Progress(Phase.WAITING, "big.gguf", GB, model.size))
        hear(Progress(Phase.LOADING, "big.gguf", 40 * GB, model.size, 50e6))
        hear(Progress(Phase.CHECKING, "big.gguf", model.size, model.size))
        return Path("/hub/big.gguf")

    def check(self, _model: Model, hear: Hear, _stop: Callable[[], bool]) -> str:
        hear(Progress(Phase.CHECKING, "it.gguf", 12 * GB, 12 * GB))
        return "It is as published."

    def use(self, model: Model) -> None:
        self.used.append(model)

    def forget(self) -> Path | None:
        return self.chosen


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def run(
    *words: str, supply: Supply | None = None, width: int = 80, terminal: bool = False
) -> tuple[int, str, str]:
    stdout, stderr = io.StringIO(), Terminal() if terminal else io.StringIO()
    arguments = parser().parse_args(["models", *words])
    code = models_command(supply or Shelf(), arguments, stdout, stderr, width)
    return code, stdout.getvalue(), stderr.getvalue()


def with_models(*models: Model, **more: object) -> Shelf:
    return Shelf(replace(STOCK, models=models, **more))  # type: ignore[arg-type]


def test_the_list_says_what_there_is_and_what_to_do() -> None:
    code, out, _ = run("list")
    assert code == 0
    assert "  it  12.0 GB  MXFP4\n    LM Studio\n    fits: all layers on the GPU" in out
    assert "131,072 tokens of context" in out
    assert "not here; to download from huggingface.co/me/big-GGUF" in out
    assert "does not fit: 40.0 GB are missing." in out
    assert "* embedded  64 MB" in out
    assert "30.0 GB of memory, 8.0 GB on a GPU, 500.0 GB of disk" in out
    assert out.endswith("Try: chat-tui models use it\n")


@pytest.mark.parametrize("width", [40, 60, 80, 100])
def test_the_list_keeps_to_the_width(width: int) -> None:
    model = replace(THERE, fit=SHARED, note="13 % downloaded")
    _, out, _ = run("list", supply=with_models(HERE, model, TINY), width=width)
    assert max(map(len, out.splitlines())) <= width
    assert "the experts of 30" in " ".join(out.split())


def test_a_long_path_can_be_copied() -> None:
    path = Path("/m") / ("a" * 90) / "it.gguf"
    model = replace(HERE, path=path)
    assert str(path) in run("info", "it", supply=with_models(model))[1]
    passed = (Unusable(path, "Ollama", "It is of another kind."),)
    supply = Shelf(replace(STOCK, passed_over=passed))
    assert f"{path}:" in run("list", "--all", supply=supply, width=60)[1]


def test_an_empty_machine_is_told_what_to_download() -> None:
    fits = replace(THERE, fit=SHARED)
    assert "Try: chat-tui models pull big" in run("list", supply=with_models(fits, TINY))[1]
    out = run("list", supply=with_models(fits, TINY, disk=GB))[1]
    assert "Nothing larger than the embedded model fits" in out
    out = run("list", supply=with_models(THERE, TINY))[1]
    assert "Nothing larger than the embedded model fits" in out
    chosen = replace(HERE, chosen=True)
    assert "models use NAME" in run("list", supply=with_models(chosen, TINY))[1]


def test_what_was_passed_over_is_counted_and_explained_when_asked() -> None:
    passed = (Unusable(Path("/m/a\x1b]0;x\x07.gguf"), "Ollama", "It is of another kind."),)
    supply = Shelf(replace(STOCK, passed_over=passed))
    assert "One file or folder was passed over" in run("list", supply=supply)[1]
    out = run("list", "--all", supply=supply)[1]
    assert "- Ollama: /m/a.gguf: It is of another kind." in out
    assert "\x1b" not in out


def test_hostile_names_reach_no_terminal() -> None:
    evil = replace(HERE, name="a\x1b[2J\nb", source="\x07", problem="\x9b2J")
    for words in (["list"], ["info", evil.name], ["use", evil.name]):
        out = run(*words, supply=with_models(evil))[1]
        assert not set("\x1b\x07\x9b") & set(out)


def test_programs_get_json() -> None:
    _, out, _ = run("list", "--json")
    found = json.loads(out)
    assert [one["name"] for one in found["models"]] == ["it", "big", "embedded"]
    assert found["models"][0]["path"] == "/m/it.gguf"
    assert found["models"][0]["fit"]["context"] == 131_072
    assert found["disk"] == 500 * GB
    assert json.loads(run("info", "big", "--json")[1])["path"] is None


def test_info_tells_all_of_one() -> None:
    _, out, _ = run("info", "it")
    for words in ("/m/it.gguf", "12,000,000,000 bytes", "all layers on the GPU", "13.0 GB"):
        assert words in out
    assert "no: 40.0 GB are missing." in run("info", "big")[1]


def test_a_download_tells_its_way_line_by_line() -> None:
    code, out, err = run("pull", "big")
    assert (code, out) == (0, "/hub/big.gguf\n")
    assert "It does not fit now: 40.0 GB are missing." in err
    assert "50.0 MB/s  21 min left" in err
    assert "the line is down; trying again" in err
    assert "checking" in err
    assert "chat-tui models use big" in err
    assert "\x1b" not in err
    assert "\r" not in err


def test_a_terminal_sees_one_line_that_changes() -> None:
    _, _, err = run("pull", "big", terminal=True, width=40)
    (line,) = (line for line in err.split("\n") if "\r" in line)
    steps = line.split("\r")[1:]
    assert len(steps) == 5
    assert steps[-1].rstrip().endswith("checking")
    assert max(map(len, steps)) < 40


def test_a_download_can_be_stopped() -> None:
    code, out, err = run("pull", "big", supply=Shelf(interrupted=True))
    assert (code, out) == (130, "")
    assert "chat-tui models pull big` goes on from there" in err


def test_what_is_here_is_not_downloaded() -> None:
    assert run("pull", "it") == (0, "It is on this machine already: /m/it.gguf\n", "")


def test_check_use_and_forget() -> None:
    assert run("check", "it")[:2] == (0, "It is as published.\n")
    supply = Shelf()
    assert run("use", "it", supply=supply)[:2] == (0, "From now on: it.\n")
    assert supply.used == [HERE]
    assert "It does not fit now" in run("use", "big", supply=supply)[2]
    assert run("forget")[1] == "No model was chosen.\n"
    said = run("forget", supply=Shelf(chosen=HERE.path))[1]
    assert "stays: /m/it.gguf\n" in said
    assert "the embedded one" in said
