"""The tool ``browser``: search, open and find, over the user's library or another source.

Knows which pages are open; the look of a page is ``pages``', its text a source's. Every success
opens a page with a cursor of its own, from 0, also when it shows an address that was open before:
what an older cursor shows never changes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from chat_tui.arguments import parse_arguments
from chat_tui.conversation import FunctionSpec, Message, ToolSpec
from chat_tui.errors import ToolError
from chat_tui.language import N_, _
from chat_tui.tools.base import CallView, Context, Progress, Result, Risk, function_of
from chat_tui.tools.citations import Shown, read_view
from chat_tui.tools.given import Given
from chat_tui.tools.pages import Document, Hit, Page, find, page, results_page, source_page, view

WEB = "web"
"""The name of the source whose addresses are the web's."""
TOPN, MAX_TOPN = 10, 20
_ABOVE = 4
"""Lines shown above the one that a search found."""

_TOOL = """\
Tool for browsing.
The `cursor` appears in brackets before each browsing display: `[{cursor}]`.
Cite information from the tool using the following format:
`【{cursor}†L{line_start}(-L{line_end})?】`, for example: `【6†L9-L11】` or `【8†L3】`.
Do not quote more than 10 words directly from the tool output."""
_SEARCH = """\
Searches for information related to `query` and displays `topn` results."""
_OPEN = """\
Opens the link `id` from the page indicated by `cursor` starting at line number `loc`, showing \
`num_lines` lines.
Valid link ids are displayed with the formatting: `【{id}†.*】`.
If `cursor` is not provided, the most recent page is implied.
If `id` is a string, it is treated as the address of a page of `source`.
If `loc` is not provided, the page is shown from its beginning, or from the passage that a search \
found.
Use this function without `id` to scroll to a new location of an opened page."""
_FIND = """\
Finds exact matches of `pattern` in the current page, or the page given by `cursor`."""


class Source(Protocol):
    """Something that can be searched, and whose pages can be opened."""

    @property
    def name(self) -> str:
        """One word, as the model is told it: ``library``, ``web``."""

    @property
    def about(self) -> str:
        """What is in it, in a few words for the model."""

    @property
    def place(self) -> str:
        """The same for the user."""

    @property
    def risk(self) -> Risk:
        """READS for what the user put there, OUTSIDE for what leaves this machine."""

    def search(self, query: str, topn: int) -> Sequence[Hit]:
        """The best places, at most ``topn``. Raises ToolError."""

    def fetch(self, address: str) -> Document:
        """The document at ``address``. Raises ToolError where there is none."""


@dataclass(frozen=True, slots=True)
class _Open:
    page: Page
    source: str


