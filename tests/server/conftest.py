"""A workbook server inside the test's own event loop, on a port that the system chose."""

from __future__ import annotations

import asyncio
import io
import logging
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
from argon2 import PasswordHasher

from reconnect_widgets.records import SessionRecord
from reconnect_widgets.server import logs, secrets
from reconnect_widgets.server.app import ServerReady, ServerSettings, WorkbookServer
from reconnect_widgets.server.secrets import load_secrets
from reconnect_widgets.server.services import Services
from reconnect_widgets.system import utc_now
from tests.server.people import FacilitatorPhone, JoiningPhone


@dataclass
class Running:
    """A server that answers, and the passcode of its facilitator."""

    server: WorkbookServer
    ready: ServerReady
    passcode: str
    sessions: list[SessionRecord] = field(default_factory=list)

    @property
    def url(self) -> str:
        return self.ready.local_url.rstrip("/")

    @property
    def services(self) -> Services:
        return self.server.services

    def new_session(self, title: str = "Tuesday group", keep_days: int = 30) -> SessionRecord:
        return self.services.records.create_session(
            title,
            agenda=("welcome", "checkup"),
            partner_policy="limited-secrets",
            name_visibility="facilitator",
            keep_days=keep_days,
            now=utc_now(),
        )

    def phone(self) -> JoiningPhone:
        return JoiningPhone(self.url)

    async def facilitator(self) -> FacilitatorPhone:
        phone = FacilitatorPhone(self.url)
        await phone.sign_in(self.passcode)
        return phone


@pytest.fixture(scope="session")
def made_secrets(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Secrets made once, and with little work: a passcode is slow to hash and to check by design.

    How much work it is to check one stands in its hash.
    """
    folder = tmp_path_factory.mktemp("secrets")
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(secrets, "PasswordHasher", lambda: quick)
        return folder / ".secrets", load_secrets(folder).new_passcode or ""


@pytest.fixture
def data_dir(tmp_path: Path, made_secrets: tuple[Path, str]) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    shutil.copytree(made_secrets[0], folder / ".secrets")
    return folder


@asynccontextmanager
async def serve_here(
    data_dir: Path, passcode: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Running]:
    """Serve in this event loop. Kernels are forked only when a test asks for one."""

    async def not_now(self: WorkbookServer) -> None: ...

    monkeypatch.setattr(WorkbookServer, "_warm_up", not_now)
    server = WorkbookServer(ServerSettings(data_dir=data_dir, port=0))
    is_ready: asyncio.Future[ServerReady] = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(server.serve(is_ready.set_result))
    await asyncio.wait([serving, is_ready], return_when=asyncio.FIRST_COMPLETED)
    if serving.done():
        serving.result()
    yield Running(server, is_ready.result(), passcode)
    server.stop()
    await serving


@pytest.fixture
async def running(
    data_dir: Path, made_secrets: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Running]:
    """Serve until the test is over."""
    async with serve_here(data_dir, made_secrets[1], monkeypatch) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def running_beside_a_browser(
    data_dir: Path, made_secrets: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Running]:
    """Serve until the test is over, in the event loop of the browser."""
    async with serve_here(data_dir, made_secrets[1], monkeypatch) as running:
        yield running


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that this process logs, as the server itself would write it."""
    kept = {
        name: (logger.handlers[:], logger.propagate, logger.level)
        for name, logger in [
            (name, logging.getLogger(name)) for name in ["", *logging.root.manager.loggerDict]
        ]
    }
    stream = io.StringIO()
    logs.start_logging(stream)
    yield stream
    logging.captureWarnings(False)
    for name, (handlers, propagate, level) in kept.items():
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = handlers, propagate
        logger.setLevel(level)
