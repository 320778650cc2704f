"""What a facilitator did is written into their own journal, and read again as it was meant."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconnect_widgets.domain.evening import DESK_ACTS
from reconnect_widgets.records import RecordFolder, SessionRecord
from reconnect_widgets.records.desk_acts import read_desk_acts, write_desk_act
from reconnect_widgets.system import utc_now
from tests.server.test_roster import row

GROUPS = (("p-aaaaaa", "p-bbbbbb"), ("p-cccccc", "p-dddddd", "p-eeeeee"))


@pytest.fixture
def session(tmp_path: Path) -> SessionRecord:
    return RecordFolder(tmp_path).create_session(
        "Tuesday group",
        agenda=("welcome", "checkup"),
        partner_policy="limited-secrets",
        name_visibility="facilitator",
        keep_days=30,
        now=utc_now(),
    )


@pytest.mark.parametrize("name", DESK_ACTS)
def test_every_act_comes_back_as_it_was_written(session: SessionRecord, name: str) -> None:
    told: dict[str, Any] = {
        "about": "0198c5d2-0000-7000-8000-000000000000",
        "seconds": 90.0,
        "view": "wall",
        "groups": GROUPS,
        "turn": 3,
        "words": "Zoë, “late”, ×2\n=1+1",
    }
    with_desk = session.open_writer("f-ab12cd")
    with_desk.append_event(name, exercise="repair", detail=write_desk_act(**told))
    with_desk.close()
    (act,) = read_desk_acts(session.read_staff().rows)
    assert (act.name, act.by, act.exercise) == (name, "f-ab12cd", "repair")
    assert {field: getattr(act, field) for field in told} == told


def test_an_act_that_says_nothing_more_has_no_detail() -> None:
    assert write_desk_act() == ""


def test_a_participants_clock_is_none_of_the_desks(session: SessionRecord) -> None:
    for subject, person in (("p-aaaaaa", "p-aaaaaa"), ("facilitator", "")):
        writer = session.open_writer(subject)
        writer.append_event("clock-started", exercise="presence", participant_id=person)
        writer.close()
    assert [act.by for act in read_desk_acts(session.read().rows)] == ["facilitator"]


def test_what_else_the_staff_notes_is_no_act_of_the_desk(session: SessionRecord) -> None:
    session.close(utc_now(), "facilitator")
    session.reopen(utc_now(), "facilitator")
    assert read_desk_acts(session.read_staff().rows) == []


DAMAGED = (
    "[]",
    "null",
    "7",
    '{"seconds": "ten"}',
    '{"seconds": true}',
    '{"groups": [["p-aaaaaa", 7, "Ada"], 3]}',
    '{"words": {}}',
    '{"turn": true}',
    '{"turn": -1}',
)


@given(st.text(max_size=60) | st.sampled_from(DAMAGED))
def test_a_damaged_detail_is_read_as_far_as_it_makes_sense(detail: str) -> None:
    (act,) = read_desk_acts([row(0, "event", event="brought", exercise="repair", detail=detail)])
    assert act.exercise == "repair"
    assert isinstance(act.seconds, float)
    assert all(isinstance(word, str) for word in (act.about, act.view, act.words))
    assert type(act.turn) is int and act.turn > 0
    assert all(one.startswith("p-") for group in act.groups for one in group)
