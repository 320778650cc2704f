"""``reconnect session …``: made, listed, shown, closed and reopened, also beside a server."""

from __future__ import annotations

import errno
import re
from pathlib import Path

import pytest

from reconnect_widgets.cli import serving
from reconnect_widgets.cli.serving import forget_address, join_address, remember_address
from reconnect_widgets.domain.people import SESSION_ID, Session
from reconnect_widgets.records import RecordFolder, SessionRecord
from reconnect_widgets.system import new_event_id, utc_now
from tests.cli.conftest import Run

GOOD = {
    "person": "p-ab12cd",
    "couple": "d-k3m9",
}


def join(record: SessionRecord, name: str = "Robin") -> None:
    """Let one of a couple join, consent, answer two items (one twice), and skip one."""
    writer = record.open_writer(GOOD["person"])
    who = {"participant_id": GOOD["person"], "dyad_id": GOOD["couple"]}
    detail = {"name": name, "partner_slot": "A", "return_code_hash": "ab12"}
    writer.append_person("joined", detail, **who)
    writer.append_person("consented", {"consent": "recorded"}, **who)
    for item, value in (
        ("presence-1", "1"),
        ("presence-1", "3"),
        ("touch-2", "0"),
        ("repair-1", ""),
    ):
        writer.append_answer(
            exercise="checkup",
            round_=1,
            item=item,
            status="answered" if value else "skipped",
            value=value or None,
            event_id=new_event_id(),
            content_version="en-1.0.0",
            **who,
        )
    writer.close()


@pytest.fixture
def record(data_dir: Path, session_id: str) -> SessionRecord:
    return RecordFolder(data_dir).session(session_id)


def test_a_new_session_is_told_with_its_code_and_address(run: Run) -> None:
    done = run("session", "new", "--title", "Tuesday group", "--json")
    assert done.code == 0
    assert done.err == ""
    assert SESSION_ID.fullmatch(done.json["session_id"])
    assert len(done.json["code"]) == 6
    assert done.json["join_address"].endswith(f"/j/{done.json['code']}")
    assert done.json["agenda"] == ["welcome", "checkup"]
    said = run("session", "new", "--title", "Other group").out
    assert "Join code" in said
    assert "/j/" in said


def test_the_options_of_a_new_session_are_kept(run: Run, data_dir: Path) -> None:
    options = ["--agenda", "checkup", "--partner-policy", "no-secrets", "--keep-days", "7"]
    session_id = run("session", "new", "--title", "T", *options, "--json").json["session_id"]
    info = RecordFolder(data_dir).session(session_id).info
    assert info.agenda == ("checkup",)
    assert info.partner_policy == "no-secrets"
    assert (info.keep_until - info.created_at).days == 7
    assert info.content_version


def made(run: Run, data_dir: Path, *options: str) -> Session:
    done = run("session", "new", "--title", "T", *options, "--json")
    assert done.code == 0, done.err
    return RecordFolder(data_dir).session(done.json["session_id"]).info


def test_a_plan_prepares_a_session_and_options_win_over_it(run: Run, data_dir: Path) -> None:
    info = made(run, data_dir, "--plan", "couple-in-the-room")
    assert info.agenda == ("welcome", "checkup", "repair", "one-small-thing", "takeaway")
    assert (info.minutes["repair"], info.door, info.seats) == (20, "seats", 2)
    assert (info.keep_until - info.created_at).days == 180
    assert info.partner_policy == "limited-secrets"
    own = ("--agenda", "checkup", "--seats", "5", "--keep-days", "9", "--free", "touch,checkup")
    info = made(run, data_dir, "--plan", "couple-in-the-room", *own)
    assert (info.agenda, info.minutes, info.seats) == (("checkup",), {}, 5)
    assert ((info.keep_until - info.created_at).days, info.free) == (9, ("touch", "checkup"))


def test_a_meeting_of_a_plan_is_chosen_by_its_number(run: Run, data_dir: Path) -> None:
    first = made(run, data_dir, "--plan", "six-week-group")
    assert first.agenda[0] == "welcome"
    fifth = made(run, data_dir, "--plan", "six-week-group", "--meeting", "5")
    assert fifth.agenda == ("repair", "honesty")


@pytest.mark.parametrize(
    ("free", "kept"), [("all", None), ("desk", ()), ("touch,checkup", ("touch", "checkup"))]
)
def test_what_people_may_open_is_all_or_what_the_desk_opens_or_some(
    run: Run, data_dir: Path, free: str, kept: tuple[str, ...] | None
) -> None:
    info = made(run, data_dir, "--free", free)
    assert info.free == kept
    assert "Free to open" in run("session", "show", info.session_id).out


def test_ones_own_plan_is_there_and_a_broken_one_is_told(run: Run, data_dir: Path) -> None:
    plans = data_dir / "plans"
    plans.mkdir(parents=True)
    plan = "kind: plan\nkey: mine\ntitle: Mine\nfor_whom: Us.\nagenda: [{exercise: touch}]\n"
    (plans / "mine.yaml").write_text(plan)
    (plans / "broken.yaml").write_text(plan.replace("touch", "tuch"))
    done = run("session", "new", "--title", "T", "--plan", "mine", "--json")
    assert done.json["agenda"] == ["touch"]
    assert "broken.yaml, line 5" in done.err
    assert "did you mean: touch" in done.err
    checked = run("content", "check")
    assert checked.code == 1
    assert "broken.yaml, line 5" in checked.err
    (plans / "broken.yaml").unlink()
    assert str(plans) in run("content", "check").out


