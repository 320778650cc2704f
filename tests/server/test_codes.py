"""Short codes: derived, forgiving to type, useless without the key."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reconnect_widgets.server import codes
from reconnect_widgets.system import CODE_ALPHABET

KEY = b"k" * 32


def test_a_couple_code_has_five_characters_that_are_easy_to_read_aloud() -> None:
    code = codes.derive_couple_code(KEY, "2026-11-20-group-abcdef", "d-ab12")
    assert len(code) == 5
    assert set(code) <= set(CODE_ALPHABET)


def test_a_return_code_has_ten_characters_and_is_shown_in_two_groups() -> None:
    code = codes.derive_return_code(KEY, "2026-11-20-group-abcdef", "p-ab12cd")
    assert len(code) == 10
    assert codes.group_code(code, 5) == f"{code[:5]}-{code[5:]}"


def test_the_same_person_has_the_same_code_after_a_restart_and_another_in_another_session() -> None:
    first = codes.derive_return_code(KEY, "2026-11-20-group-abcdef", "p-ab12cd")
    assert first == codes.derive_return_code(KEY, "2026-11-20-group-abcdef", "p-ab12cd")
    assert first != codes.derive_return_code(KEY, "2026-11-20-group-abcdeg", "p-ab12cd")
    assert first != codes.derive_return_code(KEY, "2026-11-20-group-abcdef", "p-ab12ce")
    assert first != codes.derive_return_code(b"j" * 32, "2026-11-20-group-abcdef", "p-ab12cd")


def test_parts_do_not_run_into_each_other() -> None:
    assert codes.derive_couple_code(KEY, "ab", "c") != codes.derive_couple_code(KEY, "a", "bc")


def test_a_code_is_taken_however_it_is_typed() -> None:
    assert codes.is_same_code("abcde-fghjk", " ABCDE FGHJK ")
    assert codes.is_same_code("ＡＢＣＤＥ", "abcde")
    assert not codes.is_same_code("ABCDE", "ABCDF")


def test_the_hash_of_a_return_code_needs_its_key() -> None:
    code = "ABCDEFGHJK"
    assert codes.hash_return_code(KEY, code) == codes.hash_return_code(KEY, "abcde-fghjk")
    assert codes.hash_return_code(KEY, code) != codes.hash_return_code(b"j" * 32, code)


@given(st.text(max_size=60))
def test_normalising_any_text_twice_is_normalising_it_once(text: str) -> None:
    once = codes.normalise_code(text)
    assert codes.normalise_code(once) == once
    assert once.isascii()


def test_derived_characters_are_evenly_spread() -> None:
    seen = "".join(codes.derive_return_code(KEY, "s", str(n)) for n in range(3000))
    share = [seen.count(character) / len(seen) for character in CODE_ALPHABET]
    # 30,000 draws of 31: three standard deviations are 0.0031.
    assert all(abs(s - 1 / 31) < 0.0045 for s in share)
