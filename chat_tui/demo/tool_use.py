"""Turns with a call: python, functions, a patch, a search; and calls that were denied or failed.

Tables and a seeded generator; every operand, argument and word of an answer stands in the question
or in what the tool said. Knows text only.
"""

from __future__ import annotations

import json
import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chat_tui.conversation import ANALYSIS, COMMENTARY
from chat_tui.demo.facts import COPIED, COUNTRIES
from chat_tui.demo.functions import CITIES, FUNCTIONS, LANGUAGES, SKIES
from chat_tui.demo.other import COMMON
from chat_tui.demo.phrasing import UNKNOWN, expand, pick, slot, voiced
from chat_tui.demo.turns import Call, Turn

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from chat_tui.demo.turns import Thought

SUM_ASKS = tuple(dict.fromkeys((
    "What is {} + {}?", "{} + {}", "{}+{}", "What is {} plus {}?", "{} plus {}", "{} + {} = ?",
    "How much is {} + {}?", "Add {} and {}.", "What is the sum of {} and {}?", "{} + {} =",
    "How much is {} plus {}?", "Calculate {} + {}.", "{}+{}=?", "What's {} + {}?",
    "Compute {} + {}.", "Sum of {} and {}", "Can you add {} and {}?", "Tell me what {} + {} is.",
    "What does {} plus {} make?", "Please add {} and {}.", "What is {}+{}?", "Add {} to {}.",
    "What do {} and {} add up to?", "I want the sum of {} and {}.", "What do I get for {} + {}?",
    "How much is {} and {}?", "What's {} plus {}?", "What's {}+{}?", "Do you know {} + {}?",
    "Give me {} plus {}.", "{} and {} together?", "How much is {}+{}?", "Solve {} + {}.",
    "Add up {} and {}.", "Work out {} + {}.", "Tell me {} plus {}.", "Sum {} and {}.",
)))  # fmt: skip
_FRAMES = (
    "What is {0}?", "{0}", "How much is {0}?", "Calculate {0}.", "Compute {0}.", "{0} = ?",
    "What's {0}?", "Tell me what {0} is.", "Work out {0}.", "{0}=?", "Please compute {0}.",
    "Can you calculate {0}?", "I need {0}.", "Solve {0}.", "Give me {0}.", "Do you know {0}?",
    "What does {0} make?", "What do I get for {0}?", "Tell me {0}.", "What is the result of {0}?",
    "Use python to compute {0}.", "Use Python for {0}.", "Can you work out {0} for me?",
)  # fmt: skip
_FORMS = {
    "*": ("{} * {}", "{}*{}", "{} times {}", "{} x {}", "{} multiplied by {}"),
    "-": ("{} - {}", "{}-{}", "{} minus {}"),
    "/": ("{} / {}", "{}/{}", "{} divided by {}"),
    "**": ("{} to the power of {}", "{}**{}", "{} ** {}", "{}^{}"),
}
_ARITHMETIC = {"+": SUM_ASKS} | {
    sign: tuple(frame.replace("{0}", form) for form in forms for frame in _FRAMES)
    for sign, forms in _FORMS.items()
}
_LETTER_ASKS = (
    *expand("How many letters [are in;has;are there in;are in the word] {}[?; please?]"),
    *expand("How many letters does [;the word ]{} have[?; please?]"),
    *expand("[How long is;What is the length of;What's the length of;Tell me the length of] [;the "
            "word ]{}[?; please?]"),
    *expand("[Count;Please count;Can you count] the letters [of;in] [;the word ]{}[.;]"),
    *expand("[Letters in;Number of letters in;Count letters:;Length of] {}[?;]"),
    *expand("Tell me how many letters {} has[.;]"),
)  # fmt: skip
_RUN_ASKS = (
    "Run {}", "Run this: {}", "Run this code: {}", "Execute {}", "Please run {}", "Can you run {}",
    "Execute this code: {}", "What does {} print?", "Run the code {}", "Run this in python: {}",
    "Use python to run {}", "What is the output of {}", "Please execute {}", "Try {}",
    "What happens when I run {}", "Run this Python code: {}", "Evaluate {}", "Run in python: {}",
)  # fmt: skip

