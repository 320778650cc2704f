"""Notebooks are thin, and they run."""

from __future__ import annotations

import ast
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from reconnect_widgets.content import load_contents
from reconnect_widgets.workbook.pages import PAGES

FOLDER = Path(__file__).parents[2] / "workbooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
KEYS = [path.stem for path in NOTEBOOKS]


def test_there_is_one_notebook_for_each_page() -> None:
    assert sorted(KEYS) == sorted(PAGES)


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


@pytest.mark.parametrize("path", NOTEBOOKS, ids=KEYS)
def test_a_notebook_runs_outside_the_workbook_and_shows_one_page(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    (output,) = notebook.cells[-1].outputs
    view = output.data["application/vnd.jupyter.widget-view+json"]
    states = notebook.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"]
    page = states[view["model_id"]]["state"]
    assert "nothing is recorded" in page["notice"]
    stage = states[page["stage"].removeprefix("IPY_MODEL_")]["state"]
    assert stage["heading"]
