"""Made-up couples from the desk: marked, ended in time, and never beside people who are real."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reconnect_widgets.records import RecordFolder, SessionRecord
from reconnect_widgets.server import rehearsals
from reconnect_widgets.server.app import ServerSettings
from reconnect_widgets.server.rehearsals import Rehearsals
from tests.server.conftest import Running
from tests.server.people import FacilitatorPhone
from tests.support.phone import text

SLEEPS = "import time; time.sleep(600)"


class Troupe:
    """Stands in for the command: notes what was to be started, and starts something that waits."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, program: str = SLEEPS) -> None:
        self.commands: list[list[str]] = []
        self.options: list[dict[str, Any]] = []
        self.processes: list[asyncio.subprocess.Process] = []
        self.program = program
        self._start = asyncio.create_subprocess_exec
        monkeypatch.setattr(asyncio, "create_subprocess_exec", self.start)

    async def start(self, *command: str, **options: Any) -> asyncio.subprocess.Process:
        self.commands.append(list(command))
        self.options.append(options)
        process = await self._start(sys.executable, "-c", self.program, **options)
        self.processes.append(process)
        return process


@pytest.fixture
def troupe(monkeypatch: pytest.MonkeyPatch) -> Troupe:
    monkeypatch.setattr(rehearsals, "LOOK_EVERY_S", 0.05)
    return Troupe(monkeypatch)


async def begin(facilitator: FacilitatorPhone, **fields: str) -> str:
    """Press the button; return where it leads."""
    form = {"couples": "3", "plan": "first-evening", **fields}
    answer = await facilitator.press("/facilitator", "/facilitator/practice", **form)
    assert answer.code == 303
    return str(answer.headers["Location"])


def only_session(running: Running) -> SessionRecord:
    [record] = RecordFolder(running.services.settings.data_dir).sessions()
    return record


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not is_so():
            await asyncio.sleep(0.01)


async def test_one_button_makes_a_marked_session_and_starts_the_command(
    running: Running, troupe: Troupe
) -> None:
    facilitator = await running.facilitator()
    address = await begin(facilitator, couples="6")
    record = only_session(running)
    info = record.info
    assert address == f"/facilitator/s/{info.session_id}"
    assert info.is_practice
    assert json.loads((record.folder / "session.json").read_text())["is_practice"] is True
    assert info.title == "Practice: A first evening" or info.title.startswith("Practice: ")
    assert troupe.commands == [
        [
            *(sys.executable, "-m", "reconnect_widgets", "rehearse"),
            *("--session", info.code, "--url", f"{running.url}/", "--couples", "6"),
            *("--pace", "human", "--stay", "120"),
            *("--data", str(running.services.settings.data_dir.resolve())),
        ]
    ]
    assert troupe.options[0]["start_new_session"]
    assert troupe.options[0]["stdout"] == asyncio.subprocess.DEVNULL


async def test_a_practice_session_says_so_wherever_it_is_seen(
    running: Running, troupe: Troupe
) -> None:
    facilitator = await running.facilitator()
    address = await begin(facilitator)
    ada = running.phone()
    assert (await ada.join(only_session(running).info.code)).code == 303
    code = only_session(running).info.code
    for phone, place in [
        (facilitator, "/facilitator"),
        (facilitator, address),
        (facilitator, f"{address}/screen"),
        (running.phone(), f"/j/{code}"),
        (ada, "/w/"),
        (ada, "/me"),
    ]:
        page = text(await phone.get(place))
        assert re.search("for practice", page, re.I), place
    assert "Made-up couples are taking part" in text(await facilitator.get(address))


async def test_a_real_session_says_nothing_of_practice_and_cannot_be_deleted(
    running: Running,
) -> None:
    session = running.new_session()
    facilitator = await running.facilitator()
    address = f"/facilitator/s/{session.session_id}"
    ada = running.phone()
    await ada.join(session.info.code)
    for phone, place in [(facilitator, address), (facilitator, f"{address}/screen"), (ada, "/w/")]:
        assert "for practice" not in text(await phone.get(place)).lower()
        assert "made-up couples" not in text(await phone.get(place)).lower()
    for do in ("delete", "home"):
        refused = await facilitator.press(address, f"{address}/practice", do=do)
        assert refused.code == 404
    assert only_session(running).session_id == session.session_id


@pytest.mark.parametrize(
    "how", ["home", "close", "delete", "deleted-elsewhere", "closed-elsewhere"]
)
async def test_the_couples_go_when_they_are_sent_and_when_the_session_ends(
    running: Running, troupe: Troupe, how: str
) -> None:
    facilitator = await running.facilitator()
    address = await begin(facilitator)
    record = only_session(running)
    if how == "close":
        await facilitator.press(address, f"{address}/close")
    elif how == "closed-elsewhere":
        record.close(record.info.created_at, "cli")
    elif how == "deleted-elsewhere":
        record.purge()
    else:
        await facilitator.press(address, f"{address}/practice", do=how)
    await until(lambda: troupe.processes[0].returncode is not None)
    await until(lambda: not running.services.rehearsals.session_id)
    if how.startswith("delete"):
        assert RecordFolder(running.services.settings.data_dir).sessions() == []
        assert not record.folder.exists()
    else:
        assert "gone home" in text(await facilitator.get(address))


async def test_the_question_comes_before_the_deletion(running: Running, troupe: Troupe) -> None:
    facilitator = await running.facilitator()
    address = await begin(facilitator)
    assert 'value="delete"' not in text(await facilitator.get(address))
    assert 'value="delete"' in text(await facilitator.get(f"{address}?delete=1"))
    assert only_session(running)


