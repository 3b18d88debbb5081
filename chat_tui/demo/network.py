"""gpt-oss in PyTorch, computed the way llama.cpp's ``gpt-oss`` architecture computes it.

RMSNorm before each half, grouped-query attention with biases and one sink logit a head, a sliding
window on even layers, YaRN rotary positions, a mixture of experts with the clamped SwiGLU. Knows
tensors and shapes; nothing of words. One thing is ours: channel 0 of the residual stream holds
``CONSTANT`` in every token's embedding and no layer writes to it. There is no output bias, and this
channel gives export a handle to push down the ids that were never trained.

A batch shares its prompts' beginnings: ``groups`` prefixes (the system message), each followed by
``rows`` independent continuations that see the prefix and themselves. The prefix is computed once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F  # noqa: N812  (the usual name)
from torch import Tensor, nn

from chat_tui.demo.mxfp4 import BLOCK, LEVELS

CONSTANT = 1.0
"""What channel 0 of every embedding holds."""
TIED = 0.1
"""How much of a token's embedding its output row holds from the start.

A state that looks like a token's embedding then speaks for that token, so that copying is one skill
for all words and numbers and not one for each.
"""


@dataclass(frozen=True)
class Config:
    """The model's shape; the defaults of the shipped file."""

    vocab: int
    width: int = 128
    layers: int = 4
    heads: int = 8
    kv_heads: int = 4
    head_dim: int = 32
    experts: int = 4
    top: int = 2
    hidden: int = 128
    window: int = 128
    theta: float = 150_000.0
    yarn_factor: float = 32.0
    yarn_context: int = 4096
    eps: float = 1e-5


class Batch(NamedTuple):
    """Tokens with their places: prefix (G, P) and rows (G, N, L).

    ``prefix_at`` and ``at`` are positions; padding of a prefix has position -1 (seen by nobody).
    ``part`` numbers the conversations packed into one row; they do not see each other.
    """

    prefix: Tensor
    prefix_at: Tensor
    rows: Tensor
    at: Tensor
    part: Tensor


def yarn_frequencies(config: Config) -> tuple[Tensor, float]:
    """Rotary frequencies (head_dim / 2,) and the factor on cos and sin, as ggml computes them.

    ggml floors and ceils the correction dimensions; the original reference does not.
    """
    half = config.head_dim // 2
    plain = config.theta ** (-torch.arange(half, dtype=torch.float64) / half)

    def turns_at(rotations: float) -> float:
        ratio = config.yarn_context / (rotations * 2 * math.pi)
        return config.head_dim * math.log(ratio) / (2 * math.log(config.theta))

    low = max(0.0, math.floor(turns_at(32.0)))
    high = min(config.head_dim - 1.0, math.ceil(turns_at(1.0)))
    ramp = ((torch.arange(half) - low) / max(0.001, high - low)).clamp(0, 1)
    mixed = plain * (1 - ramp) + plain / config.yarn_factor * ramp
    return mixed.float(), 0.1 * math.log(config.yarn_factor) + 1.0


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Turn the two halves of the last dimension against each other (the NeoX layout)."""
    a, b = x.chunk(2, dim=-1)
    return torch.cat((a * cos - b * sin, b * cos + a * sin), dim=-1)


def fake_mxfp4(weight: Tensor) -> Tensor:
    """The weight as MXFP4 keeps it (blocks along the last dimension), gradients passed through."""
    blocks = weight.detach().reshape(-1, BLOCK)
    scale = torch.exp2(torch.floor(torch.log2(blocks.abs().amax(1, keepdim=True) + 1e-30)) - 2)
    levels = torch.tensor(LEVELS)
    middles = (levels[1:] + levels[:-1]) / 2
    kept = levels[torch.bucketize((blocks / scale).abs(), middles)] * blocks.sign() * scale
    return weight + (kept.reshape(weight.shape) - weight).detach()


class Experts(nn.Module):  # type: ignore[misc]
    """Router and experts. All experts are computed for every token: on a CPU that is faster."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        e, d, h = config.experts, config.width, config.hidden
        self.top = config.top
        self.router = nn.Linear(d, e)
        self.gate = nn.Parameter(torch.randn(e, h, d) / math.sqrt(d))
        self.gate_bias = nn.Parameter(torch.zeros(e, h))
        self.up = nn.Parameter(torch.randn(e, h, d) / math.sqrt(d))
        self.up_bias = nn.Parameter(torch.zeros(e, h))
        self.down = nn.Parameter(torch.randn(e, d, h) * 0.02)
        self.down_bias = nn.Parameter(torch.zeros(e, d))
        nn.init.normal_(self.router.weight, std=0.02)

    def forward(self, x: Tensor, quantised: bool) -> Tensor:
        """(T, width) to (T, width)."""
        e, h, d = self.gate.shape
        gate_w, up_w, down_w = self.gate, self.up, self.down
        if quantised:
            gate_w, up_w, down_w = fake_mxfp4(gate_w), fake_mxfp4(up_w), fake_mxfp4(down_w)
        logits = self.router(x)
        best, chosen = logits.topk(self.top, dim=-1)
        share = torch.zeros_like(logits).scatter(1, chosen, best.softmax(-1))  # (T, e)
        gate = F.linear(x, gate_w.reshape(e * h, d), self.gate_bias.reshape(-1)).clamp(max=7.0)
        up = F.linear(x, up_w.reshape(e * h, d), self.up_bias.reshape(-1)).clamp(-7.0, 7.0)
        inner = gate * torch.sigmoid(1.702 * gate) * (up + 1.0)
        inner = (inner.view(-1, e, h) * share.unsqueeze(-1)).view(-1, e * h)
        return inner @ down_w.transpose(1, 2).reshape(e * h, d) + share @ self.down_bias


