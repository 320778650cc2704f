"""Who has to sign in again comes back to the page that they were on, and nowhere else."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconnect_widgets import system
from reconnect_widgets.server.access import RESOURCES
from reconnect_widgets.server.facilitator import DownloadHandler
from reconnect_widgets.server.policy import FACILITATOR_ONLY
from reconnect_widgets.server.streams import EventStreamHandler
from reconnect_widgets.server.way_back import LIST, SIGN_IN, find_way_back, sign_in_address
from reconnect_widgets.system import utc_now
from tests.server.conftest import Running
from tests.support.phone import text

SESSION = "2026-11-20-tuesday-group-k7f3mq"
DESK = f"/facilitator/s/{SESSION}"
# All pages of the facilitator's to look at, from the table, each with this session's id put in.
PAGES = [
    re.sub(r"\(.*\)", SESSION, resource.pattern)
    for resource in RESOURCES
    if "GET" in resource.methods
    and resource.roles == FACILITATOR_ONLY
    and not issubclass(resource.handler, EventStreamHandler | DownloadHandler)
]


@pytest.mark.parametrize("path", PAGES)
def test_every_page_of_the_facilitators_leads_back_to_itself(path: str) -> None:
    assert find_way_back(path) == path, "add it to way_back"
    assert (sign_in_address(path) == SIGN_IN) is (path == LIST)


def test_what_is_no_page_leads_to_the_page_it_belongs_to() -> None:
    for part in ("act", "close", "reopen", "practice", "live", "files/responses.csv", "x/../y"):
        assert find_way_back(f"{DESK}/{part}") == DESK
    assert find_way_back(f"{DESK}/wall/live") == f"{DESK}/wall"


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/me",
        "/w/checkup",
        "https://example.org/",
        "//example.org/facilitator",
        f"//example.org{DESK}",
        f"https://example.org{DESK}",
        "/\\example.org",
        "/facilitator/../me",
        "/facilitator//example.org",
        "/facilitator/sign-in",
        "/facilitator/sign-out",
        f"/facilitator/s/{SESSION}%2f..",
        f"{DESK}\r\nSet-Cookie: a=b",
        f" {DESK}",
        "javascript:alert(1)",
        "/facilitator/s/../../x",
    ],
)
def test_a_way_that_is_none_leads_to_the_list(path: str) -> None:
    assert find_way_back(path) == LIST


@given(st.text() | st.from_regex(rf"(//|https?:)?{DESK}.{{0,20}}"))
def test_whatever_is_asked_for_the_way_stays_on_the_facilitators_pages(path: str) -> None:
    assert re.fullmatch(r"/facilitator(/[a-z0-9-]+)*", find_way_back(path))


async def test_after_the_idle_hour_one_signs_in_and_is_on_the_same_page(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, phone = running.new_session(), await running.facilitator()
    page = f"/facilitator/s/{session.session_id}/wall"
    assert (await phone.get(page)).code == 200
    monkeypatch.setattr(system, "utc_now", lambda: utc_now() + timedelta(minutes=61))
    led = await phone.get(page)
    assert led.code == 303
    sign_in = led.headers["Location"]
    assert sign_in.startswith(f"{SIGN_IN}?")
    form = await phone.get(sign_in)
    refused = await phone.submit(form, SIGN_IN, {"passcode": "WRONG", "next": page})
    assert refused.code == 403
    assert f'name="next" value="{page}"' in text(refused)
    assert f'name="next" value="{page}"' in text(form)
    done = await phone.submit(refused, SIGN_IN, {"passcode": running.passcode, "next": page})
    assert (done.code, done.headers["Location"]) == (303, page)
    # Another tab of the same browser that was led to the sign-in meanwhile.
    assert (await phone.get(sign_in)).headers["Location"] == page


async def test_a_form_that_was_refused_leads_back_to_its_page(running: Running) -> None:
    session, phone = running.new_session(), running.phone()
    desk = f"/facilitator/s/{session.session_id}"
    form = text(await phone.get(SIGN_IN, Referer=f"{running.url}{desk}/close"))
    assert f'name="next" value="{desk}"' in form


@pytest.mark.parametrize("way", ["https://example.org/", "//example.org", "/me"])
async def test_nobody_is_sent_elsewhere_by_a_link_to_the_sign_in(
    running: Running, way: str
) -> None:
    phone = running.phone()
    form = await phone.get(f"{SIGN_IN}?next={way}", Referer=way)
    assert "example.org" not in text(form)
    done = await phone.submit(form, SIGN_IN, {"passcode": running.passcode, "next": way})
    assert (done.code, done.headers["Location"]) == (303, LIST)
    assert (await phone.get(f"{SIGN_IN}?next={way}")).headers["Location"] == LIST
