"""Small pieces of HTML and SVG that pages compose: every text is escaped on its way in.

No `style` attribute anywhere: the Content-Security-Policy of our pages forbids it. Lengths in the
pictures are SVG attributes in percent, colours are classes that `passage.css` fills from the
design tokens, so a picture is right at every width and in dark mode.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

_DOT_RADIUS = 9
_MIDDLE = 14


def element(tag: str, *children: str, cls: str = "") -> str:
    """Wrap HTML in a tag. Children are HTML: use `text` for anything else."""
    looks = f' class="{escape(cls)}"' if cls else ""
    return f"<{tag}{looks}>{''.join(children)}</{tag}>"


def text(tag: str, words: str, cls: str = "") -> str:
    """Wrap words in a tag."""
    return element(tag, escape(words), cls=cls)


def sentences(words: Iterable[str], cls: str = "") -> str:
    """Return one paragraph of these sentences; nothing if there are none."""
    joined = " ".join(part for part in words if part)
    return text("p", joined, cls) if joined else ""


def link(words: str, href: str) -> str:
    """Return a link; `href` is one of our own addresses or a ``tel:`` number."""
    return f'<a href="{escape(href)}">{escape(words)}</a>'


def draw_scale(mine: float | None, theirs: float | None = None) -> str:
    """Draw a line from 0 to 100 with a dot for each score.

    Hidden from screen readers: the figures always stand beside it in words. The second dot is
    hollow, so that the two can be told apart without colour.
    """
    line = f'<line class="rc-scale__line" x1="0" x2="100%" y1="{_MIDDLE}" y2="{_MIDDLE}"/>'
    ends = f'y1="{_MIDDLE - 4}" y2="{_MIDDLE + 4}"'
    ticks = "".join(
        f'<line class="rc-scale__tick" x1="{at}%" x2="{at}%" {ends}/>'
        for at in (0, 25, 50, 75, 100)
    )
    dots = "".join(
        f'<circle class="{cls}" cx="{score:.1f}%" cy="{_MIDDLE}" r="{radius}"/>'
        for score, cls, radius in (
            (mine, "rc-scale__dot", _DOT_RADIUS),
            (theirs, "rc-scale__dot rc-scale__dot--other", _DOT_RADIUS - 2),
        )
        if score is not None
    )
    height = 2 * _MIDDLE
    return (
        f'<svg class="rc-scale" width="100%" height="{height}" aria-hidden="true" '
        f'focusable="false">{line}{ticks}{dots}</svg>'
    )
