"""The reference names every column and its type, and no other."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from reconnect_widgets import review
from tests.review.groups import response_frame

REFERENCE = (Path(__file__).parents[2] / "docs/reference/python.md").read_text(encoding="utf-8")


def empty(load: Callable[[Path], pd.DataFrame]) -> Callable[[Path], pd.DataFrame]:
    def of_folder(folder: Path) -> pd.DataFrame:
        (folder / "sessions").mkdir()
        return load(folder)

    return of_folder


FRAMES: dict[str, Callable[[Path], pd.DataFrame]] = {
    "load_responses": empty(review.load_responses),
    "load_participants": empty(review.load_participants),
    "load_timeline": empty(review.load_timeline),
    "score_checkup": lambda _: review.score_checkup(response_frame([])),
}


@pytest.mark.parametrize("name", FRAMES)
def test_every_column_stands_there_with_its_type_in_its_place(name: str, tmp_path: Path) -> None:
    found = re.search(rf"^### `{name}`$(.*?)(?=^##|\Z)", REFERENCE, re.M | re.S)
    assert found
    documented = re.findall(r"^\| `(\w+)` \| ([^|]+?) \|", found[1], re.M)
    frame = FRAMES[name](tmp_path)
    assert documented == [(column, str(dtype)) for column, dtype in frame.dtypes.items()]


def test_every_public_name_of_the_review_is_named() -> None:
    for name in review.__all__:
        assert f"{name}" in REFERENCE, name


@pytest.mark.parametrize("name", FRAMES)
def test_the_docstring_names_every_column(name: str, tmp_path: Path) -> None:
    docstring = getattr(review, name).__doc__ or ""
    for column in FRAMES[name](tmp_path).columns:
        assert re.search(rf"^ +{column} ", docstring, re.M), column
