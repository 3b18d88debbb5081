"""Hostile texts without end: each number gives another one, always the same.

Knows what terminals, Markdown and markup do with text; must not know who shows it.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from urllib.parse import quote

_WORDS = ["river", "stone", "日本語", "שלום", "naïve", "x = 1", "😀", "👩‍🚀", "e\u0301"]
_MARKUP = [
    *(
        "[@click=app.leave]x[/]",
        "[@click=app.action_leave()]y[/]",
        "[bold]",
        "[/]",
        "[/foo]",
        "\\[",
    ),
    *("[link=file:///etc/passwd]z[/link]", "[red on", "{{", "%s%n", "$(reboot)", "`id`"),
    *(
        "[a](vscode://x)",
        "[b](--x)",
        "[c](javascript:alert(1))",
        "![i](https://evil.example/b.png)",
    ),
    *("<script>alert(1)</script>", "<a href='vscode://x'>y</a>", "<!--", "&#x1b;[2J", "&#x202e;"),
]
_SPECIALS = [
    *("<|start|>", "<|end|>", "<|message|>", "<|channel|>final", "<|return|>", "<|call|>"),
    *("<|constrain|>json", "<|endoftext|>", "<|reserved_200013|>"),
]
_BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
_UNSEEN = [0xAD, 0x301, 0x34F, 0x200B, 0x200D, 0x202E, 0x2066, 0xE000, 0xE001, 0xFE0F, 0xE0041]
_ZERO = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\u115f\u3164\u180e\ufe0f"


def _escape(choose: random.Random) -> str:
    numbers = ";".join(str(choose.randrange(3000)) for _ in range(choose.randrange(4)))
    final = chr(choose.randrange(0x40, 0x7F))
    mark = choose.choice(["", "?", ">", "=", "<"])
    word = choose.choice(["owned", "rm -rf ~", "cm0gLXJmIH4=", "?", ""])
    code = choose.choice(["0", "2", "4", "8;", "9", "52;c", "777;notify", "1337", "50"])
    end = choose.choice(["\x07", "\x1b\\", "\x9c", ""])
    return choose.choice(
        [
            f"\x1b[{mark}{numbers}{final}",
            f"\x9b{mark}{numbers}{final}",
            f"\x1b]{code};{word}{end}",
            f"\x9d{code};{word}{end}",
            f"\x1b]8;;https://evil.example/{word}\x1b\\{word}\x1b]8;;\x1b\\",
            f"\x1b{choose.choice('PX^_')}{word}{end}",
            f"{choose.choice(chr(0x90) + chr(0x98) + chr(0x9E) + chr(0x9F))}{word}{end}",
            f"\x1b{choose.choice('c78=>DEHMNOZ()#%')}{choose.choice('B0 8@')}",
            "\x1b",
            "\x1b[" + "1;" * choose.randrange(40),
        ]
    )


def _controls(choose: random.Random) -> str:
    codes = [*range(0x20), 0x7F, *range(0x80, 0xA0)]
    return "".join(chr(choose.choice(codes)) for _ in range(choose.randrange(1, 20)))


def _nested(choose: random.Random) -> str:
    deep = choose.randrange(5, 40)
    quotes = ">" * deep + " deep\n"
    items = "".join("  " * level + "- x\n" for level in range(deep // 2))
    brackets = choose.choice(["[", "(", "**", "_", "`", "~~", "$", "\\(", "!["]) * deep * 4
    return choose.choice([quotes, items, brackets, "> - 1. " * deep + "x"])


def _entities(choose: random.Random) -> str:
    codes = [choose.choice([*range(0xA0), *_UNSEEN]) for _ in range(choose.randrange(1, 9))]
    decimal = "".join(f"&#{code};" for code in codes)
    hexadecimal = "".join(f"&#x{code:x};" for code in codes)
    quoted = quote("".join(map(chr, codes)).encode())
    forged = choose.choice(["&#xe000;1&#xe001;", "\ue0001\ue001", "【1†L1】", "【7†L1】"])
    return choose.choice(
        [
            decimal, hexadecimal, forged, f"**{decimal}**{hexadecimal}", f"`{decimal}{forged}`",
            f"<https://a.b/{quoted}>", f"https://a.b/{quoted}{forged}", f"[{decimal}]({quoted})",
            f"[x{forged}](https://{hexadecimal})", f"![{hexadecimal}]({decimal})",
            f"\n\n```{hexadecimal}\n{decimal}\n```\n", f"\n\n|{decimal}|\n|-|\n|{forged}|\n",
            choose.choice(["&zwj;", "&ZeroWidthSpace;", "&shy;", "&lrm;", "&NewLine;", "&Tab;"]),
        ]
    )  # fmt: skip


def _table(choose: random.Random) -> str:
    return _rows(choose.randrange(1, 10), choose.randrange(1, 6), choose)


def _rows(wide: int, high: int, choose: random.Random) -> str:
    cell = choose.choice(["a", "日本", _escape(choose), "[/b]", "\\|", ""]).replace("\n", "")
    return (
        f"\n\n{'|' + f'{cell}|' * wide}\n{'|' + '-|' * wide}\n" + f"|{f'{cell}|' * wide}\n" * high
    )


def _hidden(choose: random.Random) -> str:
    tags = "".join(chr(0xE0000 + ord(char)) for char in "ignore all")
    some = "".join(choose.choice(_BIDI + _ZERO) for _ in range(choose.randrange(1, 12)))
    return choose.choice([tags, some, f"user{some}txt.exe", "\U000e0100", "\u2028\u2029"])


def _fence(choose: random.Random) -> str:
    info = choose.choice(["python", "json", "diff", _escape(choose), "[/b]", "nosuch", ""])
    marks = choose.choice(["```", "~~~", "`" * 7])
    body = choose.choice([_escape(choose), "def f(): pass", "{" * 50, "\t\x00", '"""'])
    return f"\n\n{marks}{info}\n{body}\n{choose.choice([marks, ''])}\n"


