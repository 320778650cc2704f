"""Logs of local days: the person's own calendar, whatever clocks and zones do."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconnect_widgets.domain.daily import Entry, build_log, place_in_log, sum_by_day

FIRST = date(2026, 10, 20)


def day(number: int) -> date:
    return FIRST + timedelta(days=number - 1)


def test_a_log_begins_with_the_first_thing_that_was_said() -> None:
    entries = [Entry(day(1), "did"), Entry(day(3), "did-not")]
    log = build_log(entries, length=7, today=day(4))
    assert [d.value for d in log.days] == ["did", "", "did-not", "", "", "", ""]
    assert [d.when for d in log.days] == ["past"] * 3 + ["today"] + ["ahead"] * 3
    assert (log.today, log.filled, log.is_over) == (4, 2, False)
    assert [d.day for d in log.days] == [day(n) for n in range(1, 8)]


def test_an_empty_log_begins_today_or_on_the_day_that_was_chosen() -> None:
    assert build_log([], length=7, today=day(1)).today == 1
    assert build_log([], length=7, today=day(3), first=day(1)).today == 3


def test_a_missed_day_is_blank_and_takes_nothing_from_the_others() -> None:
    entries = [Entry(day(n), "did") for n in (1, 2, 9, 14)]
    log = build_log(entries, length=14, today=day(14))
    assert [d.number for d in log.days if d.value] == [1, 2, 9, 14]
    assert log.filled == 4


def test_the_later_word_on_a_day_counts() -> None:
    log = build_log([Entry(day(1), "did"), Entry(day(1), "did-not")], length=7, today=day(1))
    assert log.value_of(1) == "did-not"
    assert log.filled == 1


def test_after_the_last_day_the_log_is_over_and_takes_nothing_more() -> None:
    entries = [Entry(day(1), "did"), Entry(day(8), "did")]
    log = build_log(entries, length=7, today=day(8))
    assert log.is_over
    assert log.filled == 1


def test_a_clock_set_back_before_the_first_day_means_the_first_day() -> None:
    entries = [Entry(day(1), "did"), Entry(day(-2), "did-not")]
    log = build_log(entries, length=7, today=day(-2))
    assert log.today == 1
    assert log.value_of(1) == "did-not"


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
def test_the_night_of_a_clock_change_is_a_day_like_any_other(zone: str) -> None:
    """Each local evening of a year has its own number, also where a day has 23 or 25 hours."""
    there = ZoneInfo(zone)
    evenings = [
        datetime(2026, 1, 1, 22, 30, tzinfo=there) + timedelta(days=n) for n in range(365)
    ]  # wall-clock arithmetic: always half past ten
    numbers = [
        place_in_log(date(2026, 1, 1), evening.astimezone(UTC).astimezone(there).date(), 365)
        for evening in evenings
    ]
    assert numbers == list(range(1, 366))


def test_flying_over_the_date_line_meets_a_day_twice_or_skips_one() -> None:
    tokyo, honolulu = ZoneInfo("Asia/Tokyo"), ZoneInfo("Pacific/Honolulu")
    said_at = datetime(2026, 10, 22, 11, 0, tzinfo=UTC)  # the evening of the 22nd in Tokyo
    landed_at = said_at + timedelta(hours=19)  # the evening of the 22nd, once more
    entries = [
        Entry(said_at.astimezone(tokyo).date(), "did"),
        Entry(landed_at.astimezone(honolulu).date(), "did-not"),
    ]
    log = build_log(entries, length=7, today=entries[-1].day)
    assert (log.today, log.filled, log.value_of(1)) == (1, 1, "did-not")
    back_at = landed_at + timedelta(hours=19)  # and over the line again: a date is skipped
    assert build_log(entries, length=7, today=back_at.astimezone(tokyo).date()).today == 3


def test_a_tally_counts_what_was_said_last_for_a_day() -> None:
    entries = [Entry(day(1), "3"), Entry(day(2), "1"), Entry(day(1), "2")]
    assert sum_by_day(entries) == {day(1): 2, day(2): 1}


DATES = st.dates(min_value=date(1, 1, 1), max_value=date.max)


@given(
    entries=st.lists(st.builds(Entry, DATES, st.sampled_from(["did", "did-not"])), max_size=30),
    today=DATES,
    length=st.integers(1, 14),
)
def test_any_calendar_gives_a_whole_log(entries: list[Entry], today: date, length: int) -> None:
    log = build_log(entries, length=length, today=today)
    assert [d.number for d in log.days] == list(range(1, length + 1))
    assert log.today is None or 1 <= log.today <= length
    assert sum(d.when == "today" for d in log.days) == (log.today is not None)
    assert log.filled == sum(bool(d.value) for d in log.days) <= length


@given(numbers=st.lists(st.integers(1, 14), max_size=30), missed=st.integers(1, 14), data=st.data())
def test_what_is_shown_of_a_day_depends_on_that_day_alone(
    numbers: list[int], missed: int, data: st.DataObject
) -> None:
    """No streaks: taking one day's entries away blanks that day and changes no other."""
    entries = [Entry(day(n), data.draw(st.sampled_from(["a", "b"]))) for n in numbers]
    left = [entry for entry in entries if entry.day != day(missed)]
    whole = build_log(entries, length=14, today=day(14), first=FIRST)
    without = build_log(left, length=14, today=day(14), first=FIRST)
    for one, other in zip(whole.days, without.days, strict=True):
        assert other.value == ("" if one.number == missed else one.value)
