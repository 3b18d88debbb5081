"""The table of keys and commands is what the program binds: all of it, and nothing beside it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.app import App
from textual.screen import Screen
from textual.widgets import TextArea

import chat_tui.ui
from chat_tui.keys import COMMANDS, KEYS, Where
from chat_tui.session.room import REQUEST
from chat_tui.ui.chat_screen import ChatScreen
from chat_tui.ui.commands import RUN, find
from chat_tui.ui.keys import action
from chat_tui.ui.widgets.composer import Composer
from chat_tui.ui.widgets.find import FindBar
from chat_tui.ui.widgets.reasoning import Reasoning
from tests.ui.screen import Stage, harmony

ANSWER = harmony("Paris.", reasoning="France.")


def keys_of(where: Where) -> set[str]:
    return {name for key in KEYS.values() if key.where is where for name in key.keys}


def bound_by(widget: type) -> set[str]:
    found = widget.__dict__["BINDINGS"]
    return {name for binding in found for name in binding.key.split(",")}


def test_every_key_of_the_chat_is_active_in_the_running_app() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.ask("Capital?", "Paris.")
        active = stage.app.screen.active_bindings
        for id_, key in KEYS.items():
            if key.where is not Where.CHAT:
                continue
            for name in key.keys:
                assert active[name].enabled
                if id_ not in ("palette", "leave"):  # Textual binds these two by itself as well
                    assert active[name].binding.action == action(id_)
                assert hasattr(ChatScreen, f"action_{action(id_)}")

    Stage(ANSWER).play(scenario)


def test_the_chat_binds_nothing_beside_the_table() -> None:
    async def scenario(stage: Stage) -> None:
        bound = set(stage.app.screen._bindings.key_to_bindings)
        bound |= set(stage.app._bindings.key_to_bindings)
        assert bound - bound_by(Screen) - bound_by(App) == keys_of(Where.CHAT) - bound_by(
            Screen
        ) - bound_by(App)

    Stage(ANSWER).play(scenario)


def test_the_pieces_bind_what_the_table_says_and_nothing_beside_it() -> None:
    assert bound_by(FindBar) == keys_of(Where.FIND)
    assert bound_by(Reasoning) == keys_of(Where.THOUGHT)
    by_hand = {*KEYS["send"].keys, *KEYS["new line"].keys}
    # What is offered while writing takes its keys by hand too: see tests/ui/composer.
    inherited = set(KEYS["history"].keys)
    assert inherited <= bound_by(TextArea)
    assert bound_by(Composer) | by_hand | inherited == keys_of(Where.COMPOSER)


def test_no_key_means_two_things_at_one_place() -> None:
    for where in Where:
        names = [name for key in KEYS.values() if key.where is where for name in key.keys]
        assert len(names) == len(set(names))


def test_every_command_runs_and_no_other() -> None:
    assert set(RUN) == set(COMMANDS)
    for command in COMMANDS.values():
        for name in (command.name, *command.also):
            found = find(f"/{name} some words")
            assert found == (RUN[command.name], "some words")
        assert not command.key or command.key in KEYS


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - {"quit"}))
def test_every_command_is_answered(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Something happens that can be seen, and nothing is sent to the model as a question."""

    async def scenario(stage: Stage) -> None:
        await stage.ask("Capital?", "Paris.")
        before = stage.text
        await stage.send(f"/{name}")
        await stage.until(lambda: stage.text != before)
        known = ("Capital?", REQUEST)
        assert all(p.messages[-1].content in known for p in stage.engine.prompts)

    monkeypatch.setattr("chat_tui.session.export.write", lambda _text, _file, name, _ending: name)
    Stage(ANSWER).play(scenario)


def texts(file: Path) -> Iterator[str]:
    """What a module may show: its texts in code, without what explains it."""
    nodes = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
    explains = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    for node in nodes:
        if isinstance(node, ast.Constant) and id(node) not in explains:
            yield str(node.value)


def test_no_module_names_a_key_by_itself_or_a_command_that_is_not_there() -> None:
    commands = {name for command in COMMANDS.values() for name in (command.name, *command.also)}
    files = sorted(Path(chat_tui.ui.__file__).parent.rglob("*.py"))
    found = [text for file in files for text in texts(file)]
    mentioned = {key for text in found for key in re.findall(r"Ctrl\+[A-Z]\b|\bF\d+\b", text)}
    # They are named as they are bound, which only the table knows. Ctrl+J is one to choose from.
    assert mentioned <= {"Ctrl+J", "F6"}
    typed = {name for text in found for name in re.findall(r"(?<![\w/])/([a-z]{2,})\b", text)}
    assert "regen" in typed
    assert typed <= commands
