"""Whatever is done with seats: nobody sees what was set aside, and no seat is anybody's twice."""

from __future__ import annotations

import asyncio
import errno
import tempfile
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import frictionless
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconnect_widgets.domain.people import Slot
from reconnect_widgets.errors import JoinError, RecordWriteError
from reconnect_widgets.review.frames import load_participants, load_responses
from reconnect_widgets.server.kernels import KernelOwner
from reconnect_widgets.server.reseating import (
    Plan,
    SeatsError,
    change_seats,
    plan_anew,
    plan_couple,
    plan_free,
    plan_move,
    plan_swap,
    plan_undo,
    undoable_acts,
)
from reconnect_widgets.server.roster import Roster, people_in_dyad
from reconnect_widgets.server.seating import Place, SeatWriter, free_slot, unused_id
from reconnect_widgets.server.services import Services
from reconnect_widgets.server.session_view import SessionView
from reconnect_widgets.system import utc_now
from reconnect_widgets.workbook.context import Context
from tests.records.example import append_answer, make_session
from tests.records.flaky_disk import skip_syncs
from tests.support.one_after_another import one_after_another

STEPS = ("alone", "beside", "answer", "answer", "answer", "free", "anew", "swap", "move", "move",
         "couple", "couple", "undo", "undo", "withdraw", "restart")  # fmt: skip


ONE, TWO = "p-000001", "p-000002"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    skip_syncs(monkeypatch)
    one_after_another(monkeypatch)


class NoKernels:
    """The seats of a server on which nobody has a kernel."""

    @asynccontextmanager
    async def emptied(self, owners: Iterable[KernelOwner]) -> AsyncIterator[None]:
        yield


SERVICES = cast(
    "Services", SimpleNamespace(seats=NoKernels(), hub=SimpleNamespace(wake=lambda _: None))
)


class Room:
    """A session, and what each person should be found to have said."""

    def __init__(self, folder: Path) -> None:
        self.record = make_session(folder)
        self.view = SessionView(self.record)
        self.said: dict[str, list[str]] = {}
        # What was set aside by an act, to come back when that is undone.
        self.kept: dict[str, dict[str, list[str]]] = {}
        # What a kernel of theirs knows, as long as it is not ended.
        self.contexts: dict[str, Context] = {}
        self.count = 0

    @property
    def roster(self) -> Roster:
        return self.view.refresh()

    def present(self) -> list[str]:
        return [who for who, entry in self.roster.items() if entry.is_present]

    def sit(self, dyad_id: str, slot: Slot | None) -> None:
        self.count += 1
        who = f"p-{self.count:06}"
        writer = SeatWriter(cast(Any, SimpleNamespace(code_key=b"k" * 32, hash_key=b"h" * 32)))
        writer._write_joined(self.view, who, f"Name {self.count}", Place(dyad_id, slot))
        self.said[who] = []

    def answer(self, who: str) -> None:
        writer = self.record.open_writer(who)
        item = f"presence-{len(self.said[who]) + 1}"
        row = append_answer(writer, dyad_id=self.roster[who].dyad_id, item=item)
        writer.close()
        self.said[who].append(row.event_id)

    def change(self, plan: Plan) -> None:
        asyncio.run(
            change_seats(SERVICES, self.view, lambda roster, changes: plan, by="facilitator")
        )
        for change in plan.changes:
            self.contexts.pop(change.participant_id, None)
        if plan.about:
            for who, said in self.kept.pop(plan.about).items():
                self.said[who] = said
            return
        lost = {c.participant_id: self.said[c.participant_id] for c in plan.changes if c.sets_aside}
        self.kept[self.view.changes.acts[-1].act_id] = lost
        self.said |= {who: [] for who in lost}


