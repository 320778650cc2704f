"""Workbook pages: one kernel per person, one page of it kept."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
from pathlib import Path
from queue import Empty
from typing import Any

import pytest

from reconnect_widgets.errors import KernelsFullError
from reconnect_widgets.server import notebooks
from reconnect_widgets.server.kernels import KernelOwner, Seats
from reconnect_widgets.server.notebooks import (
    FAILED_MARK,
    _until_heard,
    find_notebooks,
)
from tests.server.conftest import Running
from tests.server.kernel_room import until
from tests.server.people import JoiningPhone
from tests.server.test_me import id_of
from tests.support.phone import text


def page_config(page: str) -> dict[str, str]:
    found = re.search(r'id="reconnect-page"[^>]*>(.*?)</script>', page, re.DOTALL)
    assert found
    config: dict[str, str] = json.loads(found[1])
    return config


def without_states(page: str) -> str:
    return re.sub(r'<script type="application/json" id="reconnect-states">.*?</script>', "", page)


async def sit_down(running: Running) -> JoiningPhone:
    """Join, and wait until the kernel is there."""
    session = running.new_session()
    phone = running.phone()
    await phone.join(session.info.code, "Ada")
    owner = KernelOwner("participant", session.session_id, id_of(session, "Ada"))
    await until(lambda: running.services.seats.kernel_of(owner))
    return phone


async def test_a_page_comes_with_its_kernel_and_its_widget(running: Running) -> None:
    session = running.new_session()
    phone = running.phone()
    await phone.join(session.info.code, "Ada")
    answer = await phone.get("/w/welcome")
    page = text(answer)
    assert answer.code == 200
    assert "data-model-id=" in page
    assert 'href="/me"' in page
    config = page_config(page)
    owner = KernelOwner("participant", session.session_id, id_of(session, "Ada"))
    assert config["kernelId"] == running.services.seats.kernel_of(owner)
    assert config["exercise"] == "welcome"
    assert owner.subject not in page  # ids of the record stay in the record


async def test_a_reload_gets_the_same_page_and_another_exercise_the_same_kernel(
    running: Running,
) -> None:
    session = running.new_session()
    phone = running.phone()
    await phone.join(session.info.code)
    first = without_states(text(await phone.get("/w/welcome")))
    assert text(await phone.get("/w/welcome")) == first
    other = text(await phone.get("/w/checkup"))
    assert page_config(other)["kernelId"] == page_config(first)["kernelId"]
    assert other != first
    back = text(await phone.get("/w/welcome"))
    assert back != first  # the widgets of the first visit are closed
    assert len(running.services.seats.owners()) == 1


def widget_states(page: str) -> dict[str, dict[str, object]]:
    found = re.search(r'id="reconnect-states">(.*?)</script>', page, re.DOTALL)
    return json.loads(found[1]) if found else {}


async def test_a_page_made_just_now_brings_its_widgets_along(running: Running) -> None:
    session = running.new_session()
    phone = running.phone()
    await phone.join(session.info.code, "Ada")
    page = text(await phone.get("/w/welcome"))
    (shown,) = re.findall(r'data-model-id="([0-9a-f]+)"', page)
    states = widget_states(page)
    assert states[shown]["exercise"] == "welcome"
    assert any(state.get("heading") == "Is this for us?" for state in states.values())
    assert page.count("</script>") == page.count("<script")
    # Later they may have changed: the kernel is asked.
    assert widget_states(text(await phone.get("/w/welcome"))) == {}


async def test_a_page_that_is_turned_in_place_needs_no_states(running: Running) -> None:
    session = running.new_session()
    phone = running.phone()
    await phone.join(session.info.code)
    page = text(await phone.get("/w/welcome", **{"X-Reconnect-Turned": "1"}))
    assert "data-model-id=" in page
    assert widget_states(page) == {}


async def test_many_visits_at_once_come_to_one_kernel_and_one_page(running: Running) -> None:
    session = running.new_session()
    phone = running.phone()
    await phone.join(session.info.code)
    pages = await asyncio.gather(*(phone.get("/w/welcome") for _ in range(6)))
    assert len({without_states(text(page)) for page in pages}) == 1
    assert len(running.services.seats.owners()) == 1


async def test_two_people_have_two_kernels(running: Running) -> None:
    session = running.new_session()
    phones = [running.phone(), running.phone()]
    kernels = set()
    for number, phone in enumerate(phones):
        await phone.join(session.info.code, f"Person {number}")
        kernels.add(page_config(text(await phone.get("/w/welcome")))["kernelId"])
    assert len(kernels) == 2


async def test_pages_of_many_people_rendered_at_once_do_not_mix(running: Running) -> None:
    session = running.new_session()
    phones = [running.phone() for _ in range(6)]
    for number, phone in enumerate(phones):
        await phone.join(session.info.code, f"Person {number}")
    keys = ("welcome", "checkup") * 3
    answers = await asyncio.gather(
        *(phone.get(f"/w/{key}") for phone, key in zip(phones, keys, strict=True))
    )
    models = set()
    for number, (key, answer) in enumerate(zip(keys, answers, strict=True)):
        owner = KernelOwner("participant", session.session_id, id_of(session, f"Person {number}"))
        config = page_config(text(answer))
        assert config["exercise"] == key
        assert config["kernelId"] == running.services.seats.kernel_of(owner)
        models |= set(re.findall(r'data-model-id="(\w+)"', text(answer)))
    assert len(models) == 6


async def test_looking_with_head_starts_no_kernel(running: Running) -> None:
    session = running.new_session()
    phone = running.phone()
    await phone.join(session.info.code)
    assert (await phone._request("HEAD", "/w/welcome", None, {})).code == 405
    assert (await phone.get("/w/no-such-exercise")).code == 404
    assert (await phone.get("/w/")).code == 200
    assert running.services.seats.owners() == []


async def test_a_new_kernel_takes_over_when_the_old_one_died(running: Running) -> None:
    session = running.new_session()
    phone = running.phone()
    await phone.join(session.info.code, "Ada")
    first = page_config(text(await phone.get("/w/welcome")))
    owner = KernelOwner("participant", session.session_id, id_of(session, "Ada"))
    await running.services.kernel_manager.end(running.services.seats.kernel_of(owner) or "")
    second = page_config(text(await phone.get("/w/welcome")))
    assert second["kernelId"] != first["kernelId"]
    assert second["tag"] == first["tag"]  # the outbox of the browser is still theirs


class Deaths:
    """Kernels that are killed as they begin to make a page."""

    def __init__(self, running: Running, most: int) -> None:
        self._manager = running.services.kernel_manager
        self._most = most
        self._until_heard = notebooks._until_heard
        self.killed: list[str] = []

    async def until_heard(self, client: Any) -> None:
        if len(self.killed) < self._most:
            kernel_id = self._manager.list_kernel_ids()[-1]
            self.killed.append(kernel_id)
            os.kill(self._manager.get_kernel(kernel_id).provisioner.pid, signal.SIGKILL)
        await self._until_heard(client)


async def test_a_kernel_that_dies_while_it_makes_a_page_is_replaced_at_once(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = await sit_down(running)
    deaths = Deaths(running, most=1)
    monkeypatch.setattr(notebooks, "_until_heard", deaths.until_heard)
    answer = await phone.get("/w/checkup")
    assert answer.code == 200
    kernel_id = page_config(text(answer))["kernelId"]
    assert running.services.kernel_manager.list_kernel_ids() == [kernel_id]
    assert len(deaths.killed) == 1
    assert kernel_id not in deaths.killed


async def test_a_page_that_cannot_be_made_says_so_even_when_it_has_begun(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = await sit_down(running)
    monkeypatch.setattr(notebooks, "_until_heard", Deaths(running, most=4).until_heard)
    begun = await phone.get("/w/checkup")
    _, _, rest = text(begun).partition("</header>")
    shown = [" ".join(words.split()) for words in re.findall(r">([^<]+)<", rest)]
    assert [words for words in shown if words][:1] == ["The room is full just now"]
    assert "This page asks again by itself, and goes on as soon as it can." in shown
    assert text(begun).count("<main") == text(begun).count("</html>") == 1
    # A page that is turned in place has not begun before it can be made: its status tells.
    turned = await phone.get("/w/checkup", **{"X-Reconnect-Turned": "1"})
    assert turned.code == 503
    assert int(turned.headers["Retry-After"]) > 0
    assert (await phone.get("/w/checkup")).code == 200


async def test_the_beginning_of_a_page_is_sent_before_its_kernel_has_made_the_rest(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = await sit_down(running)
    until_heard, may_go_on = notebooks._until_heard, asyncio.Event()

    async def wait(client: Any) -> None:
        await may_go_on.wait()
        await until_heard(client)

    monkeypatch.setattr(notebooks, "_until_heard", wait)
    host = f"127.0.0.1:{running.services.port}"
    reader, writer = await asyncio.open_connection(*host.split(":"))
    asked = f"GET /w/checkup HTTP/1.1\r\nHost: {host}\r\nCookie: {phone.cookie_header()}\r\n"
    writer.write(f"{asked}Connection: close\r\n\r\n".encode())
    async with asyncio.timeout(20):
        head = await reader.readuntil(b'id="waiting"')
        head += await reader.readuntil(b"</div>")
        may_go_on.set()
        rest = await reader.read()
    writer.close()
    assert b"reconnect-engine.js" in head
    assert head.count(b'id="waiting"') == 1
    assert b"data-model-id" not in head
    assert b"data-model-id" in rest
    assert b'id="waiting"' not in rest


async def test_a_full_room_is_told_with_when_to_come_again(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(self: Seats, owner: KernelOwner) -> str:
        raise KernelsFullError("all places are taken")

    monkeypatch.setattr(Seats, "ensure", full)
    session = running.new_session()
    phone = running.phone()
    await phone.join(session.info.code)
    answer = await phone.get("/w/welcome")
    assert answer.code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "full" in text(answer)


async def test_a_notebook_that_fails_shows_a_calm_page_and_is_not_kept(
    running: Running, tmp_path: Path
) -> None:
    session = running.new_session()
    phone = running.phone()
    await phone.join(session.info.code)
    notebook = tmp_path / "welcome.ipynb"
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "outputs": [], "execution_count": None}
    content = {
        "cells": [{**cell, "source": "raise ValueError('MARKER')"}],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    notebook.write_text(json.dumps(content))
    before = text(await phone.get("/w/checkup"))
    good = running.services.notebooks.participant["welcome"]
    running.services.notebooks.participant["welcome"] = notebook
    assert (await phone.get("/w/welcome", **{"X-Reconnect-Turned": "1"})).code == 500
    answer = await phone.get("/w/welcome")
    assert FAILED_MARK in text(answer)
    assert "did not come up" in text(answer)
    for private in ("MARKER", "ValueError", "Traceback"):
        assert private not in text(answer)
    # It took the widgets of the page before it down with it: that one is made anew.
    assert text(await phone.get("/w/checkup")) != before
    running.services.notebooks.participant["welcome"] = good
    assert (await phone.get("/w/welcome")).code == 200


async def test_the_facilitator_reviews_a_session_in_a_kernel_of_their_own(running: Running) -> None:
    session = running.new_session("Reviewed group")
    facilitator = await running.facilitator()
    answer = await facilitator.get(f"/facilitator/review/{session.session_id}")
    assert answer.code == 200
    assert "Reviewed group" in text(answer)
    assert [owner.role for owner in running.services.seats.owners()] == ["facilitator"]


class ForgetfulKernel:
    """A kernel's client that hears no welcome, only what comes of asking."""

    def __init__(self) -> None:
        self.asked = 0

    def kernel_info(self) -> None:
        self.asked += 1

    async def get_iopub_msg(self, timeout: float) -> dict[str, str]:
        if self.asked < 2:
            raise Empty
        return {"msg_type": "status"}


async def test_a_kernel_that_forgets_to_welcome_is_asked_until_it_is_heard() -> None:
    client = ForgetfulKernel()
    await _until_heard(client)
    assert client.asked == 2


def test_notebooks_are_found_with_and_without_a_number(tmp_path: Path) -> None:
    for name in ("01-welcome.ipynb", "checkup.ipynb", "Untitled.ipynb", "notes.txt", ".x.ipynb"):
        (tmp_path / name).touch()
    assert sorted(find_notebooks(tmp_path)) == ["checkup", "welcome"]
