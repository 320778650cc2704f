"""One presenter for each exercise: the only place where widgets meet records."""

from collections.abc import Mapping

from reconnect_widgets.workbook.pages.checkup import CheckupPage
from reconnect_widgets.workbook.pages.presenter import Presenter
from reconnect_widgets.workbook.pages.safety import SafetyPage
from reconnect_widgets.workbook.pages.welcome import WelcomePage

PAGES: Mapping[str, type[Presenter]] = {
    page.key: page for page in (WelcomePage, CheckupPage, SafetyPage)
}

__all__ = ["PAGES", "CheckupPage", "Presenter", "SafetyPage", "WelcomePage"]
