"""Preparing an evening, as a browser without scripts does: round trips, refusals, promises."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from tornado.httpclient import HTTPResponse

from reconnect_widgets import content
from reconnect_widgets.domain.people import Session
from reconnect_widgets.errors import RecordWriteError
from reconnect_widgets.records import RecordFolder, SessionRecord
from reconnect_widgets.records import folder as folder_module
from reconnect_widgets.system import utc_now
from tests.server.conftest import Running
from tests.server.people import FacilitatorPhone
from tests.support.form import Form
from tests.support.phone import text

NEW = "/facilitator/new"


def prepare_path(session: SessionRecord) -> str:
    return f"/facilitator/s/{session.session_id}/prepare"


async def open_form(phone: FacilitatorPhone, path: str) -> Form:
    page = await phone.get(path)
    assert page.code == 200
    return Form(page, path.partition("?")[0])


async def after(form: Form, phone: FacilitatorPhone, button: str) -> Form:
    """Press a button that changes the form only; return the form that comes back."""
    answer = await form.press(phone, button)
    assert answer.code == 200
    return Form(answer, form.action)


def made(running: Running, answer: HTTPResponse) -> Session:
    """Return the session that this answer leads to."""
    assert answer.code == 303, text(answer)
    session_id = answer.headers["Location"].removeprefix("/facilitator/s/")
    return running.services.records.session(session_id).info


def sessions(running: Running) -> list[SessionRecord]:
    return RecordFolder(running.services.settings.data_dir).sessions()


async def test_a_title_and_a_plan_make_a_session(running: Running) -> None:
    phone = await running.facilitator()
    form = await open_form(phone, "/facilitator")
    form.set("title", "Tuesday <group>")
    assert form.all("plan") == ["first-evening"]
    info = made(running, await form.send(phone, ""))
    found = content.load_plans().find("first-evening")
    assert found
    assert info.title == "Tuesday <group>"
    assert info.agenda == tuple(line.exercise for line in found[1].agenda)
    assert info.minutes["presence"] == 25
    assert (info.free, info.door, info.partner_policy) == (None, "open", "limited-secrets")
    assert (info.keep_until - info.created_at).days == 90


async def test_without_a_plan_there_are_the_welcome_and_the_checkup(running: Running) -> None:
    phone = await running.facilitator()
    form = await open_form(phone, "/facilitator")
    form.set("title", "Tuesday")
    form.set("plan", "")
    assert made(running, await form.send(phone, "")).agenda == ("welcome", "checkup")


@pytest.mark.parametrize(("title", "plan"), [("", "first-evening"), ("T", "no-such"), ("T", "a.9")])
async def test_the_short_form_keeps_what_was_typed_when_it_is_refused(
    running: Running, title: str, plan: str
) -> None:
    phone = await running.facilitator()
    form = await open_form(phone, "/facilitator")
    form.set("title", title)
    form.set("plan", plan)
    refused = await form.send(phone, "")
    assert refused.code == 422
    assert Form(refused, "/facilitator").all("title") == [title]
    assert sessions(running) == []


async def test_the_plans_stand_on_a_page_each_with_its_evenings(running: Running) -> None:
    phone = await running.facilitator()
    page = text(await phone.get(NEW))
    for plan in content.load_plans().by_key.values():
        assert plan.title in page
        assert plan.for_whom in page
    assert f"{NEW}?plan=six-week-group.6" in page
    assert f"{NEW}?plan=couple-in-the-room" in page


async def test_a_plan_fills_the_form_and_what_is_changed_is_made(running: Running) -> None:
    phone = await running.facilitator()
    form = await open_form(phone, f"{NEW}?plan=couple-in-the-room")
    assert form.all("exercise") == ["welcome", "checkup", "repair", "one-small-thing", "takeaway"]
    assert (form.all("door"), form.all("seats"), form.all("keep")) == (["seats"], ["2"], ["180"])
    form.set("title", "The two of Friday")
    form.set("policy", "no-secrets")
    form.set("names", "off")
    form.set("minutes", "5", "", "20", "10", "5")
    form.set("free", "chosen")
    form.set("free_key", "presence", "one-small-thing")
    info = made(running, await form.press(phone, "save"))
    assert info.minutes == {"welcome": 5, "repair": 20, "one-small-thing": 10, "takeaway": 5}
    assert info.free == ("presence", "one-small-thing")
    assert (info.partner_policy, info.name_visibility) == ("no-secrets", "off")
    assert (info.door, info.seats) == ("seats", 2)


async def test_the_agenda_is_put_in_order_by_buttons_alone(running: Running) -> None:
    phone = await running.facilitator()
    form = await open_form(phone, f"{NEW}?plan=")
    form.set("title", "Kept")
    form.set("added", "touch")
    form = await after(form, phone, "add")
    assert form.all("exercise") == ["welcome", "checkup", "touch"]
    assert form.all("minutes") == ["4", "6", "8"]
    form = await after(form, phone, "up:touch")
    assert (form.all("exercise"), form.focus) == (["welcome", "touch", "checkup"], "up:touch")
    form = await after(form, phone, "up:touch")
    assert (form.all("exercise"), form.focus) == (["touch", "welcome", "checkup"], "down:touch")
    assert "up:touch" not in form.buttons  # it is the first
    form = await after(form, phone, "down:welcome")
    assert (form.all("exercise"), form.focus) == (["touch", "checkup", "welcome"], "up:welcome")
    form = await after(form, phone, "remove:checkup")
    assert (form.all("exercise"), form.focus) == (["touch", "welcome"], "add")
    assert form.all("title") == ["Kept"]
    info = made(running, await form.press(phone, "save"))
    assert (info.agenda, info.minutes) == (("touch", "welcome"), {"touch": 8, "welcome": 4})


async def test_what_a_button_did_is_said(running: Running) -> None:
    phone = await running.facilitator()
    form = await open_form(phone, f"{NEW}?plan=")
    moved = text(await form.press(phone, "up:checkup"))
    assert 'role="status" id="said">The relationship checkup is now 1 of 2.<' in moved
    gone = text(await form.press(phone, "remove:checkup"))
    assert "The relationship checkup is off the agenda." in gone


async def test_the_minutes_are_added_up_and_lead_to_an_end(running: Running) -> None:
    phone = await running.facilitator()
    form = await open_form(phone, f"{NEW}?plan=first-evening")
    form.set("begin", "22:50")
    page = text(await form.press(phone, "sum"))
    assert '<output id="total">105</output>' in page
    assert "until about 00:35 if you begin at 22:50" in page


async def test_enter_presses_save(running: Running) -> None:
    """A browser presses a form's first submit; it must not be one that moves a row."""
    form = await open_form(await running.facilitator(), f"{NEW}?plan=first-evening")
    assert form.buttons[0] == "save"


