"""Putting the screen together with as little work as it takes.

Knows Textual from within; must not know this program. Textual draws every line of every widget
whose container reaches into what is refreshed, also those behind others, and throws away what is
not seen. Here only lines are drawn of which something is seen, which is the same picture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import cast

from textual._compositor import Compositor
from textual.geometry import Region
from textual.strip import Strip


class LeanCompositor(Compositor):
    """Textual's, which does not draw what is behind something else."""

    def _render_chops(
        self, crop: Region, is_rendered_line: Callable[[int], bool]
    ) -> Sequence[Mapping[int, Strip]]:
        """The strips of each line by the column where they begin; None where none is needed."""
        cuts = self.cuts
        chops: list[dict[int, Strip | None]] = [dict.fromkeys(line[:-1]) for line in cuts]
        open_ = [len(line) if is_rendered_line(y) else 0 for y, line in enumerate(chops)]
        """How much of each line nothing stands in yet; the widgets come from front to back."""
        for widget, (region, clip) in self.visible_widgets.items():
            seen = region.intersection(clip)
            _, top, _, height = seen.intersection(crop)
            if not height:
                continue
            first, last = seen.column_span
            spots = {
                y: free
                for y in range(top, top + height)
                if open_[y] and (free := _free(cuts[y], chops[y], first, last))
            }
            for rows in runs(spots):
                part = Region(seen.x - region.x, rows.start - region.y, seen.width, len(rows))
                for y, strip in zip(rows, widget.render_lines(part), strict=False):
                    starts = [cut for cut in cuts[y] if first <= cut < last]
                    ends = [*starts[1:], last]
                    pieces = strip.divide([end - first for end in ends])
                    line = chops[y]
                    for start, piece in zip(starts, pieces, strict=False):
                        if line[start] is None:
                            line[start] = piece
                            open_[y] -= 1
        return cast("Sequence[Mapping[int, Strip]]", chops)


def _free(cuts: Sequence[int], line: Mapping[int, Strip | None], first: int, last: int) -> bool:
    """Whether nothing stands yet somewhere in a line from column ``first`` to before ``last``."""
    return any(first <= cut < last and line[cut] is None for cut in cuts[:-1])


def runs(numbers: Iterable[int]) -> Iterator[range]:
    """Ascending numbers as ranges without gaps."""
    run: range | None = None
    for number in numbers:
        if run is not None and number == run.stop:
            run = range(run.start, number + 1)
            continue
        if run is not None:
            yield run
        run = range(number, number + 1)
    if run is not None:
        yield run
