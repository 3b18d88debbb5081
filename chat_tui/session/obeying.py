"""What a changed setting means for a conversation that runs.

Knows the chat and names of settings; must not know files or a face.
"""

from __future__ import annotations

from dataclasses import replace

from chat_tui.session.chat import Chat
from chat_tui.settings import Settings


def obey(chat: Chat, name: str, settings: Settings) -> bool:
    """Let ``chat`` go on with the setting ``name`` as it is now; False where it is none of its."""
    if name == "effort":
        chat.effort = settings.effort
    elif name.startswith("reasoning.budget."):
        chat.budgets = settings.budgets
    elif name == "temperature":
        sampling = replace(chat.options.sampling, temperature=settings.temperature)
        chat.options = replace(chat.options, sampling=sampling)
    elif name == "instructions":
        chat.instructions = settings.instructions
    elif name == "tools.mode":
        if chat.tools is not None:
            chat.tools.mode = settings.tool_mode
    else:
        return False
    return True
