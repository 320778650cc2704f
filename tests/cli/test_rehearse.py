"""``reconnect rehearse``: couples who do not exist, on a real server, against its real record."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from reconnect_widgets.cli import main
from reconnect_widgets.domain.synthetic import PRACTICE_NAME
from reconnect_widgets.records import RecordFolder, SessionRecord
from reconnect_widgets.rehearsal import Cast
from reconnect_widgets.system import new_event_id
from tests.cli.conftest import Done
from tests.server.people import JoiningPhone
from tests.support.server import WorkbookServer, free_port

SUPPORT = Path(__file__).parent.parent / "support"
Rehearse = Callable[..., Done]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkbookServer]:
    server = WorkbookServer(tmp_path_factory.mktemp("rehearsal") / "data").start()
    yield server
    server.stop()


@pytest.fixture
def rehearse(server: WorkbookServer, capsys: pytest.CaptureFixture[str]) -> Rehearse:
    """Run the command over the server's own folder, unless another is given."""

    def run(*arguments: str, data_dir: Path = server.data_dir) -> Done:
        capsys.readouterr()
        code = main(["rehearse", *arguments, "--data", str(data_dir)])
        captured = capsys.readouterr()
        return Done(code, captured.out, captured.err)

    return run


def newest(server: WorkbookServer) -> SessionRecord:
    return RecordFolder(server.data_dir).sessions()[0]


def sessions(server: WorkbookServer) -> set[str]:
    return {record.session_id for record in RecordFolder(server.data_dir).sessions()}


def test_two_couples_play_to_the_end_and_nothing_is_lost(
    server: WorkbookServer, rehearse: Rehearse
) -> None:
    done = rehearse("--couples", "2", "--json")
    assert (done.code, done.err) == (0, "")
    told = done.json
    assert told["ok"]
    assert (told["people"], told["joined"], told["finished"]) == (4, 4, 4)
    assert told["checked_against"] == "journals"
    assert (told["lost"], told["different"], told["extra"], told["gaps"]) == (0, 0, 0, 0)
    record = RecordFolder(server.data_dir).session(told["session_id"])
    assert "Practice" in record.info.title
    assert "synthetic" in record.info.title
    assert record.info.is_practice
    people = record.participants()
    assert sorted(p.name for p in people.values()) == [
        "Practice 1A", "Practice 1B", "Practice 2A", "Practice 2B",
    ]  # fmt: skip
    assert all(PRACTICE_NAME.fullmatch(p.name) for p in people.values())
    rows = record.read().rows
    answers = [row for row in rows if row.kind == "answer"]
    unrecorded = {p.participant_id for p in people.values() if p.consent == "not-recorded"}
    assert len(unrecorded) == 1
    assert not [row for row in answers if row.participant_id in unrecorded]
    items = {(row.participant_id, row.item) for row in answers}
    assert len(items) == 3 * 24
    assert len(items) < len(answers) < told["acknowledged"]["answers"]  # changed some; unrecorded
    assert {row.status for row in answers} == {"answered", "skipped"}
    assert sum(row.event == "released" for row in rows) == 3
    assert len([row for row in rows if '"couple"' in row.detail]) == 2
    steps = {one["step"] for one in told["times"]}
    assert steps >= {"join", "first page", "next page", "tap to saved", "button to next"}
    for one in told["times"]:
        # Only news of a partner who was quicker can be there already: after 0.0 ms.
        assert one["p50_ms"] > 0 or one["step"] == "news of the partner"
        assert 0 <= one["p50_ms"] <= one["p95_ms"] <= one["p99_ms"] <= one["most_ms"]


def test_what_is_said_names_nobody_and_gives_no_code_away(
    server: WorkbookServer, rehearse: Rehearse
) -> None:
    done = rehearse("--couples", "1")
    assert done.code == 0
    record = newest(server)
    assert record.session_id in done.out
    assert "0 lost, 0 different, 0 that nobody sent" in done.out
    said = done.out + done.err
    assert record.info.code not in said
    for participant in record.participants().values():
        assert participant.participant_id not in said
        assert participant.dyad_id not in said


