"""``/facilitator/s/ID/screen``: the page that is projected, its stream, and what turns it.

It is shown to everybody in the room, so it holds nothing but what `screen_values` lets through,
and it never shows an error: when the server is lost it stays as it is, with one quiet line.
"""

from __future__ import annotations

from typing import cast

from tornado.web import HTTPError

from reconnect_widgets import system
from reconnect_widgets.domain.evening import SCREEN_VIEWS
from reconnect_widgets.errors import RecordError
from reconnect_widgets.server import pictures
from reconnect_widgets.server.evening import act_at_desk
from reconnect_widgets.server.facilitator import SessionHandler
from reconnect_widgets.server.phone_address import phone_base_url, reaches_phones
from reconnect_widgets.server.qr import draw_qr
from reconnect_widgets.server.screen_fit import fit
from reconnect_widgets.server.screen_values import describe_picture, describe_screen
from reconnect_widgets.server.session_view import SessionView
from reconnect_widgets.server.streams import EventStreamHandler
from reconnect_widgets.server.wall import known_lines, read_lines


class ScreenHandler(SessionHandler):
    """The screen, and what the desk does to it."""

    async def get(self, session_id: str) -> None:
        """Show what everybody may see."""
        view = self.find_view(session_id)
        view.refresh()
        lines = await read_lines(view) if view.evening.view == "wall" else {}
        values = describe_screen(view, lines, system.utc_now())
        if values["view"] == "join":
            base = phone_base_url(self)
            address = base.split("//")[1].rstrip("/")
            values |= {
                "join_qr": draw_qr(f"{base}j/{view.info.code}"),
                "join_address": address,
                "address_size": fit(address, ("6", "5", "4", "s"), 1, 66.0),
                "reaches_phones": reaches_phones(self),
            }
        elif values["view"] == "checkup":
            values["picture"] = describe_picture(await pictures.read_picture(view))
        self.render_page("screen.html", **values)

    async def post(self, session_id: str) -> None:
        """Show something else, or draw the picture of a round. Again changes nothing."""
        view = self.find_view(session_id)
        view.refresh()
        shown, number = self.field("view"), self.field("draw")
        try:
            if number.isdecimal():
                await pictures.draw(self.services, view, int(number), by=self.facilitator_id)
                shown = "checkup"
            if shown in SCREEN_VIEWS and shown != view.evening.view:
                await act_at_desk(
                    self.services, view, "screen-shown", by=self.facilitator_id, view=shown
                )
        except RecordError:
            raise HTTPError(503) from None
        back = "/wall" if self.field("from") == "wall" else "#screen-controls"
        self.redirect(f"/facilitator/s/{session_id}{back}", status=303)


class ScreenStreamHandler(EventStreamHandler, SessionHandler):
    """``/facilitator/s/ID/screen/live``: says when the screen shows something else."""

    # The clock and the wall's pages go on by themselves.
    looks_every_s = 5.0

    async def get(self, session_id: str) -> None:
        """Stream until the browser goes."""
        await self.stream(self.find_view(session_id))

    def look(self, view: SessionView) -> str:
        """Name what is shown."""
        lines = known_lines(view)
        return cast("str", describe_screen(view, lines, system.utc_now())["mark"])
