"""Whether a model fits and what of it goes where, as arithmetic over a header."""

from __future__ import annotations

import re
from pathlib import Path
from types import MappingProxyType

import pytest

from chat_tui.errors import LoadError
from chat_tui.models.gguf import GGUF, Tensor
from chat_tui.models.gpt_oss import ModelFile, Shape, check_gpt_oss
from chat_tui.runner.fit import Placement, Room, Wish, compute_bytes, place, spread
from chat_tui.runner.flag import Flag
from chat_tui.runner.llama import BATCH, Llama
from tests.gguf_factory import shared_model

GB = 1_000_000_000
TABLE, SHARED, EXPERTS = 615_000_000, 30_000_000, 141_000_000
"""Bytes of a table for the vocabulary, of a layer's attention, and of a third of 32 experts."""


def model(layers: int, experts: int, name: str) -> ModelFile:
    """A header with the proportions of the published models."""
    sizes = {"token_embd.weight": TABLE, "output.weight": TABLE, "output_norm.weight": 11_520}
    for at in range(layers):
        sizes[f"blk.{at}.attn_q.weight"] = SHARED
        for part in ("gate", "up", "down"):
            sizes[f"blk.{at}.ffn_{part}_exps.weight"] = EXPERTS * experts // 32
    tensors = tuple(Tensor(key, (1,), "F32", 0, size) for key, size in sizes.items())
    path = Path(f"{name}.gguf")
    header = GGUF(path, 3, MappingProxyType({}), tensors, 32, 0, sum(sizes.values()))
    shape = Shape(layers, 2880, 64, 8, 64, experts, 4, 2880, 128, 131_072)
    return ModelFile((header,), shape, name)


SMALL = model(24, 32, "gpt-oss-20b")
LARGE = model(36, 128, "gpt-oss-120b")


def on(memory: float | None, *devices: float, shared: bool = False) -> Room:
    """Room in gigabytes."""
    return Room(
        None if memory is None else round(memory * GB),
        tuple(round(d * GB) for d in devices),
        shared,
    )


def test_plenty_of_memory_or_an_unknown_amount_gives_the_whole_context() -> None:
    assert place(SMALL, on(64), Wish()).context == 131_072
    assert place(SMALL, on(None), Wish()).context == 131_072
    assert place(SMALL, on(None), Wish(context=8192)).context == 8192
    assert place(SMALL, on(64), Wish()).note == ""


def test_less_memory_gives_the_largest_context_that_fits_and_says_so() -> None:
    room = on(14)
    found = place(SMALL, room, Wish())
    assert 4096 < found.context < 131_072
    assert found.need.host <= 14 * GB
    assert f"{found.context:,}" in found.note
    assert place(SMALL, room, Wish(context=found.context)).context == found.context
    with pytest.raises(LoadError):
        place(SMALL, room, Wish(context=found.context + 256))


def test_without_flash_attention_far_less_context_fits() -> None:
    assert place(SMALL, on(16), Wish(flash=False)).context < 50_000
    assert place(SMALL, on(16.3), Wish()).context > 100_000


def test_a_wish_that_does_not_fit_is_told_what_would() -> None:
    context = place(SMALL, on(14), Wish()).context
    told = r"needs 1\d\.\d GB of memory with a context of 131,072 tokens; 14\.0 GB are free"
    with pytest.raises(LoadError, match=told) as caught:
        place(SMALL, on(14), Wish(context=131_072))
    assert f"{context:,}" in caught.value.hint


def test_a_model_that_does_not_fit_at_all_says_what_is_missing() -> None:
    with pytest.raises(LoadError, match=r"8\.0 GB are free") as caught:
        place(SMALL, on(8), Wish())
    assert re.search(r"\d\.\d GB are missing", caught.value.hint)
    assert "smaller model" in caught.value.hint


def test_the_larger_model_names_the_smaller_one_where_that_would_fit() -> None:
    with pytest.raises(LoadError) as caught:
        place(LARGE, on(32, 11.5), Wish())
    assert "11.5" not in caught.value.message  # a device is never filled to the brim
    assert "on the GPU" in caught.value.message
    assert "gpt-oss-20b would fit" in caught.value.hint
    with pytest.raises(LoadError) as caught:
        place(LARGE, on(8), Wish())
    assert "gpt-oss-20b" not in caught.value.hint


@pytest.mark.parametrize("wanted", [131_073, 0, -1])
def test_a_context_that_the_model_was_not_trained_for_is_refused(wanted: int) -> None:
    with pytest.raises(LoadError, match="131,072"):
        place(SMALL, on(64), Wish(context=wanted))


