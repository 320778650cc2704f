"""The facilitator's desk: what it shows, what it never shows."""

from __future__ import annotations

import csv
import io
import os
import re

import pytest

from reconnect_widgets.errors import RecordWriteError
from reconnect_widgets.records import RecordFolder
from reconnect_widgets.server import streams
from reconnect_widgets.system import new_event_id, utc_now
from tests.server.conftest import Running
from tests.server.test_live import listening
from tests.server.test_me import answer, id_of
from tests.support.phone import text


async def test_a_session_is_made_and_can_be_joined(running: Running) -> None:
    facilitator = await running.facilitator()
    made = await facilitator.new_session(title="Thursday <group>")
    assert made.code == 303
    page = text(await facilitator.get(made.headers["Location"]))
    code = re.search(r'class="rc-code">([A-Z0-9]{6})<', page)
    assert code
    assert "Thursday &lt;group&gt;" in page
    assert "<svg" in page
    assert (await running.phone().join(code[1])).code == 303


@pytest.mark.parametrize(
    "fields",
    [
        {"title": ""},
        {"title": "x" * 81},
        {"title": "a\u202eb"},
        {"policy": "all-secrets"},
        {"names": "everyone and their dog"},
        {"keep": "soon"},
        {"keep": "-1"},
        {"keep": "99999999"},
    ],
)
async def test_a_session_that_makes_no_sense_is_refused(
    running: Running, fields: dict[str, str]
) -> None:
    facilitator = await running.facilitator()
    refused = await facilitator.new_session(**fields)
    assert refused.code == 422
    assert 'role="alert"' in text(refused)
    assert RecordFolder(running.services.settings.data_dir).sessions() == []


async def test_the_roster_shows_how_far_people_are_and_no_answer(running: Running) -> None:
    session = running.new_session()
    ada = running.phone()
    await ada.join_couple(session.info.code, "Ada", "A")
    participant_id = id_of(session, "Ada")
    writer = session.open_writer(participant_id)
    for number, status in ((1, "answered"), (2, "skipped")):
        writer.append_answer(
            exercise="checkup",
            round_=1,
            item=f"presence-{number}",
            status=status,
            value="4" if status == "answered" else None,
            text="MARKER" if status == "answered" else "",
            event_id=new_event_id(),
            participant_id=participant_id,
            dyad_id="",
            content_version="1",
        )
    writer.append_event(
        "step-shown", exercise="checkup", detail="MARKER", participant_id=participant_id, dyad_id=""
    )
    writer.close()
    facilitator = await running.facilitator()
    page = text(await facilitator.get(f"/facilitator/s/{session.session_id}"))
    assert "2 of 20" in page
    assert "Couple 1 · A" in page
    assert "MARKER" not in page
    assert "skipped" not in page


async def test_who_has_answered_is_never_said_to_have_only_joined(running: Running) -> None:
    session = running.new_session()
    await running.phone().join(session.info.code, "Ada")
    facilitator = await running.facilitator()
    page = f"/facilitator/s/{session.session_id}"
    assert "Has joined" in text(await facilitator.get(page))
    answer(session, id_of(session, "Ada"))  # and no step is noted, as in a record that was imported
    shown = text(await facilitator.get(page))
    assert "Has joined" not in shown
    assert "The relationship checkup" in shown


async def test_a_closed_session_shows_who_was_here(running: Running) -> None:
    session = running.new_session()
    facilitator = await running.facilitator()
    page = f"/facilitator/s/{session.session_id}"
    assert "Who is here" in text(await facilitator.get(page))
    session.close(utc_now(), "facilitator")
    assert "Who was here" in text(await facilitator.get(page))


async def test_names_stay_hidden_when_the_session_says_so(running: Running) -> None:
    facilitator = await running.facilitator()
    made = await facilitator.new_session(names="off")
    page = text(await facilitator.get(made.headers["Location"]))
    code = re.search(r'class="rc-code">([A-Z0-9]{6})<', page)
    assert code
    await running.phone().join(code[1], "Ada-MARKER")
    page = text(await facilitator.get(made.headers["Location"]))
    assert "MARKER" not in page
    assert "1 person" in page


async def test_closing_and_opening_again(running: Running) -> None:
    session = running.new_session()
    path = f"/facilitator/s/{session.session_id}"
    facilitator = await running.facilitator()
    asked = await facilitator.get(f"{path}?close=1")
    assert session.info.closed_at is None
    assert (await facilitator.submit(asked, f"{path}/close", {})).code == 303
    assert session.info.closed_at is not None
    assert (await running.phone().join(session.info.code)).code == 410
    page = await facilitator.get(path)
    assert "Opened again" in text(page)
    assert (await facilitator.submit(page, f"{path}/reopen", {})).code == 303
    assert (await running.phone().join(session.info.code)).code == 303