@pytest.mark.parametrize(
    "options",
    [
        ["--title", "   "],
        ["--title", "x" * 81],
        ["--title", "bell\x07"],
        ["--title", "T", "--agenda", "checkup,nonsense"],
        ["--title", "T", "--agenda", ","],
        ["--title", "T", "--agenda", "checkup,checkup"],
        ["--title", "T", "--keep-days", "0"],
        ["--title", "T", "--partner-policy", "all-secrets"],
        ["--title", "T", "--plan", "no-such"],
        ["--title", "T", "--plan", "six-week-group", "--meeting", "7"],
        ["--title", "T", "--meeting", "1"],
        ["--title", "T", "--free", "checkup,nonsense"],
        ["--title", "T", "--seats", "0"],
        ["--title", "T", "--seats", "1000000000"],
    ],
    ids=lambda options: " ".join(options)[:40].replace("\x07", "^G"),
)
def test_what_a_session_cannot_be_is_refused_and_nothing_is_made(
    run: Run, data_dir: Path, options: list[str]
) -> None:
    assert run("session", "new", *options).code == 2
    assert not data_dir.exists()


def test_sessions_are_listed_newest_first(run: Run) -> None:
    assert "No sessions yet" in run("session", "list").out
    assert run("session", "list", "--json").json == []
    for title in ("First", "Second"):
        run("session", "new", "--title", title)
    assert [one["title"] for one in run("session", "list", "--json").json] == ["Second", "First"]
    lines = run("session", "list").out.splitlines()
    assert lines[0].split() == ["SESSION", "STATE", "CODE", "PEOPLE", "TITLE"]
    assert lines[1].endswith("Second")


def test_a_folder_that_cannot_be_used_is_told_beside_the_list(
    run: Run, data_dir: Path, record: SessionRecord
) -> None:
    broken = RecordFolder(data_dir).session(
        run("session", "new", "--title", "Broken", "--json").json["session_id"]
    )
    (broken.folder / "session.json").write_text("{")
    done = run("session", "list", "--json")
    assert [one["session_id"] for one in done.json] == [record.session_id]
    assert broken.session_id in done.err
    assert done.code == 0


def test_a_session_is_shown_with_its_people_and_how_far_they_are(
    run: Run, record: SessionRecord
) -> None:
    assert "Nobody has joined yet" in run("session", "show", record.session_id).out
    join(record, name="Zoë 🙂")
    row = run("session", "show", record.session_id).out.splitlines()[-1].split()
    assert row == [GOOD["person"], GOOD["couple"], "A", "recorded", "2", "Zoë", "🙂"]


def test_an_answer_is_never_shown(run: Run, record: SessionRecord) -> None:
    join(record)
    said = run("session", "show", record.session_id).out
    assert "presence-1" not in said
    assert "return_code" not in said


def test_a_name_cannot_steer_the_terminal(run: Run, record: SessionRecord) -> None:
    join(record, name="x\x1b[2Jy")
    assert "\x1b" not in run("session", "show", record.session_id).out


def test_closing_merges_and_reopening_lets_people_in_again(run: Run, record: SessionRecord) -> None:
    join(record)
    assert run("session", "close", record.session_id).code == 0
    assert not record.info.is_open(utc_now())
    assert (record.folder / "responses.csv").read_text("utf-8").count(GOOD["person"]) == 4
    # The wording is there only if the command brought it: `records` knows no content.
    assert "presence-1" in (record.folder / "codebook.csv").read_text("utf-8")
    assert run("session", "close", record.session_id).code == 0
    assert run("session", "list", "--json").json[0]["state"] == "closed"
    assert run("session", "reopen", record.session_id).code == 0
    assert record.info.is_open(utc_now())


@pytest.mark.parametrize("command", ["show", "close", "reopen"])
def test_a_session_that_is_not_there_is_an_expected_failure(run: Run, command: str) -> None:
    done = run("session", command, "2026-11-20-tuesday-group-k7f3mq")
    assert done.code == 1
    assert "reconnect session list" in done.err


def test_the_join_address_is_that_of_the_running_server(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data_dir.mkdir()
    monkeypatch.setattr(serving, "find_lan_address", lambda: None)
    assert join_address(data_dir, "K7F3MQ") == "http://127.0.0.1:8866/j/K7F3MQ"
    monkeypatch.setattr(serving, "find_lan_address", lambda: "192.0.2.3")
    assert join_address(data_dir, "K7F3MQ") == "http://192.0.2.3:8866/j/K7F3MQ"
    remember_address(data_dir, "http://192.0.2.7:9000/")
    assert join_address(data_dir, "K7F3MQ") == "http://192.0.2.7:9000/j/K7F3MQ"
    (data_dir / ".serving").write_bytes(b"\xff not an address")
    assert join_address(data_dir, "K7F3MQ") == "http://192.0.2.3:8866/j/K7F3MQ"
    forget_address(data_dir)
    forget_address(data_dir)
    assert not (data_dir / ".serving").exists()


@pytest.mark.parametrize(
    ("command", "what"),
    [
        (("session", "new", "--title", "Two"), "the session could not be made (full)"),
        (("session", "close", "ID"), "session.json could not be replaced (full)"),
        (("merge", "ID"), "responses.csv could not be replaced (full)"),
    ],
)
def test_on_a_full_disk_one_sentence_says_what_happened_and_one_what_to_do(
    run: Run,
    session_id: str,
    command: tuple[str, ...],
    what: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(fd: int, data: bytes) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr("reconnect_widgets.records.disk.write_all", full)
    done = run(*(session_id if word == "ID" else word for word in command))
    assert done.code == 1
    said = re.fullmatch(
        rf"reconnect: {re.escape(what)}; [^.:]+\. "
        r"The disk is full; make room and run the command again\.\n",
        done.err,
    )
    assert said, done.err
