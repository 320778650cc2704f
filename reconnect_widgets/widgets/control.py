"""The base of every widget here: the browser shows it, the kernel alone decides what it says.

What belongs here: how messages from a browser reach (or do not reach) Python. What does not: what
they mean (`workbook.messages`, `workbook.pages`).

A browser may send three things to an ipywidgets model: new state, a request for the state, and a
custom message. A participant's browser is a peer that we do not trust, so new state is ignored,
always and for every trait, and custom messages go to one handler. The decision a newcomer would
question is giving up two-way traits: an answer is then never "in a trait" before it is checked
against the content and on the disk.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import anywidget
import traitlets

LOGGER = logging.getLogger("reconnect.widgets")

Handler = Callable[[object], None]


class Control(anywidget.AnyWidget):
    """A widget whose traits only the kernel writes.

    Attributes
    ----------
    handler
        Called with the content of each custom message; None drops them unread. What it raises is
        caught here, logged without any content, and handed to `apologise`.
    """

    # ipywidgets makes one more model per widget for its layout. Ours is CSS; without that model
    # no class of ipywidgets' own, with traits a browser can write, lives in a participant's kernel.
    layout = traitlets.Any(None, allow_none=True).tag(sync=True)

    handler: Handler | None = None

    _completed: ClassVar[dict[type, type]] = {}

    def add_traits(self, **traits: Any) -> None:
        """Take anywidget's three traits, which are the same for all widgets of a class.

        traitlets makes a class of its own for each widget that is given traits; here the first
        one's serves them all. In a page's three widgets that is 0.2 MiB of each kernel.
        """
        own = type(self)
        if own not in self._completed:
            super().add_traits(**traits)
            self._completed[own] = type(self)
        self.__class__ = self._completed[own]

    @classmethod
    def leave_to_the_page(cls) -> None:
        """Send neither script nor style from now on: the page has them, as the server's own do.

        Before the first widget of the class is made.
        """
        cls._esm = cls._css = ""

    def set_state(self, sync_data: object) -> None:
        """Change nothing and echo nothing, whatever the browser says the state is."""

    def show_again(self) -> None:
        """Tell the browser the whole state, but for script and style, which it surely has."""
        self.send_state([name for name in self.keys if not name.startswith("_")])

    def _handle_msg(self, msg: Mapping[str, Any]) -> None:
        """Answer a request for the state, pass on a custom message, drop everything else.

        Never raises: ipywidgets would show the traceback, with the message in it, on the page.
        """
        content = msg.get("content")
        data = content.get("data") if isinstance(content, dict) else None
        method = data.get("method") if isinstance(data, dict) else None
        if method == "request_state":
            self.send_state()
        elif method == "custom" and isinstance(data, dict):
            self._handle_custom_msg(data.get("content"), [])

    def _handle_custom_msg(self, content: object, buffers: object) -> None:
        """Give the content to the handler; buffers are in no message of ours and are dropped."""
        if self.handler is None:
            return
        try:
            self.handler(content)
        except Exception as error:  # the one place where anything is caught
            LOGGER.error("a message was not dealt with: %s", describe_error(error))
            self.apologise(content)

    def apologise(self, content: object) -> None:
        """Tell the browser that its message was not dealt with; a plain control says nothing."""


def describe_error(error: BaseException) -> str:
    """Return class and place of an error, never its text: that may hold what somebody answered."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {frames[-1].name}:{frames[-1].lineno}" if frames else ""
    return type(error).__name__ + place
