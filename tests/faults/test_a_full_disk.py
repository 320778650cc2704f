"""A disk that fills up in the middle of an evening: what a person reads, and what the desk says.

The whole way with real processes: a browser, its kernel, the server, the record. A limit on the
size of files stands in for the full disk: every write of these processes is refused by the system.
"""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.async_api import Browser, expect

from reconnect_widgets.records import RecordFolder
from reconnect_widgets.server.forking import can_fork
from tests.support.desk import open_desk
from tests.support.person import sit_down
from tests.support.server import WorkbookServer, kernels_of

pytestmark = pytest.mark.skipif(not can_fork(), reason="limits of other processes: Linux has them")


@contextmanager
def full_disk(server: WorkbookServer) -> Iterator[None]:
    pids = [server.pid, *(kernel.pid for kernel in kernels_of(server))]
    usual = {pid: resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in pids}
    for pid, (_, most) in usual.items():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, most))
    yield
    for pid, limits in usual.items():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)


def last_write_ok(server: WorkbookServer) -> object:
    """Ask how the disk is; the server tries it with every such question."""
    health = server.health()
    assert health is not None
    return health["last_disk_write_ok"]


async def test_a_full_disk_is_said_in_words_and_what_was_tapped_meanwhile_is_saved_after_it(
    own_server: WorkbookServer, browser: Browser
) -> None:
    server = own_server
    session = server.new_session("Tuesday group")
    ada = await sit_down(browser, server.url, session["code"])
    await ada.consent()
    for _ in range(2):
        await ada.answer()
    desk = (await open_desk(server, browser, session["session_id"])).page
    trouble = desk.locator("#desk-trouble")
    await expect(trouble).to_be_empty()
    with full_disk(server):
        assert last_write_ok(server) is False
        await expect(trouble).to_contain_text("Answers cannot be saved just now")
        await expect(trouble).to_contain_text("What was saved before is safe")
        await ada._choose(await ada.question())
        status = ada.page.locator(".rc-sheet__status")
        await expect(status).to_contain_text("Not saved yet")
        bring = desk.get_by_role("button", name="Bring everyone to The relationship checkup")
        await bring.click()
        await expect(desk.locator("#desk-said")).to_contain_text("That was not done")
        await expect(status).not_to_have_text("Saved")
    assert last_write_ok(server) is True
    await expect(trouble).to_be_empty()
    await ada.expect_saved()
    await bring.click()
    await expect(desk.get_by_text("Everybody was brought here.")).to_be_visible()
    record = RecordFolder(server.data_dir).session(session["session_id"])
    rows = record.read().rows
    given = {
        row.item: row.value for row in rows if row.kind == "answer" and row.exercise == "checkup"
    }
    clicked = {item: "" if one.value is None else str(one.value)
               for item, one in ada.last_answers().items()}  # fmt: skip
    assert given == clicked
    assert [row.event for row in rows if row.event == "brought"] == ["brought"]
    assert record.merge().gaps == ()
    assert ada.errors == []
