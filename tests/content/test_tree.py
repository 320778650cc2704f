"""YAML that somebody else wrote: hostile, broken, or merely unlucky."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconnect_widgets.content.tree import (
    MAX_BYTES,
    MAX_DEPTH,
    MAX_NODES,
    TreeError,
    decode,
    parse_tree,
)


def refusal(text: str) -> TreeError:
    with pytest.raises(TreeError) as caught:
        parse_tree(text)
    return caught.value


def test_every_part_knows_its_line() -> None:
    tree = parse_tree("kind: a\nitems:\n  - key: one\n    text: first\n  - key: two\n")
    assert tree.value == {
        "kind": "a",
        "items": [{"key": "one", "text": "first"}, {"key": "two"}],
    }
    assert tree.line_of(("items", 0, "text")) == 4
    assert tree.line_of(("items", 1)) == 5
    assert tree.line_of(("items", 1, "missing")) == 5
    assert tree.line_of(()) == 1


# YAML 1.1 would make False, 520, 27000, a date and a number of these.
@pytest.mark.parametrize(
    "word", ["no", "Yes", "on", "0808", "0o17", "7:30:00", "2026-11-20", "1.0.0", "1e3", "0x1f"]
)
def test_plain_words_stay_words(word: str) -> None:
    assert parse_tree(f"a: {word}").value == {"a": word}


def test_numbers_and_truth_are_read_as_such_unless_quoted() -> None:
    tree = parse_tree("[4, -1, 1.5, true, null, '4', \"true\", ~]")
    assert tree.value == [4, -1, 1.5, True, None, "4", "true", None]


def test_a_bomb_of_aliases_is_refused_at_its_first_anchor() -> None:
    bomb = "a: &a [x, x, x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(9)
    )
    error = refusal(bomb)
    assert (error.line, error.found) == (1, "an anchor, &a")


@pytest.mark.parametrize(
    ("text", "line", "found"),
    [
        ("a: 1\nb: *nowhere", 2, "an alias, *nowhere"),
        ("a: 1\nb: !!python/object/apply:os.system [ls]", 2, "the tag"),
        ("a: !own 1", 1, "the tag !own"),
        ("a: 1\nb: 2\na: 3", 3, "the key a again (first on line 1)"),
        ("a: 1\n---\nb: 2", 2, "a second one after ---"),
        ("? [a, b]\n: 1", 1, "a list or mapping as key"),
        ("a: 1\nb: [", 3, ""),
        ("a: b: c", 1, ""),
        ("a: 'open", 1, ""),
        ("a: \x07", 1, "a control character"),
        ("a: 1\nb: \x00", 2, "a control character"),
    ],
)
def test_more_than_plain_data_is_refused_with_its_line(text: str, line: int, found: str) -> None:
    error = refusal(text)
    assert error.line == line
    assert found in error.found


def test_a_tab_at_the_beginning_of_a_line_is_named() -> None:
    error = refusal("a:\n\tb: 1")
    assert error.line == 2
    assert error.expected == "spaces at the beginning of the line, not a tab"


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "{a: " * 50_000,
        "- " * 100_000,
        "".join(f"{' ' * n}a:\n" for n in range(500)),
    ],
    ids=["lists", "mappings", "dashes", "lines"],
)
def test_deep_nesting_is_refused_and_quickly(text: str) -> None:
    began = time.process_time()
    assert f"at most {MAX_DEPTH} levels" in refusal(text).expected
    # A second of work would be a way to hold the server up; this takes milliseconds.
    assert time.process_time() - began < 1


def test_too_many_entries_are_refused() -> None:
    assert f"at most {MAX_NODES}" in refusal("- a\n" * (MAX_NODES + 1)).expected


def test_as_deep_and_as_much_as_is_allowed_is_read() -> None:
    depth = MAX_DEPTH - 1
    assert parse_tree("[" * depth + "1" + "]" * depth).value is not None
    assert len(parse_tree("- a\n" * (MAX_NODES - 1)).value) == MAX_NODES - 1


def test_a_byte_order_mark_is_passed_over() -> None:
    assert decode(b"\xef\xbb\xbfa: 1") == "a: 1"


@pytest.mark.parametrize(
    ("data", "line", "found"),
    [
        ("a: ü".encode("utf-16"), 1, "text saved as UTF-16"),
        ("a: 1\nb: ü".encode("latin-1"), 2, "the byte 0xfc, which is not UTF-8"),
        (b"a" * (MAX_BYTES + 1), 1, "a larger file"),
    ],
)
def test_bytes_that_are_no_pack_are_refused(data: bytes, line: int, found: str) -> None:
    with pytest.raises(TreeError) as caught:
        decode(data)
    assert (caught.value.line, caught.value.found) == (line, found)


@given(
    st.text(alphabet=st.sampled_from("ab:-[]{}&*!|>'\"#%@`,?\n\t \ufeff\x85\u2028é"), max_size=60)
)
def test_any_text_is_read_or_refused_and_nothing_else(text: str) -> None:
    try:
        parse_tree(text)
    except TreeError as error:
        assert 1 <= error.line <= text.count("\n") + text.count("\x85") + text.count("\u2028") + 2


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused_and_nothing_else(data: bytes) -> None:
    try:
        parse_tree(decode(data))
    except TreeError as error:
        assert error.line >= 1
