"""Facilitators' accounts as values: who may sign in, and which log-in still stands."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from reconnect_widgets.errors import AccountError
from reconnect_widgets.server import accounts as rules
from reconnect_widgets.server.accounts import Account, Accounts, log_in_mark
from reconnect_widgets.server.identity import Login

KEY = b"k" * 32
NOW = datetime(2026, 11, 21, 18, 0, tzinfo=UTC)
NOW_S = int(NOW.timestamp())
FIRST = Account("facilitator", "", "$argon2id$first")
MARIA = Account("f-ab12cd", "Maria Lindqvist", "$argon2id$maria", NOW)
BOTH = Accounts((FIRST, MARIA))


def login(account: Account, signed_in_s: int = NOW_S, seen_s: int = NOW_S) -> Login:
    return Login(account.account_id, log_in_mark(KEY, account), signed_in_s, seen_s)


@pytest.mark.parametrize(
    ("typed", "whose"),
    [
        ("", FIRST),
        ("  ", FIRST),
        ("facilitator", FIRST),
        ("Maria Lindqvist", MARIA),
        (" maria  LINDQVIST ", MARIA),
        ("f-ab12cd", MARIA),
        ("Maria", None),
        ("First account", None),
    ],
)
def test_a_name_is_taken_as_people_type_it(typed: str, whose: Account | None) -> None:
    assert BOTH.called(typed) == whose


@pytest.mark.parametrize(
    "name", ["", "  ", "a\u202eb", "x" * 41, "Facilitator", "F-AB12CD", "maria lindqvist"]
)
def test_a_name_that_could_be_mistaken_is_refused(name: str) -> None:
    with pytest.raises(AccountError):
        rules.add_account(BOTH, "f-zz99zz", name, "$argon2id$x", NOW)


def test_no_message_repeats_a_name() -> None:
    with pytest.raises(AccountError) as caught:
        rules.add_account(BOTH, "f-zz99zz", MARIA.name, "$argon2id$x", NOW)
    assert "Maria" not in str(caught.value)


def test_the_id_of_somebody_who_left_is_never_given_again() -> None:
    after = rules.revoke_account(BOTH, MARIA.account_id, NOW)
    with pytest.raises(AccountError):
        rules.add_account(after, MARIA.account_id, "Somebody else", "$argon2id$x", NOW)
    again = rules.add_account(after, "f-zz99zz", MARIA.name, "$argon2id$x", NOW)
    assert again.called(MARIA.name) == again.find("f-zz99zz")
    assert again.find(MARIA.account_id) == replace(MARIA, revoked_at=NOW)


def test_the_first_account_cannot_be_revoked_and_revoking_twice_does_no_harm() -> None:
    with pytest.raises(AccountError, match="first account"):
        rules.revoke_account(BOTH, "facilitator", NOW)
    after = rules.revoke_account(BOTH, MARIA.account_id, NOW)
    assert rules.revoke_account(after, MARIA.account_id, NOW.replace(year=2027)) == after


@pytest.mark.parametrize("account_id", ["f-ab12cd", "f-nobody"])
def test_nothing_is_done_for_an_account_that_is_revoked_or_not_there(account_id: str) -> None:
    after = rules.revoke_account(BOTH, MARIA.account_id, NOW)
    with pytest.raises(AccountError, match=account_id):
        rules.renew_passcode(after, account_id, "$argon2id$x")
    with pytest.raises(AccountError, match=account_id):
        rules.sign_out_everywhere(after, account_id)


def test_a_log_in_stands_until_passcode_revoking_signing_out_or_the_evening_end_it() -> None:
    hers = login(MARIA)
    after_s = NOW_S + 12 * 3600
    assert hers.stands(MARIA, KEY, after_s - 1)
    assert not hers.stands(MARIA, KEY, after_s)
    new = rules.renew_passcode(BOTH, MARIA.account_id, "$argon2id$new").find(MARIA.account_id)
    out = rules.sign_out_everywhere(BOTH, MARIA.account_id).find(MARIA.account_id)
    gone = rules.revoke_account(BOTH, MARIA.account_id, NOW).find(MARIA.account_id)
    for ended in (new, out, gone, None):
        assert not hers.stands(ended, KEY, NOW_S)
    assert not hers.stands(MARIA, b"o" * 32, NOW_S)


def test_a_mark_of_one_account_is_none_of_another() -> None:
    twin = replace(FIRST, passcode_hash=MARIA.passcode_hash)
    assert not replace(login(MARIA), account_id="facilitator").stands(twin, KEY, NOW_S)


def test_an_hour_without_a_sign_of_life_is_idle() -> None:
    assert not login(MARIA).is_idle(NOW_S + 3599)
    assert login(MARIA).is_idle(NOW_S + 3600)
    assert not login(MARIA).is_idle(NOW_S - 3600)  # the clock was put back


def test_an_act_is_credited_in_words_and_never_with_a_code() -> None:
    alone = Accounts((FIRST,))
    assert alone.credit("facilitator", "facilitator") == ""
    assert BOTH.credit("facilitator", "facilitator") == "You"
    assert BOTH.credit(MARIA.account_id, "facilitator") == MARIA.name
    assert BOTH.credit("facilitator", MARIA.account_id) == "First account"
    left = rules.revoke_account(BOTH, MARIA.account_id, NOW)
    assert left.credit(MARIA.account_id, "facilitator") == MARIA.name
    assert left.credit("facilitator", "facilitator") == ""
    assert alone.credit(MARIA.account_id, "facilitator") == "Another facilitator"


def test_what_is_written_is_read_back() -> None:
    after = rules.revoke_account(
        rules.sign_out_everywhere(
            rules.add_account(BOTH, "f-zz99zz", "Bo \N{OPEN BOOK}", "$argon2id$bo", NOW),
            "facilitator",
        ),
        MARIA.account_id,
        NOW,
    )
    assert rules.read_accounts(rules.write_accounts(after), FIRST.passcode_hash) == after
    assert FIRST.passcode_hash not in rules.write_accounts(after)


def test_a_folder_from_before_has_the_first_account_alone() -> None:
    assert rules.read_accounts("", FIRST.passcode_hash) == Accounts((FIRST,))


def damaged(**cells: object) -> str:
    listed = json.loads(rules.write_accounts(BOTH))
    listed["facilitators"][1] |= cells
    return json.dumps(listed)


@pytest.mark.parametrize(
    "text",
    [
        "null",
        "{}",
        "[]",
        '{"facilitators": [1]}',
        '{"facilitators": [{"id": "facilitator", "sign_outs": -1}]}',
        damaged(id="p-ab12cd"),
        damaged(id=7),
        damaged(name=""),
        damaged(argon2="plain"),
        damaged(created_at=None),
        damaged(created_at="yesterday"),
        damaged(revoked_at=5),
        damaged(sign_outs=True),
        json.dumps(
            {"facilitators": json.loads(rules.write_accounts(BOTH))["facilitators"][1:] * 2}
        ),
    ],
)
def test_a_list_that_makes_no_sense_opens_nothing(text: str) -> None:
    with pytest.raises(ValueError):  # whatever it says, it is not shown
        rules.read_accounts(text, FIRST.passcode_hash)


def test_neither_hash_nor_mark_shows_itself() -> None:
    assert "$argon2" not in repr(BOTH)
    assert login(MARIA).mark not in repr(login(MARIA))
