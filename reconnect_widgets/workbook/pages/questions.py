"""Questions worth asking: one deck on the table between the two of a couple.

A couple's deck is one deck: the cards lie in one order for both, and whoever turns a card turns it
for both. So what became of a card is the one thing of the partner's that is read here without
either having released anything: it lay open between them.
"""

from __future__ import annotations

from reconnect_widgets.domain.decks import DeckState
from reconnect_widgets.records import Row
from reconnect_widgets.workbook.markup import text
from reconnect_widgets.workbook.pages.exercise import ExercisePage


class QuestionsPage(ExercisePage):
    """Thirty-six questions, answered aloud."""

    key = "questions"

    def deck_rows(self) -> tuple[Row, ...]:
        """Return what became of the cards on both phones, oldest first."""
        if not self.context.dyad_id:
            return super().deck_rows()
        cards = {card.key for deck in self.pack.decks.values() for card in deck.cards}
        theirs = (
            row
            for row in self.context.partner_rows()
            if row.exercise == self.key and (row.item in cards or row.event == "set-opened")
        )
        return tuple(sorted((*self.rows, *theirs), key=lambda row: row.order))

    def card_turned(self) -> None:
        """Tell the partner's phone to look at the table."""
        if self.can_share:
            self.note("card-turned")

    def card_note(self, state: DeckState) -> str:
        """Say who answers first: it changes from card to card."""
        if self.way == "solo":
            return ""
        dealt = len(state.answered) + len(state.skipped)
        is_mine = (dealt % 2 == 0) == (self._slot() != "B")
        return text("p", self.say("first.me" if is_mine else "first.partner"), "rc-note")

    def _slot(self) -> str:
        """Return this person's seat; of who sits in none, nothing."""
        slot = ""
        for row in self.rows:
            if row.kind == "person" and row.event in ("joined", "moved"):
                slot = str(row.private_detail.get("partner_slot") or "")
        return slot
