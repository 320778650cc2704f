"""The form that prepares an evening: laws of its editing, and its arithmetic."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconnect_widgets.server.prepare_form import (
    Line,
    PrepareForm,
    add_up,
    check_form,
    edit_form,
    read_form,
)

MINUTES_OF = {"welcome": 4, "checkup": 6, "touch": 8, "repair": 15, "reading": 3}
TODAY = date(2026, 11, 21)
DOS = st.tuples(
    st.sampled_from(["up", "down", "remove", "add", "explode", ""]),
    st.sampled_from([*MINUTES_OF, "no-such"]),
)


@given(st.lists(st.sampled_from([*MINUTES_OF]), unique=True), st.lists(DOS, max_size=12))
def test_no_row_of_buttons_makes_an_agenda_that_is_refused(
    keys: list[str], dos: list[tuple[str, str]]
) -> None:
    form = PrepareForm(title="T", lines=tuple(Line(key) for key in keys))
    for verb, key in dos:
        before = form
        form, focus = edit_form(form, "add" if verb == "add" else f"{verb}:{key}", key, MINUTES_OF)
        if verb in ("up", "down"):
            assert sorted(form.keys) == sorted(before.keys)
            assert not focus or focus.partition(":")[2] == key
        assert len(form.keys) - len(before.keys) in (-1, 0, 1)
    fields, problems = check_form(form, MINUTES_OF, TODAY)
    assert (problems == []) == bool(form.lines)
    assert fields["agenda"] == form.keys


@given(st.lists(st.sampled_from([*MINUTES_OF]), unique=True, min_size=2), st.data())
def test_down_takes_up_back(keys: list[str], data: st.DataObject) -> None:
    form = PrepareForm(lines=tuple(Line(key) for key in keys))
    key = data.draw(st.sampled_from(keys[1:]))
    up, _ = edit_form(form, f"up:{key}", "", MINUTES_OF)
    assert up.keys != form.keys
    assert edit_form(up, f"down:{key}", "", MINUTES_OF)[0] == form


@given(
    st.lists(st.text(max_size=20), max_size=70),
    st.lists(st.text(max_size=20), max_size=70),
    st.dictionaries(st.sampled_from(["title", "seats", "keep", "keep_until", "begin"]), st.text()),
)
def test_no_form_makes_the_reader_or_the_check_fail(
    keys: list[str], minutes: list[str], fields: dict[str, str]
) -> None:
    lists = {"exercise": keys, "minutes": minutes, "free_key": keys}
    form = read_form(lambda name: fields.get(name, ""), lambda name: lists[name])
    add_up(form)
    assert check_form(form, MINUTES_OF, TODAY)[1]


@pytest.mark.parametrize(
    ("begin", "minutes", "total", "until"),
    [
        ("19:00", ["60", "70"], 130, "21:10"),
        ("19:00", ["61", "66"], 127, "21:10"),
        ("19:00", [""], 0, "19:00"),
        ("23:30", ["45"], 45, "00:15"),
        ("19:02", ["1"], 1, "19:05"),
        ("", ["30"], 30, ""),
        ("25:99", ["30"], 30, ""),
        ("19:00", ["30", "1000000000", "-5", "x"], 30, "19:30"),
    ],
)
def test_the_end_is_rounded_up_to_five_minutes(
    begin: str, minutes: list[str], total: int, until: str
) -> None:
    form = PrepareForm(begin=begin, lines=tuple(Line("a", typed) for typed in minutes))
    assert add_up(form) == (total, until)


@pytest.mark.parametrize(
    ("keep", "until", "days"),
    [
        ("90", "", 90),
        ("date", "2026-11-22", 1),
        ("date", "2027-11-21", 365),
        ("date", "2026-11-21", 0),
        ("date", "2026-02-30", 0),
        ("0", "2027-01-01", 0),
    ],
)
def test_days_or_a_date_say_how_long_the_record_is_kept(keep: str, until: str, days: int) -> None:
    form = PrepareForm(title="T", lines=(Line("touch"),), keep=keep, keep_until=until)
    fields, problems = check_form(form, MINUTES_OF, TODAY)
    assert fields["keep_days"] == days
    assert [name for name, _ in problems] == ([] if days else ["keep"])


def test_what_is_open_to_everybody_at_all_times_is_not_chosen() -> None:
    form = PrepareForm(
        title="T", lines=(Line("touch"),), free="chosen", free_keys=("welcome", "touch")
    )
    assert check_form(form, MINUTES_OF, TODAY)[0]["free"] == ("touch",)
