"""Four widgets: a page, and what it can show. They know words and values, never records."""

from reconnect_widgets.widgets.control import Control
from reconnect_widgets.widgets.page import Page
from reconnect_widgets.widgets.passage import Action, Passage, Privacy
from reconnect_widgets.widgets.question_sheet import (
    Option,
    Question,
    QuestionSheet,
    Sheet,
    Shown,
)
from reconnect_widgets.widgets.worksheet import (
    Choice,
    ChoiceOption,
    Clock,
    CoachNote,
    DateInput,
    Field,
    Lines,
    Quote,
    Tally,
    Worksheet,
    Writer,
)

__all__ = [
    "Action",
    "Choice",
    "ChoiceOption",
    "Clock",
    "CoachNote",
    "Control",
    "DateInput",
    "Field",
    "Lines",
    "Option",
    "Page",
    "Passage",
    "Privacy",
    "Question",
    "QuestionSheet",
    "Quote",
    "Sheet",
    "Shown",
    "Tally",
    "Worksheet",
    "Writer",
]
