"""``/me/hand-over``: a phone that two share goes from one to the other."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from tornado.web import HTTPError

from reconnect_widgets.server.identity import sign_in_participant
from reconnect_widgets.server.pages import HAND_OVER, PageHandler
from reconnect_widgets.server.shared_phone import Seat, hand_to, take

_EXERCISE = re.compile(r"/w/([a-z][a-z0-9-]{0,39})")


class HandOverHandler(PageHandler):
    """Between two people the phone is nobody's: this page says to whom it goes."""

    def get(self) -> None:
        """Show to whom the phone goes; when it has arrived there is nothing to show."""
        sharing = self.identity.sharing
        if sharing is None:
            self.redirect("/me", status=303)
            return
        if not sharing.is_between:
            self.redirect(self._onward(sharing.seat), status=303)
            return
        self.render_page("hand-over.html", sharing=sharing, address=HAND_OVER)

    def post(self) -> None:
        """Hand it over, or take it. Each form names who: sent twice it does the same once."""
        sharing, slot = self.identity.sharing, self.field("to")
        if sharing is None:  # a device of one's own opens nobody else's place
            raise HTTPError(403)
        match self.field("action"), slot:
            case "take", "A" | "B":
                seat = take(sharing, slot)
            case "hand", "A" | "B":
                seat = hand_to(sharing, slot, exercise=self._exercise())
            case _:  # none of our forms
                seat = sharing.seat
        sign_in_participant(self, seat, secure=self.peer.is_secure)
        is_between = seat.shared is not None and seat.shared.is_between
        self.redirect(HAND_OVER if is_between else self._onward(seat), status=303)

    def _exercise(self) -> str:
        """Return the exercise from whose page the form was sent, as the browser tells it."""
        path = urlsplit(self.request.headers.get("Referer", "")).path
        match = _EXERCISE.fullmatch(path)
        return match[1] if match else ""

    def _onward(self, seat: Seat) -> str:
        known = self.services.notebooks.participant
        key = seat.shared.exercise if seat.shared else ""
        return f"/w/{key}" if key in known else "/w/"
