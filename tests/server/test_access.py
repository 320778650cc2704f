"""Who may do what: the whole matrix of role × resource × method, over HTTP and websockets.

What is allowed stands here a second time, by hand: a test that read it from the server's own table
would agree with any mistake in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from tornado.httpclient import HTTPClientError, HTTPResponse
from tornado.websocket import WebSocketClosedError

from reconnect_widgets.server.access import RESOURCES
from reconnect_widgets.server.kernels import KernelOwner
from reconnect_widgets.server.reseating import change_seats, plan_free
from tests.server.conftest import Running
from tests.server.people import JoiningPhone

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
ROLES = (
    "nobody",
    "participant",
    "other participant",
    "handing over",  # a phone that two share, on its way from one to the other
    "freed",  # a device whose seat a facilitator has freed
    "facilitator",
    "tampered",
    "swapped",
)
ANYBODY = set(ROLES)
PARTICIPANTS = {"participant", "other participant"}
FACILITATORS = {"facilitator"}

# address → (methods that exist, who may come)
EXPECTED: dict[str, tuple[set[str], set[str]]] = {
    "/": ({"GET", "HEAD", "POST"}, ANYBODY),
    "/j/K7F3MQ": ({"GET", "HEAD"}, ANYBODY),
    "/safety": ({"GET", "HEAD"}, ANYBODY),
    "/w/safety": ({"GET", "HEAD"}, ANYBODY),
    "/leave": ({"GET", "POST"}, ANYBODY),
    "/flat-bread": ({"GET"}, ANYBODY),
    "/static/reconnect.css": ({"GET", "HEAD"}, ANYBODY),
    "/healthz": ({"GET"}, ANYBODY),
    "/me": ({"GET", "POST"}, PARTICIPANTS),
    "/me/hand-over": ({"GET", "POST"}, PARTICIPANTS | {"handing over"}),
    "/me/withdraw": ({"GET", "POST"}, PARTICIPANTS | {"freed"}),
    "/w/": ({"GET"}, PARTICIPANTS),
    "/w/no-such-exercise": ({"GET"}, PARTICIPANTS),
    "/live": ({"GET"}, PARTICIPANTS),
    "/facilitator/sign-in": ({"GET", "POST"}, ANYBODY),
    "/facilitator/sign-out": ({"POST"}, FACILITATORS),
    "/facilitator/people": ({"GET", "POST"}, FACILITATORS),
    "/facilitator": ({"GET", "POST"}, FACILITATORS),
    "/facilitator/s/{session}": ({"GET"}, FACILITATORS),
    "/facilitator/new": ({"GET", "POST"}, FACILITATORS),
    "/facilitator/practice": ({"POST"}, FACILITATORS),
    "/facilitator/s/{session}/practice": ({"POST"}, FACILITATORS),
    "/facilitator/s/{session}/prepare": ({"GET", "POST"}, FACILITATORS),
    "/facilitator/s/{session}/seats": ({"GET", "POST"}, FACILITATORS),
    "/facilitator/s/{session}/live": ({"GET"}, FACILITATORS),
    "/facilitator/s/{session}/act": ({"POST"}, FACILITATORS),
    "/facilitator/s/{session}/screen": ({"GET", "POST"}, FACILITATORS),
    "/facilitator/s/{session}/screen/live": ({"GET"}, FACILITATORS),
    "/facilitator/s/{session}/wall": ({"GET", "POST"}, FACILITATORS),
    "/facilitator/s/{session}/wall/live": ({"GET"}, FACILITATORS),
    "/facilitator/s/{session}/groups": ({"GET", "POST"}, FACILITATORS),
    "/facilitator/s/{session}/groups/live": ({"GET"}, FACILITATORS),
    "/facilitator/s/{session}/close": ({"POST"}, FACILITATORS),
    "/facilitator/s/{session}/reopen": ({"POST"}, FACILITATORS),
    "/facilitator/s/{session}/files/responses.csv": ({"GET"}, FACILITATORS),
    "/facilitator/review/{other_session}": ({"GET"}, FACILITATORS),
}

# No such exercise, no such code, and a real session, which is none for practice.
NOTHING_THERE = ("/w/no-such-exercise", "/j/K7F3MQ", "/facilitator/s/{session}/practice")

# What Voilà and Jupyter would have answered.
STOCK = (
    "/voila/tree",
    "/voila/tree/",
    "/voila/render/checkup.ipynb",
    "/voila/files/README.md",
    "/voila/static/voila.js",
    "/voila/templates/lab/static/voila.js",
    "/voila/api/contents",
    "/voila/api/contents/checkup.ipynb",
    "/voila/api/themes/@jupyterlab/theme-light-extension/index.css",
    "/voila/labextensions/x.js",
    "/voila/api/shutdown/{kernel}",
    "/voila/query/{kernel}",
    "/voila/execution/{kernel}",
    "/api",
    "/api/status",
    "/api/me",
    "/api/kernels",
    "/api/kernels/{kernel}",
    "/api/kernels/{kernel}/interrupt",
    "/api/kernels/{kernel}/restart",
    "/api/kernelspecs",
    "/api/sessions",
    "/api/contents",
    "/api/terminals",
    "/api/config/voila",
    "/api/security/csp-report",
    "/api/events/subscribe",
    "/login",
    "/logout",
    "/files/data/.secrets/keys.json",
    "/nbconvert/html/checkup.ipynb",
    "/lab",
    "/tree",
    "/metrics",
    "/static/../app.py",
    "/static/..%2fapp.py",
    "/static/%2e%2e/app.py",
    "/static/.hidden",
    "/static/",
    "/w/../data",
    "/w/Checkup",
    "/data/.secrets/keys.json",
    "/me/",
    "/facilitator/",
    "/facilitator/s/",
    "/facilitator/s/../..",
    "/facilitator/s/{session}/files/..%2fsession.csv",
    "/facilitator/s/{session}/files/journal.json",
    "/facilitator/s/{session}/erase",
    "/j/",
    "/favicon.ico",
    "/robots.txt",
)


@dataclass
class Cast:
    """One browser per role, and the addresses that they try."""

    browsers: dict[str, JoiningPhone]
    places: dict[str, str]

    def path(self, pattern: str) -> str:
        return pattern.format(**self.places)


def tamper(value: str) -> str:
    """Change the payload of a signed cookie and keep its signature."""
    name, payload, signature = re.fullmatch(r"(.*:)([^|]+)(\|[0-9a-f]+)", value).groups()  # type: ignore[union-attr]
    return name + ("A" if payload[0] != "A" else "B") + payload[1:] + signature


async def make_cast(running: Running) -> Cast:
    session, other = running.new_session("Here"), running.new_session("There")
    browsers = {role: running.phone() for role in ROLES}
    await browsers["participant"].join(session.info.code, "Ada")
    await browsers["other participant"].join(other.info.code, "Bo")
    await browsers["handing over"].join(
        session.info.code, "Cy", how="one-device", partner_name="Di"
    )
    await browsers["handing over"].press("/me", "/me/hand-over", action="hand", to="B")
    await browsers["freed"].join(session.info.code, "Eve")
    view = running.services.hub.view(session.session_id)
    eve = next(who for who, entry in view.refresh().items() if entry.name == "Eve")
    await change_seats(
        running.services, view, lambda roster, _: plan_free(roster, eve), by="facilitator"
    )
    browsers["facilitator"] = await running.facilitator()
    signed = {
        **browsers["participant"].cookies,
        **browsers["facilitator"].cookies,
    }
    for name, value in signed.items():
        if name.startswith("reconnect-"):
            browsers["tampered"].cookies[name] = tamper(value)
    # Both are rightly signed, each under the other's name.
    browsers["swapped"].cookies["reconnect-participant"] = signed["reconnect-facilitator"]
    browsers["swapped"].cookies["reconnect-facilitator"] = signed["reconnect-participant"]
    for browser in browsers.values():
        page = await browser.get("/?other=1")  # every browser has the form cookie
        assert page.code == 200
    return Cast(browsers, {"session": session.session_id, "other_session": other.session_id})


async def ask(browser: JoiningPhone, method: str, path: str) -> HTTPResponse:
    """Send a request with a good form token, as the browser's own page would."""
    body = (
        f"_xsrf={browser.cookies.get('_xsrf', '')}" if method in ("POST", "PUT", "PATCH") else None
    )
    headers = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
    if method == "DELETE":
        headers["X-Xsrftoken"] = browser.cookies.get("_xsrf", "")
    kept = dict(browser.cookies)
    answer = await browser._request(method, path, body, headers)
    browser.cookies = kept  # signing out in one cell of the matrix must not empty the others
    return answer


