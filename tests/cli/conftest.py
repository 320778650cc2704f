"""Runs commands in this process, as the program does, over a record folder of their own."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from reconnect_widgets.cli import main


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Done]


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "records"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], data_dir: Path) -> Run:
    """Run a command with ``--data``."""

    def run_command(*arguments: str) -> Done:
        capsys.readouterr()
        code = main([*arguments, "--data", str(data_dir)])
        captured = capsys.readouterr()
        return Done(code, captured.out, captured.err)

    return run_command


@pytest.fixture
def session_id(run: Run) -> str:
    """A session, made by the command."""
    return str(run("session", "new", "--title", "Tuesday group", "--json").json["session_id"])
