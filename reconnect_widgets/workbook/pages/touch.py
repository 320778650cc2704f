"""Bringing touch back: of two private menus, only what both marked yes is ever shown."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from reconnect_widgets.content import ExerciseField, ExerciseStep
from reconnect_widgets.domain.acts import Reveals
from reconnect_widgets.workbook.markup import element, text
from reconnect_widgets.workbook.pages.reveal import BOTH, RevealPage
from reconnect_widgets.workbook.screen import Screen

PLAN = "plan"
# One to give and one to receive, of what both said yes to.
CHOSEN = ("give", "receive")


class TouchPage(RevealPage):
    """The menu, what the two menus have in common, and a choice from that."""

    key = "touch"
    reveals: Reveals = "mutual-yes"

    def shared_items(self) -> Collection[str]:
        """Return the marks of the menu."""
        return [field.key for field in self.pack.step("menu").fields]

    def both(self) -> list[str]:
        """Return what both marked yes, in the order of the menu; nothing before both released."""
        both = self.gate(reveals=self.reveals).mutual_yes(self.progress.round)
        return [field.key for field in self.pack.step("menu").fields if field.key in both]

    def is_shown(self, step: ExerciseStep) -> bool:
        """Plan only where there is something to plan."""
        if step.id == PLAN:
            return self.way != "solo" and self.release_state == BOTH and bool(self.both())
        return super().is_shown(step)

    def field(self, key: str) -> ExerciseField | None:
        """Return a field; the two of the plan offer what both said yes to, and nothing else."""
        field = super().field(key)
        if field is None or key not in CHOSEN:
            return field
        both = self.both()
        options = tuple(option for option in field.options if option.value in both)
        return field.model_copy(update={"options": options})

    def make(self, step: ExerciseStep) -> Screen:
        """Make the plan out of what both said yes to."""
        if step.id != PLAN:
            return super().make(step)
        fields = [self.field(each.key) or each for each in step.fields]
        return replace(self.ask(step), fields=[self.build(field) for field in fields])

    def both_html(self) -> str:
        """Return what both marked yes."""
        both = self.both()
        if not both:
            return text("p", self.say("both.none"), "rc-lede")
        menu = self.pack.step("menu").fields
        touches = (text("li", field.label) for field in menu if field.key in both)
        return (
            text("h3", self.say("both.heading-some"))
            + element("ul", *touches, cls="rc-reveal")
            + text("p", self.say("both.ask"))
        )
