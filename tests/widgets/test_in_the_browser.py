"""Our real JavaScript in a real browser; the kernel is played by the test."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from reconnect_widgets.content import load_instrument, load_sentences
from reconnect_widgets.system import is_event_id
from reconnect_widgets.widgets import (
    Action,
    Option,
    Page,
    Passage,
    Privacy,
    Question,
    QuestionSheet,
    Sheet,
)
from tests.support.axe import violations_sync
from tests.support.chromium import DESK, PHONE
from tests.widgets.conftest import Open
from tests.widgets.stub import Stub, build_page

LABELS = ("Never", "Rarely", "Sometimes", "Often", "Very often")
QUESTIONS = ("One thing I did.", "Another thing I did.", "The last thing I did.")
NO_STORAGE = "Storage.prototype.setItem = () => { throw new Error('full') }"


@dataclass
class Workbook:
    """The three widgets, and the page that shows them."""

    page: Page
    passage: Passage
    sheet: QuestionSheet

    def html(self, *, first: str) -> str:
        self.page.show_stage(self.sheet if first == "sheet" else self.passage)
        return build_page(self.page, [self.passage, self.sheet])


@pytest.fixture
def workbook() -> Workbook:
    texts = load_sentences("page").texts
    page = Page(
        title="The relationship checkup",
        exercise="checkup",
        tag="p-ann001",
        words={name: texts[f"host.{name}"] for name in Page.WORDS},
    )
    passage, sheet = Passage(), QuestionSheet()
    passage.show(
        "checkup/1/intro",
        heading="Your own last two weeks",
        html="<p>Twenty short lines.</p>",
        privacy=Privacy("recorded", "Recorded under your code."),
        actions=[Action("begin", "Begin"), Action("away", "My place", "quiet", href="/me")],
    )
    sheet.show(
        Sheet(
            token="checkup/1/items",
            exercise="checkup",
            round=1,
            tag="p-ann001",
            questions=[Question(f"presence-{n}", q) for n, q in enumerate(QUESTIONS, start=1)],
            options=[Option(value, label) for value, label in enumerate(LABELS)],
            words={name: texts[f"sheet.{name}"] for name in QuestionSheet.WORDS},
            lead="In the last two weeks",
            privacy=Privacy("recorded", "Recorded under your code."),
        )
    )
    return Workbook(page, passage, sheet)


@pytest.fixture
def sheet(workbook: Workbook, open_stub: Open) -> Stub:
    """The question sheet on a phone."""
    return open_stub(workbook.html(first="sheet"))


# -- A sheet of questions ------------------------------------------------------------------------


def test_no_option_is_chosen_beforehand(sheet: Stub) -> None:
    assert [sheet.option(label).is_checked() for label in LABELS] == [False] * 5
    assert sheet.page.get_by_role("group").count() == 1
    assert sheet.heading == QUESTIONS[0]


def test_choosing_sends_the_answer_and_stays(sheet: Stub) -> None:
    sheet.option("Often").check()
    assert sheet.answers == [("presence-1", "answered", 3)]
    assert sheet.heading == QUESTIONS[0]


def test_an_event_id_is_a_uuid_7_also_where_the_page_is_no_secure_context(sheet: Stub) -> None:
    assert sheet.page.evaluate("window.isSecureContext") is False
    sheet.option("Often").check()
    sheet.option("Rarely").check()
    ids = [message["event_id"] for message in sheet.sent]
    assert all(is_event_id(event_id) for event_id in ids)
    assert len(set(ids)) == 2


def test_saved_is_said_when_the_kernel_says_so_and_not_before(
    sheet: Stub, workbook: Workbook
) -> None:
    sheet.option("Often").check()
    assert sheet.status == ""
    sheet.wait_s(1)
    assert sheet.status == "Saving …"
    sheet.save_all(workbook.sheet)
    assert sheet.status == "Saved"


def test_only_what_is_news_is_spoken(sheet: Stub, workbook: Workbook) -> None:
    spoken = sheet.page.locator(".rc-sheet__status [role=status]")
    sheet.option("Often").check()
    sheet.wait_s(1)
    assert spoken.inner_text() == ""
    sheet.save_all(workbook.sheet)
    assert spoken.inner_text() == "Saved"
    sheet.button("Next").click()
    sheet.button("Back").click()
    assert spoken.inner_text() == ""
    assert sheet.status == "Saved"


def test_who_is_not_recorded_reads_not_recorded(workbook: Workbook, open_stub: Open) -> None:
    workbook.sheet.is_recorded = False
    stub = open_stub(workbook.html(first="sheet"))
    stub.option("Often").check()
    stub.save_all(workbook.sheet)
    assert stub.status == "Not recorded"


def test_next_moves_on_and_puts_the_focus_on_the_new_question(sheet: Stub) -> None:
    sheet.option("Often").check()
    sheet.button("Next").click()
    assert sheet.heading == QUESTIONS[1]
    assert sheet.focused == QUESTIONS[1]
    assert sheet.page.get_by_text("Question 2 of 3").is_visible()


def test_the_first_page_does_not_take_the_focus(sheet: Stub) -> None:
    assert sheet.page.evaluate("document.activeElement === document.body")


def test_next_without_a_choice_says_what_is_missing_and_stays(sheet: Stub) -> None:
    sheet.button("Next").click()
    assert sheet.heading == QUESTIONS[0]
    assert sheet.status == "Choose one of the answers, or skip it for now."
    assert sheet.sent == []


def test_skipping_is_sent_and_moves_on(sheet: Stub) -> None:
    sheet.button("Skip for now").click()
    assert sheet.answers == [("presence-1", "skipped", None)]
    assert sheet.heading == QUESTIONS[1]


def test_an_answer_can_be_taken_back(sheet: Stub) -> None:
    sheet.option("Often").check()
    sheet.button("Take my answer back").click()
    assert sheet.answers[-1] == ("presence-1", "skipped", None)
    assert not sheet.option("Often").is_checked()
    assert sheet.heading == QUESTIONS[0]


def test_arrow_keys_pass_through_options_and_send_only_where_they_rest(sheet: Stub) -> None:
    sheet.option("Never").check()
    for _ in range(3):
        sheet.page.keyboard.press("ArrowDown")
    assert sheet.answers == [("presence-1", "answered", 0)]
    sheet.wait_s(1)
    assert sheet.answers == [("presence-1", "answered", 0), ("presence-1", "answered", 3)]


def test_an_arrow_key_choice_is_sent_before_moving_on(sheet: Stub) -> None:
    sheet.option("Never").focus()
    sheet.page.keyboard.press("ArrowDown")
    sheet.button("Next").click()
    assert sheet.answers == [("presence-1", "answered", 1)]
    assert sheet.heading == QUESTIONS[1]


def test_the_whole_sheet_works_from_the_keyboard_alone(sheet: Stub) -> None:
    press = sheet.page.keyboard.press
    sheet.option("Never").focus()
    press("Space")
    for _ in range(2):
        press("Tab")
    assert sheet.focused == "Next"
    press("Enter")
    assert sheet.focused == QUESTIONS[1]
    assert sheet.answers == [("presence-1", "answered", 0)]


def go_to_review(stub: Stub) -> None:
    stub.option("Often").check()
    stub.button("Next").click()
    stub.button("Skip for now").click()
    stub.option("Never").check()
    stub.button("Next").click()


def test_at_the_end_the_skipped_ones_are_offered_again(sheet: Stub) -> None:
    go_to_review(sheet)
    assert sheet.heading == "That was the last one"
    assert sheet.focused == "That was the last one"
    sheet.button(QUESTIONS[1]).click()
    assert sheet.heading == QUESTIONS[1]
    sheet.option("Rarely").check()
    sheet.button("Next").click()
    assert sheet.heading == "That was the last one"
    assert sheet.page.get_by_text("Every question has an answer.").is_visible()


def test_in_a_closed_session_the_sheet_can_be_read_and_not_answered(
    workbook: Workbook, open_stub: Open
) -> None:
    sheet = open_stub(workbook.html(first="sheet"))
    sheet.option("Often").check()
    sheet.save_all(workbook.sheet)
    sheet.update(workbook.sheet, is_open=False, privacy="")
    assert sheet.heading == QUESTIONS[0]
    assert sheet.page.get_by_role("radio").evaluate_all("all => all.every(one => one.disabled)")
    assert sheet.option("Often").is_checked()
    assert sheet.button("Take my answer back").count() == 0
    for _ in QUESTIONS:
        sheet.button("Next").click()
    assert "2 questions have no answer" in sheet.page.locator(".rc-sheet").inner_text()
    assert "still answer" not in sheet.page.locator(".rc-sheet").inner_text()
    assert sheet.button(QUESTIONS[1]).count() == 0
    sheet.update(workbook.sheet, is_open=True)
    sheet.button(QUESTIONS[1]).click()
    assert sheet.option("Often").is_enabled()


def test_closing_puts_a_reader_of_the_question_at_its_heading(
    workbook: Workbook, open_stub: Open
) -> None:
    sheet = open_stub(workbook.html(first="sheet"))
    sheet.option("Often").focus()
    sheet.update(workbook.sheet, is_open=False)
    assert sheet.focused == QUESTIONS[0]


def test_a_page_that_came_up_asks_what_happened_while_nobody_looked(sheet: Stub) -> None:
    assert sheet.refreshes == 0  # whoever taps at once is answered first
    sheet.wait_s(1.1)
    assert sheet.refreshes == 1


def test_finishing_waits_until_every_answer_is_acknowledged(
    sheet: Stub, workbook: Workbook
) -> None:
    go_to_review(sheet)
    sheet.button("Go on").click()
    assert [message["type"] for message in sheet.sent] == ["answer"] * 3
    assert sheet.status == "Saving your last answers first …"
    sheet.save_all(workbook.sheet)
    finish = sheet.sent[-1]
    assert (finish["type"], finish["stage"], finish["action"]) == (
        "action",
        "checkup/1/items",
        "finish",
    )


def test_going_back_and_reloading_stays_there(sheet: Stub) -> None:
    sheet.option("Often").check()
    sheet.button("Next").click()
    sheet.option("Often").check()
    sheet.button("Next").click()
    sheet.button("Back").click()
    sheet.reload()
    assert sheet.heading == QUESTIONS[1]


def test_a_new_device_begins_at_the_first_question_without_an_answer(
    workbook: Workbook, open_stub: Open
) -> None:
    workbook.sheet.answers = {
        "presence-1": {"status": "answered", "value": 2},
        "presence-2": {"status": "skipped", "value": None},
    }
    stub = open_stub(workbook.html(first="sheet"))
    assert stub.heading == QUESTIONS[2]
    stub.button("Back").click()
    stub.button("Back").click()
    assert stub.option("Sometimes").is_checked()


def test_an_answer_of_another_tab_is_shown_here_too(sheet: Stub, workbook: Workbook) -> None:
    sheet.update(workbook.sheet, answers={"presence-1": {"status": "answered", "value": 4}})
    assert sheet.option("Very often").is_checked()


# -- The outbox ----------------------------------------------------------------------------------


def test_an_unacknowledged_answer_is_sent_again_under_the_same_id(sheet: Stub) -> None:
    sheet.option("Often").check()
    sheet.wait_s(4.9)
    assert len(sheet.sent) == 1
    sheet.wait_s(0.2)
    assert len(sheet.sent) == 2
    sheet.wait_s(9)
    assert len(sheet.sent) == 2
    sheet.wait_s(1.5)
    assert len({message["event_id"] for message in sheet.sent}) == 1
    assert len(sheet.sent) == 3


def test_a_phone_whose_clock_is_set_back_sends_again_all_the_same(sheet: Stub) -> None:
    sheet.option("Often").check()
    sheet.page.clock.set_system_time(0)  # 1970
    sheet.wait_s(5.1)
    assert len(sheet.sent) == 2
    assert sheet.outbox_line == "1 answer is not saved yet. It is kept on this device."


def test_an_acknowledged_answer_is_not_sent_again(sheet: Stub, workbook: Workbook) -> None:
    sheet.option("Often").check()
    sheet.save_all(workbook.sheet)
    sheet.wait_s(120)
    assert len(sheet.sent) == 1
    sheet.reload()
    assert sheet.sent == []


def test_a_reload_keeps_what_was_not_saved_and_sends_it_again(sheet: Stub) -> None:
    sheet.option("Often").check()
    before = sheet.sent
    sheet.reload()
    assert sheet.sent == before
    assert sheet.option("Often").is_checked()


def test_a_later_answer_takes_the_place_of_one_that_still_waits(sheet: Stub) -> None:
    sheet.option("Often").check()
    sheet.option("Rarely").check()
    sheet.reload()
    assert sheet.answers == [("presence-1", "answered", 1)]


def test_what_another_tab_had_saved_is_not_taken_for_ours(sheet: Stub) -> None:
    sheet.option("Often").check()
    other = {"event_id": "01a1fcd4-98fd-7bbe-a521-b24a79a2138e", "item": "presence-1"}
    sheet.save(other)
    sheet.wait_s(1)
    assert sheet.status == "Saving …"


def test_waiting_is_said_calmly_when_it_takes_longer_than_usual(
    sheet: Stub, workbook: Workbook
) -> None:
    sheet.option("Often").check()
    sheet.button("Next").click()
    sheet.option("Often").check()
    assert sheet.outbox_line == ""
    sheet.wait_s(4.2)
    assert sheet.outbox_line == "2 answers are not saved yet. They are kept on this device."
    sheet.save(sheet.sent[0])
    assert sheet.outbox_line == "1 answer is not saved yet. It is kept on this device."
    sheet.save_all(workbook.sheet)
    assert sheet.outbox_line == ""


def test_without_storage_it_says_to_keep_the_page_open(workbook: Workbook, open_stub: Open) -> None:
    stub = open_stub(workbook.html(first="sheet"), before=NO_STORAGE)
    stub.option("Often").check()
    stub.wait_s(4.2)
    assert stub.outbox_line.endswith("Please keep this page open.")
    stub.save_all(workbook.sheet)
    assert stub.status == "Saved"


def test_a_lost_connection_is_counted_at_once_and_its_return_sends_at_once(
    sheet: Stub,
) -> None:
    before = sheet.refreshes
    sheet.say_connection("reconnecting")
    sheet.page.evaluate("window.isOffline = true")
    sheet.option("Often").check()
    assert sheet.sent == []
    assert "kept on this device" in sheet.outbox_line
    sheet.page.evaluate("window.isOffline = false")
    sheet.say_connection("connected")
    assert sheet.answers == [("presence-1", "answered", 3)]
    assert sheet.refreshes == before + 1


def test_a_refusal_for_good_is_said_and_not_tried_again(sheet: Stub) -> None:
    sheet.option("Often").check()
    refused = {"type": "not-saved", "item": "presence-1", "retry": False, "message": "Closed."}
    sheet.hear({**refused, "event_id": sheet.sent[0]["event_id"]})
    assert sheet.outbox_line == "Closed."
    assert not sheet.option("Often").is_checked()
    sheet.wait_s(120)
    assert len(sheet.sent) == 1


def test_a_refusal_for_now_is_said_and_tried_again(sheet: Stub, workbook: Workbook) -> None:
    sheet.option("Often").check()
    refused = {"type": "not-saved", "item": "presence-1", "retry": True, "message": "Not yet."}
    sheet.hear({**refused, "event_id": sheet.sent[0]["event_id"]})
    assert sheet.outbox_line == "Not yet."
    assert sheet.option("Often").is_checked()
    sheet.wait_s(6)
    assert len(sheet.sent) == 2
    sheet.save_all(workbook.sheet)
    assert sheet.outbox_line == ""


def test_news_makes_the_page_ask_the_kernel_to_look(sheet: Stub) -> None:
    before = sheet.refreshes
    sheet.page.evaluate("window.dispatchEvent(new CustomEvent('reconnect:news', {detail: {}}))")
    assert sheet.refreshes == before + 1


# -- Passages and changes of stage ---------------------------------------------------------------


def test_a_second_tap_on_a_button_is_not_sent(workbook: Workbook, open_stub: Open) -> None:
    stub = open_stub(workbook.html(first="passage"))
    stub.button("Begin").click()
    stub.button("Begin").click()
    assert [(m["stage"], m["action"]) for m in stub.sent] == [("checkup/1/intro", "begin")]
    assert stub.button("Begin").get_attribute("aria-busy") == "true"


def test_an_action_with_an_address_is_a_link(workbook: Workbook, open_stub: Open) -> None:
    stub = open_stub(workbook.html(first="passage"))
    link = stub.page.locator("#page").get_by_role("link", name="My place")
    assert link.get_attribute("href") == "/me"


def test_a_change_of_stage_leaves_one_heading_and_puts_the_focus_on_it(
    workbook: Workbook, open_stub: Open
) -> None:
    stub = open_stub(workbook.html(first="passage"))
    stub.button("Begin").click()
    stub.update(workbook.page, stage=f"IPY_MODEL_{workbook.sheet.model_id}")
    stub.page.get_by_text(QUESTIONS[0]).wait_for()
    assert stub.page.locator("[data-heading]").count() == 1
    assert stub.focused == QUESTIONS[0]
    stub.save(stub.sent[0])
    assert stub.focused == QUESTIONS[0]


def test_a_change_of_stage_leaves_a_reader_who_is_elsewhere_alone(
    workbook: Workbook, open_stub: Open
) -> None:
    stub = open_stub(workbook.html(first="passage"))
    stub.page.get_by_role("link", name="Leave quickly").focus()
    stub.update(workbook.page, stage=f"IPY_MODEL_{workbook.sheet.model_id}")
    stub.page.get_by_text(QUESTIONS[0]).wait_for()
    assert stub.focused == "Leave quickly"


def test_a_new_screen_in_the_same_passage_puts_the_focus_on_its_heading(
    workbook: Workbook, open_stub: Open
) -> None:
    stub = open_stub(workbook.html(first="passage"))
    stub.button("Begin").focus()
    stub.update(workbook.passage, token="checkup/1/guesses", heading="Now a guess")
    assert stub.focused == "Now a guess"


def test_news_in_the_same_screen_leaves_the_focus_where_it_is_and_is_spoken(
    workbook: Workbook, open_stub: Open
) -> None:
    stub = open_stub(workbook.html(first="passage"))
    stub.button("Begin").focus()
    stub.update(workbook.passage, news="You have both said yes.", html="<p>More.</p>")
    assert stub.focused == "Begin"
    spoken = stub.page.locator(".rc-passage [role=status]")
    assert spoken.inner_text() == "You have both said yes."


def test_the_running_head_is_not_repeated_over_a_heading_of_the_same_words(
    workbook: Workbook, open_stub: Open
) -> None:
    stub = open_stub(workbook.html(first="passage"))
    title = stub.page.get_by_role("heading", level=1)
    assert title.bounding_box()["height"] > 10  # type: ignore[index]
    stub.update(workbook.passage, token="x/2", heading="The relationship checkup")
    assert title.bounding_box()["height"] <= 1  # type: ignore[index]
    assert title.count() == 1


def test_a_notice_stands_above_everything(workbook: Workbook, open_stub: Open) -> None:
    workbook.page.notice = "Opened without a session: nothing is recorded."
    stub = open_stub(workbook.html(first="sheet"))
    assert stub.page.get_by_text("nothing is recorded").is_visible()
    stub.update(workbook.page, notice="")
    assert not stub.page.get_by_text("nothing is recorded").is_visible()


# -- For everybody -------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESK, {"width": 320, "height": 640}])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    workbook: Workbook, open_stub: Open, scheme: str, size: dict[str, int]
) -> None:
    for first in ("passage", "sheet"):
        stub = open_stub(workbook.html(first=first), color_scheme=scheme, viewport=size)
        check(stub)
        if first == "sheet":
            stub.option("Often").check()
            check(stub)
            stub.button("Next").click()
            for _ in range(2):
                stub.button("Skip for now").click()
            check(stub)


def check(stub: Stub) -> None:
    stub.page.clock.resume()  # axe waits for timers of its own
    assert violations_sync(stub.page) == []
    wide = stub.page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    assert not wide


def test_everything_to_tap_is_large_enough_for_a_thumb(sheet: Stub) -> None:
    sheet.option("Often").check()
    boxes = [
        control.bounding_box()
        for control in sheet.page.locator(".rc-host :is(button, .rc-choice)").all()
        if control.is_visible()
    ]
    assert len(boxes) == 7
    assert all(box and box["height"] >= 44 and box["width"] >= 44 for box in boxes)


def test_the_longest_question_and_the_way_on_fit_a_phone_without_scrolling(
    workbook: Workbook, open_stub: Open
) -> None:
    longest = max((item.text for item in load_instrument().items), key=len)
    workbook.sheet.questions = [{"key": f"presence-{n}", "text": longest} for n in (1, 2)]
    workbook.sheet.answers = {"presence-1": {"status": "answered", "value": 2}}
    stub = open_stub(workbook.html(first="sheet"))
    for name in ("Back", "Next", "Skip for now"):
        box = stub.button(name).bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= PHONE["height"]
