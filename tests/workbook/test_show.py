"""`rw.show`, and the few public names."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import ipywidgets
import pytest
from IPython.core.formatters import format_display_data

import reconnect_widgets as rw
from reconnect_widgets.errors import ContentError
from reconnect_widgets.workbook import show as show_function
from reconnect_widgets.workbook.show import DESK


@pytest.fixture(autouse=True)
def _empty_desk() -> Iterator[None]:
    DESK.close_page()
    DESK.context = None
    yield
    DESK.close_page()
    DESK.context = None


def open_models() -> int:
    return len(ipywidgets.widgets.widget._instances)


def test_showing_another_page_closes_the_widgets_of_the_one_before() -> None:
    before = open_models()
    first = DESK.open_page("checkup")
    assert open_models() == before + 3
    DESK.open_page("safety")
    assert open_models() == before + 2
    assert first.page.comm is None


def test_what_was_answered_in_memory_is_there_again_on_the_next_page() -> None:
    DESK.open_page("welcome")
    context = DESK.context
    DESK.open_page("checkup")
    assert DESK.context is context


def test_an_unknown_page_is_refused_with_the_nearest_name_and_closes_nothing() -> None:
    open_page = DESK.open_page("checkup")
    with pytest.raises(ContentError, match="did you mean 'checkup'"):
        rw.show("chekup")
    assert open_page.page.comm is not None


def test_something_that_is_no_key_at_all_is_refused_as_clearly() -> None:
    with pytest.raises(ContentError, match="expected one of welcome, checkup, "):
        rw.show(7)  # type: ignore[arg-type]


def test_a_page_shows_itself_as_a_widget_view() -> None:
    page = DESK.open_page("safety").page
    data, _ = format_display_data(page)
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == page.model_id


def test_every_public_name_is_there_and_nothing_else_is() -> None:
    for name in rw.__all__:
        assert getattr(rw, name) is not None
    assert rw.show is show_function
    assert set(rw.__all__) == {
        "Instrument",
        "__version__",
        "load_participants",
        "load_responses",
        "load_timeline",
        "score_checkup",
        "show",
    }
    assert set(rw.__all__) <= set(dir(rw))
    with pytest.raises(AttributeError, match="no attribute 'load_answers'"):
        rw.load_answers  # type: ignore[attr-defined]  # noqa: B018


def test_importing_the_package_imports_nothing_heavy_and_a_page_no_pandas() -> None:
    code = (
        "import sys, reconnect_widgets as rw\n"
        "heavy = {'pandas', 'ipywidgets', 'voila', 'pydantic'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
        "from reconnect_widgets.workbook.show import DESK\n"
        "import reconnect_widgets.workbook.preload\n"
        "for key in ('welcome', 'checkup', 'safety'):\n"
        "    DESK.open_page(key)\n"
        "    state = DESK.presenter.page.get_state()\n"
        "    assert state['_esm'] == state['_css'] == '', 'the server has them'\n"
        "assert not {'pandas', 'numpy', 'voila', 'matplotlib'} & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
