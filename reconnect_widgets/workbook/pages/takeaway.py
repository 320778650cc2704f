"""My page to keep: what a person did, gathered from their own record, on a page that prints.

Nothing of it is recorded once more. What a person typed stands in quotes, which the browser sets as
plain text; the return code is not known here at all (decision 0123: the web server adds it).
"""

from __future__ import annotations

from dataclasses import replace

from reconnect_widgets.content import (
    ExerciseStep,
    load_exercise,
    load_instrument,
    load_sentences,
)
from reconnect_widgets.domain.daily import SMALL_THING_DAYS, build_log
from reconnect_widgets.domain.exercise import Progress
from reconnect_widgets.records import current_answers
from reconnect_widgets.records.acts import read_act
from reconnect_widgets.widgets import Action, Quote
from reconnect_widgets.workbook.acts import open_gate
from reconnect_widgets.workbook.checkup_place import EXERCISE as CHECKUP
from reconnect_widgets.workbook.checkup_place import given_by_round, shown_steps
from reconnect_widgets.workbook.checkup_views import show_snapshot
from reconnect_widgets.workbook.days import local_date, read_days, say_day
from reconnect_widgets.workbook.exercise_place import read_progress
from reconnect_widgets.workbook.markup import element, text
from reconnect_widgets.workbook.pages.exercise import ExercisePage
from reconnect_widgets.workbook.screen import Screen

PAGE = "page"
APPRECIATION, REQUESTS, SMALL_THING = "appreciation", "requests", "one-small-thing"
GRATITUDE, SMALL_MOMENTS = "gratitude", "small-moments"


class TakeawayPage(ExercisePage):
    """Gathers; changes nothing."""

    key = "takeaway"
    is_dated = True

    def make(self, step: ExerciseStep) -> Screen:
        """Make the page."""
        screen = super().make(step)
        if step.id != PAGE:
            return screen
        picture, quotes, counts = self._picture(), self._quotes(), self._counts()
        is_empty = not (picture or quotes or counts)
        return replace(
            screen,
            html=element("div", self._head(is_empty=is_empty), picture, cls="rc-takeaway"),
            quotes=quotes,
            after_html=element("div", counts, self._good_to_know()),
            actions=[
                Action("print", self.say("print")),
                Action("next", self.say("action.next"), "quiet"),
                self.back(),
            ],
        )

    # -- What there is ---------------------------------------------------------------------------

    def _head(self, *, is_empty: bool) -> str:
        """Return the date, and what has to be said of it all."""
        today = local_date(self.context.now(), self.context.zone)
        parts = [text("p", self.say("page.date", date=say_day(today)), "rc-kicker")]
        if not self.context.is_recorded:
            parts.append(text("p", self.say("page.not-recorded"), "rc-note"))
        if is_empty:
            parts.append(text("p", self.say("page.nothing")))
        return "".join(parts)

    def _picture(self) -> str:
        """Return the newest picture of the checkup that was looked at."""
        rows = [row for row in self.rows if row.exercise == CHECKUP]
        seen = [round_ for round_, screen in shown_steps(rows) if screen == "snapshot"]
        given = given_by_round(rows).get(max(seen, default=0))
        if given is None:
            return ""
        picture = show_snapshot(load_instrument(CHECKUP), load_sentences(CHECKUP), given)
        return text("h3", self.say("checkup.heading")) + picture

    def _quotes(self) -> list[Quote]:
        return [*self._lines(), *self._agreements(), *self._small_thing()]

    def _lines(self) -> list[Quote]:
        """Return the lines that were kept, as they were when they were kept."""
        texts = {row.event_id: row.text for row in self.rows if row.text}
        kept = (read_act(row) for row in self.rows
                if row.event == "kept" and row.exercise == APPRECIATION)  # fmt: skip
        found = dict.fromkeys(texts[act.about] for act in kept if act.about in texts)
        return self._list("line.label", list(found))

    def _agreements(self) -> list[Quote]:
        """Return what stands between the two: both names are to the same text."""
        agreements = open_gate(self.context, REQUESTS).agreements()
        standing = [one.text for one in agreements if one.state == "agreed"]
        return self._list("agreement.label", standing)

    def _list(self, label: str, texts: list[str]) -> list[Quote]:
        """Return quotes under one label; the first has it."""
        return [Quote("" if n else self.say(label), words) for n, words in enumerate(texts)]

    def _small_thing(self) -> list[Quote]:
        """Return the thing chosen last, how many of its days were entered, and what came of it."""
        progress = read_progress(self.rows, SMALL_THING)
        thing = progress.text("thing")
        if not thing:
            return []
        quotes = [Quote(self.say("thing.label"), thing, self._days(progress))]
        learned = progress.text("learned")
        return [*quotes, Quote(self.say("learned.label"), learned)] if learned else quotes

    def _days(self, progress: Progress) -> str:
        today = local_date(self.context.now(), self.context.zone)
        entries = read_days(self.rows, SMALL_THING, progress.round)
        return self._count("thing.days", build_log(entries, length=SMALL_THING_DAYS,
                                                   today=today).filled)  # fmt: skip

    def _counts(self) -> str:
        """Return how much was counted; nothing that was not."""
        counted = {
            "counts.reasons": self._sum(GRATITUDE, "list"),
            "counts.moments": self._sum(SMALL_MOMENTS, "tally"),
        }
        items = [text("li", self._count(key, n)) for key, n in counted.items() if n]
        if not items:
            return ""
        return text("h3", self.say("counts.heading")) + element("ul", *items)

    def _sum(self, exercise: str, kind: str) -> int:
        """Add up what the fields of this kind hold, over all rounds."""
        steps = load_exercise(exercise).steps
        items = {field.key for step in steps for field in step.fields if field.kind == kind}
        rows = (row for row in self.rows if row.exercise == exercise)
        held = current_answers(rows).items()
        return sum(int(row.value) for (_, _, _, item), row in held
                   if item in items and row.value.isdecimal())  # fmt: skip

    def _count(self, key: str, n: int) -> str:
        ending = {0: "none", 1: "one"}.get(n, "many")
        return self.say(f"{key}-{ending}", n=n)

    def _good_to_know(self) -> str:
        said = ("after.back", "after.withdraw", "after.safety", "after.kept")
        items = [text("li", self.say(key)) for key in said]
        return text("h3", self.say("after.heading")) + element("ul", *items, cls="rc-small")
