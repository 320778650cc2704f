"""What feels intimate to you: each chooses three and guesses three, and both look together."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from reconnect_widgets.domain.acts import Answer
from reconnect_widgets.widgets import Quote
from reconnect_widgets.workbook.markup import element, text
from reconnect_widgets.workbook.pages.reveal import RevealPage

OWN = ("own-1", "own-2", "own-3")
# What each adds to the list; the value of the choice that says so.
WORDS = tuple(f"{item}-words" for item in OWN)
ADDED = "own"
GUESSES = ("guess-1", "guess-2", "guess-3")


class IntimacyPage(RevealPage):
    """Three of one's own, three guesses, and the two lists side by side."""

    key = "intimacy"

    def shared_items(self) -> Collection[str]:
        """Return one's own three, what was added to the list, and the guesses."""
        return (*OWN, *WORDS, *GUESSES)

    def both_quotes(self) -> Sequence[Quote]:
        """Return what each added in their own words."""
        given = self.gate(reveals=self.reveals).partner_answers(self.progress.round)
        theirs = [given[item].text for item in WORDS if item in given]
        mine = [self.progress.text(item) for item in WORDS]
        return [
            Quote(self.say(key), words)
            for key, texts in (("both.own-words", mine), ("both.their-words", theirs))
            for words in texts
            if words
        ]

    def both_html(self) -> str:
        """Return both lists, and how close the guesses came."""
        gate, round_ = self.gate(reveals=self.reveals), self.progress.round
        guesses = gate.guesses(round_, items=OWN, guess_items=GUESSES)
        if guesses is None:
            return ""
        theirs: dict[str, Answer] = dict(gate.partner_answers(round_))
        mine_values = [self.progress.value(item) for item in OWN]
        their_values = [theirs[item].value if item in theirs else "" for item in OWN]
        hits = [("both.my-hits", guesses.mine, guesses.my_hits),
                ("both.their-hits", guesses.theirs, guesses.their_hits)]  # fmt: skip
        said = [text("p", self.say(key, n=len(hit))) for key, guessed, hit in hits if guessed]
        return (
            text("h3", self.say("both.mine"))
            + self._list(mine_values, "both.own")
            + text("h3", self.say("both.theirs"))
            + self._list(their_values, "both.own-theirs")
            + "".join(said)
            + text("p", self.say("both.ask"), "rc-note")
        )

    def _list(self, values: Sequence[str], added: str) -> str:
        """Return the chosen ones in words; the same one twice stands there once."""
        field = self.pack.field(OWN[0])
        labels = {str(o.value): o.label for o in field.options} if field else {}
        labels[ADDED] = self.say(added)
        chosen = [labels[value] for value in dict.fromkeys(values) if value in labels]
        if not chosen:
            return text("p", self.say("both.nothing"))
        return element("ol", *(text("li", label) for label in chosen), cls="rc-reveal")