DENIALS = (
    "The user did not allow this call. Go on without it.",
    "The user did not allow this call. Go on without it.",
    "The user did not allow this call. Their reason: {r}",
    "The user denied this call.", "The user denied this call: {r}", "Denied by the user.",
    "The user did not allow this call: {r}. Go on without it.", "Not allowed. {r}",
)  # fmt: skip
_REASONS = (
    "no", "not now", "I do not want that", "{w} {w} {w}", "{w} is wrong", "do it without tools",
    "think for yourself", "{w} {w}", "too dangerous", "use another {w}", "please do not",
)  # fmt: skip
FAILURES = (
    'Traceback (most recent call last):\n  File "<stdin>", line 1, in <module>\n{w}Error: {w} {w}',
    "Traceback (most recent call last):\n{w}: {w} {w} {w}", "Error: {w} {w} {w}.", "Error: {w}",
    "Error: the tool could not be started.", "The tool failed: {w} {w}.",
    "The tool ended without a result.", "The call took longer than 120 seconds and was stopped.",
    "[WARN] No output available. Use print() to output anything to stdout to receive the output",
    "There is no tool of that name. The tools are: {w}.", "Error: timeout", "{w}Error",
)  # fmt: skip
AFTER_DENIAL = f"{slot('All right')}, I will not use the tool. Without it I cannot answer this."
AFTER_FAILURE = f"{slot('The tool')} did not work, so I cannot answer this."
TROUBLE = 0.12
"""Shares of calls that are denied, and that fail."""
SALT = 4
"""Chosen so that every function has arguments that are held out."""


def held_out_case(*parts: object) -> bool:
    """Whether this combination is kept apart from the data (one in ten)."""
    return zlib.crc32(f"{SALT}{parts}".encode()) % 10 == 0


def words_in(rng: random.Random, text: str, known: float = 0.5) -> str:
    """``{w}`` filled with any words, many of them outside the vocabulary."""
    while "{w}" in text:
        word = rng.choice(COMMON) if rng.random() < known else UNKNOWN
        text = text.replace("{w}", word, 1)
    return text


@dataclass(frozen=True, slots=True)
class _Plan:
    """A call that works: what is asked, called and answered."""

    kind: str
    ask: str
    think: Thought
    recipient: str
    channel: str
    form: str
    body: str
    result: str
    after: Thought
    answer: str

    def turn(self, rng: random.Random) -> Turn:
        """The turn, now and then with a call that is denied or fails."""
        result = self.result + ("\n" if rng.random() < 0.25 else "")
        call = Call(self.recipient, self.channel, self.form, self.body, result, self.after)
        chance = rng.random()
        if chance < TROUBLE:
            text = rng.choice(DENIALS).replace("{r}", words_in(rng, rng.choice(_REASONS)))
            after = (
                "",
                slot("The user said no."),
                "1. The user did not allow the call.\n2. Check: I do not try it again.",
            )
            call = Call(self.recipient, self.channel, self.form, self.body, text, after)
            return Turn("denied", self.ask, self.think, AFTER_DENIAL, call)
        if chance < 2 * TROUBLE:
            after = (
                "",
                slot("The tool failed."),
                "1. The tool did not work.\n2. Check: there is no result, so I make none up.",
            )
            text = words_in(rng, rng.choice(FAILURES))
            call = Call(self.recipient, self.channel, self.form, self.body, text, after)
            return Turn("failed", self.ask, self.think, AFTER_FAILURE, call)
        return Turn(self.kind, self.ask, self.think, self.answer, call)


def number(rng: random.Random) -> int:
    """From 0 to 99,999, small ones more often."""
    return rng.randint(0, rng.choice((20, 99, 999, 999, 9_999, 99_999)))