def test_every_address_of_the_table_is_in_this_matrix() -> None:
    places = {"session": "2026-11-20-group-k7f3mq", "other_session": "2026-11-20-group-k7f3mr"}
    paths = [path.format(**places) for path in EXPECTED]
    for resource in RESOURCES:
        if resource.name == "kernel":  # the websocket has a matrix of its own
            continue
        assert [path for path in paths if re.fullmatch(resource.pattern, path)], resource.name


@pytest.mark.parametrize("role", ROLES)
async def test_the_matrix_of_roles_resources_and_methods(running: Running, role: str) -> None:
    cast = await make_cast(running)
    browser = cast.browsers[role]
    wrong = []
    for pattern, (methods, who) in EXPECTED.items():
        path = cast.path(pattern)
        for method in METHODS:
            # Streams never end; who is refused is. Withdrawing would empty the seat.
            if role in who and method == "GET" and path.endswith("/live"):
                continue
            if role in who and (method, pattern) == ("POST", "/me/withdraw"):
                continue
            if role in who and pattern.startswith("/facilitator/review"):
                continue  # starts a kernel: see test_workbook_page
            status = (await ask(browser, method, path)).code
            if role not in who and method == "GET" and pattern.startswith("/facilitator"):
                fits = status == 303  # to the sign-in page
            elif role not in who and method == "GET" and role in ("handing over", "freed"):
                fits = status == 303  # to the page that says whose the phone will be, or why
            elif method not in methods:
                fits = status in (403, 405)
            elif role not in who:
                fits = status == 403
            elif pattern in NOTHING_THERE:
                fits = status == 404
            else:
                fits = status in (200, 204, 303, 422) or (status, method) == (403, "POST")
            if not fits:
                wrong.append((method, pattern, status))
    assert wrong == []


