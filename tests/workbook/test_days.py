"""A person's own days, from the zone of their browser and from rows."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from reconnect_widgets.content import CONTENT_VERSION
from reconnect_widgets.domain.daily import build_log
from reconnect_widgets.records import SessionRecord
from reconnect_widgets.system import find_zone, new_event_id
from reconnect_widgets.workbook.context import Context
from reconnect_widgets.workbook.days import local_date, read_days, say_day
from tests.workbook.hand import ANN, open_context


@pytest.mark.parametrize(
    ("instant", "zone", "day"),
    [
        ("2026-11-22T23:30", "Europe/Berlin", "2026-11-23"),
        ("2026-11-22T23:30", "America/New_York", "2026-11-22"),
        ("2026-11-22T10:00", "Pacific/Kiritimati", "2026-11-23"),
        ("2026-11-22T11:00", "Pacific/Pago_Pago", "2026-11-22"),
        # The night in which Europe's clocks go back: half past midnight, twice half past two.
        ("2026-10-24T22:30", "Europe/Berlin", "2026-10-25"),
        ("2026-10-25T00:30", "Europe/Berlin", "2026-10-25"),
        ("2026-10-25T01:30", "Europe/Berlin", "2026-10-25"),
        ("2026-10-25T23:30", "Europe/Berlin", "2026-10-26"),
        ("2026-11-22T23:30", "Nowhere/At_All", "2026-11-22"),
    ],
)
def test_the_day_is_the_one_where_the_person_is(instant: str, zone: str, day: str) -> None:
    now = datetime.fromisoformat(instant).replace(tzinfo=UTC)
    assert local_date(now, find_zone(zone)) == date.fromisoformat(day)


def test_a_day_is_written_without_a_zero() -> None:
    assert say_day(date(2026, 11, 2)) == "2 November 2026"


def keep(context: Context, item: str, value: str, status: str = "answered") -> None:
    context.record_answer(
        exercise="checkup",
        round_=1,
        item=item,
        status=status,
        value=value or None,
        event_id=new_event_id(),
        content_version=CONTENT_VERSION,
    )


def test_a_log_is_read_from_the_record(consented: SessionRecord) -> None:
    context = open_context(consented, ANN)
    for number, day, did in (("1", "2026-11-20", "did"), ("3", "2026-11-22", "not-possible")):
        keep(context, f"day-{number}-date", day)
        keep(context, f"day-{number}", did)
    keep(context, "day-1", "did-not")  # thought again
    keep(context, "day-4", "did")  # no date: a crash between the two
    keep(context, "day-5-date", "soon")
    keep(context, "day-5", "did")
    entries = read_days(context.own_rows(), "checkup")
    log = build_log(entries, length=7, today=date(2026, 11, 23))
    assert [day.value for day in log.days] == ["did-not", "", "not-possible", "", "", "", ""]
    assert log.today == 4


def test_a_day_that_was_taken_back_is_blank(consented: SessionRecord) -> None:
    context = open_context(consented, ANN)
    keep(context, "day-1-date", "2026-11-20")
    keep(context, "day-1", "did")
    keep(context, "day-1", "", "skipped")
    log = build_log(read_days(context.own_rows(), "checkup"), length=7, today=date(2026, 11, 20))
    assert log.value_of(1) == ""
    assert log.filled == 0
