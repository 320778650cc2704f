"""Instants, identifiers and the environment of a kernel."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconnect_widgets.system import (
    CODE_ALPHABET,
    KernelEnvironment,
    format_instant,
    is_event_id,
    new_event_id,
    parse_instant,
    random_code,
)


@given(
    st.datetimes(
        min_value=datetime(1970, 1, 1),
        max_value=datetime(2999, 1, 1),
        timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=45))]),
    )
)
def test_an_instant_comes_back_to_the_millisecond(instant: datetime) -> None:
    back = parse_instant(format_instant(instant))
    assert timedelta(0) <= instant - back < timedelta(milliseconds=1)


def test_an_instant_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        format_instant(datetime(2026, 11, 20, 18, 3))


@pytest.mark.parametrize(
    "text",
    ["", "2026-11-20", "2026-11-20T18:03:12Z", "2026-11-20T18:03:12.345+01:00", "20/11/2026 18:03"],
)
def test_what_a_spreadsheet_makes_of_an_instant_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"18:03:12\.345Z"):
        parse_instant(text)


def test_event_ids_are_uuid7_and_sort_by_time() -> None:
    ids = [new_event_id() for _ in range(200)]
    assert all(is_event_id(text) for text in ids)
    assert len(set(ids)) == 200
    milliseconds = [int(text.replace("-", "")[:12], 16) for text in ids]
    assert milliseconds == sorted(milliseconds)


@pytest.mark.parametrize(
    "value",
    [
        *(None, 7, "", "not-an-id", "018f4e5c-0000-4000-8000-000000000000"),
        "019ABCDE-0000-7000-8000-000000000000",
    ],
)
def test_anything_else_is_no_event_id(value: object) -> None:
    assert not is_event_id(value)


def test_codes_hold_nothing_that_is_misread_across_a_room() -> None:
    assert not set("01ILO") & set(CODE_ALPHABET)
    assert set(random_code(500)) <= set(CODE_ALPHABET)


def test_a_kernel_reads_back_the_environment_it_was_given(tmp_path: Path) -> None:
    told = KernelEnvironment(tmp_path.resolve(), "2026-11-20-x-abc123", "p-abc123", "participant")
    assert KernelEnvironment.load(told.variables()) == told


def test_outside_the_server_a_kernel_belongs_to_nobody(tmp_path: Path) -> None:
    env = KernelEnvironment.load({"RECONNECT_DATA": str(tmp_path)})
    assert (env.session_id, env.participant_id, env.role) == ("", "", "")