HOSTILE: list[dict[str, list[str]]] = [
    {"exercise": ["welcome", "no-such-exercise"]},
    {"exercise": ["welcome", "../../etc"]},
    {"exercise": []},
    {"exercise": ["welcome", "checkup", "welcome"]},
    {"exercise": ["welcome"] * 500},
    {"exercise": [*content.exercise_keys()] * 30},
    {"minutes": ["1000000000"]},
    {"minutes": ["0"]},
    {"minutes": ["-5"]},
    {"minutes": ["1.5"]},
    {"minutes": ["٣"]},
    {"minutes": ["241"]},
    {"title": ["   "]},
    {"title": ["a\u202eb"]},
    {"title": ["x" * 81]},
    {"policy": ["all-secrets"]},
    {"names": ["the-world"]},
    {"door": ["ajar"]},
    {"door": ["seats"], "seats": [""]},
    {"door": ["seats"], "seats": ["0"]},
    {"door": ["seats"], "seats": ["1000000000"]},
    {"free": ["some"]},
    {"free": ["chosen"], "free_key": ["no-such-exercise"]},
    {"keep": ["0"]},
    {"keep": ["99999"]},
    {"keep": ["date"], "keep_until": ["2020-01-01"]},
    {"keep": ["date"], "keep_until": ["soon"]},
    {"keep": ["date"], "keep_until": ["9999-12-31"]},
    {"keep": ["date"], "keep_until": [""]},
]


