"""``reconnect withdraw`` and ``reconnect purge``: what is erased is gone; so both ask first."""

from __future__ import annotations

from pathlib import Path

import click

from reconnect_widgets import system
from reconnect_widgets.cli.give import merge_with_codebook
from reconnect_widgets.cli.options import ACTOR, PARTICIPANT, SESSION, data_option, yes_option
from reconnect_widgets.cli.output import confirm, say
from reconnect_widgets.errors import SessionError
from reconnect_widgets.records import RecordFolder


@click.command()
@click.argument("session_id", metavar="ID", type=SESSION)
@click.argument("participant_id", metavar="PARTICIPANT", type=PARTICIPANT)
@yes_option
@data_option
def withdraw(session_id: str, participant_id: str, yes: bool, data_dir: Path) -> None:
    """Erase everything one person left in a session."""
    record = RecordFolder(data_dir).session(session_id)
    person = record.participants().get(participant_id)
    if person is None:
        raise SessionError(
            f"Nobody in {session_id} is {participant_id}. See: reconnect session show {session_id}"
        )
    if person.withdrawn_at is None:
        confirm(f"This erases everything {participant_id} left in {session_id}, for good.", yes=yes)
        record.withdraw(participant_id, system.utc_now(), actor=ACTOR)
    # Also when they had withdrawn before: a copy may have been put back, and merging is safe.
    merge_with_codebook(record)
    say(f"{participant_id} is withdrawn. Copies given away before are not reached by this.")


@click.command()
@click.option("--due", is_flag=True, required=True, help="Every session past its keep date.")
@yes_option
@data_option
def purge(due: bool, yes: bool, data_dir: Path) -> None:
    """Erase whole sessions that are past their keep date."""
    now = system.utc_now()
    records = [record for record in RecordFolder(data_dir).sessions() if record.is_due(now)]
    if not records:
        say("No session is past its keep date.")
        return
    for record in records:
        info = record.info
        say(f"{info.session_id}  kept until {system.format_instant(info.keep_until)}")
    confirm(f"This erases {_count(len(records))}, for good.", yes=yes)
    for record in records:
        record.purge()
    say(f"Erased {_count(len(records))}.")


def _count(sessions: int) -> str:
    return "1 session" if sessions == 1 else f"{sessions} sessions"
