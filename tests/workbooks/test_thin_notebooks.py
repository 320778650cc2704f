"""Notebooks are thin, and they run."""

from __future__ import annotations

import ast
import copy
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from reconnect_widgets.content import load_contents
from reconnect_widgets.workbook.pages import page_keys

FOLDER = Path(__file__).parents[2] / "workbooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
KEYS = [path.stem for path in NOTEBOOKS]


def test_there_is_one_notebook_for_each_page() -> None:
    assert sorted(KEYS) == sorted(page_keys())


@pytest.mark.parametrize("path", NOTEBOOKS, ids=KEYS)
def test_a_notebook_is_thin(path: Path) -> None:
    assert path.stat().st_size < 10_000
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert len(code) == 1
    assert len(notebook.cells) <= 2
    assert code[0].outputs == []
    assert code[0].execution_count is None
    assert notebook.metadata.kernelspec.name == "python3"
    assert notebook.metadata.title == load_contents().frame(path.stem).title  # type: ignore[union-attr]
    imported, shown = ast.parse(code[0].source).body
    assert ast.unparse(imported) == "import reconnect_widgets as rw"
    assert ast.unparse(shown) == f"rw.show({path.stem!r})"


@pytest.fixture(scope="module")
def run() -> Any:
    """All notebooks' cells, run one after the other in one kernel outside the workbook."""
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.read(path, as_version=4).cells[-1] for path in NOTEBOOKS]
    )
    # A page that is opened takes the widgets of the one before away: look at each as it comes.
    looked = nbformat.v4.new_code_cell("from ipywidgets import Widget\nWidget.get_manager_state()")
    notebook.cells = [each for cell in notebook.cells for each in (cell, copy.deepcopy(looked))]
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    return notebook


@pytest.mark.parametrize("number", range(len(NOTEBOOKS)), ids=KEYS)
def test_a_notebook_runs_outside_the_workbook_and_shows_one_page(run: Any, number: int) -> None:
    (shown,), (looked,) = run.cells[2 * number].outputs, run.cells[2 * number + 1].outputs
    states = ast.literal_eval(looked.data["text/plain"])["state"]
    view = shown.data["application/vnd.jupyter.widget-view+json"]
    page = states[view["model_id"]]["state"]
    assert "nothing is recorded" in page["notice"]
    stage = states[page["stage"].removeprefix("IPY_MODEL_")]["state"]
    assert stage["heading"]
