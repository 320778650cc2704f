"""The record folder: making, finding, closing and purging sessions."""

from __future__ import annotations

import json
import re
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from reconnect_widgets.domain.people import SESSION_ID
from reconnect_widgets.errors import (
    RecordError,
    RecordReadError,
    RecordWriteError,
    SessionClosedError,
    SessionError,
    SessionNotFoundError,
)
from reconnect_widgets.records import RecordFolder, SessionRecord
from reconnect_widgets.system import utc_now
from tests.records.example import ANN, EVENING, append_answer, join, make_session, read_table

HOSTILE_IDS = (
    "",
    ".",
    "..",
    "../sessions",
    "/etc/passwd",
    "2026-11-20-tuesday-group-k7f3mq/../../x",
    "2026-11-20-tuesday-group-k7f3mq\n",
    "2026-11-20-tuesday-group-k7f3mq\x00",
    "2026-11-20-tuesday group-k7f3mq",
    "2026-11-20-TUESDAY-k7f3mq",
    "2026-11-20-k7f3mq",
    "~root",
    None,
    7,
)


def test_a_new_session_is_on_the_disk_with_what_was_asked_for(tmp_path: Path) -> None:
    info = make_session(tmp_path, keep_days=30, content_version="2026.1").info
    assert (info.title, info.agenda, info.partner_policy, info.name_visibility) == (
        "Tuesday group",
        ("welcome", "checkup"),
        "limited-secrets",
        "facilitator",
    )
    assert (info.created_at, info.closed_at) == (EVENING, None)
    assert info.keep_until == EVENING + timedelta(days=30)
    assert (info.content_version, info.schema_version) == ("2026.1", "1")
    assert re.fullmatch(r"2026-11-20-tuesday-group-[a-z0-9]{6}", info.session_id)
    assert re.fullmatch(r"[A-HJ-NP-Z2-9]{6}", info.code)


def test_session_json_holds_the_fields_of_the_contract(record: SessionRecord) -> None:
    path = record.folder / "session.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert set(json.loads(path.read_bytes())) == {
        *("session_id", "title", "code", "created_at", "closed_at", "agenda", "partner_policy"),
        *("name_visibility", "keep_until", "content_version", "schema_version"),
        *("minutes", "free", "door", "seats", "is_practice"),
        *("minutes", "free", "door", "seats", "is_practice"),
    }


