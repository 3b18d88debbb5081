"""Judging what computes: the program, llama.cpp's build, the machine, the chosen model.

Each function makes findings of facts and does nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator

from chat_tui.doctor.building import cuda_wheel, ready, rebuild, vulkan
from chat_tui.doctor.facts import Facts, Hardware, Program, Runner, Unknown
from chat_tui.doctor.findings import Finding, advice, ok, problem, size
from chat_tui.language import _, ngettext
from chat_tui.model_settings import EMBEDDED
from chat_tui.supply import Fit, Model, Stock

_LITTLE_MEMORY = 1_000_000_000
_GPU_BACKENDS = {
    "nvidia": ("CUDA", "Vulkan"),
    "amd": ("ROCm", "HIP", "Vulkan"),
    "apple": ("MTL", "Metal"),
}
"""What llama.cpp calls the backends that can use a maker's GPUs."""
_NO_GPUS = {"CPU", "BLAS", "RPC"}
"""Those that need none."""
_FEATURES = {
    "avx2": "AVX2",
    "fma": "FMA",
    "f16c": "F16C",
    "avx512f": "AVX512",
    "asimddp": "DOTPROD",
    "i8mm": "MATMUL_INT8",
}
"""What Linux and what llama.cpp call the instructions that matter most."""


def program(facts: Facts) -> Iterator[Finding]:
    """Versions, and the settings file."""
    it = facts.program
    yield ok("program.version", f"chat-tui {it.version}, {it.python}, {it.platform}")
    if facts.settings:
        yield problem("program.settings", facts.settings)


def engine(facts: Facts) -> Iterator[Finding]:
    """llama.cpp: whether it is there, and what it was built for."""
    runner, about = facts.runner, facts.program
    if isinstance(runner, Unknown):
        yield problem("engine", _("llama.cpp could not be asked: {why}").format(why=runner.why))
        return
    if runner.problem:
        yield _broken(runner, about, facts.hardware)
    if runner.backends:
        yield ok("engine.build", _build(runner))
        gpus = [one for one in runner.devices if one.kind in ("gpu", "igpu")]
        for one in gpus:
            text = _("{name}, by {backend}: {free} of {total} free").format(
                name=one.name, backend=one.backend, free=size(one.free), total=size(one.total)
            )
            yield ok("engine.device", text)
        if not gpus and not _for_gpus(runner):
            yield ok("engine.device", _("No GPU: this build computes on the processor alone."))
        if "RPC" in runner.backends:
            yield ok("engine.rpc", _("Other machines can take layers: --rpc HOST:PORT."))
        else:
            text = _("--rpc needs llama.cpp built with -DGGML_RPC=on; this build cannot do it.")
            yield ok("engine.rpc", text)
        if isinstance(facts.hardware, Hardware):
            yield from faster(about, runner, facts.hardware)


def _build(runner: Runner) -> str:
    versions = f"llama-cpp-python {runner.binding}, llama.cpp {runner.llama}, ggml {runner.ggml}"
    return _("{versions}. Backends: {backends}. Instructions: {features}.").format(
        versions=versions,
        backends=", ".join(runner.backends),
        features=", ".join(runner.features),
    )


def _broken(runner: Runner, about: Program, hardware: Hardware | Unknown) -> Finding:
    mended = rebuild(about)
    if isinstance(hardware, Hardware) and "c++" not in hardware.compilers:
        apple = any(maker == "apple" for maker, _name in hardware.gpus)
        mended = ready(about, "metal" if apple else "cpu")  # nothing to compile it with
    if "SIGILL" in runner.problem:
        text = _(
            "llama.cpp was built for another processor, and this one refuses its"
            " instructions. Building it here mends that:"
        )
        return problem("engine.broken", text, rebuild(about))
    if not runner.binding:
        return problem("engine.broken", runner.problem, mended)
    return problem(
        "engine.broken",
        _("{problem} Installing it anew may mend it:").format(problem=runner.problem),
        mended,
    )


