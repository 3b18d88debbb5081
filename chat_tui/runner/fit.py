"""Where a model and its context go: pure arithmetic before anything is loaded.

Knows the header's figures and numbers of bytes; must not know llama.cpp or this machine. Loading
first and failing later would end in the kernel killing the process, with nothing to read.

What decides speed decides the order: everything on the device; else the experts of some layers on
the CPU, because a token needs four of them and the attention of every layer; else fewer layers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from chat_tui.errors import LoadError
from chat_tui.language import _
from chat_tui.models.gpt_oss import ModelFile, Shape

RESERVE = 300 << 20
"""The child without model, cache and compute buffers (150 MB) and what else grows a little."""
DEVICE_RESERVE = 1 << 30
"""Left free on every device, as llama.cpp's own fitting does: kernels, pools, the screen."""
SMALLEST_CONTEXT = 4096
"""Below this a chat is no fun; a smaller context has to be asked for."""
STEP = 256
"""llama.cpp rounds contexts up to this."""

_SMALL = "gpt-oss-20b"
_SMALL_BYTES = 13_000_000_000
"""What that model needs with the smallest context."""
_TENSOR = re.compile(r"blk\.(\d+)\.(?:(ffn_(?:gate|up|down)_exps\.)|)")


@dataclass(frozen=True, slots=True)
class Room:
    """What is free, in bytes."""

    memory: int | None
    """Main memory; None: unknown, everything fits."""
    devices: tuple[int, ...] = ()
    shared: bool = False
    """Whether the devices' memory is the main memory, as on a Mac."""

    @property
    def on_devices(self) -> int:
        """Bytes of devices that a model may take."""
        return max(0, sum(self.devices) - DEVICE_RESERVE * len(self.devices))


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user decided; None leaves it to ``place``."""

    context: int | None = None
    gpu_layers: int | None = None
    """Layers on devices, the output table counting as one, as llama.cpp counts."""
    cpu_experts: int | None = None
    """Layers whose experts stay on the CPU."""
    flash: bool = True
    """Flash attention, which needs far smaller buffers."""
    batch: int = 256
    """Tokens evaluated at once."""


@dataclass(frozen=True, slots=True)
class Need:
    """Bytes that a placement takes."""

    host: int
    device: int

    @property
    def total(self) -> int:
        """Both together."""
        return self.host + self.device


@dataclass(frozen=True, slots=True)
class Placement:
    """Where everything goes."""

    context: int
    gpu_layers: int
    cpu_experts: tuple[int, ...]
    """The layers whose experts stay on the CPU although the layer is on a device."""
    need: Need
    note: str = ""
    """What a user should know of it: a context below the trained one, parts on the CPU."""


def compute_bytes(shape: Shape, context: int, *, flash: bool, batch: int) -> int:
    """Bytes of llama.cpp's buffers for intermediate results, at most 30 % and 16 MiB too many.

    Fitted to what llama.cpp logged for nine shapes (from 256 to 4,096 wide) at contexts from 256
    to 131,072: the widest moment is either in the experts or in the attention of a layer, and the
    mask has a half or, without flash attention, a float for each token of the batch and the
    context; without it the scores of all heads stand in memory too.
    """
    ffn = max(3 * shape.expert_width + shape.width, shape.expert_width + 2 * shape.width)
    attention = 2 * (shape.heads + shape.kv_heads) * shape.head_dim + 3 * shape.width
    widest = max(shape.experts_used * ffn + 2 * shape.width, attention)
    a_token = 2 * context if flash else 4 * context * (1 + shape.heads)
    return batch * (4 * widest + a_token) + (16 << 20)


def place(model: ModelFile, room: Room, wish: Wish) -> Placement:
    """Choose the context, and what of the model goes to the devices.

    The context is the wished one, or the largest that fits, at most what the model was trained
    for. Raises LoadError where nothing fits, saying what is missing and what would fit.
    """
    trained = model.shape.context
    if wish.context is not None and not 0 < wish.context <= trained:
        raise LoadError(
            _(
                "A context of {asked:,} tokens was asked for; {model} was trained for at most"
                " {trained:,}."
            ).format(asked=wish.context, model=model.name, trained=trained),
            _("Choose a context from 1 to {trained:,}.").format(trained=trained),
        )
    planner = _Planner(model, room, wish)
    smallest = min(trained, SMALLEST_CONTEXT)
    if wish.context is not None:
        found = planner.best(wish.context)
    else:
        largest = planner.largest()
        found = planner.best(largest) if largest >= smallest else None
    if found is None:
        raise planner.refusal(wish.context or smallest)
    return found


class _Planner:
    """The placements of one model in one room."""

    def __init__(self, model: ModelFile, room: Room, wish: Wish) -> None:
        self._model = model
        self._room = room
        self._wish = wish
        self._shape = model.shape
        self._shared = [0] * model.shape.layers
        self._experts = [0] * model.shape.layers
        self._output = 0
        self._largest_experts = 0
        for tensor in (tensor for part in model.parts for tensor in part.tensors):
            match = _TENSOR.match(tensor.name)
            if match is None:
                # The embedding table is read row by row and always stays on the CPU.
                self._output += 0 if tensor.name == "token_embd.weight" else tensor.size
            elif match[2]:
                self._experts[int(match[1])] += tensor.size
                self._largest_experts = max(self._largest_experts, tensor.size)
            else:
                self._shared[int(match[1])] += tensor.size

    @cached_property
    def layers(self) -> int:
        """Layers as llama.cpp counts those on devices: the output table is one more."""
        return self._shape.layers + 1

    def best(self, context: int) -> Placement | None:
        """The quickest placement that fits with this context; None where none does."""
        last: tuple[int, int, Need] | None = None
        for gpu_layers, count in self._candidates():
            need = self.need(context, gpu_layers, count)
            if not self._host_holds(need):
                continue
            if need.device <= self._room.on_devices:
                return self._placement(context, gpu_layers, count, need)
            last = gpu_layers, count, need
        if last is not None and self._wish.gpu_layers is not None:
            return self._placement(context, *last)  # the user's word; a device may be underrated
        return None

    def largest(self) -> int:
        """The largest context that fits; 0 where none does."""
        trained = self._shape.context
        if self.best(trained) is not None:
            return trained
        low, high = 0, trained // STEP
        while low < high:
            middle = (low + high + 1) // 2
            if self.best(middle * STEP) is not None:
                low = middle
            else:
                high = middle - 1
        return low * STEP

    def need(self, context: int, gpu_layers: int, cpu_experts: int) -> Need:
        """What a placement takes."""
        compute = compute_bytes(
            self._shape, context, flash=self._wish.flash, batch=self._wish.batch
        )
        kv = self._shape.kv_bytes(context, self._wish.batch)
        host = self._model.size + kv + compute + RESERVE
        if not gpu_layers:
            return Need(host, 0)
        # llama.cpp gives a device the last layers, the output table first.
        there = range(max(0, self.layers - gpu_layers), self._shape.layers)
        on_cpu = set(spread(cpu_experts, self._shape.layers))
        moved = self._output + sum(self._shared[at] for at in there)
        moved += sum(self._experts[at] for at in there if at not in on_cpu)
        moved += kv * len(there) // self._shape.layers + kv // self._shape.layers
        devices = max(1, len(self._room.devices))
        each = compute
        if on_cpu & set(there):
            # For a prompt, experts of the CPU are computed with on the device, one copied ahead.
            each += 2 * self._largest_experts
        if devices > 1:
            each += max(map(sum, zip(self._shared, self._experts, strict=True)))  # uneven shares
        device = moved + each * devices
        if self._room.shared:
            return Need(host + each * devices, device)
        return Need(max(RESERVE, host - moved), device)

    def refusal(self, context: int) -> LoadError:
        """Why this context cannot be had, and what can."""
        room, wish, name = self._room, self._wish, self._model.name
        alone = room.shared or not room.devices or wish.gpu_layers == 0
        layers = 0 if alone else self.layers
        needed = self.need(context, layers, wish.cpu_experts or 0)
        free = (room.memory or 0) + (0 if alone else room.on_devices)
        wanted = needed.host if alone else needed.total
        message = (
            _(
                "{model} needs {wanted} of memory with a context of {context:,} tokens; {free} are"
                " free."
            )
            if alone
            else _(
                "{model} needs {wanted} of memory with a context of {context:,} tokens; {free} are"
                " free, {gpu} of them on the GPU."
            )
        )
        message = message.format(
            model=name,
            wanted=_gigabytes(wanted),
            context=context,
            free=_gigabytes(free),
            gpu=_gigabytes(room.on_devices),
        )
        return LoadError(message, self._way_out(wanted, free))

    def _way_out(self, wanted: int, free: int) -> str:
        largest = self.largest()
        if largest >= STEP:
            return _("A context of {n:,} tokens would fit.").format(n=largest)
        if self._wish.gpu_layers is not None or self._wish.cpu_experts is not None:
            freely = _Planner(self._model, self._room, Wish(batch=self._wish.batch)).largest()
            if freely >= STEP:
                return _(
                    "Without --gpu-layers and --cpu-experts it would fit, with a context of up to"
                    " {n:,} tokens."
                ).format(n=freely)
        if self._model.size > 2 * _SMALL_BYTES and free >= _SMALL_BYTES:
            hint = _("{missing} are missing. The smaller model {small} would fit.")
        else:
            hint = _("{missing} are missing. Close other programs or use a smaller model.")
        return hint.format(missing=_gigabytes(max(wanted - free, 0)), small=_SMALL)

    def _host_holds(self, need: Need) -> bool:
        return self._room.memory is None or need.host <= self._room.memory

    def _candidates(self) -> Iterator[tuple[int, int]]:
        """Layers on devices and layers of experts on the CPU, the quickest first."""
        all_experts = self._shape.layers
        if not self._room.devices:
            yield 0, 0
            return
        wished, kept = self._wish.gpu_layers, self._wish.cpu_experts
        layers = self.layers if wished is None else max(0, min(wished, self.layers))
        if kept is None:
            yield from ((layers, count) for count in range(all_experts + 1))
            kept = all_experts
        else:
            kept = min(kept, all_experts)
            yield layers, kept
        if wished is None:
            yield from ((fewer, kept) for fewer in range(layers - 1, 0, -1))
            yield 0, 0

    def _placement(self, context: int, gpu_layers: int, count: int, need: Need) -> Placement:
        experts = spread(count, self._shape.layers) if gpu_layers else ()
        notes = []
        trained = self._shape.context
        if self._wish.context is None and context < trained:
            notes.append(
                _(
                    "The context is {context:,} tokens, the most that fits the free memory; the"
                    " model was trained for {trained:,}."
                ).format(context=context, trained=trained)
            )
        if self._room.devices and self._wish.gpu_layers is None:
            if gpu_layers < self.layers:
                fitting = _("{n} of {all} layers fit the GPU.")
                notes.append(fitting.format(n=gpu_layers, all=self.layers))
            if experts and self._wish.cpu_experts is None:
                notes.append(
                    _("The experts of {n} of {all} layers stay on the CPU.").format(
                        n=len(experts), all=self._shape.layers
                    )
                )
        return Placement(context, gpu_layers, experts, need, " ".join(notes))


def spread(count: int, layers: int) -> tuple[int, ...]:
    """``count`` of ``layers`` layers, evenly, so that several devices are relieved alike."""
    count = max(0, min(count, layers))
    return tuple(at * layers // count for at in range(count))


def _gigabytes(count: int) -> str:
    return _("{n:.1f} GB").format(n=count / 1e9)
