"""``reconnect serve``: what it refuses, what it says, and what it leaves behind."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from reconnect_widgets import system
from reconnect_widgets.cli import main
from reconnect_widgets.cli import serve as serve_module
from reconnect_widgets.errors import SetupError
from reconnect_widgets.records import RecordFolder
from reconnect_widgets.server import app
from reconnect_widgets.server.settings import ServerReady, ServerSettings
from tests.cli.conftest import Run

OnReady = Callable[[ServerReady], None]


def ready(settings: ServerSettings, passcode: str | None = "ABCD-EFGH-JKMN") -> ServerReady:
    return ServerReady(
        local_url="http://127.0.0.1:8866/",
        lan_url="http://192.0.2.7:8866/" if settings.lan else None,
        facilitator_url="http://127.0.0.1:8866/facilitator",
        passcode_path=settings.data_dir / ".secrets" / "passcode.txt",
        passcode=passcode,
    )


class StandIn:
    """In the place of the server: says that it is ready, looks around, and stops."""

    def __init__(self) -> None:
        self.settings: ServerSettings | None = None
        self.address = ""
        self.titles: list[str] = []

    def __call__(self, settings: ServerSettings, on_ready: OnReady) -> None:
        self.settings = settings
        on_ready(ready(settings))
        self.address = (settings.data_dir / ".serving").read_text().strip()
        self.titles = [record.info.title for record in RecordFolder(settings.data_dir).sessions()]


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> StandIn:
    server = StandIn()
    monkeypatch.setattr(app, "run", server)
    return server


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Addresses that a browser was asked to open, in place of opening it."""
    addresses: list[str] = []

    class AtOnce:
        def __init__(
            self, target: Callable[..., object], args: tuple[str, ...], daemon: bool
        ) -> None:
            self.start = lambda: target(*args)

    monkeypatch.setattr(serve_module.threading, "Thread", AtOnce)
    monkeypatch.setattr(serve_module.webbrowser, "open", addresses.append)
    monkeypatch.setattr(system, "has_display", lambda: True)
    return addresses


def test_the_server_gets_what_was_asked_for(
    run: Run, stand_in: StandIn, opened: list[str], data_dir: Path
) -> None:
    assert run("serve", "--port", "0", "--lan").code == 0
    settings = stand_in.settings
    assert settings is not None
    assert (settings.data_dir, settings.port, settings.lan) == (data_dir, 0, True)
    assert opened == ["http://127.0.0.1:8866/facilitator"]


def test_everything_that_is_needed_is_said_once_it_listens(
    run: Run, stand_in: StandIn, opened: list[str], data_dir: Path
) -> None:
    said = run("serve", "--lan", "--no-browser").out
    for words in (
        "http://127.0.0.1:8866/",
        "http://192.0.2.7:8866/",
        "http://127.0.0.1:8866/facilitator",
        "ABCD-EFGH-JKMN",
        str(data_dir),
        "Ctrl-C",
    ):
        assert words in said
    assert opened == []


def test_a_passcode_that_is_kept_is_not_printed_again(data_dir: Path) -> None:
    settings = ServerSettings(data_dir)
    said = "\n".join(serve_module.ready_lines(ready(settings, None), data_dir, ""))
    assert "ABCD" not in said
    assert "passcode.txt" in said


