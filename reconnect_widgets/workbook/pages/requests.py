"""Fewer, clearer requests: asked, agreed, changed or declined, and looked back at after a week.

The rules are the gate's (`domain.between`): who may answer what, how many may be open, when it is
time to look back. This page shows how it stands and writes the acts.
"""

from __future__ import annotations

from dataclasses import replace

from reconnect_widgets.content import ExerciseStep
from reconnect_widgets.domain.acts import Agreement, Answer
from reconnect_widgets.domain.exercise import Place
from reconnect_widgets.errors import AnswerError
from reconnect_widgets.records import Row
from reconnect_widgets.widgets import Action, Quote
from reconnect_widgets.workbook.markup import text
from reconnect_widgets.workbook.messages import ActionSaid
from reconnect_widgets.workbook.pages.exercise import ExercisePage
from reconnect_widgets.workbook.screen import Arrival, Screen

ASK, TABLE, CHANGE, LOOK_BACK = "ask", "table", "change", "look-back"
_TRIED, _FELT = "back-tried", "back-felt"


class RequestsPage(ExercisePage):
    """Asking, and the table on which everything asked lies between the two."""

    key = "requests"

    # -- What lies on the table ------------------------------------------------------------------

    def agreements(self) -> list[Agreement]:
        """Return every request of the couple, oldest first."""
        return list(self.gate().agreements())

    def may(self, name: str, about: str = "") -> bool:
        """Say whether this person may do this now."""
        now = self.context.now()
        return self.gate().may(name, round_=self.progress.round, about=about, now=now)

    def to_answer(self) -> Agreement | None:
        """Return the oldest request that waits for this person's word."""
        found = (one for one in self.agreements() if self.may("agreed", one.proposal_id))
        return next(found, None)

    def to_look_back(self) -> Agreement | None:
        """Return the oldest agreement at which it is time to look back."""
        found = (one for one in self.agreements() if self.may("looked-back", one.act_id))
        return next(found, None)

    def is_shown(self, step: ExerciseStep) -> bool:
        """Show the steps of answering only to who has something to answer."""
        if step.id == CHANGE:
            return self.to_answer() is not None
        if step.id == LOOK_BACK:
            return self.to_look_back() is not None
        return super().is_shown(step)

    # -- Screens ---------------------------------------------------------------------------------

    def make(self, step: ExerciseStep) -> Screen:
        """Make the steps in which something goes from one to the other."""
        screen = super().make(step)
        match step.id:
            case "ask":
                return self._make_ask(screen)
            case "table":
                return self._make_table(screen)
            case "change":
                return self._with_text(screen, self.to_answer())
            case "look-back":
                return self._with_text(screen, self.to_look_back())
        return self.with_arrival(screen)

    def arrival(self) -> Arrival | None:
        """Say on every other step that a request waits for an answer."""
        if self.to_answer() is None:
            return None
        return Arrival("see-table", TABLE, self.say("news.proposed"), self.say("table.see"))

    def _make_ask(self, screen: Screen) -> Screen:
        if self.can_share:
            if len([one for one in self.agreements() if one.asked_by == "me"]) == 0:
                return screen
            is_full = self.gate().open_requests() >= 3
            note = text("p", self.say("table.full"), "rc-note") if is_full else ""
            kept = [a for a in screen.actions if not (is_full and a.id == "propose")]
            return replace(screen, html=screen.html + note, actions=kept)
        said = "ask.solo" if self.way == "solo" else "ask.not-recorded"
        return replace(
            screen,
            html=screen.html + text("p", self.say(said), "rc-note"),
            actions=[Action("next", self.say("action.next")), self.back()],
        )

    def _make_table(self, screen: Screen) -> Screen:
        all_of_them = self.agreements()
        quotes = [self._quote(one) for one in all_of_them]
        html = "" if quotes else text("p", self.say("table.none"))
        actions = []
        if self.to_answer() is not None:
            actions = [
                Action("agree", self.say("table.agree"), "choice"),
                Action("to-change", self.say("table.change"), "choice"),
                Action("decline", self.say("table.decline"), "choice"),
            ]
            html += text("p", self.say("table.waiting-for-you"), "rc-note")
        elif self.to_look_back() is not None:
            actions = [Action("to-look-back", self.say("table.look-back"))]
        if self._to_let_go() is not None:
            actions.append(Action("let-go", self.say("table.take-back"), "quiet"))
        actions += [
            Action("to-ask", self.say("table.ask"), "quiet"),
            Action("next", self.say("action.next"), "quiet" if actions else "primary"),
            self.back(),
        ]
        return replace(screen, html=html, quotes=quotes, actions=actions)

    def _to_let_go(self) -> Agreement | None:
        """Return the latest of one's own requests that is still waiting."""
        mine = (one for one in reversed(self.agreements()) if one.proposed_by == "me")
        return next((one for one in mine if self.may("declined", one.proposal_id)), None)

    def _with_text(self, screen: Screen, one: Agreement | None) -> Screen:
        """Show above a step what it is about."""
        return replace(screen, quotes=[self._quote(one)] if one is not None else [])

    def _quote(self, one: Agreement) -> Quote:
        side = "mine" if one.asked_by == "me" else "theirs"
        is_changed = one.proposed_by != one.asked_by
        label = self.say(f"table.{side}-now" if is_changed else f"table.{side}")
        return Quote(label, one.text, self._became(one))

    def _became(self, one: Agreement) -> str:
        """Say how a request stands."""
        if one.state == "asked":
            side = "mine" if one.proposed_by == "me" else "theirs"
            return self.say(f"table.state-asked-{side}")
        if one.state == "declined":
            return self.say("table.state-declined")
        if one.my_look_back:
            theirs = one.partner_look_back
            said = [self._looked("table.back-mine", one.my_look_back)]
            said.append(
                self._looked("table.back-theirs", theirs) if theirs else self.say("table.back-wait")
            )
            return " ".join(said)
        return self.say("table.state-due" if self.may("looked-back", one.act_id)
                        else "table.state-agreed")  # fmt: skip

    def _looked(self, key: str, answers: tuple[Answer, ...]) -> str:
        said = {answer.item: answer.value for answer in answers}
        tried, felt = said.get(_TRIED, "tried"), said.get(_FELT, "3")
        return self.say(key, tried=self.say(f"tried.{tried}"), felt=self.say(f"felt.{felt}"))

    # -- What is done ----------------------------------------------------------------------------

    def act(self, step: ExerciseStep, said: ActionSaid) -> Row | None:
        """Ask, answer, change, look back; everything else moves."""
        id_ = said.event_id
        match step.id, said.action:
            case "ask", "propose":
                about = self._latest("request")
                if self.may("proposed", about):
                    self.note("proposed", about=about)
                return self.go(Place(TABLE), id_)
            case "ask", "to-table":
                return self.move(replace(said, action="next"))
            case "table", "agree" | "decline" | "let-go":
                return self._answer(said)
            case "table", "to-change" | "to-look-back" | "to-ask":
                return self.go(Place(said.action.removeprefix("to-")), id_)
            case "table", "next":
                return self.go(Place("closing"), id_)
            case "change", "send-change":
                return self._change(said)
            case "look-back", "looked-back":
                return self._look_back(said)
            case (("change" | "look-back"), "back"):
                return self.go(Place(TABLE), id_)
        return super().act(step, said)

    def _latest(self, item: str) -> str:
        """Return the id of the newest row of an item; empty when there is none."""
        rows = (
            row.event_id
            for row in reversed(self.rows)
            if row.exercise == self.key and row.item == item and row.round == self.progress.round
        )
        return next(rows, "")

    def _answer(self, said: ActionSaid) -> Row | None:
        one = self._to_let_go() if said.action == "let-go" else self.to_answer()
        name = "agreed" if said.action == "agree" else "declined"
        row = None
        if one is not None and self.may(name, one.proposal_id):
            row = self.note(name, said.event_id, about=one.proposal_id)
        self.draw()
        return row

    def _change(self, said: ActionSaid) -> Row | None:
        one, counter = self.to_answer(), self._latest("counter")
        if one is not None and counter:
            self.note("changed", about=one.proposal_id, opens=[counter])
        return self.go(Place(TABLE), said.event_id)

    def _look_back(self, said: ActionSaid) -> Row | None:
        one = self.to_look_back()
        opens = [self._latest(_TRIED), self._latest(_FELT)]
        if not all(opens):
            raise AnswerError("there is nothing to look back with yet")
        if one is not None:
            self.note("looked-back", about=one.act_id, opens=opens)
        return self.go(Place(TABLE), said.event_id)
