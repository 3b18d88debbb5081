"""The tools that a training conversation offers, and the many ways they are described.

The model has to see that a tool is there, not to know one text about it by heart: sentences are
left out at random and some words are exchanged for unknown ones. Often enough it reads the very
texts that the app's own tools are offered with. Knows values only.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chat_tui.conversation import FunctionSpec, ToolSpec
from chat_tui.demo.phrasing import UNKNOWN
from chat_tui.tools import apply_patch, browser, python
from chat_tui.tools.library import Library

if TYPE_CHECKING:
    import random

PYTHON, BROWSER, FUNCTIONS, PATCH = "python", "browser", "functions", "apply_patch"

_PYTHON = (
    "Use this tool to execute Python code in your chain of thought.",
    "The code will not be shown to the user.",
    "This tool should be used for internal reasoning, but not for code that is intended to be "
    "visible to the user.",
    "When you send a message containing Python code to python, it will be executed in a stateful "
    "Jupyter notebook environment.",
    "python will respond with the output of the execution or time out after 120.0 seconds.",
    "The files of the user are in the current folder.",
    "There is no internet access.",
)
_BROWSER = (
    "Tool for browsing.",
    "The `cursor` appears in brackets before each browsing display: `[{cursor}]`.",
    "Cite information from the tool using the following format:",
    "`【{cursor}†L{line_start}(-L{line_end})?】`, for example: `【6†L9-L11】` or `【8†L3】`.",
    "Do not quote more than 10 words directly from the tool output.",
    "sources=library (default: library)",
)
_SEARCH = (
    "Searches for information related to `query` and displays `topn` results.",
    "Searches the files of the user.",
)
_OPEN = (
    "Opens the link `id` from the page indicated by `cursor` starting at line number `loc`, "
    "showing `num_lines` lines.",
    "Valid link ids are displayed with the formatting: `【{id}†.*】`.",
    "If `cursor` is not provided, the most recent page is implied.",
    "Use this function without `id` to scroll to a new location of an opened page.",
)
_FIND = ("Finds exact matches of `pattern` in the current page, or the page given by `cursor`.",)
_PATCH = (
    "Edits files with a patch.",
    "Use `apply_patch` to edit files.",
    "*** Begin Patch\n*** Add File: <path>\n+<line>\n*** End Patch",
    "Your patch language is a file-oriented diff format designed to be easy to parse and safe to "
    "apply.",
    "*** Add File: <path> - create a new file. Every following line is a + line.",
    "*** Delete File: <path> - remove an existing file. Nothing follows.",
    "*** Update File: <path> - patch an existing file in place.",
    "You must prefix new lines with `+` even when creating a new file.",
)

NUMBER = {"type": "number"}
TEXT = {"type": "string"}


def _arguments(required: str = "", **properties: object) -> dict[str, object]:
    return {
        "type": "object",
        "properties": properties,
        "required": required.split() or list(properties),
    }


FUNCTION_SPECS: dict[str, FunctionSpec] = {
    one.name: one
    for one in (
        FunctionSpec("get_weather", "Tells the weather of a city.", _arguments(city=TEXT)),
        FunctionSpec("get_time", "Tells the time in a country.", _arguments(country=TEXT)),
        FunctionSpec("get_price", "Tells the price of a thing.", _arguments(item=TEXT)),
        FunctionSpec("get_population", "Counts people.", _arguments(country=TEXT)),
        FunctionSpec(
            "translate", "Translates a word.", _arguments(word=TEXT, language=TEXT)
        ),
        FunctionSpec("set_timer", "Sets a timer.", _arguments(minutes=NUMBER)),
        FunctionSpec("turn_on", "Turns a thing on.", _arguments(device=TEXT)),
        FunctionSpec("add_item", "Writes on the shopping list.", _arguments(item=TEXT)),
        FunctionSpec("play_song", "Plays music.", _arguments(title=TEXT)),
        FunctionSpec("book_table", "Books a table.", _arguments(people=NUMBER, hour=NUMBER)),
    )
}  # fmt: skip


def varied(rng: random.Random, sentences: tuple[str, ...], joint: str = "\n") -> str:
    """Some of the sentences, at times with words nobody knows."""
    kept = [s for s in sentences if rng.random() < 0.7] or [sentences[0]]
    if rng.random() < 0.5:
        share = rng.random()
        kept = [_blurred(rng, one, share) for one in kept]
    return joint.join(kept)


def _blurred(rng: random.Random, text: str, share: float) -> str:
    words = text.split(" ")
    return " ".join(UNKNOWN if rng.random() < share else word for word in words)


EXACT = 0.4
"""How often the tools are described by the texts that the app's own have."""
_OWN_PYTHON = ToolSpec(PYTHON, (), python.DESCRIPTION.format(seconds=python.SECONDS))
_OWN_BROWSER = browser.spec_over({Library.name: Library.about})
(_OWN_PATCH,) = apply_patch.SPEC.functions


def _python(rng: random.Random) -> ToolSpec:
    return ToolSpec(PYTHON, (), varied(rng, _PYTHON, " "))


def _browser(rng: random.Random) -> ToolSpec:
    link = {"type": ["number", "string"], "default": -1}
    functions = (
        FunctionSpec("search", varied(rng, _SEARCH), _arguments("query", query=TEXT, topn=NUMBER)),
        FunctionSpec("open", varied(rng, _OPEN), _arguments("id", id=link, cursor=NUMBER)),
        FunctionSpec("find", varied(rng, _FIND), _arguments("pattern", pattern=TEXT)),
    )
    return ToolSpec(BROWSER, functions[: rng.choice((1, 3, 3))], varied(rng, _BROWSER))


def _functions(rng: random.Random, patch: bool, count: int, exact: bool) -> ToolSpec:
    chosen = [replace(one) for one in rng.sample(list(FUNCTION_SPECS.values()), count)]
    if patch:
        told = FunctionSpec(PATCH, varied(rng, _PATCH), TEXT)
        chosen.append(_OWN_PATCH if exact else told)
    rng.shuffle(chosen)
    return ToolSpec(FUNCTIONS, tuple(chosen))


def offer(rng: random.Random) -> tuple[ToolSpec, ...]:
    """At least one tool, often several."""
    tools: list[ToolSpec] = []
    exact = rng.random() < EXACT
    if rng.random() < 0.6:
        tools.append(_OWN_PYTHON if exact else _python(rng))
    if rng.random() < 0.5:
        tools.append(_OWN_BROWSER if exact else _browser(rng))
    patch, count = rng.random() < 0.5, rng.choice((0, 0, 1, 2, 3))
    if patch or count or not tools:
        tools.append(_functions(rng, patch, count if patch or count else 2, exact))
    return tuple(tools)


def names(tools: tuple[ToolSpec, ...]) -> frozenset[str]:
    """The bare names of what is offered: ``python``, ``browser``, ``get_weather``."""
    found = set()
    for tool in tools:
        found |= (
            {f.name for f in tool.functions} if tool.namespace == FUNCTIONS else {tool.namespace}
        )
    return frozenset(found)
