"""The house's rules that a linter does not see."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "chat_tui"
MODULES = {
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts): path
    for path in PACKAGE.rglob("*.py")
}
HEAVY = ("textual", "llama_cpp", "openai_harmony", "numpy", "torch", "huggingface_hub", "httpx2")


def loaded_by(statement: str) -> set[str]:
    """Which of the heavy packages a fresh interpreter holds after ``statement``."""
    code = f"{statement}\nimport json, sys\nprint(json.dumps([*sys.modules]))"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    return set(HEAVY) & set(json.loads(result.stdout))


@pytest.mark.parametrize(
    ("statement", "allowed"),
    [
        ("import chat_tui.cli", set()),
        ("import chat_tui.session.chat, chat_tui.plain.ask, chat_tui.plain.repl", set()),
        ("import chat_tui.engine.client, chat_tui.engine.scripted", set()),
        ("import chat_tui.models.gguf, chat_tui.wire", set()),
        ("import chat_tui.supplier, chat_tui.plain.models", set()),
        ("import chat_tui.ui.app", {"textual"}),
    ],
)
def test_nothing_heavy_is_loaded_that_is_not_needed(statement: str, allowed: set[str]) -> None:
    assert loaded_by(statement) <= allowed


@pytest.mark.parametrize("name", sorted(MODULES))
def test_every_module_opens_with_what_it_is(name: str) -> None:
    path = MODULES[name]
    text = path.read_text(encoding="utf-8")
    assert text.startswith(('"""', 'r"""')), "begin the module with a docstring"
