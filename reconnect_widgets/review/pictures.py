"""Figures as HTML: a bar picture, and the same in a table.

What belongs here: markup. What does not: what may be shown (`group_figures`), reading.

The pages it goes into allow no inline style and no script, so everything here is plain elements
and SVG attributes. The picture has no viewBox: its widths are percentages and its letters keep
their size, so it fits 320 pixels without shrinking its words. It is drawn in ``currentColor``,
which follows light, dark and forced colours by itself. Programs that read aloud are given the
table; the picture only repeats it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

from reconnect_widgets.domain.suppression import NO_FIGURE, SCORE_BANDS, ProtectedTable

NOT_SHOWN: Final = "not shown"
_TITLE_HEIGHT, _ROW_HEIGHT, _BAR_HEIGHT, _GROUP_GAP = 30, 26, 14, 12
# Percent of the width: where the bars begin, and how long the longest is.
_BAR_LEFT, _BAR_SPAN = 24, 62


def draw_bars(tables: Mapping[str, ProtectedTable], titles: Mapping[str, str], caption: str) -> str:
    """Return a figure: for each category one bar per quarter of the scale, hidden ones in words.

    Parameters
    ----------
    tables
        By category, as `domain.suppression` protects them.
    titles
        What the categories are called.
    caption
        One sentence or two, as plain text.
    """
    longest = max(
        (count for table in tables.values() for count in table.counts.values() if count), default=1
    )
    parts: list[str] = []
    top = 0
    for category, table in tables.items():
        parts.append(_text("0", top + 20, titles[category], weight="600"))
        top += _TITLE_HEIGHT
        for band in SCORE_BANDS:
            parts += _draw_band(band, table.counts[band], longest, top)
            top += _ROW_HEIGHT
        top += _GROUP_GAP
    return (
        '<figure class="rc-figure">'
        f'<svg width="100%" height="{top}" aria-hidden="true" focusable="false" '
        f'fill="currentColor" font-size="15">{"".join(parts)}</svg>'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
    )


def build_band_table(
    tables: Mapping[str, ProtectedTable], titles: Mapping[str, str], caption: str
) -> str:
    """Return the same as a table: one row per category, one column per quarter of the scale."""
    bands = [*SCORE_BANDS, NO_FIGURE]
    names = [*(name_band(band) for band in SCORE_BANDS), "No figure"]
    rows = [
        (titles[category], [_say_count(table.counts[band]) for band in bands])
        for category, table in tables.items()
    ]
    return build_table(caption, ["Part", *names], rows)


def build_table(
    caption: str, header: Sequence[str], rows: Sequence[tuple[str, Sequence[str]]]
) -> str:
    """Return an accessible table of plain texts; it scrolls in its own box when it is wide."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in header)
    body = "".join(
        f'<tr><th scope="row">{escape(name)}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        + "</tr>"
        for name, cells in rows
    )
    return (
        f'<div class="rc-scroll" role="region" tabindex="0" aria-label="{escape(caption)}">'
        # The element inside stays in sight while the table is scrolled (`.rc-scroll caption`).
        f"<table><caption><span>{escape(caption)}</span></caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def build_note(text: str) -> str:
    """Return a paragraph that stands out a little."""
    return f'<div class="rc-note"><p>{escape(text)}</p></div>'


def name_band(band: str) -> str:
    """Return a quarter of the scale as people write ranges: ``25–49``."""
    return band.replace("-", "–")


def _say_count(count: int | None) -> str:
    return NOT_SHOWN if count is None else str(count)


def _draw_band(band: str, count: int | None, longest: int, top: int) -> list[str]:
    baseline = top + _BAR_HEIGHT
    label = _text("0", baseline, name_band(band))
    if count is None:
        return [label, _text(f"{_BAR_LEFT}%", baseline, NOT_SHOWN, style="italic")]
    length = round(count / longest * _BAR_SPAN, 1)
    bar = (
        f'<rect x="{_BAR_LEFT}%" y="{top + 1}" width="{length}%" height="{_BAR_HEIGHT}" '
        'rx="2" fill-opacity="0.75"/>'
    )
    return [label, bar, _text(f"{_BAR_LEFT + length + 2}%", baseline, str(count))]


def _text(x: str, y: int, words: str, *, weight: str = "", style: str = "") -> str:
    extra = f' font-weight="{weight}"' if weight else ""
    extra += f' font-style="{style}"' if style else ""
    return f'<text x="{x}" y="{y}"{extra}>{escape(words)}</text>'