@pytest.mark.parametrize("fields", HOSTILE, ids=lambda fields: str(fields)[:60])
async def test_a_form_that_makes_no_sense_is_refused_and_nothing_is_made(
    running: Running, fields: dict[str, list[str]]
) -> None:
    phone = await running.facilitator()
    form = await open_form(phone, f"{NEW}?plan=first-evening")
    form.set("title", "T")
    for name, values in fields.items():
        form.set(name, *values)
    refused = await form.press(phone, "save")
    assert refused.code == 422
    assert 'role="alert"' in text(refused)
    assert len(Form(refused, NEW).all("exercise")) <= 60
    assert sessions(running) == []


@pytest.mark.parametrize(
    "do", ["up:no-such", "up:", "down", "remove:", "explode", "x" * 399, "é:\x00"]
)
async def test_a_button_that_there_is_not_changes_nothing(running: Running, do: str) -> None:
    phone = await running.facilitator()
    form = await open_form(phone, f"{NEW}?plan=first-evening")
    before = form.all("exercise")
    answer = await form.send(phone, do)
    assert answer.code == 200
    assert Form(answer, NEW).all("exercise") == before
    assert sessions(running) == []


async def test_bytes_that_are_no_text_are_refused(running: Running) -> None:
    phone = await running.facilitator()
    form = await open_form(phone, f"{NEW}?plan=")
    xsrf = form.all("_xsrf")[0]
    body = f"_xsrf={xsrf}&do=save&title=T&exercise=%ff&minutes=%ff&policy=%ff"
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await phone._request("POST", NEW, body, headers)).code == 422


async def test_a_session_is_changed_while_it_runs_and_every_screen_is_told(
    running: Running,
) -> None:
    session = running.new_session()
    phone = await running.facilitator()
    ada = running.phone()
    await ada.join(session.info.code, "Ada")
    form = await open_form(phone, prepare_path(session))
    assert form.all("exercise") == ["welcome", "checkup"]
    form.set("title", "Another title")
    form.set("exercise", "welcome", "repair")
    form.set("minutes", "", "40")
    form.set("free", "desk")
    form.set("door", "seats")
    form.set("seats", "9")
    version = running.services.hub.view(session.session_id).version
    saved = await form.press(phone, "save")
    assert saved.headers["Location"] == f"/facilitator/s/{session.session_id}"
    info = session.info
    assert (info.title, info.agenda, info.minutes) == (
        "Another title",
        ("welcome", "repair"),
        {"repair": 40},
    )
    assert (info.free, info.door, info.seats) == ((), "seats", 9)
    assert running.services.hub.view(session.session_id).version > version
    (noted,) = [row for row in session.read_staff().rows if row.event == "prepared"]
    assert (noted.subject, noted.detail) == ("facilitator", "agenda door free minutes seats title")


async def test_saving_without_a_change_notes_nothing(running: Running) -> None:
    session = running.new_session()
    before = session.info
    phone = await running.facilitator()
    form = await open_form(phone, prepare_path(session))
    assert (await form.press(phone, "save")).code == 303
    assert session.info == before
    assert "prepared" not in [row.event for row in session.read_staff().rows]


async def test_a_meeting_brings_its_agenda_to_a_session_and_nothing_else(
    running: Running,
) -> None:
    session = running.new_session()
    before = session.info
    phone = await running.facilitator()
    form = await open_form(phone, prepare_path(session))
    form.set("plan", "six-week-group.5")
    form = await after(form, phone, "plan")
    assert session.info == before  # not before it is saved
    assert (await form.press(phone, "save")).code == 303
    assert session.info.agenda == ("repair", "honesty")
    assert session.info.keep_until == before.keep_until


