"""Days and moments as people name them.

Knows dates and the chosen language; must not know conversations. Pure.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from chat_tui.language import N_, _

_DAYS = (
    N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"),
    N_("Sunday"),
)  # fmt: skip
_DAYS_BRIEFLY = (
    N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"),
)  # fmt: skip
_MONTHS = (
    N_("January"), N_("February"), N_("March"), N_("April"), N_("May"), N_("June"), N_("July"),
    N_("August"), N_("September"), N_("October"), N_("November"), N_("December"),
)  # fmt: skip
_MONTHS_BRIEFLY = (
    N_("Jan"), N_("Feb"), N_("Mar"), N_("Apr"), N_("May"), N_("Jun"), N_("Jul"), N_("Aug"),
    N_("Sep"), N_("Oct"), N_("Nov"), N_("Dec"),
)  # fmt: skip
_WEEK = 7


def day_name(day: date, today: date) -> str:
    """``Today``, ``Yesterday``, a weekday of this week, else the date."""
    if day == today:
        return _("Today")
    if day == today - timedelta(days=1):
        return _("Yesterday")
    if today - timedelta(days=_WEEK) < day < today:
        return _(_DAYS[day.weekday()])
    said = (
        _("{weekday} {day} {month}")
        if day.year == today.year
        else _("{weekday} {day} {month} {year}")
    )
    return said.format(
        weekday=_(_DAYS_BRIEFLY[day.weekday()]),
        day=day.day,
        month=_(_MONTHS[day.month - 1]),
        year=day.year,
    )


def when(moment: datetime, now: datetime) -> str:
    """When that was, as short as it can be said."""
    day, today = moment.date(), now.date()
    if day == today:
        return f"{moment:%H:%M}"
    said = _("{day} {month}") if day.year == today.year else _("{day} {month} {year}")
    return said.format(day=day.day, month=_(_MONTHS_BRIEFLY[day.month - 1]), year=day.year)
