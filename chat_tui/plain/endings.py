"""What to say of a turn that ran out of room.

Knows why turns end; must not know streams or what else a face can do.
"""

from __future__ import annotations

from chat_tui.errors import ChatError
from chat_tui.events import ModelInfo, TurnEnded


def ran_out(event: TurnEnded, model: ModelInfo | None, *, answered: bool) -> ChatError:
    """What happened, and what to do about it; what came until then is kept."""
    if model is None or not model.is_filled_by(event.usage):
        what = "The limit of tokens was reached"
        room = "A larger --max-tokens"
    else:
        what = f"The context of {model.context:,} tokens is full"
        room = "A new conversation"
        if model.context < model.trained_context:
            room += f" or a larger --context (up to {model.trained_context:,})"
    if answered:
        return ChatError(f"{what}: the answer was cut.", f"{room} makes room.")
    return ChatError(
        f"{what} while the model was still reasoning: there is no answer.",
        f"{room} makes room; --effort low takes less of it.",
    )