def _for_gpus(runner: Runner) -> bool:
    """Whether it was built for some; llama.cpp also says so of a build for other machines."""
    return runner.offload and bool(set(runner.backends) - _NO_GPUS)


def faster(about: Program, runner: Runner, hardware: Hardware) -> Iterator[Finding]:
    """What would make it compute faster."""
    makers = dict(reversed(hardware.gpus))
    usable = [one for one in runner.devices if one.kind in ("gpu", "igpu")]
    for maker, name in makers.items():
        wanted = _GPU_BACKENDS.get(maker, ())
        if wanted and not any(one.startswith(wanted) for one in runner.backends):
            yield _use_gpu(maker, name, about, hardware)
    if _for_gpus(runner) and not usable:
        text = (
            _(
                "The build can use a GPU, and finds none here. Start the container with its GPUs"
                " (--gpus all)."
            )
            if hardware.container
            else _(
                "The build can use a GPU, and finds none here. See that its driver is installed"
                " and loaded."
            )
        )
        yield advice("engine.gpu", text)
    have = set(hardware.flags)
    missing = [
        ours for theirs, ours in _FEATURES.items() if theirs in have and ours not in runner.features
    ]
    if missing and not runner.problem:
        text = _(
            "The processor has {missing}, and llama.cpp was built without. A build"
            " made on this machine uses all that it has:"
        ).format(missing=", ".join(missing))
        yield advice("engine.instructions", text, rebuild(about, "-DGGML_NATIVE=on"))


def _use_gpu(maker: str, name: str, about: Program, hardware: Hardware) -> Finding:
    gpu = name or _("A GPU by {maker}").format(maker=maker.upper())
    if maker == "nvidia":
        wheel = cuda_wheel(hardware.cuda)
        if "nvcc" in hardware.compilers:
            text = _(
                "{gpu} is here, and llama.cpp was built without CUDA. Built with it, answers come"
                " many times faster."
            )
            return advice("engine.gpu", text.format(gpu=gpu), rebuild(about, "-DGGML_CUDA=on"))
        if not wheel:
            text = _(
                "{gpu} is here, and llama.cpp was built without CUDA. Built with it, answers come"
                " many times faster. That needs NVIDIA's CUDA toolkit."
            )
            return advice("engine.gpu", text.format(gpu=gpu), rebuild(about, "-DGGML_CUDA=on"))
        text = _(
            "{gpu} is here, and llama.cpp was built without CUDA. With it answers come many times"
            " faster. Without NVIDIA's CUDA toolkit (nvcc) take a ready wheel, if there is one of"
            " a new enough version:"
        )
        return advice("engine.gpu", text.format(gpu=gpu), ready(about, wheel))
    if maker == "apple":
        text = _(
            "{gpu} is here, and llama.cpp was built without Metal. Built with it, answers come"
            " several times faster:"
        )
        return advice("engine.gpu", text.format(gpu=gpu), rebuild(about, "-DGGML_METAL=on"))
    if "hipcc" in hardware.compilers:
        text = _("{gpu} is here, and llama.cpp was built without ROCm:")
        return advice("engine.gpu", text.format(gpu=gpu), rebuild(about, "-DGGML_HIP=on"))
    text = _(
        "{gpu} is here, and llama.cpp was built without Vulkan. That pays where it has memory of"
        " its own:"
    )
    return advice("engine.gpu", text.format(gpu=gpu), vulkan(about, hardware))


