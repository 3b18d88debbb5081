"""What lives as long as the program, such as its modules, and need not be looked at again.

Knows Python's collector of garbage only. To search again and again through what a start makes
takes a tenth of the time to the first paint, and later holds up a key for a moment now and then.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def lasting() -> Iterator[None]:
    """What is made within, and all before, is never searched for garbage."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_on:
            gc.enable()