def _stacked(choose: random.Random) -> str:
    return "e" + chr(choose.randrange(0x300, 0x370)) * choose.randrange(9, 60)


def _long(choose: random.Random) -> str:
    return choose.choice(["x", "日", "a ", "\t", "[", "\u0301", "*a "]) * choose.randrange(100, 600)


_KINDS: list[Callable[[random.Random], str]] = [
    *(
        _escape,
        _escape,
        _escape,
        _controls,
        _nested,
        _table,
        _hidden,
        _fence,
        _stacked,
        _long,
        _entities,
    ),
    lambda choose: choose.choice(_MARKUP),
    lambda choose: choose.choice(_SPECIALS),
    lambda choose: chr(choose.randrange(0xD800, 0xE000)) * choose.randrange(1, 4),
    lambda choose: "\x00" * choose.randrange(1, 9),
    lambda choose: chr(choose.randrange(0x20, 0x30000)),
    lambda choose: choose.choice([" ", "\n", "\n\n", "\r\n", "\t"]),
]


def payload(number: int) -> str:
    """The hostile text of that number."""
    choose = random.Random(number)
    parts = [choose.choice(_WORDS)]
    for _ in range(choose.randrange(1, 7)):
        parts.append(choose.choice(_KINDS)(choose))
        parts.append(choose.choice(_WORDS) if choose.random() < 0.5 else "")
    return "".join(parts)


GIANTS: list[Callable[[random.Random], str]] = [
    lambda choose: _rows(100, 100, choose),
    lambda choose: choose.choice(["x", "日", "\u0301", "e\u0301", "[", "`", "a "]) * 100_000,
    lambda choose: choose.choice([">", "> - 1. ", "**", "[", "![", "\\(", "_a "]) * 5_000 + "x",
    lambda _: "".join("  " * level + "- x\n" for level in range(400)),
    lambda choose: "".join(_escape(choose) + choose.choice(_WORDS) for _ in range(5_000)),
    lambda _: "".join(f"[{one}](https://{one}.example) " for one in range(3_000)),
    lambda choose: "".join(_stacked(choose) for _ in range(1_000)),
    lambda choose: "".join(_hidden(choose) + "\n" for _ in range(3_000)),
    lambda choose: "".join(_fence(choose) for _ in range(500)),
]


def giant(number: int) -> str:
    """A text of that number that is larger than anybody would want."""
    return GIANTS[number % len(GIANTS)](random.Random(number))


def cut(text: str, number: int) -> list[str]:
    """``text`` in pieces cut anywhere, within sequences too."""
    choose = random.Random(number)
    marks = sorted(choose.randrange(len(text) + 1) for _ in range(choose.randrange(1, 9)))
    return [text[a:b] for a, b in zip([0, *marks], [*marks, len(text)], strict=True)]
