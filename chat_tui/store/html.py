"""A conversation as one HTML page that needs nothing else: no script, no picture, no network.

Knows the conversation's values and HTML; must not know files or a face. Every text is escaped;
answers are Markdown without raw HTML, without pictures (a page must not call home), with links to
http and https only, and cleaned again of what entities and addresses decode to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from html import escape
from typing import TYPE_CHECKING

from chat_tui.conversation import Message, Role
from chat_tui.language import _
from chat_tui.store.markdown import facts_of, heading_of, without_repeats
from chat_tui.untrusted import clean, clean_line

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_LARGE = 200_000
"""Characters from which on an answer is shown as it is: nobody waits for its layout."""

_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1rem; margin: 2rem 0 .3rem; }
.facts, summary { color: GrayText; }
.user, pre { background: color-mix(in srgb, CanvasText 7%, Canvas); border-radius: .4rem;
  padding: .6rem .8rem; }
blockquote { margin: 0 0 1rem; padding: 0 .8rem; border-left: .2rem solid GrayText; }
pre, .plain { white-space: pre-wrap; overflow-wrap: anywhere; }
pre, code { font-family: ui-monospace, monospace; font-size: .9em; }
table { border-collapse: collapse; } td, th { border: 1px solid GrayText; padding: .2rem .5rem; }
"""


def html(
    messages: Sequence[Message],
    *,
    started: date,
    title: str,
    model: str = "",
    reasoning: bool = False,
    tools: bool = True,
    decided: Callable[[Message], str] = lambda _call: "",
    others: int = 0,
) -> str:
    """A page of all that was said; reasoning and tools are folded.

    ``decided`` says whether a call was allowed, ``others`` how many answers of other branches are
    not in it.
    """
    heading = escape(clean_line(title) or _("Conversation"))
    facts = facts_of(model, started, others)
    layout = _layout()
    parts = [
        "<!DOCTYPE html>",
        '<html lang=""><head><meta charset="utf-8">',
        '<meta http-equiv="Content-Security-Policy"'
        " content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        '<meta name="viewport" content="width=device-width">',
        f"<title>{heading}</title><style>{_STYLE}</style></head><body>",
        f'<h1>{heading}</h1><p class="facts">{escape(facts)}</p>',
    ]
    for message in without_repeats(messages):
        if (reasoning or not message.is_reasoning) and (tools or not _is_tool(message)):
            parts += _message(message, layout, decided)
    parts.append("</body></html>\n")
    return "\n".join(parts)


def _is_tool(message: Message) -> bool:
    return message.is_call or message.role is Role.TOOL


def _message(
    message: Message, layout: MarkdownIt, decided: Callable[[Message], str]
) -> Iterator[str]:
    text = clean(message.content).strip("\n")
    heading = escape(heading_of(message))
    if message.is_reasoning:
        yield f'<details><summary>{heading}</summary><div class="plain" dir="auto">'
        yield f"{escape(text)}</div></details>"
    elif _is_tool(message):
        yield f"<details><summary>{heading}</summary><pre>{escape(text)}</pre>"
        if message.is_call and (line := clean_line(decided(message))):
            decision = _("Decision: {decision}").format(decision=line)
            yield f'<p class="facts">{escape(decision)}</p>'
        yield "</details>"
    elif message.is_mark:
        yield f'<p class="facts">{heading}</p>'
        if text:
            yield f'<blockquote dir="auto">{layout.render(text)}</blockquote>'
    elif message.role is Role.ASSISTANT and len(text) < _LARGE:
        yield f'<h2>{heading}</h2><div dir="auto">{layout.render(text)}</div>'
    else:
        kind = "user plain" if message.role is Role.USER else "plain"
        yield f'<h2>{heading}</h2><div class="{kind}" dir="auto">{escape(text)}</div>'


def _layout() -> MarkdownIt:
    from markdown_it import MarkdownIt  # noqa: PLC0415 - most starts write no document

    layout = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    layout.disable("image")
    layout.validateLink = _is_web  # type: ignore[method-assign,assignment]
    layout.core.ruler.push("clean", lambda state: _clean(state.tokens))
    return layout


def _clean(tokens: Sequence[Token]) -> None:
    # One by one: a sequence that goes over several would take the tags between with it.
    for token in tokens:
        token.content = clean(token.content)
        if "&" in token.info:
            token.info = ""  # a language that is decoded only while it is written
        for name, value in token.attrs.items():
            if isinstance(value, str):
                token.attrs[name] = clean_line(value)
        _clean(token.children or ())


def _is_web(address: str) -> bool:
    return address.lower().startswith(("http://", "https://"))
