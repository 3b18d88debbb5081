"""Conversations for the demo model, made from tables by a seeded random generator.

An answer follows from its question alone, word for word: all variety is in the questions. So the
little capacity there is goes into reading them, and a held-out answer is right or wrong, nothing
between. Knows text only: no tokens, no tensors.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chat_tui.demo import other, tool_use
from chat_tui.demo.app_help import HELP
from chat_tui.demo.calculating import SUM_ASKS
from chat_tui.demo.called import words_in
from chat_tui.demo.facts import CAPITALS
from chat_tui.demo.forms import REPEAT_ASKS, SAMPLES, count_words, list_words, listed, repeat
from chat_tui.demo.functions import FUNCTIONS
from chat_tui.demo.offers import names, offer
from chat_tui.demo.phrasing import UNKNOWN, expand, pick, slot, voiced
from chat_tui.demo.probes import KEPT_APART, plain
from chat_tui.demo.small_talk import TALK
from chat_tui.demo.topics import command
from chat_tui.demo.turns import EFFORTS, Talk, Turn

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from chat_tui.conversation import ToolSpec
    from chat_tui.demo.topics import Topic

__all__ = ["EFFORTS", "MAKERS", "TOOL_KINDS", "Talk", "Turn", "make_talk", "make_turn"]

CAPITAL_ASKS = tuple(dict.fromkeys((
    "What is the capital of {}?", "What's the capital of {}?", "Capital of {}?",
    "Tell me the capital of {}.", "Name the capital of {}.",
    "Do you know what the capital of {} is?", "Which city is the capital of {}?",
    "What city is the capital of {}?", "Can you tell me the capital of {}?",
    "Do you know the capital of {}?", "{}: what is its capital?", "Give me the capital city of {}.",
    "What is the capital city of {}?", "Which is the capital of {}?", "the capital of {}",
    "I need the capital of {}.", "Could you name the capital of {}?", "What is {}'s capital?",
    "I want to know the capital of {}.", "Please name the capital of {}.",
    "What is the name of the capital of {}?", "Say the capital of {}.", "{} capital",
    "How is the capital of {} called?", "Which town is the capital of {}?",
    "Where is the capital of {}?", "What is {}'s capital city?", "Remind me of the capital of {}.",
    "I forgot the capital of {}.", "Which capital does {} have?",
    "Tell me what the capital of {} is.", "And the capital of {}?", "What capital does {} have?",
    "Find the capital of {}.", "capital {}", "What would be the capital of {}?",
    *expand("[I forgot;I want to know;Tell me;Do you know;Can you say;I wonder;I need to know;"
            "Could you tell me] [what;which city] the capital of {} is"),
    *expand("{}'s capital[; city; please;?]"),
    *expand("[The;What;So the] capital of {}[ is;?; is ...]"),
    *expand("[What;Which city;Which town] is [the;] [capital;capital city] of {}[?; called?;]"),
    *expand("[Name;Give me;Find;Show me] {}'s capital[; city]"),
    *expand("[what is ;tell me ;do you know ;and ;what's ;name ;]{}'s [capital;capital city][?;; "
            "please?; called?]"),
    *expand("[which;what] [city;town] [is;would be;do they call] [the ;]capital [of;in;for] {}"
            "[?;]"),
    *expand("{} [has which capital?;- what is the capital?;, its capital?;'s main city?]"),
)))  # fmt: skip
CAPITAL_AGAIN = (
    "And {}?", "What about {}?", "And of {}?", "And for {}?", "How about {}?", "Now {}.",
    "{}?", "And that of {}?", "And what about {}?", "Same for {}.", "The one of {}?", "Then {}?",
)  # fmt: skip
CAPITAL_CHECKS = (
    "Is {1} the capital of {0}?", "The capital of {0} is {1}, right?", "Is the capital of {0} {1}?",
    "Is {1} {0}'s capital?", "Is it true that {1} is the capital of {0}?",
    "Is {1} the capital city of {0}?",
)  # fmt: skip


def _topic(rng: random.Random, topic: Topic, held_out: bool) -> Turn:
    ask = pick(rng, topic.asks, held_out)
    if ask.isascii():
        ask = voiced(rng, ask)
    elif rng.random() < 0.3:
        ask = ask.rstrip("!?！？。") + rng.choice(("", "!", "."))
    does, plan = slot(topic.does), slot(topic.plan)
    return Turn(
        topic.kind,
        ask,
        (
            f"The user {does}.",
            f"The user {does}. I {plan}. The answer is short.",
            f"1. The user {does}.\n2. No tool is needed.\n3. I {plan}.\n"
            "4. The answer should be short and friendly.\n"
            f"5. Check: the user {does}, and my answer fits.",
        ),
        topic.answer,
    )


def greeting(rng: random.Random, held_out: bool) -> Turn:
    """A greeting in one of six languages, English as often as all others."""
    topics = [t for t in TALK if t.kind == "greeting"]
    chosen = topics[0] if rng.random() < 0.5 else rng.choice(topics[1:])
    return _topic(rng, chosen, held_out)


def small_talk(rng: random.Random, held_out: bool) -> Turn:
    """Thanks, goodbye, how are you."""
    return _topic(rng, rng.choice([t for t in TALK if t.kind == "small talk"]), held_out)


def who(rng: random.Random, held_out: bool) -> Turn:
    """Who the model is."""
    return _topic(rng, rng.choice([t for t in TALK if t.kind == "who"]), held_out)


def help_(rng: random.Random, held_out: bool) -> Turn:
    """Help about the app."""
    return _topic(rng, rng.choice(HELP), held_out)


def capital(rng: random.Random, held_out: bool) -> Turn:
    """A country's capital."""
    return _capital(rng, CAPITAL_ASKS if rng.random() < 0.9 else CAPITAL_CHECKS, held_out)


