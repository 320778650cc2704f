"""Packs with mistakes: told with file, line, trail, expected, found and the nearest spelling."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

import reconnect_widgets.content.loader as loader
import reconnect_widgets.content.reading as reading
from reconnect_widgets import content
from reconnect_widgets.content import Instrument, PackError
from reconnect_widgets.content.loader import PACKS
from reconnect_widgets.errors import ContentError

SMALL = """\
kind: instrument
key: small
title: A small one
version: 1.0.0
licence: MIT
source: Ours
timeframe: In the last two weeks
min_answered: 1
options:
  - {value: 0, label: Never}
  - {value: 1, label: Often}
categories:
  - key: presence
    title: Presence
    about: About
    strength: Strength
    begin: Begin
    begin_with: presence
    try_this: Try
items:
  - key: presence-1
    category: presence
    keyed: 1
    text: I was there.
  - key: presence-2
    category: presence
    keyed: -1
    text: I was not.
guess:
  stem: "{title}: and your partner?"
  options:
    - {value: 0, label: Never}
    - {value: 1, label: Often}
"""


def check(folder: Path, text: str | bytes, name: str = "small.yaml") -> list[PackError]:
    data = text.encode() if isinstance(text, str) else text
    (folder / name).write_bytes(data)
    problems = content.check_folder(folder)
    assert all(isinstance(problem, PackError) for problem in problems)
    return problems  # type: ignore[return-value]


def only(problems: list[PackError]) -> PackError:
    assert len(problems) == 1, [str(problem) for problem in problems]
    return problems[0]


def test_a_sound_instrument_is_loaded(tmp_path: Path) -> None:
    assert check(tmp_path, SMALL) == []
    instrument = Instrument.load(tmp_path / "small.yaml")
    assert instrument.item("presence-2").keyed == -1
    assert instrument.scales[0].min_answered == 1
    assert instrument.guess_text("presence") == "Presence: and your partner?"
    with pytest.raises(KeyError):
        instrument.item("presence-3")
    with pytest.raises(KeyError):
        instrument.category("touch")


def test_a_mistake_is_told_in_full(tmp_path: Path) -> None:
    broken = SMALL.replace("category: presence\n    keyed: -1", "category: presense\n    keyed: -1")
    problem = only(check(tmp_path, broken))
    assert str(problem) == dedent(
        """\
        In small.yaml, line 26
          at: items → 2 (presence-2) → category
          expected: one of presence
          found: “presense”
          did you mean: presence"""
    )


# One change to the sound pack each: old, new, line, trail, expected, found, nearest.
@pytest.mark.parametrize(
    ("old", "new", "line", "trail", "expected", "found", "nearest"),
    [
        ("keyed: -1", "keyed: 2", 27, "items → 2 (presence-2) → keyed", "1 or -1", "2", ""),
        ("timeframe:", "timefram:", 7, "timefram", "one of the keys kind, key, title",
         "the key timefram", "timeframe"),
        ("    try_this: Try\n", "", 13, "categories → 1 (presence)", "the key try_this",
         "no such key", ""),
        ("    text: I was not.", "    text: I was not.\n    txet: x", 29,
         "items → 2 (presence-2) → txet", "one of the keys key, category, keyed, text",
         "the key txet", "text"),
        ("title: A small one", "title: 7", 3, "title", "text", "7", ""),
        ("title: A small one", "title:", 3, "title", "text", "nothing", ""),
        ("title: A small one", "title: [a]", 3, "title", "text", "a list", ""),
        ("min_answered: 1", "min_answered: one", 8, "min_answered", "a whole number", "“one”", ""),
        ("min_answered: 1", "min_answered: 3", 13, "categories → 1 (presence)",
         "at least 3 items", "2", ""),
        ("version: 1.0.0", "version: 1.0", 4, "version", "text", "1.0", ""),
        ("key: presence-2", "key: presence-1", 25, "items → 2 (presence-1) → key",
         "each one once", "presence-1 again (first in place 1)", ""),
        ("key: presence-2", "key: guess-presence", 25, "items → 2 (guess-presence) → key",
         "a key that no guess has", "“guess-presence”", ""),
        ("key: presence-2", "key: Presence 2", 25, "items → 2 (Presence 2) → key",
         "`small-step`", "“Presence 2”", ""),
        ("  - {value: 1, label: Often}\ncat", "  - {value: 2, label: Often}\ncat", 11,
         "options → 2 → value", "1, one more than the value before", "2", ""),
        ("  - {value: 1, label: Often}\ncat", "  - {value: 1, label: Never}\ncat", 11,
         "options → 2 → label", "each label once", "“Never”", ""),
        ('stem: "{title}: and', 'stem: "and', 30, "guess → stem", "{title} in the text", "none",
         ""),
        ("items:", "items: {}\nx:", 20, "items", "a list", "keys with values", ""),
        ("kind: instrument", "kind: instrumnet", 1, "kind", "one of instrument, exercise",
         "“instrumnet”", "instrument"),
        ("kind: instrument\n", "", 1, "kind", "one of instrument", "nothing", ""),
    ],
)  # fmt: skip
def test_each_mistake_is_found_at_its_line(
    tmp_path: Path,
    old: str,
    new: str,
    line: int,
    trail: str,
    expected: str,
    found: str,
    nearest: str,
) -> None:
    assert SMALL.count(old) == 1
    problems = check(tmp_path, SMALL.replace(old, new))
    problem = next(p for p in problems if " → ".join(p.trail) == trail)
    assert problem.line == line
    assert problem.expected.startswith(expected) or expected in problem.expected
    assert problem.found == found
    assert problem.nearest == nearest


def test_all_mistakes_of_a_file_are_told_at_once_in_order(tmp_path: Path) -> None:
    broken = SMALL.replace("keyed: 1\n", "keyed: 3\n").replace("licence: MIT", "licence: ''")
    problems = check(tmp_path, broken)
    assert [problem.line for problem in problems] == [5, 23]
    with pytest.raises(ContentError) as caught:
        Instrument.load(tmp_path / "small.yaml")
    assert str(caught.value) == "\n".join(map(str, problems))


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", "nothing"),
        (b"just words", "“just words”"),
        (b"[1, 2]", "a list"),
        (b"\xff\xfea\x00", "text saved as UTF-16"),
        (b"kind: instrument\ntitle: \xe9", "the byte 0xe9, which is not UTF-8"),
        (b"kind: instrument\n" + b"#" * 300_000, "a larger file"),
        (b"a: &x 1\nb: *x", "an anchor, &x"),
        (b"a: 1\na: 2", "the key a again (first on line 1)"),
    ],
)
def test_a_hostile_file_is_one_problem_and_no_crash(
    tmp_path: Path, data: bytes, found: str
) -> None:
    problem = only(check(tmp_path, data))
    assert problem.file == "small.yaml"
    assert problem.line is not None
    assert problem.found == found


def test_a_windows_file_with_a_byte_order_mark_is_fine(tmp_path: Path) -> None:
    assert check(tmp_path, b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode()) == []


def test_a_found_value_is_cut_short(tmp_path: Path) -> None:
    problem = only(check(tmp_path, SMALL.replace("title: A small one", f"title: {'x' * 999}")))
    assert len(problem.found) < 70


def test_a_pipe_or_a_dangling_link_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "link.yaml").symlink_to(tmp_path / "nowhere.yaml")
    (tmp_path / "folder.yaml").mkdir()
    problems = content.check_folder(tmp_path)
    assert len(problems) == 3
    assert all("a file that can be read" in str(problem) for problem in problems)


@pytest.mark.parametrize("name", ["", "missing"])
def test_a_folder_without_packs_is_a_problem(tmp_path: Path, name: str) -> None:
    problem = content.check_folder(tmp_path / name)
    assert len(problem) == 1


def test_a_pack_of_another_kind_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("kind: help-lines\nlines: []\n")
    with pytest.raises(ContentError):
        Instrument.load(tmp_path / "a.yaml")
    with pytest.raises(ContentError, match=r"expected: instrument\n.*found: “contents”"):
        Instrument.load(PACKS / "contents.yaml")


def test_an_unknown_key_is_an_error() -> None:
    for load in (content.load_instrument, content.load_passages, content.load_sentences):
        with pytest.raises(ContentError):
            load("no-such-thing")


def test_no_key_leads_out_of_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "outside.yaml").write_text(SMALL)
    monkeypatch.setattr(loader, "PACKS", tmp_path / "en")
    with pytest.raises(ContentError, match="no exercise has the key"):
        content.load_instrument("../outside")


PASSAGES = """\
kind: passages
key: small
steps:
  - id: one
    heading: One
    body: Words.
    actions:
      - {id: on, label: On}
