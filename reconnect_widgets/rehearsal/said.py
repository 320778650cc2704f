"""What plain pages of the server say, as far as somebody with a phone acts on it."""

from __future__ import annotations

import re

from tornado.httpclient import HTTPResponse

from reconnect_widgets.rehearsal.phone import text

# Everybody was brought somewhere, and this person with them. The safety page has no kernel.
_GROUP = re.compile(r'data-brought=[^>]* data-href="/w/(?!safety")([a-z0-9-]+)"[^>]*(?<!stays)>')


def find_group(page: HTTPResponse) -> str:
    """Return the exercise where the group is, if this person is to go there; else empty."""
    found = _GROUP.search(text(page))
    return found[1] if found else ""


def is_not_yet(page: HTTPResponse) -> bool:
    """Say whether this is the page of an exercise that the facilitator opens later."""
    return 'id="not-yet"' in text(page)


def why_no_seat(status: int) -> str:
    """Say in one sentence why somebody got no seat; nothing that was sent is repeated."""
    return {
        404: "The server knows no session (or no couple) with this code. If its records are in "
        "another folder, give that with --data",
        409: "The server says that the seat is taken",
        410: "The session is closed, or past its keep date",
        422: "The server did not understand the join form; is it of this version?",
        429: "The server lets nobody in after many wrong codes; wait some minutes",
        503: "The server could not save a seat",
    }.get(status, f"The server answered {status} to the join form")
