"""Beginning on your own: what one gives for a while, until a day on which one looks again."""

from __future__ import annotations

from reconnect_widgets.workbook.days import read_date, say_day
from reconnect_widgets.workbook.pages.exercise import ExercisePage
from reconnect_widgets.workbook.screen import Arrival

LOOK_AGAIN = "look-again"


class OneSidedPage(ExercisePage):
    """Says, from the chosen day on, that it has come."""

    key = "one-sided"
    is_dated = True

    def arrival(self) -> Arrival | None:
        """Return that the day has come, if it has."""
        day = read_date(self.progress.value(LOOK_AGAIN))
        if day is None or day > self.today or self.is_over:
            return None
        return Arrival(
            action="look-again",
            step="how-it-is",
            news=self.say("look.news", date=say_day(day)),
            label=self.say("look.see"),
        )
