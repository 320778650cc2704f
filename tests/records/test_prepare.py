"""What a session is prepared with: kept in ``session.json``, changed later, absent in old files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from reconnect_widgets.errors import RecordError, RecordReadError, SessionError
from reconnect_widgets.records import RecordFolder, SessionRecord
from reconnect_widgets.records.disk import one_at_a_time
from reconnect_widgets.records.plan_files import keep_plan_file
from reconnect_widgets.records.session_file import PREPARED
from tests.records.example import EVENING, make_session

PREPARATION: dict[str, Any] = {
    "minutes": {"welcome": 15, "checkup": 20},
    "free": ("checkup",),
    "door": "seats",
    "seats": 12,
    "is_practice": True,
}
WRONG = [
    ({"minutes": {"checkup": 0}}, "minutes"),
    ({"minutes": {"checkup": 241}}, "minutes"),
    ({"minutes": {"checkup": True}}, "minutes"),
    ({"minutes": {"Check up": 5}}, "minutes"),
    ({"minutes": ["checkup"]}, "minutes"),
    ({"free": ("Check up",)}, "free"),
    ({"door": "ajar"}, "door"),
    ({"door": "seats"}, "seats"),
    ({"door": "seats", "seats": -1}, "seats"),
    ({"seats": 201}, "seats"),
    ({"seats": True}, "seats"),
    ({"is_practice": 1}, "is_practice"),
]


def timeline(record: SessionRecord) -> list[tuple[str, str, str]]:
    rows = record.read_staff().rows
    return [(row.subject, row.event, row.detail) for row in rows]


def test_what_a_session_is_prepared_with_comes_back_from_the_disk(tmp_path: Path) -> None:
    record = make_session(tmp_path, **PREPARATION)
    info = RecordFolder(tmp_path).session(record.session_id).info
    assert {name: getattr(info, name) for name in PREPARED} == PREPARATION


@pytest.mark.parametrize("free", [None, (), ("checkup", "touch")])
def test_all_none_and_some_that_people_may_open_are_three_things(
    tmp_path: Path, free: tuple[str, ...] | None
) -> None:
    assert make_session(tmp_path, free=free).info.free == free


def test_a_session_of_before_opens_with_everything_free_and_the_door_open(
    record: SessionRecord,
) -> None:
    path = record.folder / "session.json"
    values = json.loads(path.read_bytes())
    for name in PREPARED:
        del values[name]
    path.write_text(json.dumps(values))
    info = record.info
    assert (info.minutes, info.free, info.door, info.seats, info.is_practice) == (
        {},
        None,
        "open",
        0,
        False,
    )


@pytest.mark.parametrize(("changes", "named"), WRONG, ids=str)
def test_a_preparation_that_makes_no_sense_is_refused_by_name(
    tmp_path: Path, changes: dict[str, Any], named: str
) -> None:
    with pytest.raises(SessionError, match=f"^{named}: expected"):
        make_session(tmp_path, **changes)
    record = make_session(tmp_path)
    before = record.info
    with pytest.raises(SessionError, match=f"^{named}: expected"):
        record.prepare(changes, EVENING, "facilitator")
    assert record.info == before
    assert "prepared" not in [event for _, event, _ in timeline(record)]


@pytest.mark.parametrize(
    "values",
    [{"minutes": []}, {"minutes": {"x": "5"}}, {"free": 7}, {"free": [7]}, {"seats": "many"}],
    ids=str,
)
def test_a_preparation_that_was_edited_wrongly_is_told_by_file(
    record: SessionRecord, values: dict[str, Any]
) -> None:
    path = record.folder / "session.json"
    path.write_text(json.dumps(json.loads(path.read_bytes()) | values))
    with pytest.raises(RecordReadError, match=r"session\.json"):
        _ = record.info


def test_preparing_changes_what_is_named_and_notes_it_under_who_did_it(
    record: SessionRecord,
) -> None:
    before = record.info
    later = EVENING + timedelta(hours=1)
    record.prepare({"title": "Wednesday group", "seats": 8, "door": "seats"}, later, "f-ab12cd")
    assert record.info == replace(before, title="Wednesday group", seats=8, door="seats")
    assert timeline(record)[-1] == ("f-ab12cd", "prepared", "door seats title")
    assert record.session_id == record.folder.name  # a new title is no new folder


def test_of_two_changes_at_once_neither_writes_over_the_other(
    record: SessionRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, place = one_at_a_time, "reconnect_widgets.records.folder.one_at_a_time"

    @contextmanager
    def after_somebody_else(lock: Path) -> Iterator[None]:
        monkeypatch.setattr(place, real)
        record.close(EVENING, "facilitator")
        with real(lock):
            yield

    monkeypatch.setattr(place, after_somebody_else)
    record.prepare({"title": "Wednesday group"}, EVENING, "facilitator")
    assert (record.info.title, record.info.closed_at) == ("Wednesday group", EVENING)


def test_a_plan_is_never_written_over(tmp_path: Path) -> None:
    plans = tmp_path / "data" / "plans"
    names = ["mine.yaml", "mine-2.yaml"]
    kept = [keep_plan_file(plans, [(name, text) for name in names]) for text in (b"a", b"b", b"a")]
    assert kept == ["mine.yaml", "mine-2.yaml", "mine.yaml"]
    assert [(plans / name).read_bytes() for name in names] == [b"a", b"b"]
    with pytest.raises(RecordError, match="every name like it is taken"):
        keep_plan_file(plans, [(name, b"c") for name in names])