def _capital(rng: random.Random, asks: tuple[str, ...], held_out: bool) -> Turn:
    country = rng.choice(list(CAPITALS))
    c, city = slot(country), slot(CAPITALS[country])
    named = CAPITALS[country if rng.random() < 0.5 else rng.choice(list(CAPITALS))]
    return Turn(
        "capital",
        voiced(rng, pick(rng, asks, held_out), country, named),
        (
            f"Capital of {c}: {city}.",
            f"The user asks for the capital of {c}. I know this one: it is {city}.",
            f"1. The user asks for a capital city.\n2. The country is {c}.\n"
            f"3. The capital of {c} is {city}.\n"
            f"4. Check: {city} is a city in {c}, so the answer is {city}.",
        ),
        f"The capital of {c} is {city}.",
    )


def held_out_pair(a: int, b: int) -> bool:
    """Whether this sum is kept apart from the data (one in ten)."""
    return (a * 100 + b) * 2654435761 % 4294967296 % 10 == 0


def sum_(rng: random.Random, held_out: bool) -> Turn:
    """An addition of numbers up to 99, tens and ones apart."""
    while True:
        top = rng.choice((9, 20, 99, 99))
        a, b = rng.randint(0, top), rng.randint(0, rng.choice((9, top)))
        if rng.random() < 0.5:
            a, b = b, a
        if held_out_pair(a, b) == held_out:
            break
    tens = f"{slot(a // 10 * 10)}+{slot(b // 10 * 10)}={slot(a // 10 * 10 + b // 10 * 10)}"
    ones = f"{slot(a % 10)}+{slot(b % 10)}={slot(a % 10 + b % 10)}"
    whole = f"{slot(a // 10 * 10 + b // 10 * 10)}+{slot(a % 10 + b % 10)}={slot(a + b)}"
    return Turn(
        "sum",
        voiced(rng, pick(rng, SUM_ASKS, held_out), a, b),
        (
            f"{tens}, {ones}, {whole}.",
            f"The user wants {slot(a)}+{slot(b)}. Tens: {tens}. Ones: {ones}. Together: {whole}.",
            f"1. The user wants {slot(a)}+{slot(b)}.\n2. Tens: {tens}.\n3. Ones: {ones}.\n"
            f"4. Together: {whole}.\n5. Check: {slot(b)}+{slot(a)}={slot(a + b)}, the same. "
            f"The answer is {slot(a + b)}.",
        ),
        f"{slot(a)} + {slot(b)} = {slot(a + b)}.",
    )


