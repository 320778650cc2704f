"""Markdown to HTML that is safe to put into a page: the one home of HTML made from packs.

Raw HTML in the source is shown as text, pictures are off, and links lead to http(s) addresses,
to places in this workbook, or to a phone number. A pack may come from anybody.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

# A relative address is a path without a colon (so no scheme) and without a second slash or a
# backslash at its beginning (which browsers read as another host).
_LINK = re.compile(
    r"""(?: https?://[^\s\\]+
          | tel:\+?[0-9-]{2,20}
          | /(?![/\\])[^\s\\:]*
          | \#[^\s\\:]*
          | [A-Za-z0-9_.-]+(?:[/?\#][^\s\\:]*)?
        )""",
    re.VERBOSE,
)


def is_safe_link(address: str) -> bool:
    """Say whether a pack may link there."""
    return _LINK.fullmatch(address) is not None


@lru_cache(maxsize=256)
def render(source: str) -> str:
    """Return HTML for a passage of CommonMark."""
    html: str = _parser(raw_html=False).render(source)
    return html


def find_unsafe(source: str) -> list[tuple[str, str]]:
    """Return what `render` would not let through, as (what, excerpt) pairs."""
    refused: list[str] = []
    parser = _parser(raw_html=True)
    allowed = parser.validateLink

    def note(address: str) -> bool:
        if not allowed(address):
            refused.append(address)
        return True

    parser.validateLink = note  # type: ignore[assignment, method-assign]
    parser.enable("image")
    tokens = list(_flatten(parser.parse(source)))
    found = [("link", address) for address in refused]
    found += [("raw HTML", t.content) for t in tokens if t.type in ("html_block", "html_inline")]
    found += [("picture", str(t.attrGet("src"))) for t in tokens if t.type == "image"]
    return found


def _parser(*, raw_html: bool) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": raw_html}).disable("image")
    parser.validateLink = is_safe_link  # type: ignore[assignment, method-assign]
    parser.add_render_rule("link_open", _open_link)
    return parser


def _open_link(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any
) -> str:
    # Another site learns neither the page it was left from nor gets a hold on its window.
    if str(tokens[index].attrGet("href")).startswith("http"):
        tokens[index].attrSet("rel", "noopener noreferrer")
    return renderer.renderToken(tokens, index, options, env)


def _flatten(tokens: Sequence[Token]) -> list[Token]:
    return [t for token in tokens for t in (token, *_flatten(token.children or ()))]