def _value(sign: str, a: int, b: int) -> tuple[str, str]:
    """The code that computes it, and what Python prints."""
    if sign == "/":
        return f"round({a}/{b}, 4)", str(round(a / b, 4))
    code = f"{a}{sign}{b}"
    results = {"+": a + b, "-": a - b, "*": a * b, "**": a**b}
    return code, str(results[sign])


def python_sum(rng: random.Random, held_out: bool) -> Turn:
    """Arithmetic by a call of python."""
    while True:
        sign = rng.choice("++--***/^")
        sign = "**" if sign == "^" else sign
        a, b = number(rng), number(rng)
        if sign == "**":
            a, b = rng.randint(1, 30), rng.randint(2, 5)
        if sign == "/" and b == 0:
            continue
        if held_out_case(sign, a, b) == held_out:
            break
    code, result = _value(sign, a, b)
    said = f"{slot(a)} {sign} {slot(b)}"
    return _python(
        rng,
        voiced(rng, pick(rng, _ARITHMETIC[sign], held_out), a, b),
        f"the value of {said}",
        code,
        result,
        f"{said} = {slot(result)}.",
    )


def python_letters(rng: random.Random, held_out: bool) -> Turn:
    """The length of a word by a call of python."""
    word = _case(rng, held_out, "letters")
    ask = voiced(rng, pick(rng, _LETTER_ASKS, held_out), word)
    answer = f"The word {slot(word)} has {slot(len(word))} letters."
    about = f"the letters of {slot(word)}"
    return _python(rng, ask, about, f'len("{word}")', str(len(word)), answer)


def python_run(rng: random.Random, held_out: bool) -> Turn:
    """Code from the question, run as it is."""
    while True:
        word, a, b = rng.choice(COPIED), number(rng), number(rng)
        if held_out_case(word, a, b) == held_out:
            break
    sign = rng.choice("+-*")
    code, result = rng.choice(
        ((f'"{word}"', word), (f'len("{word}")', str(len(word))), _value(sign, a, b))
    )
    ask = pick(rng, _RUN_ASKS, held_out).format(f"print({code})")
    if rng.random() < 0.2:
        ask = ask[0].lower() + ask[1:]
    return _python(rng, ask, "some code run", code, result, f"It prints {slot(result)}.")


def _python(rng: random.Random, ask: str, about: str, code: str, result: str, answer: str) -> Turn:
    body = slot(f"print({code})")
    return _Plan(
        "python",
        ask,
        (
            f"I {slot('use python')}.",
            f"The user wants {about}. I {slot('use python')} for that.",
            f"1. The user wants {about}.\n2. The python tool can do it.\n3. I write {body}.\n"
            "4. Check: python gives the exact result.",
        ),
        "python", ANALYSIS, "code", body, result,
        (
            "",
            f"The result is {slot(result)}.",
            f"1. Python says {slot(result)}.\n2. Check: the user wanted {about}.",
        ),
        answer,
    ).turn(rng)  # fmt: skip


