"""What the review notebook's cells call: each shows one part of the page.

What belongs here: which session, who may look, and the words around the figures. What does not:
the figures (`group_figures`), their markup (`pictures`).

Served by the workbook, the session and the role come from the environment. In JupyterLab there is
neither: then it is the newest session of the record folder, else of the samples, and whoever can
read the folder may look. Every call reads the record anew, so running a cell again is asking for
the newest figures.
"""

from __future__ import annotations

import warnings
from html import escape
from pathlib import Path
from typing import Final

from IPython.display import HTML, display

from reconnect_widgets.content import load_instrument
from reconnect_widgets.domain.people import Session
from reconnect_widgets.errors import ReconnectError, SessionNotFoundError
from reconnect_widgets.records import RecordFolder, SessionRecord
from reconnect_widgets.records.drawings import read_drawing
from reconnect_widgets.review.frames import load_participants, load_responses
from reconnect_widgets.review.group_figures import (
    GroupFigures,
    Progress,
    RoundFigures,
    build_group_figures,
)
from reconnect_widgets.review.pictures import build_band_table, build_note, build_table, draw_bars
from reconnect_widgets.review.sources import UnreadRowsWarning
from reconnect_widgets.system import KernelEnvironment

_DOWNLOADS: Final = {
    "responses": "every answer, one row each",
    "participants": "who took part",
    "timeline": "what happened, and when",
    "codebook": "the wording of every item and its answers",
}
_STEPS: Final = {
    "joined": "Joined",
    "chose": "Chose how to take part",
    "began": "Began the checkup",
    "finished": "Finished the checkup",
}
_NOT_ENOUGH: Final = (
    "Not enough couples yet. A figure is shown when at least five couples, or at least five "
    "people who came alone, stand behind it."
)
# Decision 0170.
_WAS_DRAWN: Final = (
    "The group saw a picture of this round on its screen. The figures below are worked out anew: "
    "keep them to yourself, also in words. Beside that picture, the difference is somebody’s "
    "answer."
)


def show_sessions() -> None:
    """Show all sessions of the record folder, newest first."""
    record = _open_record()
    folder = RecordFolder(record.folder.parent.parent)
    rows = [_describe_session(found) for found in folder.sessions()]
    parts = [build_table("Sessions", ["Session", "Began", "State", "People", "Couples"], rows)]
    parts += [
        build_note(f"The folder {broken.name} can not be used: {broken.reason}")
        for broken in folder.broken_sessions()
    ]
    _show("".join(parts))


def show_overview() -> None:
    """Show which session this is, who came, and how far the group got."""
    record = _open_record()
    figures, notes = _read_figures(record)
    info = record.info
    people = f"{_number(figures.people, 'person', 'people')} joined"
    kinds = [_number(figures.couples, "couple", "couples")] if figures.couples else []
    kinds += [f"{figures.alone} alone"] if figures.alone else []
    people += f": {' and '.join(kinds)}" if kinds else ""
    rows = [(_name_step(progress), [progress.reached]) for progress in figures.progress]
    _show(
        f"<h2><bdi>{escape(info.title)}</bdi></h2>"
        f"<p>{_say_day(info)}, {_say_state(info)}. {escape(people)}.</p>"
        + "".join(map(build_note, notes))
        + build_table("How far the group got", ["Step", "People"], rows)
    )


def show_distributions() -> None:
    """Show how the four categories are spread, as far as the rule of disclosure allows."""
    record = _open_record()
    figures, _ = _read_figures(record)
    titles = {category.key: category.title for category in load_instrument().categories}
    shown = [figures_of for figures_of in figures.rounds if figures_of.shows_anything]
    if not shown:
        _show(build_note(_NOT_ENOUGH))
        return
    drawn = {drawing.round for drawing in map(read_drawing, record.read_staff().rows) if drawing}
    _show(
        "".join(
            _draw_round(figures_of, titles, was_drawn=figures_of.round in drawn)
            for figures_of in figures.rounds
        )
    )


