"""The machine gives no more processes: people wait before a page that goes on by itself."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from reconnect_widgets.records import RecordFolder
from reconnect_widgets.server.forking import can_fork
from tests.server.people import FacilitatorPhone, JoiningPhone
from tests.support.person import Person
from tests.support.phone import text
from tests.support.server import WorkbookServer, warm_parent_of

pytestmark = pytest.mark.skipif(not can_fork(), reason="nothing is forked on this system")


@pytest_asyncio.fixture(loop_scope="session")
async def person(own_server: WorkbookServer, browser: Browser) -> Person:
    person = Person("Ada", browser, own_server.url)
    await person.take_phone()
    return person


@contextmanager
def no_more_processes(parent: psutil.Process) -> Iterator[None]:
    """Let every fork of the warm parent fail.

    It may open no more descriptors, of which each child needs one. (A limit of processes would
    not do: the system never counts them for root, who may run the tests.)
    """
    usual = resource.prlimit(parent.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(parent.pid, resource.RLIMIT_NOFILE, (3, usual[1]))
    yield
    resource.prlimit(parent.pid, resource.RLIMIT_NOFILE, usual)


async def test_a_page_that_can_not_be_made_waits_and_goes_on_by_itself(
    own_server: WorkbookServer, person: Person
) -> None:
    server = own_server
    session = server.new_session()
    early = JoiningPhone(server.url)
    await early.join(session["code"], "Bo")
    await early.open_page("welcome")
    parent = warm_parent_of(server)
    assert parent is not None
    await person.page.clock.install()
    with no_more_processes(parent):
        await person.join(session["code"])  # whose kernel would be started now
        await person.page.get_by_role("link", name="Begin").click()
        waits = person.page.get_by_text("asks again by itself")
        await expect(waits).to_be_visible()
        await person.page.clock.fast_forward(10_000)
        await person.page.clock.fast_forward(10_000)
        await expect(waits).to_be_visible()
        # Who was there before goes on.
        assert (await early.act("on"))["type"] == "saved"
        # Whoever runs the evening needs no kernel for it, and sees who has come.
        facilitator = FacilitatorPhone(server.url)
        await facilitator.sign_in(server.passcode())
        roster = await facilitator.get(f"/facilitator/s/{session['session_id']}")
        assert roster.code == 200
        assert "Ada" in text(roster)
    await person.page.clock.fast_forward(10_000)
    await expect(
        person.page.get_by_role("heading", name="Is this for us?", level=2)
    ).to_be_visible()
    assert parent.is_running()
    await person.button("Go on").click()
    kept = person.page.get_by_role("heading", name="How your answers are kept", level=2)
    await expect(kept).to_be_visible()
    record = RecordFolder(server.data_dir).session(session["session_id"])
    assert len(record.participants()) == 2
    await early.hang_up()
    assert person.errors == []
