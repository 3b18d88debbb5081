"""Questions for a new small file, made by apply_patch.

Its name and its words stand in the question. Knows text only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_tui.conversation import COMMENTARY
from chat_tui.demo.called import Plan, held_out_case
from chat_tui.demo.facts import COPIED
from chat_tui.demo.phrasing import expand, pick, slot, voiced

if TYPE_CHECKING:
    import random

    from chat_tui.demo.turns import Turn

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
    return Plan(
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
