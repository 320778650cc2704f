"""The server's life: starting, refusing to start, stopping."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from reconnect_widgets.errors import SetupError
from reconnect_widgets.server.app import ServerSettings, WorkbookServer
from reconnect_widgets.system import new_event_id
from tests.server.conftest import Running
from tests.server.test_me import answer, id_of
from tests.support.phone import text

RUN = """
import sys
from pathlib import Path
from reconnect_widgets.server.app import ServerSettings, run
settings = ServerSettings(data_dir=Path(sys.argv[1]), port=0)
run(settings, lambda ready: print(ready.local_url, flush=True))
print("clean", flush=True)
"""


def start(
    data_dir: Path, environment: dict[str, str] | None = None
) -> tuple[subprocess.Popen[str], str]:
    """Start a server process; return it and its address once it listens."""
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, str(data_dir)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **(environment or {})},
    )
    assert process.stdout is not None
    address = process.stdout.readline().strip()
    if not address:
        assert process.stderr is not None
        raise AssertionError(process.stderr.read())
    return process, address


async def test_a_port_in_use_is_an_error_that_says_what_to_do(data_dir: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SetupError, match=f"Port {port} is in use.*--port"):
            await WorkbookServer(ServerSettings(data_dir=data_dir, port=port)).serve()


async def test_an_address_of_another_machine_is_an_error(data_dir: Path) -> None:
    with pytest.raises(SetupError, match="Cannot listen"):
        await WorkbookServer(ServerSettings(data_dir=data_dir, ip="203.0.113.9", port=0)).serve()


async def test_a_certificate_that_is_none_is_an_error_that_names_it(data_dir: Path) -> None:
    nonsense = data_dir / "cert.pem"
    nonsense.write_text("no certificate")
    settings = ServerSettings(data_dir=data_dir, port=0, certfile=nonsense, keyfile=nonsense)
    with pytest.raises(SetupError, match=re.escape(str(nonsense))):
        await WorkbookServer(settings).serve()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_the_last_merge_done(data_dir: Path, number: signal.Signals) -> None:
    from reconnect_widgets.records import RecordFolder
    from reconnect_widgets.system import utc_now

    session = RecordFolder(data_dir).create_session(
        "Group",
        agenda=("welcome",),
        partner_policy="limited-secrets",
        name_visibility="facilitator",
        keep_days=3,
        now=utc_now(),
    )
    process, _ = start(data_dir)
    writer = session.open_writer("p-aaaaaa")
    writer.append_person("joined", {"name": "Ada"}, participant_id="p-aaaaaa", dyad_id="")
    writer.append_answer(
        exercise="checkup",
        round_=1,
        item="presence-1",
        status="answered",
        value="3",
        event_id=new_event_id(),
        participant_id="p-aaaaaa",
        dyad_id="",
        content_version="1",
    )
    writer.close()
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out.strip()) == (0, "clean")
    assert err.rstrip().endswith("info stopped")
    assert "presence-1" in (session.folder / "responses.csv").read_text()


def test_configuration_in_somebodys_home_opens_nothing(data_dir: Path, tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.mkdir()
    opens = "c.Voila.{0} = {1}\nc.VoilaConfiguration.file_allowlist = ['.*']\n"
    for name in ("voila", "jupyter_config", "jupyter_server_config", "jupyter_voila_config"):
        (config / f"{name}.py").write_text(opens.format("base_url", "'/elsewhere/'"))
        (config / f"{name}.json").write_text('{"Voila": {"base_url": "/elsewhere/", "token": "x"}}')
    process, address = start(
        data_dir,
        {
            "JUPYTER_CONFIG_DIR": str(config),
            "JUPYTER_CONFIG_PATH": str(config),
            "HOME": str(tmp_path),
        },
    )
    try:
        for path, status in (("", 200), ("elsewhere/", 404), ("voila/files/README.md", 404)):
            assert status_of(address + path) == status, path
    finally:
        process.terminate()
        process.communicate(timeout=60)


def status_of(address: str) -> int:
    """Return the status with which an address answers."""
    try:
        with urllib.request.urlopen(address) as got:
            return int(got.status)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code


def test_no_kernel_outlives_its_server(data_dir: Path) -> None:
    """Neither after a polite stop nor after kill -9."""
    import asyncio

    from reconnect_widgets.records import RecordFolder
    from reconnect_widgets.system import utc_now
    from tests.server.people import JoiningPhone

    session = RecordFolder(data_dir).create_session(
        "Group",
        agenda=("welcome",),
        partner_policy="limited-secrets",
        name_visibility="facilitator",
        keep_days=3,
        now=utc_now(),
    )
    for number in (signal.SIGTERM, signal.SIGKILL):
        process, address = start(data_dir)

        async def visit(address: str = address) -> None:
            phone = JoiningPhone(address.rstrip("/"))
            await phone.join(session.info.code)
            assert (await phone.get("/w/welcome")).code == 200

        asyncio.run(visit())
        children = descendants(process.pid)
        assert children
        process.send_signal(number)
        process.communicate(timeout=60)
        deadline = time.monotonic() + 30
        while any(Path(f"/proc/{pid}").exists() and not is_zombie(pid) for pid in children):
            assert time.monotonic() < deadline, "a kernel outlived its server"
            time.sleep(0.05)


def descendants(pid: int) -> set[int]:
    """Return every process that descends from this one, by /proc."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int(
                    (entry / "stat").read_text().rpartition(")")[2].split()[1]
                )
            except OSError:
                continue
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid}


def is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


async def test_health_says_what_is_promised(running: Running) -> None:
    import json

    running.new_session()
    health = json.loads(text(await running.phone().get("/healthz")))
    assert health["open_sessions"] == 1
    assert health["kernels"] == 0
    assert health["last_disk_write_ok"] is True
    assert re.fullmatch(r"\d+\.\d+\.\d+", health["version"])


async def test_open_sessions_are_merged_while_people_answer(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = running.new_session()
    phone = running.phone()
    await phone.join(session.info.code, "Ada")
    answer(session, id_of(session, "Ada"))
    await running.services.merger.merge_dirty()
    assert "presence-1" in (session.folder / "responses.csv").read_text()
    merged = []
    monkeypatch.setattr("reconnect_widgets.server.merging.merge_session", merged.append)
    await running.services.merger.merge_dirty()
    assert merged == []  # nothing new, nothing to do
    answer(session, id_of(session, "Ada"))
    await running.services.merger.merge_dirty()
    assert len(merged) == 1


async def test_a_merge_that_failed_is_tried_again(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = running.new_session()

    def fail(record: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("reconnect_widgets.server.merging.merge_session", fail)
        await running.services.merger.merge_dirty()
    await running.services.merger.merge_dirty()
    assert (session.folder / "responses.csv").exists()
