"""The safety page: what to read when this is not the right place. Asks nothing, notes nothing."""

from __future__ import annotations

from itertools import groupby

from reconnect_widgets.content import (
    HelpLine,
    Sentences,
    Step,
    load_help_lines,
    load_passages,
)
from reconnect_widgets.workbook.markup import element, link, text
from reconnect_widgets.workbook.pages.presenter import Presenter

HELP_LINES_STEP = "help-lines"


class SafetyPage(Presenter):
    """One long passage, so that nothing has to be pressed to reach a number."""

    key = "safety"

    def draw(self) -> None:
        """Show every step, one under the other."""
        first, *others = load_passages(self.key).steps
        rest = [text("h2", step.heading) + step.html + self._after(step) for step in others]
        self.show_step("safety/all", first, html=self._after(first) + "".join(rest))

    def refresh(self) -> None:
        """Look at nothing: whatever is new elsewhere, this page stays as it is."""

    def _after(self, step: Step) -> str:
        return show_help_lines(self.page_words) if step.id == HELP_LINES_STEP else ""


def show_help_lines(words: Sentences) -> str:
    """Return the table of help lines, by country, as HTML."""
    lines = load_help_lines().lines
    return "".join(
        text("h3", country)
        + element("dl", *(_show_line(line, words) for line in group), cls="rc-help")
        for country, group in groupby(lines, key=lambda line: line.country)
    )


def _show_line(line: HelpLine, words: Sentences) -> str:
    checked = words.text("help.checked", date=line.checked_on.isoformat())
    facts = (line.text, line.for_whom, line.hours, line.run_by, checked)
    return element(
        "div",
        text("dt", line.name),
        element("dd", link(line.number, line.tel_href), cls="rc-help__number"),
        text("dd", " · ".join(fact.rstrip(".") for fact in facts if fact)),
    )
