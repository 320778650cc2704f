"""Live news: rows that other processes write reach the browsers they concern, and no others."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import quote, urlsplit

import pytest

from reconnect_widgets.records import SessionRecord
from reconnect_widgets.server import streams
from reconnect_widgets.system import utc_now
from tests.server.conftest import Running
from tests.server.people import JoiningPhone
from tests.server.test_me import answer, id_of
from tests.support.phone import text

SOON_S = 15


class Stream:
    """An open event stream, read by hand: tornado's client cannot read one without an end."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.status = 0

    async def next_event(self, timeout_s: float = SOON_S) -> dict[str, str]:
        """Return the next event's fields, passing over comments and the retry line."""
        event: dict[str, str] = {}
        async with asyncio.timeout(timeout_s):
            while True:
                line = (await self.reader.readline()).decode()
                assert line, "the stream ended"
                line = line.strip()
                name, separator, value = line.partition(": ")
                if separator and name in ("event", "id", "data"):
                    event[name] = value
                elif not line and event:
                    return event

    async def end(self) -> None:
        """Read until the server ends the stream: its last chunk is empty."""
        async with asyncio.timeout(SOON_S):
            while await self.reader.readline() not in (b"0\r\n", b""):
                pass


@asynccontextmanager
async def listening(phone: JoiningPhone, path: str, last: str = "") -> AsyncIterator[Stream]:
    parts = urlsplit(phone.url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    lines = [f"GET {path} HTTP/1.1", f"Host: {parts.netloc}", f"Cookie: {phone._cookie_header()}"]
    if last:
        lines.append(f"Last-Event-ID: {last}")
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
    stream = Stream(reader, writer)
    stream.status = int((await reader.readline()).split()[1])
    while (await reader.readline()).strip():
        pass
    try:
        yield stream
    finally:
        writer.close()
        await writer.wait_closed()


def release(session: SessionRecord, participant_id: str) -> None:
    writer = session.open_writer(participant_id)
    dyad_id = session.participants()[participant_id].dyad_id
    writer.append_event(
        "released", exercise="checkup", participant_id=participant_id, dyad_id=dyad_id
    )
    writer.close()


async def couple(running: Running) -> tuple[SessionRecord, JoiningPhone, JoiningPhone]:
    session = running.new_session()
    ada, bo = running.phone(), running.phone()
    await ada.join_couple(session.info.code, "Ada", "A")
    await bo.join_couple(session.info.code, "Bo", "B", (await ada.codes())[-1])
    return session, ada, bo


async def test_nobody_hears_of_a_release_before_both_have_released(running: Running) -> None:
    session, ada, bo = await couple(running)
    async with listening(ada, "/live") as hers, listening(bo, "/live") as his:
        assert (await hers.next_event())["event"] == "hello"
        assert (await his.next_event())["event"] == "hello"
        release(session, id_of(session, "Ada"))
        for stream in (hers, his):
            with pytest.raises(TimeoutError):
                await stream.next_event(1)
        release(session, id_of(session, "Bo"))
        assert (await hers.next_event())["event"] == "message"
        assert (await his.next_event())["event"] == "message"


def act(session: SessionRecord, name: str, event: str, **detail: object) -> None:
    """Let somebody do something in an exercise, as their kernel would write it."""
    participant_id = id_of(session, name)
    writer = session.open_writer(participant_id)
    writer.append_event(
        event,
        exercise="requests",
        detail=json.dumps({"round": 1, **detail}),
        participant_id=participant_id,
        dyad_id=session.participants()[participant_id].dyad_id,
    )
    writer.close()


async def test_what_happened_between_a_page_and_its_stream_is_news(running: Running) -> None:
    session, ada, bo = await couple(running)
    pages = [text(await phone.get("/me")) for phone in (ada, bo)]
    hers, his = (quote(re.findall(r'data-shown="([^"]+)"', page)[0]) for page in pages)
    for name in ("Ada", "Bo"):
        release(session, id_of(session, name))
    async with listening(ada, f"/live?shown={hers}") as stream:
        told = await stream.next_event()
        assert (told["event"], json.loads(told["data"])["what"]) == ("message", "new")
        seen = quote(told["id"])
    async with listening(ada, f"/live?shown={seen}") as stream:
        assert (await stream.next_event())["event"] == "hello", "nothing happened since"
    async with listening(bo, f"/live?shown={his}%0A%00---{'x' * 900}") as stream:
        assert (await stream.next_event())["event"] == "message", "whatever a browser says it saw"


async def test_what_the_partner_does_towards_somebody_is_told_them_and_nobody_else(
    running: Running,
) -> None:
    session, ada, bo = await couple(running)
    async with listening(ada, "/live") as hers, listening(bo, "/live") as his:
        await hers.next_event()
        await his.next_event()
        for event in ("delivered", "changed", "clock-started"):
            act(session, "Ada", event)
            assert (await his.next_event())["event"] == "message"
        with pytest.raises(TimeoutError):
            await hers.next_event(1)


@pytest.mark.parametrize("first", ["Ada", "Bo"])
async def test_no_order_of_acts_that_are_not_for_the_other_makes_an_event(
    running: Running, first: str
) -> None:
    session, ada, bo = await couple(running)
    second = "Bo" if first == "Ada" else "Ada"
    async with listening(ada, "/live") as hers, listening(bo, "/live") as his:
        await hers.next_event()
        await his.next_event()
        act(session, first, "released")
        act(session, first, "unreleased")
        answer(session, id_of(session, second))
        act(session, second, "released")
        act(session, second, "looked-back", about="a")
        act(session, first, "step-shown", step="marks")
        for stream in (hers, his):
            with pytest.raises(TimeoutError):
                await stream.next_event(1)


async def test_everybody_hears_that_the_session_closed(running: Running) -> None:
    session, ada, bo = await couple(running)
    async with listening(ada, "/live") as hers, listening(bo, "/live") as his:
        await hers.next_event()
        await his.next_event()
        session.close(utc_now(), "cli")
        assert (await hers.next_event())["event"] == "message"
        assert (await his.next_event())["event"] == "message"


async def test_who_makes_the_choice_late_is_brought_along_then(running: Running) -> None:
    session = running.new_session()
    ada = running.phone()
    await ada.join(session.info.code, "Ada")
    desk = session.open_writer("facilitator")
    desk.append_event("brought", exercise="presence")
    desk.close()
    async with listening(ada, "/live") as hers:
        hello = json.loads((await hers.next_event())["data"])
        assert hello["brought"]["moves"] is False
        writer = session.open_writer(id_of(session, "Ada"))
        writer.append_person(
            "consented",
            {"consent": "recorded"},
            participant_id=id_of(session, "Ada"),
            dyad_id="",
        )
        writer.close()
        told = json.loads((await hers.next_event())["data"])
        assert told["brought"]["moves"] is True
        assert told["what"] == "group"


async def test_an_answer_is_no_news_for_a_partner(running: Running) -> None:
    session, _, bo = await couple(running)
    async with listening(bo, "/live") as his:
        await his.next_event()
        answer(session, id_of(session, "Ada"))
        with pytest.raises(TimeoutError):
            await his.next_event(1)


async def test_what_was_missed_is_told_on_coming_back_also_after_a_restart(
    running: Running,
) -> None:
    session, _, bo = await couple(running)
    async with listening(bo, "/live") as his:
        last = (await his.next_event())["id"]
    for name in ("Ada", "Bo"):
        release(session, id_of(session, name))
    running.services.hub._views.clear()  # what a restart forgets
    async with listening(bo, "/live", last=last) as his:
        event = await his.next_event()
        assert event["event"] == "message"
        assert event["id"] != last
    async with listening(bo, "/live", last=event["id"]) as his:
        with pytest.raises(TimeoutError):
            await his.next_event(1)


async def test_who_withdrew_is_let_go_and_the_partner_hears_of_it(running: Running) -> None:
    session, ada, bo = await couple(running)
    async with listening(ada, "/live") as hers, listening(bo, "/live") as his:
        await hers.next_event()
        await his.next_event()
        session.withdraw(id_of(session, "Ada"), utc_now())
        assert (await his.next_event())["event"] == "message"
        await hers.end()


async def test_the_desk_hears_of_rows_that_another_process_wrote(running: Running) -> None:
    session = running.new_session()
    facilitator = await running.facilitator()
    path = f"/facilitator/s/{session.session_id}"
    phone = running.phone()
    await phone.join(session.info.code, "Ada")
    participant_id = id_of(session, "Ada")
    async with listening(facilitator, f"{path}/live") as desk:
        assert (await desk.next_event())["event"] == "hello"
        script = f"""
from pathlib import Path
from reconnect_widgets.records import RecordFolder
from reconnect_widgets.system import new_event_id
writer = RecordFolder(Path({str(running.services.settings.data_dir)!r})).session(
    {session.session_id!r}).open_writer({participant_id!r})
writer.append_answer(exercise="checkup", round_=1, item="touch-1", status="answered", value="2",
    event_id=new_event_id(), participant_id={participant_id!r}, dyad_id="", content_version="1")
"""
        await asyncio.to_thread(subprocess.run, [sys.executable, "-c", script], check=True)
        assert (await desk.next_event())["event"] == "message"
    assert "1 of 20" in text(await facilitator.get(path))


async def test_a_browser_that_never_reads_is_dropped(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its stream is cut, nothing piles up for it, and others hear as before."""
    monkeypatch.setattr(streams, "PATIENCE_S", 0.2)
    monkeypatch.setattr(streams, "BEAT_S", 0.001)
    _, ada, bo = await couple(running)
    parts = urlsplit(ada.url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=1024)
    request = (
        f"GET /live HTTP/1.1\r\nHost: {parts.netloc}\r\nCookie: {ada._cookie_header()}\r\n\r\n"
    )
    writer.write(request.encode())
    hub = running.services.hub

    async def listeners() -> int:
        return sum(len(waiting) for waiting in hub._waiting.values())

    async with asyncio.timeout(60):
        while await listeners() == 0:
            await asyncio.sleep(0.01)
        monkeypatch.setattr(streams, "BEAT_TEXT", ":" + " " * 200_000 + "\n\n")
        while await listeners() > 0:
            await asyncio.sleep(0.01)
    writer.close()
    monkeypatch.setattr(streams, "BEAT_TEXT", ":\n\n")
    async with listening(bo, "/live") as his:
        assert (await his.next_event())["event"] == "hello"
    del reader


async def test_an_open_stream_means_that_the_phone_was_there_just_now(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system itself hangs up on a phone that confirms nothing (Linux; elsewhere it may not)."""
    begin = streams.EventStreamHandler._hang_up_when_unheard
    told: list[int] = []

    def look(self: streams.EventStreamHandler) -> None:
        begin(self)
        line = self.request.connection.stream.socket  # type: ignore[union-attr]
        option = getattr(socket, "TCP_USER_TIMEOUT", None)
        told.append(line.getsockopt(socket.IPPROTO_TCP, option) if option else streams.UNHEARD_MS)

    monkeypatch.setattr(streams.EventStreamHandler, "_hang_up_when_unheard", look)
    _, ada, _ = await couple(running)
    async with listening(ada, "/live") as hers:
        await hers.next_event()
    assert told == [streams.UNHEARD_MS]


async def test_streams_end_when_the_server_stops(running: Running) -> None:
    _, ada, _ = await couple(running)
    async with listening(ada, "/live") as hers:
        await hers.next_event()
        running.server.stop()
        await hers.end()
