"""The kept conversations on the command line: list, search, export, import, delete.

Knows the store and text streams; must not know the model or a full screen. What goes to a terminal
is cleaned; a file or a pipe gets every character of a document.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

from chat_tui.errors import StoreError, UsageError
from chat_tui.language import _, ngettext
from chat_tui.plain.archive import LAST
from chat_tui.session.document import Form, readable
from chat_tui.session.export import write
from chat_tui.store.documents import to_document, without
from chat_tui.store.store import KEEP_DELETED_SECONDS, Store
from chat_tui.store.values import Hit, Stored, Summary
from chat_tui.untrusted import clean, clean_line

_MANY = 1 << 30


@contextmanager
def opened(path: Path) -> Iterator[Store]:
    """The store at ``path``; says so if it had to be rescued. Raises StoreError."""
    store = Store(path)
    try:
        yield store
    finally:
        if lost := store.close():
            text = ngettext(
                "The disk took no more: the last {n:,} change is not saved.",
                "The disk took no more: the last {n:,} changes are not saved.",
                lost,
            )
            _say(text.format(n=lost), error=True)
        if (rescued := store.salvaged) is not None:
            _say(
                _(
                    "The conversations were damaged: {messages:,} messages were rescued. The"
                    " damaged file is kept: {kept}"
                ).format(messages=rescued.messages, kept=rescued.kept),
                error=True,
            )


def tell_trouble(trouble: StoreError | None) -> None:
    """Say on standard error that nothing is kept now, or that it is again."""
    if trouble is None:
        _say(_("What was said is saved again."), error=True)
    else:
        _say(f"chat-tui: {trouble}", error=True)


def chosen(store: Store, name: str) -> str:
    """The conversation that is meant: an id, the beginning of one, or ``last``.

    Raises StoreError.
    """
    if name != LAST:
        return store.resolve(name)
    last = store.last()
    if last is None:
        raise StoreError(_("There is no conversation yet."))
    return last


def list_all(store: Store, words: argparse.Namespace) -> int:
    """One line for each conversation, newest first."""
    limit = words.limit or _MANY
    found = store.list_conversations(limit, deleted=words.deleted)
    if words.json:
        print(json.dumps([asdict(one) for one in found]))
        return 0
    for one in found:
        _say(_line(one))
    if not words.deleted and len(found) < (total := store.count()):
        _say(
            _("… and {more:,} more (--limit 0 lists all).").format(more=total - len(found)),
            error=True,
        )
    return 0


def search(store: Store, words: argparse.Namespace) -> int:
    """Where the words stand; exit code 1 where they do not."""
    found = store.search(" ".join(words.words), words.limit or _MANY)
    if words.json:
        print(json.dumps([asdict(one) for one in found]))
    else:
        last = ""
        for one in found:
            if one.conversation != last:
                _say(f"{one.conversation}  {titled(one.title)}")
                last = one.conversation
            _say(f"    {_(one.part)}: {marked(one)}")
    if not found:
        _say(_("Nothing was found."), error=True)
    return 0 if found else 1


def export(store: Store, words: argparse.Namespace) -> int:
    """A document of one conversation, or of all."""
    as_json = words.format == "json"
    if words.all and not as_json:
        raise UsageError(_("All conversations go into one JSON document."), _("Add --format json."))
    if words.all == bool(words.id):
        raise UsageError(
            _("Say which conversation."), _("Give an id, {last}, or --all.").format(last=LAST)
        )
    if words.all:
        ids = [one.id for one in store.list_conversations(_MANY)]
    else:
        ids = [chosen(store, words.id)]
    reasoning = as_json if words.reasoning is None else words.reasoning
    loaded = [store.load(one) for one in ids]
    if as_json:
        text = to_document(without(one, reasoning=reasoning, tools=words.tools) for one in loaded)
    else:
        form = Form.HTML if words.format == "html" else Form.MARKDOWN
        text = readable(loaded[0], form, reasoning=reasoning, tools=words.tools)
    if words.output:
        _say(_("Written to {path}.").format(path=write(text, str(words.output), "")), error=True)
    else:
        sys.stdout.write(clean(text) if sys.stdout.isatty() else text)
    return 0


def import_files(store: Store, words: argparse.Namespace) -> int:
    """Add the conversations of files; those that are there already are left alone."""
    from chat_tui.store.imports import read_file  # noqa: PLC0415 - the chat begins without it

    added = known = 0
    for file in words.files:
        found = read_file(file)
        for one in found.conversations:
            if _is_there(store, one):
                known += 1
            else:
                store.insert(one)
                added += 1
        for what in found.skipped:
            _say(_("Left out of {file}: {what}").format(file=file, what=what), error=True)
    if known:
        text = ngettext(
            "Imported {n:,} conversation; {known:,} were there already.",
            "Imported {n:,} conversations; {known:,} were there already.",
            added,
        )
    else:
        text = ngettext("Imported {n:,} conversation.", "Imported {n:,} conversations.", added)
    _say(text.format(n=added, known=known))
    return 0


def delete(store: Store, words: argparse.Namespace) -> int:
    """Take conversations out of the list, bring them back, or remove them for good."""
    for name in words.ids:
        conversation = chosen(store, name)
        title = titled(store.load(conversation).title)
        if words.restore:
            store.restore(conversation)
            _say(_("Restored: {title}").format(title=title))
            continue
        store.delete(conversation)
        if words.now:
            store.purge(conversation)
            _say(_("Removed for good: {title}").format(title=title))
        else:
            days = int(KEEP_DELETED_SECONDS / 86400)
            _say(_("Deleted: {title}").format(title=title))
            _say(
                _(
                    "For {days} days, chat-tui delete --restore {conversation} brings it back."
                ).format(days=days, conversation=conversation)
            )
    return 0


Command = Callable[[Store, argparse.Namespace], int]

COMMANDS: Mapping[str, Command] = MappingProxyType(
    {
        "list": list_all,
        "search": search,
        "export": export,
        "import": import_files,
        "delete": delete,
    }
)
"""What ``archive`` has parsers for, by name."""


def _is_there(store: Store, stored: Stored) -> bool:
    try:
        return bool(stored.id) and replace(store.load(stored.id), updated=stored.updated) == stored
    except StoreError:
        return False


def _line(one: Summary) -> str:
    when = datetime.fromtimestamp(one.updated).astimezone().strftime("%Y-%m-%d %H:%M")
    pin = "*" if one.pinned else " "
    return f"{one.id} {pin} {when}  {one.messages:>4}  {titled(one.title)}"


def titled(title: str) -> str:
    """The title, or what stands for none."""
    return clean_line(title) or _("(no title)")


def marked(hit: Hit) -> str:
    """The snippet with the words found in brackets."""
    text, end = "", 0
    for start, stop in hit.spans:
        text += f"{hit.snippet[end:start]}[{hit.snippet[start:stop]}]"
        end = stop
    return text + hit.snippet[end:]


def _say(text: str, *, error: bool = False) -> None:
    print(clean_line(text) if error else clean(text), file=sys.stderr if error else sys.stdout)
