"""Conversations to keep: every field of a message in use, and many of them."""

from __future__ import annotations

import random
from datetime import date

from chat_tui.conversation import (
    ANALYSIS,
    COMMENTARY,
    FINAL,
    Closer,
    Conversation,
    Effort,
    Message,
    Role,
    user,
)
from chat_tui.events import Usage
from chat_tui.store.values import Facts, Stored

EVERYTHING = (
    user("Погода в Москве? 你好 half \ud800 and \x00 zero"),
    Message(
        Role.ASSISTANT,
        "They ask for the weather.",
        channel=ANALYSIS,
        tokens=(200005, 35644, 200008, 1, 4_000_000_000),
        effort=Effort.HIGH,
        repairs=("a header was mended",),
        interrupted=True,
        closed_by=Closer.BUDGET,
    ),
    Message(
        Role.ASSISTANT,
        '{"city": "Moscow"}',
        channel=COMMENTARY,
        recipient="functions.get_weather",
        content_type="json",
        tokens=(1,),
    ),
    Message(
        Role.TOOL,
        "-7 °C",
        channel=COMMENTARY,
        recipient="assistant",
        name="functions.get_weather",
    ),
    Message(Role.ASSISTANT, "Minus seven. <b>Cold</b> & clear.", channel=FINAL),
    Message(Role.DEVELOPER, "Be brief."),
    Message(Role.SYSTEM, ""),
    Message(Role.ASSISTANT, "made up", channel="opinion"),
)
USAGE = Usage(100, 60, 40, 10, 20, 0.5, 2.0, 1.5)


def everything() -> Stored:
    """A conversation with branches in which every field says something."""
    tree = Conversation().add(*EVERYTHING)
    tree = tree.at(3).add(Message(Role.ASSISTANT, "Another answer.", channel=FINAL)).at(4)
    facts = tuple(
        Facts(
            1000.5 + number,
            None if number == 1 else 1001.25 + number,
            "gpt-oss-20b" if node.message.role is Role.ASSISTANT else "",
            USAGE if number == 4 else None,
            {"approval": {"decision": "allow", "rule": "é\n"}} if number == 2 else {},
        )
        for number, node in enumerate(tree.nodes)
    )
    return Stored(
        "0123456789ab",
        "The weather",
        True,
        1000.5,
        2000.0,
        date(2026, 1, 31),
        Effort.LOW,
        "gpt-oss-20b",
        True,
        {"library": ["notes"]},
        tree,
        facts,
    )


WORDS = (
    *("river", "mountain", "слово", "городской", "世界", "今天"),
    *("def", "return", "print(x)", "München", "naïve"),
)


def said(seed: int, messages: int, length: int = 40) -> Stored:
    """A conversation of so many messages of about so many words, some of them far longer."""
    random_ = random.Random(seed)
    tree, facts = Conversation(), []
    for number in range(messages):
        words = length * 40 if random_.random() < 0.03 else random_.randint(1, 2 * length)
        text = f"#{seed}.{number} " + " ".join(random_.choices(WORDS, k=words))
        message = (
            Message(Role.ASSISTANT, text, channel=FINAL, tokens=tuple(range(words)))
            if number % 2
            else user(text)
        )
        tree = Conversation((*tree.nodes, *Conversation((), tree.head).add(message).nodes), number)
        facts.append(Facts(1000.0 * seed + number, 1000.0 * seed + number + 0.5, "m"))
    return Stored(
        f"{seed:012x}",
        f"Conversation {seed}",
        created=1000.0 * seed,
        updated=1000.0 * seed + messages,
        started=date(2026, 1, 1),
        conversation=tree,
        facts=tuple(facts),
    )
