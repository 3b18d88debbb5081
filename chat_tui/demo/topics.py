"""Questions with one fixed answer: what such a topic is, and the ways to ask for it.

Keys and commands are named by their ids in the app's own table and nowhere spelt out, so that the
model cannot be taught one that the app does not bind.
"""

from __future__ import annotations

from dataclasses import dataclass

from chat_tui.demo.phrasing import expand
from chat_tui.keys import COMMANDS, KEYS


def key(name: str) -> str:
    """A key of the app as people read it: ``Ctrl+O``."""
    return KEYS[name].shown


def command(name: str) -> str:
    """A command of the app as it is typed: ``/theme``."""
    return COMMANDS[name].shown


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