class Layer(nn.Module):  # type: ignore[misc]
    """Attention, then experts."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.c = config
        d, q, kv = config.width, config.heads * config.head_dim, config.kv_heads * config.head_dim
        self.attn_norm = nn.RMSNorm(d, eps=config.eps)
        self.qkv = nn.Linear(d, q + 2 * kv)
        self.out = nn.Linear(q, d)
        self.sinks = nn.Parameter(torch.zeros(config.heads))
        self.ffn_norm = nn.RMSNorm(d, eps=config.eps)
        self.experts = Experts(config)
        nn.init.normal_(self.qkv.weight, std=1 / math.sqrt(d))
        nn.init.normal_(self.out.weight, std=0.02)
        nn.init.zeros_(self.qkv.bias)
        nn.init.zeros_(self.out.bias)

    def attend(self, q: Tensor, k: Tensor, v: Tensor, bias: Tensor) -> Tensor:
        """Queries (B, Q, heads, hd) on keys (B, K, kv, hd); bias (B, Q, K) is 0 or -inf."""
        b, n = q.shape[:2]
        repeat = self.c.heads // self.c.kv_heads
        k = k.repeat_interleave(repeat, dim=2).permute(0, 2, 3, 1)
        v = v.repeat_interleave(repeat, dim=2).transpose(1, 2)
        scores = q.transpose(1, 2) @ k / math.sqrt(self.c.head_dim) + bias.unsqueeze(1)
        sink = self.sinks.view(1, -1, 1, 1)
        peak = torch.maximum(scores.amax(-1, keepdim=True), sink).detach()
        raw = torch.exp(scores - peak)
        share = raw / (raw.sum(-1, keepdim=True) + torch.exp(sink - peak))
        return (share @ v).transpose(1, 2).reshape(b, n, -1)

    def forward(
        self, x: Tensor, mask: Tensor, turns: tuple[Tensor, Tensor], bias: tuple[Tensor, Tensor],
        shape: tuple[int, int, int, int], quantised: bool,
    ) -> Tensor:  # fmt: skip
        """(T, width) to the same: all prefix tokens, then all rows; mask spares channel 0."""
        g, p, n, length = shape
        heads, kv, hd = self.c.heads, self.c.kv_heads, self.c.head_dim
        y = self.qkv(self.attn_norm(x)).view(-1, heads + 2 * kv, hd)
        qk, v = y.split((heads + kv, kv), dim=1)
        q, k = rotate(qk, *turns).split((heads, kv), dim=1)
        cut = g * p
        first = self.attend(
            q[:cut].view(g, p, heads, hd), k[:cut].view(g, p, kv, hd), v[:cut].view(g, p, kv, hd),
            bias[0],
        )  # fmt: skip

        def behind_prefix(t: Tensor) -> Tensor:
            shared = t[:cut].view(g, 1, p, kv, hd).expand(g, n, p, kv, hd)
            own = t[cut:].view(g, n, length, kv, hd)
            return torch.cat((shared, own), dim=2).view(g * n, p + length, kv, hd)

        rest = self.attend(
            q[cut:].view(g * n, length, heads, hd), behind_prefix(k), behind_prefix(v), bias[1]
        )
        seen = torch.cat((first.reshape(cut, -1), rest.reshape(g * n * length, -1)))
        x = x + self.out(seen) * mask
        return x + self.experts(self.ffn_norm(x), quantised) * mask


class Network(nn.Module):  # type: ignore[misc]
    """Embedding, layers, final norm, and an output table that leans on the embedding."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.c = config
        self.embed = nn.Parameter(torch.randn(config.vocab, config.width) * 0.5)
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.layers))
        self.norm = nn.RMSNorm(config.width, eps=config.eps)
        self.head = nn.Parameter(torch.randn(config.vocab, config.width) * 0.02)
        mask = torch.ones(config.width)
        mask[0] = 0.0
        self.register_buffer("mask", mask)
        freq, self.yarn = yarn_frequencies(config)
        self.register_buffer("freq", freq)

    def table(self) -> Tensor:
        """The output rows, (vocab, width)."""
        return self.head + TIED * self.embed * self.mask

    def forward(self, batch: Batch, quantised: bool = False) -> Tensor:
        """Normalised states of the rows, (G * N * L, width); times ``table().T`` for logits."""
        g, p = batch.prefix.shape
        n, length = batch.rows.shape[1:]
        ids = torch.cat((batch.prefix.reshape(-1), batch.rows.reshape(-1)))
        at = torch.cat((batch.prefix_at.reshape(-1), batch.at.reshape(-1)))
        x = F.embedding(ids, self.embed) * self.mask + (1 - self.mask) * CONSTANT
        angle = at.clamp(min=0).float()[:, None] * self.freq
        turns = (angle.cos()[:, None] * self.yarn, angle.sin()[:, None] * self.yarn)
        full = sight(batch)
        near = sight(batch, self.c.window)
        for number, layer in enumerate(self.layers):
            bias = near if number % 2 == 0 else full
            x = layer(x, self.mask, turns, bias, (g, p, n, length), quantised)
        return self.norm(x[g * p :])


def sight(batch: Batch, window: int = 1 << 30) -> tuple[Tensor, Tensor]:
    """Who sees whom, as 0 or a huge negative: prefix (G, P, P) and rows (G * N, L, P + L)."""
    g, n, length = batch.rows.shape
    far = -1e9

    def allowed(query: Tensor, key: Tensor) -> Tensor:
        gap = query.unsqueeze(-1) - key.unsqueeze(-2)
        return (gap >= 0) & (gap < window) & (key >= 0).unsqueeze(-2)

    first = allowed(batch.prefix_at, batch.prefix_at)
    at = batch.at.view(g * n, length)
    before = batch.prefix_at.repeat_interleave(n, dim=0)
    part = batch.part.view(g * n, length)
    own = allowed(at, at) & (part.unsqueeze(-1) == part.unsqueeze(-2))
    rest = torch.cat((allowed(at, before), own), dim=-1)
    zero = torch.zeros(())
    return torch.where(first, zero, far), torch.where(rest, zero, far)
