"""A stage to read and to decide on: heading, safe HTML, perhaps a figure, a few actions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import traitlets

from reconnect_widgets.widgets.control import Control

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Privacy:
    """The privacy mark: who will see what is done on this screen.

    Attributes
    ----------
    kind
        ``screen``, ``recorded``, ``partner`` or ``group``; empty for no mark.
    text
        The same in words.
    """

    kind: Literal["", "screen", "recorded", "partner", "group"] = ""
    text: str = ""


NO_MARK = Privacy()


@dataclass(frozen=True)
class Action:
    """Something a person can do at the end of a passage.

    Attributes
    ----------
    id
        What the browser sends back; `workbook` accepts it only while this passage is shown.
    label
        Words on the button.
    kind
        ``primary`` for the one step onward, ``choice`` for alternatives of equal weight (all look
        the same, none is first in colour), ``quiet`` for the way round.
    href
        When given, the action is a link and nothing is sent.
    takes
        Keys of texts on the same worksheet that are recorded by pressing it: the browser says them
        first. While one of them is empty the action explains itself instead.
    needs
        Keys of fields on the same worksheet that have to be answered or skipped first.
    """

    id: str
    label: str
    kind: Literal["primary", "choice", "quiet"] = "primary"
    href: str = ""
    takes: Sequence[str] = ()
    needs: Sequence[str] = ()


class Passage(Control):
    """Attributes are traits of the same names; `show` sets them in one message.

    Attributes
    ----------
    token
        Names this screen. A new token is a new screen (focus goes to its heading); other changes
        under the same token are taken in quietly.
    html, figure
        Markup that we made ourselves (`content.markdown`, `workbook.pictures`): never anything
        that a person typed.
    news
        A sentence that may change while the passage is read; it is then spoken, once.
    privacy, privacy_kind
        The privacy mark: who will see what is done here, in words, and by kind for its sign.
    """

    _esm = HERE / "passage.js"
    _css = HERE / "passage.css"

    token = traitlets.Unicode().tag(sync=True)
    heading = traitlets.Unicode().tag(sync=True)
    html = traitlets.Unicode().tag(sync=True)
    figure = traitlets.Unicode().tag(sync=True)
    privacy = traitlets.Unicode().tag(sync=True)
    privacy_kind = traitlets.Unicode().tag(sync=True)
    news = traitlets.Unicode().tag(sync=True)
    actions = traitlets.List().tag(sync=True)

    def show(
        self,
        token: str,
        *,
        heading: str,
        html: str,
        figure: str = "",
        news: str = "",
        privacy: Privacy = NO_MARK,
        actions: Sequence[Action] = (),
    ) -> None:
        """Replace the whole passage in one message, so that no half of it is ever seen."""
        with self.hold_sync():
            self.token = token
            self.heading = heading
            self.html = html
            self.figure = figure
            self.news = news
            self.privacy = privacy.text
            self.privacy_kind = privacy.kind
            self.actions = [asdict(action) for action in actions]

    def offers(self, action: str) -> bool:
        """Say whether this action is on the screen now (links send nothing, so they are not)."""
        return any(offered["id"] == action and not offered["href"] for offered in self.actions)