def test_everything_goes_to_a_device_that_holds_it() -> None:
    found = place(SMALL, on(16, 24), Wish())
    assert (found.gpu_layers, found.cpu_experts, found.note) == (25, (), "")
    assert found.need.device <= 23 * GB
    # The table of embeddings stays, with what the process needs for itself.
    assert TABLE < found.need.host < 2 * GB


def test_experts_make_room_before_layers_do() -> None:
    found = place(LARGE, on(64, 24), Wish())
    assert found.gpu_layers == 37
    assert 0 < len(found.cpu_experts) < 36
    assert f"{len(found.cpu_experts)} of 36 layers" in found.note
    assert found.context == 131_072
    tiny = place(SMALL, on(32, 3), Wish())
    assert 0 < tiny.gpu_layers < 25
    assert len(tiny.cpu_experts) == 24
    assert f"{tiny.gpu_layers} of 25 layers" in tiny.note


def test_no_more_experts_leave_the_device_than_have_to() -> None:
    found = place(LARGE, on(64, 24), Wish())
    fewer = Wish(cpu_experts=len(found.cpu_experts) - 1, gpu_layers=37)
    assert place(LARGE, on(64, 24), fewer).need.device > 23 * GB


def test_the_user_s_word_decides() -> None:
    def asked(gpu_layers: int | None, cpu_experts: int | None) -> Placement:
        return place(SMALL, on(64, 24), Wish(8192, gpu_layers, cpu_experts))

    assert asked(3, None).gpu_layers == 3
    assert asked(99, None).gpu_layers == 25
    assert asked(0, None).gpu_layers == 0
    assert len(asked(None, 7).cpu_experts) == 7
    assert len(asked(None, 9999).cpu_experts) == 24
    assert asked(5, 0).cpu_experts == ()
    # More than this program thinks will fit: the user may know better.
    assert place(SMALL, on(64, 8), Wish(8192, 25, 0)).gpu_layers == 25


def test_wishes_that_leave_no_room_are_named_as_the_reason() -> None:
    assert place(LARGE, on(40, 40), Wish()).context == 131_072
    with pytest.raises(LoadError) as caught:
        place(LARGE, on(40, 40), Wish(gpu_layers=0))
    assert "--gpu-layers" in caught.value.hint


def test_shared_memory_is_counted_once() -> None:
    assert place(SMALL, on(18, 17, shared=True), Wish()).gpu_layers == 25
    with pytest.raises(LoadError):
        place(SMALL, on(10, 9, shared=True), Wish())


def test_several_devices_are_counted_together_with_a_margin_for_each() -> None:
    alone = place(LARGE, on(96, 48), Wish())
    both = place(LARGE, on(96, 24, 24), Wish())
    assert both.need.device <= 2 * 23 * GB
    assert len(both.cpu_experts) > len(alone.cpu_experts)


def test_what_stays_is_spread_over_the_layers() -> None:
    assert spread(0, 24) == ()
    assert spread(3, 24) == (0, 8, 16)
    assert spread(99, 4) == (0, 1, 2, 3)


@pytest.mark.parametrize("flash", [True, False])
@pytest.mark.parametrize(
    "shape",
    [
        {"width": 256, "heads": 16, "head_dim": 64, "experts_used": 1},
        {"width": 128, "heads": 2, "expert_width": 512, "experts_used": 4},
    ],
)
def test_buffers_are_as_large_as_llama_cpp_makes_them(
    models: Path, shape: dict[str, int], *, flash: bool
) -> None:
    path = shared_model(models, layers=2, **shape)
    header = check_gpt_oss(path).shape
    for context in (512, 8192):
        lines: list[str] = []
        llama = Llama(Flag(), lines.append)
        llama.load(
            str(path),
            context=context,
            threads=1,
            gpu_layers=0,
            progress=lambda _fraction: None,
            flash=flash,
        )
        llama.close()
        log = "".join(lines)
        compute = float(re.search(r"CPU compute buffer size = +([\d.]+)", log)[1]) * 2**20  # type: ignore[index]
        planned = compute_bytes(header, context, flash=flash, batch=BATCH)
        assert compute <= planned <= 1.3 * compute + (17 << 20)
        cells = re.findall(r"CPU KV buffer size = +([\d.]+)", log)
        logged = sum(float(size) * 2**20 for size in cells)  # rounded to 10 KB
        assert header.kv_bytes(context, BATCH) == pytest.approx(logged, abs=11_000)
