"""The welcome page: who this is for, how answers are kept, and consent.

What is recorded here is the choice alone. Which steps somebody read is nobody's business, and
before the choice is made nothing may be recorded in any case.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from reconnect_widgets.content import load_passages, markdown
from reconnect_widgets.domain.people import Consent
from reconnect_widgets.errors import AnswerError
from reconnect_widgets.records import Row
from reconnect_widgets.widgets import Action
from reconnect_widgets.workbook.context import Context
from reconnect_widgets.workbook.markup import sentences
from reconnect_widgets.workbook.messages import ActionSaid
from reconnect_widgets.workbook.pages.presenter import Presenter, offer

CHOICES: dict[str, Consent] = {
    "consent-recorded": "recorded",
    "consent-not-recorded": "not-recorded",
}
LINKS = {"to-checkup": "/w/checkup"}
CONSENT_STEP = "consent"


class WelcomePage(Presenter):
    """Walks through the pack's steps; the consent step needs a choice to go on."""

    key = "welcome"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.steps = load_passages(self.key).steps_under(context.partner_policy)
        # Who has chosen before comes here to look at the choice again.
        self.at = self._index(CONSENT_STEP) if self._has_chosen() else 0

    def draw(self) -> None:
        """Show the present step."""
        if self.context.is_withdrawn:
            self.show_withdrawn()
            return
        step = self.steps[self.at]
        actions = [link_action(action) for action in map(offer, step.actions)]
        if self.context.is_practice:  # a notebook opened by itself has no such addresses
            actions = [action for action in actions if not action.href]
        if step is self.steps[-1]:
            actions += self.to_contents()
        html = self._show_choice() if step.id == CONSENT_STEP and self._has_chosen() else ""
        self.show_step(f"{self.key}/{step.id}", step, html=html, actions=actions)

    def take_action(self, said: ActionSaid) -> Row | None:
        """Go on, go back, or keep the choice and go on."""
        if not self.passage.offers(said.action):
            raise AnswerError("this step offers no such action")
        row = None
        if said.action in CHOICES:
            row = self.context.record_consent(CHOICES[said.action], said.event_id)
        self._move(-1 if said.action == "back" else 1)
        return row

    def refresh(self) -> None:
        """Show a session that was closed or opened again in the meantime."""
        super().refresh()
        self.draw()

    def _move(self, by: Literal[-1, 1]) -> None:
        self.at = max(0, min(self.at + by, len(self.steps) - 1))
        self.draw()

    def _has_chosen(self) -> bool:
        return self.context.consent is not None and not self.context.is_practice

    def _index(self, step_id: str) -> int:
        return [step.id for step in self.steps].index(step_id)

    def _show_choice(self) -> str:
        """Say what was chosen so far, and what changing it means."""
        is_recorded = self.context.consent == "recorded"
        say = self.page_words.text
        said = [
            say("consent.now-recorded" if is_recorded else "consent.now-not-recorded"),
            say("consent.change"),
            say("consent.to-not-recorded" if is_recorded else "consent.to-recorded"),
        ]
        withdraw = markdown.render(say("consent.withdraw")) if is_recorded else ""
        return sentences(said, "rc-note") + withdraw


def link_action(action: Action) -> Action:
    """Make a link of an action that leads to another page; leave every other as it is."""
    return replace(action, href=LINKS.get(action.id, ""))
