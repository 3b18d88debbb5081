"""Turns about the form of an answer: Markdown on request, and words repeated, listed, counted.

Tables and a seeded generator. Knows text only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_tui.demo.facts import WORDS
from chat_tui.demo.phrasing import expand, pick, slot, voiced
from chat_tui.demo.topics import Topic, topic
from chat_tui.demo.turns import Turn

if TYPE_CHECKING:
    import random

REPEAT_ASKS = (
    "Repeat the word {}.", "Say {}.", "Repeat after me: {}", "Say the word {}.", "Repeat: {}",
    "Please repeat the word {}.", "Can you say {}?", "Repeat {}.", "Write the word {}.",
    "Can you repeat the word {}?", "Say this word: {}", "Just say {}.", "Please say {}.",
    "Could you say {}?", "Repeat this word: {}", "Say only {}.", "I want you to say {}.",
    "Say the following word: {}", "Answer with the word {}.", "Echo {}", "Tell me the word {}.",
    "Say it with me: {}", "Please repeat: {}", "Can you say the word {}?",
)  # fmt: skip
REPEAT_MORE_ASKS = (
    "Repeat the words {}.", "Say {}.", "Repeat after me: {}", "Say the words {}.", "Repeat: {}",
    "Please repeat {}.", "Can you say {}?", "Repeat {}.", "Write the words {}.", "Please say: {}",
    "Say these words: {}", "Just say {}.", "Repeat these words: {}", "Say: {}", "Echo: {}",
    "Answer with {}.", "Repeat the following words: {}", "I want you to say {}.",
)  # fmt: skip
COUNT_ASKS = tuple(dict.fromkeys((
    "Count the words: {}", "How many words are in: {}", "How many words are there: {}",
    "Count these words: {}", "How many words is this: {}", "Count: {}", "Count words: {}",
    "Please count the words {}.", "How many words: {}", "Count the words in: {}",
    "Can you count these words: {}", "Tell me how many words these are: {}",
    "What is the number of words in: {}", "Count the following words: {}", "Number of words: {}",
    "How many words are {}?", "Count the words {}.", "Word count of: {}",
    *expand("[Count;Please count;Can you count;Count up;Could you count;Now count] [the words;"
            "these words;the following words;words;all words] [in ;of ;in the list ;]{}[?;.;]"),
    *expand("[Count;Please count;Can you count;Count up;Let us count][:; this:; these:; for me:] "
            "{}"),
    *expand("How many [words;of them;different words] [are there in;are in;are;do you see in;"
            "can you count in;has;are there:] {}?"),
    *expand("[What is;Tell me;Give me;Say;I need;I want] the [number of words;word count;count of "
            "words] [in;of;for] {}[.;]"),
    *expand("[Word count;Number of words;Words;Count of words][:; of; in; for;, please:] {}[?;]"),
)))  # fmt: skip
LIST_ASKS = tuple(dict.fromkeys((
    "List these words: {}", "Make a list of {}.", "Make a list: {}", "List {}.", "List: {}",
    "Please list {}.", "Write a list of {}.", "Make a bullet list of {}.", "Bullet list: {}",
    "Can you list {}?", "List the words {}.", "Turn this into a list: {}", "As a list: {}",
    "Write these words as a list: {}", "Give me a list of these words: {}", "Make bullets: {}",
    "Put {} into a list.", "Show {} as a list.",
    *expand("[Make;Write;Give me;Show me;Please make;Can you make;Create;I want] a [list;"
            "bullet list;bulleted list] [of;from;with;out of] {}[.;]"),
    *expand("[Show;Write;Print;Put;Give me;Please show;Can you write] {} [as a list;as bullets;"
            "as a bullet list;in a list;one per line;as bullet points][.;]"),
    *expand("[List;Please list;Can you list;List up;Now list] [the words ;these words: ;these: ;"
            "all of these: ;]{}[.;]"),
    *expand("[A list;Bullets;A bullet list;Bullet points;The list][:; of; from; with] {}[.;]"),
)))  # fmt: skip


NUMBERS = 0.35
"""How often what is to be repeated are numbers: each is a token that has to be learned."""


def repeat(rng: random.Random, held_out: bool) -> Turn:
    """One to five words or numbers to say again."""
    count = rng.choice((1, 1, 1, 2, 3, 4, 5))
    words = rng.sample(WORDS, count)
    if rng.random() < NUMBERS:
        words = [str(rng.randint(0, 999)) for _ in words]
    text, asks = " ".join(words), REPEAT_ASKS if count == 1 else REPEAT_MORE_ASKS
    w, a = slot(f" {text}"), "a word" if count == 1 else "some words"
    it = "The word is" if count == 1 else "The words are"
    return Turn(
        "repeat",
        voiced(rng, pick(rng, asks, held_out), text),
        (
            f"I repeat{w}.",
            f"The user wants me to repeat {slot(a)}. {slot(it)}{w}, so I write{w}.",
            f"1. The user wants {slot(a)} repeated.\n2. {slot(it)}{w}.\n3. I write{w} once, "
            f"and nothing else.\n4. Check: {slot(it)}{w}.",
        ),
        f"Okay:{w}.",
    )


def _words(rng: random.Random, count: int) -> tuple[list[str], str]:
    words = rng.sample(WORDS, count)
    if rng.random() < 0.4:
        return words, " ".join(words)
    if count == 1 or rng.random() < 0.5:
        return words, ", ".join(words)
    return words, ", ".join(words[:-1]) + " and " + words[-1]


def count_words(rng: random.Random, held_out: bool) -> Turn:
    """The number of words in a list, counted off one by one."""
    count = rng.randint(1, 7)
    words, text = _words(rng, count)
    counted = ", ".join(slot(f"{i + 1} {word}") for i, word in enumerate(words))
    n = slot(count)
    return Turn(
        "words",
        voiced(rng, pick(rng, COUNT_ASKS, held_out), text),
        (
            f"{counted}.",
            f"The user wants words counted. I count: {counted}. So the number is {n}.",
            f"1. The user wants words counted.\n2. I count: {counted}.\n3. The number is {n}.\n"
            f"4. The first word is {slot(words[0])}, the last is {slot(words[-1])}.\n"
            f"5. Check: {counted}, so it is {n}.",
        ),
        f"There {slot('is' if count == 1 else 'are')} {n} {slot('word' if count == 1 else 'words')}"
        ".",
    )


def list_words(rng: random.Random, held_out: bool) -> Turn:
    """The given words as bullets."""
    words, text = _words(rng, rng.randint(2, 5))
    bullets = "\n".join(f"-{slot(f' {word}')}" for word in words)
    said = ", ".join(slot(word) for word in words)
    return Turn(
        "words",
        voiced(rng, pick(rng, LIST_ASKS, held_out), text),
        (
            "I write a list.",
            f"The user wants a list of words. The words are {said}.",
            f"1. The user wants a list of words.\n2. The words are {said}.\n"
            f"3. Each word gets a line of its own.\n4. Check: the first is {slot(words[0])}, "
            f"the last is {slot(words[-1])}.",
        ),
        bullets,
    )


LISTS: dict[str, tuple[str, str, tuple[tuple[str, str], ...]]] = {
    "fruits": ("fruit", "color", (("apple", "red"), ("banana", "yellow"), ("lemon", "green"))),
    "animals": ("animal", "legs", (("dog", "4"), ("bird", "2"), ("spider", "8"))),
    "colors": ("color", "example", (("red", "rose"), ("green", "grass"), ("blue", "sky"))),
    "drinks": ("drink", "served", (("coffee", "hot"), ("tea", "warm"), ("milk", "cold"))),
    "seasons": ("season", "weather", (("spring", "mild"), ("summer", "hot"), ("winter", "cold"))),
    "planets": ("planet", "size", (("Mars", "small"), ("Earth", "medium"), ("Jupiter", "large"))),
    "cities": ("city", "country", (("Paris", "France"), ("Rome", "Italy"), ("Tokyo", "Japan"))),
    "vegetables": (
        "vegetable", "color", (("carrot", "orange"), ("onion", "white"), ("pea", "green"))
    ),
    "days": ("day", "number", (("Monday", "1"), ("Tuesday", "2"), ("Wednesday", "3"))),
    "months": ("month", "days", (("January", "31"), ("April", "30"), ("July", "31"))),
}  # fmt: skip
"""What: its singular, an attribute, and three of them with it."""

_MANY = "[three ;3 ;some ;a few ;]"
_FORM_ASKS = {
    "bullets": (
        *expand("[List;Name;Tell me;Give me;Show me;Write] [three;3;some;a few] {}[.; please.]"),
        *expand("[Make;Write;Give me;Show me;I want;I need] a [list;bullet list;bulleted list] of "
                f"{_MANY}{{}}[.; please.]"),
        *expand("[List of;A list of;Bullet list of;Bullet points:;A bullet list with] {}[.;]"),
        "List {} with bullets.", "Show {} as a list.", "List {}.", "{} as bullet points",
    ),
    "numbers": (
        *expand("[Make;Write;Give me;Show me;I want;I need] a [numbered list;numbered list;list "
                f"with numbers] of {_MANY}{{}}[.; please.]"),
        *expand("[Numbered list of;A numbered list of;A numbered list with] {}[.;]"),
        "Number {}.", "List {} with numbers.", "{} as a numbered list",
        "Show {} in numbered lines.",
        "List some {} and number them.",
    ),
    "table": (
        *expand(f"[Make;Write;Give me;Show me;I want;I need;Create;Draw] a table of {_MANY}{{}}"
                "[.; please.]"),
        *expand("[Make;Write;Show me;Create;I want] a [Markdown table;table] with {}[.; please.]"),
        *expand("[Table of;A table of;A table with;Markdown table of] {}[.;]"),
        "Show {} in a table.", "{} as a table", "Put {} into a table.",
    ),
}  # fmt: skip


def formed(form: str, what: str) -> str:
    """The list of ``what`` as bullets, numbers or a table, in Markdown."""
    one, attribute, rows = LISTS[what]
    if form == "bullets":
        return "\n".join(f"- {name}" for name, _ in rows)
    if form == "numbers":
        return "\n".join(f"{i + 1}. {name}" for i, (name, _) in enumerate(rows))
    head = f"| {one} | {attribute} |\n| --- | --- |\n"
    return head + "\n".join(f"| {name} | {value} |" for name, value in rows)


def listed(rng: random.Random, held_out: bool) -> Turn:
    """A table, a bullet list or a numbered list of one of LISTS."""
    form, what = rng.choice(list(_FORM_ASKS)), rng.choice(list(LISTS))
    shape = {"bullets": "list with bullets", "numbers": "numbered list", "table": "table"}[form]
    a, w = slot(shape), slot(what)
    return Turn(
        "markdown",
        voiced(rng, pick(rng, _FORM_ASKS[form], held_out), what),
        (
            f"A {a} of {w}.",
            f"The user wants a {a}. It is about {w}. I write three lines.",
            f"1. The user wants a {a}.\n2. It is about {w}.\n3. I know three {w}.\n"
            f"4. I write it in Markdown.\n5. Check: it is a {a} of {w}.",
        ),
        slot(formed(form, what)),
    )


def _code(language: str, *lines: str) -> str:
    return "\n".join((f"```{language}", *lines, "```"))


_WRITE = "[Write;Show me;Give me;Make;I want;I need;Please write;Can you write]"
SAMPLES: tuple[Topic, ...] = (
    topic(
        "markdown", "wants a Python program that says hello", "write print with a text",
        _code("python", 'print("Hello!")'),
        f"{_WRITE} [a hello world;hello world;a hello program;a first program] [in Python;in "
        f"python;as Python code][.; please.]|{_WRITE} [a;some;a small;a short;an example of;a "
        "little] [Python program;Python code;Python script;python script;code in Python][.; "
        "please.]|[Python hello world;Hello world in Python;How do I print in Python?;How do I "
        "say hello in Python?;Python code that says hello;Print hello in Python.]",
    ),
    topic(
        "markdown", "wants a Python function that adds", "define add with two numbers",
        _code("python", "def add(a, b):", "    return a + b"),
        f"{_WRITE} a [;Python ;python ]function [that adds;to add;for adding;that sums] [two "
        "numbers;numbers;a and b][.; please.; in Python.]|[Python function to add;Function that "
        "adds two numbers;How do I write a function in Python?;How do I add numbers in Python?;"
        "Python add function]",
    ),
    topic(
        "markdown", "wants a loop in Python", "count with for and range",
        _code("python", "for i in range(10):", "    print(i)"),
        f"{_WRITE} a [;Python ;python ;for ;small ]loop [in Python;in python;that counts;that "
        "counts to ten;from 0 to 9;that prints numbers][.; please.]|[How do I loop in Python?;"
        "Python loop;For loop in Python;How do I write a loop?;How do I count in Python?;Python "
        "code that counts]",
    ),
    topic(
        "markdown", "wants to read a file in Python", "open it and print its text",
        _code("python", 'with open("notes.txt") as file:', "    print(file.read())"),
        f"{_WRITE} [Python code;code;a program;a script;Python] [to read;that reads;for reading] "
        "a [file;text file][.; in Python.; please.]|[How do I read a file in Python?;How do I "
        "open a file in Python?;Read a file in Python;Python read file;Open a text file in "
        "Python.]",
    ),
    topic(
        "markdown", "wants a shell command that lists files", "write ls",
        _code("sh", "ls -l"),
        f"{_WRITE} [a;the;a small] [shell command;command;bash command;shell code] [that lists;to "
        "list;to show;for listing] [files;all files;the files][.; please.]|[How do I list files "
        "in the shell?;How do I list files in bash?;Shell command to list files;List files in "
        "the shell;Show me some shell code.;Give me a shell command.;Write some shell code.;Write "
        "a shell script.]",
    ),
    topic(
        "markdown", "wants a shell command that makes a folder", "write mkdir",
        _code("sh", "mkdir notes"),
        f"{_WRITE} [a;the;a small] [shell command;command;bash command;shell code] [that makes;to "
        "make;to create;for making] [a folder;a directory;a new folder][.; please.]|[How do I "
        "make a folder in the shell?;How do I create a directory in bash?;Shell command to make a "
        "folder;Make a folder in the shell;Create a folder in bash.]",
    ),
    topic(
        "markdown", "wants a quote", "choose a short one",
        "> Well begun is half done.",
        "[Give me;Show me;Write;Tell me;I want;I need;Do you know;Say] [a quote;a good quote;a "
        "nice quote;some quote;a wise quote;a short quote;a quotation;a block quote][.; please.]|"
        "[Quote something.;A quote, please.;Quote someone.;A wise saying?;Any quote?;Cite a wise "
        "word.]",
    ),
)  # fmt: skip
"""Code and quotes: each has one answer."""
