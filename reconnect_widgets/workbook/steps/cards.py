"""A step of cards: draw one, answer it, pass it over, or put it back.

Nothing is typed. A card's row says what became of it: value ``drawn``, ``answered`` or
``put-back``, or the status ``skipped``. Going on to a later set is noted as an event.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from reconnect_widgets import widgets
from reconnect_widgets.content import Card, Deck, ExerciseStep
from reconnect_widgets.domain.decks import DeckState, lay_out, order_cards
from reconnect_widgets.errors import AnswerError
from reconnect_widgets.records import Row
from reconnect_widgets.records.acts import CLOCK_PREFIX, read_detail
from reconnect_widgets.widgets import Action
from reconnect_widgets.workbook.markup import element, text
from reconnect_widgets.workbook.messages import ActionSaid
from reconnect_widgets.workbook.screen import Screen
from reconnect_widgets.workbook.steps import clock

if TYPE_CHECKING:
    from reconnect_widgets.workbook.pages.exercise import ExercisePage

SET_OPENED = "set-opened"
_MARKS = {"answered": "answered", "put-back": "put-back"}


def values_of(page: ExercisePage, item: str) -> frozenset[str] | None:
    """Return None: cards are not answered like fields, their actions are."""
    return None


def deck_of(page: ExercisePage, step: ExerciseStep) -> Deck:
    """Return the step's deck."""
    return page.pack.decks[step.deck or ""]


def lay_deck(page: ExercisePage, step: ExerciseStep) -> DeckState:
    """Return the deck as it lies before this person, or before this couple."""
    deck = deck_of(page, step)
    keys = {card.key for card in deck.cards}
    rows = [row for row in page.deck_rows() if row.exercise == page.key]
    marks = [
        (row.item, "skipped" if row.status == "skipped" else row.value)
        for row in rows
        if row.kind == "answer" and row.round == page.progress.round and row.item in keys
    ]
    opened = (read_detail(row) for row in rows if row.event == SET_OPENED)
    sets = [each.key for each in deck.sets]
    from_set = max(
        (
            sets.index(str(detail["set"]))
            for detail in opened
            if detail.get("round") == page.progress.round and detail.get("set") in sets
        ),
        default=0,
    )
    seed = page.context.dyad_id or page.context.participant_id
    order = order_cards([[card.key for card in each.cards] for each in deck.sets],
                        f"{seed}/{page.key}/{page.progress.round}")  # fmt: skip
    return lay_out(order, marks, from_set=from_set)


def make(page: ExercisePage, step: ExerciseStep) -> Screen:
    """Return the open card, or the deck that waits to be drawn from."""
    deck, state = deck_of(page, step), lay_deck(page, step)
    cards = {card.key: card for card in deck.cards}
    say = page.say
    count = say("cards.count", done=len(state.answered), all=len(cards))
    if state.open_card is not None:
        return Screen(
            heading=step.heading,
            spot=state.open_card,
            html=_show_card(cards[state.open_card])
            + page.card_note(state)
            + text("p", count, "rc-small"),
            clock=_soft_clock(page, step),
            privacy=step.privacy,
            actions=[
                Action("answered", say(f"cards.answered-{page.way}")),
                Action("skip", say("cards.skip"), "quiet"),
                Action("put-back", say("cards.put-back"), "quiet"),
                Action("next", say("cards.enough"), "quiet"),
            ],
        )
    actions = [page.back()]
    about = ""
    if state.next_card is not None:
        at = deck.sets[state.set_at]
        about = text("h3", at.title) + (text("p", at.about) if at.about else "")
        actions.insert(0, Action("draw", say("cards.draw")))
        if state.set_at + 1 < len(deck.sets):
            actions.insert(1, Action("deeper", say("cards.next-set"), "quiet"))
    done = text("p", say("cards.none-left")) if state.next_card is None else ""
    if step.minutes and clock.clock_of(page, step).state == "ready" and not done:
        actions.insert(-1, Action("clock-start", say("cards.soft-clock"), "quiet"))
    kind = "primary" if state.next_card is None else "quiet"
    actions.insert(-1, Action("next", say("cards.enough" if not done else "action.next"), kind))  # type: ignore[arg-type]
    return Screen(
        heading=step.heading,
        spot=f"deck-{len(state.answered)}-{len(state.skipped)}-{state.set_at}",
        html=step.html + about + done + text("p", count, "rc-small"),
        clock=_soft_clock(page, step),
        privacy=step.privacy,
        actions=actions,
    )


def act(page: ExercisePage, step: ExerciseStep, said: ActionSaid) -> Row | None:
    """Mark the open card, draw the next one, or go on to the next set."""
    if said.action.startswith(CLOCK_PREFIX):
        return clock.act(page, step, said)
    state = lay_deck(page, step)
    match said.action:
        case "draw" if state.next_card is not None:
            row = page.keep(state.next_card, value="drawn", event_id=said.event_id)
        case "skip" if state.open_card is not None:
            row = page.keep(state.open_card, "skipped", event_id=said.event_id)
        case "answered" | "put-back" if state.open_card is not None:
            row = page.keep(state.open_card, value=_MARKS[said.action], event_id=said.event_id)
        case "deeper" if state.set_at + 1 < len(deck_of(page, step).sets):
            onward = deck_of(page, step).sets[state.set_at + 1]
            row = page.note(SET_OPENED, said.event_id, set=onward.key)
        case "next" | "back":
            return page.move(said)
        case _:
            raise AnswerError("the deck does not lie so any more")
    page.card_turned()
    page.draw()
    return row


def _soft_clock(page: ExercisePage, step: ExerciseStep) -> widgets.Clock | None:
    """Return a clock that only tells the time: it ends nothing, and makes no sound."""
    if not step.minutes or clock.clock_of(page, step).state == "ready":
        return None
    shown = clock.show(page, step, clock.clock_of(page, step))
    return replace(shown, is_soft=True, has_sound=False)


def _show_card(card: Card) -> str:
    more = text("p", card.more, "rc-card__more") if card.more else ""
    return element("div", text("p", card.text, "rc-card__text"), more, cls="rc-card")
