"""The child's life: commands in, events out, until the pipe closes.

Knows the wire and which part answers which command. One thread reads commands, so that a stop is
heard while llama.cpp computes; everything else happens in the other. An error of the ChatError
tree is an answer; any other exception ends the process, and the parent calls that a crash.
"""

from __future__ import annotations

import os
import queue
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO

from chat_tui import wire
from chat_tui.errors import ChatError, EngineError
from chat_tui.events import Loaded, LoadProgress, ModelInfo
from chat_tui.harmony.prompt import Renderer
from chat_tui.harmony.vocabulary import Vocabulary, ranks_from_header
from chat_tui.models.gpt_oss import ModelFile, check_gpt_oss
from chat_tui.runner import bare, fit, machine
from chat_tui.runner.ahead import turn_header
from chat_tui.runner.flag import Flag
from chat_tui.runner.generation import Generation, Speaker
from chat_tui.runner.llama import BATCH, Llama
from chat_tui.runner.outbox import Outbox
from chat_tui.runner.reader import Reader


class Worker:
    """Serves one parent; ``log`` hears what llama.cpp says."""

    def __init__(self, commands: BinaryIO, replies: BinaryIO, log: BinaryIO) -> None:
        self._commands = commands
        self._replies = replies
        self._log = log
        self._stop = Flag()
        self._hurry = Flag()
        self._todo: queue.SimpleQueue[wire.Load | wire.Generate | wire.Measure] = (
            queue.SimpleQueue()
        )
        self._speaker: Speaker | None = None

    def serve(self) -> None:
        """Answer commands; does not return, because the process ends with the pipe."""
        threading.Thread(target=self._listen, name="commands", daemon=True).start()
        while True:
            command = self._todo.get()
            try:
                if isinstance(command, wire.Load):
                    self._load(command)
                elif isinstance(command, wire.Measure):
                    self._measure(command)
                else:
                    self._generate(command)
            except ChatError as error:
                self._send([wire.Failed(error)])

    def _listen(self) -> None:
        """Read commands; the end of the pipe ends the process, whatever it is doing."""
        code = 1
        try:
            while (values := wire.read(self._commands)) is not None:
                for value in values:
                    self._take(value)
            code = 0
        except wire.WireError as error:
            self._write_log(f"{error}\n")
        finally:
            os._exit(code)

    def _take(self, command: object) -> None:
        if isinstance(command, wire.Stop):
            self._stop.set()
        elif isinstance(command, wire.AnswerNow):
            self._hurry.set()
        elif isinstance(command, wire.Load | wire.Generate | wire.Measure):
            # Cleared here and not when the work begins: a stop that follows must stay.
            self._stop.clear()
            self._hurry.clear()
            self._todo.put(command)

    def _send(self, values: list[object]) -> None:
        try:
            self._replies.write(wire.encode(values))
            self._replies.flush()
        except BrokenPipeError:
            os._exit(0)

    def _write_log(self, text: str) -> None:
        self._log.write(text.encode("utf-8", "replace"))

    def _load(self, command: wire.Load) -> None:
        if self._speaker is not None:
            self._speaker.llama.close()
            self._speaker = None
        path = Path(command.path)
        outbox = Outbox(self._send)
        model = check_gpt_oss(path)
        outbox.add(LoadProgress(0.0))
        outbox.send()
        ranks = ranks_from_header(model.header, Path(command.cache))
        llama = Llama(self._stop, self._write_log)
        try:
            # llama.cpp reads weights without the interpreter; that time is the vocabulary's.
            with ThreadPoolExecutor(1) as aside:
                opening = aside.submit(Vocabulary.open, ranks)
                info = _place(command, model, llama, outbox)
                vocabulary = opening.result()
            machine.give_back(
                tuple(str(part.path.resolve()) for part in model.parts) if llama.repacked else ()
            )
        except ChatError:
            llama.close()
            raise
        reader = Reader(llama, model.shape.window, turn_header(vocabulary))
        self._speaker = Speaker(llama, vocabulary, Renderer(vocabulary), reader)
        outbox.send()
        self._send([Loaded(info, 0.0)])

    def _generate(self, command: wire.Generate) -> None:
        if self._speaker is None:
            raise EngineError("No model is loaded.")
        Generation(self._speaker, command, Outbox(self._send), self._stop, hurry=self._hurry).run()

    def _measure(self, command: wire.Measure) -> None:
        if self._speaker is None:
            raise EngineError("No model is loaded.")
        prompt = self._speaker.renderer.render(command.prompt)
        self._send([bare.measure(self._speaker.llama, prompt, command.tokens)])


def _place(command: wire.Load, model: ModelFile, llama: Llama, outbox: Outbox) -> ModelInfo:
    """Decide what goes where, and load it."""

    def progress(fraction: float) -> None:
        outbox.add(LoadProgress(fraction))
        outbox.send_due()

    devices = [] if command.gpu_layers == 0 else llama.devices()
    room = fit.Room(
        machine.available_memory() if command.memory is None else command.memory,
        tuple(device.free for device in devices),
        any(device.shared for device in devices),
    )
    placement = fit.place(
        model,
        room,
        fit.Wish(
            command.context,
            command.gpu_layers,
            command.cpu_experts,
            flash=command.flash is not False,
            batch=BATCH,
        ),
    )
    llama.load(
        command.path,
        context=placement.context,
        threads=command.threads or machine.physical_cores(),
        gpu_layers=placement.gpu_layers,
        progress=progress,
        cpu_experts=placement.cpu_experts,
        flash=command.flash,
    )
    return ModelInfo(
        path=command.path,
        name=model.name,
        size_bytes=model.size,
        context=placement.context,
        trained_context=model.shape.context,
        device=", ".join(device.name for device in devices) if placement.gpu_layers else "CPU",
        note=placement.note,
    )
