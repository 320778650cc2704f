"""Taking a seat: what a join form must say, which place it leads to, and writing it down.

The deciding parts are pure. `take_seat` and `move_seat` read the roster, decide and write while
they hold the session's lock, so that of two people who want one place at the same instant one
gets it and the other is told.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from reconnect_widgets.domain.people import JOIN_CODE_LENGTH, Session, Slot
from reconnect_widgets.errors import JoinError, JoinReason
from reconnect_widgets.server import codes, names
from reconnect_widgets.server.roster import (
    RETURNED,
    SHARED_PHONE,
    Roster,
    RosterEntry,
    partner_of,
    people_in_dyad,
)
from reconnect_widgets.server.secrets import Secrets
from reconnect_widgets.server.session_view import SessionView
from reconnect_widgets.system import random_code

SLOTS: tuple[Slot, ...] = ("A", "B")

FIELD_OF_REASON: dict[JoinReason, str] = {
    "wrong-code": "code",
    "closed": "code",
    "expired": "code",
    "seat-taken": "slot",
    "couple-full": "couple_code",
    "wrong-couple": "couple_code",
    "wrong-return-code": "return_code",
    "bad-name": "name",
}


@dataclass(frozen=True)
class Problem:
    """What is wrong with one field of a form; `field` is empty when it is about all of it."""

    field: str
    reason: JoinReason
    message: str


@dataclass(frozen=True)
class JoinForm:
    """A join form that says everything it must.

    Attributes
    ----------
    slot
        None lets a second partner take whichever place is free.
    couple_code
        Empty for the first partner of a couple.
    partner_name
        The name of the other one, where both use this device; empty otherwise.
    """

    code: str
    name: str
    together: bool
    slot: Slot | None
    couple_code: str
    partner_name: str = ""


@dataclass(frozen=True)
class Place:
    """Where in a session somebody sits; no couple and no slot for who takes part alone."""

    dyad_id: str
    slot: Slot | None


def parse_join_form(fields: Mapping[str, str]) -> tuple[JoinForm | None, list[Problem]]:
    """Read the form's fields; return the form, or every problem at once."""
    problems: list[Problem] = []
    code = codes.normalise_code(fields["code"])
    if not code:
        problems.append(Problem("code", "incomplete", "Please type the code of your session."))
    elif len(code) != JOIN_CODE_LENGTH:
        problems.append(
            Problem("code", "wrong-code", f"A session's code has {JOIN_CODE_LENGTH} characters.")
        )
    name = ""
    try:
        name = names.parse_name(fields["name"])
    except JoinError as error:
        problems.append(Problem("name", error.reason, str(error)))
    how, slot = fields["how"], fields["slot"]
    partner_name = ""
    if how == "one-device":
        partner_name, more = _parse_partner_name(fields["partner_name"], name)
        problems += more
    couple_code = codes.normalise_code(fields["couple_code"]) if how == "couple" else ""
    if how not in ("alone", "couple", "one-device"):
        problems.append(
            Problem("how", "incomplete", "Please say whether you take part alone or together.")
        )
    elif how == "couple" and slot not in SLOTS and not couple_code:
        problems.append(
            Problem("slot", "incomplete", "Please choose A or B. It only says who goes first.")
        )
    if problems:
        return None, problems
    chosen: Slot | None = next((s for s in SLOTS if s == slot), None)
    together = how != "alone"
    slot_or_none = chosen if how == "couple" else None
    return JoinForm(code, name, together, slot_or_none, couple_code, partner_name), []


def _parse_partner_name(text: str, own: str) -> tuple[str, list[Problem]]:
    """Return the name of the other one; it must tell the two apart, since the page says whose
    turn it is."""
    try:
        name = names.parse_name(text)
    except JoinError as error:
        return "", [Problem("partner_name", error.reason, str(error))]
    if own and name.casefold() == own.casefold():
        message = "Please choose two different names: the page says whose turn it is."
        return "", [Problem("partner_name", "bad-name", message)]
    return name, []


def check_session(session: Session, is_open: bool, is_expired: bool) -> None:
    """Raise JoinError when nobody can join this session any more."""
    if is_expired:
        raise JoinError(
            "expired", "This session is over and its records have reached their end date."
        )
    if not is_open:
        raise JoinError(
            "closed", "This session has been closed. Your facilitator can open it again."
        )


def count_seats(roster: Roster) -> int:
    """Return how many seats are taken: one by who is alone, two by a couple, be it half here."""
    people = [entry for entry in roster.values() if entry.is_present]
    couples = {entry.dyad_id for entry in people if entry.dyad_id}
    return sum(not entry.dyad_id for entry in people) + 2 * len(couples)


