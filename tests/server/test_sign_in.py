"""Signing in and out: who gets in, what they are told who do not, and when a log-in is over."""

from __future__ import annotations

import csv
from datetime import timedelta

import pytest
from tornado.httpclient import HTTPResponse
from tornado.web import create_signed_value

from reconnect_widgets import system
from reconnect_widgets.server import identity, secrets, streams
from reconnect_widgets.server.account_book import AccountBook
from reconnect_widgets.server.accounts import Account
from reconnect_widgets.server.kernels import KernelOwner
from reconnect_widgets.server.rate_limit import PASSCODE_BY_ADDRESS, PASSCODE_OVERALL
from reconnect_widgets.system import utc_now
from tests.server.conftest import Running
from tests.server.people import FacilitatorPhone, JoiningPhone
from tests.server.test_live import listening
from tests.support.phone import text

COOKIE = "reconnect-facilitator"


async def sign_in(phone: JoiningPhone, name: str, passcode: str) -> HTTPResponse:
    return await phone.press("/facilitator/sign-in", username=name, passcode=passcode)


async def colleague(running: Running, name: str = "Maria") -> tuple[FacilitatorPhone, Account, str]:
    """A second facilitator, who has signed in."""
    account, passcode = running.services.accounts.add(name, utc_now())
    phone = FacilitatorPhone(running.url)
    assert (await sign_in(phone, name, passcode)).code == 303
    return phone, account, passcode


async def is_in(phone: JoiningPhone) -> bool:
    code = (await phone.get("/facilitator")).code
    assert code in (200, 303)
    return code == 200


def pass_time(monkeypatch: pytest.MonkeyPatch, **more: float) -> None:
    later = timedelta(**more)
    monkeypatch.setattr(system, "utc_now", lambda: utc_now() + later)


async def test_the_passcode_opens_the_desk(running: Running) -> None:
    phone = await running.facilitator()
    assert await is_in(phone)
    assert (await phone.get("/facilitator/sign-in")).code == 303


async def test_a_wrong_passcode_is_told_and_opens_nothing(running: Running) -> None:
    phone = running.phone()
    refused = await phone.press("/facilitator/sign-in", passcode="ABCD-EFGH-JKMN")
    assert refused.code == 403
    assert "That is not the passcode" in text(refused)
    assert "ABCD" not in text(refused)
    assert not await is_in(phone)


async def test_a_name_is_asked_for_only_when_more_than_one_could_sign_in(running: Running) -> None:
    asked = 'label for="username"'
    assert asked not in text(await running.phone().get("/facilitator/sign-in"))
    account, passcode = running.services.accounts.add("Maria", utc_now())
    page = text(await running.phone().get("/facilitator/sign-in"))
    assert asked in page
    assert "Maria" not in page
    assert account.account_id not in page
    assert (await sign_in(running.phone(), " maria", passcode.lower())).code == 303
    assert (await sign_in(running.phone(), "", running.passcode)).code == 303
    running.services.accounts.revoke(account.account_id, utc_now())
    assert asked not in text(await running.phone().get("/facilitator/sign-in"))


