"""A flag that Python sets and native code reads without waking Python.

Knows one byte of memory. llama.cpp asks between any two nodes of its graph, a thousand times a
token, whether to stop; a Python callback would take the interpreter's lock each time. ``strlen``
of a buffer that is empty until its first byte is set answers the same in a few nanoseconds.
"""

from __future__ import annotations

import ctypes
import sys


class Flag:
    """Set by any thread; ``reader`` and ``address`` make a C predicate ``reader(address)``."""

    def __init__(self) -> None:
        self._byte = ctypes.create_string_buffer(2)
        library = ctypes.cdll.msvcrt if sys.platform == "win32" else ctypes.CDLL(None)
        self.reader: int = ctypes.cast(library.strlen, ctypes.c_void_p).value or 0
        self.address: int = ctypes.addressof(self._byte)

    def set(self) -> None:
        """Ask for the end."""
        self._byte[0] = b"\x01"

    def clear(self) -> None:
        """Take it back."""
        self._byte[0] = b"\x00"

    def is_set(self) -> bool:
        """Whether the end was asked for."""
        return self._byte[0] != b"\x00"
