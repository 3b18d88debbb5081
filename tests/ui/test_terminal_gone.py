"""The terminal vanishes, and no signal tells of it."""

from __future__ import annotations

from pathlib import Path

from chat_tui.store.store import Store
from tests.ui.pty_app import PtyApp, python

TALKS = """
import time
from pathlib import Path
from tests.ui.kept import KeptStage
from tests.ui.screen import harmony
slowly = lambda _generation, _token: time.sleep(0.02)
with KeptStage(Path({path!r}), harmony("word " * 5000), hook=slowly) as kept:
    kept.app.run()
"""


def test_the_program_keeps_what_was_said_and_ends_when_its_terminal_has_gone(
    tmp_path: Path,
) -> None:
    path = tmp_path / "kept.db"
    app = PtyApp(python(TALKS.format(path=str(path))))
    try:
        app.shows("ready")
        app.type("Say much.\r")
        app.shows("word word word")
        app.vanish()
        app.process.wait(60)
        assert app.process.returncode == 0
    finally:
        app.close()
    store = Store(path)
    try:
        (one,) = store.list_conversations()
        question, answer = store.load(one.id).conversation.messages
    finally:
        store.close()
    assert question.content == "Say much."
    assert answer.content.startswith("word word word")
