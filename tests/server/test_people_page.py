"""``/facilitator/people``: adding, revoking, one's own passcode, signing out everywhere."""

from __future__ import annotations

import re
import threading

import pytest
from tornado.httpclient import HTTPResponse

from reconnect_widgets.errors import RecordWriteError
from reconnect_widgets.server.account_book import AccountBook
from reconnect_widgets.server.rate_limit import PASSCODE_BY_ADDRESS
from reconnect_widgets.system import utc_now
from tests.server.conftest import Running
from tests.server.people import FacilitatorPhone, JoiningPhone
from tests.server.test_sign_in import colleague, is_in, sign_in
from tests.support.phone import text

PAGE = "/facilitator/people"


async def press(phone: JoiningPhone, action: str, **fields: str) -> HTTPResponse:
    return await phone.press(PAGE, action=action, **fields)


def shown_passcode(page: HTTPResponse) -> str:
    assert page.code == 200
    assert page.headers["Cache-Control"] == "no-store"
    found = re.search(r'rc-code--small">([A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4})<', text(page))
    assert found
    return found[1]


async def test_the_first_account_adds_a_colleague_whose_passcode_is_shown_once(
    running: Running,
) -> None:
    first = await running.facilitator()
    assert f'href="{PAGE}"' in text(await first.get("/facilitator"))
    passcode = shown_passcode(await press(first, "add", name="Maria <Lindqvist>"))
    page = text(await first.get(PAGE))
    assert "Maria &lt;Lindqvist&gt;" in page
    assert passcode not in page
    maria = FacilitatorPhone(running.url)
    assert (await sign_in(maria, "maria <lindqvist>", passcode)).code == 303
    assert await is_in(maria)
    assert "(you)" in text(await maria.get(PAGE))


async def test_sending_the_form_again_adds_nobody_twice(running: Running) -> None:
    first = await running.facilitator()
    await press(first, "add", name="Maria")
    again = await press(first, "add", name="maria")
    assert again.code == 422
    assert 'role="alert"' in text(again)
    assert 'value="maria"' in text(again)
    assert len(running.services.accounts.read().all) == 2


async def test_only_the_first_account_adds_and_revokes(running: Running) -> None:
    maria, _, _ = await colleague(running)
    bo, _ = running.services.accounts.add("Bo", utc_now())
    page = text(await maria.get(f"{PAGE}?revoke={bo.account_id}"))
    assert "Bo" in page
    assert 'value="add"' not in page
    assert 'value="revoke"' not in page
    for refused in (
        await press(maria, "add", name="Cy"),
        await press(maria, "revoke", account=bo.account_id),
    ):
        assert refused.code == 403
        assert "Only whoever has the first account" in text(refused)
    assert [one.name for one in running.services.accounts.read().active] == ["", "Maria", "Bo"]


async def test_revoking_asks_first_and_keeps_the_code(running: Running) -> None:
    maria, account, passcode = await colleague(running)
    first = await running.facilitator()
    asked = await first.get(f"{PAGE}?revoke={account.account_id}")
    assert await is_in(maria)
    assert (await first.submit(asked, PAGE, {"action": "revoke"})).code == 303
    assert not await is_in(maria)
    assert (await sign_in(running.phone(), "Maria", passcode)).code == 403
    page = text(await first.get(PAGE))
    assert account.account_id in page
    assert "No longer" in page
    # Her old form, sent after all.
    assert (await press(first, "revoke", account=account.account_id)).code == 303


async def test_the_first_account_is_never_offered_to_be_revoked(running: Running) -> None:
    first = await running.facilitator()
    running.services.accounts.add("Maria", utc_now())
    page = text(await first.get(f"{PAGE}?revoke=facilitator"))
    assert 'value="revoke"' not in page
    assert "revoke=facilitator" not in page
    assert (await press(first, "revoke", account="facilitator")).code == 422
    assert await is_in(first)


async def test_a_new_passcode_ends_every_other_log_in_of_its_owner(running: Running) -> None:
    here, account, old = await colleague(running)
    there = FacilitatorPhone(running.url)
    assert (await sign_in(there, "Maria", old)).code == 303
    first = await running.facilitator()
    new = shown_passcode(await press(here, "passcode", passcode=old))
    assert await is_in(here)
    assert not await is_in(there)
    assert await is_in(first)
    assert (await sign_in(running.phone(), "Maria", old)).code == 403
    assert (await sign_in(running.phone(), account.account_id, new)).code == 303


async def test_who_finds_a_desk_unattended_cannot_take_the_account_along(
    running: Running,
) -> None:
    maria, _, passcode = await colleague(running)
    for wrong in ("", "ABCD-EFGH-JKMN", running.passcode):
        refused = await press(maria, "passcode", passcode=wrong)
        assert refused.code == 403
        assert "That is not your passcode" in text(refused)
    codes = [(await press(maria, "passcode", passcode="X")).code for _ in range(20)]
    assert codes.count(403) == int(PASSCODE_BY_ADDRESS.burst) - 3
    assert codes[-1] == 429
    assert running.services.accounts.authenticate("Maria", passcode) is not None


async def test_signing_out_everywhere_ends_this_browser_too_and_nobody_elses(
    running: Running,
) -> None:
    here, _, passcode = await colleague(running)
    there = FacilitatorPhone(running.url)
    assert (await sign_in(there, "Maria", passcode)).code == 303
    first = await running.facilitator()
    out = await press(here, "sign-out")
    assert out.headers["Location"] == "/facilitator/sign-in?next=%2Ffacilitator%2Fpeople"
    assert [await is_in(phone) for phone in (here, there, first)] == [False, False, True]
    assert (await sign_in(here, "Maria", passcode)).code == 303


@pytest.mark.parametrize("action", ["add", "revoke", "passcode", "sign-out"])
async def test_what_could_not_be_saved_is_said_and_changes_nothing(
    running: Running, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    account, _ = running.services.accounts.add("Maria", utc_now())
    first = await running.facilitator()
    before = running.services.accounts.read()

    def full(*arguments: object) -> None:
        raise RecordWriteError("no space left")

    monkeypatch.setattr("reconnect_widgets.server.account_book.replace_file", full)
    refused = await press(
        first, action, name="Bo", account=account.account_id, passcode=running.passcode
    )
    assert refused.code == 503
    assert "Nothing has changed" in text(refused)
    assert running.services.accounts.read() == before
    assert await is_in(first)


async def test_what_is_no_action_does_nothing(running: Running) -> None:
    first = await running.facilitator()
    assert (await press(first, "promote")).code == 422


async def test_passcodes_on_a_line_that_others_can_read_are_warned_of(running: Running) -> None:
    first = await running.facilitator()
    assert "not encrypted" not in text(await first.get(PAGE))
    page = await first.get(PAGE, **{"X-Forwarded-For": "192.168.1.20"})
    assert "not encrypted" in text(page)


async def test_making_passcodes_does_not_hold_up_the_room(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Argon2 runs beside the event loop: pages are answered while one is made."""
    first = await running.facilitator()
    main = threading.get_ident()
    seen: list[int] = []
    add = AccountBook.add

    def noting(self: AccountBook, name: str, now: object) -> object:
        seen.append(threading.get_ident())
        return add(self, name, now)  # type: ignore[arg-type]

    monkeypatch.setattr(AccountBook, "add", noting)
    await press(first, "add", name="Maria")
    assert seen
    assert main not in seen
