"""How much memory the model's process takes while a conversation grows.

``python -m tests.engine.memory [MODEL] [--context N]`` holds ten turns, every third at another
effort (so that states of the cache are put aside and come back), and prints after each the
process's resident memory beside what it may have: model, KV cache and 150 MB (MB are 10^6 bytes).
Linux only: it reads /proc.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from chat_tui.bench.script import prose
from chat_tui.conversation import Effort, Message, Prompt, user
from chat_tui.demo.embedded import embedded_model
from chat_tui.engine.client import ChildEngine
from chat_tui.engine.protocol import Cancel, GenerateOptions, LoadOptions
from chat_tui.events import GenerationEnded, MessageCompleted
from chat_tui.models.gpt_oss import check_gpt_oss

MARGIN = 150_000_000


def resident(pid: int) -> int:
    """Bytes of a process's memory that are in use now."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    (line,) = [line for line in lines if line.startswith("VmRSS:")]
    return int(line.split()[1]) * 1024


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("model", type=Path, nargs="?")
    parser.add_argument("--context", type=int, default=16_384)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = args.model or embedded_model(Path(folder))
        model = check_gpt_oss(path)
        bound = model.size + model.shape.kv_bytes(args.context) + MARGIN
        engine = ChildEngine(
            LoadOptions(path, context=args.context),
            log=Path(folder) / "log",
            cache=Path(folder),
        )
        list(engine.load())
        messages: list[Message] = []
        for turn in range(10):
            effort = Effort.HIGH if turn % 3 == 2 else Effort.LOW
            messages.append(user(prose(turn, 300)))
            prompt = Prompt(tuple(messages), effort=effort)
            for event in engine.generate(prompt, GenerateOptions(max_tokens=30), Cancel()):
                if isinstance(event, MessageCompleted):
                    messages.append(event.message)
                elif isinstance(event, GenerationEnded):
                    used, read = event.usage.context_tokens, event.usage.evaluated_tokens
            if engine.pid is None:
                raise SystemExit("The model's process is gone.")
            taken = resident(engine.pid)
            print(
                f"turn {turn + 1:2} {effort:6} {used:6,} tokens, {read:5,} of them read:"
                f" {taken / 1e6:,.0f} of {bound / 1e6:,.0f} MB"
            )
        engine.close()


if __name__ == "__main__":
    main()
