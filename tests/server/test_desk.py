"""The session desk: what its buttons do, and what participants meet of it."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tornado.httpclient import HTTPResponse

from reconnect_widgets.domain.acts import Act
from reconnect_widgets.errors import RecordWriteError
from reconnect_widgets.records import SessionRecord
from reconnect_widgets.records.acts import write_act
from reconnect_widgets.records.journal import JournalWriter
from reconnect_widgets.server import desk_page, streams
from reconnect_widgets.server.attendance import Attendance, Signs, read_presence
from reconnect_widgets.server.desk import waits_for_partner
from reconnect_widgets.server.evening import act_at_desk
from reconnect_widgets.server.roster import RosterEntry
from reconnect_widgets.server.seating import SeatWriter
from reconnect_widgets.system import utc_now
from tests.server.conftest import Running
from tests.server.people import FacilitatorPhone
from tests.server.test_contents_page import consent, note, step
from tests.server.test_live import couple, listening
from tests.server.test_me import id_of
from tests.support.phone import text

NOW = datetime(2026, 11, 21, 19, 0, tzinfo=UTC)


def prepared(running: Running, **more: Any) -> SessionRecord:
    return running.services.records.create_session(
        "Tuesday group",
        agenda=("welcome", "checkup", "repair"),
        partner_policy="limited-secrets",
        name_visibility="facilitator",
        keep_days=30,
        now=utc_now(),
        **more,
    )


class Desk:
    """A facilitator at the desk of one session."""

    def __init__(self, phone: FacilitatorPhone, session: SessionRecord) -> None:
        self.phone, self.path = phone, f"/facilitator/s/{session.session_id}"

    async def look(self) -> str:
        self.page = await self.phone.get(self.path)
        assert self.page.code == 200
        return text(self.page)

    def button(self, act: str, exercise: str = "-") -> str:
        """Return what a button of the page that was looked at last says."""
        found = re.search(rf'name="do" value="({act} {exercise} [^"]*)"', text(self.page))
        assert found, f"no button for {act} {exercise}"
        return found[1]

    def has(self, act: str, exercise: str = "-") -> bool:
        return f'value="{act} {exercise} ' in text(self.page)

    async def send(self, do: str, **fields: str) -> HTTPResponse:
        return await self.phone.submit(self.page, f"{self.path}/act", {"do": do, **fields})

    async def press(self, act: str, exercise: str = "-", **fields: str) -> str:
        """Look, press, and return the page that it leads to."""
        await self.look()
        answer = await self.send(self.button(act, exercise), **fields)
        assert answer.code == 303
        return text(await self.phone.get(answer.headers["Location"]))


async def at_desk(running: Running, session: SessionRecord) -> Desk:
    return Desk(await running.facilitator(), session)


def acts(session: SessionRecord) -> list[str]:
    return [row.event for row in session.read_staff().rows if row.subject == "facilitator"]


async def test_bringing_everyone_is_in_the_record_and_on_the_desk(running: Running) -> None:
    session = prepared(running)
    desk = await at_desk(running, session)
    page = await desk.press("brought", "repair")
    assert re.search(r'<li id="at-repair"[^>]* aria-current="step" data-now>', page)
    assert "Everybody was brought here." in page
    assert re.search(r"<time>\d\d:\d\d</time></span> Brought everyone to The repair", page)
    assert acts(session)[-1] == "brought"
    page = await desk.press("let-go")
    assert "Everybody was brought here." not in page


async def test_a_button_of_a_page_that_is_behind_does_nothing_and_says_so(running: Running) -> None:
    session = prepared(running)
    one, two = await at_desk(running, session), await at_desk(running, session)
    await one.look()
    await two.look()
    assert (await one.send(one.button("brought", "repair"))).code == 303
    answer = await two.send(two.button("brought", "checkup"))
    assert "said=stale" in answer.headers["Location"]
    assert "the evening had gone on meanwhile" in text(
        await two.phone.get(answer.headers["Location"])
    )
    for do in (one.button("brought", "repair"), one.button("clock-started", "repair")):
        await one.send(do)
    assert acts(session).count("brought") == 1
    assert acts(session).count("clock-started") == 1
    await one.send(one.button("clock-started", "repair"))  # the second tap
    assert acts(session).count("clock-started") == 1


@pytest.mark.parametrize(
    "do",
    [
        "",
        "brought",
        "brought nowhere -",
        "brought ../x -",
        "screen-shown - -",
        "line-approved - -",
        "closed - -",
        "undone - no-such-act",
        "exercise-opened welcome -",
        "let-go - -",
    ],
)
async def test_an_act_that_makes_no_sense_leaves_no_row(running: Running, do: str) -> None:
    session = prepared(running)
    desk = await at_desk(running, session)
    await desk.look()
    before = acts(session)
    assert (await desk.send(do)).code == 303
    assert acts(session) == before


async def test_a_clock_is_started_paused_extended_and_stopped(running: Running) -> None:
    session = prepared(running, minutes={"repair": 20})
    desk = await at_desk(running, session)
    page = await desk.look()
    assert re.search(r'name="minutes-repair"[^>]* value="20"', page)
    page = await desk.press("clock-started", "repair", **{"minutes-repair": "12"})
    assert "12 of 12 minutes left" in page
    assert re.search(r'<li id="at-repair"[^>]* data-now>', page)
    assert "Paused, 12 of 12 minutes left" in await desk.press("clock-paused", "repair")
    assert "Paused, 17 of 17 minutes left" in await desk.press("clock-extended", "repair")
    assert "17 of 17 minutes left" in await desk.press("clock-resumed", "repair")
    assert "minutes left" not in await desk.press("clock-stopped", "repair")


@pytest.mark.parametrize("minutes", ["", "0", "-5", "241", "ten", "1.5", "99999999999"])
async def test_minutes_that_make_no_sense_start_no_clock(running: Running, minutes: str) -> None:
    session = prepared(running)
    desk = await at_desk(running, session)
    page = await desk.press("clock-started", "repair", **{"minutes-repair": minutes})
    # An empty field is no mistake: then it is the five minutes of the button beside it.
    assert ("clock-started" in acts(session)) is (minutes == "")
    assert ("whole minutes" in page) is (minutes != "")


async def test_any_of_the_last_acts_can_be_undone(running: Running) -> None:
    session = prepared(running)
    desk = await at_desk(running, session)
    await desk.press("brought", "checkup")
    await desk.press("exercise-closed", "repair")
    page = await desk.look()
    undo = re.findall(r'value="(undone - [^"]+)" id="[^"]+" aria-label="Undo: ([^"]+)"', page)
    assert [words for _, words in undo] == [
        "Closed The repair script",
        "Brought everyone to The relationship checkup",
    ]
    await desk.send(undo[1][0])
    page = await desk.look()
    assert "Everybody was brought here." not in page
    assert desk.has("exercise-opened", "repair")
    assert "Brought everyone" not in re.sub(r"aria-label=\"[^\"]*\"", "", page)
    await desk.send(undo[1][0])
    assert acts(session).count("undone") == 1


async def test_a_note_is_kept_with_its_time_and_a_second_tap_is_not_another(
    running: Running,
) -> None:
    session = prepared(running)
    desk = await at_desk(running, session)
    await desk.look()
    for words in ("Late start <20 min>", "Late  start <20 min>", "", "   "):
        await desk.send("note", words=words)
    page = await desk.look()
    assert page.count("Late start &lt;20 min&gt;") == 1
    notes = [row for row in session.read_staff().rows if row.event == "note"]
    assert [json.loads(row.detail)["words"] for row in notes] == ["Late start <20 min>"]
    ada = running.phone()
    await ada.join(session.info.code)
    assert "Late start" not in text(await ada.get("/w/"))


async def test_acts_and_notes_name_the_colleague_and_nobody_when_alone(running: Running) -> None:
    session = prepared(running)
    desk = await at_desk(running, session)
    await desk.press("brought", "checkup")
    await desk.send("note", words="Late start")
    page = await desk.look()
    assert re.search(r'rc-desk__done"><time>[\d:]{5}</time></span> Brought everyone', page)
    assert re.search(r'rc-desk__done"><time>[\d:]{5}</time></span> <bdi>Late start', page)
    account, passcode = running.services.accounts.add("Maria <3", utc_now())
    maria = FacilitatorPhone(running.url)
    await maria.press("/facilitator/sign-in", username="Maria <3", passcode=passcode)
    hers = Desk(maria, session)
    await hers.press("brought", "repair")
    await hers.look()
    await hers.send("note", words="Two are missing")
    for name, page in (("Maria &lt;3", await desk.look()), ("You", await hers.look())):
        line = rf"<bdi>{name}</bdi>, <time>[\d:]{{5}}</time></span>"
        assert re.search(rf"{line} Brought everyone to The repair", page)
        assert re.search(rf"{line} <bdi>Two are missing", page)
        assert account.account_id not in page
    assert re.search(r"<bdi>First account</bdi>, <time>[^/]+</time></span> <bdi>Late start", page)
    running.services.accounts.revoke(account.account_id, utc_now())
    page = await desk.look()
    assert re.search(r"<bdi>Maria &lt;3</bdi>, <time>[^/]+</time></span> <bdi>Two are", page)
    assert re.search(r'rc-desk__done"><time>[\d:]{5}</time></span> <bdi>Late start', page)


async def test_an_act_that_cannot_be_written_is_said_not_to_be_done(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = prepared(running)
    desk = await at_desk(running, session)

    def full(*args: object, **kwargs: object) -> None:
        raise RecordWriteError("no space left")

    with monkeypatch.context() as trouble:
        trouble.setattr(JournalWriter, "append_event", full)
        page = await desk.press("brought", "repair")
    assert "That was not done" in page
    assert "Everybody was brought here." not in page
    assert "Everybody was brought here." in await desk.press("brought", "repair")


async def test_a_closed_session_has_no_buttons_but_takes_a_note(running: Running) -> None:
    session = prepared(running)
    desk = await at_desk(running, session)
    await desk.press("exercise-closed", "checkup")
    await desk.press("clock-started", "checkup")
    page = await desk.look()
    assert " data-now" in page
    assert "· closed" in page
    do = desk.button("brought", "repair")
    session.close(utc_now(), "facilitator")
    assert "said=closed" in (await desk.send(do)).headers["Location"]
    await desk.send("note", words="It went well")
    page = await desk.look()
    assert not desk.has("brought", "repair")
    assert " data-now" not in page
    assert "· closed" not in page
    assert "It went well" in page
    assert acts(session)[-1] == "note"


async def test_two_desks_stay_in_step(running: Running) -> None:
    session = prepared(running)
    one, two = await at_desk(running, session), await at_desk(running, session)
    async with listening(two.phone, f"{two.path}/live") as stream:
        await stream.next_event()
        for act in ("exercise-closed", "clock-started", "brought"):
            await one.press(act, "repair")
            assert (await stream.next_event())["event"] == "message"
    assert "Everybody was brought here." in await two.look()


async def test_every_phone_hears_at_once_where_everybody_goes(running: Running) -> None:
    session, ada, bo = await couple(running)
    for name in ("Ada", "Bo"):
        consent(session, name)
    desk = await at_desk(running, session)
    await desk.look()
    async with listening(ada, "/live") as hers, listening(bo, "/live") as his:
        for stream in (hers, his):
            assert json.loads((await stream.next_event())["data"])["brought"] is None
        await desk.send(desk.button("brought", "checkup"))
        for stream in (hers, his):
            told = json.loads((await stream.next_event())["data"])
            assert told["what"] == "group"
            assert told["brought"]["href"] == "/w/checkup"
            assert told["brought"]["title"] == "The relationship checkup"
            assert told["brought"]["moves"] is True
        await desk.press("let-go")
        assert json.loads((await hers.next_event())["data"])["brought"] is None


async def test_who_slept_or_comes_after_a_restart_is_told_the_same(running: Running) -> None:
    session, ada, _ = await couple(running)
    consent(session, "Ada")
    desk = await at_desk(running, session)
    async with listening(ada, "/live") as hers:
        last = (await hers.next_event())["id"]
    await desk.press("brought", "checkup")
    running.services.hub._views.clear()  # what a restart forgets
    async with listening(ada, "/live", last=last) as hers:
        event = await hers.next_event()
        assert event["event"] == "message"
        act_id = json.loads(event["data"])["brought"]["id"]
    assert f'data-brought="{act_id}" data-href="/w/checkup"' in text(await ada.get("/w/"))
    async with listening(ada, "/live", last=event["id"]) as hers:
        with pytest.raises(TimeoutError):
            await hers.next_event(1)
    async with listening(ada, "/live") as hers:  # a page that knows of nothing is told in its hello
        hello = await hers.next_event()
        assert (hello["event"], json.loads(hello["data"])["brought"]["id"]) == ("hello", act_id)


async def test_who_has_not_chosen_is_told_and_not_moved(running: Running) -> None:
    session, ada, _ = await couple(running)
    desk = await at_desk(running, session)
    await desk.press("brought", "checkup")
    async with listening(ada, "/live") as hers:
        told = json.loads((await hers.next_event())["data"])["brought"]
    assert (told["moves"], told["href"]) == (False, "/w/welcome")
    page = text(await ada.get("/w/"))
    assert "It waits until you have made your" in page
    assert 'data-href="/w/checkup"' not in page


async def test_nobody_is_led_anywhere_once_the_session_is_closed(running: Running) -> None:
    session, ada, _ = await couple(running)
    consent(session, "Ada")
    desk = await at_desk(running, session)
    await desk.press("brought", "checkup")
    session.close(utc_now(), "facilitator")
    assert "data-brought" not in text(await ada.get("/w/"))
    async with listening(ada, "/live") as hers:
        assert json.loads((await hers.next_event())["data"])["brought"] is None


def has_link(page: str, key: str) -> bool:
    return f'<a href="/w/{key}">' in page


async def test_what_is_closed_is_listed_without_a_link_and_says_later(running: Running) -> None:
    session = prepared(running, free=("welcome", "checkup"))
    ada = running.phone()
    await ada.join(session.info.code, "Ada")
    consent(session, "Ada")
    page = text(await ada.get("/w/"))
    assert has_link(page, "checkup")
    assert not has_link(page, "repair")
    assert "The repair script" in page
    assert "Your facilitator opens this later." in page
    assert all(has_link(page, key) for key in ("welcome", "safety", "takeaway"))
    closed = await ada.get("/w/repair")
    assert closed.code == 200
    assert "Your facilitator opens this later." in text(closed)
    assert "kernelId" not in text(closed)
    assert not running.services.seats.owners()
    desk = await at_desk(running, session)
    await desk.press("exercise-opened", "repair")
    await desk.press("exercise-closed", "checkup")
    page = text(await ada.get("/w/"))
    assert has_link(page, "repair")
    assert not has_link(page, "checkup")


async def test_who_is_at_it_stays_when_it_closes_and_everybody_when_the_session_does(
    running: Running,
) -> None:
    session = prepared(running)
    ada = running.phone()
    await ada.join(session.info.code, "Ada")
    consent(session, "Ada")
    step(session, "Ada", "repair", "scenes")
    desk = await at_desk(running, session)
    await desk.press("exercise-closed", "repair")
    await desk.press("exercise-closed", "checkup")
    page = text(await ada.get("/w/"))
    assert has_link(page, "repair")
    assert not has_link(page, "checkup")
    session.close(utc_now(), "facilitator")
    assert has_link(text(await ada.get("/w/")), "checkup")


async def test_opening_and_closing_is_news_for_everybody_and_no_hurry(running: Running) -> None:
    session, ada, _ = await couple(running)
    desk = await at_desk(running, session)
    async with listening(ada, "/live") as hers:
        await hers.next_event()
        await desk.press("exercise-closed", "repair")
        assert json.loads((await hers.next_event())["data"])["what"] == "group"
        note(session, "Bo", "delivered", "appreciation", write_act(1))
        assert json.loads((await hers.next_event())["data"])["what"] == "new"


async def test_the_groups_clock_is_one_soft_line_where_it_runs(running: Running) -> None:
    session, ada, _ = await couple(running)
    consent(session, "Ada")
    desk = await at_desk(running, session)
    await desk.press("clock-started", "checkup", **{"minutes-checkup": "8"})
    assert "About 8 minutes left for this." in text(await ada.get("/w/?at=checkup"))
    assert "left for this" not in text(await ada.get("/w/"))
    await desk.press("clock-paused", "checkup")
    assert "left for this" not in text(await ada.get("/w/?at=checkup"))


async def test_the_desk_counts_who_is_through_and_who_is_there(running: Running) -> None:
    session, _, _ = await couple(running)
    consent(session, "Ada")
    consent(session, "Bo")
    note(session, "Ada", "finished", "gratitude", write_act(1))
    step(session, "Bo", "gratitude", "own")
    desk = await at_desk(running, session)
    line = re.search(r'id="at-gratitude".*?</p>', await desk.look(), re.DOTALL)
    assert line
    assert "1 of 2 done" in line[0]
    assert "1 there" in line[0]
    note(session, "Ada", "step-shown", "gratitude", json.dumps({"round": 2, "step": "own"}))
    line = re.search(r'id="at-gratitude".*?</p>', await desk.look(), re.DOTALL)
    assert line
    assert "0 of 2 done" in line[0]


async def test_of_who_is_not_recorded_the_desk_claims_nothing(running: Running) -> None:
    session, _, _ = await couple(running)
    consent(session, "Ada", "not-recorded")
    desk = await at_desk(running, session)
    page = await desk.look()
    assert "1 takes part without recording" in page
    assert "0 of 1 done" in page


async def test_a_stream_is_being_here_and_leaving_is_said(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "BEAT_S", 0.05)  # a line that is dead is noticed with a beat
    session, ada, _ = await couple(running)
    view = running.services.hub.view(session.session_id)
    async with listening(ada, "/live") as hers:
        await hers.next_event()
        assert view.attendance.is_listening(id_of(session, "Ada"))
    async with asyncio.timeout(30):
        while view.attendance.is_listening(id_of(session, "Ada")):
            await asyncio.sleep(0.02)
    desk = await at_desk(running, session)
    assert 'data-presence="left"' not in await desk.look()
    await ada.get("/leave")
    page = await desk.look()
    assert page.count('data-presence="left"') == 1
    await ada.come_back(_return_code(running, session, "Ada"))
    await ada.get("/me")
    assert 'data-presence="left"' not in await desk.look()


def _return_code(running: Running, session: SessionRecord, name: str) -> str:
    writer = SeatWriter(running.services.secrets)
    return writer.return_code(session.session_id, id_of(session, name))


async def test_looking_again_every_few_seconds_an_open_desk_notices_who_fell_silent(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, ada, _ = await couple(running)
    monkeypatch.setattr(desk_page.RosterStreamHandler, "looks_every_s", 0.05)
    monkeypatch.setattr(streams, "BEAT_S", 600)
    desk = await at_desk(running, session)
    view = running.services.hub.view(session.session_id)
    async with listening(desk.phone, f"{desk.path}/live") as stream:
        await stream.next_event()
        view.attendance.leave(id_of(session, "Ada"), utc_now() + timedelta(seconds=1))
        event: dict[str, str] = {}
        while event.get("event") != "message":
            event = await stream.next_event()
    del ada


def signs(**more: Any) -> Signs:
    plain = Signs(is_device_free=False, is_connected=False, heard_at=None, left_at=None)
    return replace(plain, **more)


@pytest.mark.parametrize(
    ("told", "presence"),
    [
        ({}, "left"),
        ({"is_connected": True}, "connected"),
        ({"heard_at": NOW - timedelta(seconds=59)}, "connected"),
        ({"heard_at": NOW - timedelta(seconds=61)}, "asleep"),
        ({"heard_at": NOW - timedelta(minutes=4), "is_connected": True}, "connected"),
        ({"heard_at": NOW - timedelta(minutes=6), "is_connected": True}, "idle"),
        ({"heard_at": NOW - timedelta(minutes=170)}, "asleep"),
        ({"heard_at": NOW - timedelta(hours=3)}, "left"),
        ({"heard_at": NOW - timedelta(hours=3), "is_connected": True}, "idle"),
        ({"heard_at": NOW, "left_at": NOW}, "left"),
        ({"heard_at": NOW, "left_at": NOW - timedelta(seconds=1)}, "connected"),
        ({"heard_at": NOW - timedelta(hours=3), "is_device_free": True}, "away-on-purpose"),
        ({"left_at": NOW, "is_device_free": True}, "away-on-purpose"),
    ],
)
def test_how_somebody_is_here_follows_from_their_devices(
    told: dict[str, Any], presence: str
) -> None:
    assert read_presence(signs(**told), NOW) == presence


def test_of_two_open_pages_one_may_go() -> None:
    attendance = Attendance()
    with attendance.listening("p-aaaaaa"):
        with attendance.listening("p-aaaaaa"):
            pass
        assert attendance.is_listening("p-aaaaaa")
    assert not attendance.is_listening("p-aaaaaa")


def asked(name: str, minute: int, about: str = "") -> Act:
    at = NOW + timedelta(minutes=minute)
    return Act(f"e-{minute:03}", "me", name, at, exercise="requests", about=about)


ADA = RosterEntry("p-aaaaaa", "d-1111", "A", "Ada", joined_at=NOW)
BO = RosterEntry("p-bbbbbb", "d-1111", "B", "Bo", joined_at=NOW)


def test_who_waits_has_done_their_part_where_they_are() -> None:
    shown = frozenset({("released", "checkup", "1")})
    released = replace(ADA, said_alone=shown)
    assert waits_for_partner(released, BO, "checkup")
    assert not waits_for_partner(BO, released, "checkup")
    assert not waits_for_partner(released, replace(BO, said_alone=shown), "checkup")
    assert not waits_for_partner(released, BO, "touch")  # they have gone on to something else
    assert not waits_for_partner(released, None, "checkup")


def test_who_asked_waits_until_it_is_answered() -> None:
    ada = replace(ADA, asking=(asked("proposed", 1),))
    assert waits_for_partner(ada, BO, "requests")
    assert not waits_for_partner(BO, ada, "requests")
    for answer in ("agreed", "declined"):
        bo = replace(BO, asking=(asked(answer, 2, "e-001"),))
        assert not waits_for_partner(ada, bo, "requests")
    countered = replace(BO, asking=(asked("changed", 2, "e-001"),))
    assert not waits_for_partner(ada, countered, "requests")
    assert waits_for_partner(countered, ada, "requests")


async def test_act_at_desk_is_heard_within_one_turn_of_the_loop_and_not_by_the_watcher(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, ada, _ = await couple(running)
    view = running.services.hub.view(session.session_id)
    # The watcher looks the other way, and no beat comes: what is heard, the act itself said.
    monkeypatch.setattr(streams, "BEAT_S", 600)
    monkeypatch.setattr(running.services.hub, "_look", lambda session_id: None)
    async with listening(ada, "/live") as hers:
        await hers.next_event()
        await act_at_desk(running.services, view, "brought", by="facilitator", exercise="checkup")
        assert (await hers.next_event())["event"] == "message"
