"""The gate over the record: two people, each with a kernel of their own."""

from __future__ import annotations

from reconnect_widgets.content import CONTENT_VERSION
from reconnect_widgets.records import Row, SessionRecord
from reconnect_widgets.records.acts import write_act
from reconnect_widgets.system import new_event_id, utc_now
from reconnect_widgets.workbook.acts import open_gate
from reconnect_widgets.workbook.context import Context
from tests.workbook.hand import ANN, BEN, SOLO, open_context


def say(context: Context, item: str, value: str = "", text: str = "") -> Row:
    return context.record_answer(
        exercise="touch",
        round_=1,
        item=item,
        status="answered",
        value=value or None,
        text=text,
        event_id=new_event_id(),
        content_version=CONTENT_VERSION,
    )


def do(context: Context, event: str, about: str = "", reply: str = "") -> Row:
    detail = write_act(1, about=about, reply=reply)
    return context.record_event(event, exercise="touch", detail=detail, event_id=new_event_id())


def test_what_both_marked_yes_is_seen_by_both_kernels_once_both_have_released(
    consented: SessionRecord,
) -> None:
    ann, ben = open_context(consented, ANN), open_context(consented, BEN)
    for context, kiss in ((ann, "yes"), (ben, "not-now")):
        say(context, "hug", "yes")
        say(context, "kiss", kiss)
        do(context, "released")
        is_both = context is ben
        for one in (ann, ben):
            gate = open_gate(one, "touch", reveals="mutual-yes")
            assert gate.mutual_yes(1) == ({"hug"} if is_both else frozenset())


def test_a_line_goes_over_and_a_reply_comes_back(consented: SessionRecord) -> None:
    ann, ben = open_context(consented, ANN), open_context(consented, BEN)
    words = "You sang in the kitchen, and I could breathe."
    given = do(ann, "delivered", say(ann, "line", text=words).event_id)
    (line,) = open_gate(ben, "touch").deliveries()
    assert (line.by, line.text) == ("partner", words)
    do(ben, "replied", given.event_id, "tell-me-more")
    (line,) = open_gate(ann, "touch").deliveries()
    assert (line.by, line.reply) == ("me", "tell-me-more")


def test_nothing_that_was_said_unrecorded_goes_over(consented: SessionRecord) -> None:
    ann, ben = open_context(consented, ANN), open_context(consented, BEN)
    ann.record_consent("not-recorded", new_event_id())
    do(ann, "delivered", say(ann, "line", text="Only for me.").event_id)
    do(ann, "released")
    assert open_gate(ben, "touch").deliveries() == ()
    mine = open_gate(ann, "touch", reveals="answers")
    assert mine.release_state(1) == "offered"
    assert mine.moves(utc_now()) == frozenset()


def test_what_a_partner_gave_is_gone_when_they_withdraw(consented: SessionRecord) -> None:
    ann, ben = open_context(consented, ANN), open_context(consented, BEN)
    do(ann, "delivered", say(ann, "line", text="For you.").event_id)
    consented.withdraw(ANN, utc_now())
    assert open_gate(ben, "touch").deliveries() == ()


def test_who_is_alone_or_in_a_closed_session_can_do_nothing(consented: SessionRecord) -> None:
    for person in (SOLO, ANN):
        context = open_context(consented, person)
        say(context, "line", text="A line.")
        if person == ANN:
            assert open_gate(context, "touch").moves(utc_now())
            consented.close(utc_now(), "facilitator")
        assert open_gate(context, "touch").moves(utc_now()) == frozenset()