def test_the_id_does_not_give_the_join_code_away(tmp_path: Path) -> None:
    for _ in range(20):
        info = make_session(tmp_path).info
        assert info.code.lower() not in info.session_id


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Tuesday group", "tuesday-group"),
        ("Élan & Zoë’s evening!", "elan-zoes-evening"),
        ("פגישה", "session"),
        ("🙂", "session"),
        ("../../etc/passwd", "etc-passwd"),
        ("=cmd|' /C calc'!A0", "cmd-c-calc-a0"),
        ("CON", "con"),
        ("x" * 80, "x" * 40),
        ("a" * 39 + " b", "a" * 39),
    ],
)
def test_a_title_becomes_a_harmless_folder_name(tmp_path: Path, title: str, slug: str) -> None:
    record = RecordFolder(tmp_path).create_session(
        title,
        agenda=["welcome"],
        partner_policy="no-secrets",
        name_visibility="off",
        keep_days=1,
        now=EVENING,
    )
    assert record.folder.name[11:-7] == slug
    assert record.folder.parent == tmp_path / "sessions"
    assert SESSION_ID.fullmatch(record.session_id)
    assert record.info.title == title


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"agenda": []}, "agenda"),
        ({"agenda": ["Check up"]}, "agenda"),
        ({"partner_policy": "some-secrets"}, "partner_policy"),
        ({"name_visibility": "all"}, "name_visibility"),
        ({"keep_days": 0}, "keep_days"),
        ({"keep_days": True}, "keep_days"),
        ({"keep_days": 10**9}, "keep_days"),
    ],
)
def test_a_session_with_a_wrong_setting_is_refused_by_name(
    tmp_path: Path, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(SessionError, match=field):
        make_session(tmp_path, **changes)
    assert RecordFolder(tmp_path).sessions() == []


@pytest.mark.parametrize("title", ["", "   ", "x" * 81, "a\nb", "a\x00b", "half \ud83d", 7])
def test_a_title_that_is_no_line_of_text_is_refused(tmp_path: Path, title: str) -> None:
    with pytest.raises(SessionError, match="title"):
        RecordFolder(tmp_path).create_session(
            title,
            agenda=["welcome"],
            partner_policy="no-secrets",
            name_visibility="off",
            keep_days=1,
            now=EVENING,
        )


def test_a_session_is_found_by_its_id(tmp_path: Path, record: SessionRecord) -> None:
    assert RecordFolder(tmp_path).session(record.session_id).info == record.info


@pytest.mark.parametrize("session_id", HOSTILE_IDS)
def test_no_id_leads_out_of_the_folder(tmp_path: Path, session_id: str) -> None:
    (tmp_path / "session.json").write_text("{}")
    with pytest.raises(SessionNotFoundError):
        RecordFolder(tmp_path / "sessions").session(session_id)


@pytest.mark.parametrize("subject", ["", "..", "../x", "p-ann001/../..", "desk", "p-ANN001"])
def test_no_subject_leads_out_of_the_journal_folder(record: SessionRecord, subject: str) -> None:
    with pytest.raises(RecordError):
        record.open_writer(subject)


def test_a_session_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(SessionNotFoundError):
        RecordFolder(tmp_path).session("2026-11-20-tuesday-group-k7f3mq")


def test_sessions_come_newest_first(tmp_path: Path) -> None:
    ids = [
        make_session(tmp_path, now=EVENING + timedelta(hours=hours)).session_id
        for hours in (2, 0, 1)
    ]
    found = [record.session_id for record in RecordFolder(tmp_path).sessions()]
    assert found == [ids[0], ids[2], ids[1]]


def test_a_folder_without_sessions_has_none(tmp_path: Path) -> None:
    assert RecordFolder(tmp_path / "new").sessions() == []
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b"\xff",
        b"[" * 100_000,
        None,
    ],
)
def test_a_broken_folder_is_told_and_the_others_are_listed(
    tmp_path: Path, record: SessionRecord, content: bytes | None
) -> None:
    broken = make_session(tmp_path)
    path = broken.folder / "session.json"
    path.unlink() if content is None else path.write_bytes(content)
    folder = RecordFolder(tmp_path)
    assert [record.session_id for record in folder.sessions()] == [record.session_id]
    (told,) = folder.broken_sessions()
    assert told.name == broken.session_id
    assert "session.json" in told.reason
    with pytest.raises(RecordReadError, match=r"session\.json"):
        _ = broken.info


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", 7),
        ("code", "abc"),
        ("code", None),
        ("created_at", "yesterday"),
        ("closed_at", 7),
        ("agenda", "welcome and checkup"),
        ("agenda", [7]),
        ("partner_policy", "x"),
        ("keep_until", None),
        ("session_id", "2026-11-20-other-group-k7f3mq"),
    ],
)
def test_a_session_file_that_was_edited_wrongly_is_told_by_file(
    record: SessionRecord, field: str, value: object
) -> None:
    path = record.folder / "session.json"
    path.write_text(json.dumps(json.loads(path.read_bytes()) | {field: value}))
    with pytest.raises(RecordReadError, match=r"session\.json"):
        _ = record.info


def test_a_join_code_is_found_however_it_is_typed(tmp_path: Path, record: SessionRecord) -> None:
    make_session(tmp_path)
    code = record.info.code
    folder = RecordFolder(tmp_path)
    for typed in (code, code.lower(), f" {code[:3]} - {code[3:]}\t", "-".join(code)):
        assert folder.find_open(typed).session_id == record.session_id


@pytest.mark.parametrize("typed", ["", "ZZZZZZ", "../../", "🙂", "A" * 10_000])
def test_a_wrong_code_finds_nothing(tmp_path: Path, typed: str) -> None:
    make_session(tmp_path)
    with pytest.raises(SessionNotFoundError):
        RecordFolder(tmp_path).find_open(typed)


