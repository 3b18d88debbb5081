"""What models mean where Markdown reads something else.

Knows markdown-it's rules; must not know what is made of its tokens. Three habits: names of files
such as ``README.md`` are no addresses of the web; ``<br>`` in a cell is the only way to begin a
line there; and between Chinese, Japanese or Korean words no spaces stand, by which Markdown tells
the star that opens from the one that closes, so that ``**注意：**请看`` would keep its stars.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import StateInline

_BREAK = re.compile(r"<br\s{0,3}/?> {0,9}", re.IGNORECASE)
_SPACELESS = re.compile(
    "[\u2e80-\u2fff\u3001-\u312f\u3131-\ua4cf\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff"
    "\ufe30-\ufe4f\uff01-\uffef\U0001b000-\U0001b2ff\U00020000-\U0003ffff]"
)
"""Characters of scripts without spaces, their punctuation included."""


def teach(parser: MarkdownIt) -> MarkdownIt:
    """Have ``parser`` read so; returns it."""
    if parser.linkify is not None:
        parser.linkify.set({"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})
    parser.inline.ruler.before("autolink", "line_break", _line_break)
    parser.inline.ruler.before("emphasis", "spaceless", _spaceless)
    return parser


def _line_break(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "<":
        return False
    found = _BREAK.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    if not silent:
        state.push("hardbreak", "br", 0)
    state.pos = found.end()
    return True


def _spaceless(state: StateInline, silent: bool) -> bool:
    """Stars beside a character of such a script: punctuation on their other side changes nothing.

    https://github.com/tats-u/markdown-cjk-friendly describes the rule.
    """
    source, at = state.src, state.pos
    if silent or source[at] != "*":
        return False
    end = at
    while end < state.posMax and source[end] == "*":
        end += 1
    before = source[at - 1] if at > 0 else " "
    after = source[end] if end < state.posMax else " "
    spaceless = [_SPACELESS.match(char) is not None for char in (before, after)]
    if not any(spaceless):
        return False
    from markdown_it.common.utils import isMdAsciiPunct, isPunctChar  # noqa: PLC0415
    from markdown_it.rules_inline.state_inline import Delimiter  # noqa: PLC0415

    def sign(char: str, wordlike: bool) -> bool:
        return not wordlike and (isMdAsciiPunct(ord(char)) or isPunctChar(char))

    loose_before = before.isspace() or spaceless[0] or sign(before, spaceless[0])
    loose_after = after.isspace() or spaceless[1] or sign(after, spaceless[1])
    opens = not after.isspace() and (not sign(after, spaceless[1]) or loose_before)
    closes = not before.isspace() and (not sign(before, spaceless[0]) or loose_after)
    for _ in range(end - at):
        token = state.push("text", "", 0)
        token.content = "*"
        state.delimiters.append(
            Delimiter(
                marker=ord("*"),
                length=end - at,
                token=len(state.tokens) - 1,
                end=-1,
                open=opens,
                close=closes,
            )
        )
    state.pos = end
    return True
