"""Questions with one fixed answer: what such a topic is, and the keys and commands it may name.

What stands in ``KEYS`` and ``COMMANDS`` is what the app binds; the help answers take
their keys and commands from there and from nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass

from chat_tui.demo.phrasing import expand

KEYS = {
    "reasoning": "Ctrl+O", "effort": "Ctrl+T", "stop": "Esc", "new": "Ctrl+N", "copy": "Ctrl+Y",
    "find": "Ctrl+F", "regenerate": "Ctrl+R", "answer now": "Ctrl+S", "palette": "Ctrl+P",
    "help": "F1", "conversations": "Ctrl+B", "quit": "Ctrl+D", "tools": "Shift+Tab",
    "editor": "Ctrl+G",
}  # fmt: skip
COMMANDS = {
    "effort": "/effort", "export": "/export", "theme": "/theme", "settings": "/settings",
    "model": "/model", "compare": "/compare", "fork": "/fork", "doctor": "/doctor",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Topic:
    """A fixed answer; ``does`` and ``plan`` complete "The user …" and "I …" in the reasoning."""

    kind: str
    does: str
    plan: str
    answer: str
    asks: tuple[str, ...]


FRAMES = (
    "How do I {}?", "How can I {}?", "I want to {}.", "Which key do I press to {}?",
    "Tell me how to {}.", "What do I press to {}?",
    "Can I {}?", "How to {}?", "Is there a key to {}?", "Please show me how to {}.",
    "What is the key to {}?", "How would I {}?",
    "I would like to {}.", "Help me to {}.", "Is it possible to {}?", "How could I {}?",
    "{}", "Could I {} somehow?",
)  # fmt: skip
"""Ways to ask how something is done; an ask that begins with "*" goes into each of them."""


def topic(kind: str, does: str, plan: str, answer: str, asks: str) -> Topic:
    """A topic from a text of patterns parted by "|"."""
    texts: list[str] = []
    for ask in asks.split("|"):
        for text in expand(ask.strip()):
            texts += [f.format(text[1:]) for f in FRAMES] if text.startswith("*") else [text]
    return Topic(kind, does, plan, answer, tuple(dict.fromkeys(texts)))


def help_topic(about: str, fact: str, answer: str, asks: str) -> Topic:
    """A topic about the app; ``fact`` is what the answer rests on."""
    return topic("help", f"asks about {about} in chat-tui", f"know this: {fact}", answer, asks)