def furnish(room: Room) -> Room:
    """Let a couple, half a couple and two alone be there, some of whom have answered."""
    room.sit("d-ab12", "A")
    room.sit("d-ab12", "B")
    room.sit("d-cd34", "A")
    room.sit("", None)
    room.sit("", None)
    for who in (ONE, TWO, TWO, "p-000003", "p-000004"):
        room.answer(who)
    return room


def take(room: Room, step: str, one: int, two: int) -> None:
    """Do one thing, if it can be done at all."""
    people = room.present()
    if step == "alone":
        room.sit("", None)
        return
    if step == "restart":
        room.view = SessionView(room.record)
        return
    if not people:
        return
    who, other = people[one % len(people)], people[two % len(people)]
    roster, changes = room.roster, room.view.changes
    dyad_id = roster[other].dyad_id
    try:
        match step:
            case "beside" if dyad_id:
                room.sit(dyad_id, free_slot(roster, dyad_id, None))
            case "beside":
                room.sit(unused_id(roster, "d-", 4), "A")
            case "answer":
                room.answer(who)
            case "withdraw":
                room.record.withdraw(who, utc_now())
                del room.said[who]
                room.kept = {act: {p: s for p, s in lost.items() if p != who}
                             for act, lost in room.kept.items()}  # fmt: skip
            case "free":
                room.change(plan_free(roster, who))
            case "anew":
                room.change(plan_anew(roster, who))
            case "swap":
                room.change(plan_swap(roster, changes, dyad_id))
            case "move":
                room.change(plan_move(roster, who, dyad_id))
            case "couple":
                room.change(plan_couple(roster, who, other, unused_id(roster, "d-", 4)))
            case "undo":
                undoable = undoable_acts(roster, changes)
                if undoable:
                    act_id = undoable[one % len(undoable)].act_id
                    room.change(plan_undo(roster, changes, room.record.info, act_id))
    except (SeatsError, JoinError):
        return


def check(room: Room) -> None:
    """Ask every reader."""
    roster = room.roster
    wanted = {who: said for who, said in room.said.items() if said}
    found: dict[str, list[str]] = {}
    for row in room.record.read().rows:
        if row.kind == "answer":
            found.setdefault(row.participant_id, []).append(row.event_id)
    assert found == wanted
    assert seats_of(SessionView(room.record).refresh()) == seats_of(roster)
    places = [(e.dyad_id, e.partner_slot) for e in roster.values() if e.is_present and e.dyad_id]
    assert len(places) == len(set(places))
    for who in room.present():
        context = room.contexts.setdefault(who, Context(room.record, who, utc_now))
        context.refresh()
        partner = [
            e for e in people_in_dyad(roster, roster[who].dyad_id) if e.participant_id != who
        ]
        seen = [row.event_id for row in context.partner_rows() if row.kind == "answer"]
        assert seen == [said for entry in partner for said in room.said[entry.participant_id]]
        own = [row.event_id for row in context.own_rows() if row.kind == "answer"]
        assert own == room.said[who]
        assert context.dyad_id == roster[who].dyad_id
        assert roster[who].has_answered is bool(room.said[who])


def seats_of(roster: Roster) -> dict[str, object]:
    """Return what a roster says of who did not withdraw: the same after any restart."""
    return {
        who: (e.dyad_id, e.partner_slot, e.name, e.handled, e.has_answered, e.is_present)
        for who, e in roster.items()
        if e.withdrawn_at is None
    }


