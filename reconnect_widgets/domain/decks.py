"""A deck of cards in sets: which card lies open, which come next.

The order is drawn once, from a seed, within each set; the sets follow one another. What happened
to a card is a mark on it, so a deck is found again from the record alone.

Marks: ``drawn`` (it lies open), ``answered``, ``skipped`` (it does not come again), ``put-back``
(it comes again at the end of its set).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from reconnect_widgets.domain.checkup import order_items

Mark = Literal["drawn", "answered", "skipped", "put-back"]


@dataclass(frozen=True)
class DeckState:
    """A deck on the table.

    Attributes
    ----------
    open_card
        The card that lies open, or None.
    ahead
        What is still to come, set by set, in order.
    answered, skipped
        In the order in which it happened.
    """

    open_card: str | None
    ahead: tuple[tuple[str, ...], ...]
    answered: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()

    @property
    def next_card(self) -> str | None:
        """The card that is drawn next; None when there is none left."""
        return next((cards[0] for cards in self.ahead if cards), None)

    @property
    def set_at(self) -> int:
        """The number of the set that the next card is in; the number of sets when none is left."""
        return next((n for n, cards in enumerate(self.ahead) if cards), len(self.ahead))


def order_cards(sets: Sequence[Sequence[str]], seed: str) -> tuple[tuple[str, ...], ...]:
    """Shuffle each set; the same seed always gives the same order."""
    return tuple(order_items(cards, seed) for cards in sets)


def lay_out(
    order: Sequence[Sequence[str]], marks: Iterable[tuple[str, str]], *, from_set: int = 0
) -> DeckState:
    """Return the deck after these marks, oldest first.

    Parameters
    ----------
    order
        Cards, set by set.
    marks
        (card, mark) pairs; of cards and marks that this deck does not know, none counts.
    from_set
        Sets before this one are passed over: somebody wished to go on to a later one.
    """
    home = {card: number for number, cards in enumerate(order) for card in cards}
    ahead = [list(cards) for cards in order]
    is_open: str | None = None
    answered: list[str] = []
    skipped: list[str] = []
    for card, mark in marks:
        if card not in home:
            continue
        queue = ahead[home[card]]
        for cards in (queue, answered, skipped):
            if card in cards:
                cards.remove(card)
        if is_open == card:
            is_open = None
        match mark:
            case "drawn":
                if is_open is not None:  # two phones drew at once: the later one lies on top
                    ahead[home[is_open]].insert(0, is_open)
                is_open = card
            case "answered":
                answered.append(card)
            case "skipped":
                skipped.append(card)
            case _:
                queue.append(card)
    for number in range(min(from_set, len(ahead))):
        ahead[number] = []
    return DeckState(
        is_open, tuple(tuple(cards) for cards in ahead), tuple(answered), tuple(skipped)
    )
