"""The figures' markup: the same in picture and table, and fit for a page without inline style."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from reconnect_widgets.domain.suppression import NO_FIGURE, SCORE_BANDS, ProtectedTable
from reconnect_widgets.review.pictures import (
    build_band_table,
    build_note,
    build_table,
    draw_bars,
)

TITLES = {"touch": "Touch & warmth", "repair": "Repair"}


def table(*counts: int | None) -> ProtectedTable:
    return ProtectedTable(dict(zip((*SCORE_BANDS, NO_FIGURE), counts, strict=True)), None, None)


TABLES = {"touch": table(None, 7, 11, None, None), "repair": table(None, None, 9, None, None)}


def test_a_bar_is_as_long_as_its_count_and_hidden_ones_are_words() -> None:
    svg = ElementTree.fromstring(draw_bars(TABLES, TITLES, "Who stands where.")).find("svg")
    assert svg is not None
    widths = [float(rect.attrib["width"].removesuffix("%")) for rect in svg.findall("rect")]
    assert [round(width / max(widths), 2) for width in widths] == [0.64, 1.0, 0.82]
    words = [text.text for text in svg.findall("text")]
    assert words.count("not shown") == 5
    assert [word for word in words if word in ("7", "11", "9")] == ["7", "11", "9"]


def test_the_table_says_what_the_picture_shows_row_by_row() -> None:
    root = ElementTree.fromstring(build_band_table(TABLES, TITLES, "People"))
    rows = [["".join(cell.itertext()) for cell in row] for row in root.iter("tr")]
    assert rows == [
        ["Part", "0–24", "25–49", "50–74", "75–100", "No figure"],
        ["Touch & warmth", "not shown", "7", "11", "not shown", "not shown"],
        ["Repair", "not shown", "not shown", "9", "not shown", "not shown"],
    ]
    assert {cell.attrib["scope"] for cell in root.iter("th")} == {"col", "row"}
    assert root.find("table/caption") is not None


def test_what_scrolls_can_be_reached_by_keyboard_and_has_a_name() -> None:
    box = ElementTree.fromstring(build_table("People", ["a", "b"], [("c", ["d"])]))
    assert (box.attrib["tabindex"], box.attrib["role"], box.attrib["aria-label"]) == (
        "0",
        "region",
        "People",
    )


def test_the_picture_has_a_caption_and_is_not_read_aloud_twice() -> None:
    figure = ElementTree.fromstring(draw_bars(TABLES, TITLES, "Who stands where."))
    assert figure.findtext("figcaption") == "Who stands where."
    assert figure.find("svg").attrib["aria-hidden"] == "true"  # type: ignore[union-attr]


def test_no_style_attribute_no_script_and_no_colour_of_its_own() -> None:
    for html in (draw_bars(TABLES, TITLES, "c"), build_band_table(TABLES, TITLES, "c")):
        for element in ElementTree.fromstring(html).iter():
            assert element.tag not in ("script", "style")
            assert not {name for name in element.attrib if name == "style" or name.startswith("on")}
    assert re.findall(r'fill="([^"]*)"', draw_bars(TABLES, TITLES, "c")) == ["currentColor"]


def test_a_picture_in_which_all_is_hidden_is_still_whole() -> None:
    nothing = {"touch": table(None, None, None, None, None)}
    assert "<rect" not in draw_bars(nothing, TITLES, "c")


@given(st.text())
def test_words_from_the_record_never_become_markup(words: str) -> None:
    for html in (
        build_note(words),
        build_table(words, [words], [(words, [words])]),
        draw_bars({"touch": TABLES["touch"]}, {"touch": words}, words),
    ):
        assert "<" not in re.sub(r"</?[a-z]+[0-9]?(?: [a-z-]+=\"[^\"<>]*\")*/?>", "", html)
