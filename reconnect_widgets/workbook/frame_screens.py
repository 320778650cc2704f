"""The screens that stand around every exercise: its first one, its last one, consent missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconnect_widgets.widgets import Action
from reconnect_widgets.workbook.markup import element, sentences, text
from reconnect_widgets.workbook.screen import Screen

if TYPE_CHECKING:
    from reconnect_widgets.workbook.pages.exercise import ExercisePage

ONE_SMALL_THING = "one-small-thing"


def make_consent_missing(page: ExercisePage) -> Screen:
    """Return the screen that leads to the choice that has to be made first."""
    say = page.page_words.text
    return Screen(
        heading=say("consent-missing.heading"),
        html=text("p", say("consent-missing.body")),
        actions=[Action("to-welcome", say("consent-missing.action"), href="/w/welcome")],
    )


def make_intro(page: ExercisePage) -> Screen:
    """Return title, length, ways, and why, with what that rests on."""
    say, pack = page.page_words.text, page.pack
    length = say("intro.minute" if pack.minutes == 1 else "intro.minutes", n=pack.minutes)
    facts = f"{length} {say('intro.ways-' + '-'.join(pack.ways))}"
    source = text("p", pack.source, "rc-small") if pack.source else ""
    return Screen(
        heading=pack.title,
        html=text("p", facts, "rc-kicker") + pack.why_html + source,
        actions=[Action("begin", say("action.begin"))],
    )


def make_closing(page: ExercisePage) -> Screen:
    """Return one small thing for the week, and what can come next."""
    say, thing = page.page_words.text, page.pack.small_thing
    is_carried = any(row.event == "carried" and row.exercise == page.key for row in page.rows)
    parts = [page.closing_html()]
    actions = [Action("contents", say("closing.contents"), href="/w/")]
    if thing:
        parts += [text("h3", say("closing.this-week")), text("p", thing, "rc-note")]
    if thing and is_carried:
        parts.append(sentences([say("closing.carried")]))
        label, href = say("closing.to-one-small-thing"), f"/w/{ONE_SMALL_THING}"
        actions.append(Action("to-one-small-thing", label, "quiet", href=href))
    elif thing:
        actions.append(Action("carry", say("closing.carry"), "quiet"))
    actions += [Action("again", say("closing.again"), "quiet"), page.back()]
    return Screen(heading=say("closing.heading"), html=element("div", *parts), actions=actions)
