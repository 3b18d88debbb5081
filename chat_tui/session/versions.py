"""Where a conversation branches: what else was said in the same place, and the way there.

Knows the tree alone; must not know who keeps or shows it. A conversation is seen in units: a
question, and all that came of it (reasoning, calls, results, the answer). What may stand in the
place of a unit are its versions, each named by its last node.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chat_tui.conversation import Conversation, Message, Role
from chat_tui.session.resuming import is_taken_up


@dataclass(frozen=True, slots=True)
class Unit:
    """A question, or all that came of one, on the path to the head."""

    nodes: tuple[int, ...]
    is_question: bool
    versions: tuple[int, ...]
    """The last nodes of all that was said in this place, oldest first; its own is among them."""

    @property
    def end(self) -> int:
        """Its last node."""
        return self.nodes[-1]

    @property
    def place(self) -> tuple[int, int]:
        """Which of how many versions it is, from 1."""
        return (self.versions.index(self.end) + 1, len(self.versions))


class Versions:
    """The branches of one conversation, as it is now.

    A question may stand where an answer could: one that was never answered, with the next below.
    So whatever follows a question is a version of what came of it.
    """

    def __init__(self, conversation: Conversation) -> None:
        self._tree = conversation
        self._below: dict[int | None, list[int]] = {}
        for at, node in enumerate(conversation.nodes):
            self._below.setdefault(node.parent, []).append(at)
        self._question = [node.message.role is Role.USER for node in conversation.nodes]
        path = set(conversation.path())
        for at, node in enumerate(conversation.nodes):
            beside = self._below[node.parent]
            if node.message.interrupted and at not in path and self._is_last(at):
                # The beginning of what was gone on with is no other thing that was said.
                later = (said for other in beside if other > at for said in self._first(other))
                if any(is_taken_up(node.message, said) for said in later):
                    beside.remove(at)

    def _is_last(self, at: int) -> bool:
        """Whether nothing was said below a node; marks are not said."""
        below = self._below.get(at, ())
        return all(
            self._tree.nodes[other].message.is_mark and self._is_last(other) for other in below
        )

    def _first(self, at: int) -> Iterator[Message]:
        """What was said first from a node on, behind marks."""
        message = self._tree.nodes[at].message
        if not message.is_mark:
            yield message
            return
        for other in self._below.get(at, ()):
            yield from self._first(other)

    def units(self) -> tuple[Unit, ...]:
        """The path to the head, unit by unit."""
        runs: list[list[int]] = []
        for at in self._tree.path():
            if runs and not self._asks(at) and not self._asks(runs[-1][-1]):
                runs[-1].append(at)
            else:
                runs.append([at])
        before: int | None = None
        found = []
        for run in runs:
            nodes = tuple(run)
            found.append(Unit(nodes, self._asks(run[0]), self._slot(before, nodes)))
            before = run[-1]
        return tuple(found)

    def latest(self, end: int) -> int:
        """The newest leaf below the version that ends with this node."""
        newest, heap = end, self._next(end)
        while heap:
            at = heap.pop()
            newest = max(newest, at)
            heap.extend(self._below.get(at, ()))
        return newest

    def _next(self, end: int) -> list[int]:
        """What follows a version. Below an answer that can only be a question."""
        below = self._below.get(end, [])
        return [at for at in below if self._asks(end) or self._asks(at)]

    def _slot(self, before: int | None, own: tuple[int, ...]) -> tuple[int, ...]:
        """The versions of what stands below ``before``; ``own`` is the one on the path."""
        below = self._below[before]
        if len(below) == 1 and self._is_straight(own):
            return (own[-1],)
        if before is not None and not self._asks(before):
            return tuple(self._next(before))
        found = {own}
        open_: list[tuple[int, ...]] = [(at,) for at in below]
        while open_:
            run = open_.pop()
            more = [] if self._asks(run[0]) else self._below.get(run[-1], [])
            longer = [(*run, at) for at in more if not self._asks(at)]
            if not longer or len(longer) < len(more):
                found.add(run)
            open_.extend(longer)
        return tuple(run[-1] for run in sorted(found))

    def _is_straight(self, own: tuple[int, ...]) -> bool:
        """Whether nothing branches off a unit: as it nearly always is."""
        if any(len(self._below[at]) > 1 for at in own[:-1]):
            return False
        end = own[-1]
        return self._asks(end) or all(self._asks(at) for at in self._below.get(end, ()))

    def _asks(self, at: int) -> bool:
        return self._question[at]


def turns(messages: Iterable[Message]) -> list[tuple[Message, ...]]:
    """The messages of a path by turns: a question and all that came of it.

    What stands before the first question is a turn of its own.
    """
    found: list[list[Message]] = []
    for message in messages:
        if not found or message.role is Role.USER:
            found.append([])
        found[-1].append(message)
    return [tuple(turn) for turn in found]


def last_question(conversation: Conversation) -> int | None:
    """The node of the user's last message on the way to the head."""
    nodes = conversation.nodes
    path = reversed(conversation.path())
    return next((at for at in path if nodes[at].message.role is Role.USER), None)


def is_question(conversation: Conversation, index: int) -> bool:
    """Whether there is such a node, and it is a question of the user's."""
    nodes = conversation.nodes
    return 0 <= index < len(nodes) and nodes[index].message.role is Role.USER
