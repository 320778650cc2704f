"""A browser may say anything to a widget; what it says changes nothing by itself."""

from __future__ import annotations

import logging
from typing import Any

import comm
import ipywidgets
import pytest

from reconnect_widgets.widgets import (
    Action,
    Control,
    Option,
    Page,
    Passage,
    Question,
    QuestionSheet,
    Sheet,
    Shown,
)
from reconnect_widgets.widgets.control import describe_error

SECRET = "what-somebody-answered"


@pytest.fixture(autouse=True)
def _comms_of_no_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where ipykernel was imported before, widgets would send nothing without a kernel."""
    monkeypatch.setattr(comm, "create_comm", comm.DummyComm)


def listen(widget: Control, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Collect what the widget sends to browsers."""
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(type(widget), "_send", lambda self, msg, buffers=None: sent.append(msg))
    return sent


def message(method: str, **data: object) -> dict[str, Any]:
    return {"content": {"data": {"method": method, **data}}, "buffers": []}


@pytest.mark.parametrize("make", [Page, Passage, QuestionSheet])
def test_a_state_update_of_a_browser_changes_nothing_and_is_not_echoed(
    make: type[Control], monkeypatch: pytest.MonkeyPatch
) -> None:
    widget = make()
    before = widget.get_state()
    sent = listen(widget, monkeypatch)
    forged = {
        name: ("x" if isinstance(value, str) else 7)
        for name, value in before.items()
        if not name.startswith("_")
    }
    widget._handle_msg(message("update", state={**forged, "_esm": "x"}, buffer_paths=[]))
    widget.set_state(forged)
    assert widget.get_state() == before
    assert sent == []


def test_a_request_for_the_state_is_answered_with_all_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = Page(title="A title")
    sent = listen(page, monkeypatch)
    page._handle_msg(message("request_state"))
    assert sent[0]["method"] == "update"
    assert sent[0]["state"]["title"] == "A title"


def test_a_custom_message_reaches_the_one_handler() -> None:
    page, heard = Page(), list[object]()
    page.handler = heard.append
    page._handle_msg(message("custom", content={"type": "refresh"}))
    assert heard == [{"type": "refresh"}]


@pytest.mark.parametrize(
    "forged",
    [
        {},
        {"content": None},
        {"content": {"data": "custom"}},
        {"content": {"data": {"method": "custom"}}},
        {"content": {"data": {"method": ["update"]}}},
        {"content": {"data": {"method": "close"}}},
        message("echo_update", state={"title": "x"}),
        message("update", state={"title": "x"}, buffer_paths=[["a", "b"]]),
    ],
)
def test_a_message_that_is_not_in_the_widget_protocol_is_dropped(
    forged: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    passage = Passage()
    sent = listen(passage, monkeypatch)
    passage._handle_msg(forged)
    assert sent == []
    assert passage.heading == ""


def test_what_a_handler_raises_is_caught_and_nothing_of_the_message_is_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    page = Page(words={"trouble": "We keep trying."})
    sent = listen(page, monkeypatch)

    def fail(content: object) -> None:
        raise RuntimeError(f"did not like {content}")

    page.handler = fail
    event_id = "01a1fcd4-98fd-7bbe-a521-b24a79a2138e"
    with caplog.at_level(logging.DEBUG):
        page._handle_msg(message("custom", content={"event_id": event_id, "text": SECRET}))
    assert [m["content"]["retry"] for m in sent] == [True]
    assert sent[0]["content"]["message"] == "We keep trying."
    assert "RuntimeError at fail" in caplog.text
    assert SECRET not in caplog.text


def test_an_error_is_described_by_class_and_place_alone() -> None:
    try:
        raise ValueError(SECRET)
    except ValueError as error:
        said = describe_error(error)
    assert said.startswith("ValueError at test_an_error_is_described")
    assert SECRET not in said


def test_no_widget_of_ipywidgets_own_lives_beside_ours() -> None:
    mine = [Page(), Passage(), QuestionSheet()]
    for widget in mine:
        widget.close()
    before = dict(ipywidgets.widgets.widget._instances)
    made = [Page(), Passage(), QuestionSheet()]
    new = set(ipywidgets.widgets.widget._instances) - set(before)
    assert new == {widget.model_id for widget in made}


def test_a_closed_widget_is_let_go_of() -> None:
    page = Page()
    model_id = page.model_id
    page.close()
    assert model_id not in ipywidgets.widgets.widget._instances


def test_a_passage_is_replaced_in_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    passage = Passage()
    sent = listen(passage, monkeypatch)
    passage.show("a/1", heading="One", html="<p>x</p>", actions=[Action("on", "Go on")])
    assert len(sent) == 1
    assert sent[0]["state"]["token"] == "a/1"
    assert sent[0]["state"]["heading"] == "One"


def test_a_passage_offers_its_buttons_and_not_its_links() -> None:
    passage = Passage()
    actions = [Action("on", "Go on"), Action("away", "Away", href="/w/")]
    passage.show("a/1", heading="One", html="", actions=actions)
    assert passage.offers("on")
    assert not passage.offers("away")
    assert not passage.offers("back")


def test_a_sheet_is_replaced_in_one_message_and_an_answer_is_one_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sheet = QuestionSheet()
    sent = listen(sheet, monkeypatch)
    sheet.show(
        Sheet(
            token="checkup/1/items",
            exercise="checkup",
            round=1,
            tag="p-000000",
            questions=[Question("presence-1", "Words")],
            options=[Option(0, "Never")],
            words={},
        )
    )
    sheet.note_answer("presence-1", Shown("answered", 0))
    assert len(sent) == 2
    assert sent[1]["state"] == {"answers": {"presence-1": {"status": "answered", "value": 0}}}


def test_a_page_names_its_stage_as_ipywidgets_names_models() -> None:
    page, passage = Page(), Passage()
    page.show_stage(passage)
    assert page.stage == f"IPY_MODEL_{passage.model_id}"


def test_widgets_of_one_class_share_it_and_nothing_else() -> None:
    first, second, other = Page(title="First"), Page(title="Second"), Passage()
    assert type(first) is type(second)
    assert type(other) is not type(first)
    assert (first.title, second.title) == ("First", "Second")
    for widget, own in ((second, Page), (other, Passage)):
        state = widget.get_state()
        assert state["_esm"] == str(own._esm)
        assert state["_css"] == str(own._css)
        assert state["_anywidget_id"].endswith(own.__name__)