def harm(record: SessionRecord, how: str) -> None:
    """Do to the record what a broken disk or a careless hand would."""
    answers = [row for row in record.read().rows if row.kind == "answer"]
    row = answers[len(answers) // 2]
    if how == "extra":
        writer = record.open_writer(row.participant_id)
        writer.append_answer(
            exercise="checkup", round_=1, item="touch-1", status="answered", value=1,
            event_id=new_event_id(), participant_id=row.participant_id, dyad_id=row.dyad_id,
            content_version="1",
        )  # fmt: skip
        writer.close()
        return
    path = record.folder / "journal" / f"{row.writer_id}.csv"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    [line] = [line for line in lines if line.startswith(row.event_id)]
    instead = "" if how == "lost" else line.replace(f",{row.item},", ",honesty-1,")
    assert instead != line
    path.write_text("".join(lines).replace(line, instead), "utf-8")


@pytest.mark.parametrize("how", ["lost", "different", "extra"])
def test_a_record_that_is_not_what_was_acknowledged_is_noticed(
    server: WorkbookServer, rehearse: Rehearse, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    play = Cast.play

    async def play_and_harm(cast: Cast) -> None:
        await play(cast)
        harm(newest(server), how)

    monkeypatch.setattr(Cast, "play", play_and_harm)
    done = rehearse("--couples", "1", "--json")
    assert done.code == 1
    assert "not what was acknowledged" in done.err
    assert not done.json["ok"]
    found = {name: done.json[name] for name in ("lost", "different", "extra")}
    # An answer that came after the last one takes its place: it is extra, and that one overtaken.
    found["different"] -= how == "extra" and found["different"] > 0
    assert found == {name: int(name == how) for name in found}
    assert done.json["gaps"] == (how == "lost")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "--couples"),
        (["--couples", "0"], "--couples"),
        (["--couples", "-3"], "--couples"),
        (["--couples", "125"], "--couples"),
        (["--couples", "two"], "--couples"),
        (["--couples", "1", "--pace", "sloth"], "--pace"),
        (["--couples", "1", "--session", "ABC12"], "--session"),
        (["--couples", "1", "--session", "../../etc"], "--session"),
        (["--couples", "1", "--session", "ABCDE0"], "--session"),
        (["--couples", "1", "--session", ""], "--session"),
        (["--couples", "1", "--url", "127.0.0.1:8866"], "--url"),
        (["--couples", "1", "--url", "ftp://127.0.0.1"], "--url"),
        (["--couples", "1", "--url", "http://"], "--url"),
        (["--couples", "1", "--url", "http://a:b@127.0.0.1:1"], "--url"),
        (["--couples", "1", "--url", "http://127.0.0.1:99999"], "--url"),
        (["--couples", "1", "--url", "http://127.0.0.1/j/ABCDEF"], "--url"),
        (["--couples", "1", "--url", "http://127.0.0.1/?x=1"], "--url"),
        (["--couples", "1", "--url", "http://127.0.0.1:1\r\nX: y"], "--url"),
        (["--couples", "1", "--certfile", "nowhere.pem"], "--certfile"),
    ],
    ids=" ".join,
)
def test_arguments_that_make_no_sense_are_usage_errors(
    server: WorkbookServer, rehearse: Rehearse, arguments: list[str], said: str
) -> None:
    before = sessions(server)
    done = rehearse(*arguments)
    assert done.code == 2
    assert said in done.err
    assert len(done.err.splitlines()) == 1
    assert "a:b" not in done.err
    assert sessions(server) == before


def test_a_code_that_nobody_knows_is_one_kind_sentence(
    rehearse: Rehearse, server: WorkbookServer
) -> None:
    done = rehearse("--couples", "1", "--session", "zzz-zz2", "--url", server.url)
    assert done.code == 1
    assert "knows no session" in done.err
    assert "ZZZZZ2" not in done.out + done.err


def test_a_closed_session_is_left_alone(rehearse: Rehearse, server: WorkbookServer) -> None:
    code = server.new_session("Practice, closed")["code"]
    record = RecordFolder(server.data_dir).find(code)
    main(["session", "close", record.session_id, "--data", str(server.data_dir)])
    done = rehearse("--couples", "1", "--session", code)
    assert (done.code, "closed" in done.err) == (1, True)
    assert not record.participants()
    elsewhere = server.data_dir.parent / "elsewhere"
    done = rehearse("--couples", "1", "--session", code, "--url", server.url, data_dir=elsewhere)
    assert (done.code, "closed" in done.err) == (1, True)
    assert not record.participants()


async def join_somebody(server: WorkbookServer, code: str, name: str) -> None:
    assert (await JoiningPhone(server.url).join(code, name)).code == 303


