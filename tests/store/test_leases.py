"""Who may write: the process that has the lease, as long as it lives."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from chat_tui.errors import StoreBusy
from chat_tui.store.leases import EXPIRY_SECONDS, is_gone, this_process
from chat_tui.store.store import Store

HOLD = """
import sys, pathlib
from chat_tui.conversation import user
from chat_tui.store.store import Store
store = Store(pathlib.Path(sys.argv[1]))
pen = store.create("theirs")
pen.add(user("theirs"), None)
print(pen.id, flush=True)
sys.stdin.read()
"""


def test_a_lease_is_free_when_its_process_is_gone_and_not_before(database: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(database)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    conversation = process.stdout.readline().strip()
    store = Store(database)
    with pytest.raises(StoreBusy):
        store.resume(conversation)
    process.send_signal(signal.SIGSTOP)  # it sleeps, but it lives
    with pytest.raises(StoreBusy):
        store.resume(conversation)
    process.kill()
    process.communicate()
    stored, pen = store.resume(conversation)
    assert len(stored.facts) == pen.size == 1
    store.close()


def test_a_number_that_another_process_has_now_is_no_holder() -> None:
    me = this_process()
    assert not is_gone(me, 0.0, 1e9)
    assert me.born  # a number alone would not do
    assert is_gone(replace(me, born="1"), 1e9, 1e9)
    assert is_gone(replace(me, pid=2**22 + 1), 1e9, 1e9)


def test_where_one_cannot_look_the_heart_decides() -> None:
    elsewhere = replace(this_process(), machine="another", pid=os.getpid())
    assert not is_gone(elsewhere, 1000.0, 1000.0 + EXPIRY_SECONDS - 1)
    assert is_gone(elsewhere, 1000.0, 1000.0 + EXPIRY_SECONDS + 1)
    assert is_gone(elsewhere, 1e12, 1000.0)  # a clock that was set back


def test_closing_a_store_gives_everything_back(database: Path) -> None:
    first = Store(database)
    pen = first.create("mine")
    first.close()
    second = Store(database)
    second.resume(pen.id)
    second.close()
