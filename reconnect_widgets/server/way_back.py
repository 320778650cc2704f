"""Back through the sign-in to the page that one was on.

A log-in ends by itself, or everywhere at once, while a page is open. Who signs in again wants that
page, so its path goes along: to the sign-in, through its form, and out again. It is read as if a
stranger had written it, because anybody can send somebody a link to the sign-in: it is one of the
facilitator's own pages, put together here from what was recognised, or it is the list of sessions.
"""

from __future__ import annotations

import re
from urllib.parse import urlencode

from reconnect_widgets.domain.people import SESSION_ID
from reconnect_widgets.server.pages import PageHandler

SIGN_IN = "/facilitator/sign-in"
LIST = "/facilitator"

_PAGE = re.compile(r"/facilitator/(?:new|people)")
_OF_A_SESSION = re.compile(
    rf"(?P<page>/facilitator/(?:s|review)/{SESSION_ID.pattern})(?:/(?P<part>[a-z]+)(?:/.*)?)?"
)
# A session's pages beside its desk. From all else of a session (what its forms and streams ask for,
# its tables) the way leads to the desk.
_PARTS = frozenset({"groups", "prepare", "screen", "seats", "wall"})


def find_way_back(path: str) -> str:
    """Return the page to show after the sign-in: the list of sessions where a path is of none."""
    if _PAGE.fullmatch(path):
        return path
    match = _OF_A_SESSION.fullmatch(path)
    if match is None:
        return LIST
    return f"{match['page']}/{match['part']}" if match["part"] in _PARTS else match["page"]


def sign_in_address(path: str) -> str:
    """Return the sign-in's address, with the way back to the page of this path."""
    page = find_way_back(path)
    return SIGN_IN if page == LIST else f"{SIGN_IN}?{urlencode({'next': page})}"


class WayBackHandler(PageHandler):
    """Base of the facilitator's pages: whoever has to sign in first comes back to this one."""

    def _refuse(self) -> None:
        if self.request.method == "GET":
            self.redirect(sign_in_address(self.request.path), status=303)
        else:
            super()._refuse()
