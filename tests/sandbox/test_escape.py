"""What a sandbox holds: tried by running what tries to get out, as a user without rights."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sandbox.benign import WORKS
from tests.sandbox.harmful import PROBES
from tests.sandbox.plain_user import run_as_plain_user


def tried(tier: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run_as_plain_user("tests.sandbox.suite", tier))
    assert found["user"] != 0
    return found


@pytest.mark.parametrize("tier", ["bubblewrap", "landlock"])
def test_nothing_harmful_gets_out_and_everything_benign_works(tier: str) -> None:
    found = tried(tier)
    probes = found["probes"]
    held = {probe.name for probe in PROBES if tier == "bubblewrap" or not probe.complete_only}
    works = {probe.name for probe in WORKS if tier == "bubblewrap" or not probe.complete_only}
    assert held | works == probes.keys()
    assert len(held) >= 31
    assert len(works) >= 10
    assert {name: probes[name]["said"] for name in held if probes[name]["escaped"]} == {}
    assert {
        name: probes[name]["said"] for name in works if not probes[name]["said"].endswith("fine\n")
    } == {}
    assert [name for name in held if probes[name]["said"].startswith("did not run")] == []
    assert found["unchanged"], "something outside was changed"
    assert all(result["left"] == [".git"] for result in probes.values()), "placeholders stayed"


def test_without_walls_the_same_attempts_succeed() -> None:
    found = tried("none")
    controls = {probe.name for probe in PROBES if probe.control}
    assert {name for name in controls if not found["probes"][name]["escaped"]} == set()
    assert not found["unchanged"]
