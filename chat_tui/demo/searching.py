"""Questions for the browser's search, the page that it shows, and the line that is cited.

What is looked for stands in the question; the page looks like the app's own and like others'.
Knows text only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_tui.conversation import ANALYSIS
from chat_tui.demo.called import Plan, held_out_case, words_in
from chat_tui.demo.facts import COPIED
from chat_tui.demo.other import COMMON
from chat_tui.demo.phrasing import UNKNOWN, expand, pick, slot, voiced

if TYPE_CHECKING:
    import random

    from chat_tui.demo.turns import Turn

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
    return Plan(
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
