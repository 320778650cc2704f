"""Keys and passcode: made once, private, whole or not there."""

from __future__ import annotations

import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from reconnect_widgets.errors import SetupError
from reconnect_widgets.server import secrets as secret_files
from reconnect_widgets.server.secrets import Secrets, load_secrets

posix_only = os.name == "posix"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def hash_of(secrets: Secrets) -> str:
    return secret_files.read_passcode_hash(secrets.passcode_path.with_name("facilitator.json"))


def opens(secrets: Secrets, passcode: str) -> bool:
    return secret_files.is_passcode(hash_of(secrets), passcode)


def test_the_first_start_makes_keys_and_a_passcode_that_only_one_user_reads(tmp_path: Path) -> None:
    secrets = load_secrets(tmp_path)
    folder = tmp_path / ".secrets"
    assert secrets.new_passcode == secrets.passcode_path.read_text().strip()
    assert sorted(path.name for path in folder.iterdir()) == [
        "facilitator.json",
        "keys.json",
        "passcode.txt",
    ]
    if posix_only:
        assert mode(folder) == 0o700
        assert {mode(path) for path in folder.iterdir()} == {0o600}


def test_the_passcode_is_kept_as_an_argon2_hash_and_taken_as_people_type_it(tmp_path: Path) -> None:
    secrets = load_secrets(tmp_path)
    passcode = secrets.new_passcode or ""
    assert "$argon2id$" in (tmp_path / ".secrets" / "facilitator.json").read_text()
    assert passcode not in (tmp_path / ".secrets" / "facilitator.json").read_text()
    assert opens(secrets, passcode)
    assert opens(secrets, f" {passcode.lower().replace('-', '')} ")
    assert not opens(secrets, passcode[:-1])
    assert not opens(secrets, "")


def test_the_next_start_reads_the_same_and_shows_no_passcode_again(tmp_path: Path) -> None:
    first, second = load_secrets(tmp_path), load_secrets(tmp_path)
    assert second.new_passcode is None
    assert (first.cookie_secret, first.code_key, first.hash_key) == (
        second.cookie_secret,
        second.code_key,
        second.hash_key,
    )
    assert opens(second, first.new_passcode or "")


def test_servers_that_start_at_once_agree(tmp_path: Path) -> None:
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda _: load_secrets(tmp_path), range(6)))
    assert len({secrets.cookie_secret for secrets in found}) == 1
    (passcode,) = {secrets.new_passcode for secrets in found} - {None}
    assert opens(found[0], passcode or "")
    assert not [path for path in (tmp_path / ".secrets").iterdir() if path.name.startswith(".")]


def test_a_start_cut_short_before_the_hash_uses_the_passcode_that_is_there(tmp_path: Path) -> None:
    passcode = load_secrets(tmp_path).new_passcode or ""
    (tmp_path / ".secrets" / "facilitator.json").unlink()
    assert opens(load_secrets(tmp_path), passcode)


def test_the_passcode_file_may_be_removed_once_it_is_written_down(tmp_path: Path) -> None:
    secrets = load_secrets(tmp_path)
    secrets.passcode_path.unlink()
    assert opens(load_secrets(tmp_path), secrets.new_passcode or "")
    assert not secrets.passcode_path.exists()


def test_deleting_the_passcode_gives_another_one_and_keeps_the_keys(tmp_path: Path) -> None:
    before = load_secrets(tmp_path)
    first = hash_of(before)
    for name in ("facilitator.json", "passcode.txt"):
        (tmp_path / ".secrets" / name).unlink()
    after = load_secrets(tmp_path)
    assert hash_of(after) != first
    assert not opens(after, before.new_passcode or "")
    assert after.cookie_secret == before.cookie_secret


@pytest.mark.parametrize("name", [".", "keys.json", "facilitator.json", "passcode.txt"])
def test_secrets_that_others_can_read_stop_the_start_with_what_to_do(
    tmp_path: Path, name: str
) -> None:
    load_secrets(tmp_path)
    path = tmp_path / ".secrets" / name
    path.chmod(0o755 if name == "." else 0o644)
    with pytest.raises(SetupError, match="chmod"):
        load_secrets(tmp_path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("keys.json", ""),
        ("keys.json", "{}"),
        ("keys.json", json.dumps(dict.fromkeys(("cookie_secret", "code_key", "hash_key"), "ab"))),
        ("facilitator.json", "null"),
        ("facilitator.json", '{"argon2": "plain"}'),
    ],
)
def test_a_damaged_file_is_named_and_never_quoted(tmp_path: Path, name: str, content: str) -> None:
    load_secrets(tmp_path)
    (tmp_path / ".secrets" / name).write_text(content)
    with pytest.raises(SetupError) as caught:
        load_secrets(tmp_path)
    assert name in str(caught.value)
    assert not content or content not in str(caught.value)


def test_a_folder_that_cannot_be_made_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    with pytest.raises(SetupError, match="cannot be used"):
        load_secrets(tmp_path / "data")


def test_secrets_do_not_show_themselves(tmp_path: Path) -> None:
    secrets = load_secrets(tmp_path)
    assert secrets.cookie_secret.hex() not in repr(secrets)
    assert (secrets.new_passcode or "x") not in repr(secrets)
