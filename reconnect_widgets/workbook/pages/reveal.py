"""Exercises in which both look at something together, once both have said yes.

The steps ``release`` and ``both`` of such a pack are made here; a subclass says what is opened
(`reveals`), which fields it concerns (`shared_items`) and what both then see (`both_html`).

Nothing of the partner's is asked for but through the gate (`domain.between`), and until both have
said yes every word on this page is the same whatever the partner has done.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from reconnect_widgets.content import ExerciseStep
from reconnect_widgets.domain.acts import Reveals
from reconnect_widgets.records import Row
from reconnect_widgets.widgets import Action, Quote
from reconnect_widgets.workbook.markup import text
from reconnect_widgets.workbook.messages import ActionSaid
from reconnect_widgets.workbook.pages.exercise import ExercisePage
from reconnect_widgets.workbook.screen import Screen

RELEASE, BOTH = "release", "both"


class RevealPage(ExercisePage):
    """An exercise with something to look at together."""

    reveals: Reveals = "answers"

    # -- What a subclass says --------------------------------------------------------------------

    def shared_items(self) -> Collection[str]:
        """Return the items that a release opens; they are fixed from then on."""
        raise NotImplementedError

    def both_html(self) -> str:
        """Return what both see, once both have said yes."""
        raise NotImplementedError

    def both_quotes(self) -> Sequence[Quote]:
        """Return what one of them wrote and both see, once both have said yes."""
        return ()

    # -- The rest --------------------------------------------------------------------------------

    @property
    def release_state(self) -> str:
        """How it stands in this round: ``offered``, ``waiting`` or ``both``."""
        return self.gate(reveals=self.reveals).release_state(self.progress.round)

    def is_shown(self, step: ExerciseStep) -> bool:
        """Show what both see only when there is something to see."""
        if step.id == BOTH:
            return self.way != "solo" and self.release_state == BOTH
        return super().is_shown(step)

    def is_fixed(self, item: str) -> bool:
        """Fix what was shown, or is about to be."""
        return item in self.shared_items() and self.release_state != "offered"

    def make(self, step: ExerciseStep) -> Screen:
        """Make the two steps around the release."""
        screen = super().make(step)
        if step.id == BOTH:
            return replace(screen, html=step.html + self.both_html(), quotes=self.both_quotes())
        if step.id != RELEASE:
            return screen
        say, state = self.say, self.release_state
        if not self.can_share and state == "offered":
            return replace(screen, html=step.html + text("p", say("share.not-recorded"), "rc-note"))
        if state == BOTH:
            see = Action("see-both", say("release.see-both"))
            return replace(screen, spot=BOTH, news=say("release.both"), actions=[see, self.back()])
        if state == "waiting":
            return replace(
                screen,
                spot="waiting",
                html=text("p", say("release.waiting")),
                actions=[
                    Action("next", say("action.next")),
                    Action("unrelease", say("release.take-back"), "quiet"),
                    self.back(),
                ],
            )
        return replace(
            screen,
            spot="offered",
            actions=[
                Action("release", say("release.yes"), "choice"),
                Action("next", say("release.not-now"), "choice"),
                self.back(),
            ],
        )

    def act(self, step: ExerciseStep, said: ActionSaid) -> Row | None:
        """Say yes, take it back, look."""
        if step.id != RELEASE:
            return super().act(step, said)
        gate = self.gate(reveals=self.reveals)
        name = {"release": "released", "unrelease": "unreleased"}.get(said.action)
        if name is not None:
            if not gate.may(name, round_=self.progress.round, now=self.context.now()):
                self.draw()  # it has moved on since, here or on the other phone
                return None
            row = self.note(name, said.event_id)
            self.draw()
            return row
        if said.action == "see-both":
            said = replace(said, action="next")
        return self.move(said)
