"""Hostile texts in the screens before the chat: lists, settings, pages, the prompt, comparisons.

Knows screens and what they ask for; must not know how they are read. Each is opened once for many
texts; those that stand alone on a screen, such as its title, take turns.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, OptionList, Static

from chat_tui.attachments import Attachment
from chat_tui.conversation import Effort, Message, Role
from chat_tui.events import MessageCompleted
from chat_tui.keys import Where
from chat_tui.preferences.file import Snapshot
from chat_tui.preferences.table import PREFERENCES
from chat_tui.session.compare import Run
from chat_tui.session.inspect import Entry, Fate, Inspected
from chat_tui.session.shelf import Listing
from chat_tui.settings import ReasoningView, Settings
from chat_tui.store.values import Hit, Part, Summary
from chat_tui.supply import Fit, Model, Stock
from chat_tui.tools.citations import Citation, Reference, Shown
from chat_tui.ui.compare.column import Column
from chat_tui.ui.compare.screen import CompareScreen
from chat_tui.ui.footnotes import Footnotes
from chat_tui.ui.front import Front, Look
from chat_tui.ui.history.roll import Roll
from chat_tui.ui.history.screen import HistoryScreen
from chat_tui.ui.inspect.screen import PromptScreen
from chat_tui.ui.inspect.sheet_view import SheetView
from chat_tui.ui.models.screen import ModelsScreen
from chat_tui.ui.palette_screen import PaletteScreen
from chat_tui.ui.settings.screen import SettingsScreen
from chat_tui.ui.settings.themes import ThemesScreen
from chat_tui.ui.widgets.asked import FileScreen
from chat_tui.ui.widgets.cards import Notice
from chat_tui.ui.widgets.doctor import DoctorScreen
from chat_tui.ui.widgets.document import Document
from chat_tui.ui.widgets.header import Header
from chat_tui.ui.widgets.help import HelpScreen
from chat_tui.ui.widgets.notes import PageScreen
from chat_tui.ui.widgets.reasoning import Reasoning
from chat_tui.ui.widgets.transcript import Transcript
from chat_tui.untrusted import clean, clean_line, masked
from tests.ui.hostile_chat import Hung, document, holds, shows
from tests.ui.hostile_reader import letters


@dataclass(frozen=True, slots=True)
class View:
    """A screen, and what is to be seen on it when it is there, and after each of ``steps``."""

    screen: Screen[Any]
    seen: Callable[[], Sequence[Hung]]
    steps: Sequence[Callable[[], object]] = ()
    scrolls: type[Widget] | None = None
    """What is gone through from top to bottom."""
    begin: Callable[[], Awaitable[object]] | None = None
    """What is done before the first look."""


FEW = 4
"""So many of the texts stand one after the other where there is a place for one."""
_TEXTS = [
    name for name, one in PREFERENCES.items()
    if not one.kind.choices and one.kind.show("a b") == "a b"
]  # fmt: skip
"""The settings whose value is shown as the file has it."""


async def _nothing(*_: object) -> None:
    return None


def _at(screen: Screen[Any], selector: str) -> Static:
    return screen.query_one(selector, Static)


def conversations(texts: Sequence[str]) -> View:
    """The list of conversations, and one of its lines at a time below it."""
    summaries = tuple(
        Summary(str(at), text, 0.0, 0.0, model=text, messages=at) for at, text in enumerate(texts)
    )
    listing = Listing(summaries, "0", frozenset(["1"]))

    async def listed(_limit: int | None = None) -> Listing:
        return listing

    async def search(_words: str) -> tuple[Hit, ...]:
        return tuple(
            Hit(str(at), text, 0.0, part, 1, clean_line(text), ((0, 3),))
            for at, text in enumerate(texts)
            for part in (Part.TITLE, Part.ANSWER)
        )

    deeds: Any = SimpleNamespace(
        listed=listed, search=search, retitle=_nothing, pin=_nothing, delete=_nothing
    )
    screen = HistoryScreen(deeds)

    def seen() -> list[Hung]:
        roll = screen.query_one(Roll)
        return [holds(roll, *map(clean_line, texts)), Hung(_at(screen, "#said"), "seen")]

    def say(text: str) -> Callable[[], None]:
        return lambda: screen.say(text)

    async def words() -> None:
        screen._field.value = texts[0]
        await asyncio.sleep(0.2)  # the list is another then

    steps = [*map(say, texts[:FEW]), screen.action_rename, screen.action_close_list, words]
    return View(screen, seen, steps)


def models(texts: Sequence[str]) -> View:
    """The list of models, and all about each of them in turn."""
    found = tuple(
        Model(
            text, Path(text), 1, text, text, Fit(False, text), note=text,
            problem=text if at % 3 == 0 else "",
        )
        for at, text in enumerate(texts)
    )  # fmt: skip
    deeds: Any = SimpleNamespace(in_use=None, download=None, listed=_nothing, fetch=_nothing)
    screen = ModelsScreen(deeds, None, Stock(found, (), None, (), 1))

    def seen() -> list[Hung]:
        options = screen.query_one(OptionList)
        at = options.highlighted or 0
        return [
            Hung(options, "seen"),
            holds(_at(screen, "#details"), clean_line(texts[at])),
            Hung(_at(screen, "#said"), "seen"),
        ]

    def on() -> None:
        screen.action_model_below()
        screen.action_use_model()

    return View(screen, seen, [on] * min(FEW, len(texts) - 1))


def settings(texts: Sequence[str]) -> View:
    """The settings with these values, as many as there are."""
    values = dict(zip(_TEXTS, texts, strict=False))
    snapshot = Snapshot(Settings(), values)

    async def show_themes(_then: object) -> None:
        return None

    async def change(_name: str, _text: str | None) -> Snapshot:
        return snapshot

    deeds: Any = SimpleNamespace(
        path=texts[0], read=_nothing, change=change, show_themes=show_themes,
        choices=lambda _name: (), in_use=lambda _name: texts[-1],
    )  # fmt: skip
    screen = SettingsScreen(deeds, snapshot)

    def seen() -> list[Hung]:
        said, name = _at(screen, "#said"), _at(screen, "#name")
        wanted = [clean_line(text) for text in values.values()]
        return [
            holds(screen.query_one(OptionList), *wanted),
            holds(name, "Settings", clean_line(texts[0])),
            Hung(said, "seen"),
            Hung(_at(screen, "#details"), "seen"),
        ]

    return View(screen, seen, [screen.action_setting_below] * min(FEW, len(texts)))


def themes(texts: Sequence[str]) -> View:
    """The names of themes, and what is wrong with some."""
    screen = ThemesScreen(texts, texts[0], lambda _name: None, texts[:2])

    def seen() -> list[Hung]:
        note = screen.query(".note").first(Static)
        return [Hung(screen.query_one(OptionList), "seen"), shows(note, "start", clean(texts[0]))]

    def go(at: int) -> Callable[[], None]:
        def there() -> None:
            screen.query_one(OptionList).highlighted = at

        return there

    return View(screen, seen, [go(at) for at in range(0, len(texts), 12)])


def prompt(texts: Sequence[str]) -> View:
    """The prompt, in which everything is made visible."""
    entries = tuple(
        Entry(
            text, Fate.READ, text, note=text, channel=text, recipient=text, name=text,
            ends=(len(text),), reused=1,
        )
        for text in texts
    )  # fmt: skip
    deeds: Any = SimpleNamespace(copy=_nothing, save=_nothing)
    screen = PromptScreen(Inspected(entries, 1000), deeds)

    def seen() -> list[Hung]:
        view = screen.query_one(SheetView)
        wanted = [letters(masked(text).replace("\t", "→")) for text in texts]
        return [Hung(view, "holds", tuple(wanted))]

    return View(screen, seen, scrolls=SheetView)


def compared(texts: Sequence[str]) -> View:
    """Levels side by side, each with some of the texts."""
    runs = [Run(effort) for effort in Effort]
    deeds: Any = SimpleNamespace(is_running=False, stop=_nothing, keep=_nothing, look=_nothing)
    screen = CompareScreen(deeds, runs, texts[0], ReasoningView.SHOWN)

    async def begin() -> None:
        screen._timer.pause()
        for number, run in enumerate(runs):
            said = [
                MessageCompleted(Message(Role.ASSISTANT, text, channel=channel))
                for text in texts[number :: len(runs)]
                for channel in ("analysis", "final")
            ]
            await screen.apply(run, said, None, 0.0)

    def seen() -> list[Hung]:
        found = [holds(screen._top, "Compare", clean_line(texts[0]))]
        for number, column in enumerate(screen.query(Column)):
            mine = texts[number :: len(runs)]
            thoughts, answers = column.query(Reasoning), column.query(Document)
            for text, thought, answer in zip(mine, thoughts, answers, strict=True):
                found.append(shows(thought.query_one(".body"), "same", clean(text)))
                found.append(document(answer, Footnotes(tuple).whole(text)))
        return found

    return View(screen, seen, scrolls=Transcript, begin=begin)


def page(texts: Sequence[str]) -> View:
    """A page that is cited, with a line of each text."""
    rows = tuple(text.replace("\n", " ") for text in texts)
    shown = Shown(1, texts[0], f"https://{texts[-1]}", 1, rows)
    head = clean_line(shown.title) + clean_line(shown.address)
    screen = PageScreen(Reference(Citation(0, 1, 1, 2, 2), shown, rows[1:2]))

    def seen() -> list[Hung]:
        found = [shows(screen.query(Static).first(), "same", head)]
        for name, some, first in (
            ("before", rows[:1], 1),
            ("cited", rows[1:2], 2),
            ("after", rows[2:], 3),
        ):
            text = "".join(f"L{number}{clean_line(row)}" for number, row in enumerate(some, first))
            found.append(shows(_at(screen, f".{name}"), "same", text))
        return found

    return View(screen, seen, scrolls=VerticalScroll)


def file(texts: Sequence[str]) -> View:
    """A file that was attached."""
    text = "\n\n".join(texts)
    screen = FileScreen(Attachment(texts[0], text))

    def seen() -> list[Hung]:
        name, body = screen.query(Static)
        return [holds(name, clean_line(texts[0])), Hung(body, "same", (letters(clean(text)),))]

    return View(screen, seen, scrolls=VerticalScroll)


def doctor(texts: Sequence[str]) -> View:
    """What was found out of the machine."""
    text = "\n\n".join(reversed(texts))
    screen = DoctorScreen(text)

    def seen() -> list[Hung]:
        return [shows(screen.query(Static).last(), "same", clean(text))]

    return View(screen, seen, scrolls=VerticalScroll)


def palette(texts: Sequence[str]) -> View:
    """The palette, which offers the app's own words, and what one looks for in it."""
    screen = PaletteScreen()

    def seen() -> list[Hung]:
        return [Hung(one, "seen") for one in (screen.query_one(Input), *screen.query(OptionList))]

    def look_for(text: str) -> Callable[[], None]:
        def there() -> None:
            screen.query_one(Input).value = text

        return there

    return View(screen, seen, [look_for(text) for text in texts[:FEW]])


def help_(where: Where) -> View:
    """All keys, as somebody has bound them."""
    screen = HelpScreen(where)
    return View(screen, lambda: [Hung(one, "seen") for one in screen.query(Static)])


def front(texts: Sequence[str]) -> View:
    """What stands there until the chat does, which here never comes."""
    screen = Front(SimpleNamespace, Look(host=texts[0]))
    vars(screen)["_fetch"] = _nothing

    def seen() -> list[Hung]:
        welcome = holds(screen.query_one(Notice), clean_line(texts[0]))
        return [welcome, Hung(screen.query_one(Header), "seen")]

    return View(screen, seen)


def views(texts: Sequence[str], turn: int) -> Iterator[View]:
    """Every screen with these texts; ``turn`` says which of them stand alone."""
    at = turn % len(texts)
    turned = [*texts[at:], *texts[:at]]
    yield conversations(turned)
    yield models(turned)
    for first in range(0, len(texts), len(_TEXTS)):
        yield settings(turned[first : first + len(_TEXTS)])
    yield themes(turned)
    yield prompt(turned)
    yield compared(turned)
    yield page(turned)
    yield file(turned)
    yield doctor(turned)
    yield palette(turned)
    yield front(turned)
    yield help_(list(Where)[turn % len(Where)])