async def test_the_couples_go_when_the_server_stops(running: Running, troupe: Troupe) -> None:
    await begin(await running.facilitator())
    running.server.stop()
    await until(lambda: troupe.processes[0].returncode is not None)


async def test_a_process_that_does_not_listen_is_ended_all_the_same(
    running: Running, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    deaf = tmp_path / "deaf"
    troupe = Troupe(
        monkeypatch,
        "import pathlib, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        f"pathlib.Path({str(deaf)!r}).touch(); time.sleep(600)",
    )
    monkeypatch.setattr(rehearsals, "GOODBYE_WITHIN_S", 0.1)
    await begin(await running.facilitator())
    await until(deaf.exists)
    await running.services.rehearsals.end()
    assert troupe.processes[0].returncode == -9


async def test_it_does_not_go_on_for_ever(
    running: Running, troupe: Troupe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rehearsals, "LIMIT_S", 0.2)
    facilitator = await running.facilitator()
    address = await begin(facilitator)
    await until(lambda: troupe.processes[0].returncode is not None)
    await until(lambda: not running.services.rehearsals.session_id)
    assert "It grew late" in text(await facilitator.get(address))


async def test_one_group_at_a_time_also_when_the_button_is_pressed_twice(
    running: Running, troupe: Troupe
) -> None:
    facilitator = await running.facilitator()
    await facilitator.get("/facilitator")
    form = {"couples": "3", "plan": "first-evening"}
    answers = await asyncio.gather(
        *(facilitator.post("/facilitator/practice", form) for _ in range(3))
    )
    address = f"/facilitator/s/{only_session(running).session_id}"
    leads_to = sorted(answer.headers["Location"] for answer in answers)
    assert leads_to == [address, f"{address}?said=runs", f"{address}?said=runs"]
    assert len(troupe.commands) == 1
    assert "here already" in text(await facilitator.get(f"{address}?said=runs"))


async def test_nobody_made_up_comes_while_real_people_are_here(
    running: Running, troupe: Troupe
) -> None:
    session = running.new_session()
    await running.phone().join(session.info.code)
    facilitator = await running.facilitator()
    assert await begin(facilitator) == "/facilitator?practice=real-people#practice"
    assert troupe.commands == []
    assert only_session(running).session_id == session.session_id
    assert "Not just now" in text(await facilitator.get("/facilitator?practice=real-people"))
    session.close(session.info.created_at, "cli")
    assert (await begin(facilitator)).startswith("/facilitator/s/")


async def test_made_up_couples_make_room_when_somebody_real_comes(
    running: Running, troupe: Troupe
) -> None:
    session = running.new_session()
    facilitator = await running.facilitator()
    address = await begin(facilitator)  # a session that nobody is in is no reason against it
    assert troupe.processes[0].returncode is None
    await running.phone().join(session.info.code)
    await until(lambda: not running.services.rehearsals.session_id)
    assert troupe.processes[0].returncode is not None
    assert "somebody real" in text(await facilitator.get(address))


@pytest.mark.parametrize(
    "fields", [{"couples": "4"}, {"couples": ""}, {"couples": "3000"}, {"plan": "no-such-plan"}]
)
async def test_what_was_not_offered_makes_nothing(
    running: Running, troupe: Troupe, fields: dict[str, str]
) -> None:
    leads_to = await begin(await running.facilitator(), **fields)
    assert leads_to == "/facilitator?practice=unknown#practice"
    assert troupe.commands == []
    assert RecordFolder(running.services.settings.data_dir).sessions() == []


async def test_without_a_process_there_is_no_session_either(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: str, **__: Any) -> None:
        raise OSError(11, "no more processes")

    monkeypatch.setattr(asyncio, "create_subprocess_exec", fail)
    leads_to = await begin(await running.facilitator())
    assert leads_to == "/facilitator?practice=unsaved#practice"
    assert RecordFolder(running.services.settings.data_dir).sessions() == []


def test_a_certificate_is_handed_on(tmp_path: Path, running_parts: Rehearsals) -> None:
    command = running_parts._command("K7F3MQ", 3)
    assert command[-2:] == ["--certfile", str((tmp_path / "cert.pem").resolve())]


@pytest.fixture
def running_parts(tmp_path: Path) -> Rehearsals:
    settings = ServerSettings(tmp_path, certfile=tmp_path / "cert.pem", keyfile=tmp_path / "key")
    return Rehearsals(None, None, settings, "https://127.0.0.1:1/")  # type: ignore[arg-type]


async def test_two_made_up_couples_take_part_and_go_along_with_the_group(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real command against this server, without pauses; then everybody is brought on."""
    monkeypatch.setattr(Rehearsals, "pace", "fast")
    facilitator = await running.facilitator()
    address = await begin(facilitator)
    record = only_session(running)

    def places() -> list[str]:
        view = running.services.hub.view(record.session_id)
        return [view.last_page.get(each, "") for each in view.refresh()]

    def released() -> int:
        return sum(row.event == "released" for row in record.read().rows)

    async with asyncio.timeout(60):
        while places() != ["checkup"] * 6 or released() < 5:
            await asyncio.sleep(0.1)
        page = text(await facilitator.get(address))
        assert page.count("Practice 1A") and "6 here" in page
        button = re.search(r'value="(brought presence [^"]*)"', page) or re.search(
            r'value="(brought (?!checkup|welcome)[a-z-]+ [^"]*)"', page
        )
        assert button
        key = button[1].split()[1]
        await facilitator.press(address, f"{address}/act", do=button[1])
        while places() != [key] * 6:
            await asyncio.sleep(0.1)
    await facilitator.press(address, f"{address}/practice", do="delete")
    assert not record.folder.exists()
    assert running.services.seats.owners() == []
