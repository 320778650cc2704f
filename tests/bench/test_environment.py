"""An environment is made once for what is pinned, and a peer without one says only that.

The commands are written down instead of run: no test installs anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from bench.peers import PeerError
from bench.peers.environment import make_environment, pinned_version


class Recorder:
    """Stands in for running a command; the one with `fails_at` in it ends with an error."""

    def __init__(self, fails_at: str = "") -> None:
        self.commands: list[str] = []
        self._fails_at = fails_at

    def __call__(self, command: Sequence[str]) -> CompletedProcess[str]:
        line = " ".join(command)
        self.commands.append(line)
        if self._fails_at and self._fails_at in line:
            return CompletedProcess(command, 1, "", "ERROR: see https://example.org/simple")
        if " venv " in line:
            Path(command[-1]).mkdir()
        return CompletedProcess(command, 0, "", "")


@pytest.fixture
def requirements(tmp_path: Path) -> Path:
    path = tmp_path / "requirements.txt"
    path.write_text("# why\npeer==1.2.3\npeer-more==4\n", "utf-8")
    return path


def test_it_is_made_once_and_kept(tmp_path: Path, requirements: Path) -> None:
    folder, commands = tmp_path / "env" / "peer", Recorder()
    make_environment(folder, requirements, commands)
    assert [("venv" in line, "install" in line) for line in commands.commands] == [
        (True, False),
        (False, True),
    ]
    make_environment(folder, requirements, commands)
    assert len(commands.commands) == 2


def test_it_is_made_again_when_the_requirements_change(tmp_path: Path, requirements: Path) -> None:
    folder, commands = tmp_path / "peer", Recorder()
    make_environment(folder, requirements, commands)
    (folder / "left-behind").touch()
    requirements.write_text("peer==1.2.4\n", "utf-8")
    make_environment(folder, requirements, commands)
    assert len(commands.commands) == 4
    assert not (folder / "left-behind").exists()


def test_an_installation_that_failed_is_told_without_its_output_and_done_again(
    tmp_path: Path, requirements: Path
) -> None:
    folder = tmp_path / "peer"
    with pytest.raises(PeerError) as caught:
        make_environment(folder, requirements, Recorder(fails_at="install"))
    assert caught.value.reason == "could not be installed"
    assert "example.org" in str(caught.value)
    commands = Recorder()
    make_environment(folder, requirements, commands)
    assert len(commands.commands) == 2


def test_the_version_is_that_of_the_package_itself(requirements: Path) -> None:
    assert pinned_version(requirements, "peer") == "1.2.3"
    with pytest.raises(LookupError):
        pinned_version(requirements, "pee")
