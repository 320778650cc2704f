"""``reconnect rehearse``: made-up couples play an evening on a running workbook."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from reconnect_widgets import system
from reconnect_widgets.cli.options import ACTOR, data_option, json_option
from reconnect_widgets.cli.output import say, say_json, say_table
from reconnect_widgets.cli.serving import served_address
from reconnect_widgets.cli.session import DEFAULT_AGENDA
from reconnect_widgets.domain.people import JOIN_CODE_LENGTH
from reconnect_widgets.domain.synthetic import PRACTICE_NAME
from reconnect_widgets.errors import RehearsalError, SessionNotFoundError, SetupError
from reconnect_widgets.records import RecordFolder, SessionRecord

if TYPE_CHECKING:
    from reconnect_widgets.rehearsal import Cast, Ledger, Pace, Server
    from reconnect_widgets.rehearsal.report import Report

PRACTICE_TITLE = "Practice (synthetic)"
PRACTICE_KEEP_DAYS = 7
# With 250 kernels in a server, and one of them kept for the facilitator.
MAX_COUPLES = 124
MAX_STAY_MIN = 240
PROGRESS_EVERY_S = 10


class JoinCode(click.ParamType[str]):
    """A session's join code, however it is written."""

    name = "code"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        code = "".join(value.upper().replace("-", " ").split())
        if len(code) != JOIN_CODE_LENGTH or set(code) - set(system.CODE_ALPHABET):
            self.fail(f"a join code has {JOIN_CODE_LENGTH} letters and digits", param, ctx)
        return code


class Address(click.ParamType[str]):
    """Where a workbook is served: scheme, host, port, and nothing else."""

    name = "url"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            parts = urlsplit(value.strip())
            is_whole = bool(
                parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
            )
        except ValueError:
            is_whole = False
        if not is_whole or parts.path.strip("/") or parts.query or parts.fragment or parts.username:
            self.fail("an address looks like http://127.0.0.1:8866", param, ctx)
        return f"{parts.scheme}://{parts.netloc}"


@click.command()
@click.option("--couples", type=click.IntRange(1, MAX_COUPLES), required=True, help="How many.")
@click.option(
    "--session",
    "code",
    metavar="CODE",
    type=JoinCode(),
    help="Join code of a session without real people. Default: a new practice session.",
)
@click.option(
    "--url",
    metavar="URL",
    type=Address(),
    help="The running workbook. Default: the one that serves the record folder.",
)
@click.option(
    "--pace",
    type=click.Choice(["fast", "human"]),
    default="fast",
    show_default=True,
    help="fast: all at once, without pauses; human: as a group of people would.",
)
@click.option(
    "--stay",
    "stay_min",
    metavar="MINUTES",
    type=click.IntRange(0, MAX_STAY_MIN),
    default=0,
    help="Stay so long when they are through, and go along where the desk brings everyone.",
)
@click.option(
    "--certfile",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Certificate (PEM) to believe, when nobody that this machine knows has signed it.",
)
@json_option
@data_option
def rehearse(
    couples: int,
    code: str | None,
    url: str | None,
    pace: str,
    stay_min: int,
    certfile: Path | None,
    as_json: bool,
    data_dir: Path,
) -> None:
    """Play made-up couples on a running workbook, and compare what was saved with the record."""
    # Tornado and the content take a while to import; only this command needs them.
    from reconnect_widgets.rehearsal import FAST, HUMAN

    server = _find_server(url or served_address(data_dir), certfile)
    with _find_session(data_dir, code) as (record, join_code):
        chosen = HUMAN if pace == "human" else FAST
        report = asyncio.run(
            _play(server, join_code, couples, chosen, stay_min, record, tells=not as_json)
        )
    if as_json:
        say_json(report.as_json())
    else:
        _say_report(report)
    _complain(report)


def _find_server(url: str, certfile: Path | None) -> Server:
    from reconnect_widgets.rehearsal import Server

    if certfile is None:
        return Server(url)
    try:
        return Server(url, ssl.create_default_context(cafile=certfile))
    except ssl.SSLError:
        raise SetupError(f"{certfile} is no certificate in PEM form") from None


@contextmanager
def _find_session(data_dir: Path, code: str | None) -> Iterator[tuple[SessionRecord | None, str]]:
    """Yield the session's record, if it is in this folder, and its join code.

    A practice session that was made here and that nobody could join is taken away again.
    """
    folder = RecordFolder(data_dir)
    if code is None:
        record = _make_practice_session(folder)
        try:
            yield record, record.info.code
        finally:
            if not record.participants():
                record.purge()
        return
    try:
        record = folder.find_open(code)
    except SessionNotFoundError:
        yield None, code
        return
    _refuse_real_people(record)
    yield record, code


def _make_practice_session(folder: RecordFolder) -> SessionRecord:
    from reconnect_widgets.content import CONTENT_VERSION

    return folder.create_session(
        PRACTICE_TITLE,
        agenda=DEFAULT_AGENDA,
        partner_policy="limited-secrets",
        name_visibility="facilitator",
        keep_days=PRACTICE_KEEP_DAYS,
        now=system.utc_now(),
        content_version=CONTENT_VERSION,
        actor=ACTOR,
        is_practice=True,
    )


