"""All exercises on one page: in the session's order, with how far one is, and what waits."""

from __future__ import annotations

import asyncio
import json
import re

import pytest

from reconnect_widgets.content import load_contents
from reconnect_widgets.records import SessionRecord
from reconnect_widgets.records.acts import write_act
from reconnect_widgets.system import new_event_id, utc_now
from tests.server.conftest import Running
from tests.server.people import JoiningPhone
from tests.server.test_live import couple, listening
from tests.server.test_me import id_of
from tests.support.phone import text


def note(session: SessionRecord, name: str, event: str, exercise: str, detail: str = "") -> None:
    """Let somebody do something, as their kernel would write it."""
    participant_id = id_of(session, name)
    writer = session.open_writer(participant_id)
    dyad_id = session.participants()[participant_id].dyad_id
    writer.append_event(
        event, exercise=exercise, detail=detail, participant_id=participant_id, dyad_id=dyad_id
    )
    writer.close()


def consent(session: SessionRecord, name: str, choice: str = "recorded") -> None:
    participant_id = id_of(session, name)
    writer = session.open_writer(participant_id)
    dyad_id = session.participants()[participant_id].dyad_id
    writer.append_person(
        "consented", {"consent": choice}, participant_id=participant_id, dyad_id=dyad_id
    )
    writer.close()


def step(session: SessionRecord, name: str, exercise: str, at: str) -> None:
    note(session, name, "step-shown", exercise, json.dumps({"round": 1, "step": at}))


async def joined(running: Running, *agenda: str) -> tuple[SessionRecord, JoiningPhone]:
    session = running.services.records.create_session(
        "Tuesday group",
        agenda=agenda or ("welcome", "checkup"),
        partner_policy="limited-secrets",
        name_visibility="facilitator",
        keep_days=30,
        now=utc_now(),
    )
    phone = running.phone()
    await phone.join(session.info.code, "Ada")
    return session, phone


def links(page: str) -> list[str]:
    """Return where the list leads, in its order."""
    return re.findall(r'<li[^>]*>\s*<a href="/w/([a-z-]+)"', page)


def waiting(page: str) -> list[str]:
    found = re.search(r'<div class="rc-waiting".*?</div>', page, re.DOTALL)
    assert found, "no place for what waits"
    return re.findall(r'href="/w/([a-z-]+)"', found[0])


async def test_the_agenda_comes_first_in_its_own_order(running: Running) -> None:
    session, phone = await joined(running, "welcome", "touch", "checkup")
    consent(session, "Ada")
    page = text(await phone.get("/w/"))
    assert links(page)[:3] == ["welcome", "touch", "checkup"]
    assert page.index("For this session") < page.index("Also here")


async def test_every_exercise_is_reached_from_here(running: Running) -> None:
    session, phone = await joined(running)
    consent(session, "Ada")
    listed = links(text(await phone.get("/w/")))
    assert sorted(listed) == sorted(load_contents().order)
    for key in listed:
        assert key == "safety" or key in running.services.notebooks.participant


async def test_before_the_choice_everything_but_safety_leads_to_it(running: Running) -> None:
    _, phone = await joined(running)
    page = text(await phone.get("/w/"))
    assert set(links(page)) == {"welcome", "safety"}
    assert len(links(page)) == len(load_contents().order)
    assert "First there is one choice" in page
    assert load_contents().frame("touch").title in page  # type: ignore[union-attr]


async def test_how_far_one_is_stands_beside_each(running: Running) -> None:
    session, phone = await joined(running)
    consent(session, "Ada")
    step(session, "Ada", "gratitude", "own")
    step(session, "Ada", "checkup", "snapshot")
    page = text(await phone.get("/w/"))
    far = dict(re.findall(r'<li data-far="(\w+)">\s*<a href="/w/([a-z-]+)"', page))
    assert {key: how for how, key in re.findall(
        r'<li data-far="(\w+)">\s*<a href="/w/([a-z-]+)"', page
    )} == {"welcome": "done", "gratitude": "begun", "checkup": "done"}  # fmt: skip
    assert far
    assert "Go on where you were" in page
    assert re.search(r'href="/w/checkup"[^>]*>Go on where you were', page)