async def test_downloads_are_merged_and_fresh(running: Running) -> None:
    session = running.new_session()
    phone = running.phone()
    await phone.join(session.info.code, "Ada")
    answer(session, id_of(session, "Ada"))
    facilitator = await running.facilitator()
    rows = {}
    for name in ("responses", "participants", "timeline", "codebook"):
        got = await facilitator.get(f"/facilitator/s/{session.session_id}/files/{name}.csv")
        assert got.code == 200
        assert got.headers["Content-Type"].startswith("text/csv")
        assert f'filename="{session.session_id}-{name}.csv"' in got.headers["Content-Disposition"]
        rows[name] = list(csv.DictReader(io.StringIO(text(got))))
    assert [row["item"] for row in rows["responses"]] == ["presence-1"]
    assert [row["name"] for row in rows["participants"]] == ["Ada"]
    assert rows["codebook"][0]["wording"]
    for name in ("journal", "session", "datapackage"):
        got = await facilitator.get(f"/facilitator/s/{session.session_id}/files/{name}.csv")
        assert got.code == 404


async def test_a_session_that_is_not_there_is_a_calm_404(running: Running) -> None:
    facilitator = await running.facilitator()
    for path in ("s/2026-11-20-group-k7f3mq", "review/2026-11-20-group-k7f3mq"):
        gone = await facilitator.get(f"/facilitator/{path}")
        assert gone.code == 404
        assert "There is no page here" in text(gone)


async def test_disk_trouble_is_shown_on_the_desk(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = running.new_session()

    def full(path: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("reconnect_widgets.server.merging._write_through", full)
    await running.services.disk.probe()
    facilitator = await running.facilitator()
    assert "takes no writes" in text(await facilitator.get("/facilitator"))
    page = text(await facilitator.get(f"/facilitator/s/{session.session_id}"))
    assert "cannot be saved just now" in page
    health = await running.phone().get("/healthz")
    assert '"last_disk_write_ok": false' in text(health)
    monkeypatch.undo()
    await running.services.disk.probe()
    page = text(await facilitator.get(f"/facilitator/s/{session.session_id}"))
    assert "cannot be saved" not in page


async def test_an_open_desk_hears_of_disk_trouble_and_of_its_end_at_once(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, disk = running.new_session(), running.services.disk

    def full(path: object) -> None:
        raise OSError(28, "No space left on device")

    # No beat comes meanwhile: what is heard is heard because somebody said it.
    monkeypatch.setattr(streams, "BEAT_S", 600)
    facilitator = await running.facilitator()
    desk = listening(facilitator, f"/facilitator/s/{session.session_id}/live")
    async with desk as stream:
        assert (await stream.next_event())["event"] == "hello"
        calm_s = disk.next_look_s
        with monkeypatch.context() as trouble:
            trouble.setattr("reconnect_widgets.server.merging._write_through", full)
            await disk.probe()
            assert (await stream.next_event())["event"] == "message"
            assert disk.next_look_s < calm_s
        await disk.probe()
        assert (await stream.next_event())["event"] == "message"
    assert disk.next_look_s == calm_s


async def test_looking_at_the_disk_does_not_live_off_its_own_room(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that is full but for what the last look took is full."""
    assert await running.services.disk.probe()
    assert not list(running.services.settings.data_dir.glob("*probe*"))
    assert not list(running.services.settings.data_dir.glob(".*probe*"))
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, data: write(file, data[:4096]))
    assert not await running.services.disk.probe()


async def test_a_session_that_cannot_be_written_keeps_the_form(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object, **kwargs: object) -> None:
        raise RecordWriteError("no space left")

    monkeypatch.setattr(RecordFolder, "create_session", full)
    refused = await (await running.facilitator()).new_session(title="Kept title")
    assert refused.code == 503
    assert "Kept title" in text(refused)


async def test_a_folder_that_is_no_session_is_reported_and_harms_no_other(running: Running) -> None:
    session = running.new_session()
    broken = session.folder.parent / "2026-11-20-broken-abcdef"
    broken.mkdir()
    (broken / "session.json").write_text("{")
    facilitator = await running.facilitator()
    page = text(await facilitator.get("/facilitator"))
    assert "2026-11-20-broken-abcdef" in page
    assert session.info.title in page
    assert (await running.phone().join(session.info.code)).code == 303