@pytest.mark.parametrize(
    ("name", "value", "is_allowed"),
    [
        ("policy", "no-secrets", False),
        ("names", "everyone", False),
        ("names", "off", True),
        ("keep", "365", False),
    ],
)
async def test_what_people_were_told_stays_true_once_somebody_has_joined(
    running: Running, name: str, value: str, is_allowed: bool
) -> None:
    session = running.new_session()
    before = session.info
    phone = await running.facilitator()
    form = await open_form(phone, prepare_path(session))
    form.set(name, value)
    # The page was open before the first one came: the answer goes by who is here now.
    await running.phone().join(session.info.code, "Ada")
    answer = await form.press(phone, "save")
    assert answer.code == (303 if is_allowed else 409)
    if not is_allowed:
        assert "Somebody has joined already" in text(answer)
        assert session.info == before


async def test_before_anybody_joined_every_rule_can_change(running: Running) -> None:
    session = running.new_session()
    phone = await running.facilitator()
    form = await open_form(phone, prepare_path(session))
    for name, value in {"policy": "no-secrets", "names": "everyone", "keep": "365"}.items():
        form.set(name, value)
    assert (await form.press(phone, "save")).code == 303
    info = session.info
    assert (info.partner_policy, info.name_visibility) == ("no-secrets", "everyone")
    assert (info.keep_until.astimezone().date() - utc_now().astimezone().date()).days == 365


async def test_a_record_may_be_kept_for_less_long_than_was_said(running: Running) -> None:
    session = running.new_session()
    await running.phone().join(session.info.code, "Ada")
    phone = await running.facilitator()
    form = await open_form(phone, prepare_path(session))
    day = (utc_now().astimezone() + timedelta(days=3)).date()
    form.set("keep", "date")
    form.set("keep_until", day.isoformat())
    assert (await form.press(phone, "save")).code == 303
    assert session.info.keep_until.astimezone().date() == day
    assert session.info.is_kept(utc_now() + timedelta(days=2))


async def test_a_rule_that_may_not_change_is_not_offered(running: Running) -> None:
    session = running.new_session()
    await running.phone().join(session.info.code, "Ada")
    page = text(await (await running.facilitator()).get(prepare_path(session)))
    assert 'value="no-secrets"' not in page
    assert 'value="everyone"' not in page
    assert 'name="policy" value="limited-secrets"' in page


async def test_of_two_facilitators_the_second_is_told_that_the_first_saved(
    running: Running,
) -> None:
    session = running.new_session()
    one, other = await running.facilitator(), await running.facilitator()
    theirs = await open_form(other, prepare_path(session))
    mine = await open_form(one, prepare_path(session))
    mine.set("title", "Mine")
    theirs.set("title", "Theirs")
    assert (await mine.press(one, "save")).code == 303
    refused = await theirs.press(other, "save")
    assert refused.code == 409
    assert session.info.title == "Mine"
    again = Form(refused, prepare_path(session))
    assert again.all("title") == ["Theirs"]
    assert (await again.press(other, "save")).code == 303
    assert session.info.title == "Theirs"


async def test_a_session_past_its_end_date_is_not_prepared_any_more(running: Running) -> None:
    session = running.new_session(keep_days=1)
    phone = await running.facilitator()
    session.prepare({"keep_until": utc_now() - timedelta(hours=1)}, utc_now(), "facilitator")
    desk = f"/facilitator/s/{session.session_id}"
    for answer in (
        await phone.get(prepare_path(session)),
        await phone.press("/facilitator", prepare_path(session), title="T"),
        await phone.press("/facilitator", f"{desk}/reopen"),
    ):
        assert answer.code == 409
        page = text(answer)
        assert "This session is past its end date" in page
        assert "reconnect purge --due" in page
        assert f'href="{desk}"' in page
    assert session.info.title == "Tuesday group"
    session_page = await phone.get(desk)
    assert session_page.code == 200


