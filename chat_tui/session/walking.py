"""Where a reader is in a conversation's tree, and the way from one version to another.

Pure but for what it remembers: knows the tree alone; must not know who keeps or shows it.
"""

from __future__ import annotations

from chat_tui.conversation import Conversation
from chat_tui.session.resuming import is_taken_up
from chat_tui.session.versions import Unit, Versions


class Walk:
    """The way of one reader through one tree, so that going back leads to where they were."""

    def __init__(self) -> None:
        self._seen: dict[int, int] = {}
        """The head from which the reader left, below each version."""
        self._units: tuple[Conversation | None, tuple[Unit, ...]] = (None, ())

    def units(self, conversation: Conversation) -> tuple[Unit, ...]:
        """The questions and what came of them, on the path to the head, with their versions."""
        if self._units[0] is not conversation:  # long ones take a while
            self._units = (conversation, Versions(conversation).units())
        return self._units[1]

    def leave(self, conversation: Conversation) -> None:
        """The reader goes elsewhere from this head."""
        if (head := conversation.head) is not None:
            self._seen.update((unit.end, head) for unit in self.units(conversation))

    def step(self, conversation: Conversation, unit: int, step: int) -> int | None:
        """The head that shows the version ``step`` further on of a unit; the reader goes there.

        It is where they were below it before, else the newest leaf. None where there is none.
        """
        units = self.units(conversation)
        if not 0 <= unit < len(units):
            return None
        number = units[unit].place[0] - 1 + step
        if not 0 <= number < len(units[unit].versions):
            return None
        self.leave(conversation)
        return self._below(conversation, units[unit].versions[number])

    def reach(self, conversation: Conversation, node: int) -> int:
        """The head that shows a node: the present one where it does, else the newest below it.

        An answer that was gone on with is seen in what it became.
        """
        path = conversation.path()
        if node in path:
            return path[-1]
        self.leave(conversation)
        nodes = conversation.nodes
        for other in conversation.siblings(node):
            if other > node and is_taken_up(nodes[node].message, nodes[other].message):
                node = other
        below = {node}
        for at in range(node + 1, len(nodes)):
            if nodes[at].parent in below:
                below.add(at)
        return max(below)

    def _below(self, conversation: Conversation, end: int) -> int:
        head = self._seen.get(end, -1)
        known = 0 <= head < len(conversation.nodes) and end in conversation.at(head).path()
        return head if known else Versions(conversation).latest(end)
