"""What the two of a talk see of it, each on their own screen; and a listener among three.

What belongs here: how a talk stands, as words, a text to write, a soft clock and what can be done.
What does not: doing it (`repair`).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from reconnect_widgets import widgets
from reconnect_widgets.content import ExerciseStep
from reconnect_widgets.domain.clock import ClockAct, read_clock
from reconnect_widgets.domain.repair import MOVES, Offer, Talk
from reconnect_widgets.widgets import Action
from reconnect_widgets.workbook.markup import element, text
from reconnect_widgets.workbook.screen import Screen
from reconnect_widgets.workbook.steps import clock

if TYPE_CHECKING:
    from reconnect_widgets.widgets.worksheet import Field
    from reconnect_widgets.workbook.pages.repair import RepairPage

MOMENT = "moment"
# Where the listener writes; each move has a text of its own.
REPLIES = {move: f"reply-{number}" for number, move in enumerate(MOVES, 1)}


def make_how(page: RepairPage, screen: Screen) -> Screen:
    """Return the ways of doing it that are open to this person."""
    names = ["alone", "three"]
    note = ""
    if page.can_share:
        names.insert(0, "two")
    elif page.context.dyad_id and not page.context.is_recorded:
        note = text("p", page.say("how.not-recorded"), "rc-note")
    offered = [Action(f"how-{name}", page.say(f"how.{name}"), "choice") for name in names]
    return replace(screen, html=screen.html + note, actions=[*offered, page.back()])


def make_talk(page: RepairPage, step: ExerciseStep, talk: Talk) -> Screen:
    """Return the talk as this person sees it now."""
    if not page.can_share:
        return Screen(
            heading=step.heading,
            html=text("p", page.say("talk.not-possible")),
            actions=[Action("next", page.say("action.next")), page.back()],
        )
    if talk.offer is not None:
        return _make_offer(page, talk.offer)
    if talk.stage == "talking":
        return _make_turn(page, step, talk)
    # What was in an earlier round is over: this one begins with the roles.
    if page.halves_of_round():
        return _make_after(page, talk)
    return _make_roles(page, step)


# -- Who is who ----------------------------------------------------------------------------------


def _make_roles(page: RepairPage, step: ExerciseStep) -> Screen:
    return Screen(
        heading=step.heading,
        spot="open",
        html=step.html,
        actions=[
            Action("speak", page.say("roles.speak"), "choice"),
            Action("listen", page.say("roles.listen"), "choice"),
            page.back(),
        ],
    )


def _make_offer(page: RepairPage, offer: Offer) -> Screen:
    """Show an offer: to who made it, that it waits; to the other, what it asks."""
    say = page.say
    if offer.by == "partner":
        return Screen(
            heading=say(f"offer.{offer.role}"),
            spot=f"asked-{offer.role}",
            html=text("p", say(f"offer.{offer.role}-about")),
            actions=[
                Action("take", say(f"offer.take-{offer.role}"), "choice"),
                Action("let-go", say("offer.decline"), "choice"),
                page.back(),
            ],
        )
    hand_over = text("p", say("offer.hand-over"), "rc-note") if page.is_one_phone else ""
    is_speaker = offer.role == "speaker"
    waits = text("p", say(f"offer.waits-{offer.role}"))
    return Screen(
        heading=say("offer.waiting"),
        spot=f"waiting-{offer.role}",
        html=waits + hand_over + (text("p", say("turn.find")) if is_speaker else ""),
        fields=_fields(page, MOMENT) if is_speaker else (),
        privacy="only-on-your-screen" if is_speaker else None,
        actions=[Action("let-go", say("offer.take-back"), "quiet"), page.back()],
    )


# -- Turns ---------------------------------------------------------------------------------------


def _make_turn(page: RepairPage, step: ExerciseStep, talk: Talk) -> Screen:
    is_speaker = talk.role_of("me") == "speaker"
    is_mine = talk.floor == "me"
    if talk.move and (is_mine or page.is_one_phone):
        screen = _make_move(page, talk.move)
        if not is_mine:  # the speaker holds the one phone
            screen = replace(screen, fields=(), after_html="", privacy=None)
    elif is_speaker and is_mine:
        screen = _make_speaking(page, talk)
    elif is_speaker:
        screen = Screen(
            heading=page.say("turn.they-answer"),
            html=text("p", page.say("turn.they-answer-about")),
        )
    else:
        screen = _make_hearing(page, talk)
    stop = Action("stop", page.say("turn.stop"), "quiet")
    return replace(
        screen,
        spot=f"{talk.half}-{talk.turn}-{talk.role_of('me')}",
        clock=_show_clock(page, step, talk),
        actions=[*screen.actions, stop, page.back()],
    )


def _make_speaking(page: RepairPage, talk: Talk) -> Screen:
    """Return the speaker's own turn: at first with help to find one moment and one feeling."""
    say, is_first = page.say, talk.turn == 0
    hand_over = page.is_one_phone and is_first
    return Screen(
        heading=say(f"turn.speak-{talk.turn}"),
        html=text("p", say(f"turn.speak-{talk.turn}-about"))
        + (text("p", say("turn.keep-aloud"), "rc-small") if is_first else "")
        + (text("p", say("turn.hand-over"), "rc-note") if hand_over else ""),
        fields=_fields(page, MOMENT) if is_first else (),
        privacy="only-on-your-screen" if is_first else None,
        actions=[Action("pass", say("turn.pass"))],
    )