def _refuse_real_people(record: SessionRecord) -> None:
    """Let nobody who does not exist into a group of people who do."""
    people = record.participants().values()
    if not record.info.is_practice and any(
        p.withdrawn_at is None and not PRACTICE_NAME.fullmatch(p.name) for p in people
    ):
        raise RehearsalError(
            "This session has real people in it: made-up ones would mix with their record. "
            "Leave out --session to rehearse in a session of its own"
        )


async def _play(
    server: Server,
    code: str,
    couples: int,
    pace: Pace,
    stay_min: int,
    record: SessionRecord | None,
    *,
    tells: bool,
) -> Report:
    """Play, and look into the record afterwards."""
    from reconnect_widgets.rehearsal import Cast, compare
    from reconnect_widgets.rehearsal.report import build_report

    cast = Cast(server, code, couples, pace, looks_back=record is None, stays_s=60.0 * stay_min)
    began_s = system.monotonic_s()
    title = await cast.open_door()
    if record is None and not title.startswith(PRACTICE_TITLE.split()[0]):
        await _refuse_unseen(cast)
    if tells:
        _say_what_begins(record, couples)
    telling = asyncio.create_task(_say_progress(cast.ledger, 2 * couples)) if tells else None
    try:
        await cast.play()
    finally:
        if telling is not None:
            telling.cancel()
    took_s = system.monotonic_s() - began_s
    if record is None:
        return build_report(cast.ledger, couples=couples, took_s=took_s, comparison=None)
    history = record.read()
    return build_report(
        cast.ledger,
        couples=couples,
        took_s=took_s,
        comparison=compare(cast.ledger, history.all_rows),
        session_id=record.session_id,
        gaps=len(history.gaps),
        unreadable=len(history.unreadable),
    )


async def _refuse_unseen(cast: Cast) -> None:
    """Go away from a session of which this machine cannot see who is in it."""
    await cast.leave_again()
    raise RehearsalError(
        "This session's record is not in the folder here, so there is no telling whether real "
        "people are in it. Give the server's own folder with --data, or make a session whose "
        f"title begins with {PRACTICE_TITLE.split()[0]}"
    )


def _say_what_begins(record: SessionRecord | None, couples: int) -> None:
    if record is None:
        say("The session's record is not in this folder: only what pages show can be checked.")
    elif record.info.title == PRACTICE_TITLE:
        say(f"Practice session {record.session_id}: nobody in it is real.")
        say(f"It is due to be erased on {record.info.keep_until:%d %B %Y}.")
    say(f"{2 * couples} made-up people, called Practice 1A, 1B and so on, take part.")


async def _say_progress(ledger: Ledger, people: int) -> None:
    """Say now and then how far everybody is; cancel to end."""
    while True:
        await asyncio.sleep(PROGRESS_EVERY_S)
        say(
            f"{ledger.joined} of {people} have joined, {ledger.finished} are through; "
            f"{ledger.answers} answers acknowledged"
        )


def _say_report(report: Report) -> None:
    acknowledged = report.acknowledged
    say()
    say(
        f"{report.joined} of {report.people} joined, {report.finished} came to the end, "
        f"in {report.took_s:.1f} s. Acknowledged: {acknowledged['answers']} answers, "
        f"{acknowledged['steps']} steps."
    )
    say()
    say_table(
        ("STEP", "TIMES", "P50 ms", "P95 ms", "P99 ms", "MOST ms"),
        (
            (
                t.step,
                str(t.count),
                *(f"{ms:.0f}" for ms in (t.p50_ms, t.p95_ms, t.p99_ms, t.most_ms)),
            )
            for t in report.times
        ),
    )
    say()
    if report.repeats or report.waits:
        say(f"Sent again: {report.repeats}. Asked by the server to come again: {report.waits}.")
    where = "the journals" if report.checked_against == "journals" else "what the pages show"
    say(
        f"Compared with {where}: {report.compared} acknowledged; {report.lost} lost, "
        f"{report.different} different, {report.extra} that nobody sent."
    )
    for problem in report.problems:
        say(f"{problem['count']} could not go on ({problem['where']}): {problem['what']}")


def _complain(report: Report) -> None:
    """Raise RehearsalError unless everything went as it should."""
    if report.lost or report.different or report.extra:
        raise RehearsalError(
            "The record is not what was acknowledged: "
            f"{report.lost} lost, {report.different} different, {report.extra} that nobody sent. "
            "Do not run a group on this server; keep the folder as it is, and see: reconnect doctor"
        )
    if report.gaps or report.unreadable:
        raise RehearsalError("The record has gaps or unreadable rows. See: reconnect doctor")
    if not report.is_ok:
        missing = report.people - report.finished
        raise RehearsalError(f"{missing} of {report.people} did not come to the end")
