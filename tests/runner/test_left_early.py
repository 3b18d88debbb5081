"""A conversation that is left before all was read ahead keeps what was read."""

from __future__ import annotations

from pathlib import Path

import pytest

from chat_tui.runner.flag import Flag
from chat_tui.runner.llama import Aborted
from chat_tui.runner.reader import Reader
from chat_tui.runner.states import States
from tests.runner.conftest import WINDOW, MakeSpeaker

TURN = (7, 8)
AHEAD = 64
"""Tokens evaluated at once."""


class After:
    """Stops after so many looks."""

    def __init__(self, looks: int) -> None:
        self._left = looks

    def is_set(self) -> bool:
        self._left -= 1
        return self._left < 0


@pytest.mark.parametrize("pieces", [1, 3])
def test_what_was_read_ahead_is_found_on_the_disk(
    make_speaker: MakeSpeaker, tmp_path: Path, pieces: int
) -> None:
    llama = make_speaker().llama
    llama.keep(0)
    words = [1000 + at * 7 for at in range(1400)]
    asked = [*TURN, *words[:600], 5]
    thought, answer = words[600:900], words[900:1400]
    states = States(tmp_path, "a" * 32, "test", 1 << 30)
    reader = Reader(llama, WINDOW, TURN, states=states)
    reader.read(asked, Flag())
    for at in range(0, len(thought), 100):  # what the model wrote
        llama.decode(thought[at : at + 100])
    with pytest.raises(Aborted):
        reader.read([*asked, *answer], After(pieces), size=AHEAD)
    read = len(llama.tokens)
    assert len(asked) < read < len(asked) + len(answer)
    reader.leave()
    assert states.finish(10.0)
    states.close()

    llama.keep(0)
    found = States(tmp_path, "a" * 32, "test", 1 << 30)
    again = Reader(llama, WINDOW, TURN, states=found)
    assert again.read([*asked, *answer], Flag()) == read
    late = logits(llama.lib.llama_get_logits_ith(llama.ctx, -1))
    llama.keep(0)
    again = Reader(llama, WINDOW, TURN)
    again.read([*asked, *answer], Flag())
    early = logits(llama.lib.llama_get_logits_ith(llama.ctx, -1))
    assert late == pytest.approx(early, abs=0.05)
    found.close()


def logits(found: list[float]) -> list[float]:
    return [found[token] for token in range(0, 199_998, 997)]
