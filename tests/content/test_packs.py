"""The packs that are shipped: complete, fair, and readable."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator

import pytest
import yaml

from reconnect_widgets import content
from reconnect_widgets.content.loader import PACKS

# The wording that each version of the content recorded answers to. When this fails, a question
# or an answer reads differently than before: raise CONTENT_VERSION once for the next release, and
# bring the exercise's line up to date.
WORDINGS = {
    "en-1.1.0": {
        "checkup": "0eaa74583b198cdb",
        "presence": "10259f72a95d079f",
        "questions": "5210bb928af2c17f",
        "appreciation": "261f09bb28e1e093",
        "gratitude": "482265e3b4b315da",
        "touch": "b00578e33f08517a",
        "repair": "84a51f24467ad981",
        "requests": "c8de185e0eccf604",
        "interests": "ce7f4e4777004b29",
        "one-sided": "fa5bf8ed8f163571",
        "intimacy": "29b507779142bfd4",
        "honesty": "f7ac68d7d9a2552f",
        "service": "368b3650f71fbeda",
        "small-moments": "2fb53d872ef77137",
        "one-small-thing": "4d3eb8e1ee80f8ac",
    },
}


def test_every_shipped_pack_is_sound() -> None:
    assert [str(problem) for problem in content.check_folder()] == []


def test_the_wording_of_a_content_version_never_changes() -> None:
    rows: dict[str, list[content.CodebookEntry]] = {}
    for row in content.codebook_rows():
        rows.setdefault(row.exercise, []).append(row)
    digests = {
        exercise: hashlib.sha256(repr(tuple(entries)).encode()).hexdigest()[:16]
        for exercise, entries in rows.items()
    }
    assert digests == WORDINGS[content.CONTENT_VERSION]


def test_the_checkup_has_five_items_in_each_of_four_categories() -> None:
    instrument = content.load_instrument()
    assert [c.key for c in instrument.categories] == ["presence", "appreciation", "touch", "repair"]
    keys = [item.key for item in instrument.items]
    assert keys == [f"{c.key}-{n}" for c in instrument.categories for n in range(1, 6)]
    assert all(item.key.startswith(item.category) for item in instrument.items)
    turned = Counter(item.category for item in instrument.items if item.keyed == -1)
    assert all(turned[category.key] in (1, 2) for category in instrument.categories)
    assert [(o.value, o.label) for o in instrument.options] == [
        (0, "Never"),
        (1, "Rarely"),
        (2, "Sometimes"),
        (3, "Often"),
        (4, "Very often"),
    ]
    assert all(scale.min_answered == 4 for scale in instrument.scales)


def test_every_item_speaks_of_what_i_did() -> None:
    assert all(item.text.startswith("I ") for item in content.load_instrument().items)


def test_the_codebook_has_every_item_and_every_guess() -> None:
    everything = content.codebook_rows()
    assert len(everything) == len({(row.exercise, row.item) for row in everything})
    rows = [row for row in everything if row.exercise == "checkup"]
    assert len(rows) == 24
    by_item = {row.item: row for row in rows}
    assert by_item["presence-3"].keyed == -1
    assert by_item["presence-3"].wording == "I was with my partner, but my mind was somewhere else."
    assert by_item["presence-3"].options[4] == (4, "Very often")
    assert by_item["guess-touch"].keyed is None
    assert by_item["guess-touch"].category == "touch"
    assert "Touch and warmth" in by_item["guess-touch"].wording
    assert {row.content_version for row in rows} == {content.CONTENT_VERSION}


def test_the_outline_offers_the_instruments_own_keys_and_values() -> None:
    instrument = content.load_instrument()
    outline = instrument.outline(tuple(item.key for item in instrument.items))
    assert outline.guesses == (
        "guess-presence",
        "guess-appreciation",
        "guess-touch",
        "guess-repair",
    )
    assert outline.item_values == outline.guess_values == {0, 1, 2, 3, 4}


def test_consent_is_two_choices_of_equal_weight() -> None:
    actions = content.load_passages("welcome").step("consent").actions
    assert [(a.id, a.weight) for a in actions] == [
        ("consent-recorded", "equal"),
        ("consent-not-recorded", "equal"),
        ("back", "quiet"),
    ]


@pytest.mark.parametrize("policy", ["limited-secrets", "no-secrets"])
def test_welcome_tells_the_one_rule_of_the_session(policy: str) -> None:
    steps = content.load_passages("welcome").steps_under(policy)  # type: ignore[arg-type]
    assert [step.id for step in steps] == [
        "who-it-is-for",
        "how-answers-are-kept",
        f"partner-rule-{policy}",
        "consent",
        "ready",
    ]


def test_welcome_says_pseudonymous_and_not_anonymous() -> None:
    html = content.load_passages("welcome").step("how-answers-are-kept").html
    assert "<em>pseudonymous</em>" in html
    assert "<strong>not anonymous</strong>" in html


def test_safety_holds_what_it_must() -> None:
    assert {step.id for step in content.load_passages("safety").steps} == {
        "danger",
        "help-lines",
        "coercion",
        "suicide",
        "distress",
        "watched-device",
        "leave-quickly",
    }
    assert all(not step.actions for step in content.load_passages("safety").steps)


def test_the_help_lines_are_those_that_were_checked() -> None:
    lines = content.load_help_lines().lines
    assert [(line.country, line.number, line.tel_href) for line in lines] == [
        ("United States", "800-799-7233", "tel:8007997233"),
        ("United States", "988", "tel:988"),
        ("United Kingdom", "0808 2000 247", "tel:08082000247"),
        ("United Kingdom", "0808 801 0327", "tel:08088010327"),
    ]
    assert lines[0].text == "Text START to 88788"
    assert all(line.run_by and line.hours and line.checked_on.year >= 2026 for line in lines)


def test_the_contents_list_what_is_there() -> None:
    contents = content.load_contents()
    frames = {frame.key: frame.minutes for frame in contents.exercises}
    assert tuple(frames) == contents.order
    assert {"welcome": 4, "checkup": 6, "safety": 2, "service": 5}.items() <= frames.items()
    assert contents.frame("no-such-exercise") is None
    assert content.load_passages("checkup").title == "The relationship checkup"


def test_an_unknown_step_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        content.load_passages("safety").step("nowhere")


# What follows reads every text that people read.


def texts() -> Iterator[tuple[str, str]]:
    """Yield (file, text) for every text in the packs that somebody reads."""
    for path in sorted(PACKS.glob("*.yaml")):
        for _, value in _strings(yaml.safe_load(path.read_text("utf-8"))):
            yield path.name, value


NOT_READ = {
    *("kind", "key", "id", "version", "licence", "category", "begin_with", "weight", "privacy"),
    *("partner_policy", "number", "name", "run_by", "source"),
    # What coaches look for among the words of people who write, in their words.
    *("phrases", "unless", "after", "code", "tone", "when_none_of"),
    *("exercise", "name_visibility", "door", "free"),
    *("spellings", "endings", "common", "elsewhere", "doubt", "irony"),
}


def _strings(value: object, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name not in NOT_READ:
                yield from _strings(inner, str(name))
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner, key)
    elif isinstance(value, str):
        yield key, value


def sentences(text: str) -> list[list[str]]:
    """Split a text into sentences of words; list entries and paragraphs end a sentence too."""
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)|[*_#]", r"\1", text)
    plain = re.sub(r"\{[a-z_]+\}", "it", plain)
    parts = re.split(r"[.!?:;](?:\s|$)|\n\s*\n|\n\s*-\s|[.!?]”", plain)
    return [words for part in parts if (words := re.findall(r"[A-Za-z’'-]+", part))]


def syllables(word: str) -> int:
    """Count groups of vowels, the way readability formulas do; a silent e does not count."""
    word = word.lower()
    groups = len(re.findall(r"[aeiouy]+", word))
    silent = word.endswith("e") and not word.endswith(("le", "ee")) and groups > 1
    return max(1, groups - silent)


@pytest.mark.parametrize("name", sorted({name for name, _ in texts()}))
def test_the_words_can_be_read_at_the_age_of_about_twelve(name: str) -> None:
    found = [s for file, text in texts() if file == name for s in sentences(text)]
    too_long = [" ".join(s) for s in found if len(s) > 25]
    assert too_long == []
    n_words = sum(map(len, found))
    n_syllables = sum(syllables(word) for s in found for word in s)
    # Flesch-Kincaid grade (Kincaid et al. 1975); grade 6 is read at about twelve.
    grade = 0.39 * n_words / len(found) + 11.8 * n_syllables / n_words - 15.59
    assert grade <= 6, f"{name}: grade {grade:.1f}"


# Jargon, blame, pressure, and words that suppose one kind of couple.
@pytest.mark.parametrize(
    "word",
    [
        *("dysfunction", "toxic", "narcissis", "codependen", "attachment style", "trigger"),
        *("disorder", "patholog", "symptom", "patient", "respondent", "dyad", "instrument"),
        *("your fault", "you failed", "failure", "you should", "you must", "must not feel"),
        *("husband", "wife", "spouse", "boyfriend", "girlfriend", "marriage", "opposite sex"),
        *("his or her", "he or she", "amazing", "journey", "proven", "guarantee", "simply"),
        *("studies show", "research shows", "score", "abnormal", "unhealthy", "soulmate"),
    ],
)
def test_no_text_uses_a_word_that_blames_pushes_or_leaves_people_out(word: str) -> None:
    # Places to fill, and titles of books, which stand in italics, are not our words.
    ours = ((text, re.sub(r"\{[a-z_]+\}|(?<!\*)\*[A-Z][^*]+\*", "", text)) for _, text in texts())
    found = [text for text, said in ours if word in said.lower()]
    assert found == []


def test_the_texts_are_set_with_real_quotes_and_no_emoji() -> None:
    for name, text in texts():
        assert not re.search(r"[A-Za-z]'[a-z]", text), (name, text)
        assert not re.search("[\U0001f000-\U0001ffff\u2600-\u27bf!]", re.sub(r"!\[", "", text)), (
            text
        )


def test_importing_the_content_reads_no_pack_and_nothing_heavy() -> None:
    script = (
        "import sys; from reconnect_widgets import content\n"
        "from reconnect_widgets.content import loader\n"
        "cached = [loader.load_instrument, loader.load_contents, loader.load_passages]\n"
        "assert all(f.cache_info().currsize == 0 for f in cached)\n"
        "heavy = {'pandas', 'numpy', 'ipywidgets', 'traitlets', 'tornado', 'frictionless'}\n"
        "assert not heavy & sys.modules.keys(), heavy & sys.modules.keys()\n"
        "assert 'reconnect_widgets.records' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
