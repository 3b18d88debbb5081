"""What the tests of screens share: short looks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="session")
def short_looks() -> Iterator[None]:
    """After each key Textual's pilot waits until the process rests, and looks twice.

    A look takes 20 ms of its own accord, whatever there is to do: most of the time of these tests.
    Two of 5 ms are still longer than the 1/120 s for which the screen gathers what has changed.
    The share of a look in which the process may work and still be said to rest stays the same.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("textual._wait.SLEEP_GRANULARITY", 0.005)
        patch.setattr("textual._wait.SLEEP_IDLE", 0.005 / 20)
        yield