async def test_a_closed_session_can_be_prepared(running: Running) -> None:
    session = running.new_session()
    phone = await running.facilitator()
    session.close(utc_now(), "facilitator")
    assert (await phone.get(prepare_path(session))).code == 200


async def test_a_form_is_kept_when_the_disk_takes_no_writes(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = running.new_session()
    phone = await running.facilitator()
    form = await open_form(phone, prepare_path(session))
    form.set("title", "Kept")

    def full(*args: object) -> None:
        raise RecordWriteError("no space left")

    monkeypatch.setattr(folder_module, "replace_file", full)
    refused = await form.press(phone, "save")
    assert refused.code == 503
    assert Form(refused, prepare_path(session)).all("title") == ["Kept"]


async def test_a_form_is_kept_as_a_plan_and_used_again(running: Running) -> None:
    phone = await running.facilitator()
    form = await open_form(phone, f"{NEW}?plan=couple-in-the-room")
    form.set("free", "desk")
    form.set("plan_title", "My Friday")
    kept = await form.press(phone, "keep-plan")
    assert "plans/my-friday.yaml" in text(kept)
    assert sessions(running) == []
    assert (await form.press(phone, "keep-plan")).code == 200  # sent twice: one plan
    folder: Path = running.services.settings.data_dir / "plans"
    assert [path.name for path in folder.iterdir()] == ["my-friday.yaml"]
    again = await open_form(phone, f"{NEW}?plan=my-friday")
    for name in ("exercise", "minutes", "free", "door", "seats", "keep", "policy", "names"):
        assert again.all(name) == form.all(name), name
    form.set("minutes", "9", "9", "9", "9", "9")
    await form.press(phone, "keep-plan")
    assert len([*folder.iterdir()]) == 2  # the first is as it was
    assert (folder / "my-friday-2.yaml").exists()


async def test_a_plan_of_ones_own_never_takes_a_shipped_ones_place(running: Running) -> None:
    phone = await running.facilitator()
    form = await open_form(phone, f"{NEW}?plan=")
    form.set("plan_title", "First evening")
    assert "plans/first-evening-2.yaml" in text(await form.press(phone, "keep-plan"))


@pytest.mark.parametrize("name", ["", "   ", "a\u202eb", "x" * 81])
async def test_a_plan_needs_a_name(running: Running, name: str) -> None:
    phone = await running.facilitator()
    form = await open_form(phone, f"{NEW}?plan=")
    form.set("plan_title", name)
    assert (await form.press(phone, "keep-plan")).code == 422
    assert not (running.services.settings.data_dir / "plans").exists()


async def test_a_broken_plan_is_named_and_the_others_are_offered(running: Running) -> None:
    folder: Path = running.services.settings.data_dir / "plans"
    folder.mkdir()
    (folder / "broken.yaml").write_text("kind: plan\nkey: broken\n")
    phone = await running.facilitator()
    for path in ("/facilitator", NEW, f"{NEW}?plan="):
        page = text(await phone.get(path))
        assert "broken.yaml" in page
        assert "first-evening" in page


async def test_the_list_stays_short(running: Running) -> None:
    old = [running.new_session(f"Old {number}") for number in range(6)]
    for session in old:
        session.close(utc_now(), "facilitator")
    still_open = running.new_session("Open")
    page = text(await (await running.facilitator()).get("/facilitator"))
    listed, _, folded = page.partition("<details")
    assert still_open.session_id in listed
    assert sum(session.session_id in listed for session in old) == 4
    assert sum(session.session_id in folded for session in old) == 2


async def test_an_open_desk_looks_again_when_the_session_was_prepared(running: Running) -> None:
    session = running.new_session()
    phone = await running.facilitator()
    form = await open_form(phone, prepare_path(session))
    form.set("exercise", "welcome")
    woken = asyncio.Event()
    hub = running.services.hub
    real = hub.wake

    def wake(session_id: str) -> None:
        real(session_id)
        woken.set()

    hub.wake = wake  # type: ignore[method-assign]
    assert (await form.press(phone, "save")).code == 303
    assert woken.is_set()
