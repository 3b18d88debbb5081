"""The child's life: commands in, events out, until the pipe closes.

Knows the wire and which part answers which command. One thread reads commands, so that a stop is
heard while llama.cpp computes; everything else happens in the other. An error of the ChatError
tree is an answer; any other exception ends the process, and the parent calls that a crash.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import BinaryIO

from chat_tui import wire
from chat_tui.errors import ChatError, EngineError
from chat_tui.events import Loaded, LoadProgress, ModelInfo, PromptCost
from chat_tui.harmony.inside import inside
from chat_tui.harmony.prompt import Renderer
from chat_tui.harmony.vocabulary import Vocabulary, ranks_from_header
from chat_tui.language import _
from chat_tui.models.gpt_oss import ModelFile, check_gpt_oss
from chat_tui.runner import ahead, bare, fit, machine
from chat_tui.runner.ahead import turn_header
from chat_tui.runner.aside import Aside
from chat_tui.runner.generation import Generation, Speaker
from chat_tui.runner.inbox import Inbox, Questions, Work
from chat_tui.runner.llama import BATCH, Aborted, Llama
from chat_tui.runner.outbox import Outbox
from chat_tui.runner.reader import Reader
from chat_tui.runner.states import States, model_hash

DEPARTURE = 10.0
"""Seconds that saving may take once the parent is gone."""

_ENGINE = f"llama-cpp-python {version('llama-cpp-python')} f16"
"""What a saved state depends on besides the model."""


class Worker:
    """Serves one parent; ``log`` hears what llama.cpp says.

    ``outlive`` is called when the process has to go on for a moment without its parent.
    """

    def __init__(
        self,
        commands: BinaryIO,
        replies: BinaryIO,
        log: BinaryIO,
        outlive: Callable[[], None] = lambda: None,
    ) -> None:
        self._outlive = outlive
        self._commands = commands
        self._replies = replies
        self._log = log
        self._inbox = Inbox()
        self._speaker: Speaker | None = None
        self._states: States | None = None
        self._unfinished: wire.Prime | None = None

    def serve(self) -> None:
        """Answer commands; does not return, because the process ends with the pipe."""
        threading.Thread(target=self._listen, name="commands", daemon=True).start()
        while (command := self._inbox.next()) is not None:
            try:
                self._answer(command)
            except ChatError as error:
                self._send([wire.Failed(error)])
        self._depart()

    def _answer(self, command: Work) -> None:
        if isinstance(command, wire.Load):
            self._load(command)
            return
        if isinstance(command, Questions):
            self._tell(command)
            if self._unfinished is not None:  # a question about a prompt need not end it
                self._prime(self._unfinished)
            return
        self._unfinished = None
        if isinstance(command, wire.Prime):
            self._prime(command)
        elif isinstance(command, wire.Leave):
            if self._speaker is not None:
                self._speaker.reader.leave()
        elif isinstance(command, wire.Measure):
            self._measure(command)
        else:
            self._generate(command)

    def _listen(self) -> None:
        """Read commands; the end of the pipe ends the process, after a last word to the disk."""
        code = 1
        try:
            while (values := wire.read(self._commands)) is not None:
                for value in values:
                    self._inbox.take(value)
            code = 0
        except wire.WireError as error:
            self._write_log(f"{error}\n")
        finally:
            if code or self._states is None:
                os._exit(code)
        self._inbox.close()
        time.sleep(DEPARTURE)
        os._exit(0)

    def _depart(self) -> None:
        """Save what was read, free the model, tell the parent that it need not wait, and end."""
        self._outlive()
        if self._speaker is not None:
            self._speaker.reader.leave()
            self._speaker.llama.close()
        self._send([wire.Left()])
        if self._states is not None:
            self._states.finish(DEPARTURE)
        os._exit(0)

    def _send(self, values: list[object]) -> None:
        # Without a reader nothing needs to be said; the commands end too, and that is heard.
        with suppress(BrokenPipeError):
            self._replies.write(wire.encode(values))
            self._replies.flush()

    def _write_log(self, text: str) -> None:
        self._log.write(text.encode("utf-8", "replace"))

    def _load(self, command: wire.Load) -> None:
        if self._speaker is not None:
            self._speaker.llama.close()
            self._speaker = self._unfinished = None
        if self._states is not None:
            self._states.close()
            self._states = None
        path = Path(command.path)
        outbox = Outbox(self._send)
        model = check_gpt_oss(path)
        outbox.add(LoadProgress(0.0))
        outbox.send()
        ranks = ranks_from_header(model.header, Path(command.cache))
        llama = Llama(self._inbox.stop, self._write_log)
        try:
            llama.add_servers(command.rpc)
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
        folder = None if command.states is None else Path(command.states)
        if folder is not None:
            self._states = States(
                folder,
                model_hash(part.path for part in model.parts),
                f"{_ENGINE} flash={command.flash}",
                command.states_limit,
                self._write_log,
            )
        turn = turn_header(vocabulary)
        reader = Reader(llama, model.shape.window, turn, states=self._states, aside=Aside(folder))
        self._speaker = Speaker(llama, vocabulary, Renderer(vocabulary), reader)
        outbox.send()
        self._send([Loaded(info, 0.0)])

    @property
    def _loaded(self) -> Speaker:
        if self._speaker is None:
            raise EngineError(_("No model is loaded."))
        return self._speaker

    def _generate(self, command: wire.Generate) -> None:
        inbox, outbox = self._inbox, Outbox(self._send)
        Generation(self._loaded, command, outbox, inbox.stop, hurry=inbox.hurry).run()

    def _tell(self, command: Questions) -> None:
        """What a prompt would take, or how it reads."""
        speaker, prompt = self._loaded, command.prompt
        wanted = speaker.renderer.render(prompt)
        reused = speaker.reader.reusable(wanted)
        if isinstance(command, wire.Cost):
            self._send([PromptCost(len(wanted), reused)])
        else:
            self._send([inside(speaker.renderer, speaker.vocabulary, prompt, reused)])

    def _prime(self, command: wire.Prime) -> None:
        """Read ahead until it is done or something else is wanted; says nothing."""
        self._unfinished = command
        if self._speaker is None or not self._inbox.begin_ahead():
            return
        try:
            ahead.read(self._speaker, command.prompt, command.draft, self._inbox)
            self._unfinished = None
        except Aborted:
            return
        except EngineError as error:
            self._unfinished = None
            self._write_log(f"{error}\n")
        finally:
            self._inbox.end_ahead()

    def _measure(self, command: wire.Measure) -> None:
        prompt = self._loaded.renderer.render(command.prompt)
        self._send([bare.measure(self._loaded.llama, prompt, command.tokens)])


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
