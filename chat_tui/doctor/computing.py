"""Judging what computes: the program, llama.cpp's build, the machine, the chosen model.

Each function makes findings of facts and does nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator

from chat_tui.doctor.building import cuda_wheel, ready, rebuild, vulkan
from chat_tui.doctor.facts import Facts, Hardware, Program, Runner, Unknown
from chat_tui.doctor.findings import Finding, advice, ok, problem, size
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
        yield problem("engine", f"llama.cpp could not be asked: {runner.why}")
        return
    if runner.problem:
        yield _broken(runner, about, facts.hardware)
    if runner.backends:
        yield ok("engine.build", _build(runner))
        gpus = [one for one in runner.devices if one.kind in ("gpu", "igpu")]
        for one in gpus:
            free = f"{size(one.free)} of {size(one.total)} free"
            yield ok("engine.device", f"{one.name}, by {one.backend}: {free}")
        if not gpus and not _for_gpus(runner):
            yield ok("engine.device", "No GPU: this build computes on the processor alone.")
        if "RPC" in runner.backends:
            yield ok("engine.rpc", "Other machines can take layers: --rpc HOST:PORT.")
        else:
            text = "--rpc needs llama.cpp built with -DGGML_RPC=on; this build cannot do it."
            yield ok("engine.rpc", text)
        if isinstance(facts.hardware, Hardware):
            yield from faster(about, runner, facts.hardware)


def _build(runner: Runner) -> str:
    versions = f"llama-cpp-python {runner.binding}, llama.cpp {runner.llama}, ggml {runner.ggml}"
    parts = ", ".join(runner.backends)
    return f"{versions}. Backends: {parts}. Instructions: {', '.join(runner.features)}."


def _broken(runner: Runner, about: Program, hardware: Hardware | Unknown) -> Finding:
    mended = rebuild(about)
    if isinstance(hardware, Hardware) and "c++" not in hardware.compilers:
        apple = any(maker == "apple" for maker, _ in hardware.gpus)
        mended = ready(about, "metal" if apple else "cpu")  # nothing to compile it with
    if "SIGILL" in runner.problem:
        text = (
            "llama.cpp was built for another processor, and this one refuses its instructions."
            " Building it here mends that:"
        )
        return problem("engine.broken", text, rebuild(about))
    if not runner.binding:
        return problem("engine.broken", runner.problem, mended)
    return problem("engine.broken", f"{runner.problem} Installing it anew may mend it:", mended)


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
        how = (
            "Start the container with its GPUs (--gpus all)."
            if hardware.container
            else "See that its driver is installed and loaded."
        )
        yield advice("engine.gpu", f"The build can use a GPU, and finds none here. {how}")
    have = set(hardware.flags)
    missing = [
        ours for theirs, ours in _FEATURES.items() if theirs in have and ours not in runner.features
    ]
    if missing and not runner.problem:
        text = (
            f"The processor has {', '.join(missing)}, and llama.cpp was built without."
            " A build made on this machine uses all that it has:"
        )
        yield advice("engine.instructions", text, rebuild(about, "-DGGML_NATIVE=on"))


def _use_gpu(maker: str, name: str, about: Program, hardware: Hardware) -> Finding:
    found = f"{name or f'A GPU by {maker.upper()}'} is here, and llama.cpp was built without"
    if maker == "nvidia":
        wheel = cuda_wheel(hardware.cuda)
        if "nvcc" in hardware.compilers or not wheel:
            needs = "" if "nvcc" in hardware.compilers else " That needs NVIDIA's CUDA toolkit."
            text = f"{found} CUDA. Built with it, answers come many times faster.{needs}"
            return advice("engine.gpu", text, rebuild(about, "-DGGML_CUDA=on"))
        text = (
            f"{found} CUDA. With it answers come many times faster. Without NVIDIA's CUDA toolkit"
            " (nvcc) take a ready wheel, if there is one of a new enough version:"
        )
        return advice("engine.gpu", text, ready(about, wheel))
    if maker == "apple":
        text = f"{found} Metal. Built with it, answers come several times faster:"
        return advice("engine.gpu", text, rebuild(about, "-DGGML_METAL=on"))
    if "hipcc" in hardware.compilers:
        return advice("engine.gpu", f"{found} ROCm:", rebuild(about, "-DGGML_HIP=on"))
    text = f"{found} Vulkan. That pays where it has memory of its own:"
    return advice("engine.gpu", text, vulkan(about, hardware))


def machine(facts: Facts) -> Iterator[Finding]:
    """Cores, memory, GPUs."""
    runner = facts.runner
    if isinstance(runner, Runner) and runner.cores:
        cores = f"{runner.cores:,} physical core{'s' if runner.cores > 1 else ''} to compute with"
        yield ok("machine.cores", f"{cores}, {runner.threads:,} hardware threads in all.")
        free, total = runner.memory, runner.memory_total
        text = f"{_size(free)} of {_size(total)} of memory free, a container's limits included."
        if free is not None and free < _LITTLE_MEMORY:
            yield advice("machine.memory", f"{text} That is little: close other programs.")
        else:
            yield ok("machine.memory", text)
    if isinstance(facts.hardware, Unknown):
        yield advice("machine", f"The hardware could not be looked at: {facts.hardware.why}")
        return
    names = [name or maker.upper() for maker, name in facts.hardware.gpus]
    yield ok("machine.gpu", f"GPUs that the system knows: {', '.join(names) or 'none'}.")


def _size(count: int | None) -> str:
    return "an unknown amount" if count is None else size(count)


def model(facts: Facts) -> Iterator[Finding]:
    """The chosen model, whether it fits, and a better one."""
    stock = facts.stock
    if isinstance(stock, Unknown):
        yield problem("model", f"The models could not be looked at: {stock.why}")
        return
    chosen = next((one for one in stock.models if one.chosen), None)
    listed = "chat-tui models list"
    if chosen is None:
        yield problem("model.chosen", "The chosen model is not among those found.", listed)
        return
    if chosen.problem:
        text = f"{chosen.name} cannot be used: {chosen.problem}"
        yield problem("model.chosen", text, listed)
    elif facts.loaded:
        yield ok("model.chosen", f"{facts.loaded} is loaded; what is free is counted beside it.")
    elif chosen.fit is None or chosen.fit.fits:
        yield ok("model.chosen", f"{chosen.name}, {size(chosen.size)}{_fitting(chosen.fit)}.")
        if chosen.fit and chosen.fit.why:
            yield ok("model.fit", chosen.fit.why)
    else:
        text = f"{chosen.name} does not fit now: {chosen.fit.why}"
        yield problem("model.chosen", text, listed)
    if chosen.name == EMBEDDED:
        yield from _larger(stock)


def _fitting(fit: Fit | None) -> str:
    if fit is None:
        return ""
    where = "on the CPU"
    if fit.gpu_layers:
        where = f"{min(fit.gpu_layers, fit.layers)} of {fit.layers} layers on the GPU"
    if fit.gpu_layers and fit.cpu_experts:
        where += f", the experts of {fit.cpu_experts} on the CPU"
    return f", fits: {where}, {fit.context:,} tokens of context, {size(fit.memory)} of memory"


def _larger(stock: Stock) -> Iterator[Finding]:
    """A real model instead of the embedded one."""

    def best(models: list[Model]) -> Model | None:
        return max(models, key=lambda one: one.size, default=None)

    fitting = [
        one
        for one in stock.models
        if one.name != EMBEDDED and not one.problem and one.fit and one.fit.fits
    ]
    say = "That is the embedded model, for trying the program out."
    if here := best([one for one in fitting if one.path]):
        text = f"{say} {here.name} is on this machine and fits:"
        yield advice("model.larger", text, f"chat-tui models use {here.name}")
    elif there := best([one for one in fitting if not one.path and one.size < stock.disk]):
        text = f"{say} {there.name} ({size(there.size)} to download) fits this machine:"
        yield advice("model.larger", text, f"chat-tui models pull {there.name}")
    else:
        yield ok("model.larger", f"{say} None that is larger fits the free memory and disk.")
