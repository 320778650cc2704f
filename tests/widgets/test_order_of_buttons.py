"""Back, the way on, all else: in this order for the eye and for the keyboard, on every stage."""

from __future__ import annotations

import pytest

from reconnect_widgets.widgets import Action, Passage
from tests.widgets.conftest import Open
from tests.widgets.gallery import fill, make_page
from tests.widgets.stub import build_page

NEXT, BACK = Action("next", "Next"), Action("back", "Back", "quiet")
AGAIN, PRINT = Action("again", "Once more", "quiet"), Action("print", "Print")
YES, NO = Action("yes", "Yes", "choice"), Action("no", "No", "choice")
ORDERS = [
    ([NEXT, BACK], ["Back", "Next"]),
    ([NEXT, AGAIN, BACK], ["Back", "Next", "Once more"]),
    ([AGAIN, NEXT, BACK], ["Back", "Next", "Once more"]),
    ([AGAIN, BACK], ["Back", "Once more"]),
    # Alternatives of equal weight stay as they were given, with the way back at their end.
    ([YES, NO, BACK], ["Yes", "No", "Back"]),
]


@pytest.mark.parametrize(("offered", "expected"), ORDERS)
def test_a_worksheet_has_its_buttons_in_order(
    open_stub: Open, offered: list[Action], expected: list[str]
) -> None:
    page, worksheet = make_page()
    fill(worksheet, {"heading": "Here", "actions": offered})
    stub = open_stub(build_page(page, [worksheet]))
    stub.page.get_by_role("button", name="Back").wait_for()
    assert stub.page.locator(".rc-actions button").all_inner_texts() == expected


@pytest.mark.parametrize(("offered", "expected"), ORDERS)
def test_a_passage_has_its_buttons_in_the_same_order(
    open_stub: Open, offered: list[Action], expected: list[str]
) -> None:
    page, _ = make_page()
    passage = Passage()
    passage.show("here", heading="Here", html="", actions=offered)
    page.show_stage(passage)
    stub = open_stub(build_page(page, [passage]))
    stub.page.get_by_role("button", name="Back").wait_for()
    assert stub.page.locator(".rc-actions button").all_inner_texts() == expected


def test_printing_is_the_browsers_own_and_nothing_is_said(open_stub: Open) -> None:
    page, worksheet = make_page()
    fill(worksheet, {"heading": "Here", "actions": [PRINT, BACK]})
    stub = open_stub(build_page(page, [worksheet]))
    stub.page.evaluate("void (window.print = () => (window.printed = true))")
    stub.page.get_by_role("button", name="Print").click()
    assert stub.page.evaluate("window.printed") is True
    assert [message for message in stub.sent if message["type"] == "action"] == []
