"""Three widgets: a page, and what it can show. They know words and values, never records."""

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

__all__ = [
    "Action",
    "Control",
    "Option",
    "Page",
    "Passage",
    "Privacy",
    "Question",
    "QuestionSheet",
    "Sheet",
    "Shown",
]
