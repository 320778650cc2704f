"""The worksheet's real JavaScript in a real browser; the kernel is played by the test."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator

from reconnect_widgets.widgets import (
    Action,
    Choice,
    ChoiceOption,
    Clock,
    Lines,
    Passage,
    Quote,
    Tally,
    Writer,
)
from tests.support.axe import violations_sync
from tests.support.chromium import DESK, PHONE
from tests.widgets.conftest import Open
from tests.widgets.gallery import SCREENS, bring_to_life, fill, make_page
from tests.widgets.stub import Message, Stub, build_page

NO_STORAGE = "Storage.prototype.setItem = () => { throw new Error('full') }"
NEXT = Action("next", "Next")
SHOW = Action("show", "Show it", takes=["line"])
FEEL = Choice("feel", "How?", [ChoiceOption("not-now", "Not now"), ChoiceOption(4, "Four")])
LINE = Writer("line", "Your line")
KEPT = Writer("line", "Your line", keep="recorded")
COACHED = Writer("line", "Your line", has_coach=True, coach_words={"looks_for": ["A moment."]})


class Desk:
    """One worksheet in a browser, and what a test asks of it."""

    def __init__(
        self, open_stub: Open, screen: dict[str, Any], *, is_dated: bool = False, **options: Any
    ) -> None:
        self.page, self.worksheet = make_page()
        self.page.is_dated = is_dated
        fill(self.worksheet, {"heading": "Here", **screen})
        self.stub: Stub = open_stub(build_page(self.page, [self.worksheet]), **options)

    @property
    def box(self) -> Locator:
        return self.stub.page.get_by_role("textbox").first

    @property
    def texts(self) -> list[str]:
        return [message["text"] for message in self.stub.sent if message["type"] == "text"]

    @property
    def drafts(self) -> list[Message]:
        return [message for message in self.stub.sent if message["type"] == "draft"]

    @property
    def acts(self) -> list[str]:
        return [message["action"] for message in self.stub.sent if message["type"] == "action"]

    @property
    def hold(self) -> str:
        return self.stub.page.locator(".rc-worksheet__hold").inner_text()

    @property
    def status(self) -> str:
        return self.stub.page.locator(".rc-field__status").first.inner_text()

    @property
    def heard(self) -> str:
        """What a screen reader is told beside what is on the screen."""
        return " ".join(self.stub.page.locator(".rc-worksheet__live").all_inner_texts()).strip()

    @property
    def notes(self) -> list[str]:
        return self.stub.page.locator(".rc-notes__note p").evaluate_all(
            "all => all.map((one) => one.lastChild.textContent)"
        )

    def type(self, text: str) -> None:
        self.box.press_sequentially(text)

    def note(self, key: str, status: str = "answered", value: Any = None, text: str = "") -> None:
        """Let the kernel say what the record holds now."""
        self.worksheet.note_answer(key, status, value=value, text=text)  # type: ignore[arg-type]
        self.stub.update(self.worksheet, answers=dict(self.worksheet.answers))

    def keep_all(self) -> None:
        """Keep everything that was said, the state first, as the kernel does."""
        for message in self.stub.sent:
            if message["type"] == "text":
                status = "answered" if message["text"] else "skipped"
                self.note(message["item"], status, text=message["text"])
            elif message["type"] == "answer":
                self.note(message["item"], message["status"], message["value"])
            if "event_id" in message:
                self.stub.save(message)

    def turn(self, screen: dict[str, Any], token: str) -> None:
        """Let the kernel show another screen."""
        fill(self.worksheet, {"heading": "Here", **screen}, token)
        names = ("token", "heading", "html", "quotes", "fields", "answers", "clock", "actions")
        state = self.worksheet.get_state()
        self.stub.update(self.worksheet, **{name: state[name] for name in names})

    def coach(self, seq: int, *codes: str) -> None:
        notes = [
            {"code": code, "tone": "good" if code == "seen" else "watch", "start": 0, "end": 1,
             "words": f"About {code}."}
            for code in codes
        ]  # fmt: skip
        coach = {"type": "coach", "field": "line", "seq": seq, "notes": notes}
        self.stub.tell(self.worksheet, coach)


OpenDesk = Callable[..., Desk]


@pytest.fixture
def open_desk(open_stub: Open) -> OpenDesk:
    return lambda *args, **options: Desk(open_stub, *args, **options)


# -- A choice ------------------------------------------------------------------------------------


def test_a_choice_is_recorded_when_tapped_and_says_so_when_it_is_kept(open_desk: OpenDesk) -> None:
    desk = open_desk({"fields": [FEEL]})
    desk.stub.option("Not now").check()
    assert desk.stub.answers == [("feel", "answered", "not-now")]
    assert desk.status == ""
    desk.keep_all()
    assert desk.status == "Saved"
    desk.stub.option("Four").check()
    assert desk.stub.answers[-1] == ("feel", "answered", 4)


def test_nothing_is_chosen_beforehand(open_desk: OpenDesk) -> None:
    desk = open_desk({"fields": [FEEL]})
    checked = desk.stub.page.get_by_role("radio").evaluate_all("all => all.map((r) => r.checked)")
    assert checked == [False, False]


def test_arrow_keys_send_only_where_they_rest(open_desk: OpenDesk) -> None:
    desk = open_desk({"fields": [FEEL], "actions": [NEXT]})
    desk.stub.option("Not now").focus()
    desk.stub.page.keyboard.press("ArrowDown")
    assert desk.stub.answers == []
    desk.stub.wait_s(1)
    assert desk.stub.answers == [("feel", "answered", 4)]


def test_a_choice_can_be_skipped_and_taken_back(open_desk: OpenDesk) -> None:
    desk = open_desk({"fields": [FEEL]})
    desk.stub.option("Four").check()
    desk.stub.button("Take my answer back").click()
    assert desk.stub.answers[-1] == ("feel", "skipped", None)
    assert not desk.stub.option("Four").is_checked()
    desk.keep_all()
    assert desk.status == "Skipped"


def test_each_answer_is_replied_to_under_it_and_aloud(open_desk: OpenDesk) -> None:
    desk = open_desk(
        {**SCREENS["scene"], "fields": [Choice("cups", "?", SCREENS["scene"]["fields"][0].options)]}
    )
    reply = desk.stub.page.get_by_text("Now it is about the call.").first
    assert not reply.is_visible()
    desk.stub.option("But I did call you, at seven.").check()
    assert reply.is_visible()
    assert desk.heard == "Now it is about the call."
    desk.keep_all()
    assert desk.heard == "Now it is about the call."  # "Saved" does not talk over it
    assert desk.status == "Saved"


# -- A text that is recorded ----------------------------------------------------------------------


def test_a_text_is_said_when_the_writer_rests_and_only_then(open_desk: OpenDesk) -> None:
    desk = open_desk({"fields": [KEPT]})
    desk.type("You made")
    desk.stub.wait_s(0.7)
    desk.type(" tea.")
    desk.stub.wait_s(0.7)
    assert desk.texts == []
    desk.stub.wait_s(0.2)
    assert desk.texts == ["You made tea."]
    said = desk.stub.sent[0]
    assert (said["exercise"], said["round"], said["item"]) == ("appreciation", 1, "line")
    desk.keep_all()
    assert desk.status == "Saved"
    desk.stub.wait_s(60)
    assert desk.texts == ["You made tea."]


def test_a_text_is_said_at_once_when_the_field_is_left(open_desk: OpenDesk) -> None:
    desk = open_desk({"fields": [KEPT]})
    desk.type("Tea")
    desk.box.blur()
    assert desk.texts == ["Tea"]


def test_an_emptied_text_is_said_empty(open_desk: OpenDesk) -> None:
    desk = open_desk({"fields": [Writer("line", "Your line", keep="recorded", text="Tea")]})
    desk.box.fill("")
    desk.stub.wait_s(1)
    assert desk.texts == [""]
    desk.keep_all()
    assert desk.status == "Skipped"


def test_saving_is_said_only_when_it_takes_time(open_desk: OpenDesk) -> None:
    desk = open_desk({"fields": [KEPT]})
    desk.type("Tea")
    desk.box.blur()
    desk.stub.wait_s(0.5)
    assert desk.status == ""
    desk.stub.wait_s(0.5)
    assert desk.status == "Saving …"
    desk.stub.wait_s(4)
    assert desk.status == "Not saved yet"
    assert desk.stub.outbox_line == "1 answer is not saved yet. It is kept on this device."


def test_what_was_typed_before_a_reload_waits_and_is_sent_again(open_desk: OpenDesk) -> None:
    desk = open_desk({"fields": [KEPT]})
    desk.type("You made tea, שלום 😀")
    desk.stub.reload()  # nobody had rested yet: leaving the page says it
    assert desk.texts == ["You made tea, שלום 😀"]
    assert desk.box.input_value() == "You made tea, שלום 😀"
    before = desk.stub.sent
    desk.stub.reload()
    assert desk.stub.sent == before


def test_a_newer_text_takes_the_place_of_one_that_waits(open_desk: OpenDesk) -> None:
    desk = open_desk({"fields": [KEPT]})
    desk.type("One")
    desk.box.blur()
    desk.type(" two")
    desk.box.blur()
    desk.stub.reload()
    assert len(desk.texts) == 1


def test_typing_goes_on_while_the_kernel_answers(open_desk: OpenDesk) -> None:
    desk = open_desk({"fields": [KEPT]})
    desk.type("You made tea")
    desk.stub.wait_s(1)
    desk.box.press("Home")
    desk.type("X")
    desk.keep_all()
    desk.type("Y")
    assert desk.box.input_value() == "XYYou made tea"
    assert desk.stub.page.get_by_text("Meanwhile").count() == 0
    desk.stub.wait_s(1)
    assert desk.texts == ["You made tea", "XYYou made tea"]


def test_what_another_tab_wrote_appears_where_nobody_is_writing(open_desk: OpenDesk) -> None:
    desk = open_desk({"fields": [KEPT]})
    desk.note("line", text="Written elsewhere")
    assert desk.box.input_value() == "Written elsewhere"
    desk.stub.wait_s(5)
    assert desk.texts == []


def test_what_i_type_wins_over_another_tab_and_nothing_is_lost(open_desk: OpenDesk) -> None:
    desk = open_desk({"fields": [KEPT]})
    desk.type("Mine")
    desk.note("line", text="Theirs")
    assert desk.box.input_value() == "Mine"
    assert desk.stub.page.locator("blockquote").inner_text() == "Theirs"
    desk.stub.wait_s(1)
    assert desk.texts == ["Mine"]
    desk.keep_all()
    assert desk.box.input_value() == "Mine"
    desk.stub.button("Take that text").click()
    assert desk.box.input_value() == "Theirs"


def test_a_text_that_comes_while_the_caret_stands_there_is_taken_on_leaving(
    open_desk: OpenDesk,
) -> None:
    desk = open_desk({"fields": [KEPT]})
    desk.box.focus()
    desk.note("line", text="Theirs")
    assert desk.box.input_value() == ""
    desk.box.blur()
    assert desk.box.input_value() == "Theirs"
    desk.stub.wait_s(2)
    assert desk.texts == []


def test_the_other_text_that_was_chosen_is_recorded_again(open_desk: OpenDesk) -> None:
    desk = open_desk({"fields": [KEPT]})
    desk.type("Mine")
    desk.note("line", text="Theirs")
    desk.stub.wait_s(1)
    desk.keep_all()
    desk.stub.button("Take that text").click()
    desk.stub.wait_s(1)
    assert desk.texts == ["Mine", "Theirs"]


def test_half_an_emoji_and_a_nul_are_never_said(open_desk: OpenDesk) -> None:
    desk = open_desk({"fields": [KEPT]})
    desk.box.evaluate(
        "(box) => { box.value = 'Tea \\ud83d\\0 😀'; box.dispatchEvent(new Event('input')) }"
    )
    desk.stub.wait_s(1)
    assert desk.texts == ["Tea  😀"]


def test_two_thousand_characters_are_kept_and_the_end_is_told_beforehand(
    open_desk: OpenDesk,
) -> None:
    desk = open_desk({"fields": [Writer("line", "Your line", keep="recorded", max_length=2000)]})
    desk.box.fill("é" * 1960)
    left = desk.stub.page.get_by_text("40 characters left.")
    assert left.is_visible()
    desk.box.press("End")
    desk.stub.page.keyboard.insert_text("x" * 100)
    desk.stub.wait_s(1)
    assert [len(text) for text in desk.texts] == [2000]
    desk.box.fill("short")
    assert not left.is_visible()


def test_a_text_is_written_as_people_write(open_desk: OpenDesk) -> None:
    desk = open_desk({"fields": [KEPT]})
    attributes = desk.box.evaluate(
        "(box) => [box.autocomplete, box.spellcheck, box.dir, box.autocapitalize]"
    )
    assert attributes == ["off", True, "auto", "sentences"]
    size = desk.box.evaluate("(box) => parseFloat(getComputedStyle(box).fontSize)")
    assert size >= 16  # below, an iPhone zooms the page


# -- A text that stays ----------------------------------------------------------------------------


def test_a_text_of_this_screen_is_never_sent_and_outlives_reload_and_step(
    open_desk: OpenDesk,
) -> None:
    desk = open_desk({"fields": [LINE], "actions": [NEXT]})
    desk.type("Only mine")
    desk.box.blur()
    desk.stub.wait_s(60)
    desk.stub.reload()
    assert desk.box.input_value() == "Only mine"
    desk.turn({"fields": [LINE]}, "appreciation/1/look-again")
    assert desk.box.input_value() == "Only mine"
    assert desk.stub.sent == []


def test_it_is_kept_under_the_name_of_person_exercise_and_round(open_desk: OpenDesk) -> None:
    desk = open_desk({"fields": [LINE]})
    desk.type("Only mine")
    kept = desk.stub.page.evaluate("({ ...sessionStorage })")
    assert kept == {"reconnect.text.p-ann001.appreciation.1.line": "Only mine"}


def test_without_storage_the_next_step_still_has_it(open_desk: OpenDesk) -> None:
    desk = open_desk({"fields": [LINE]}, before=NO_STORAGE)
    desk.type("Only mine")
    desk.turn({"fields": [LINE]}, "appreciation/1/look-again")
    assert desk.box.input_value() == "Only mine"


def test_forgetting_leaves_nothing_in_the_browser(open_desk: OpenDesk) -> None:
    desk = open_desk(
        {"fields": [LINE, Lines("why", "Why")], "actions": [Action("forget", "Forget it")]}
    )
    desk.type("Only mine")
    desk.stub.button("Forget it").click()
    assert desk.acts == ["forget"]
    assert desk.box.input_value() == ""
    assert desk.stub.page.evaluate("Object.keys(sessionStorage)") == [
        "reconnect.outbox.appreciation.p-ann001"
    ]


def test_leaving_quickly_leaves_nothing_that_was_typed(open_desk: OpenDesk) -> None:
    desk = open_desk({"fields": [KEPT]})
    desk.type("Private")
    left = desk.stub.page.evaluate(
        """() => {
          document.documentElement.hidden = true;
          sessionStorage.clear();
          window.dispatchEvent(new Event("pagehide"));
          return sessionStorage.length;
        }"""
    )
    assert left == 0
    assert desk.texts == []


def test_a_withdrawn_person_leaves_nothing_in_the_browser(open_desk: OpenDesk) -> None:
    desk = open_desk({"fields": [LINE, FEEL]})
    desk.type("Only mine")
    desk.stub.option("Four").check()
    desk.stub.page.evaluate("sessionStorage.setItem('reconnect.text.p-ben002.x.1.line', 'his')")
    desk.stub.update(desk.page, forgets=True)
    left = desk.stub.page.evaluate("Object.keys(sessionStorage)")
    assert left == ["reconnect.text.p-ben002.x.1.line"]


# -- Actions that take and need -------------------------------------------------------------------


def test_an_action_that_takes_a_text_explains_itself_while_there_is_none(
    open_desk: OpenDesk,
) -> None:
    desk = open_desk({"fields": [LINE], "actions": [SHOW]})
    button = desk.stub.button("Show it")
    assert button.get_attribute("aria-disabled") == "true"
    button.focus()
    assert desk.stub.focused == "Show it"
    button.press("Enter")
    assert desk.hold == "Write something first."
    assert desk.stub.sent == []
    desk.type("  ")
    assert button.get_attribute("aria-disabled") == "true"
    desk.type("You made tea")
    assert button.get_attribute("aria-disabled") == "false"


def test_the_text_is_kept_before_the_action_is_said(open_desk: OpenDesk) -> None:
    desk = open_desk({"fields": [LINE], "actions": [SHOW]})
    desk.type(" You made tea ")
    desk.stub.button("Show it").click()
    desk.stub.button("Show it").click()
    assert desk.texts == ["You made tea"]
    assert desk.acts == []
    assert desk.hold == "Saving what you wrote first …"
    assert desk.stub.button("Show it").get_attribute("aria-busy") == "true"
    desk.keep_all()
    assert desk.acts == ["show"]
    assert desk.hold == ""


def test_a_text_that_is_recorded_already_is_not_said_again(open_desk: OpenDesk) -> None:
    desk = open_desk(
        {"fields": [LINE], "actions": [SHOW, Action("read", "Read it", takes=["line"])]}
    )
    desk.type("You made tea")
    desk.stub.button("Show it").click()
    desk.keep_all()
    desk.stub.button("Read it").click()
    assert desk.texts == ["You made tea"]
    assert desk.acts == ["show", "read"]


def test_a_text_that_is_refused_takes_its_action_with_it(open_desk: OpenDesk) -> None:
    desk = open_desk({"fields": [LINE], "actions": [SHOW]})
    desk.type("You made tea")
    desk.stub.button("Show it").click()
    refused = {"type": "not-saved", "item": "line", "retry": False, "message": "Closed."}
    desk.stub.hear({**refused, "event_id": desk.stub.sent[0]["event_id"]})
    assert desk.acts == []
    assert desk.stub.outbox_line == "Closed."
    assert desk.stub.button("Show it").get_attribute("aria-busy") == "false"
    desk.stub.button("Show it").click()
    assert desk.texts == ["You made tea", "You made tea"]  # never the action without its text
    assert desk.acts == []


def test_an_action_waits_while_there_is_no_connection(open_desk: OpenDesk) -> None:
    desk = open_desk({"fields": [KEPT], "actions": [NEXT]})
    desk.stub.say_connection("reconnecting")
    desk.stub.page.evaluate("window.isOffline = true")
    desk.type("Tea")
    desk.stub.button("Next").click()
    assert desk.stub.sent == []
    desk.stub.page.evaluate("window.isOffline = false")
    desk.stub.say_connection("connected")
    assert desk.texts == ["Tea"]
    desk.keep_all()
    assert desk.acts == ["next"]


def test_an_action_names_what_it_needs_and_a_skip_is_enough(open_desk: OpenDesk) -> None:
    desk = open_desk({"fields": [FEEL], "actions": [Action("next", "Next", needs=["feel"])]})
    desk.stub.button("Next").click(force=True)
    assert desk.hold == "Choose one of the answers first, or skip it."
    desk.stub.button("Skip for now").click()
    desk.stub.button("Next").click()
    desk.keep_all()
    assert desk.acts == ["next"]


# -- The coach ------------------------------------------------------------------------------------


def test_a_coach_reads_when_the_fingers_rest_and_never_through_the_outbox(
    open_desk: OpenDesk,
) -> None:
    desk = open_desk({"fields": [COACHED]})
    desk.type("You")
    desk.stub.wait_s(0.2)
    desk.type(" always")
    desk.stub.wait_s(0.2)
    assert desk.drafts == []
    desk.stub.wait_s(0.1)
    (draft,) = desk.drafts
    assert (draft["stage"], draft["field"], draft["text"]) == (
        "appreciation/1/line",
        "line",
        "You always",
    )
    assert sorted(draft) == ["field", "seq", "stage", "text", "type"]
    desk.stub.wait_s(60)
    assert len(desk.drafts) == 1
    assert (
        desk.stub.page.evaluate("sessionStorage.getItem('reconnect.outbox.appreciation.p-ann001')")
        is None
    )


def test_without_a_connection_no_draft_is_sent_later(open_desk: OpenDesk) -> None:
    desk = open_desk({"fields": [COACHED]})
    desk.stub.say_connection("reconnecting")
    desk.type("You always")
    desk.stub.wait_s(5)
    desk.stub.say_connection("connected")
    assert desk.drafts == []


def test_notes_on_an_older_draft_are_dropped(open_desk: OpenDesk) -> None:
    desk = open_desk({"fields": [COACHED]})
    desk.type("You always")
    desk.stub.wait_s(0.3)
    first = desk.drafts[0]["seq"]
    desk.coach(first, "always")
    assert desk.notes == ["About always."]
    desk.type(" make tea")
    desk.stub.wait_s(0.3)
    assert desk.drafts[1]["seq"] > first
    desk.coach(first, "late")
    assert desk.notes == ["About always."]
    desk.coach(desk.drafts[1]["seq"], "seen")
    assert desk.notes == ["About seen."]
    desk.coach(desk.drafts[1]["seq"] + 1, "another-tab")
    assert desk.notes == ["About seen."]


def test_an_emptied_text_has_no_notes(open_desk: OpenDesk) -> None:
    desk = open_desk({"fields": [COACHED]})
    desk.type("You always")
    desk.stub.wait_s(0.3)
    desk.coach(desk.drafts[0]["seq"], "always")
    desk.box.fill("")
    assert desk.notes == []


def test_a_coach_can_be_overruled_for_good(open_desk: OpenDesk) -> None:
    desk = open_desk({"fields": [COACHED]})
    desk.type("You always")
    desk.stub.wait_s(0.3)
    desk.coach(desk.drafts[0]["seq"], "seen", "always")
    assert desk.stub.button("It is fine as it is").count() == 1  # what is good needs no overruling
    desk.stub.button("It is fine as it is").click()
    assert desk.notes == ["About seen."]
    assert desk.box.evaluate("(box) => box === document.activeElement")
    desk.type("!")
    desk.stub.wait_s(0.3)
    desk.coach(desk.drafts[-1]["seq"], "always", "but")
    assert desk.notes == ["About but."]


def test_notes_are_spoken_once_and_again_only_when_they_are_others(open_desk: OpenDesk) -> None:
    desk = open_desk({"fields": [COACHED]})
    live = desk.stub.page.locator(".rc-writer > .rc-worksheet__live")
    changes = """(live) => {
      window.spoken = [];
      const hear = new MutationObserver(() => window.spoken.push(live.textContent));
      hear.observe(live, { childList: true });
    }"""
    live.evaluate(changes)
    for text, codes in (("a", ["seen", "always"]), ("b", ["always", "seen"]), ("c", ["seen"])):
        desk.type(text)
        desk.stub.wait_s(0.3)
        desk.coach(desk.drafts[-1]["seq"], *codes)
        desk.stub.wait_s(2)
    assert desk.stub.page.evaluate("window.spoken") == ["About seen. About always.", "About seen."]


def test_what_a_coach_looks_for_can_be_looked_up(open_desk: OpenDesk) -> None:
    desk = open_desk({"fields": [COACHED]})
    words = desk.stub.page.get_by_text("A moment.")
    assert not words.is_visible()
    desk.stub.page.get_by_text("What this looks for").click()
    assert words.is_visible()


# -- A list and a tally ---------------------------------------------------------------------------


def test_enter_adds_a_line_and_only_the_number_is_sent(open_desk: OpenDesk) -> None:
    desk = open_desk({"fields": [Lines("why", "Why")], "actions": [NEXT]})
    for line in ("The tea, again", "<b>rain</b>"):
        desk.type(line)
        desk.box.press("Enter")
    assert desk.stub.answers == [("why", "answered", 1), ("why", "answered", 2)]
    assert desk.stub.page.locator("li span").all_inner_texts() == ["The tea, again", "<b>rain</b>"]
    assert "tea" not in str(desk.stub.sent)
    assert desk.box.input_value() == ""
    assert desk.heard == "2 on your list."
    desk.keep_all()
    desk.stub.reload()
    assert desk.stub.page.locator("li span").all_inner_texts() == ["The tea, again", "<b>rain</b>"]


def test_enter_that_ends_a_word_of_an_input_method_adds_nothing(open_desk: OpenDesk) -> None:
    desk = open_desk({"fields": [Lines("why", "Why")]})
    desk.type("おちゃ")
    enter = "new KeyboardEvent('keydown', { key: 'Enter', isComposing: true })"
    desk.box.evaluate(f"(box) => box.dispatchEvent({enter})")
    assert desk.stub.sent == []


def test_a_line_can_be_taken_away_from_the_keyboard(open_desk: OpenDesk) -> None:
    desk = open_desk({"fields": [Lines("why", "Why")]})
    for line in ("One", "Two"):
        desk.type(line)
        desk.box.press("Enter")
    desk.stub.button("Take “One” away").press("Enter")
    assert desk.stub.answers[-1] == ("why", "answered", 1)
    assert desk.stub.page.evaluate("document.activeElement.ariaLabel") == "Take “Two” away"
    desk.stub.button("Take “Two” away").press("Enter")
    assert desk.stub.answers[-1] == ("why", "skipped", None)
    assert desk.box.evaluate("(box) => box === document.activeElement")


def test_what_was_counted_on_another_device_stays_counted(open_desk: OpenDesk) -> None:
    desk = open_desk({"fields": [Lines("why", "Why", count=3)]})
    assert desk.stub.page.get_by_text("3 more were written on another device").is_visible()
    desk.type("One")
    desk.box.press("Enter")
    assert desk.stub.answers == [("why", "answered", 4)]


def test_a_line_that_was_not_yet_added_goes_along(open_desk: OpenDesk) -> None:
    desk = open_desk({"fields": [Lines("why", "Why")], "actions": [NEXT]})
    desk.type("The tea")
    desk.stub.reload()
    assert desk.box.input_value() == "The tea"
    desk.stub.button("Next").click()
    assert desk.stub.answers == [("why", "answered", 1)]
    desk.keep_all()
    assert desk.acts == ["next"]


def test_a_line_half_typed_is_not_counted_when_the_screen_goes(open_desk: OpenDesk) -> None:
    desk = open_desk({"fields": [Lines("why", "Why")]})
    desk.type("The te")
    desk.turn({"heading": "Elsewhere"}, "appreciation/1/next")
    desk.turn({"fields": [Lines("why", "Why")]}, "appreciation/1/line")
    assert desk.stub.sent == []
    assert desk.box.input_value() == "The te"


def test_a_full_list_says_so(open_desk: OpenDesk) -> None:
    desk = open_desk({"fields": [Lines("why", "Why", most=2, count=2)]})
    assert desk.stub.page.get_by_text("The list is full.").is_visible()
    desk.stub.button("Add").click(force=True)
    assert desk.stub.sent == []


def test_taps_in_a_row_become_one_answer_and_one_can_be_taken_back(open_desk: OpenDesk) -> None:
    desk = open_desk({"fields": [Tally("phone", "Phone down", 2)]})
    more = desk.stub.page.get_by_role("button", name="Phone down 4")
    desk.stub.page.get_by_role("button", name="Phone down 2").click()
    desk.stub.page.get_by_role("button", name="Phone down 3").click()
    assert more.is_visible()
    assert desk.heard == "4 times so far."
    assert desk.stub.sent == []
    desk.stub.wait_s(0.5)
    assert desk.stub.answers == [("phone", "answered", 4)]
    desk.stub.button("Take one back: Phone down").click()
    desk.stub.wait_s(0.5)
    assert desk.stub.answers[-1] == ("phone", "answered", 3)
    desk.keep_all()
    assert desk.status == "Saved"


def test_a_tap_just_before_the_page_goes_is_not_lost(open_desk: OpenDesk) -> None:
    desk = open_desk({"fields": [Tally("phone", "Phone down")]})
    desk.stub.page.get_by_role("button", name="Phone down 0").click()
    desk.stub.reload()
    assert desk.stub.answers == [("phone", "answered", 1)]
    assert desk.stub.page.get_by_role("button", name="Phone down 1").is_visible()


def test_a_tally_can_not_go_below_nothing(open_desk: OpenDesk) -> None:
    desk = open_desk({"fields": [Tally("phone", "Phone down", 1)]})
    desk.stub.button("Take one back: Phone down").press("Enter")
    assert not desk.stub.button("Take one back: Phone down").is_visible()
    assert desk.stub.focused == "Phone down0"


# -- The clock ------------------------------------------------------------------------------------


def running(left_s: float = 600, total_s: float = 600, **changes: Any) -> dict[str, Any]:
    clock = Clock("running", round(left_s * 1000), round(total_s * 1000), "Ten minutes", **changes)
    return {"clock": clock, "actions": [Action("clock-stop", "Stop here", "quiet")]}


def time_of(desk: Desk) -> str:
    return desk.stub.page.get_by_role("timer").inner_text()


def test_a_clock_counts_down_and_says_its_end_once(open_desk: OpenDesk) -> None:
    desk = open_desk(running(done_words="Look up."))
    assert time_of(desk) == "10:00"
    desk.stub.wait_s(61)
    assert time_of(desk) == "8:59"
    desk.stub.wait_s(538)
    assert time_of(desk) == "0:01"
    assert desk.acts == []
    desk.stub.wait_s(2)
    assert desk.acts == ["clock-done"]
    assert desk.stub.page.get_by_text("Look up.").first.is_visible()
    desk.keep_all()
    desk.stub.wait_s(100)
    desk.stub.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert desk.acts == ["clock-done"]


def test_a_clock_that_is_not_running_stands_still(open_desk: OpenDesk) -> None:
    for state in ("ready", "paused"):
        clock = Clock(state, 90_000, 600_000, "Ten minutes")  # type: ignore[arg-type]
        desk = open_desk({"clock": clock})
        desk.stub.wait_s(30)
        assert time_of(desk) == "1:30"
        assert desk.acts == []


def test_a_clock_follows_the_kernel_under_the_same_screen(open_desk: OpenDesk) -> None:
    desk = open_desk(running())
    desk.stub.wait_s(10)
    desk.stub.update(desk.worksheet, clock={**desk.worksheet.clock, "left_ms": 300_000})
    assert time_of(desk) == "5:00"
    desk.stub.update(desk.worksheet, clock={**desk.worksheet.clock, "state": "paused"})
    assert desk.heard == "Paused"


def test_a_clock_speaks_at_its_half_its_last_minute_and_its_end(open_desk: OpenDesk) -> None:
    desk = open_desk({"clock": Clock("ready", 600_000, 600_000, "Ten minutes")})
    desk.stub.update(desk.worksheet, clock={**desk.worksheet.clock, "state": "running"})
    assert desk.heard == "10 minutes left."
    heard = []
    for _ in range(605):
        desk.stub.wait_s(1)
        if desk.heard not in heard:
            heard.append(desk.heard)
    assert heard == [
        "10 minutes left.",
        "Half of the time has passed.",
        "The last minute.",
        "The time is up.",
    ]


def test_a_phone_that_wakes_up_asks_how_the_clock_stands(open_desk: OpenDesk) -> None:
    desk = open_desk(running())
    before = desk.stub.refreshes
    desk.stub.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert desk.stub.refreshes == before + 1
    without = open_desk({"fields": [FEEL]})
    before = without.stub.refreshes
    without.stub.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert without.stub.refreshes == before


def test_a_dark_clock_leaves_nothing_on_the_page_but_the_way_out(open_desk: OpenDesk) -> None:
    desk = open_desk({**running(is_dark=True), "html": "<p>Sit down.</p>", "fields": [FEEL]})
    page = desk.stub.page
    assert not page.get_by_text("Sit down.").is_visible()
    assert not page.get_by_role("radio").first.is_visible()
    assert page.get_by_role("link", name="Leave quickly").is_visible()
    paper = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert paper == "rgb(13, 12, 11)"
    visible = [b.inner_text() for b in page.get_by_role("button").all() if b.is_visible()]
    assert visible == ["Stop"]


@pytest.mark.parametrize("how", ["tap", "escape"])
def test_a_dark_clock_is_stopped_by_its_one_button_or_escape(open_desk: OpenDesk, how: str) -> None:
    desk = open_desk({**running(is_dark=True), "html": "<p>Sit down.</p>"})
    if how == "tap":
        desk.stub.button("Stop").click()
    else:
        desk.stub.page.keyboard.press("Escape")
        desk.stub.page.keyboard.press("Escape")
    assert desk.acts == ["clock-stop"]
    assert desk.stub.page.get_by_text("Sit down.").is_visible()


def test_escape_does_nothing_to_a_clock_that_is_not_dark(open_desk: OpenDesk) -> None:
    desk = open_desk(running())
    desk.stub.page.keyboard.press("Escape")
    assert desk.acts == []


def test_a_dark_clock_ends_with_a_sign_and_what_can_be_done(open_desk: OpenDesk) -> None:
    desk = open_desk({**running(is_dark=True, done_words="Look up."), "html": "<p>Sit down.</p>"})
    desk.stub.wait_s(601)
    page = desk.stub.page
    assert page.locator(".rc-clock__sign").inner_text() == "Look up."
    assert (
        page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        == "rgb(243, 230, 220)"
    )
    assert not page.get_by_text("Sit down.").is_visible()
    assert desk.stub.button("Stop here").is_visible()
    assert page.evaluate("document.activeElement.className") == "rc-clock"


AUDIO = """
window.tones = 0;
window.AudioContext = class {
  state = "suspended"; currentTime = 0; destination = {};
  async resume() { this.state = "running" }
  async close() {}
  createGain() { const gain = { setValueAtTime() {}, linearRampToValueAtTime() {},
    exponentialRampToValueAtTime() {} }; return { gain, connect: (to) => to } }
  createOscillator() { return { frequency: {}, connect: (to) => to, stop() {},
    start() { window.tones += 1 } } }
};
"""


@pytest.mark.parametrize(("is_touched", "tones"), [(True, 2), (False, 0)])
def test_the_end_sounds_only_on_a_page_that_was_touched(
    open_desk: OpenDesk, is_touched: bool, tones: int
) -> None:
    screen = {**running(has_sound=True), "html": "<p>Sit down.</p>"}
    desk = open_desk(screen, before=AUDIO)
    if is_touched:
        desk.stub.page.get_by_text("Sit down.").click()
    desk.stub.wait_s(601)
    assert desk.stub.page.evaluate("window.tones") == tones


def test_a_clock_that_was_over_before_makes_no_sound(open_desk: OpenDesk) -> None:
    screen = {"clock": Clock("done", 0, 600_000, "Ten", has_sound=True), "html": "<p>Sit.</p>"}
    desk = open_desk(screen, before=AUDIO)
    desk.stub.page.get_by_text("Sit.").click()
    desk.stub.wait_s(10)
    assert desk.stub.page.evaluate("window.tones") == 0
    assert desk.acts == []


# -- The screen -----------------------------------------------------------------------------------


def test_what_people_wrote_is_never_read_as_markup(open_desk: OpenDesk) -> None:
    text = "<img src=x onerror='window.hit = 1'><b>You</b>\nwaited"
    desk = open_desk({"quotes": [Quote("<i>From them</i>", text, "<i>note</i>")]})
    assert desk.stub.page.locator("blockquote").inner_text() == text
    assert desk.stub.page.locator(".rc-quotes :is(b, i, img)").count() == 0
    assert desk.stub.page.evaluate("window.hit") is None


def test_under_the_same_screen_focus_caret_and_typed_text_stay(open_desk: OpenDesk) -> None:
    screen = {"fields": [LINE, FEEL], "actions": [NEXT]}
    desk = open_desk(screen)
    desk.type("You tea")
    for _ in range(4):
        desk.box.press("ArrowLeft")
    more = {**screen, "html": "<p>News.</p>", "fields": [Tally("new", "New"), LINE, FEEL]}
    desk.turn(more, "appreciation/1/line")
    desk.type(" made")
    assert desk.box.input_value() == "You made tea"
    assert desk.stub.page.get_by_role("button", name="New 0").is_visible()


def test_a_new_screen_puts_the_reader_at_its_heading(open_desk: OpenDesk) -> None:
    desk = open_desk({"fields": [LINE], "actions": [NEXT]})
    desk.stub.button("Next").focus()
    desk.turn({"heading": "The next step", "fields": [FEEL]}, "appreciation/1/next")
    assert desk.stub.focused == "The next step"
    assert desk.stub.page.get_by_role("textbox").count() == 0


def test_a_text_that_was_not_said_yet_is_said_before_its_field_goes(open_desk: OpenDesk) -> None:
    desk = open_desk({"fields": [KEPT]})
    desk.type("Tea")
    desk.turn({"heading": "The next step"}, "appreciation/2/next")
    (said,) = desk.stub.sent
    assert (said["round"], said["item"], said["text"]) == (1, "line", "Tea")


def test_a_text_that_was_not_said_yet_is_said_before_the_stage_goes(open_stub: Open) -> None:
    page, worksheet = make_page()
    fill(worksheet, {"heading": "Here", "fields": [KEPT]})
    passage = Passage()
    passage.show("appreciation/1/end", heading="The end", html="")
    stub = open_stub(build_page(page, [worksheet, passage]))
    # Not focused: some browsers say nothing to a focused field that is taken away.
    typed = "(box) => { box.value = 'Tea'; box.dispatchEvent(new Event('input')) }"
    stub.page.get_by_role("textbox").evaluate(typed)
    stub.update(page, stage=f"IPY_MODEL_{passage.model_id}")
    stub.page.get_by_text("The end").wait_for()
    assert [message["text"] for message in stub.sent] == ["Tea"]


def test_an_action_that_is_made_anew_keeps_the_focus(open_desk: OpenDesk) -> None:
    desk = open_desk({"actions": [NEXT, Action("later", "Later", "quiet")]})
    desk.stub.button("Next").focus()
    desk.turn({"actions": [Action("next", "Go on")]}, "appreciation/1/line")
    assert desk.stub.focused == "Go on"
    desk.turn({"actions": [Action("other", "Other")]}, "appreciation/1/line")
    assert desk.stub.focused == "Here"


def test_a_second_tap_on_an_action_is_not_sent(open_desk: OpenDesk) -> None:
    desk = open_desk({"actions": [NEXT]})
    desk.stub.button("Next").click()
    desk.stub.button("Next").click()
    assert desk.acts == ["next"]


def test_closed_it_can_be_read_and_not_answered(open_desk: OpenDesk) -> None:
    desk = open_desk(SCREENS["closed"])
    page = desk.stub.page
    assert page.get_by_role("radio").evaluate_all("all => all.every((one) => one.disabled)")
    assert desk.box.evaluate("(box) => box.readOnly")
    assert page.locator(".rc-tally__more").is_disabled()
    buttons = [b.inner_text() for b in page.get_by_role("button").all() if b.is_visible()]
    tally, *rest = buttons
    assert tally.replace("\n", "") == "Phone down when they came in3"
    assert rest == ["Back", "Next"]


def test_not_recorded_is_said_in_place_of_saved(open_desk: OpenDesk) -> None:
    desk = open_desk({"fields": [FEEL], "is_recorded": False})
    desk.stub.option("Four").check()
    desk.keep_all()
    assert desk.status == "Not recorded"


def test_the_page_says_once_where_it_is(open_desk: OpenDesk) -> None:
    desk = open_desk({}, is_dated=True, timezone_id="Asia/Kolkata")
    desk.stub.page.evaluate("window.dispatchEvent(new CustomEvent('reconnect:news', {detail: {}}))")
    assert desk.stub.places == ["Asia/Calcutta"] or desk.stub.places == ["Asia/Kolkata"]
    assert desk.stub.page.evaluate("window.sent[0].type") == "here"  # before the first refresh


def test_where_no_date_is_recorded_the_page_says_it_when_it_has_nothing_to_do(
    open_desk: OpenDesk,
) -> None:
    desk = open_desk({}, timezone_id="Asia/Kolkata")
    assert desk.stub.places == []
    desk.stub.page.clock.run_for(2000)
    assert desk.stub.places in (["Asia/Calcutta"], ["Asia/Kolkata"])


# -- For everybody --------------------------------------------------------------------------------


def test_a_whole_screen_works_from_the_keyboard_alone(open_desk: OpenDesk) -> None:
    desk = open_desk(
        {"fields": [FEEL, COACHED, Lines("why", "Why"), Tally("phone", "Phone")], "actions": [SHOW]}
    )
    keyboard = desk.stub.page.keyboard

    def tab_to(what: str) -> None:
        for _ in range(12):
            keyboard.press("Tab")
            found = "(what) => document.activeElement.matches(what)"
            if desk.stub.page.evaluate(found, what):
                return
        raise AssertionError(f"the keyboard does not reach {what}")

    desk.stub.page.locator("h2").focus()
    tab_to("[type=radio]")
    keyboard.press("Space")
    tab_to("textarea")
    keyboard.type("You made tea")
    tab_to("summary")
    keyboard.press("Enter")
    tab_to("input[type=text]")
    keyboard.type("The tea")
    keyboard.press("Enter")
    tab_to(".rc-tally__more")
    keyboard.press("Enter")
    tab_to("[data-action=show]")
    keyboard.press("Enter")
    desk.keep_all()
    desk.keep_all()
    assert desk.stub.page.get_by_text("A moment.").is_visible()
    assert ("feel", "answered", "not-now") in desk.stub.answers
    assert ("why", "answered", 1) in desk.stub.answers
    assert ("phone", "answered", 1) in desk.stub.answers
    assert desk.texts == ["You made tea"]
    assert desk.acts == ["show"]


SIZES = [PHONE, DESK, {"width": 320, "height": 640}]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES, ids=lambda size: str(size["width"]))
@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_axe_finds_nothing_and_nothing_is_too_wide_or_too_small(
    open_stub: Open, scheme: str, size: dict[str, int], direction: str
) -> None:
    page, worksheet = make_page()
    fill(worksheet, next(iter(SCREENS.values())), "x/1/0")
    html = build_page(page, [worksheet]).replace('lang="en"', f'lang="en" dir="{direction}"')
    stub = open_stub(html, color_scheme=scheme, viewport=size)
    for number, (name, screen) in enumerate(SCREENS.items(), start=1):
        fill(worksheet, screen, f"x/1/{number}")
        state = worksheet.get_state()
        names = [key for key in state if not key.startswith("_") and key != "layout"]
        stub.update(worksheet, **{key: state[key] for key in names})
        bring_to_life(stub, worksheet, name)
        check(stub, name)


def check(stub: Stub, name: str) -> None:
    stub.page.clock.resume()  # axe waits for timers of its own
    assert violations_sync(stub.page) == [], name
    wide = stub.page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    assert not wide, name
    small = stub.page.locator(".rc-host :is(button, .rc-choice, summary, .rc-input)").evaluate_all(
        """all => all.filter((one) => one.checkVisibility({ visibilityProperty: true }))
        .filter((one) => Math.min(one.offsetWidth, one.offsetHeight) < 44)
        .map((one) => one.outerHTML)"""
    )
    assert small == [], name


def test_without_our_stylesheet_it_is_still_laid_out(open_stub: Open) -> None:
    page, worksheet = make_page()
    fill(worksheet, SCREENS["writer"])
    stub = open_stub(build_page(page, [worksheet], has_our_style=False))
    box = stub.page.get_by_role("textbox").bounding_box()
    assert box is not None
    assert box["width"] > 300
    size = stub.page.get_by_role("textbox").evaluate(
        "(b) => parseFloat(getComputedStyle(b).fontSize)"
    )
    assert size >= 16