async def test_who_is_not_recorded_is_told_that_the_list_cannot_know(running: Running) -> None:
    session, phone = await joined(running)
    consent(session, "Ada", "not-recorded")
    page = text(await phone.get("/w/"))
    assert "cannot show how far you are" in page
    assert "touch" in links(page)


async def test_a_closed_session_says_what_stays_open_and_until_when(running: Running) -> None:
    session, phone = await joined(running)
    consent(session, "Ada")
    session.close(utc_now(), "facilitator")
    page = text(await phone.get("/w/"))
    own, rest = page.split("To look back at")
    assert "For your own practice, until " in own
    assert {"checkup", "presence", "one-small-thing"} <= set(links(own))
    assert "touch" in links(rest)


async def test_the_contents_start_no_kernel(running: Running) -> None:
    _, phone = await joined(running)
    await phone.get("/w/")
    assert running.services.seats.owners() == []


async def seated(running: Running) -> tuple[SessionRecord, JoiningPhone, JoiningPhone]:
    session, ada, bo = await couple(running)
    consent(session, "Ada")
    consent(session, "Bo")
    return session, ada, bo


async def test_a_line_that_waits_stands_on_the_partners_pages_and_on_no_other(
    running: Running,
) -> None:
    session, ada, bo = await seated(running)
    stranger = running.phone()
    await stranger.join(session.info.code, "Cy")
    note(session, "Ada", "delivered", "appreciation", write_act(1, about=new_event_id()))
    assert waiting(text(await bo.get("/w/"))) == ["appreciation"]
    assert waiting(text(await bo.get("/me"))) == ["appreciation"]
    assert waiting(text(await ada.get("/w/"))) == []
    assert waiting(text(await stranger.get("/w/"))) == []
    step(session, "Bo", "appreciation", "received")
    assert waiting(text(await bo.get("/w/"))) == []


async def test_it_stands_on_other_exercises_and_not_where_it_waits(running: Running) -> None:
    session, _, bo = await seated(running)
    note(session, "Ada", "proposed", "requests", write_act(1, about=new_event_id()))
    assert waiting(text(await bo.get("/w/gratitude"))) == ["requests"]
    assert waiting(text(await bo.get("/w/requests"))) == []
    # What the page asks for when there is news.
    assert waiting(text(await bo.get("/w/?at=requests"))) == []
    assert waiting(text(await bo.get("/w/?at=gratitude"))) == ["requests"]


@pytest.mark.parametrize("event", ["released", "kept", "finished", "said-aloud"])
async def test_what_is_the_partners_own_leaves_the_page_as_it_is(
    running: Running, event: str
) -> None:
    session, _, bo = await seated(running)
    before = text(await bo.get("/w/"))
    note(session, "Ada", event, "touch", write_act(1))
    step(session, "Ada", "touch", "release")
    assert text(await bo.get("/w/")) == before


async def test_when_the_partner_withdraws_nothing_of_theirs_waits(running: Running) -> None:
    session, ada, bo = await seated(running)
    note(session, "Ada", "delivered", "appreciation", write_act(1, about=new_event_id()))
    assert waiting(text(await bo.get("/w/"))) == ["appreciation"]
    await ada.press("/me/withdraw")
    assert waiting(text(await bo.get("/w/"))) == []


async def test_who_looks_at_the_contents_hears_of_it_within_a_second(running: Running) -> None:
    session, _, bo = await seated(running)
    async with listening(bo, "/live") as stream:
        assert (await stream.next_event())["event"] == "hello"
        note(session, "Ada", "delivered", "appreciation", write_act(1, about=new_event_id()))
        async with asyncio.timeout(10):
            assert (await stream.next_event())["event"] == "message"
    assert waiting(text(await bo.get("/w/?at=gratitude"))) == ["appreciation"]