def check_door(session: Session, roster: Roster, wanted: int) -> None:
    """Raise JoinError ``full`` when the session counts seats and has not so many left."""
    if session.door != "seats":
        return
    left = max(0, session.seats - count_seats(roster))
    if left >= wanted:
        return
    way_in = (
        "If your partner is here already, type the code of your couple: your seat is kept. "
        "If you have been here before, come back with your return code. "
        "Otherwise please tell your facilitator, who can make room."
    )
    taken = "There is one seat left, and a couple needs two." if left else "All seats are taken."
    raise JoinError("full", f"{taken} {way_in}")


def choose_place(
    roster: Roster, form: JoinForm, couple_code_of: Callable[[str], str], new_dyad_id: str
) -> Place:
    """Return the place that the form leads to.

    Raises
    ------
    JoinError
        ``wrong-couple``, ``couple-full`` or ``seat-taken``.
    """
    if not form.together:
        return Place("", None)
    if not form.couple_code:
        return Place(new_dyad_id, form.slot or "A")
    dyad_id = find_dyad(roster, form.couple_code, couple_code_of)
    return Place(dyad_id, free_slot(roster, dyad_id, form.slot))


def find_dyad(roster: Roster, couple_code: str, couple_code_of: Callable[[str], str]) -> str:
    """Return the couple of this code; JoinError ``wrong-couple`` if nobody has it."""
    found = ""
    # Every couple is compared: how long it takes tells nothing.
    for dyad_id in sorted({e.dyad_id for e in roster.values() if e.dyad_id and e.is_present}):
        if codes.is_same_code(couple_code_of(dyad_id), couple_code):
            found = dyad_id
    if not found:
        raise JoinError(
            "wrong-couple",
            "No couple in this session has this code. Your partner finds it on “My place”.",
        )
    return found


def free_slot(roster: Roster, dyad_id: str, wanted: Slot | None) -> Slot:
    """Return the free place of a couple; JoinError when it is full or the wanted one is taken."""
    taken = {entry.partner_slot for entry in people_in_dyad(roster, dyad_id)}
    free = [slot for slot in SLOTS if slot not in taken]
    if not free:
        raise JoinError(
            "couple-full",
            "Both places of this couple are taken. If one of them is yours, "
            "come back with your own return code.",
        )
    if wanted is not None and wanted not in free:
        raise JoinError("seat-taken", f"Your partner is {wanted} already, so you are {free[0]}.")
    return wanted or free[0]


def check_move(roster: Roster, person: RosterEntry) -> None:
    """Raise JoinError when somebody can not change couples any more."""
    if person.has_answered:
        raise JoinError("seat-taken", "You have answered already, so your place stays as it is.")
    if partner_of(roster, person) is not None:
        raise JoinError("couple-full", "Your partner has joined you already.")


