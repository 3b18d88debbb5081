"""The conversations that are kept, and the way from the present one to another.

Knows the chat, its keeper and the store; must not know how anything is shown. ``begin``, ``open``,
``delete`` and what the seams call belong to the thread that talks to the chat; all else may be
called from any thread, and waits for the disk.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chat_tui.conversation import Message
from chat_tui.errors import StoreError, UsageError
from chat_tui.language import _
from chat_tui.session.chat import Chat
from chat_tui.session.draft import Draft
from chat_tui.session.keeping import Keeper
from chat_tui.session.turn import Seams
from chat_tui.session.walking import Walk
from chat_tui.store.titles import title_of_fork
from chat_tui.store.values import Hit, Stored, Summary

_MANY = 1 << 30
_ID_LETTERS = 6
"""So much of an id is no word that somebody may look for."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The list at one moment."""

    conversations: tuple[Summary, ...]
    present: str | None
    """The one that goes on here."""
    elsewhere: frozenset[str]
    """Those that other processes have open."""
    whole: bool = True
    """Whether these are all that there are."""


class Shelf:
    """What a chat with a keeper can do with the other conversations in its store."""

    def __init__(self, keeper: Keeper) -> None:
        self.keeper = keeper
        self.store = keeper.store
        self.draft = Draft(keeper.store.path.with_name("draft.txt"))
        """What was being written when the program was left."""
        self.title = ""
        """The title that the present conversation had when it was opened."""
        self._chat: Chat | None = None
        self._deleted: list[Summary] = []
        self._told: Callable[[StoreError | None], None] = lambda _trouble: None

    # -- the present conversation

    def seams(self) -> Seams:
        """What a chat needs so that all it says is kept; ``serve`` comes after it."""
        return Seams(
            record=self._record,
            leave=self.begin,
            move=self.keeper.go,
            fork=self._fork,
            keep=self.keeper.keep,
        )

    def serve(self, chat: Chat) -> None:
        """Keep what this chat says, and what is decided about its calls."""
        self._chat = chat
        if chat.tools is not None:
            chat.tools.keep = self.keeper.remark

    @property
    def chat(self) -> Chat:
        """The chat that is served."""
        if self._chat is None:
            raise RuntimeError("no chat is served")
        return self._chat

    @property
    def present(self) -> str | None:
        """The conversation that goes on; None before its first message."""
        return self.keeper.id

    def stored(self) -> Stored | None:
        """The present conversation with what is kept beside it; None where not all of it is."""
        if self.present is None or self.trouble is not None:
            return None
        return self.store.load(self.present)

    def begin(self) -> None:
        """Give the present conversation back; the next message begins a new one."""
        chat = self.chat
        self.title = ""
        self.keeper.renew(chat.started, chat.effort)

    def open(self, conversation: str, *, effort: bool = True) -> Stored:
        """Leave the present conversation and go on with this one.

        ``effort`` tells whether its level comes with it. Raises StoreBusy while another process
        has it, StoreError where there is none; the present one then goes on.
        """
        chat = self.chat
        stored = self.keeper.begin(conversation)
        self.title = stored.title
        usages = [facts.usage.context_tokens for facts in stored.facts if facts.usage]
        chat.open(
            stored.conversation,
            stored.started,
            effort=stored.effort if effort else None,
            context_used=usages[-1] if usages else 0,
        )
        chat.accounts.recall(stored.facts)
        if chat.tools is not None:
            chat.tools.recall(stored.conversation, [facts.extra for facts in stored.facts])
        return stored

    def open_at(
        self, conversation: str, node: int | None, *, copy: bool = False
    ) -> tuple[str, int | None]:
        """Go on with a conversation, or with a copy of it, on the branch that ``node`` is on.

        The present one may be meant too. Its title, and the node as it is numbered there; None
        where it is not on that branch. Raises like ``open``.
        """
        if copy:
            conversation, node = self.copy(conversation, node)
        if conversation != self.present:
            title = self.open(conversation).title
        else:
            title = self.store.load(conversation).title
        if node is not None and not copy:
            self.chat.reach(node)
            node = node if node in self.chat.conversation.path() else None
        return title, node

    def copy(self, conversation: str, node: int | None = None) -> tuple[str, int | None]:
        """A new conversation with what was said in this one, wherever it is open; its id.

        Of the branch that ``node`` is on, which is given back as it is numbered in the copy.
        """
        tree, head = self.store.load(conversation).conversation, None
        if node is not None and node < len(tree.nodes):
            head = Walk().reach(tree, node)
            path = tree.at(head).path()
            node = path.index(node) if node in path else None
        copy = self.store.fork(conversation, head)
        title = _("{title} (copy)").format(title=self.store.load(copy).title)
        self.store.rename(copy, title.strip())
        return copy, node

    # -- all of them

    def listed(self, limit: int = _MANY) -> Listing:
        """The list as it is now, its first ``limit`` lines."""
        found = self.store.list_conversations(limit)
        return Listing(found, self.present, self.store.held_elsewhere(), len(found) < limit)

    def search(self, query: str, limit: int, each: int) -> tuple[Hit, ...]:
        """See ``Store.search``."""
        return self.store.search(query, limit, each)

    def find(self, words: str) -> str | None:
        """The one of the list whose id begins with ``words``; None where there is not just one."""
        if len(words) < _ID_LETTERS:
            return None
        try:
            found = self.store.resolve(words)
        except StoreError:
            return None
        gone = self.store.list_conversations(_MANY, deleted=True)
        return None if found in {one.id for one in gone} else found

    def rename(self, title: str, conversation: str | None = None) -> None:
        """Give a conversation, else the present one, a title of the user's own."""
        name = conversation or self.present
        if name is None:
            raise UsageError(
                _("Nothing has been said yet."), _("A conversation begins with a message.")
            )
        self.store.rename(name, title)

    def pin(self, conversation: str, pinned: bool) -> None:
        """See ``Store.pin``."""
        self.store.pin(conversation, pinned)

    def delete(self, one: Summary) -> None:
        """Take it out of the list; the present one is left before. Raises StoreBusy."""
        if one.id == self.present:
            self.chat.new()
        self.store.delete(one.id)
        self._deleted.append(one)

    @property
    def deleted(self) -> Summary | None:
        """What ``restore`` would bring back."""
        return self._deleted[-1] if self._deleted else None

    def restore(self) -> Summary | None:
        """Bring back what was deleted last, of what was deleted here; None where nothing was."""
        if not self._deleted:
            return None
        self.store.restore(self._deleted[-1].id)
        return self._deleted.pop()

    # -- trouble

    @property
    def trouble(self) -> StoreError | None:
        """Why what is said now is not kept; None while all is well."""
        return self.keeper.failed or self.store.trouble

    def watch(self, told: Callable[[StoreError | None], None]) -> None:
        """``told`` hears, in any thread, of trouble that begins (an error) and ends (None)."""
        self._told = told
        self.keeper.told = self._changed
        self.store.tell(self._changed)
        if self.trouble is not None:
            self._changed(None)

    def _changed(self, _news: StoreError | None) -> None:
        self._told(self.trouble)

    def _record(self, message: Message) -> None:
        chat = self.chat
        model = chat.engine.model
        self.keeper.model = model.name if model else ""
        self.keeper.follow(message, chat.conversation, chat.started, chat.effort)

    def _fork(self, node: int | None) -> str:
        if self.present is None:
            raise UsageError(_("Nothing has been said yet."))
        if self.trouble is not None:
            raise self.trouble  # what is not on the disk cannot be copied
        copy = self.store.fork(self.present, node)
        self.store.rename(copy, title_of_fork(self.store.load(copy).title))
        return self.open(copy, effort=False).title