class Browser:
    """Browses ``sources``; the first one is meant where a call names none."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = {source.name: source for source in sources}
        self._default = sources[0].name
        self._stack: list[_Open | Shown | None] = []
        self._asked = self._default
        """The source of the call that runs, as ``describe`` told it."""

    @property
    def spec(self) -> ToolSpec:
        """See ``spec_over``."""
        return spec_over({one.name: one.about for one in self._sources.values()})

    def resume(self, answers: Iterable[str]) -> None:
        """Go on behind what this tool answered in an earlier run of the program.

        Cursors go on counting, and pages that were open can be opened again.
        """
        for answer in answers:
            shown = read_view(answer)
            if shown is not None and shown.cursor >= len(self._stack):
                self._stack += [None] * (shown.cursor - len(self._stack))
                self._stack.append(shown)

    def describe(self, call: Message) -> CallView:
        """Where the call looks, and for what."""
        try:
            words = _given(call)
            name = self._function(call)
            source = self._sources[self._source_of(name, words)]
        except ToolError as error:
            return CallView(_("Browse"), call.content, Risk.READS, problem=str(error))
        outside = source.risk is not Risk.READS
        return CallView(
            " ".join(_title(name, words, source.name).split())[:100],
            json.dumps(words.values, ensure_ascii=False, indent=1),
            source.risk,
            "json",
            touches=(
                (_("sends to {place}") if outside else _("reads {place}")).format(
                    place=source.place
                ),
            ),
            rule="" if outside else _RULES[name],
        )

    def run(self, call: Message, context: Context) -> Iterator[Progress | Result]:
        """The page that the call opens, or what was wrong with it."""
        try:
            if context.stop.is_set():
                raise ToolError("The user stopped this.")
            yield Result(self._answer(call))
        except ToolError as error:
            yield Result(str(error), failed=True)

    def close(self) -> None:
        """Forget the open pages."""
        self._stack.clear()

    def _answer(self, call: Message) -> str:
        words = _given(call)
        name = self._function(call)
        self._asked = self._source_of(name, words)
        steps = {"search": self._search, "open": self._open, "find": self._find}
        return steps[name](words) + words.notes()

    def _function(self, call: Message) -> str:
        function = function_of(call, self.spec)
        if function is None:
            raise ToolError("The browser has the functions search, open and find.")
        return function.name

    def _search(self, words: Given) -> str:
        query = words.text("query")
        topn = min(max(words.integer("topn", TOPN), 1), MAX_TOPN)
        source = self._sources[self._named(words)]
        hits = source.search(query, topn)
        return self._show(_Open(results_page(query, source.name, hits[:topn]), source.name))

    def _open(self, words: Given) -> str:
        link = words.link("id")
        cursor, loc = words.integer("cursor", -1), words.integer("loc", -1)
        lines = words.integer("num_lines", -1)
        plain = words.flag("view_source")
        if isinstance(link, str):
            opened, line = self._fetched(link, self._source_of("open", words), plain), None
        else:
            here = self._at(cursor)
            opened, line = here, None
            if link >= 0:
                if link >= len(here.page.links):
                    raise ToolError(f"Invalid link id `{link}`.", _ids(here.page))
                target = here.page.links[link]
                source = self._source_of("open", words)
                opened, line = self._followed(target.address, source, plain), target.line
            elif plain and not here.page.results:
                opened = self._fetched(here.page.address, here.source, plain)
        if loc < 0:
            loc = 0 if line is None else max(0, opened.page.line_of(line) - _ABOVE)
        return self._show(opened, loc, lines)

    def _find(self, words: Given) -> str:
        pattern = words.text("pattern")
        here = self._at(words.integer("cursor", -1))
        if here.page.results:
            raise ToolError(
                "Cannot run `find` on a list of results.", "Open one of its links first."
            )
        return self._show(_Open(find(here.page, pattern), here.source))

    def _show(self, opened: _Open, loc: int = 0, lines: int = -1) -> str:
        """The view of a page, which takes its place in the stack where that worked."""
        text = view(opened.page, len(self._stack), loc, lines)
        self._stack.append(opened)
        return text

    def _at(self, cursor: int) -> _Open:
        """The page that ``cursor`` names; -1 is the newest."""
        last = len(self._stack) - 1
        if last < 0:
            raise ToolError("No page is open.", "Use search, or open an address.")
        if not -1 <= cursor <= last:
            raise ToolError(
                f"Cursor `{cursor}` is out of range. Available cursor indices: [0 - {last}]."
            )
        opened = self._stack[cursor]
        if isinstance(opened, _Open):
            return opened
        if opened is None or opened.address in self._sources or not opened.address:
            raise ToolError("That page is closed.", "Search again, or open it by its address.")
        source = self._source_for(opened.address, self._default)
        again = self._stack[cursor] = self._fetched(opened.address, source, plain=False)
        return again

    def _followed(self, address: str, source: str, plain: bool) -> _Open:
        """The page a link leads to, as it is open already or as it is now."""
        for opened in reversed(self._stack):
            if (
                isinstance(opened, _Open)
                and (opened.page.address, opened.source) == (address, source)
                and not (opened.page.results or plain)
            ):
                return opened
        return self._fetched(address, source, plain)

    def _fetched(self, address: str, source: str, plain: bool) -> _Open:
        if source != self._asked and self._sources[source].risk is Risk.OUTSIDE:
            # Nobody was asked about leaving this machine: the page that has the link was closed.
            raise ToolError("The page was opened again.", "Call open once more to follow the link.")
        document = self._sources[source].fetch(address)
        return _Open(source_page(document) if plain else page(document), source)

    def _source_of(self, name: str, words: Given) -> str:
        """Which source a call would ask; asks none."""
        if name == "search" or words.values.get("source"):
            return self._named(words)
        link = words.link("id") if name == "open" else -1
        if isinstance(link, str):
            return self._source_for(link, self._default)
        cursor = words.integer("cursor", -1)
        here = self._stack[cursor] if -len(self._stack) <= cursor < len(self._stack) else None
        if here is None:
            return self._default
        if isinstance(here, Shown):
            return self._source_for(here.address, self._default)
        if 0 <= link < len(here.page.links):
            return self._source_for(here.page.links[link].address, here.source)
        return here.source

    def _source_for(self, address: str, otherwise: str) -> str:
        """The source of an address: the web's begin like those of the web."""
        remote = address.startswith(("http://", "https://"))
        if remote and WEB in self._sources:
            return WEB
        return otherwise if remote or otherwise != WEB else self._default

    def _named(self, words: Given) -> str:
        name = str(words.values.get("source") or self._default)
        if name in self._sources:
            return name
        words.note(f"There is no source `{name[:40]}`; {self._default} was used.")
        return self._default