def _make_hearing(page: RepairPage, talk: Talk) -> Screen:
    """Return the listener's screen while the other speaks: their own version waits."""
    say = page.say
    they_spoke = [Action("pass", say("turn.they-spoke"))] if page.is_one_phone else []
    return Screen(
        heading=say("turn.hear"),
        html=text("p", say(f"turn.hear-{talk.turn}"), "rc-lead")
        + text("p", say("turn.version-waits"), "rc-note"),
        actions=they_spoke,
    )


def make_listen(page: RepairPage, step: ExerciseStep, move: str) -> Screen:
    """Return what a listener among three has before them: hearing, or one of the moves."""
    if not move:
        return Screen(
            heading=step.heading,
            html=step.html + text("p", page.say("turn.version-waits"), "rc-note"),
            actions=[Action("next", page.say("action.next")), page.back()],
        )
    screen = _make_move(page, move)
    return replace(screen, spot=move, actions=[*screen.actions, page.back()])


def make_tell_back(page: RepairPage, screen: Screen) -> Screen:
    """Return the observer's last screen, with what they tapped: for them alone, to speak from."""
    seen = [
        (field.label, said.count)
        for field in page.pack.step("observe").fields
        if (said := page.progress.given.get(field.key)) is not None and said.count
    ]
    if not seen:
        return screen
    lines = [text("li", page.say("tell-back.count", what=label, n=n)) for label, n in seen]
    heard = text("p", page.say("tell-back.seen")) + element("ul", *lines)
    return replace(screen, html=screen.html + heard)


def _make_move(page: RepairPage, move: str) -> Screen:
    """Return the move of the moment, with a place to try it in one's own words."""
    say = page.say
    number = MOVES.index(move) + 1
    return Screen(
        heading=say(f"move.{move}"),
        html=text("p", say("turn.move-of", n=number, all=len(MOVES)), "rc-kicker")
        + text("p", say(f"move.{move}.about")),
        fields=_fields(page, REPLIES[move]),
        # The mark says what becomes of the numbers, the sentence above it what of the words.
        privacy="recorded-under-your-code",
        after_html=text("p", say("turn.recorded"), "rc-small") if page.context.is_recorded else "",
        actions=[
            Action("said", say("turn.said")),
            Action("left-out", say("turn.left-out"), "quiet"),
        ],
    )


def _fields(page: RepairPage, key: str) -> list[Field]:
    field = page.field(key)
    return [page.build(field)] if field is not None else []


def _show_clock(page: RepairPage, step: ExerciseStep, talk: Talk) -> widgets.Clock | None:
    """Return a soft clock for the turn: it began with the turn, it ends nothing, it is silent."""
    began: datetime | None = talk.turn_since
    if began is None:
        return None
    # Finding words for what hurt takes longer than answering.
    minutes = (step.minutes or 1) * (2 if talk.turn == 0 else 1)
    stands = read_clock([ClockAct(began, "started", minutes * 60.0)], page.context.now())
    shown = clock.show(page, step, stands)
    words = page.say("turn.time-over")
    label = page.say("turn.time")
    return replace(shown, label=label, is_soft=True, has_sound=False, done_words=words)


# -- Between the halves, and after ---------------------------------------------------------------


def _make_after(page: RepairPage, talk: Talk) -> Screen:
    say = page.say
    ended = "stopped" if talk.was_stopped else "whole"
    onward = Action("next", say("after.enough"), "quiet")
    if talk.stage == "over":
        heading = say("after.between-stopped-heading" if talk.was_stopped else "after.over")
        return Screen(
            heading=heading,
            spot="over",
            html=text("p", say(f"after.over-{ended}")) + _hand_over(page),
            actions=[Action("next", say("action.next")), page.back()],
        )
    is_waiting = "me" in talk.ready_to_swap
    parts = [text("p", say(f"after.between-{ended}"))]
    if is_waiting:
        parts.append(text("p", say("after.swap-waits"), "rc-note"))
    else:
        was_speaker = talk.halves[-1].speaker == "me"
        parts.append(text("p", say("after.swap-listen" if was_speaker else "after.swap-speak")))
    news = say("after.partner-ready") if "partner" in talk.ready_to_swap else ""
    swap = [] if is_waiting else [Action("swap", say("after.swap"))]
    return Screen(
        heading=say(f"after.between-{ended}-heading"),
        spot="between-ready" if is_waiting else "between",
        news=news,
        html=element("div", *parts),
        actions=[*swap, onward, page.back()],
    )


def _hand_over(page: RepairPage) -> str:
    return text("p", page.say("after.hand-over"), "rc-note") if page.is_one_phone else ""