def markdown(rng: random.Random, held_out: bool) -> Turn:
    """A table or list of something, code, a quote."""
    if rng.random() < 0.6:
        return listed(rng, held_out)
    return _topic(rng, rng.choice(SAMPLES), held_out)


def words(rng: random.Random, held_out: bool) -> Turn:
    """Words to count or to list."""
    return (count_words if rng.random() < 0.6 else list_words)(rng, held_out)


CANNOT = (
    "I am only a tiny demo model and cannot answer that. "
    f"For real answers use gpt-oss-20b: type {command('model')} to see how."
)
_TOOL_WORDS = re.compile(
    r"\d|\{[nm]\}|weather|time|search|find|price|cost|translate|timer|play|file|book|people|run"
    r"|population|remind|alarm|buy|order|table|say|open|delete|look|google|mean|list|call",
    re.IGNORECASE,
)
"""What a question says that some tool may be for: not asked where tools are."""
_PLAIN_ASKS = tuple(ask for ask in other.ASKS if not _TOOL_WORDS.search(ask))


def anything_else(
    rng: random.Random, held_out: bool, offered: frozenset[str] = frozenset()
) -> Turn:
    """A question without an answer here."""
    if rng.random() < 0.25:
        ask = tool_use.missing_tool_ask(rng, held_out, offered)
    else:
        asks = _PLAIN_ASKS if offered else other.ASKS + REPEAT_ASKS[:5]
        ask = voiced(rng, _filled(rng, pick(rng, asks, held_out)))
    reason = slot("asks for something that I cannot do")
    return Turn(
        "other",
        ask,
        (
            f"The user {reason}.",
            f"The user {reason}. I say so and name the real model.",
            f"1. The user {reason}.\n2. I am only a small demo.\n3. I say so plainly.\n"
            "4. The real model can help, so I name it.\n5. Check: nothing is made up.",
        ),
        CANNOT,
    )


def _filled(rng: random.Random, ask: str) -> str:
    """A question with words, countries and numbers in its places."""
    ask = ask.replace("{}", UNKNOWN)
    if "{long}" in ask:
        ask = ask.replace("{long}", " ".join(["{w}"] * rng.choice((5, 8, 12, 20, 40))))
    ask = words_in(rng, ask, 0.6)
    while "{c}" in ask:
        ask = ask.replace("{c}", rng.choice(list(CAPITALS)), 1)
    ask = ask.replace("{city}", rng.choice(list(CAPITALS.values())))
    while "{n}" in ask:
        ask = ask.replace("{n}", str(rng.randint(0, 99)), 1)
    while "{m}" in ask:
        large = rng.choice((rng.randint(100, 9999), rng.randint(100, 999)))
        ask = ask.replace("{m}", str(large), 1)
    return ask


MAKERS: dict[str, tuple[float, Callable[[random.Random, bool], Turn]]] = {
    "greeting": (0.8, greeting),
    "small talk": (0.8, small_talk),
    "who": (1.0, who),
    "help": (2.2, help_),
    "sum": (2.2, sum_),
    "capital": (2.0, capital),
    "repeat": (1.2, repeat),
    "words": (1.4, words),
    "markdown": (1.6, markdown),
    "other": (4.0, anything_else),
}
"""Kind to its share of the data and its maker; all of these need no tool."""
TOOL_KINDS = {"python": "python", "search": "browser", "patch": "apply_patch", "function": ""}
"""Kinds that call something, and what has to be offered for them (a function: any of its own)."""
TOOL_SHARE = 0.6
"""How often a turn is for a tool where there are tools."""
HARDER = {"search": 3.0, "python": 2.0, "function": 1.5}
"""Kinds that need more practice: to find a line, to copy two numbers, to tell functions apart."""

