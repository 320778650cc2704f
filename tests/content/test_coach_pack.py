"""Coaches as packs: mistakes are told at their line; what a coach says holds nothing of a text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconnect_widgets import content
from reconnect_widgets.content import PackError
from reconnect_widgets.content.loader import PACKS
from reconnect_widgets.errors import ContentError

COACHES = sorted(path.name.split(".")[0] for path in PACKS.glob("*.coach.yaml"))

SMALL = """\
kind: coach
key: small
looks_for: [One moment.]
cannot_tell: It cannot tell.
lists:
  - name: grand
    phrases: [lovely, one of a kind]
rules:
  - code: moment
    tone: good
    words: You named one.
    phrases: [on <weekday>]
  - code: praise
    tone: watch
    words: This is the whole person.
    phrases: [you are <grand>]
    unless: [you are lovely to]
    when_none_of: [moment]
"""


def check(folder: Path, text: str) -> list[PackError]:
    (folder / "small.coach.yaml").write_text(text, "utf-8")
    return content.check_folder(folder)  # type: ignore[return-value]


def test_a_sound_coach_has_nothing_to_mend(tmp_path: Path) -> None:
    assert check(tmp_path, SMALL) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "trail", "found", "nearest"),
    [
        ("on <weekday>", "on <weekdya>", 12, "rules → 1 → phrases → 1", "<weekdya>", ""),
        ("on <weekday>", "'*ed on'", 12, "rules → 1 → phrases → 1", "“*ed on”", ""),
        ("on <weekday>", "'(on) it'", 12, "rules → 1 → phrases → 1", "(on) it", ""),
        ("[lovely,", "[lo*,", 7, "lists → 1 → phrases → 1", "lo*", ""),
        ("[lovely,", "['^ lovely',", 7, "lists → 1 → phrases → 1", "“^ lovely”", ""),
        ("unless: [you", "unless: ['...', you", 17, "rules → 2 → unless → 1", "...", ""),
        ("[moment]", "[momnet]", 18, "rules → 2 → when_none_of → 1", "“momnet”", "moment"),
        ("    when_none_of: [moment]\n", "    when_none_of: [praise]\n", 18,
         "rules → 2 → when_none_of → 1", "“praise”", ""),
        ("code: praise", "code: moment", 13, "rules → 2 → code",
         "moment again (first in place 1)", ""),
        ("code: praise", "code: cannot-tell", 13, "rules → 2 → code",
         "cannot-tell, which every coach has", ""),
        ("    phrases: [on <weekday>]\n", "", 9, "rules → 1", "neither", ""),
        ("tone: good", "tone: godo", 10, "rules → 1 → tone", "“godo”", "good"),
        ("unless:", "unles:", 17, "rules → 2 → unles", "the key unles", "unless"),
    ],
)  # fmt: skip
def test_each_mistake_is_told_at_its_line(
    tmp_path: Path, old: str, new: str, line: int, trail: str, found: str, nearest: str
) -> None:
    assert SMALL.count(old) == 1
    problems = check(tmp_path, SMALL.replace(old, new))
    told = [(p.line, " → ".join(p.trail), p.found, p.nearest) for p in problems]
    assert (line, trail, found, nearest) in told


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("  u: you\n", "  u: 'you!'\n", "“you!”"),
        ("  - not like\n", "  - not ...\n", "not ..."),
        ("  - name: number\n", "  - name: weekday\n", "weekday again (first in place 1)"),
    ],
)
def test_mistakes_in_the_shared_words_are_told(
    tmp_path: Path, old: str, new: str, found: str
) -> None:
    text = (PACKS / "coach-vocabulary.yaml").read_text("utf-8")
    assert text.count(old) == 1
    problems = check(tmp_path, text.replace(old, new))
    assert found in [problem.found for problem in problems]


def test_an_unknown_coach_is_an_error() -> None:
    with pytest.raises(ContentError):
        content.load_coach("no-such-thing")


def test_a_note_has_words_and_a_place_and_nothing_of_the_text() -> None:
    coach = content.load_coach("appreciation")
    (note,) = coach.read("You're amazing, Zebedee")
    assert (note.code, note.tone, note.start, note.end) == ("whole-person-praise", "watch", 0, 14)
    assert "whole person" in note.words
    assert "Zebedee" not in repr(note) + repr(coach)


@pytest.mark.parametrize("key", COACHES)
def test_a_coach_says_what_it_looks_for_and_explains_every_code(key: str) -> None:
    coach = content.load_coach(key)
    assert coach.key == key
    assert 3 <= len(coach.looks_for) <= 8
    assert coach.codes[-1] == "cannot-tell"
    assert len(coach.codes) == len(set(coach.codes))


@pytest.mark.parametrize("key", COACHES)
@given(text=st.text(max_size=300), space=st.sampled_from(["", " ", "\n"]))
def test_no_text_makes_a_coach_fail(key: str, text: str, space: str) -> None:
    coach = content.load_coach(key)
    notes = coach.read(text)
    assert notes == coach.read(text + space)
    for note in notes:
        assert 0 <= note.start <= note.end <= len(text)
        assert note.code in coach.codes
        assert note.words
