"""The smallest loop of llama.cpp calls, to measure everything else against.

Knows ``llama_decode`` and a chain of samplers; must not know harmony, events or the cache. It runs
in the process and on the context that answer questions, because a second copy of a model would
not fit beside the first.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from chat_tui.conversation import Prompt
from chat_tui.errors import EngineError
from chat_tui.language import _
from chat_tui.runner.llama import BATCH, Llama
from chat_tui.runner.sampling import Sampler
from chat_tui.wire import Generate, Measured


def measure(llama: Llama, prompt: Sequence[int], count: int) -> Measured:
    """Read ``prompt`` into an empty cache and sample ``count`` tokens, at least one.

    The cache is empty afterwards. Raises EngineError where llama.cpp fails, is stopped, or has no
    room for that many tokens.
    """
    if len(prompt) + count > llama.context_size:
        raise EngineError(_("The context is too small for this measurement."))
    lib, ctx = llama.lib, llama.ctx
    llama.keep(0)
    # The defaults, as a question is answered with; one draw is as costly as any other.
    chain = Sampler(lib, ctx, Generate(Prompt(()), seed=0))
    pieces = [prompt[at : at + BATCH] for at in range(0, len(prompt), BATCH)]
    arrays = [(lib.llama_token * len(piece))(*piece) for piece in pieces]
    one = (lib.llama_token * 1)()
    batch = lib.llama_batch_get_one(one, 1)
    decode, failed = lib.llama_decode, 0
    try:
        began = time.perf_counter()
        for array in arrays:
            failed = failed or decode(ctx, lib.llama_batch_get_one(array, len(array)))
        if not failed:
            one[0] = chain.sample()
        first = time.perf_counter()
        for _step in range(count - 1):
            failed = failed or decode(ctx, batch)
            if failed:
                break
            one[0] = chain.sample()
        ended = time.perf_counter()
    finally:
        chain.close()
        lib.llama_memory_clear(lib.llama_get_memory(ctx), False)
    if failed:
        raise EngineError(_("llama.cpp could not go on (code {code}).").format(code=failed))
    return Measured(len(prompt), first - began, count, ended - first)