INSTRUCTIONS = (
    "Be brief.", "Answer politely.", "You are a helpful assistant.", "Always be friendly.",
    "Answer in English.", "You are a □ □.", "Use simple words.", "□ □ □ □.", "Be nice.",
    "The user is a □.", "Answer like a teacher.", "Do not use □.", "Help the user with □ and □.",
)  # fmt: skip


def make_turn(
    rng: random.Random,
    held_out: bool = False,
    kinds: tuple[str, ...] = (),
    offered: frozenset[str] = frozenset(),
) -> Turn:
    """One turn of a kind chosen by share; never a question kept for probing.

    ``kinds`` are of MAKERS or TOOL_KINDS. With tools ``offered`` most turns are for one of them.
    """
    while True:
        turn = _turn(rng, held_out, kinds, offered)
        if plain(turn.ask) not in KEPT_APART:
            return turn


def _turn(
    rng: random.Random, held_out: bool, kinds: tuple[str, ...], offered: frozenset[str]
) -> Turn:
    tools = [
        tool for tool in tool_use.made_from(rng, offered) if not kinds or _kind_of(tool) in kinds
    ]
    plain_kinds = [k for k in kinds or MAKERS if k in MAKERS]
    if "python" in offered and "sum" in plain_kinds:
        plain_kinds.remove("sum")
    if tools and (not plain_kinds or rng.random() < TOOL_SHARE):
        shares = [HARDER.get(_kind_of(tool), 1.0) for tool in tools]
        return tool_use.use(rng, held_out, rng.choices(tools, shares)[0])
    kind = rng.choices(plain_kinds, [MAKERS[name][0] for name in plain_kinds])[0]
    if kind == "other":
        return anything_else(rng, held_out, offered)
    return MAKERS[kind][1](rng, held_out)


def _kind_of(tool: str) -> str:
    return next((kind for kind, needed in TOOL_KINDS.items() if needed == tool), "function")


def make_talk(
    rng: random.Random, effort: str, like: Talk | None = None, held_out: bool = False,
    kinds: tuple[str, ...] = (), last: tuple[str, ...] = (), with_tools: bool = False,
) -> Talk:  # fmt: skip
    """A conversation; ``like`` lends its effort, date, instructions and tools, ``last`` ends it."""
    if like:
        effort, date, rules, tools = like.effort, like.date, like.instructions, like.tools
    else:
        date = f"{rng.randint(2025, 2032)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
        rules = rng.choice(INSTRUCTIONS) if rng.random() < 0.2 else ""
        tools = _offer(rng, last) if with_tools else ()
    offered = names(tools)
    before = rng.choices((0, 1, 2, 3, 4), (0.55, 0.2, 0.13, 0.07, 0.05))[0]
    turns = [make_turn(rng, held_out, kinds, offered) for _ in range(before)]
    final = make_turn(rng, held_out, last or kinds, offered)
    if turns and turns[-1].kind == "capital" and rng.random() < 0.5 and not last:
        final = _capital(rng, CAPITAL_AGAIN, held_out)
    return Talk(effort, date, rules, (*turns, final), tools)


def _offer(rng: random.Random, last: tuple[str, ...]) -> tuple[ToolSpec, ...]:
    """Tools among which those are that the kinds ``last`` need."""
    while True:
        tools = offer(rng)
        offered = names(tools)
        needed = {TOOL_KINDS[kind] for kind in last if kind in TOOL_KINDS}
        has_function = bool(offered & set(FUNCTIONS))
        if all(name in offered if name else has_function for name in needed):
            return tools
