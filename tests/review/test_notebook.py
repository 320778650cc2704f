"""Which session a review shows, to whom, and what it says around the figures."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from IPython.display import HTML

from reconnect_widgets import review
from reconnect_widgets.errors import ReconnectError, SessionNotFoundError
from reconnect_widgets.review import notebook
from reconnect_widgets.system import KernelEnvironment
from tests.records.example import EVENING, make_session
from tests.review.groups import alone, couples, write_group

SHOWS: list[Callable[[], None]] = [
    review.show_overview,
    review.show_distributions,
    review.show_downloads,
    review.show_sessions,
]


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Collect what is displayed in place of showing it."""
    collected: list[str] = []

    def collect(html: HTML) -> None:
        collected.append(str(html.data))

    monkeypatch.setattr(notebook, "display", collect)
    return collected


@pytest.fixture
def as_role(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def set_environment(role: str, data_dir: Path, session_id: str = "") -> None:
        environment = KernelEnvironment(data_dir, session_id, "", role)
        for name, value in environment.variables().items():
            monkeypatch.setenv(name, value)

    return set_environment


@pytest.mark.parametrize("show", SHOWS)
def test_a_participant_is_refused_whatever_is_called(
    show: Callable[[], None], shown: list[str], as_role: Callable[..., None], tmp_path: Path
) -> None:
    record = make_session(tmp_path)
    as_role("participant", tmp_path, record.session_id)
    with pytest.raises(ReconnectError, match="This page is for facilitators"):
        show()
    assert shown == []


def test_served_it_shows_the_session_of_its_address(
    shown: list[str], as_role: Callable[..., None], tmp_path: Path
) -> None:
    older, _newer = write_group(tmp_path, couples(2)), make_session(tmp_path)
    as_role("facilitator", tmp_path, older.session_id)
    review.show_overview()
    assert "4 people joined: 2 couples." in shown[0]


def test_beside_a_picture_that_the_group_saw_it_asks_to_keep_the_figures_to_oneself(
    shown: list[str], as_role: Callable[..., None], tmp_path: Path
) -> None:
    record = write_group(tmp_path, [*couples(5), *couples(5, 1, first=5)])
    as_role("facilitator", tmp_path, record.session_id)
    review.show_distributions()
    desk = record.open_writer("f-ab12cd")
    detail = json.dumps({"round": 1, "until": "2026-11-20T19:00:00.000Z", "basis": "0" * 32})
    desk.append_event("picture-drawn", exercise="checkup", detail=detail)
    desk.close()
    review.show_distributions()
    before, after = shown
    words = "keep them to yourself"
    assert words not in before
    assert after.count(words) == 1


def test_a_session_that_is_not_there_is_named(as_role: Callable[..., None], tmp_path: Path) -> None:
    as_role("facilitator", tmp_path, "2026-11-20-tuesday-group-k7f3mq")
    with pytest.raises(SessionNotFoundError, match="2026-11-20-tuesday-group-k7f3mq"):
        review.show_overview()


def test_in_jupyterlab_it_shows_the_newest_session_of_the_record_folder(tmp_path: Path) -> None:
    make_session(tmp_path / "data", now=EVENING)
    newer = make_session(tmp_path / "data", now=EVENING.replace(day=21))
    make_session(tmp_path / "data" / "samples", now=EVENING.replace(day=22))
    in_its_own_folder = tmp_path / "workbooks" / "facilitator" / "data"
    found = notebook.find_session(KernelEnvironment(in_its_own_folder, "", "", ""))
    assert found.folder == newer.folder


def test_in_jupyterlab_the_samples_stand_in_until_there_is_a_session(tmp_path: Path) -> None:
    sample = make_session(tmp_path / "data" / "samples")
    found = notebook.find_session(KernelEnvironment(tmp_path / "data", "", "", ""))
    assert found.folder == sample.folder


def test_without_any_session_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SessionNotFoundError, match="reconnect session new"):
        notebook.find_session(KernelEnvironment(tmp_path / "data", "", "", ""))


@pytest.mark.parametrize("people", [[], couples(4), [*couples(4), *alone(4)]])
def test_a_small_group_is_told_that_it_is_too_small_and_nothing_else(
    people: list, shown: list[str], as_role: Callable[..., None], tmp_path: Path
) -> None:
    record = write_group(tmp_path, people)
    as_role("facilitator", tmp_path, record.session_id)
    review.show_distributions()
    assert len(shown) == 1
    assert "Not enough couples yet" in shown[0]
    assert "<svg" not in shown[0]
    assert "<table" not in shown[0]


def test_a_group_that_is_large_enough_sees_its_figures(
    shown: list[str], as_role: Callable[..., None], tmp_path: Path
) -> None:
    record = write_group(tmp_path, [*couples(5, 0), *couples(6, 2, first=5)])
    as_role("facilitator", tmp_path, record.session_id)
    review.show_distributions()
    assert shown[0].count("<rect") == 4
    assert "<td>12</td>" in shown[0]
    assert "<td>10</td>" not in shown[0]  # 0–24 is hidden with the empty quarters


def test_served_the_tables_are_links_and_in_jupyterlab_they_are_paths(
    shown: list[str], as_role: Callable[..., None], tmp_path: Path
) -> None:
    record = make_session(tmp_path)
    as_role("facilitator", tmp_path, record.session_id)
    review.show_downloads()
    assert f'href="/facilitator/s/{record.session_id}/files/responses.csv" download' in shown[0]
    as_role("", tmp_path)
    review.show_downloads()
    assert "href" not in shown[1]
    assert str(record.folder / "responses.csv") in shown[1]


def test_a_title_is_text_and_never_markup(
    shown: list[str], as_role: Callable[..., None], tmp_path: Path
) -> None:
    record = make_session(tmp_path)
    path = record.folder / "session.json"
    path.write_text(path.read_text().replace("Tuesday group", "<img src=x>"), encoding="utf-8")
    as_role("facilitator", tmp_path, record.session_id)
    review.show_overview()
    review.show_sessions()
    assert "<img" not in "".join(shown)
    assert "&lt;img" in shown[0]


def test_a_session_that_can_not_be_read_is_named_beside_the_others(
    shown: list[str], as_role: Callable[..., None], tmp_path: Path
) -> None:
    record, broken = make_session(tmp_path), make_session(tmp_path)
    (broken.folder / "session.json").write_text("{", encoding="utf-8")
    as_role("facilitator", tmp_path, record.session_id)
    review.show_sessions()
    assert broken.session_id in shown[0]
    assert shown[0].count("<tr>") == 2


def test_rows_that_could_not_be_read_are_said_on_the_page(
    shown: list[str], as_role: Callable[..., None], tmp_path: Path
) -> None:
    record = write_group(tmp_path, couples(1))
    journal = next((record.folder / "journal").glob("p-*.csv"))
    journal.write_bytes(journal.read_bytes() + b"not a row\r\n")
    as_role("facilitator", tmp_path, record.session_id)
    review.show_overview()
    assert shown[0].count("could not be read") == 1
