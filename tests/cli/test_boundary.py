"""However a command ends: its exit code, one line, and nothing private in a report."""

from __future__ import annotations

import errno
import io
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from reconnect_widgets.cli import main
from reconnect_widgets.cli.report import report_lines
from reconnect_widgets.cli.root import root
from reconnect_widgets.errors import ReconnectError, RecordWriteError, SessionNotFoundError
from tests.cli.conftest import Run

SECRET = "Dorothea said that she is afraid"


@pytest.fixture
def fail_with(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Callable[[BaseException], tuple[int, str]]:
    """Run a command that fails so; return its exit code and standard error."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def fail(error: BaseException) -> tuple[int, str]:
        @click.command("fail")
        def command() -> None:
            private = SECRET
            raise error from error.__cause__ or ValueError(private)

        monkeypatch.setitem(root.commands, "fail", command)
        code = main(["fail"])
        captured = capsys.readouterr()
        assert captured.out == ""
        return code, captured.err

    return fail


def is_one_line(text: str) -> bool:
    return text.endswith("\n") and text.count("\n") == 1


def write_error(number: int) -> RecordWriteError:
    error = RecordWriteError("the row is not on the disk")
    error.__cause__ = OSError(number, "what the system says")
    return error


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (ReconnectError("Do this instead."), 1, "Do this instead."),
        (ReconnectError("two\nlines\x1b[2J"), 1, "two lines"),
        (write_error(errno.ENOSPC), 1, "not on the disk. The disk is full; make room"),
        (SessionNotFoundError("there is none"), 1, "See: reconnect session list"),
        (OSError(errno.ENOSPC, "full", "a.csv"), 1, "the disk is full"),
        (PermissionError(errno.EACCES, "no", "a.csv"), 1, "a.csv: no permission"),
        (click.BadParameter("not like that"), 2, "not like that"),
        (click.FileError("a.csv", "broken"), 1, "broken"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_an_expected_failure_is_one_line_that_says_what_to_do(
    fail_with: Callable[[BaseException], tuple[int, str]],
    error: Exception,
    code: int,
    words: str,
) -> None:
    ended, said = fail_with(error)
    assert ended == code
    assert is_one_line(said)
    assert words in said
    assert "\x1b" not in said


@pytest.mark.parametrize("error", [KeyboardInterrupt(), click.Abort()])
def test_an_interrupted_command_ends_with_130_and_no_traceback(
    fail_with: Callable[[BaseException], tuple[int, str]], error: BaseException
) -> None:
    code, said = fail_with(error)
    assert code == 130
    assert "Traceback" not in said


@pytest.mark.parametrize("error", [ZeroDivisionError(SECRET), OSError(errno.ELOOP, SECRET)])
def test_a_bug_leaves_a_report_that_holds_nothing_private(
    fail_with: Callable[[BaseException], tuple[int, str]], tmp_path: Path, error: Exception
) -> None:
    code, said = fail_with(error)
    assert code == 3
    assert is_one_line(said)
    path = Path(re.search(r"report (\S+)", said)[1])  # type: ignore[index]
    assert path.parent == tmp_path
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o600
    report = path.read_text("utf-8")
    assert type(error).__name__ in report
    assert "ValueError" in report
    assert "test_boundary.py" in report
    assert SECRET not in report + said
    assert str(Path.cwd()) not in report


def test_a_bug_is_still_told_when_no_report_can_be_written(
    fail_with: Callable[[BaseException], tuple[int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", os.devnull)
    code, said = fail_with(ZeroDivisionError(SECRET))
    assert code == 3
    assert is_one_line(said)


def test_a_report_ends_when_errors_name_each_other_in_a_circle() -> None:
    one, two = ValueError("1"), ValueError("2")
    one.__cause__, two.__cause__ = two, one
    assert len([line for line in report_lines(one) if "ValueError" in line]) == 2


@pytest.mark.parametrize(
    "arguments",
    [["nonsense"], ["session", "new"], ["session", "show", "../../etc"], ["serve", "--port", "x"]],
    ids=" ".join,
)
def test_what_is_not_understood_is_a_usage_error_in_one_line(
    run: Run, arguments: list[str]
) -> None:
    done = run(*arguments)
    assert done.code == 2
    assert done.out == ""
    assert is_one_line(done.err)
    assert "--help" in done.err


def test_no_command_at_all_shows_the_help_and_is_a_usage_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Commands:" in captured.err


def test_help_and_version_are_no_failure(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    assert main(["--version"]) == 0
    assert "reconnect, version" in capsys.readouterr().out


def test_a_reader_that_went_away_is_not_worth_a_word(data_dir: Path, run: Run) -> None:
    run("session", "new", "--title", "Tuesday group")
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "reconnect_widgets", "session", "list"]
    with os.fdopen(write, "wb") as gone:
        done = subprocess.run(
            [*command, "--data", str(data_dir)],
            stdout=gone,
            stderr=subprocess.PIPE,
            timeout=60,
        )
    assert done.returncode == 1
    assert done.stderr == b""


def test_a_terminal_that_knows_few_letters_still_gets_an_answer(
    data_dir: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("session", "new", "--title", "Çarşamba 🙂")
    screen = io.TextIOWrapper(io.BytesIO(), encoding="cp1252")
    monkeypatch.setattr(sys, "stdout", screen)
    assert main(["session", "list", "--data", str(data_dir)]) == 0
    assert b"\xc7ar?amba ?" in screen.buffer.getvalue()  # type: ignore[attr-defined]
