"""Contrast of the design tokens, computed from the stylesheet itself (WCAG 2.2, 1.4.3 and 1.4.11).

The formula is WCAG's own; black on white must give 21, and #777 on white 4.48 (both are published
examples of the WCAG working group).
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CSS = Path(__file__).parents[2] / "reconnect_widgets" / "server" / "static" / "reconnect.css"


def luminance(colour: str) -> float:
    def linear(channel: float) -> float:
        return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(colour[i : i + 2], 16) / 255) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def schemes() -> dict[str, dict[str, str]]:
    css = CSS.read_text(encoding="utf-8")
    dark_from = css.index("@media (prefers-color-scheme: dark)")
    dark_to = css.index("@media (prefers-reduced-motion")
    pattern = re.compile(r"--rc-([a-z-]+): (#[0-9a-f]{6});")
    light = dict(pattern.findall(css[:dark_from]))
    return {"light": light, "dark": light | dict(pattern.findall(css[dark_from:dark_to]))}


PAIRS = [
    *((text, ground, 4.5) for text in ("ink", "ink-soft", "accent", "accent-deep", "good", "warn")
      for ground in ("paper", "raised", "tint")),
    *((edge, ground, 3.0) for edge in ("edge", "focus") for ground in ("paper", "raised", "tint")),
    ("accent-ink", "accent", 4.5),
    ("accent-ink", "accent-deep", 4.5),
    ("focus", "accent-ink", 3.0),
]  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("front", "ground", "least"), PAIRS)
def test_every_pair_of_colours_that_meet_has_the_contrast_it_needs(
    scheme: str, front: str, ground: str, least: float
) -> None:
    tokens = schemes()[scheme]
    assert contrast(tokens[front], tokens[ground]) >= least


def test_the_table_in_the_stylesheet_says_what_is_so() -> None:
    css = CSS.read_text(encoding="utf-8")
    rows = re.findall(
        r"^ \*   (ink|ink-soft|accent|good|warn|edge|focus) +(?:text|controls|ring) +"
        r"([\d.]+) / +([\d.]+) +([\d.]+) / +([\d.]+)$",
        css,
        re.MULTILINE,
    )
    assert len(rows) == 7
    for name, *said in rows:
        found = [
            contrast(tokens[name], tokens[ground])
            for tokens in schemes().values()
            for ground in ("paper", "raised")
        ]
        assert [round(value, 1) for value in found] == [float(value) for value in said], name


def test_the_formula_gives_the_published_examples() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)