steps = st.lists(
    st.tuples(st.sampled_from(STEPS), st.integers(0, 4), st.integers(0, 4)), max_size=12
)
FEW = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@FEW
@given(steps)
def test_no_reader_ever_sees_what_was_set_aside(taken: list[tuple[str, int, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        room = furnish(Room(Path(folder)))
        for step in taken:
            take(room, *step)
            check(room)


@settings(FEW, max_examples=25)
@given(steps)
def test_the_tables_and_every_copy_say_the_same(taken: list[tuple[str, int, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        room = furnish(Room(Path(folder) / "data"))
        for step in taken:
            take(room, *step)
        wanted = sorted(said for answers in room.said.values() for said in answers)
        room.record.merge()
        room.record.export("full", Path(folder) / "full")
        for path in (room.record.folder, Path(folder) / "full"):
            assert sorted(load_responses(path)["event_id"]) == wanted
            people = load_participants(path)
            seated = people[people["withdrawn_at"].isna()]
            assert sorted(seated["participant_id"]) == sorted(room.present())
        # Nothing is lost: whatever is set aside still stands in the table.
        in_table = (room.record.folder / "responses.csv").read_text(encoding="utf-8")
        assert all(event_id in in_table for event_id in wanted)
        kept = [row for row in room.record.read().all_rows if row.kind == "answer"]
        assert all(row.event_id in in_table for row in kept)


@pytest.fixture
def room(tmp_path: Path) -> Room:
    room = Room(tmp_path)
    room.sit("d-ab12", "A")
    room.sit("d-ab12", "B")
    return room


def test_two_who_swap_keep_their_devices_and_take_each_others_name_and_letter(room: Room) -> None:
    room.change(plan_swap(room.roster, room.view.changes, "d-ab12"))
    one = room.roster[ONE]
    assert (one.name, one.partner_slot, one.is_present) == ("Name 2", "B", True)
    people = room.record.participants()
    assert (people[TWO].name, people[TWO].partner_slot) == ("Name 1", "A")
    room.change(plan_swap(room.roster, room.view.changes, "d-ab12"))
    assert room.roster[ONE].name == "Name 1"


def test_the_choice_whether_to_be_recorded_is_set_aside_too(room: Room) -> None:
    writer = room.record.open_writer(ONE)
    writer.append_person("consented", {"consent": "recorded"}, participant_id=ONE, dyad_id="d-ab12")
    writer.close()
    assert Context(room.record, ONE, utc_now).consent == "recorded"
    room.change(plan_anew(room.roster, ONE))
    assert Context(room.record, ONE, utc_now).consent is None
    assert room.roster[ONE].consent is None


def test_a_kernel_that_another_server_began_records_nothing_more(room: Room) -> None:
    context = Context(room.record, ONE, utc_now)
    tag = context.tag
    room.change(plan_anew(room.roster, ONE))
    context.refresh()
    assert context.is_reseated
    assert Context(room.record, ONE, utc_now).tag != tag


def test_the_partner_of_a_freed_seat_finds_whoever_comes_next(room: Room) -> None:
    room.answer(TWO)
    context = Context(room.record, ONE, utc_now)
    assert context.partner_rows()
    room.change(plan_free(room.roster, TWO))
    assert context.partner_rows() == ()
    room.sit("d-ab12", "B")
    room.answer("p-000003")
    assert [row.participant_id for row in context.partner_rows() if row.kind == "answer"] == [
        "p-000003"
    ]


def test_who_was_alone_in_a_couple_keeps_what_they_said_and_who_was_not_does_not(
    room: Room,
) -> None:
    room.sit("d-cd34", "A")
    room.answer("p-000003")
    room.answer(TWO)
    room.change(plan_move(room.roster, TWO, "d-cd34"))
    assert not room.roster[TWO].has_answered
    assert room.roster[TWO].partner_slot == "B"
    # One sat beside somebody who has gone since.
    room.answer(ONE)
    room.sit("d-ef56", "A")
    room.change(plan_move(room.roster, ONE, "d-ef56"))
    assert not room.roster[ONE].has_answered
    room.sit("d-gh78", "B")
    room.answer("p-000005")
    room.sit("d-ij90", "A")
    room.change(plan_move(room.roster, "p-000005", "d-ij90"))
    assert room.roster["p-000005"].has_answered


def test_a_freed_seat_counts_no_more_and_comes_back_only_where_there_is_room(room: Room) -> None:
    room.change(plan_free(room.roster, ONE))
    room.change(plan_free(room.roster, TWO))
    act = room.view.changes.acts[-1]
    room.sit("d-cd34", "A")
    room.record.prepare({"door": "seats", "seats": 2}, utc_now(), "facilitator")
    with pytest.raises(SeatsError, match="full"):
        plan_undo(room.roster, room.view.changes, room.record.info, act.act_id)
    room.record.prepare({"seats": 4}, utc_now(), "facilitator")
    room.change(plan_undo(room.roster, room.view.changes, room.record.info, act.act_id))
    assert room.roster[TWO].is_present


def test_a_place_that_somebody_took_is_not_given_back(room: Room) -> None:
    room.change(plan_free(room.roster, TWO))
    room.sit("d-ab12", "B")
    assert undoable_acts(room.roster, room.view.changes) == []


def test_who_withdraws_after_their_seat_was_freed_leaves_nothing(room: Room) -> None:
    room.answer(TWO)
    room.change(plan_free(room.roster, TWO))
    room.record.withdraw(TWO, utc_now())
    room.record.merge()
    for file in ("responses.csv", "timeline.csv", "participants.csv"):
        lines = (room.record.folder / file).read_text(encoding="utf-8").splitlines()
        found = [line for line in lines if TWO in line]
        # One line in the list of people says that they withdrew.
        assert len(found) == (file == "participants.csv"), file
    assert room.roster[TWO].freed_at is None


def test_a_change_that_the_disk_refused_in_the_last_moment_has_never_been(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.answer(ONE)

    def refuse(fd: int) -> None:
        assert not room.roster[ONE].has_answered  # it is seen while it is written
        raise OSError(errno.ENOSPC, "no space left")

    plan = plan_anew(room.roster, ONE)
    monkeypatch.setattr("reconnect_widgets.records.journal.sync_data", refuse)
    with pytest.raises(RecordWriteError):
        room.change(plan)
    assert room.roster[ONE].has_answered
    assert room.view.changes.acts == ()
    assert [row.kind for row in room.record.read((ONE,)).rows] == ["person", "answer"]


def test_deidentified_copies_hold_nothing_that_was_set_aside(room: Room, tmp_path: Path) -> None:
    for who in (ONE, TWO):
        writer = room.record.open_writer(who)
        writer.append_person(
            "consented", {"consent": "recorded"}, participant_id=who, dyad_id="d-ab12"
        )
        writer.close()
        room.answer(who)
    room.change(plan_free(room.roster, TWO))
    room.record.merge()
    room.record.export("deidentified", tmp_path / "out")
    rows = (tmp_path / "out" / "responses.csv").read_text(encoding="utf-8").splitlines()
    people = (tmp_path / "out" / "participants.csv").read_text(encoding="utf-8").splitlines()
    assert (len(rows), len(people)) == (2, 2)


def test_the_record_of_an_evening_with_changes_is_a_valid_data_package(room: Room) -> None:
    room.answer(ONE)
    room.answer(TWO)
    room.change(plan_swap(room.roster, room.view.changes, "d-ab12"))
    room.change(plan_free(room.roster, ONE))
    room.record.merge()
    report = frictionless.validate(str(room.record.folder / "datapackage.json"))
    assert report.valid, report.flatten(["type", "message"])


def test_a_row_that_was_changed_by_hand_sets_aside_rather_too_much(room: Room) -> None:
    room.answer(ONE)
    room.change(plan_anew(room.roster, ONE))
    journals = room.record.folder.glob("journal/facilitator.*.csv")
    texts = {path: path.read_text(encoding="utf-8") for path in journals}
    journal, text = next((p, text) for p, text in texts.items() if "seat-begun-anew" in text)
    journal.write_text(text.replace('""to"": [""d-ab12"", ""A""]', '""to"": 7'), encoding="utf-8")
    assert text != journal.read_text(encoding="utf-8")
    assert room.record.read().unreadable == ()
    assert [row for row in room.record.read().rows if row.kind == "answer"] == []
