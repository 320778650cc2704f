"""A person's own days: which one is today where they are, and what was said of each.

Dates are those of the zone that their browser named (`Context.zone`), at the moment of the answer;
`domain.daily` lays them out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, tzinfo
from typing import Final

from reconnect_widgets.domain.daily import Entry
from reconnect_widgets.records import Row, current_answers

DATE_SUFFIX: Final = "-date"
_DAY_ITEM: Final = re.compile(r"day-[1-9][0-9]?")


def local_date(now: datetime, zone: tzinfo) -> date:
    """Return the date of an aware instant in this zone."""
    return now.astimezone(zone).date()


def is_date_within(value: object, today: date, days_ahead: int) -> bool:
    """Say whether this is a date, as the record writes it, from today on.

    Yesterday's is taken too: what was chosen before midnight may come after it.
    """
    day = read_date(value) if isinstance(value, str) else None
    return day is not None and value == day.isoformat() and -1 <= (day - today).days <= days_ahead


def say_day(day: date) -> str:
    """Write a day as ``21 November 2026``."""
    return f"{day.day} {day:%B %Y}"


def read_days(rows: Iterable[Row], exercise: str, round_: int = 1) -> list[Entry]:
    """Return what was said of each day, in the order in which it was first said.

    A day is two answers: ``day-3`` holds what was said, ``day-3-date`` of which date
    (``2026-11-22``). A day without a date that can be read is passed over.
    """
    own = [row for row in rows if row.exercise == exercise and row.round == round_]
    answers = {row.item: row for row in current_answers(own).values()}
    entries: dict[str, Entry] = {}
    for row in own:
        dated = answers.get(f"{row.item}{DATE_SUFFIX}")
        if row.kind == "answer" and _DAY_ITEM.fullmatch(row.item) and dated is not None:
            day = read_date(dated.value)
            if day is not None:
                entries.setdefault(row.item, Entry(day, answers[row.item].value))
    return list(entries.values())


def read_date(value: str) -> date | None:
    """Return the date that an answer holds; None when it holds none."""
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None
