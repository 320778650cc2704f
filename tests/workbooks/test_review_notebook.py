"""The review notebook: thin, and it runs, for who may see it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from reconnect_widgets.content import codebook_rows
from reconnect_widgets.records import SessionRecord
from reconnect_widgets.records.samples import write_samples
from reconnect_widgets.system import KernelEnvironment
from tests.review.groups import Someone, couples, write_group

NOTEBOOK = Path(__file__).parents[2] / "workbooks" / "facilitator" / "review.ipynb"


def run(environment: Mapping[str, str], tmp_path: Path) -> str:
    """Execute the notebook in a kernel of its own, and return what its cells show."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=120,
        resources={"metadata": {"path": str(tmp_path)}},
    )
    client.execute(env={**os.environ, **environment})
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert {output.output_type for output in outputs} == {"display_data"}, outputs
    return "\n".join(output.data["text/html"] for output in outputs)


def as_role(role: str, data_dir: Path, record: SessionRecord | None = None) -> dict[str, str]:
    session_id = record.session_id if record else ""
    return KernelEnvironment(data_dir, session_id, "", role).variables()


def test_it_is_thin() -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    assert NOTEBOOK.stat().st_size < 10_000
    assert notebook.metadata.title
    for cell in notebook.cells:
        assert len(cell.source.splitlines()) <= 3
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


def test_a_facilitator_sees_the_synthetic_group_filled(tmp_path: Path) -> None:
    record = write_samples(tmp_path, codebook_rows())
    html = run(as_role("facilitator", tmp_path, record), tmp_path)
    assert "20 people joined: 9 couples and 2 alone." in html
    assert html.count("<figure") == 2  # two rounds
    assert html.count("<rect") >= 8
    assert f"/facilitator/s/{record.session_id}/files/responses.csv" in html
    assert "Traceback" not in html
    assert not re.search(r"\sstyle=", html)
    assert "<script" not in html


@pytest.mark.parametrize("people", [[], couples(4)], ids=["nobody", "four couples"])
def test_a_group_that_is_too_small_is_shown_no_figure(
    people: Sequence[Someone], tmp_path: Path
) -> None:
    record = write_group(tmp_path, people)
    html = run(as_role("facilitator", tmp_path, record), tmp_path)
    assert "Not enough couples yet" in html
    assert "<svg" not in html


def test_it_opens_in_jupyterlab_without_a_server_on_the_samples(tmp_path: Path) -> None:
    write_samples(tmp_path / "data" / "samples", codebook_rows())
    html = run(as_role("", tmp_path / "data"), tmp_path)
    assert "Synthetic group" in html
    assert "href" not in html


def test_a_participant_is_refused_in_the_first_cell(tmp_path: Path) -> None:
    record = write_group(tmp_path, couples(6))
    with pytest.raises(CellExecutionError, match="This page is for facilitators"):
        run(as_role("participant", tmp_path, record), tmp_path)
