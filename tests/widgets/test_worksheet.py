"""What a worksheet hands to the browser, without a browser."""

from __future__ import annotations

import re
from typing import Any

import pytest

from reconnect_widgets.widgets import (
    Action,
    Choice,
    ChoiceOption,
    Clock,
    Lines,
    Quote,
    Tally,
    Worksheet,
    Writer,
)
from reconnect_widgets.widgets.scripts import HERE, join_scripts
from tests.widgets.gallery import SCREENS, fill


@pytest.fixture
def worksheet() -> Worksheet:
    return Worksheet()


def test_what_is_asked_and_what_was_answered_are_kept_apart(worksheet: Worksheet) -> None:
    options = [ChoiceOption("yes", "Yes", "<p>Good.</p>"), ChoiceOption(2, "Two")]
    fields = [
        Choice("touch", "Which?", options, value="yes", status="answered"),
        Writer("line", "A line", keep="recorded", text="Tea."),
        Writer("left-out", "Another", is_done=True),
        Writer("open", "A third"),
        Lines("reasons", "A reason", count=3),
        Tally("phone", "Phone down"),
    ]
    fill(worksheet, {"heading": "All of them", "fields": fields})
    kinds = [field["kind"] for field in worksheet.fields]
    assert kinds == ["choice", "writer", "writer", "writer", "lines", "tally"]
    assert all(
        not {"value", "status", "text", "count"} & field.keys() for field in worksheet.fields
    )
    assert worksheet.answers == {
        "touch": {"status": "answered", "value": "yes", "text": ""},
        "line": {"status": "answered", "value": None, "text": "Tea."},
        "left-out": {"status": "skipped", "value": None, "text": ""},
        "open": {"status": "", "value": None, "text": ""},
        "reasons": {"status": "answered", "value": 3, "text": ""},
        "phone": {"status": "", "value": 0, "text": ""},
    }


def test_noting_an_answer_leaves_the_fields_and_the_screen_alone(worksheet: Worksheet) -> None:
    fill(worksheet, SCREENS["writer"])
    sent: list[dict[str, Any]] = []
    worksheet.comm = _Wire(sent)
    worksheet.note_answer("line", text="You made tea.")
    assert worksheet.answers["line"]["text"] == "You made tea."
    assert [sorted(message["state"]) for message in sent] == [["answers"]]


def test_a_coach_is_heard_and_nowhere_kept(worksheet: Worksheet) -> None:
    fill(worksheet, SCREENS["writer"])
    before = worksheet.get_state()
    sent: list[dict[str, Any]] = []
    worksheet.comm = _Wire(sent)
    note = {"code": "always", "tone": "watch", "start": 0, "end": 3, "words": "Which time?"}
    worksheet.coach("line", 7, [note])  # type: ignore[list-item]
    assert sent == [
        {
            "method": "custom",
            "content": {"type": "coach", "field": "line", "seq": 7, "notes": [note]},
        }
    ]
    assert worksheet.get_state() == before


def test_a_whole_screen_goes_out_as_one_message(worksheet: Worksheet) -> None:
    sent: list[dict[str, Any]] = []
    worksheet.comm = _Wire(sent)
    fill(worksheet, SCREENS["scene"])
    assert len(sent) == 1


def test_it_knows_which_actions_it_offers(worksheet: Worksheet) -> None:
    actions = [Action("next", "Next"), Action("away", "Contents", href="/w/")]
    fill(worksheet, {"heading": "Here", "actions": actions})
    assert worksheet.offers("next")
    assert not worksheet.offers("away")
    assert not worksheet.offers("deliver")


def test_a_screen_without_a_clock_has_none_left_over(worksheet: Worksheet) -> None:
    fill(worksheet, {"heading": "A", "clock": Clock("running", 1000, 2000, "One")}, "x/1")
    assert worksheet.clock["state"] == "running"
    fill(worksheet, {"heading": "B", "quotes": [Quote("From them", "<b>hi</b>")]}, "x/2")
    assert worksheet.clock == {}
    assert worksheet.quotes == [{"label": "From them", "text": "<b>hi</b>", "note": ""}]


def test_the_joined_script_has_one_export_and_no_import_left() -> None:
    script = str(Worksheet._esm)
    assert re.findall(r"^(?:import|export)\b.*", script, re.MULTILINE) == [
        "export default { render };"
    ]


def test_no_name_is_given_twice_in_the_joined_script() -> None:
    given = r"^(?:export )?(?:class|const|let|function) (\w+)"
    names = re.findall(given, str(Worksheet._esm), re.MULTILINE)
    assert sorted(names) == sorted(set(names))


def test_joining_needs_each_part_to_import_only_what_stands_before() -> None:
    order = [
        "worksheet_parts",
        "worksheet_fields",
        "worksheet_writer",
        "worksheet_clock",
        "worksheet",
    ]
    for index, name in enumerate(order):
        text = (HERE / f"{name}.js").read_text("utf-8")
        needed = set(re.findall(r'from "\./(\w+)\.js"', text))
        assert needed <= set(order[:index])
    assert join_scripts(*(f"{name}.js" for name in order)) == str(Worksheet._esm)


class _Wire:
    """In place of a comm: keeps what would be sent."""

    comm_id = "wire"

    def on_msg(self, _: object) -> None: ...

    def __init__(self, sent: list[dict[str, Any]]) -> None:
        self.sent = sent

    def send(self, data: dict[str, Any], **_: object) -> None:
        self.sent.append({key: value for key, value in data.items() if key != "buffer_paths"})
