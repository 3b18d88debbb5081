"""The page that an export makes of hostile texts: no script, no address but those of the web.

Knows HTML; must not know how a page is made beyond the one function that does.
"""

from __future__ import annotations

import re
from datetime import date
from html.parser import HTMLParser

from chat_tui.conversation import Message, Role
from chat_tui.store import html
from tests.ui.payloads import payload

TAGS = {"html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "h4", "h5", "h6", "p"}
TAGS |= {"div", "span", "details", "summary", "pre", "code", "blockquote", "ul", "ol", "li", "a"}
TAGS |= {"table", "thead", "tbody", "tr", "th", "td", "em", "strong", "s", "br", "hr", "article"}
TAGS |= {"section", "header", "footer", "main", "small", "time", "i", "b"}
FORBIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2028\u2029\u2060-\u206f\ufeff"
    "\U000e0000-\U000e0fff\ud800-\udfff]"
)


def page(number: int) -> str:
    """The page that an export of it gives."""
    text = payload(number)
    said = [
        Message(Role.USER, text),
        Message(Role.ASSISTANT, text, channel="analysis"),
        Message(Role.ASSISTANT, text, channel="commentary", recipient=text),
        Message(Role.TOOL, text, name=text),
        Message(Role.ASSISTANT, text, channel="final"),
    ]
    return html.html(said, started=date(2026, 1, 1), title=text, model=text, reasoning=True)


class _Page(HTMLParser):
    """Notes what a page must not hold."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.wrong.append(f"<{tag}>")
        for name, value in attrs:
            web = str(value).startswith(("https://", "http://"))
            if name.startswith("on") or (name in ("href", "src") and not web):
                self.wrong.append(f"{tag} {name}={value}")


def wrong_page(shown: str) -> list[str]:
    """What an exported page must not hold and does."""
    parser = _Page()
    parser.feed(shown)
    parser.close()
    return parser.wrong + FORBIDDEN.findall(shown.replace("\n", "").replace("\t", ""))