"""


@pytest.mark.parametrize(
    ("old", "new", "trail", "found"),
    [
        ("body: Words.", "body: '[a](javascript:x)'", "steps → 1 (one) → body",
         "link: javascript:x"),
        ("body: Words.", "body: <b>x</b>", "steps → 1 (one) → body", "raw HTML: <b>"),
        ("label: On}", "label: On}\n      - {id: on, label: Again, weight: quiet}",
         "steps → 1 (one) → actions → 2 (on) → id", "“on”"),
        ("label: On}", "label: On}\n      - {id: b, label: B}", "steps → 1 (one) → actions",
         "2 main actions"),
        ("label: On}", "label: On, weight: equal}", "steps → 1 (one) → actions",
         "a choice that is pushed one way"),
        ("heading: One", "heading: One\n    privacy: recorded", "steps → 1 (one) → privacy",
         "“recorded”"),
    ],
)  # fmt: skip
def test_passages_are_held_to_safe_words_and_fair_choices(
    tmp_path: Path, old: str, new: str, trail: str, found: str
) -> None:
    assert check(tmp_path, PASSAGES) == []
    problems = check(tmp_path, PASSAGES.replace(old, new))
    assert (trail, found) in [(" → ".join(p.trail), p.found) for p in problems]


@pytest.mark.parametrize(
    ("text", "found", "nearest"),
    [
        ("{scor} out of 100", "{scor}", "score"),
        ("{score.__class__}", "{score.__class__}", ""),
        ("{score!r}", "{score}", "score"),
        ("{score:>999999999}", "{score}", "score"),
        ("{", "{", ""),
        ("{0}", "{0}", ""),
    ],
)
def test_a_sentence_fills_only_the_places_that_its_page_offers(
    tmp_path: Path, text: str, found: str, nearest: str
) -> None:
    pack = f"kind: sentences\nkey: checkup\ntexts:\n  snapshot.figure: '{text}'\n"
    problem = only(check(tmp_path, pack))
    assert (problem.line, problem.found) == (4, found)
    assert nearest in problem.nearest


def test_sentences_must_say_all_that_the_instruments_pages_need(tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(SMALL.replace("key: small", "key: checkup"))
    (tmp_path / "words.yaml").write_text(
        "kind: sentences\nkey: checkup\ntexts:\n  couple.presence.both-hihg: x\n"
    )
    problems = [str(problem) for problem in content.check_folder(tmp_path)]
    assert any("a sentence with the key couple.presence.both-high" in p for p in problems)
    assert any("did you mean: couple.presence.both-high" in p for p in problems)


def test_two_packs_of_one_key_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(SMALL)
    problem = only(check(tmp_path, SMALL))
    assert problem.found == "another in a.yaml"


def test_passages_without_a_frame_in_the_contents_are_told(tmp_path: Path) -> None:
    (tmp_path / "contents.yaml").write_bytes((PACKS / "contents.yaml").read_bytes())
    problem = only(check(tmp_path, PASSAGES.replace("key: small", "key: welcom")))
    assert problem.nearest == "welcome"


def test_packs_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first = content.load_instrument()
    monkeypatch.setattr(reading, "_read_bytes", lambda path: pytest.fail("read again"))
    assert content.load_instrument() is first


@given(
    st.dictionaries(
        st.sampled_from(["kind", "key", "title", "steps", "items", "texts", "lines", "options"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.sampled_from(
                ["instrument", "passages", "sentences", "help-lines", "contents", "a: b", ""]
            ),
            lambda inner: st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["key", "id", "body", "value"]), inner, max_size=3),
            max_leaves=8,
        ),
    )
)  # fmt: skip
def test_wrong_types_anywhere_are_problems_and_never_a_crash(value: dict[str, object]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.yaml"
        path.write_text(json.dumps(value))
        for problem in content.check_folder(folder):
            assert "expected" in str(problem)
