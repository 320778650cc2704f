"""``reconnect session …``: make, list, show, close and reopen sessions.

All of it works while the workbook is being served: the commands write rows of their own, and the
server notices them as it notices an answer.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any, get_args

import click
from click.core import ParameterSource

from reconnect_widgets import system
from reconnect_widgets.cli.give import merge_with_codebook
from reconnect_widgets.cli.options import ACTOR, SESSION, Title, data_option, json_option
from reconnect_widgets.cli.output import say, say_fields, say_json, say_table, warn
from reconnect_widgets.cli.serving import join_address
from reconnect_widgets.domain.people import MAX_SEATS, Participant, PartnerPolicy, Session
from reconnect_widgets.records import RecordFolder, SessionRecord, current_answers

DEFAULT_AGENDA = ("welcome", "checkup")
DEFAULT_KEEP_DAYS = 90


@click.group()
def session() -> None:
    """Make, list, show, close and reopen sessions."""


class Agenda(click.ParamType[tuple[str, ...]]):
    """Exercise keys, comma-separated, in the order they are taken."""

    name = "k1,k2,…"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        if isinstance(value, tuple):
            return value
        keys = tuple(key.strip() for key in value.split(",") if key.strip())
        if not keys:
            self.fail("an agenda names at least one exercise", param, ctx)
        if len(set(keys)) < len(keys):
            self.fail("an exercise stands in an agenda once", param, ctx)
        return keys


class Free(click.ParamType[tuple[str, ...] | None]):
    """Exercises that people may open by themselves: ``all``, ``desk``, or keys."""

    name = "all|desk|k1,k2,…"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...] | None:
        if value == "all":
            return None
        if value == "desk":
            return ()
        return Agenda().convert(value, param, ctx)


@session.command()
@click.option("--title", type=Title(), required=True, help="What the group is called.")
@click.option("--plan", metavar="KEY", help="Prepare it as this plan says; other options win.")
@click.option("--meeting", type=click.IntRange(1, 99), help="Which meeting of the plan.")
@click.option(
    "--agenda",
    type=Agenda(),
    default=DEFAULT_AGENDA,
    help=f"Exercises in their order. Default: {','.join(DEFAULT_AGENDA)}.",
)
@click.option(
    "--partner-policy",
    type=click.Choice(get_args(PartnerPolicy)),
    default="limited-secrets",
    show_default=True,
    help="The rule between partners, told to them before they consent.",
)
@click.option(
    "--keep-days",
    type=click.IntRange(1, 3650),
    default=DEFAULT_KEEP_DAYS,
    show_default=True,
    help="Days after which the session is due to be erased.",
)
@click.option("--free", type=Free(), help="What people may open: all, desk, or exercises.")
@click.option("--seats", type=click.IntRange(1, MAX_SEATS), help="Let in so many people.")
@json_option
@data_option
@click.pass_context
def new(ctx: click.Context, /, title: str, as_json: bool, data_dir: Path, **chosen: Any) -> None:
    """Make a session; print its id, join code and join address."""
    # Reading packs takes longer than all the rest; only this command needs them.
    from reconnect_widgets.content import CONTENT_VERSION, exercise_keys, use_own_packs

    use_own_packs(data_dir)
    known = exercise_keys()
    for name in ("agenda", "free"):
        if not set(chosen[name] or ()) <= set(known):
            listed = ", ".join(known)
            raise click.BadParameter(
                f"these are the exercises, to be named comma-separated: {listed}",
                param_hint=f"--{name}",
            )
    settings = _from_plan(chosen.pop("plan"), chosen.pop("meeting"), data_dir)
    seats = chosen.pop("seats")
    if seats:
        settings |= {"door": "seats", "seats": seats}
    for name, value in chosen.items():
        if name not in settings or ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            settings[name] = value
    if settings["agenda"] is chosen["agenda"]:
        settings["minutes"] = {}  # a plan's are for the plan's agenda
    record = RecordFolder(data_dir).create_session(
        title,
        now=system.utc_now(),
        content_version=CONTENT_VERSION,
        actor=ACTOR,
        **{"name_visibility": "facilitator", **settings},
    )
    info = record.info
    address = join_address(data_dir, info.code)
    if as_json:
        say_json(_as_json(info) | {"join_address": address})
        return
    say_fields(("Session", info.session_id), ("Join code", info.code), ("Join address", address))


def _from_plan(key: str | None, number: int | None, data_dir: Path) -> dict[str, Any]:
    """Return what a plan says about a session; nothing without a plan."""
    from reconnect_widgets.content import load_plans

    if key is None:
        if number is not None:
            raise click.BadParameter("a meeting belongs to a --plan", param_hint="--meeting")
        return {}
    plans = load_plans(data_dir)
    for problem in plans.problems:
        warn(str(problem))
    found = plans.find(f"{key}.{number or 1}")
    if found is None and key in plans.by_key:
        many = len(plans.by_key[key].evenings)
        raise click.BadParameter(f"this plan has {many}", param_hint="--meeting")
    if found is None:
        listed = ", ".join(plans.by_key)
        raise click.BadParameter(f"the plans are: {listed}", param_hint="--plan")
    plan, meeting = found
    return plan.settings(meeting)


@session.command("list")
@json_option
@data_option
def list_(as_json: bool, data_dir: Path) -> None:
    """List the sessions, newest first."""
    folder = RecordFolder(data_dir)
    for broken in folder.broken_sessions():
        warn(f"reconnect: {broken.name} is left out: {broken.reason}")
    records = folder.sessions()
    if as_json:
        say_json([_as_json(r.info) | {"participants": len(_present(r))} for r in records])
        return
    if not records:
        say("No sessions yet. Make one with: reconnect session new --title 'Tuesday group'")
        return
    say_table(
        ("SESSION", "STATE", "CODE", "PEOPLE", "TITLE"),
        (
            (r.info.session_id, _state(r.info), r.info.code, str(len(_present(r))), r.info.title)
            for r in records
        ),
    )


@session.command()
@click.argument("session_id", metavar="ID", type=SESSION)
@data_option
def show(session_id: str, data_dir: Path) -> None:
    """Show one session, and who takes part in it."""
    record = RecordFolder(data_dir).session(session_id)
    info = record.info
    say_fields(
        ("Session", info.session_id),
        ("Title", info.title),
        ("State", _state(info)),
        ("Join code", info.code),
        ("Join address", join_address(data_dir, info.code)),
        ("Agenda", ", ".join(info.agenda)),
        ("Free to open", _free_in_words(info)),
        ("Door", f"{info.seats} seats" if info.door == "seats" else "open"),
        ("Between partners", info.partner_policy),
        ("Made", system.format_instant(info.created_at)),
        ("Closed", system.format_instant(info.closed_at) if info.closed_at else "no"),
        ("Kept until", system.format_instant(info.keep_until)),
        ("Folder", str(record.folder)),
    )
    say()
    people = sorted(record.participants().values(), key=lambda p: (p.dyad_id, p.joined_at))
    if not people:
        say("Nobody has joined yet.")
        return
    answers = _answers_by_person(record)
    say_table(
        ("PARTICIPANT", "COUPLE", "SEAT", "CONSENT", "ANSWERS", "NAME"),
        (_row(person, info, answers.get(person.participant_id, 0)) for person in people),
    )


@session.command()
@click.argument("session_id", metavar="ID", type=SESSION)
@data_option
def close(session_id: str, data_dir: Path) -> None:
    """Close a session: nobody joins or answers any more; the CSVs are merged."""
    record = RecordFolder(data_dir).session(session_id)
    record.close(system.utc_now(), ACTOR)
    merge_with_codebook(record)
    say(f"Closed. The record is in {record.folder}")


@session.command()
@click.argument("session_id", metavar="ID", type=SESSION)
@data_option
def reopen(session_id: str, data_dir: Path) -> None:
    """Open a closed session again: the same code, the same seats."""
    record = RecordFolder(data_dir).session(session_id)
    record.reopen(system.utc_now(), ACTOR)
    say(f"Open again. Join address: {join_address(data_dir, record.info.code)}")


def _as_json(info: Session) -> dict[str, Any]:
    """Return what ``session.json`` says, and whether the session is open now."""
    return {
        "session_id": info.session_id,
        "title": info.title,
        "code": info.code,
        "state": _state(info),
        "created_at": system.format_instant(info.created_at),
        "closed_at": system.format_instant(info.closed_at) if info.closed_at else None,
        "keep_until": system.format_instant(info.keep_until),
        "agenda": list(info.agenda),
        "partner_policy": info.partner_policy,
        "minutes": dict(info.minutes),
        "free": None if info.free is None else list(info.free),
        "door": info.door,
        "seats": info.seats,
    }


def _free_in_words(info: Session) -> str:
    if info.free is None:
        return "all exercises"
    return ", ".join(info.free) or "only what the desk opens"


def _state(info: Session) -> str:
    if info.closed_at is not None:
        return "closed"
    return "open" if info.is_open(system.utc_now()) else "past its keep date"


def _present(record: SessionRecord) -> list[Participant]:
    return [p for p in record.participants().values() if p.is_present]


def _answers_by_person(record: SessionRecord) -> Counter[str]:
    """Count the items each person has answered (skipped ones are no answers)."""
    latest = current_answers(record.read().rows).values()
    return Counter(row.participant_id for row in latest if row.status == "answered")


def _row(person: Participant, info: Session, answers: int) -> tuple[str, ...]:
    if person.withdrawn_at is not None:
        return (person.participant_id, "", "", "", "", "(withdrawn)")
    if person.freed_at is not None:
        return (person.participant_id, "", "", "", "", "(seat freed)")
    name = "(not shown)" if info.name_visibility == "off" else person.name
    return (
        person.participant_id,
        person.dyad_id or "alone",
        person.partner_slot or "",
        person.consent or "not yet",
        str(answers),
        name,
    )
