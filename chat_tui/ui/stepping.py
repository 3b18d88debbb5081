"""Where Tab goes from the composer.

Knows where widgets are on the screen; must not know what they show.
"""

from __future__ import annotations

from collections.abc import Iterable

from textual.widget import Widget


def first_in_sight(steps: Iterable[Widget], window: Widget) -> Widget | None:
    """The first of ``steps`` within ``window`` that is seen there, from its first line if one is.

    None where nothing is: what was said long ago is not scrolled to from its end.
    """
    here = window.region
    seen = [one for one in steps if window in one.ancestors and here.overlaps(one.region)]
    whole = [one for one in seen if one.region.y >= here.y]
    return next(iter(whole or seen), None)
