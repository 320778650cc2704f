"""``session.json``: the one file of a record that is not a table."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, get_args

from reconnect_widgets.domain.people import (
    JOIN_CODE_LENGTH,
    MAX_MINUTES,
    MAX_SEATS,
    MAX_TITLE_LENGTH,
    SESSION_ID,
    Door,
    NameVisibility,
    PartnerPolicy,
    Session,
)
from reconnect_widgets.errors import RecordReadError, SessionError
from reconnect_widgets.records.rows import SCHEMA_VERSION, is_key
from reconnect_widgets.system import CODE_ALPHABET, format_instant, parse_instant, random_code

FILE_NAME = "session.json"
# What a session was prepared with, beside what every session has; files of 1.0 lack it.
PREPARED = ("minutes", "free", "door", "seats", "is_practice")
_MAX_SLUG_LENGTH = 40
_MAX_KEEP_DAYS = 36_500


def new_session(
    title: str,
    *,
    agenda: Iterable[str],
    partner_policy: PartnerPolicy,
    name_visibility: NameVisibility,
    keep_days: int,
    content_version: str,
    now: datetime,
    **more: Any,
) -> Session:
    """Return a new session with a new id and a join code that the id does not give away.

    Parameters
    ----------
    more
        Any of `PREPARED`.

    Raises
    ------
    SessionError
        If a value is not allowed; the message names it.
    """
    if type(keep_days) is not int or not 1 <= keep_days <= _MAX_KEEP_DAYS:
        raise SessionError(f"keep_days: expected 1 to {_MAX_KEEP_DAYS} whole days")
    now = now.replace(microsecond=now.microsecond // 1000 * 1000)
    slug = _slug(title) if isinstance(title, str) else ""
    session = Session(
        session_id=f"{now:%Y-%m-%d}-{slug}-{random_code(6).lower()}",
        title=title,
        code=random_code(JOIN_CODE_LENGTH),
        created_at=now,
        closed_at=None,
        agenda=tuple(agenda),
        partner_policy=partner_policy,
        name_visibility=name_visibility,
        keep_until=now + timedelta(days=keep_days),
        content_version=content_version,
        schema_version=SCHEMA_VERSION,
        **more,
    )
    problem = find_session_problem(session)
    if problem:
        raise SessionError(problem)
    return session


def find_session_problem(session: Session) -> str:
    """Return the first rule that the session breaks, as ``field: expected …``; empty if none."""
    title = session.title
    if not isinstance(title, str) or not title.strip() or len(title) > MAX_TITLE_LENGTH:
        return f"title: expected 1 to {MAX_TITLE_LENGTH} characters"
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in title):
        return "title: expected one line of text without control characters"
    if not SESSION_ID.fullmatch(session.session_id):
        return "session_id: expected an id like 2026-11-20-tuesday-group-k7f3mq"
    if len(session.code) != JOIN_CODE_LENGTH or not set(session.code) <= set(CODE_ALPHABET):
        return f"code: expected {JOIN_CODE_LENGTH} characters of the code alphabet"
    if not session.agenda or not all(is_key(key) for key in session.agenda):
        return "agenda: expected at least one exercise key"
    if session.partner_policy not in get_args(PartnerPolicy):
        return f"partner_policy: expected one of {', '.join(get_args(PartnerPolicy))}"
    if session.name_visibility not in get_args(NameVisibility):
        return f"name_visibility: expected one of {', '.join(get_args(NameVisibility))}"
    return _find_prepared_problem(session)


def _find_prepared_problem(session: Session) -> str:
    minutes, free = session.minutes, session.free
    if not isinstance(minutes, dict) or not all(
        is_key(key) and type(n) is int and 1 <= n <= MAX_MINUTES for key, n in minutes.items()
    ):
        return f"minutes: expected 1 to {MAX_MINUTES} whole minutes for an exercise key"
    if free is not None and not all(is_key(key) for key in free):
        return "free: expected exercise keys, or null for all"
    if session.door not in get_args(Door):
        return f"door: expected one of {', '.join(get_args(Door))}"
    if type(session.seats) is not int or not 0 <= session.seats <= MAX_SEATS:
        return f"seats: expected 0 to {MAX_SEATS}"
    if session.door == "seats" and not session.seats:
        return "seats: expected how many people there is room for"
    if type(session.is_practice) is not bool:
        return "is_practice: expected true or false"
    return ""


def encode_session(session: Session) -> bytes:
    """Return the bytes of ``session.json``."""
    return (json.dumps(describe_session(session), ensure_ascii=False, indent=2) + "\n").encode()


def describe_session(session: Session) -> dict[str, Any]:
    """Return the session as JSON values, in the order of the file."""
    return {
        "session_id": session.session_id,
        "title": session.title,
        "code": session.code,
        "created_at": format_instant(session.created_at),
        "closed_at": format_instant(session.closed_at) if session.closed_at else None,
        "agenda": list(session.agenda),
        "partner_policy": session.partner_policy,
        "name_visibility": session.name_visibility,
        "keep_until": format_instant(session.keep_until),
        "content_version": session.content_version,
        "schema_version": session.schema_version,
        "minutes": dict(session.minutes),
        "free": None if session.free is None else list(session.free),
        "door": session.door,
        "seats": session.seats,
        "is_practice": session.is_practice,
    }


def read_session(folder: Path) -> Session:
    """Read a session's ``session.json``.

    Raises
    ------
    RecordReadError
        If the file can not be read or does not say what it should; the message says where.
    """
    path = folder / FILE_NAME
    try:
        return _parse_session(json.loads(path.read_bytes()), folder.name)
    except OSError as error:
        raise RecordReadError(f"{path}: can not be read ({error.strerror})") from error
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        reason = str(error) if type(error) is _FieldError else "expected the fields of a session"
        raise RecordReadError(f"{path}: {reason}") from None


class _FieldError(ValueError):
    """A field of ``session.json`` is wrong; the text names it and repeats nothing of the file."""


def _parse_session(found: Any, folder_name: str) -> Session:
    session = Session(
        session_id=found["session_id"],
        title=found["title"],
        code=found["code"],
        created_at=parse_instant(found["created_at"]),
        closed_at=parse_instant(found["closed_at"]) if found["closed_at"] else None,
        agenda=tuple(found["agenda"]),
        partner_policy=found["partner_policy"],
        name_visibility=found["name_visibility"],
        keep_until=parse_instant(found["keep_until"]),
        content_version=found["content_version"],
        schema_version=found["schema_version"],
        **{name: found[name] for name in PREPARED if name in found and name != "free"},
        free=None if found.get("free") is None else tuple(found["free"]),
    )
    problem = find_session_problem(session)
    if problem:
        raise _FieldError(problem)
    if session.session_id != folder_name:
        raise _FieldError("session_id: expected the name of the folder")
    return session


def _slug(title: str) -> str:
    """Return the title as a few plain words for a folder name; ``session`` if none are left."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain)[:_MAX_SLUG_LENGTH].strip("-")
    return slug or "session"