@pytest.mark.parametrize("role", ROLES)
async def test_nothing_of_voila_or_jupyter_answers(running: Running, role: str) -> None:
    cast = await make_cast(running)
    cast.places["kernel"] = "0123abcd-0123-0123-0123-0123456789ab"
    wrong = []
    for pattern in STOCK:
        for method in METHODS:
            status = (await ask(cast.browsers[role], method, cast.path(pattern))).code
            if status not in (403, 404, 405):
                wrong.append((method, pattern, status))
    assert wrong == []


@pytest.mark.parametrize("role", ROLES)
async def test_a_kernel_is_opened_by_its_own_person_only(running: Running, role: str) -> None:
    cast = await make_cast(running)
    kernels = {}
    for owner_role, place in (("participant", "session"), ("facilitator", "session")):
        subject = "review"
        if owner_role == "participant":
            session = running.services.hub.view(cast.places[place])
            subject = next(iter(session.refresh()))
        owner = KernelOwner(owner_role, cast.places[place], subject)  # type: ignore[arg-type]
        kernels[owner_role] = await running.services.seats.ensure(owner)
    kernels["nobody's"] = "0123abcd-0123-0123-0123-0123456789ab"
    opened = {whose: await opens(cast.browsers[role], kernel) for whose, kernel in kernels.items()}
    assert opened == {
        "participant": role == "participant",
        "facilitator": role == "facilitator",
        "nobody's": False,
    }


async def opens(browser: JoiningPhone, kernel_id: str) -> bool:
    """Try the websocket; say whether a kernel answered through it."""
    try:
        await browser.connect(kernel_id)
    except HTTPClientError as error:
        assert error.code in (403, 404)
        return False
    try:
        await browser.send("kernel_info_request", {})
        await browser.wait_for(lambda message: message["header"]["msg_type"] == "kernel_info_reply")
    except (AssertionError, WebSocketClosedError):
        return False
    finally:
        await browser.hang_up()
    return True


async def test_a_page_of_another_site_cannot_open_the_websocket(running: Running) -> None:
    cast = await make_cast(running)
    browser = cast.browsers["participant"]
    session = running.services.hub.view(cast.places["session"])
    owner = KernelOwner("participant", cast.places["session"], next(iter(session.refresh())))
    kernel_id = await running.services.seats.ensure(owner)
    headers = {
        "Origin": "http://elsewhere.example",
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    answer = await browser.get(f"/api/kernels/{kernel_id}/channels?session_id=x", **headers)
    assert answer.code == 403


async def test_a_form_of_another_site_is_refused_even_with_the_right_token(
    running: Running,
) -> None:
    cast = await make_cast(running)
    browser = cast.browsers["facilitator"]
    body = f"_xsrf={browser.cookies['_xsrf']}"
    path = cast.path("/facilitator/s/{session}/close")
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Origin": "http://elsewhere.example",
    }
    assert (await browser._request("POST", path, body, headers)).code == 403
    assert (await browser.post(path, {"_xsrf": ""})).code == 403
    assert running.services.hub.view(cast.places["session"]).info.closed_at is None


async def test_health_answers_this_machine_only(running: Running) -> None:
    phone = running.phone()
    assert (await phone.get("/healthz")).code == 200
    through_a_proxy = {"X-Forwarded-For": "203.0.113.9"}
    assert (await phone.get("/healthz", **through_a_proxy)).code == 403
