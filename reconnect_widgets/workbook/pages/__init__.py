"""One presenter for each exercise: the only place where widgets meet records."""

from collections.abc import Mapping

from reconnect_widgets.content import load_contents, load_own_packs
from reconnect_widgets.workbook.context import Context
from reconnect_widgets.workbook.pages.appreciation import AppreciationPage
from reconnect_widgets.workbook.pages.checkup import CheckupPage
from reconnect_widgets.workbook.pages.exercise import ExercisePage
from reconnect_widgets.workbook.pages.intimacy import IntimacyPage
from reconnect_widgets.workbook.pages.one_sided import OneSidedPage
from reconnect_widgets.workbook.pages.one_small_thing import OneSmallThingPage
from reconnect_widgets.workbook.pages.presence import PresencePage
from reconnect_widgets.workbook.pages.presenter import Presenter
from reconnect_widgets.workbook.pages.questionnaire import QuestionnairePage
from reconnect_widgets.workbook.pages.questions import QuestionsPage
from reconnect_widgets.workbook.pages.repair import RepairPage
from reconnect_widgets.workbook.pages.requests import RequestsPage
from reconnect_widgets.workbook.pages.safety import SafetyPage
from reconnect_widgets.workbook.pages.small_moments import SmallMomentsPage
from reconnect_widgets.workbook.pages.takeaway import TakeawayPage
from reconnect_widgets.workbook.pages.touch import TouchPage
from reconnect_widgets.workbook.pages.welcome import WelcomePage

# Exercises with code of their own. Every other is its pack alone.
OWN_PAGES: Mapping[str, type[Presenter]] = {
    page.key: page
    for page in (
        WelcomePage,
        CheckupPage,
        PresencePage,
        QuestionsPage,
        AppreciationPage,
        TouchPage,
        RepairPage,
        RequestsPage,
        OneSidedPage,
        IntimacyPage,
        SmallMomentsPage,
        OneSmallThingPage,
        SafetyPage,
        TakeawayPage,
    )
}


def page_keys() -> tuple[str, ...]:
    """Return the keys of all exercises, in the order in which they are offered."""
    return load_contents().order


def make_page(key: str, context: Context) -> Presenter:
    """Return the page of an exercise for one person; KeyError if there is no such exercise."""
    if key in OWN_PAGES:
        return OWN_PAGES[key](context)
    if key not in page_keys():
        raise KeyError(key)
    page = QuestionnairePage if key in load_own_packs().instruments else ExercisePage
    return page(context, key)


__all__ = ["OWN_PAGES", "CheckupPage", "Presenter", "SafetyPage", "WelcomePage", "make_page",
           "page_keys"]  # fmt: skip
