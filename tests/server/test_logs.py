"""Nothing secret or personal is in any log, whatever people and programs do."""

from __future__ import annotations

import asyncio
import io
import logging
import re
from urllib.parse import quote, urlsplit

import pytest

from reconnect_widgets.server import logs
from reconnect_widgets.server.me import MeHandler
from reconnect_widgets.server.merging import Merger
from tests.server.conftest import Running
from tests.support.phone import text

# In names, forms, addresses, headers, messages: wherever the far end can put something.
MARK = "zqmarkerqz"


def used_codes(running: Running) -> set[str]:
    """Return the join codes of all sessions."""
    return {record.info.code for record in running.services.records.sessions()}


async def test_a_whole_afternoon_leaves_no_trace_of_anybody(
    log: io.StringIO, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = running.new_session(f"Group {MARK}")
    facilitator = await running.facilitator()
    ada, bo = running.phone(), running.phone()
    await ada.join_couple(session.info.code, f"Ada {MARK}", "A")
    ada_codes = await ada.codes()
    await bo.join_couple(session.info.code, f"Bo {MARK}", "B", ada_codes[-1])
    bo_codes = await bo.codes()
    await bo.press("/me", couple_code=MARK)
    await bo.come_back(f"{MARK}")
    await bo.join(f"{MARK[:6]}", MARK)
    await bo.get(f"/j/{MARK}?with={MARK}")
    for path in (f"/{MARK}", f"/w/{MARK}", f"/w/?{MARK}", f"/static/{MARK}.js", f"/voila/{MARK}"):
        await ada.get(path, **{"User-Agent": MARK, "Referer": f"http://{MARK}/", "Cookie": MARK})
    await ada._request("POST", f"/me?{MARK}", f"_xsrf={MARK}&x=%ff", {"Origin": f"http://{MARK}"})
    await running.phone().press("/facilitator/sign-in", passcode=MARK)
    await facilitator.get(f"/facilitator/s/{session.session_id}")
    await facilitator.get(f"/facilitator/s/{session.session_id}/files/participants.csv")
    page = await ada.open_page("welcome")
    await ada.send("comm_msg", {"comm_id": MARK, "data": {"x": MARK}})
    await ada.send("execute_request", {"code": f"print('{MARK}')"})
    await ada.send_raw(f"not a message {MARK}")
    while await ada.next_message() is not None:
        pass  # the server hangs up
    await ada.hang_up()
    await speak_badly(running.url)

    def fail(self: MeHandler) -> None:
        raise ValueError(f"{MARK} {ada_codes[0]}")

    monkeypatch.setattr(MeHandler, "get", fail)
    broken = await ada.get("/me")
    assert broken.code == 500
    assert MARK not in text(broken)
    incident = re.search(r"<strong>([0-9a-f]{8})</strong>", text(broken))
    assert incident
    logging.getLogger("tornado.application").error("A library says %s", MARK)
    logging.getLogger("some.library").warning(f"Another says {MARK}")
    logging.getLogger("py.warnings").warning(f"a warning that quotes {MARK}")
    asyncio.get_running_loop().call_exception_handler(
        {"message": MARK, "exception": KeyError(MARK)}
    )

    written = log.getvalue()
    assert "POST join 303" in written  # it does log
    assert f"incident {incident[1]} in my place: ValueError (" in written
    cookies = {
        value for phone in (ada, bo, facilitator) for value in phone.cookies.values() if value
    }
    signed = {part for value in cookies for part in value.split("|") if len(part) > 12}
    people = set(session.participants())
    codes = {code for code in [*ada_codes, *bo_codes] for code in (code, code.replace("-", ""))}
    secrets = {MARK, running.passcode, quote(running.passcode), session.session_id, ada.kernel_id}
    for private in secrets | cookies | signed | people | codes | used_codes(running):
        assert private.lower() not in written.lower(), private
    assert "127.0.0.1" not in written
    assert page.code == 200


async def speak_badly(url: str) -> None:
    """Send what is no HTTP."""
    parts = urlsplit(url)
    for request in (
        f"{MARK}\r\n\r\n",
        f"GET /{MARK} HTTP/1.1\r\n{MARK}\r\n\r\n",
        f"{MARK} / HTTP/1.1\r\nHost: x\r\n\r\n",
    ):
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        writer.write(request.encode())
        writer.write_eof()
        await reader.read()
        writer.close()
        await writer.wait_closed()


async def test_help_is_never_logged(log: io.StringIO, running: Running) -> None:
    phone = running.phone()
    before = log.getvalue()
    for path in ("/safety", "/w/safety", "/leave", "/flat-bread"):
        await phone.get(path)
        await phone._request("POST", path, "", {})
        await phone._request("DELETE", path, None, {})
    assert log.getvalue() == before
    await phone.get("/")
    assert log.getvalue() != before


async def test_a_line_names_the_resource_and_not_the_address(
    log: io.StringIO, running: Running
) -> None:
    code = running.new_session().info.code
    await running.phone().get(f"/j/{code}")
    await running.phone().get("/somewhere/else")
    lines = log.getvalue().splitlines()
    assert re.search(r" info GET join link 200 \d+ ms$", lines[-2])
    assert re.search(r" info GET no such address 404 \d+ ms$", lines[-1])


async def test_a_merge_that_fails_is_logged_without_the_folders_name(
    log: io.StringIO, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = running.new_session(MARK)

    def fail(record: object) -> None:
        raise OSError(5, MARK, f"/{MARK}")

    monkeypatch.setattr("reconnect_widgets.server.merging.merge_session", fail)
    merger: Merger = running.services.merger
    assert not await merger.merge(session.session_id)
    assert "a merge failed" in log.getvalue()
    assert MARK not in log.getvalue()


def test_an_error_is_described_by_class_and_place_and_its_cause() -> None:
    try:
        try:
            raise KeyError(MARK)
        except KeyError as error:
            raise ValueError(MARK) from error
    except ValueError as error:
        described = logs.describe_error(error)
    assert re.fullmatch(
        r"ValueError \(server/test_logs\.py:\d+\) from KeyError \(server/test_logs\.py:\d+\)",
        described,
    )