def test_a_session_with_somebody_real_in_it_is_refused(
    rehearse: Rehearse, server: WorkbookServer
) -> None:
    code = server.new_session("Practice")["code"]
    asyncio.run(join_somebody(server, code, "Ada"))
    record = RecordFolder(server.data_dir).find_open(code)
    done = rehearse("--couples", "1", "--session", code)
    assert (done.code, done.out) == (1, "")
    assert "real people" in done.err
    assert "Ada" not in done.err
    assert [p.name for p in record.participants().values()] == ["Ada"]
    # When nobody but made-up people is left, it may be played in.
    main(["withdraw", record.session_id, next(iter(record.participants())), "--yes",
          "--data", str(server.data_dir)])  # fmt: skip
    asyncio.run(join_somebody(server, code, "Practice 9A"))
    assert rehearse("--couples", "1", "--session", code).code == 0


def test_without_the_record_what_pages_show_is_compared(
    rehearse: Rehearse, server: WorkbookServer, tmp_path: Path
) -> None:
    code = server.new_session("Practice evening")["code"]
    arguments = ("--couples", "2", "--session", code.lower(), "--url", server.url)
    done = rehearse(*arguments, "--json", data_dir=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert done.json["checked_against"] == "pages"
    assert done.json["compared"] == 4 * 24
    assert done.json["lost"] == 0
    assert done.json["session_id"] == ""
    assert not list(tmp_path.iterdir())


def test_without_the_record_only_a_practice_session_is_played_in(
    rehearse: Rehearse, server: WorkbookServer, tmp_path: Path
) -> None:
    code = server.new_session("Tuesday group")["code"]
    done = rehearse("--couples", "1", "--session", code, "--url", server.url, data_dir=tmp_path)
    assert done.code == 1
    assert "no telling whether real people are in it" in done.err
    people = RecordFolder(server.data_dir).find_open(code).participants().values()
    assert [person.withdrawn_at is None for person in people] == [False]
    assert [person.name for person in people] == [""]


@pytest.mark.parametrize("where", ["nobody is there", "another folder is served"])
def test_a_practice_session_that_nobody_can_join_is_taken_away_again(
    rehearse: Rehearse, server: WorkbookServer, tmp_path: Path, where: str
) -> None:
    url = server.url if "another" in where else f"http://127.0.0.1:{free_port()}"
    done = rehearse("--couples", "1", "--url", url, data_dir=tmp_path)
    assert done.code == 1
    assert ("--data" if "another" in where else "Nothing answers") in done.err
    assert not RecordFolder(tmp_path).sessions()


@pytest.fixture
def heeds_ctrl_c() -> Iterator[None]:
    """Let what a test starts be interrupted: a shell has its background jobs ignore SIGINT."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heeds_ctrl_c")
def test_ctrl_c_sends_everybody_home(server: WorkbookServer) -> None:
    before = sessions(server)
    with subprocess.Popen(
        [sys.executable, "-m", "reconnect_widgets", "rehearse", "--couples", "2",
         "--pace", "human", "--data", str(server.data_dir)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        try:
            deadline = time.monotonic() + 60
            while not (sessions(server) - before and newest(server).participants()):
                assert process.poll() is None and time.monotonic() < deadline
                time.sleep(0.05)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=30)
        finally:
            process.kill()
    assert process.returncode == 130
    assert err.strip() == ""
    assert "Traceback" not in out


def test_a_certificate_of_ones_own_is_believed_only_when_given(
    rehearse: Rehearse, tmp_path: Path
) -> None:
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    pems = [SUPPORT / "localhost-certificate.pem", SUPPORT / "localhost-key.pem"]
    serving = subprocess.Popen(
        [sys.executable, "-m", "reconnect_widgets", "serve", "--no-browser", "--port", "0",
         "--certfile", str(pems[0]), "--keyfile", str(pems[1]), "--data", str(data_dir)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 60
        while not (data_dir / ".serving").exists():
            assert serving.poll() is None and time.monotonic() < deadline
            time.sleep(0.05)
        refused = rehearse("--couples", "1", data_dir=data_dir)
        assert (refused.code, "--certfile" in refused.err) == (1, True)
        wrong = rehearse("--couples", "1", "--certfile", __file__, data_dir=data_dir)
        assert (wrong.code, "no certificate" in wrong.err) == (1, True)
        done = rehearse("--couples", "1", "--certfile", str(pems[0]), "--json", data_dir=data_dir)
        assert (done.code, done.err) == (0, "")
        assert done.json["ok"]
    finally:
        serving.send_signal(signal.SIGINT)
        serving.wait(timeout=30)