class SeatWriter:
    """Writes seats into a session's record. The row is on the disk when a call returns."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets

    def couple_code(self, session_id: str, dyad_id: str) -> str:
        """Return the code with which a partner joins this couple."""
        return codes.derive_couple_code(self._secrets.code_key, session_id, dyad_id)

    def return_code(self, session_id: str, participant_id: str) -> str:
        """Return somebody's personal code."""
        return codes.derive_return_code(self._secrets.code_key, session_id, participant_id)

    async def take_seat(self, view: SessionView, form: JoinForm, form_token: str) -> str:
        """Seat somebody and return their participant_id.

        The same form leads to the same seat, however often it is sent.

        Raises
        ------
        JoinError
            The place can not be had, or the door is closed.
        RecordWriteError
            The disk did not take the row; sending the form again is safe.
        """
        session_id = view.info.session_id
        seat = codes.derive_seat(self._secrets.code_key, session_id, form_token)
        participant_id = f"p-{seat}"
        async with view.seating:
            roster = view.refresh()
            known = roster.get(participant_id)
            if known is not None and known.is_present and known.name == form.name:
                return participant_id
            if known is not None:
                # The same form sent again with another name, or (once in a billion) a collision.
                participant_id = self._new_participant_id(roster)
            if not form.couple_code:  # with one, the seat has been counted with the partner's
                check_door(view.info, roster, wanted=2 if form.together else 1)
            place = choose_place(
                roster,
                form,
                lambda dyad_id: self.couple_code(session_id, dyad_id),
                unused_id(roster, "d-", 4),
            )
            await asyncio.to_thread(self._write_joined, view, participant_id, form.name, place)
            view.refresh()
        return participant_id

    async def take_both_seats(
        self, view: SessionView, form: JoinForm, form_token: str
    ) -> tuple[str, str]:
        """Seat two who use one device as a new couple; return their participant_ids, A before B.

        The same form leads to the same seats, also when only the first of them was written.

        Raises
        ------
        JoinError
            ``full``: there are not two seats left.
        RecordWriteError
            The disk did not take the rows; sending the form again is safe.
        """
        session_id, key = view.info.session_id, self._secrets.code_key
        async with view.seating:
            roster = view.refresh()
            # No form's token holds a stroke: the second seat is nobody else's.
            ids = [
                f"p-{codes.derive_seat(key, session_id, token)}"
                for token in (form_token, f"{form_token}/B")
            ]
            known = [roster.get(participant_id) for participant_id in ids]
            wanted = (form.name, form.partner_name)
            pairs = zip(known, wanted, strict=True)
            if any(entry and not (entry.is_present and entry.name == n) for entry, n in pairs):
                # The same form sent again with other names: two other people.
                ids = [unused_id(roster, "p-", 6), unused_id(roster, "p-", 6)]
                known = [None, None]
            if not any(known):
                check_door(view.info, roster, wanted=2)
            dyad_id = next((k.dyad_id for k in known if k), "") or unused_id(roster, "d-", 4)
            for participant_id, name, slot in zip(ids, wanted, SLOTS, strict=True):
                if participant_id not in roster:
                    place = Place(dyad_id, slot)
                    await asyncio.to_thread(self._write_joined, view, participant_id, name, place)
            roster = view.refresh()
            for participant_id in ids:
                if not roster[participant_id].shares_phone:
                    await asyncio.to_thread(_append_event, view, participant_id, SHARED_PHONE)
            view.refresh()
        return ids[0], ids[1]

    async def note_sharing(self, view: SessionView, participant_ids: Iterable[str]) -> None:
        """Note that these two use one device from now on."""
        for participant_id in participant_ids:
            await asyncio.to_thread(_append_event, view, participant_id, SHARED_PHONE)
        view.refresh()

    async def note_return(self, view: SessionView, participant_id: str) -> None:
        """Note that somebody came back; a phone that they shared lets go of their seat."""
        await asyncio.to_thread(_append_event, view, participant_id, RETURNED)
        view.refresh()

    async def move_seat(self, view: SessionView, participant_id: str, couple_code: str) -> None:
        """Move somebody who has not answered yet into their partner's couple; else JoinError."""
        session_id = view.info.session_id
        async with view.seating:
            roster = view.refresh()
            person = roster[participant_id]
            check_move(roster, person)
            dyad_id = find_dyad(
                roster, couple_code, lambda dyad_id: self.couple_code(session_id, dyad_id)
            )
            if dyad_id == person.dyad_id:
                raise JoinError("wrong-couple", "This is your own code. It is for your partner.")
            place = Place(dyad_id, free_slot(roster, dyad_id, None))
            await asyncio.to_thread(self._write_moved, view, participant_id, place)
            view.refresh()

    def _write_joined(
        self, view: SessionView, participant_id: str, name: str, place: Place
    ) -> None:
        code = self.return_code(view.info.session_id, participant_id)
        detail = {
            "name": name,
            "partner_slot": place.slot,
            "return_code_hash": codes.hash_return_code(self._secrets.hash_key, code),
        }
        _append_person(view, "joined", detail, participant_id, place.dyad_id)

    def _write_moved(self, view: SessionView, participant_id: str, place: Place) -> None:
        _append_person(view, "moved", {"partner_slot": place.slot}, participant_id, place.dyad_id)

    def _new_participant_id(self, roster: Roster) -> str:
        return unused_id(roster, "p-", 6)


def _append_person(
    view: SessionView, event: str, detail: Mapping[str, object], participant_id: str, dyad_id: str
) -> None:
    writer = view.record.open_writer(participant_id)
    try:
        writer.append_person(event, detail, participant_id=participant_id, dyad_id=dyad_id)
    finally:
        writer.close()


def _append_event(view: SessionView, participant_id: str, event: str) -> None:
    person = view.roster[participant_id]
    writer = view.record.open_writer(participant_id)
    try:
        writer.append_event(event, participant_id=participant_id, dyad_id=person.dyad_id)
    finally:
        writer.close()


def unused_id(roster: Roster, prefix: str, length: int) -> str:
    """Return a random id that nobody in the session has or had."""
    taken = set(roster) | {entry.dyad_id for entry in roster.values()}
    while (candidate := prefix + random_code(length).lower()) in taken:
        pass
    return candidate
