"""A log of days on a page: read from the record, laid out, and written for today."""

from __future__ import annotations

from collections.abc import Callable

from reconnect_widgets.domain.daily import Day, Log, build_log
from reconnect_widgets.records import Row
from reconnect_widgets.workbook.days import DATE_SUFFIX, read_days
from reconnect_widgets.workbook.markup import element, text
from reconnect_widgets.workbook.pages.exercise import ExercisePage

# A log goes over all rounds of an exercise; its days are rows of the first one.
LOG_ROUND = 1


def read_log(page: ExercisePage, length: int, round_: int = LOG_ROUND) -> Log:
    """Return the days of this person's log."""
    entries = read_days(page.rows, page.key, round_)
    return build_log(entries, length=length, today=page.today)


def keep_today(
    page: ExercisePage, length: int, value: str, event_id: str = "", round_: int = LOG_ROUND
) -> Row | None:
    """Record what is said of today; None when the days are over.

    The date comes first: a day without its date is passed over when the log is read, so a crash
    between the two leaves a log that is only shorter.
    """
    number = read_log(page, length, round_).today
    if number is None:
        return None
    page.keep(f"day-{number}{DATE_SUFFIX}", value=page.today.isoformat(), round_=round_)
    return page.keep(f"day-{number}", value=value, event_id=event_id, round_=round_)


def show_log(page: ExercisePage, log: Log, words: Callable[[Day], str]) -> str:
    """Return the log as HTML: one line for each day, with what `words` says of it."""
    lines = []
    for day in log.days:
        looks = ["open" if day.when == "ahead" else "done" if day.value == "done" else "not"]
        if day.value == "" and day.when != "ahead":
            looks = ["open"]
        if day.when == "today":
            looks.append("today")
        classes = " ".join(f"rc-days__{look}" for look in looks)
        name = page.say("log.today") if day.when == "today" else page.say("log.day", n=day.number)
        lines.append(
            element(
                "li",
                text("span", name, "rc-days__date"),
                text("span", words(day), "rc-days__words"),
                cls=classes,
            )
        )
    return element("ol", *lines, cls="rc-days")
