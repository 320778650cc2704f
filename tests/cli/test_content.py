"""``reconnect content check`` says where a pack is wrong."""

from __future__ import annotations

import shutil
from pathlib import Path

import reconnect_widgets
from tests.cli.conftest import Run

PACK = Path(reconnect_widgets.__file__).parent / "content/packs/en"


def test_the_pack_that_comes_with_the_workbook_is_in_order(run: Run) -> None:
    done = run("content", "check")
    assert (done.code, done.err) == (0, "")


def test_each_fault_of_a_pack_is_a_line_with_its_file(run: Run, tmp_path: Path) -> None:
    pack = tmp_path / "pack"
    shutil.copytree(PACK, pack)
    (name, *_) = sorted(path.name for path in pack.rglob("*.yaml"))
    (path,) = pack.rglob(name)
    path.write_text("nonsense: true\n")
    done = run("content", "check", str(pack))
    assert done.code == 1
    assert done.out == ""
    assert name in done.err
    assert "needs a correction" in done.err.splitlines()[-1]


def test_a_folder_that_is_not_there_is_a_usage_error(run: Run, tmp_path: Path) -> None:
    assert run("content", "check", str(tmp_path / "nowhere")).code == 2
