"""How fast harmony is: ``uv run python -m tests.harmony.bench``.

Prints microseconds a token for decoding at two lengths, and milliseconds for rendering a
conversation of 100,000 tokens from nothing and with one more message.
"""

from __future__ import annotations

import lzma
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from chat_tui.conversation import FINAL, Message, Prompt, Role, user
from chat_tui.harmony import tokens
from chat_tui.harmony.decoder import Decoder
from chat_tui.harmony.header import HeaderGuard
from chat_tui.harmony.prompt import Renderer
from chat_tui.harmony.vocabulary import RANKS_NAME, Vocabulary

DATA = Path(__file__).parents[1] / "data"
PROSE = "The quick brown fox jumps over 12 lazy dogs; naïve 日本語 too. "


def milliseconds(work: Callable[[], object]) -> float:
    """The best of three."""
    taken = []
    for _ in range(3):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return min(taken) * 1000


def opened() -> Vocabulary:
    """The vocabulary of the tests."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / RANKS_NAME
        path.write_bytes(lzma.decompress((DATA / f"{RANKS_NAME}.xz").read_bytes()))
        began = time.perf_counter()
        vocabulary = Vocabulary.open(path)
        print(f"open the vocabulary: {(time.perf_counter() - began) * 1000:.0f} ms")
    return vocabulary


def decoded(vocabulary: Vocabulary, ids: Sequence[int]) -> None:
    """One generation through the guard and the decoder, as the runner does it."""
    guard, decoder = HeaderGuard(vocabulary, ()), Decoder(())
    for token in ids:
        guard.advance(token)
        decoder.push(vocabulary.piece(token), token)
    if not decoder.stopped:
        raise SystemExit("the completion was not read to its end")


def main() -> None:
    """Measure and print."""
    vocabulary = opened()
    header = [tokens.CHANNEL, *vocabulary.encode(FINAL), tokens.MESSAGE]
    for count in (1_000, 100_000):
        body = (vocabulary.encode(PROSE) * count)[:count]
        ids = [*header, *body, tokens.RETURN]
        each = milliseconds(lambda ids=ids: decoded(vocabulary, ids)) * 1000 / len(ids)  # type: ignore[misc]
        print(f"decode {count:,} tokens: {each:.2f} µs a token")
    text = PROSE * 40
    messages = [
        user(f"{at} {text}") if at % 2 else Message(Role.ASSISTANT, f"{at} {text}", channel=FINAL)
        for at in range(145)
    ]
    prompt = Prompt(tuple(messages))
    size = len(Renderer(vocabulary).render(prompt))
    fresh = milliseconds(lambda: Renderer(vocabulary).render(prompt))
    renderer = Renderer(vocabulary)
    renderer.render(prompt)
    longer = Prompt((*messages, user("And now?")))
    again = milliseconds(lambda: renderer.render(longer))
    print(f"render {size:,} tokens: {fresh:.0f} ms, again with one more message: {again:.1f} ms")
    for run in ("a", "é", " "):
        took = milliseconds(lambda run=run: vocabulary.encode(run * 100_000))  # type: ignore[misc]
        print(f"encode 100,000 times {run!r}: {took:.0f} ms")


if __name__ == "__main__":
    main()