def test_a_closed_session_is_found_but_not_open(tmp_path: Path, record: SessionRecord) -> None:
    folder = RecordFolder(tmp_path)
    record.close(EVENING, "facilitator")
    assert folder.find(record.info.code).session_id == record.session_id
    with pytest.raises(SessionClosedError, match="closed"):
        folder.find_open(record.info.code)
    record.reopen(utc_now(), "facilitator")
    assert folder.find_open(record.info.code).session_id == record.session_id


def test_a_session_past_its_keep_date_is_found_but_not_open(tmp_path: Path) -> None:
    record = make_session(tmp_path, now=EVENING - timedelta(days=4_000), keep_days=1)
    with pytest.raises(SessionClosedError, match="keep date"):
        RecordFolder(tmp_path).find_open(record.info.code)
    with pytest.raises(SessionClosedError):
        record.reopen(utc_now(), "facilitator")


def test_an_open_session_is_found_before_a_closed_one_with_the_same_code(tmp_path: Path) -> None:
    opened, closed = make_session(tmp_path), make_session(tmp_path, now=EVENING + timedelta(days=1))
    closed.close(EVENING, "facilitator")
    path = closed.folder / "session.json"
    path.write_text(path.read_text().replace(closed.info.code, opened.info.code))
    assert RecordFolder(tmp_path).find_open(opened.info.code).session_id == opened.session_id


def test_closing_and_reopening_is_noted_once_each_time(record: SessionRecord) -> None:
    for now in (EVENING + timedelta(hours=1), EVENING + timedelta(hours=2)):
        record.close(now, "facilitator")
        record.close(now, "cli")
        assert record.info.closed_at == now
        record.reopen(now, "facilitator")
        record.reopen(now, "facilitator")
        assert record.info.closed_at is None
    record.merge()
    timeline = read_table(record.folder / "timeline.csv")
    assert [(row["event"], row["actor"]) for row in timeline] == [
        ("opened", "facilitator"),
        *[("closed", "facilitator"), ("reopened", "facilitator")] * 2,
    ]


def test_closing_finishes_what_was_cut_short(
    record: SessionRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_space(*_: object) -> None:
        raise RecordWriteError("no space")

    with monkeypatch.context() as broken:
        broken.setattr(record, "_note", no_space)
        with pytest.raises(RecordWriteError):
            record.close(EVENING, "facilitator")
    record.close(EVENING, "facilitator")
    assert [row.event for row in record.read().rows] == ["opened", "closed"]


def test_a_session_is_due_from_its_keep_date_on(tmp_path: Path) -> None:
    record = make_session(tmp_path, keep_days=30)
    due = EVENING + timedelta(days=30)
    assert not record.is_due(due - timedelta(milliseconds=1))
    assert record.is_due(due)


def test_a_purge_leaves_nothing_of_the_session_and_everything_of_others(
    tmp_path: Path, record: SessionRecord
) -> None:
    join(record, ANN, "Ann")
    record.merge()
    other = make_session(tmp_path)
    record.purge()
    record.purge()
    assert [path.name for path in (tmp_path / "sessions").iterdir()] == [other.session_id]


def test_a_purge_does_not_follow_links_out_of_the_session(
    tmp_path: Path, record: SessionRecord
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept").touch()
    (record.folder / "link").symlink_to(elsewhere, target_is_directory=True)
    record.purge()
    assert (elsewhere / "kept").exists()


def test_the_data_folder_may_be_a_symbolic_link(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.mkdir()
    (tmp_path / "link").symlink_to(real, target_is_directory=True)
    record = make_session(tmp_path / "link")
    append_answer(record.open_writer(ANN))
    assert record.merge().responses == 1
    assert (real / "sessions" / record.session_id / "responses.csv").is_file()


def test_a_data_folder_that_can_not_hold_sessions_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RecordWriteError):
        make_session(tmp_path / "file")