def test_no_browser_opens_where_nobody_would_see_it(
    run: Run, stand_in: StandIn, opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(system, "has_display", lambda: False)
    run("serve")
    assert opened == []


@pytest.mark.parametrize(
    ("environ", "platform", "seen"),
    [
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({}, "linux", False),
        ({}, "darwin", True),
        ({"DISPLAY": ":10", "SSH_CONNECTION": "x"}, "linux", False),
    ],
)
def test_a_display_is_told_from_the_environment(
    environ: dict[str, str], platform: str, seen: bool
) -> None:
    assert system.has_display(environ, platform) is seen


def test_while_it_runs_the_address_for_phones_is_noted(
    run: Run, stand_in: StandIn, data_dir: Path
) -> None:
    run("serve", "--lan", "--no-browser")
    assert stand_in.address == "http://192.0.2.7:8866/"
    assert not (data_dir / ".serving").exists()


def test_a_demo_has_a_past_group_and_an_open_session_and_leaves_nothing(
    stand_in: StandIn, opened: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", "--demo"]) == 0
    said = capsys.readouterr().out
    assert len(stand_in.titles) == 2
    assert any("ynthetic" in title for title in stand_in.titles)
    code = re.search(r"join code (\w{6}), (\S+)", said)
    assert code is not None
    assert code[2] == f"http://127.0.0.1:8866/j/{code[1]}"
    assert "nobody said any of it" in said
    assert stand_in.settings is not None
    assert not stand_in.settings.data_dir.exists()


def test_a_demo_is_removed_also_when_the_server_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folders: list[Path] = []

    def fail(settings: ServerSettings, on_ready: OnReady) -> None:
        folders.append(settings.data_dir)
        raise SetupError("Port 8866 is in use. Stop the other program, or add --port 8870.")

    monkeypatch.setattr(app, "run", fail)
    assert main(["serve", "--demo"]) == 1
    assert "Port 8866 is in use" in capsys.readouterr().err
    assert not folders[0].exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--demo", "--data", "x"], "--data"),
        (["--lan", "--ip", "127.0.0.1"], "--ip"),
        (["--certfile", __file__], "--keyfile"),
        (["--keyfile", __file__], "--certfile"),
        (["--certfile", "nowhere.pem", "--keyfile", __file__], "nowhere.pem"),
        (["--port", "65536"], "65535"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else None,
)
def test_options_that_cannot_both_be_meant_are_a_usage_error(
    stand_in: StandIn, capsys: pytest.CaptureFixture[str], options: list[str], words: str
) -> None:
    assert main(["serve", *options]) == 2
    assert words in capsys.readouterr().err
    assert stand_in.settings is None


# -- the real server, as a process of its own ----------------------------------------------------


@pytest.fixture
def started(data_dir: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "reconnect_widgets",
            "serve",
            "--port",
            "0",
            "--no-browser",
            "--data",
            str(data_dir),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    yield process
    if process.poll() is None:
        process.kill()
    process.communicate(timeout=30)


REPO = Path(__file__).parents[2]
FOLDER_PAGE = REPO / "data" / "README.md"
SETTINGS_PAGE = REPO / "docs" / "reference" / "settings.md"


def read_until(process: subprocess.Popen[str], words: str) -> str:
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if words in line:
            return said
    raise AssertionError(f"it ended without saying {words!r}:\n{said}")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_the_server_starts_says_where_and_stops_when_asked(
    started: subprocess.Popen[str], data_dir: Path, how: signal.Signals
) -> None:
    said = read_until(started, "Ctrl-C")
    passcode = (data_dir / ".secrets" / "passcode.txt").read_text().strip()
    assert passcode in said
    # What it keeps there stands on the page about the record folder, and what is in `.secrets` too.
    folder, settings = (page.read_text("utf-8") for page in (FOLDER_PAGE, SETTINGS_PAGE))
    for path in data_dir.iterdir():
        assert f"`{path.name}" in folder
    for path in (data_dir / ".secrets").iterdir():
        assert f"`{path.name}`" in settings
    started.send_signal(how)
    out, err = started.communicate(timeout=30)
    assert started.returncode == 0, err
    assert out == "Stopped.\n"
    assert "Traceback" not in err
    assert not (data_dir / ".serving").exists()


def test_a_port_in_use_is_an_expected_failure(data_dir: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "reconnect_widgets", "serve", "--data", str(data_dir)]
        done = subprocess.run(
            [*command, "--port", port, "--no-browser"], capture_output=True, text=True, timeout=60
        )
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert f"Port {port} is in use" in line
    assert "--port" in line