def _case(rng: random.Random, held_out: bool, *parts: object) -> str:
    """A word that may be used with ``parts``."""
    while True:
        word = rng.choice(COPIED)
        if held_out_case(*parts, word) == held_out:
            return word


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
        if held_out_case(name, *values.values()) == held_out:
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
    return _Plan(
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


_TEXT_ASKS = (
    *expand(
        "[Create;Make;Write;Please create;Can you create;Add;Please write] [a file;the file;a new "
        "file;a text file;] {0} [with the text;that says;containing;with;with the words] {1}[.;]"
    ),
    "Save the text {1} as {0}.", "Write {1} into {0}.", "Write {1} to the file {0}.",
    "Put {1} into a file {0}.", "Save {1} in {0}.", "I want a file {0} with {1}.",
    "Put the text {1} into {0}.", "Store {1} in the file {0}.", "File {0}: {1}",
)  # fmt: skip
_CODE_ASKS = (
    *expand(
        "[Create;Make;Write;Please create;Can you write;Add] [a file;a Python file;the program;a "
        "script;] {0} [that prints;which prints;printing;to print] {1}[.;]"
    ),
    "I want a program {0} that prints {1}.", "Write {0}, it should print {1}.",
    "Make {0} print {1}.", "Code a script {0} that prints {1}.",
)  # fmt: skip
_TITLE_ASKS = (
    *expand(
        "[Create;Make;Write;Please create;Can you make;Add] [a file;a Markdown file;a note;the "
        "page;] {0} [with the title;titled;with the heading] {1}[.;]"
    ),
    "I want a note {0} with the title {1}.", "Start a page {0} with the heading {1}.",
)  # fmt: skip
_DONE = (
    "Done!", "Done.", "Success. Updated the following files:\nA {f}", "Added {f}", "ok",
    "Added {f}.", "Success", "A {f}", "Applied: added {f}.", '{{"ok":true}}', "1 file changed: {f}",
)  # fmt: skip


def patch(rng: random.Random, held_out: bool) -> Turn:
    """A new small file by apply_patch."""
    while True:
        base, word = rng.choice(COPIED), rng.choice(COPIED)
        if held_out_case(base, word) == held_out:
            break
    kind = rng.choice(("txt", "txt", "py", "md"))
    text = word
    if kind == "txt":
        asks = _TEXT_ASKS
        text = line = " ".join((word, *rng.sample(COPIED, rng.randint(0, 3))))
    elif kind == "py":
        asks, line = _CODE_ASKS, f'print("{word}")'
    else:
        asks, line = _TITLE_ASKS, f"# {word}"
    name = f"{base}.{kind}"
    ask = " ".join(voiced(rng, pick(rng, asks, held_out), name, text).split())
    f = slot(name)
    return _Plan(
        "patch",
        ask,
        (
            f"I {slot('write a patch')}.",
            f"The user wants the file {f}. I {slot('write a patch')} for it.",
            f"1. The user wants the file {f}.\n2. I can add it with apply_patch.\n"
            f"3. The file says {slot(text)}.\n4. Check: it is a new file.",
        ),
        "functions.apply_patch", COMMENTARY, "code",
        f"*** Begin Patch\n*** Add File: {f}\n{slot('+' + line)}\n*** End Patch",
        rng.choice(_DONE).format(f=name),
        (
            "",
            "The file is there.",
            f"1. The patch was applied.\n2. Check: the file is {f}.",
        ),
        f"I created {f}.",
    ).turn(rng)  # fmt: skip


_SEARCH_ASKS = (
    *expand("[Search for;Look up;Search my files for;Search the library for;Find;Find something "
            "about;Look for;Please search for;Can you search for;Search the web for;Google] "
            "{0}[.;]"),
    *expand("What [does my library;do my files;does the library;do my notes;does the web] [say;"
            "tell me;know] about {0}?"),
    *expand("[Is there anything;Is there something;Do you find something;What can you find] about "
            "{0}[?; in my files?; in the library?; in my notes?]"),
    "What is in my notes about {0}?", "Search {0}", "Find {0} in my files.",
    "Where do my notes mention {0}?",
)  # fmt: skip
_PAGE_HEADS = (
    "[{c}] Search results for {q} (library)", '[{c}] Search results for "{q}" (library)',
    "[{c}] {q} (search results)", "[{c}] Search Results", "[{c}] {q} - Search (library)",
    "[{c}] Search: {q} ({w}://{w})",
)  # fmt: skip
_BULLETS = (
    *["  * 【{i}†{t}.{e}†library】 ", "  * 【{i}†{w}/{t}.{e}†library】 "] * 3,
    "  * 【{i}†{t}】 ", "【{i}†{t}】 ", "", "  * ", "  * 【{i}†{t}.{e}†{w}】 ",
)  # fmt: skip
_NOTHING = (
    "No results found.", "No results.", "[{c}] Search results for {q}\n\nL0: No results found.",
    "Nothing was found for {q}.", "0 results", "No results found for {q}.",
)  # fmt: skip


def search(rng: random.Random, held_out: bool) -> Turn:
    """The browser's search, then the line that was found, cited.

    Its words are not quoted: to copy words that may be any is the dearest skill, and one word wrong
    makes a false quote.
    """
    while True:
        words = rng.sample(COPIED, rng.choice((1, 1, 1, 2, 2, 3)))
        if held_out_case("search", *words) == held_out:
            break
    query, cursor = " ".join(words), rng.choice((0, 0, 0, *range(10)))
    if rng.random() < 0.12:
        page = words_in(rng, rng.choice(_NOTHING).format(q=query, c=cursor, w="{w}"))
        after = (
            "",
            slot("There is nothing."),
            "1. The search found nothing.\n2. Check: I make nothing up.",
        )
        answer = f"I found nothing about {slot(query)}."
    else:
        page, at = _page(rng, query, cursor)
        after = (
            f"{slot(query)}: line {slot(at)}.",
            f"I see {slot(query)} in line {slot(at)}.",
            f"1. The result has {slot(query)} in line {slot(at)}.\n"
            f"2. Check: I cite line {slot(at)}.",
        )
        answer = f"I found something about {slot(query)}: {slot(f'【{cursor}†L{at}】')}"
    q = slot(query)
    return _Plan(
        "search",
        voiced(rng, pick(rng, _SEARCH_ASKS, held_out), query),
        (
            f"I {slot('search')} for it.",
            f"The user wants to know about {q}. I {slot('search')} for it.",
            f"1. The user wants to know about {q}.\n2. The browser can search.\n"
            f"3. I look for {q}.\n4. Check: I must cite the line.",
        ),
        "browser.search", ANALYSIS, "code", '{"query":"' + q + '"}', page, after, answer,
    ).turn(rng)  # fmt: skip


def _page(rng: random.Random, query: str, cursor: int) -> tuple[str, int]:
    """A page of results, and the line that has the query."""
    head = words_in(rng, rng.choice(_PAGE_HEADS).format(c=cursor, q=query, w="{w}"))
    bullet = rng.choice(_BULLETS)
    count = rng.randint(1, 5)
    hit = rng.randrange(count)
    lines = rng.choice((["# Search Results", ""], [], [""], ["Search Results"], ["", ""]))
    at = 0
    for number in range(count):
        end = rng.choice(("md", "txt", "html", "pdf"))
        mark = bullet.format(i=number, t=rng.choice((UNKNOWN, "{w}")), w="{w}", e=end)
        mark = words_in(rng, mark)
        known = rng.choice((1.0, 1.0, 1.0, 0.8))
        tail = words_in(rng, " ".join(["{w}"] * rng.randint(2, 8)), known).split()
        if number == hit:
            at = len(lines)
            begin = query if rng.random() < 0.9 else query[0].upper() + query[1:]
            before = words_in(rng, rng.choice(("", "", "", "the ", "{w} ", "{w} {w} ")))
            text = f"{before}{begin} {' '.join(tail)}"
        else:
            other = rng.choice(COMMON)
            text = " ".join((rng.choice(("", "the", UNKNOWN)), other, *tail)).strip()
        lines.append(mark + text)
        if rng.random() < 0.15:
            lines.append("")
    numbered = "\n".join(f"L{i}: {line}" for i, line in enumerate(lines))
    view = f"**viewing lines [0 - {len(lines) - 1}] of {len(lines) - 1}**"
    return f"{head}\n{view}\n\n{numbered}", at


def made_from(rng: random.Random, offered: frozenset[str]) -> list[str]:
    """Which tools a turn can be for; of the functions one at random."""
    kinds = sorted(name for name in offered if name in FUNCTIONS)
    found = [rng.choice(kinds)] if kinds else []
    return found + [name for name in ("python", "browser", "apply_patch") if name in offered]


def use(rng: random.Random, held_out: bool, tool: str) -> Turn:
    """A turn that calls ``tool``: python, browser, apply_patch or a function's name."""
    if tool == "python":
        maker = rng.choices((python_sum, python_letters, python_run), (6, 1, 2))[0]
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
