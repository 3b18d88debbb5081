"""A child process that answers calls: its output and its frames, as one bounded queue of events.

Knows processes, pipes and frames (see ``kernel_main``); must not know what the calls are. The
child is not trusted: a frame may be anything, output may be endless, and it may never answer.
"""

from __future__ import annotations

import fcntl
import json
import os
import queue
import select
import selectors
import signal
import struct
import termios
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from chat_tui.errors import ToolError
from chat_tui.sandbox.base import Process

_CHUNK = 1 << 16
_WAITING = 16
"""Chunks that wait to be looked at; after that the child has to wait."""
FRAME_LIMIT = 16 << 20
_PATIENCE = 0.2
_PATIENCE_TO_SEND = 1.0
_WITHOUT_PIDFD = 0.25
"""Seconds between looks at whether the child lives, where the system cannot tell by itself."""


@dataclass(frozen=True, slots=True)
class Output:
    """The child, or something it started, wrote this."""

    data: bytes
    error: bool
    """Whether to standard error."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The child answered something; nothing of it is checked but that it is a JSON object."""

    value: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ended:
    """The child is gone, and all it said was given; given again and again."""

    reason: str


Event = Output | Frame | Ended


class Child:
    """One running child. ``send`` and ``kill`` are for any thread, ``next`` for one."""

    def __init__(self, start: Callable[[int], Process], name: str) -> None:
        """``start`` gets the descriptor that the child has to answer on.

        It is called on the thread that stays with the child, because the child dies with the
        thread that started it. Raises what ``start`` raises.
        """
        self._events: queue.Queue[Event] = queue.Queue(_WAITING)
        self._process: Process | None = None
        self._failure: ToolError | None = None
        self._sending = threading.Lock()
        self._closing = threading.Event()
        self._ended: Ended | None = None
        started = threading.Event()
        self._thread = threading.Thread(
            target=self._serve, args=(start, started), name=name, daemon=True
        )
        self._thread.start()
        started.wait()
        if self._failure is not None:
            raise self._failure

    def send(self, frame: dict[str, Any]) -> None:
        """Send one frame; where the child is gone ``next`` will tell."""
        body = json.dumps(frame).encode()
        data = memoryview(struct.pack("!I", len(body)) + body)
        pipe = self._process.popen.stdin if self._process is not None else None
        with self._sending, suppress(OSError, ValueError):
            while pipe is not None and data:
                if not select.select([], [pipe], [], _PATIENCE_TO_SEND)[1]:
                    self.kill()  # half a frame is of no use to it
                    return
                data = data[os.write(pipe.fileno(), data) :]

    def next(self, seconds: float) -> Event | None:
        """The next event; None when there was none for ``seconds``."""
        try:
            return self._events.get(timeout=0 if self._ended is not None else seconds)
        except queue.Empty:
            return self._ended

    def kill(self) -> None:
        """End the child and what it started, now."""
        if self._process is not None:
            self._process.kill()

    def close(self) -> None:
        """Kill it and wait until all of it is gone. May be called twice."""
        self._closing.set()
        self.kill()
        self._thread.join()

    def _serve(self, start: Callable[[int], Process], started: threading.Event) -> None:
        source, sink = os.pipe()
        try:
            self._process = start(sink)
        except ToolError as error:
            self._failure = error
            os.close(source)
            return
        finally:
            os.close(sink)
            started.set()
        process, reason = self._process, ""
        if process.popen.stdin is not None:
            os.set_blocking(process.popen.stdin.fileno(), False)
        try:
            reason = self._read(process, source)
        except (OSError, ValueError) as error:
            reason = f"it sent what cannot be read ({error})"
        finally:
            process.kill()
            code = process.popen.wait()
            process.close()
            os.close(source)
            self._ended = Ended(reason or _epitaph(code))

    def _read(self, process: Process, source: int) -> str:
        """Read until the child is gone or has to go; why, where it did not end by itself."""
        out, error = process.popen.stdout, process.popen.stderr
        if out is None or error is None:
            raise ValueError("no pipes")
        buffer = bytearray()
        with selectors.DefaultSelector() as selector, _end_of(process) as end:
            for descriptor in (source, out.fileno(), error.fileno(), *end):
                selector.register(descriptor, selectors.EVENT_READ)
            while not self._closing.is_set():
                ready = {key.fd for key, _ in selector.select(None if end else _WITHOUT_PIDFD)}
                gone = bool(ready & end) or (not end and process.popen.poll() is not None)
                frames = _available(source)
                # What was written before a frame is in the pipes by now, so it comes first.
                for stream in (out.fileno(), error.fileno()):
                    if data := _available(stream):
                        self._put(Output(data, error=stream == error.fileno()))
                    elif stream in ready:
                        selector.unregister(stream)  # closed by all who had it
                buffer += frames
                for frame in _frames(buffer):
                    self._put(Frame(frame))
                if gone or (source in ready and not frames):
                    return ""
        return "it was closed"

    def _put(self, event: Event) -> None:
        """Hand an event over; while nobody takes it, the child has to wait."""
        while not self._closing.is_set():
            with suppress(queue.Full):
                self._events.put(event, timeout=_PATIENCE)
                return


def _available(descriptor: int) -> bytes:
    """What lies in a pipe right now, without waiting."""
    (length,) = struct.unpack("i", fcntl.ioctl(descriptor, termios.FIONREAD, bytes(4)))
    return os.read(descriptor, length) if length else b""


def _frames(buffer: bytearray) -> Iterator[dict[str, Any]]:
    """Take the whole frames off the front of ``buffer``; ValueError for what is none."""
    while len(buffer) >= 4:
        (length,) = struct.unpack_from("!I", buffer)
        if length > FRAME_LIMIT:
            raise ValueError(f"a frame of {length} bytes")
        if len(buffer) < 4 + length:
            return
        try:
            value = json.loads(bytes(buffer[4 : 4 + length]))
        except RecursionError as error:
            raise ValueError("a frame nested too deeply") from error
        del buffer[: 4 + length]
        if not isinstance(value, dict):
            raise ValueError("a frame that is no object")
        yield value


@contextmanager
def _end_of(process: Process) -> Iterator[set[int]]:
    """A descriptor that becomes readable when the process ends, where the system has such."""
    if not hasattr(os, "pidfd_open"):
        yield set()
        return
    descriptor = os.pidfd_open(process.popen.pid)
    try:
        yield {descriptor}
    finally:
        os.close(descriptor)


def _epitaph(code: int) -> str:
    """How a process ended, for people."""
    if code < 0 or code > 128:
        number = -code if code < 0 else code - 128  # a shell's way of telling, and bubblewrap's
        with suppress(ValueError):
            return f"it was ended by {signal.Signals(number).name}"
    return f"it ended with status {code}"
