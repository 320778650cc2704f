"""Pieces of HTML: every word escaped, every picture said in words by whoever uses it."""

from __future__ import annotations

import re

import pytest

from reconnect_widgets.workbook.markup import draw_scale, element, link, sentences, text


def test_words_are_escaped() -> None:
    assert text("p", '<b> & "so"') == "<p>&lt;b&gt; &amp; &quot;so&quot;</p>"
    assert link("a<b", 'x"y') == '<a href="x&quot;y">a&lt;b</a>'
    assert element("p", text("b", "<"), cls='"') == '<p class="&quot;"><b>&lt;</b></p>'


def test_no_sentence_is_no_paragraph() -> None:
    assert sentences([]) == ""
    assert sentences(["One.", "", "Two."]) == "<p>One. Two.</p>"


@pytest.mark.parametrize(
    ("mine", "theirs", "places"),
    [(62.5, None, ["62.5"]), (0, 100, ["0.0", "100.0"]), (None, 40, ["40.0"]), (None, None, [])],
)
def test_a_scale_has_a_dot_for_each_score(
    mine: float | None, theirs: float | None, places: list[str]
) -> None:
    svg = draw_scale(mine, theirs)
    assert re.findall(r'cx="([\d.]+)%"', svg) == places
    assert svg.startswith('<svg class="rc-scale"')
    assert 'aria-hidden="true"' in svg
    assert "style" not in svg


def test_the_two_dots_differ_in_more_than_colour() -> None:
    first, second = re.findall(r"<circle[^>]*>", draw_scale(10, 90))
    assert "rc-scale__dot--other" in second
    assert "rc-scale__dot--other" not in first