def spec_over(sources: Mapping[str, str]) -> ToolSpec:
    """What gpt-oss was trained with, true to what is here: each source's name and what it is."""
    names = list(sources)
    about = "\n".join(f"{name}: {what}" for name, what in sources.items())
    number = {"type": "number", "default": -1}
    text = {"type": "string"}
    functions = (
        _function("search", _SEARCH, "query", query=text, topn=number | {"default": TOPN}),
        _function(
            "open",
            _OPEN,
            id={"type": ["number", "string"], "default": -1},
            cursor=number,
            loc=number,
            num_lines=number,
            view_source={"type": "boolean", "default": False},
        ),
        _function("find", _FIND, "pattern", pattern=text, cursor=number),
    )
    head = f"{_TOOL}\nsources={','.join(names)} (default: {names[0]})"
    return ToolSpec("browser", functions, f"{head}\n{about}")


def _function(name: str, description: str, *required: str, **properties: object) -> FunctionSpec:
    properties["source"] = {"type": "string"}
    return FunctionSpec(
        name,
        description,
        {"type": "object", "properties": properties, "required": list(required)},
    )


_RULES = {
    "search": N_("any browser.search of what you put into the library"),
    "open": N_("any browser.open of what you put into the library"),
    "find": N_("any browser.find of what you put into the library"),
}
_KNOWN = ("query", "topn", "source", "id", "cursor", "loc", "num_lines", "view_source", "pattern")


def _given(call: Message) -> Given:
    values = parse_arguments(call.content)
    if "top_n" in values:
        values.setdefault("topn", values.pop("top_n"))
    return Given(values, _KNOWN)


def _title(name: str, words: Given, source: str) -> str:
    """What a call does, in a line for people."""
    if name == "search":
        query = words.get("query", "")
        return _("Search the {source} for “{query}”").format(source=_(source), query=query)
    if name == "find":
        return _("Find “{pattern}” in an open page").format(pattern=words.get("pattern", ""))
    what = words.get("id", "") or _("a page")
    return _("Open {page} of the {source}").format(page=what, source=_(source))


def _ids(where: Page) -> str:
    count = len(where.links)
    return f"The page has the links 0 to {count - 1}." if count else "The page has no links."
