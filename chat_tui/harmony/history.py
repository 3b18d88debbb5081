"""Which messages the model sees again.

Knows the conversation's values only. Chain of thought is for the turn that thought it: gpt-oss was
trained on histories without it, except inside a loop of tool calls, where it is needed.
"""

from __future__ import annotations

from collections.abc import Iterable

from chat_tui.conversation import ANALYSIS, CHANNELS, Message, Role


def visible(messages: Iterable[Message]) -> tuple[Message, ...]:
    """The messages without reasoning of earlier turns.

    The present turn begins after the last final or with the user's last message, whichever comes
    later: a turn that was interrupted before its final ends there too. Before that every analysis
    message goes, calls of built-in tools on that channel with their results included, and so does
    text on channels that do not exist; preambles, function calls and their results stay. Marks are
    the app's own and never shown.
    """
    messages = tuple(message for message in messages if not message.is_mark)
    ends = [
        at if message.role is Role.USER else at + 1
        for at, message in enumerate(messages)
        if message.role is Role.USER or message.is_final
    ]
    present = ends[-1] if ends else 0
    kept: list[Message] = []
    call: Message | None = None
    dropped = False
    for message in messages[:present]:
        if message.role is Role.TOOL:
            # A result goes where its call went; without a call its own channel decides.
            mine = call is not None and message.name == call.recipient
            if dropped if mine else _is_thought(message):
                continue
        elif message.role is Role.ASSISTANT:
            call = message if message.is_call else None
            dropped = _is_thought(message)
            if dropped:
                continue
        kept.append(message)
    return (*kept, *messages[present:])


def _is_thought(message: Message) -> bool:
    """Whether nobody but the turn that wrote it needs a message of the assistant or a tool."""
    if message.role is Role.TOOL:
        return message.channel == ANALYSIS and not _is_function(message.name)
    if message.recipient is not None:
        return message.channel == ANALYSIS and not _is_function(message.recipient)
    return message.channel == ANALYSIS or message.channel not in CHANNELS


def _is_function(name: str | None) -> bool:
    return name is not None and name.startswith("functions.")
