"""The models that can be had here: found on the disk, in the catalog, or embedded.

Puts together what looks for files, what downloads them and what plans memory; nothing is decided
here. The only module beside ``cli`` that knows all of these.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from chat_tui.demo.embedded import embedded_model
from chat_tui.errors import ChatError, ModelFileError, UsageError
from chat_tui.home import at_home
from chat_tui.language import N_, _
from chat_tui.memory import Memory
from chat_tui.model_settings import CHOSEN, EMBEDDED, HIDDEN
from chat_tui.models import checked, download
from chat_tui.models.catalog import Entry, catalog, known, outline
from chat_tui.models.discover import Discovery, discover
from chat_tui.models.gpt_oss import ModelFile, check_gpt_oss
from chat_tui.models.hub import already, free_space
from chat_tui.models.offer import Machine, offer
from chat_tui.models.places import hub_cache, places
from chat_tui.runner import machine
from chat_tui.runner.fit import Room, Wish, place
from chat_tui.settings import Settings
from chat_tui.supply import Fit, Hear, Model, Offer, Phase, Progress, Stock, Unusable
from chat_tui.untrusted import clean_line

_TINY = N_("tiny, for trying the program out")
_ASKING_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Supplier:
    """The models of this machine and of the catalog, for a face (``supply.Supply``)."""

    settings: Settings
    memory: Memory
    cache: Path
    """Where the embedded model is unpacked."""
    environment: Mapping[str, str]
    home: Path
    entries: tuple[Entry, ...]
    room: Callable[[], Room]

    @property
    def hub(self) -> Path:
        """Where downloads go."""
        return hub_cache(self.environment, self.home)

    def stock(self) -> Stock:
        """Everything there is; about 0.1 s for each gpt-oss file."""
        room, look = self.room(), self._look()
        models = tuple(self._examined(model, room) for model in self._models(look))
        passed = tuple(Unusable(one.path, one.source, one.reason) for one in look.passed_over)
        return Stock(models, passed, room.memory, room.devices, free_space(self.hub))

    def offer(self, way: str = "") -> Offer | None:
        """One line for a first start; None where a model was chosen or nothing new is here.

        ``way`` is said in place of the command that gets it.
        """
        chosen = self.settings.model is not None or self.memory.values.get(CHOSEN)
        if chosen or self.settings.engine:
            return None
        room = self.room()
        memory = room.memory
        if memory is not None and not room.shared:
            memory += room.on_devices
        here = Machine(memory, free_space(self.hub))
        return offer(self._look().found, self.entries, here, way, self._hidden)

    def hide(self, offer: Offer) -> None:
        """Remember that this is not wanted, for all starts to come."""
        self.memory.remember(HIDDEN, " ".join(sorted(self._hidden | {*offer.marks})))

    @property
    def _hidden(self) -> set[str]:
        return set(self.memory.values.get(HIDDEN, "").split())

    def find(self, word: str) -> Model:
        """The one model of that name or path. Raises ChatError."""
        models = list(self._models(self._look()))
        path = at_home(word)
        matches = [model for model in models if word == model.name]
        matches = matches or [model for model in models if model.path in (path, path.absolute())]
        if not matches and path.is_file():
            matches = [self._named(path.absolute())]
        if len(matches) == 1:
            return self._examined(matches[0], self.room())
        if matches:
            lines = "; ".join(str(model.path) for model in matches)
            raise UsageError(
                _("There are several models {word}.").format(word=clean_line(word)),
                _("Say which: {lines}").format(lines=lines),
            )
        names = ", ".join(dict.fromkeys(clean_line(model.name) for model in models))
        raise UsageError(
            _("There is no model {word}.").format(word=clean_line(word)),
            _("There are: {names}.").format(names=names),
        )

    def pull(self, model: Model, hear: Hear, stop: Callable[[], bool]) -> Path | None:
        """Download a model of the catalog; None where stopped. Raises ModelFileError."""
        if model.path is not None:
            return model.path
        endpoint = self.settings.models.mirror or self.environment.get("HF_ENDPOINT", "")
        return download.pull(
            self._entry(model), self.hub, hear, endpoint=endpoint or download.HUB, stop=stop
        )

    def check(self, model: Model, hear: Hear, stop: Callable[[], bool]) -> str:
        """Check structure and hash; what was found in a sentence. Raises ModelFileError."""
        path = self._path(model)
        parts = check_gpt_oss(path).parts
        entry = known((part.size for part in parts), self.entries)
        done, total, hashes = 0, sum(part.size for part in parts), []

        def came(count: int) -> None:
            nonlocal done
            done += count
            hear(Progress(Phase.CHECKING, path.name, done, total))

        for at, part in enumerate(parts):
            try:
                digest = checked.sha256(part.path, came, stop)
            except OSError as error:
                raise ModelFileError(
                    _("{path} cannot be read: {error}.").format(path=part.path, error=error)
                ) from error
            if digest is None:
                return _("Stopped before the end.")
            wanted = entry.files[at].sha256 if entry else checked.named_hash(part.path)
            if wanted and digest != wanted:
                raise ModelFileError(
                    _("{path} is not what it should be: its sha256 is {digest}.").format(
                        path=part.path, digest=digest
                    ),
                    _("It should be {wanted}; remove the file and download it again.").format(
                        wanted=wanted
                    ),
                )
            hashes.append((digest, wanted))
        if model.name == EMBEDDED:
            # Its name carries the beginning of its hash.
            if not path.stem.endswith(hashes[0][0][:12]):
                raise ModelFileError(
                    _("{path} is damaged.").format(path=path),
                    _("Remove it; the next start makes it anew."),
                )
            return _("It is the one that comes with chat-tui: structure and sha256 are right.")
        if entry:
            return _("It is {name} as published: structure and sha256 are right.").format(
                name=entry.name
            )
        if all(wanted for _, wanted in hashes):
            return _(
                "Its structure is right, and its sha256 is the one that its cache names it by."
            )
        shown = ", ".join(digest for digest, _ in hashes)
        return _(
            "Its structure is right; no published sha256 is known for it (it has {shown})."
        ).format(shown=shown)

    def use(self, model: Model) -> None:
        """Remember it as the model to talk to. Raises ModelFileError."""
        if model.name == EMBEDDED:
            self.memory.remember(CHOSEN, EMBEDDED)
            return
        path = self._path(model)
        check_gpt_oss(path)
        self.memory.remember(CHOSEN, str(path.absolute()))

    def forget(self) -> Path | None:
        """Forget that choice; what it was. No file is touched."""
        chosen = self.memory.values.get(CHOSEN)
        if not chosen:
            return None
        self.memory.remember(CHOSEN, "")
        return embedded_model(self.cache) if chosen == EMBEDDED else Path(chosen)

    def _path(self, model: Model) -> Path:
        if model.path is None:
            raise ModelFileError(
                _("{name} is not on this machine.").format(name=model.name),
                f"chat-tui models pull {model.name}",
            )
        return model.path

    def _look(self) -> Discovery:
        folders = self.settings.models.folders
        return discover(places(self.environment, self.home, sys.platform, folders))

    def _models(self, look: Discovery) -> Iterator[Model]:
        """All there is, before anything but first bytes was read."""
        here = set()
        if (path := self.settings.model) and path not in {found.path for found in look.found}:
            yield self._named(path)
        for found in look.found:
            entry = known(found.sizes, self.entries)
            here.add(entry)
            name, chosen = entry.name if entry else found.name, self.settings.model == found.path
            yield Model(name, found.path, found.size, "", found.source, chosen=chosen)
        for entry in self.entries:
            if entry not in here:
                there = already(entry, self.hub)
                share = there * 100 // entry.size
                note = _("{share} % downloaded").format(share=share) if there else ""
                source = f"huggingface.co/{entry.repository}"
                yield Model(entry.name, None, entry.size, "", source, note=note)
        path = embedded_model(self.cache)
        yield Model(
            *(EMBEDDED, path, path.stat().st_size, "", _("comes with chat-tui")),
            chosen=self.settings.model is None,
            note=_(_TINY),
        )

    def _named(self, path: Path) -> Model:
        """A file that lies elsewhere, named by the user."""
        try:
            size = path.stat().st_size
        except OSError:
            size = 0
        chosen = self.settings.model == path
        return Model(path.stem, path, size, "", _("named by you"), chosen=chosen)

    def _examined(self, model: Model, room: Room) -> Model:
        """With what its header says, or the problem where it says nothing good."""
        try:
            if model.path is None:
                file = outline(self._entry(model))
            else:
                file = check_gpt_oss(model.path, words=False)
        except ModelFileError as error:
            return replace(model, problem=str(error))
        size = file.size if model.path else model.size
        return replace(model, size=size, quantization=quantization(file), fit=self._fit(file, room))

    def _entry(self, model: Model) -> Entry:
        return next(entry for entry in self.entries if entry.name == model.name)

    def _fit(self, file: ModelFile, room: Room) -> Fit:
        settings = self.settings
        wish = Wish(
            settings.context,
            settings.gpu_layers,
            settings.cpu_experts,
            flash=settings.flash_attention.wish is not False,
        )
        if wish.gpu_layers == 0:
            room = Room(room.memory)
        try:
            found = place(file, room, wish)
        except ChatError as error:
            # Whoever shows it says already of which model.
            return Fit(False, re.sub(rf"^{re.escape(file.name)}\b", _("it"), str(error)))
        return Fit(
            fits=True,
            why=found.note,
            context=found.context,
            memory=found.need.total,
            gpu_layers=found.gpu_layers,
            layers=file.shape.layers + 1,
            cpu_experts=len(found.cpu_experts),
        )


def supplier(settings: Settings, memory: Memory, cache: Path) -> Supplier:
    """The one of this machine and user."""
    return Supplier(settings, memory, cache, os.environ, Path.home(), catalog(), room_here)


def room_here() -> Room:
    """What is free; without GPUs where asking for them fails."""
    command = [sys.executable, "-m", "chat_tui.runner.room"]
    try:
        result = subprocess.run(
            command,
            capture_output=True,
            check=True,
            timeout=_ASKING_SECONDS,
            stdin=subprocess.DEVNULL,
        )
        values = json.loads(result.stdout)
        return Room(values["memory"], tuple(values["devices"]), values["shared"])
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError):
        return Room(machine.available_memory())


def quantization(file: ModelFile) -> str:
    """The type that most of the weights have, with the next one if it is a tenth as much."""
    sizes: Counter[str] = Counter()
    for part in file.parts:
        for tensor in part.tensors:
            sizes[tensor.type] += tensor.size
    names: Sequence[tuple[str, int]] = sizes.most_common(2)
    return " + ".join(name for name, size in names if size * 10 >= names[0][1])