def show_downloads() -> None:
    """Show where the tables of this session are."""
    record = _open_record()
    is_served = KernelEnvironment.load().role == "facilitator"
    items = []
    for name, about in _DOWNLOADS.items():
        if is_served:
            address = f"/facilitator/s/{record.session_id}/files/{name}.csv"
            where = f'<a href="{escape(address)}" download>{name}.csv</a>'
        else:
            where = f"<code>{escape(str(record.folder / f'{name}.csv'))}</code>"
        items.append(f"<li>{where}: {about}</li>")
    _show(f"<ul>{''.join(items)}</ul>")


def find_session(environment: KernelEnvironment) -> SessionRecord:
    """Return the session that a review is about.

    Raises
    ------
    ReconnectError
        If the kernel works for a participant.
    SessionNotFoundError
        If there is no session to look at.
    """
    if environment.role == "participant":
        raise ReconnectError(
            "This page is for facilitators. Your own answers are on your own pages."
        )
    if environment.session_id:
        return RecordFolder(environment.data_dir).session(environment.session_id)
    for data_dir in _look_around(environment.data_dir):
        # Real ones before those for practice, each newest first.
        records = RecordFolder(data_dir).sessions()
        if records:
            return min(records, key=lambda record: record.info.is_practice)
    raise SessionNotFoundError(
        f"There is no session in {environment.data_dir} and no sample beside it. "
        "Make one with `reconnect session new`, or set RECONNECT_DATA to the record folder."
    )


def _look_around(data_dir: Path) -> list[Path]:
    """Return where records may be: a notebook opened in JupyterLab runs in its own folder."""
    around = [data_dir, *(parent / data_dir.name for parent in data_dir.parent.parents)]
    return [*around, *(folder / "samples" for folder in around)]


def _open_record() -> SessionRecord:
    return find_session(KernelEnvironment.load())


def _read_figures(record: SessionRecord) -> tuple[GroupFigures, list[str]]:
    """Return the figures, and what has to be said about the record they come from."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UnreadRowsWarning)
        participants = load_participants(record.folder)
        responses = load_responses(record.folder)
    notes = {str(one.message) for one in caught if issubclass(one.category, UnreadRowsWarning)}
    return build_group_figures(participants, responses, load_instrument()), sorted(notes)


def _describe_session(record: SessionRecord) -> tuple[str, list[str]]:
    info = record.info
    present = [one for one in record.participants().values() if one.is_present]
    couples = {one.dyad_id for one in present if one.dyad_id}
    return info.title, [_say_day(info), _say_state(info), str(len(present)), str(len(couples))]


def _draw_round(figures: RoundFigures, titles: dict[str, str], *, was_drawn: bool) -> str:
    when = _name_round(figures.round)
    if not figures.shows_anything:
        return f"<h3>{when}</h3>" + build_note(_NOT_ENOUGH)
    caption = (
        f"{when}: how many people placed themselves in each quarter of the scale, of those who "
        "finished. 0 is “never” throughout, 100 “very often”. The quarters are no marks: "
        "the checkup has no norms."
    )
    return (
        f"<h3>{when}</h3>"
        + (build_note(_WAS_DRAWN) if was_drawn else "")
        + draw_bars(figures.tables, titles, caption)
        + build_band_table(figures.tables, titles, f"{when}: people in each quarter of the scale")
    )


def _name_step(progress: Progress) -> str:
    name = _STEPS[progress.step]
    return name if progress.round is None else f"{name}, {_name_round(progress.round).lower()}"


def _name_round(number: int) -> str:
    return {1: "First time", 2: "Second time", 3: "Third time"}.get(number, f"Time {number}")


def _number(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def _say_day(info: Session) -> str:
    return f"{info.created_at.day} {info.created_at:%B %Y}"


def _say_state(info: Session) -> str:
    return "open" if info.closed_at is None else "closed"


def _show(html: str) -> None:
    display(HTML(html))  # type: ignore[no-untyped-call]  # IPython has no types for these
