"""Bringing touch back: of two private menus, only what both marked yes is ever shown."""

from __future__ import annotations

from collections.abc import Collection

from reconnect_widgets.domain.acts import Reveals
from reconnect_widgets.workbook.markup import element, text
from reconnect_widgets.workbook.pages.reveal import RevealPage


class TouchPage(RevealPage):
    """The menu, and what the two menus have in common."""

    key = "touch"
    reveals: Reveals = "mutual-yes"

    def shared_items(self) -> Collection[str]:
        """Return the marks of the menu."""
        return [field.key for field in self.pack.step("menu").fields]

    def both_html(self) -> str:
        """Return what both marked yes, in the order of the menu."""
        both = self.gate(reveals=self.reveals).mutual_yes(self.progress.round)
        if not both:
            return text("p", self.say("both.none"), "rc-lede")
        menu = self.pack.step("menu").fields
        touches = (text("li", field.label) for field in menu if field.key in both)
        return (
            text("h3", self.say("both.heading-some"))
            + element("ul", *touches, cls="rc-reveal")
            + text("p", self.say("both.ask"))
        )
