"""Questions for python: arithmetic, the letters of a word, code that is run as it stands.

Every operand and the code stand in the question. Knows text only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_tui.conversation import ANALYSIS
from chat_tui.demo.called import Plan, held_out_case, word_for
from chat_tui.demo.facts import COPIED
from chat_tui.demo.phrasing import expand, pick, slot, voiced

if TYPE_CHECKING:
    import random

    from chat_tui.demo.turns import Turn

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
        sign = rng.choice("++--***/^^")
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
    word = word_for(rng, held_out, "letters")
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
    return Plan(
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
