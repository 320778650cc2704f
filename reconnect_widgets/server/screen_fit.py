"""How large words can stand on the group screen: sizes by how much room they take. Pure.

The screen is laid out in units of a hundredth of a 4:3 picture's height (`static/screen.css`), so
what fits there fits a wider one as well. Widths are estimated, on the safe side, by kinds of
characters: the server knows no font. A text that nobody meant to be long is cut by the page.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

# In units: what the page leaves for words (133 by 100, less the margins).
WIDTH: Final = 118.0
WALL_HEIGHT: Final = 74.0
LINE_HEIGHT: Final = 1.3
WALL_GAP: Final = 3.0
# Names of classes in screen.css, and the size of each in units.
SIZES: Final = {"10": 10.0, "8": 8.0, "6": 6.0, "5": 5.0, "4": 4.2, "s": 3.6}
# More pages than this, and the words get smaller first.
_CALM_PAGES: Final = 2
_WALL_SIZES: Final = ("6", "5", "4")
_SMALLEST: Final = "s"
# What a line break wastes, on average, at its worst.
_WRAPPED: Final = 1.12


@dataclass(frozen=True)
class WallPage:
    """Lines that stand on the wall together, and in which size."""

    size: str
    lines: tuple[str, ...]


def measure(text: str) -> float:
    """Return about how wide a text is, in widths of its font's em."""
    return sum(_width(character) for character in text)


def _width(character: str) -> float:
    kind = unicodedata.category(character)
    if kind in ("Mn", "Me", "Cf"):
        return 0.0
    if unicodedata.east_asian_width(character) in ("W", "F"):
        return 1.1
    if character in "mwMW@%—…" or kind == "So":
        return 1.0
    if kind == "Lu":
        return 0.75
    return 0.58 if character.isascii() else 0.7


def count_lines(text: str, size: float, width: float = WIDTH) -> int:
    """Return how many lines a text takes at most."""
    wide = measure(text) * size
    return 1 if wide <= width * 0.96 else ceil(wide * _WRAPPED / width)


def fit(text: str, sizes: Sequence[str], lines: int, width: float = WIDTH) -> str:
    """Return the largest of these sizes in which a text takes no more than so many lines."""
    for name in sizes:
        if count_lines(text, SIZES[name], width) <= lines:
            return name
    return sizes[-1]


def lay_out_wall(texts: Sequence[str]) -> list[WallPage]:
    """Put lines on pages, several on each, as large as goes with few pages."""
    pages: list[WallPage] = []
    for name in _WALL_SIZES:
        pages = _fill_pages(texts, name)
        if len(pages) <= _CALM_PAGES:
            break
    return pages


def _fill_pages(texts: Sequence[str], name: str) -> list[WallPage]:
    pages: list[WallPage] = []
    lines: list[str] = []
    height = 0.0
    for text in texts:
        needed = _height(text, name)
        if lines and height + needed > WALL_HEIGHT:
            pages.append(_page(lines, name))
            lines, height = [], 0.0
        lines.append(text)
        height += needed
    return [*pages, _page(lines, name)] if lines else pages


def _height(text: str, name: str) -> float:
    return count_lines(text, SIZES[name]) * SIZES[name] * LINE_HEIGHT + WALL_GAP


def _page(lines: Sequence[str], name: str) -> WallPage:
    """Return a page; a single line that is too long for it is set smaller."""
    sizes = list(SIZES)[list(SIZES).index(name) :]
    fitting = (each for each in sizes if sum(_height(line, each) for line in lines) <= WALL_HEIGHT)
    return WallPage(next(fitting, _SMALLEST), tuple(lines))


def choose_names(names: Sequence[str], size: float, lines: int, width: float) -> list[str]:
    """Return the names, in their order, of which there is room in so many lines."""
    room, chosen = width * lines / _WRAPPED, []
    for name in names:
        room -= (measure(name) + 1.5) * size
        if room < 0:
            break
        chosen.append(name)
    return chosen