async def test_a_refusal_does_not_tell_who_has_an_account(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    running.services.accounts.add("Maria", utc_now())
    checks: list[str] = []

    def refusing(hashed: str, attempt: str) -> bool:
        checks.append(hashed)
        return False

    monkeypatch.setattr(secrets, "is_passcode", refusing)
    bodies = set()
    for name in ("Maria", "Nobody", "f-zz99zz"):
        refused = await sign_in(running.phone(), name, "ABCD-EFGH-JKMN")
        assert refused.code == 403
        page = text(refused)
        assert f'value="{name}"' in page  # their own words, to correct
        bodies.add(page.replace(name, "").partition("<main")[2].partition("_xsrf")[0])
    assert len(bodies) == 1
    assert len(checks) == 3


async def test_guessing_the_passcode_is_stopped_even_for_a_right_one(running: Running) -> None:
    phone = running.phone()
    burst = int(PASSCODE_BY_ADDRESS.burst)
    codes = [
        (await phone.press("/facilitator/sign-in", passcode=f"WRONG{n}")).code for n in range(burst)
    ]
    assert codes == [403] * burst
    late = await phone.press("/facilitator/sign-in", passcode=running.passcode)
    assert late.code == 429
    assert int(late.headers["Retry-After"]) > 0


async def test_more_names_buy_no_more_guesses(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AccountBook, "authenticate", lambda self, name, passcode: None)
    phone, burst = running.phone(), int(PASSCODE_BY_ADDRESS.burst)
    codes = [(await sign_in(phone, f"Name {n}", "WRONG")).code for n in range(burst + 1)]
    assert codes == [403] * burst + [429]


async def test_guesses_from_many_addresses_never_lock_out_the_machine_itself(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = []
    with monkeypatch.context() as fast:
        fast.setattr(AccountBook, "authenticate", lambda self, name, passcode: None)
        for number in range(int(PASSCODE_OVERALL.burst) + 3):
            phone = running.phone()
            page = await phone.get("/facilitator/sign-in")
            body = f"_xsrf={phone.cookies['_xsrf']}&passcode=WRONG"
            headers = {
                "X-Forwarded-For": f"203.0.113.{number}",
                "Content-Type": "application/x-www-form-urlencoded",
            }
            assert page.code == 200
            codes.append((await phone._request("POST", "/facilitator/sign-in", body, headers)).code)
    assert codes[0] == 403
    assert codes[-1] == 429
    assert await is_in(await running.facilitator())


async def test_signing_in_without_encryption_from_elsewhere_is_warned_of(running: Running) -> None:
    elsewhere = {"X-Forwarded-For": "192.168.1.20"}
    page = text(await running.phone().get("/facilitator/sign-in"))
    assert "not encrypted" not in page
    assert ".secrets" in page
    for more in ("Maria", "Bo"):
        page = text(await running.phone().get("/facilitator/sign-in", **elsewhere))
        assert "not encrypted" in page
        assert ".secrets" not in page  # a folder of this machine is nobody else's business
        running.services.accounts.add(more, utc_now())


async def test_accounts_that_cannot_be_read_let_nobody_in_and_say_where_to_look(
    running: Running,
) -> None:
    phone = await running.facilitator()
    path = running.services.accounts.folder / "facilitators.json"
    path.write_text("{")
    path.chmod(0o600)
    assert not await is_in(phone)
    refused = await running.phone().press("/facilitator/sign-in", passcode=running.passcode)
    assert refused.code == 503
    assert "reconnect facilitator list" in text(refused)
    path.unlink()
    assert await is_in(phone)


async def test_a_log_in_ends_after_twelve_hours_however_busy(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = await running.facilitator()
    for half_hours in range(1, 24):
        pass_time(monkeypatch, hours=half_hours / 2)
        assert await is_in(phone), half_hours
    pass_time(monkeypatch, hours=12)
    assert not await is_in(phone)


async def test_a_log_in_ends_after_an_hour_in_which_nothing_was_heard(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = await running.facilitator()
    pass_time(monkeypatch, minutes=59)
    assert await is_in(phone)
    pass_time(monkeypatch, minutes=59 + 61)
    assert not await is_in(phone)


async def test_who_presses_a_button_after_the_end_is_told_and_can_sign_in_again(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, phone = running.new_session(), await running.facilitator()
    path = f"/facilitator/s/{session.session_id}"
    asked = await phone.get(f"{path}?close=1")
    pass_time(monkeypatch, minutes=61)
    refused = await phone.submit(asked, f"{path}/close", {})
    assert refused.code == 403
    assert "You are signed out" in text(refused)
    assert 'href="/facilitator/sign-in"' in text(refused)
    assert session.info.closed_at is None
    # Nobody else's refusal speaks of signing in.
    assert "signed out" not in text(await running.phone().get("/me"))


async def test_an_open_desk_renews_its_log_in_before_it_could_end(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, phone = running.new_session(), await running.facilitator()
    before = phone.cookies[COOKIE]
    path = f"/facilitator/s/{session.session_id}/live"
    monkeypatch.setattr(streams, "MAX_DESK_STREAM_S", 0.0)
    pass_time(monkeypatch, minutes=50)
    answer = await phone.get(path)  # it ends by itself, and the browser would come back
    assert answer.code == 200
    assert phone.cookies[COOKIE] != before
    pass_time(monkeypatch, minutes=100)
    assert await is_in(phone)
    monkeypatch.undo()
    assert streams.MAX_DESK_STREAM_S < identity.FACILITATOR_IDLE_MINUTES * 60 / 2


async def test_a_log_in_is_renewed_now_and_then_and_never_with_what_others_may_keep(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = await running.facilitator()
    assert not (await phone.get("/facilitator")).headers.get_list("Set-Cookie")
    pass_time(monkeypatch, seconds=identity.RENEW_AFTER_S + 1)
    style = await phone.get("/static/reconnect.css")
    assert not style.headers.get_list("Set-Cookie")
    (renewed,) = (await phone.get("/facilitator")).headers.get_list("Set-Cookie")
    assert renewed.startswith(f"{COOKIE}=")
    assert {"HttpOnly", "SameSite=Lax"} <= {part.strip() for part in renewed.split(";")}
    assert "max-age" not in renewed.lower()  # it ends with the browser, as the one before


async def test_signing_out_is_not_undone_by_renewing(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = await running.facilitator()
    pass_time(monkeypatch, minutes=30)
    page = await phone.get("/facilitator/people")
    pass_time(monkeypatch, minutes=50)
    out = await phone.submit(page, "/facilitator/sign-out", {})
    assert out.code == 303
    assert not await is_in(phone)


@pytest.mark.parametrize("how", ["passcode", "revoke", "sign-out"])
async def test_a_change_made_elsewhere_ends_log_in_stream_and_websocket_at_once(
    running: Running, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr(streams, "BEAT_S", 600)  # nothing happens because time passes
    session = running.new_session()
    desk, account, _ = await colleague(running)
    first = await running.facilitator()
    review = KernelOwner("facilitator", session.session_id, "review")
    kernel_id = await running.services.seats.ensure(review)
    await desk.connect(kernel_id)
    elsewhere = AccountBook(running.services.settings.data_dir)  # the command line, say
    path = f"/facilitator/s/{session.session_id}/live"
    async with listening(desk, path) as hers, listening(first, path) as his:
        assert (await hers.next_event())["event"] == "hello"
        assert (await his.next_event())["event"] == "hello"
        match how:
            case "passcode":
                elsewhere.renew_passcode(account.account_id)
            case "revoke":
                elsewhere.revoke(account.account_id, utc_now())
            case _:
                elsewhere.sign_out_everywhere(account.account_id)
        assert (await hers.next_event())["data"] == '{"what": "ended"}'
        await hers.end()
        with pytest.raises(TimeoutError):
            await his.next_event(0.5)
    while await desk.next_message() is not None:
        pass  # what the kernel had said before
    assert not await is_in(desk)
    assert await is_in(first)


async def test_what_each_facilitator_does_stands_in_the_timeline_under_their_code(
    running: Running,
) -> None:
    maria, account, _ = await colleague(running)
    first = await running.facilitator()
    made = await maria.new_session(title="Thursday group")
    path = made.headers["Location"]
    asked = await maria.get(f"{path}?close=1")
    assert (await maria.submit(asked, f"{path}/close", {})).code == 303
    page = await first.get(path)
    assert (await first.submit(page, f"{path}/reopen", {})).code == 303
    (session,) = running.services.records.sessions()
    session.merge()
    with (session.folder / "timeline.csv").open(encoding="utf-8", newline="") as file:
        told = [(row["event"], row["actor"]) for row in csv.DictReader(file)]
    mine = account.account_id
    assert told == [("opened", mine), ("closed", mine), ("reopened", "facilitator")]


async def test_a_log_in_of_an_older_version_has_to_be_made_again(running: Running) -> None:
    phone = await running.facilitator()
    phone.cookies[COOKIE] = create_signed_value(
        running.services.secrets.cookie_secret, COOKIE, "0123456789abcdef"
    ).decode()
    assert not await is_in(phone)
