"""A log of so many local days: which were done, and which day is today.

Days are dates of the person's own calendar, as their browser's zone gave them (`workbook.local_day`
works them out; here they are given). So a night with a clock change is a day like any other, and
somebody who flies may meet a date twice or skip one: twice is the same day, of which the later word
counts, and a skipped one stays blank.

A day that was missed is blank and nothing else. There are no streaks here, and nothing to lose.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

PRESENCE_DAYS = 14
SMALL_THING_DAYS = 7

When = Literal["past", "today", "ahead"]


@dataclass(frozen=True)
class Entry:
    """What was said of one day; entries are given in the order in which they were recorded."""

    day: date
    value: str


@dataclass(frozen=True)
class Day:
    """One day of the log: its number from 1 on, and what was said last; empty for nothing."""

    number: int
    day: date
    value: str
    when: When


@dataclass(frozen=True)
class Log:
    """The days in order.

    Attributes
    ----------
    today
        Today's number; None when the days are over. A calendar that shows an earlier date than
        the first day (a clock set back, a flight over the date line) counts as the first day.
    filled
        On how many days something was said.
    """

    days: tuple[Day, ...]
    today: int | None
    filled: int

    @property
    def is_over(self) -> bool:
        """Whether the last day has passed."""
        return self.today is None

    def value_of(self, number: int) -> str:
        """Return what was said last of a day."""
        return self.days[number - 1].value


def build_log(
    entries: Iterable[Entry], *, length: int, today: date, first: date | None = None
) -> Log:
    """Lay the entries out over `length` days.

    Parameters
    ----------
    first
        Date of the first day; without it the date of the entry that was recorded first, or today
        when there is none.
    """
    said = list(entries)
    begins = first or (said[0].day if said else today)
    here = place_in_log(begins, today, length)
    values: dict[int, str] = {}
    for entry in said:
        number = place_in_log(begins, entry.day, length)
        if number is not None:
            values[number] = entry.value
    days = tuple(
        Day(n, _plus(begins, n - 1), values.get(n, ""), _when(n, here))
        for n in range(1, length + 1)
    )
    return Log(days, here, sum(1 for value in values.values() if value))


def place_in_log(first: date, day: date, length: int) -> int | None:
    """Return which day of the log a date is; 1 for any date before, None for any date behind."""
    number = max((day - first).days + 1, 1)
    return number if number <= length else None


def sum_by_day(entries: Iterable[Entry]) -> dict[date, int]:
    """Return a tally for each day that has one: the last count that was recorded for it."""
    return {entry.day: int(entry.value) for entry in entries}


def _plus(first: date, days: int) -> date:
    # The calendar of `datetime` ends with the year 9999; a broken clock must not end the page.
    return first + timedelta(days=min(days, (date.max - first).days))


def _when(number: int, today: int | None) -> When:
    if today is None or number < today:
        return "past"
    return "today" if number == today else "ahead"
