"""What every answer tells the browser."""

from __future__ import annotations

import re
from collections.abc import Awaitable

import pytest
from tornado.httpclient import HTTPResponse
from tornado.simple_httpclient import HTTPStreamClosedError

from reconnect_widgets.server.headers import content_security_policy
from reconnect_widgets.server.page_templates import NEUTRAL_URL
from tests.server.conftest import Running
from tests.support.phone import text


def policy(header: str) -> dict[str, list[str]]:
    return {part.split()[0]: part.split()[1:] for part in header.split("; ")}


@pytest.mark.parametrize(
    "path", ["/", "/safety", "/me", "/nowhere", "/facilitator/sign-in", "/leave"]
)
async def test_every_answer_is_strict_errors_and_redirects_included(
    running: Running, path: str
) -> None:
    headers = (await running.phone().get(path)).headers
    rules = policy(headers["Content-Security-Policy"])
    assert rules["default-src"] == ["'none'"]
    assert rules["script-src"] == ["'self'"]
    assert rules["style-src"] == ["'self'"]
    assert rules["frame-ancestors"] == ["'none'"]
    assert rules["base-uri"] == ["'none'"]
    assert rules["form-action"] == ["'self'"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert "Server" not in headers
    assert "Etag" not in headers


async def test_only_the_neutral_page_may_ask_another_server(running: Running) -> None:
    headers = (await running.phone().get("/flat-bread")).headers
    rules = policy(headers["Content-Security-Policy"])
    assert rules["connect-src"] == [NEUTRAL_URL]
    assert rules["script-src"] == ["'self'"]
    assert rules["default-src"] == rules["form-action"] == rules["frame-ancestors"] == ["'none'"]
    assert headers["Cache-Control"] == "no-store"


async def test_workbook_pages_are_no_less_strict(running: Running) -> None:
    session = running.new_session()
    phone = running.phone()
    await phone.join(session.info.code)
    page = await phone.get("/w/welcome")
    rules = policy(page.headers["Content-Security-Policy"])
    assert rules["style-src"] == ["'self'"]
    assert rules["script-src"] == ["'self'"]
    assert page.headers["Cache-Control"] == "no-store"


async def test_no_page_has_inline_scripts_or_styles(running: Running) -> None:
    session = running.new_session()
    phone = await running.facilitator()
    await phone.join_couple(session.info.code, "Ada", "A")
    for path in (
        "/",
        "/?other=1",
        "/me",
        "/me/withdraw",
        "/safety",
        "/facilitator",
        f"/facilitator/s/{session.session_id}",
        "/w/welcome",
        "/nowhere",
    ):
        page = text(await phone.get(path))
        assert "<style" not in page, path
        assert not re.search(r"\sstyle=", page), path
        assert not re.search(r"\son[a-z]+=", page), path
        for attributes in re.findall(r"<script([^>]*)>", page):
            assert "src=" in attributes or 'type="application/json"' in attributes, path
        assert not re.search(r'(src|href)="(https?:)?//', page), path


async def test_files_with_a_version_are_kept_for_good_and_others_are_asked_for(
    running: Running,
) -> None:
    phone = running.phone()
    page = text(await phone.get("/"))
    address = re.search(r'href="(/static/reconnect\.css\?v=[0-9a-f]+)"', page)
    assert address
    versioned, plain = await phone.get(address[1]), await phone.get("/static/reconnect.css")
    assert versioned.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert plain.headers["Cache-Control"] == "no-cache"
    assert versioned.headers["X-Content-Type-Options"] == "nosniff"
    again = await phone.get("/static/reconnect.css", **{"If-None-Match": plain.headers["Etag"]})
    assert again.code == 304


async def test_answers_are_compressed_and_streams_are_not(running: Running) -> None:
    phone = running.phone()
    page = await phone._client.fetch(
        running.url + "/", headers={"Accept-Encoding": "gzip"}, decompress_response=False
    )
    assert page.headers["Content-Encoding"] == "gzip"


async def test_cookies_are_out_of_reach_of_scripts_and_other_sites(running: Running) -> None:
    session = running.new_session()
    phone = running.phone()
    joined = await phone.join(session.info.code)
    signed_in = await running.phone().press("/facilitator/sign-in", passcode=running.passcode)
    lines = [*joined.headers.get_list("Set-Cookie"), *signed_in.headers.get_list("Set-Cookie")]
    assert any(line.startswith("reconnect-participant=") for line in lines)
    assert any(line.startswith("reconnect-facilitator=") for line in lines)
    for line in lines:
        assert "HttpOnly" in line
        assert "SameSite=Lax" in line
        assert "Path=/" in line


async def test_behind_tls_cookies_are_secure_and_bound_to_the_host(running: Running) -> None:
    session = running.new_session()
    phone = running.phone()
    proxied = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
    page = await phone.get("/", **proxied)
    token = re.search(r'name="_xsrf" value="([^"]+)"', text(page))
    assert token
    assert "upgrade" not in page.headers["Content-Security-Policy"]
    assert "wss://" in page.headers["Content-Security-Policy"]
    body = f"_xsrf={token[1]}&action=join&code={session.info.code}&name=Ada&how=alone"
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    joined = await phone._request("POST", "/", body, {**proxied, **kind})
    line = next(line for line in joined.headers.get_list("Set-Cookie") if "participant" in line)
    assert line.startswith("__Host-reconnect-participant=")
    assert "Secure" in line
    assert (await phone.get("/me", **proxied)).code == 200
    assert (await phone.get("/me")).code == 403  # the same cookie means nothing without TLS


@pytest.mark.parametrize("host", ["x; script-src *", "a b", "a,b", "", "'self'", "evil\r\nX: y"])
def test_a_strange_host_does_not_get_into_the_policy(host: str) -> None:
    assert policy(content_security_policy(host, secure=False))["connect-src"] == ["'self'"]


def test_an_ordinary_host_is_named_for_its_websocket() -> None:
    for host in ("192.168.1.2:8866", "workbook.example", "[2001:db8::1]:8866"):
        rules = policy(content_security_policy(host, secure=True))
        assert rules["connect-src"] == ["'self'", f"wss://{host}"]


async def test_large_bodies_and_long_headers_are_refused(running: Running) -> None:
    phone = running.phone()
    await phone.get("/")
    assert await is_refused(phone.post("/", {"name": "x" * 200_000}))
    assert await is_refused(phone.get("/", **{"X-Long": "x" * 40_000}))
    assert (await phone.get("/")).code == 200


async def is_refused(asking: Awaitable[HTTPResponse]) -> bool:
    """Say whether the server refused, or hung up while the request was still being sent."""
    try:
        return (await asking).code in (400, 413, 431)
    except HTTPStreamClosedError:
        return True
