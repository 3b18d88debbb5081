"""Which tool a turn is for, and questions for functions and for tools that are not there.

Knows the makers of the tools' turns; nothing of the conversation around them.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from chat_tui.conversation import COMMENTARY
from chat_tui.demo.calculating import python_letters, python_run, python_sum
from chat_tui.demo.called import Plan, held_out_case
from chat_tui.demo.facts import COPIED, COUNTRIES
from chat_tui.demo.functions import CITIES, FUNCTIONS, LANGUAGES, SKIES
from chat_tui.demo.patching import patch
from chat_tui.demo.phrasing import pick, slot, voiced
from chat_tui.demo.searching import search

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from chat_tui.demo.turns import Turn


def _arguments(rng: random.Random) -> dict[str, Callable[[], object]]:
    """Makers of the values that questions and results name."""
    return {
        "city": lambda: rng.choice(CITIES),
        "country": lambda: rng.choice(COUNTRIES),
        "item": lambda: rng.choice(COPIED),
        "word": lambda: rng.choice(COPIED),
        "language": lambda: rng.choice(LANGUAGES),
        "minutes": lambda: rng.randint(1, 199),
        "device": lambda: rng.choice(COPIED),
        "title": lambda: " ".join(rng.sample(COPIED, rng.choice((1, 2, 3)))),
        "people": lambda: rng.randint(1, 20),
        "hour": lambda: rng.randint(1, 24),
    }


def function(rng: random.Random, held_out: bool, name: str) -> Turn:
    """A call of one of FUNCTIONS with the arguments of the question."""
    one = FUNCTIONS[name]
    makers = _arguments(rng)
    wanted = [key for key in makers if f"{{{key}}}" in one.does]
    while True:
        values = {key: makers[key]() for key in wanted}
        # A city in JSON is made of tokens that stand nowhere else: one kept apart could never be
        # written. Of these only the phrasings are held out.
        if "city" in values or held_out_case(name, *values.values()) == held_out:
            break
    said = {
        "n": str(rng.randint(0, 199)), "sky": rng.choice(SKIES), "other": rng.choice(COPIED),
        "h": str(rng.randint(10, 23)), "m": str(rng.randint(10, 59)),
    }  # fmt: skip
    marked = {key: slot(value) for key, value in (values | said).items()}
    ask = pick(rng, one.asks, held_out)
    keys = [part.split("}")[0] for part in ask.split("{")[1:]]
    for place, key in enumerate(keys):
        ask = ask.replace(f"{{{key}}}", f"{{{place}}}", 1)
    about = one.does.format(**marked)
    body = "{" + ",".join(f'"{k}":{slot(json.dumps(v))}' for k, v in values.items()) + "}"
    return Plan(
        "function",
        voiced(rng, ask, *(values[key] for key in keys)),
        (
            f"I call {slot(name)}.",
            f"The user wants {about}. I call {slot(name)} for that.",
            f"1. The user wants {about}.\n2. The function {slot(name)} can do it.\n"
            f"3. I call it with {', '.join(slot(v) for v in values.values())}.\n"
            "4. Check: nothing is missing.",
        ),
        f"functions.{name}", COMMENTARY, "json", body,
        rng.choice(one.results).format(**values | said),
        (
            "",
            "The tool has answered.",
            f"1. The tool has answered.\n2. Check: the user wanted {about}.",
        ),
        one.answer.format(**marked),
    ).turn(rng)  # fmt: skip


def made_from(rng: random.Random, offered: frozenset[str]) -> list[str]:
    """Which tools a turn can be for; of the functions one at random."""
    kinds = sorted(name for name in offered if name in FUNCTIONS)
    found = [rng.choice(kinds)] if kinds else []
    return found + [name for name in ("python", "browser", "apply_patch") if name in offered]


def use(rng: random.Random, held_out: bool, tool: str) -> Turn:
    """A turn that calls ``tool``: python, browser, apply_patch or a function's name."""
    if tool == "python":
        maker = rng.choices((python_sum, python_letters, python_run), (6, 2, 2))[0]
        return maker(rng, held_out)
    if tool == "browser":
        return search(rng, held_out)
    if tool == "apply_patch":
        return patch(rng, held_out)
    return function(rng, held_out, tool)


def missing_tool_ask(rng: random.Random, held_out: bool, offered: frozenset[str]) -> str:
    """A question for a tool that is not there (a sum that needs no tool is none)."""
    tools = ("python", "browser", "apply_patch", *FUNCTIONS)
    absent = [name for name in tools if name not in offered]
    while True:
        ask = use(rng, held_out, rng.choice(absent)).ask
        numbers = [int(found) for found in re.findall(r"\d+", ask)]
        small = len(numbers) == 2 and max(numbers) < 100
        if not (small and re.search(r"\+|plus|add|sum| and ", ask, re.IGNORECASE)):
            return ask
