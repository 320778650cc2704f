"""The two scripts behind make, on machines that lack something: stand-ins for what they call."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

CI = Path(__file__).parent.parent.parent / ".ci"
Put = Callable[[str, str], Path]


@pytest.fixture
def put(tmp_path: Path) -> Put:
    """Put a stand-in for a command on the path that `call` uses."""

    def put_command(name: str, script: str) -> Path:
        path = tmp_path / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return path

    return put_command


def call(tmp_path: Path, script: str, *arguments: str, **environment: str) -> tuple[int, str]:
    """Run one of the scripts; return its exit code and all it said."""
    done = subprocess.run(
        [str(CI / script), *arguments],
        cwd=CI.parent,
        env={"PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin", "HERE": str(tmp_path), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
    )
    return done.returncode, done.stdout


# A Python that says it is 3.11, and whose venv works once python3.11-venv is "installed".
DEBIAN_PYTHON = """case "$*" in
*version_info*sys.exit*|*"sys.exit(sys.version_info"*) exit 0 ;;
*ensurepip*) test -e "$HERE/installed" ;;
*print*) echo python3.11-venv ;;
*"-m venv"*) mkdir -p "$4" && touch "$4/made" ;;
esac"""


def test_a_python_that_is_not_there_is_named_with_the_remedy(tmp_path: Path) -> None:
    code, said = call(tmp_path, "venv", "v", PYTHON="python-nowhere")
    assert code == 1
    assert "python-nowhere" in said
    assert "PYTHON=" in said


def test_a_python_that_is_too_old_is_named_with_its_version(tmp_path: Path, put: Put) -> None:
    put("python3", 'case "$*" in -V) echo "Python 3.9.2" ;; *) exit 1 ;; esac')
    code, said = call(tmp_path, "venv", "v")
    assert code == 1
    assert "Python 3.9.2" in said
    assert "3.11" in said


def test_a_python_that_is_whole_makes_the_venv(tmp_path: Path) -> None:
    venv = tmp_path / "a folder with spaces" / ".venv"
    code, said = call(tmp_path, "venv", str(venv), PYTHON=sys.executable)
    assert (code, said) == (0, "")
    assert (venv / "bin" / "pip").exists()


def test_debians_venv_package_is_installed_by_root(tmp_path: Path, put: Put) -> None:
    put("python3", DEBIAN_PYTHON)
    put("id", "echo 0")
    put("apt-get", 'echo "$*" >> "$HERE/apt.log"; touch "$HERE/installed"')
    code, _ = call(tmp_path, "venv", str(tmp_path / "v"))
    assert code == 0
    assert (tmp_path / "v" / "made").exists()
    assert "python3.11-venv" in (tmp_path / "apt.log").read_text()


@pytest.mark.parametrize(("user", "words"), [("0", "network"), ("1000", "sudo apt install")])
def test_without_debians_venv_package_the_remedy_is_said(
    tmp_path: Path, put: Put, user: str, words: str
) -> None:
    put("python3", DEBIAN_PYTHON)
    put("id", f"echo {user}")
    put("apt-get", "exit 100")
    code, said = call(tmp_path, "venv", str(tmp_path / "v"))
    assert code == 1
    assert words in said
    assert "python3.11-venv" in said
    assert not (tmp_path / "v").exists()


# A Python for which there is a browser once somebody has "installed" one.
BROWSER_PYTHON = """case "$1" in
-) test -e "$HERE/browser" ;;
-m) echo "$*" >> "$HERE/playwright.log"; {playwright} ;;
esac"""


def test_a_browser_that_is_here_is_enough(tmp_path: Path, put: Put) -> None:
    python = put("python", BROWSER_PYTHON.format(playwright="exit 1"))
    put("apt-get", "exit 100")
    (tmp_path / "browser").touch()
    assert call(tmp_path, "chromium", str(python)) == (0, "")


def test_root_gets_debians_browser_and_playwright_is_not_asked(tmp_path: Path, put: Put) -> None:
    python = put("python", BROWSER_PYTHON.format(playwright="exit 1"))
    put("id", "echo 0")
    put("apt-get", 'touch "$HERE/browser"')
    assert call(tmp_path, "chromium", str(python))[0] == 0
    assert not (tmp_path / "playwright.log").exists()


@pytest.mark.parametrize("user", ["0", "1000"])
def test_else_playwright_brings_its_own(tmp_path: Path, put: Put, user: str) -> None:
    python = put("python", BROWSER_PYTHON.format(playwright='touch "$HERE/browser"'))
    put("id", f"echo {user}")
    put("apt-get", "exit 100")
    code, said = call(tmp_path, "chromium", str(python))
    assert code == 0
    assert ("apt-get could not" in said) is (user == "0")
    assert "install chromium" in (tmp_path / "playwright.log").read_text()


def test_when_no_browser_can_be_had_the_remedy_is_the_last_line(tmp_path: Path, put: Put) -> None:
    python = put("python", BROWSER_PYTHON.format(playwright="exit 1"))
    put("id", "echo 1000")
    code, said = call(tmp_path, "chromium", str(python))
    assert code == 1
    assert "sudo apt install chromium" in said.splitlines()[-1]


def test_the_real_check_finds_the_browser_that_runs_the_tests(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "")}
    assert call(tmp_path, "chromium", sys.executable, **environment) == (0, "")
