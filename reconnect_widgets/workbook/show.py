"""Puts an exercise's page into a notebook: what every thin notebook calls."""

from __future__ import annotations

import difflib

from IPython.display import display

from reconnect_widgets.errors import ContentError
from reconnect_widgets.workbook.context import Context, load_context
from reconnect_widgets.workbook.pages import make_page, page_keys
from reconnect_widgets.workbook.pages.presenter import Presenter


class Desk:
    """What is open in this kernel: one person, and one page at a time."""

    def __init__(self) -> None:
        self.context: Context | None = None
        self.presenter: Presenter | None = None

    def open_page(self, key: str) -> Presenter:
        """Close the page that was open and open this one; ContentError if there is none."""
        if self.context is None:
            self.context = load_context()  # also finds the facilitator's own exercises
        else:
            self.context.refresh()
        if key not in page_keys():
            raise ContentError(_say_unknown(key))
        self.close_page()
        self.presenter = make_page(key, self.context)
        self.presenter.draw()
        return self.presenter

    def close_page(self) -> None:
        """Take the widgets of the open page away."""
        if self.presenter is not None:
            self.presenter.close()
            self.presenter = None


DESK = Desk()


def show(key: str) -> None:
    """Show the page of an exercise here, in the place of the one shown before.

    In a kernel of the workbook's server it is the page of the participant that the kernel works
    for. Anywhere else it is a page to look at and try: nothing is recorded, and it says so.

    Parameters
    ----------
    key
        The exercise's key, such as ``checkup``.

    Raises
    ------
    ContentError
        If there is no such exercise; the message names the nearest key.
    """
    display(DESK.open_page(key).page)  # type: ignore[no-untyped-call]


def _say_unknown(key: object) -> str:
    keys = page_keys()
    known = ", ".join(keys)
    nearest = difflib.get_close_matches(str(key), keys, n=1)
    hint = f"; did you mean {nearest[0]!r}?" if nearest else ""
    return f"there is no exercise {str(key)!r:.60}: expected one of {known}{hint}"