def machine(facts: Facts) -> Iterator[Finding]:
    """Cores, memory, GPUs."""
    runner = facts.runner
    if isinstance(runner, Runner) and runner.cores:
        text = ngettext(
            "{cores:,} physical core to compute with, {threads:,} hardware threads in all.",
            "{cores:,} physical cores to compute with, {threads:,} hardware threads in all.",
            runner.cores,
        )
        yield ok("machine.cores", text.format(cores=runner.cores, threads=runner.threads))
        free, total = runner.memory, runner.memory_total
        little = free is not None and free < _LITTLE_MEMORY
        text = (
            _(
                "{free} of {total} of memory free, a container's limits included. That is little:"
                " close other programs."
            )
            if little
            else _("{free} of {total} of memory free, a container's limits included.")
        ).format(free=_size(free), total=_size(total))
        yield advice("machine.memory", text) if little else ok("machine.memory", text)
    if isinstance(facts.hardware, Unknown):
        yield advice(
            "machine",
            _("The hardware could not be looked at: {why}").format(why=facts.hardware.why),
        )
        return
    names = [name or maker.upper() for maker, name in facts.hardware.gpus]
    known = ", ".join(names) or _("none")
    yield ok("machine.gpu", _("GPUs that the system knows: {names}.").format(names=known))


def _size(count: int | None) -> str:
    return _("an unknown amount") if count is None else size(count)


def model(facts: Facts) -> Iterator[Finding]:
    """The chosen model, whether it fits, and a better one."""
    stock = facts.stock
    if isinstance(stock, Unknown):
        yield problem("model", _("The models could not be looked at: {why}").format(why=stock.why))
        return
    chosen = next((one for one in stock.models if one.chosen), None)
    listed = "chat-tui models list"
    if chosen is None:
        yield problem("model.chosen", _("The chosen model is not among those found."), listed)
        return
    if chosen.problem:
        text = _("{name} cannot be used: {problem}").format(
            name=chosen.name, problem=chosen.problem
        )
        yield problem("model.chosen", text, listed)
    elif facts.loaded:
        yield ok(
            "model.chosen",
            _("{loaded} is loaded; what is free is counted beside it.").format(loaded=facts.loaded),
        )
    elif chosen.fit is None or chosen.fit.fits:
        said = f"{chosen.name}, {size(chosen.size)}"
        if chosen.fit is not None:
            said = _("{model}, {fit}, {memory} of memory").format(
                model=said, fit=_fitting(chosen.fit), memory=size(chosen.fit.memory)
            )
        yield ok("model.chosen", f"{said}.")
        if chosen.fit and chosen.fit.why:
            yield ok("model.fit", chosen.fit.why)
    else:
        text = _("{name} does not fit now: {why}").format(name=chosen.name, why=chosen.fit.why)
        yield problem("model.chosen", text, listed)
    if chosen.name == EMBEDDED:
        yield from _larger(stock)


def _fitting(fit: Fit) -> str:
    if not fit.gpu_layers:
        text = _("fits: on the CPU, {context:,} tokens of context")
    elif fit.cpu_experts:
        text = _(
            "fits: {layers} of {all} layers on the GPU, the experts of {experts} on the CPU,"
            " {context:,} tokens of context"
        )
    else:
        text = _("fits: {layers} of {all} layers on the GPU, {context:,} tokens of context")
    return text.format(
        layers=min(fit.gpu_layers, fit.layers),
        all=fit.layers,
        experts=fit.cpu_experts,
        context=fit.context,
    )


def _larger(stock: Stock) -> Iterator[Finding]:
    """A real model instead of the embedded one."""

    def best(models: list[Model]) -> Model | None:
        return max(models, key=lambda one: one.size, default=None)

    fitting = [
        one
        for one in stock.models
        if one.name != EMBEDDED and not one.problem and one.fit and one.fit.fits
    ]
    if here := best([one for one in fitting if one.path]):
        text = _(
            "That is the embedded model, for trying the program out. {name} is on this machine and"
            " fits:"
        ).format(name=here.name)
        yield advice("model.larger", text, f"chat-tui models use {here.name}")
    elif there := best([one for one in fitting if not one.path and one.size < stock.disk]):
        text = _(
            "That is the embedded model, for trying the program out. {name} ({size} to download)"
            " fits this machine:"
        ).format(name=there.name, size=size(there.size))
        yield advice("model.larger", text, f"chat-tui models pull {there.name}")
    else:
        text = _(
            "That is the embedded model, for trying the program out. None that is larger fits the"
            " free memory and disk."
        )
        yield ok("model.larger", text)
