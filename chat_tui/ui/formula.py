r"""Formulas in Markdown, left as they were written.

Knows markdown-it's rules; must not know what is made of its tokens. To Markdown ``\(`` is an
escaped bracket and ``_`` begins emphasis: a formula would lose what makes it one. So ``\(…\)``,
``\[…\]``, ``$…$`` and ``$$…$$`` are taken out before, and a star between two letters or digits is
a sign and no mark: ``2*3*4`` stays a product. A bound keeps hostile brackets cheap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.ruler import RuleOptionsType
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline

INLINE, BLOCK = "formula", "formula_block"
"""Types of tokens; their content is the formula with its marks."""
LONGEST = 2_000
"""Characters within which a formula in a line has to end; a search costs no more."""
MANY_BRACKETS = 200
"""Of more in one paragraph none begins a link."""
_CLOSES = {"\\(": "\\)", "\\[": "\\]", "$$": "$$"}


def teach(parser: MarkdownIt) -> MarkdownIt:
    """Have ``parser`` know formulas; returns it."""
    parser.inline.ruler.before("escape", INLINE, _inline)
    parser.inline.ruler.before("emphasis", "product", _product)
    parser.inline.ruler.before("link", "bracket", _bracket)
    interrupts: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    parser.block.ruler.before("fence", BLOCK, _block, interrupts)
    return parser


def _inline(state: StateInline, silent: bool) -> bool:
    source, at, limit = state.src, state.pos, min(state.posMax, state.pos + LONGEST)
    if source[at] not in "\\$":
        return False
    opening = source[at : at + 2]
    if closing := _CLOSES.get(opening):
        end = source.find(closing, at + 2, limit)
        if end < 0 or not source[at + 2 : end].strip():
            return False
        end += 2
    elif opening[0] == "$":
        end = _dollar(source, at, limit)
    else:
        return False
    if end <= 0:
        return False
    if not silent:
        state.push(INLINE, "", 0).content = source[at:end]
    state.pos = end
    return True


def _dollar(source: str, at: int, limit: int) -> int:
    """Where a formula between single dollars ends; 0 where it is an amount or a variable."""
    end = source.find("$", at + 1, limit)
    if end < 0 or end == at + 1:
        return 0
    formula, after = source[at + 1 : end], source[end + 1 : end + 2]
    tight = not formula[0].isspace() and not formula[-1].isspace()
    return end + 1 if tight and not after.isalnum() and "`" not in formula else 0


def _product(state: StateInline, silent: bool) -> bool:
    source, at = state.src, state.pos
    if source[at] != "*" or not 0 < at < state.posMax - 1:
        return False
    around = source[at - 1] + source[at + 1]
    if not (around.isascii() and around.isalnum()):
        return False
    if not silent:
        state.pending += "*"
    state.pos += 1
    return True


def _bracket(state: StateInline, silent: bool) -> bool:
    # For each bracket the end of a link is looked for, through all that follow.
    if state.src[state.pos] != "[" or state.src.count("[") <= MANY_BRACKETS:
        return False
    if not silent:
        state.pending += "["
    state.pos += 1
    return True


def _block(state: StateBlock, begin: int, end: int, silent: bool) -> bool:
    """A formula on lines of its own; it ends where it is closed, or at a blank line."""
    if state.is_code_block(begin):
        return False
    line = _line(state, begin)
    closing = _CLOSES.get(line[:2])
    if closing is None or line[:2] == "\\(":
        return False
    closes = line.find(closing, 2)
    if 0 <= closes < len(line.rstrip()) - 2:
        return False  # more follows: it stands within a paragraph
    if silent:
        return True
    after = begin + 1
    if closes < 0:
        while after < end and not state.isEmpty(after) and state.sCount[after] >= state.blkIndent:
            after += 1
            if closing in _line(state, after - 1):
                break
    token = state.push(BLOCK, "", 0)
    token.content = state.getLines(begin, after, state.blkIndent, False)
    token.map = [begin, after]
    state.line = after
    return True


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]
