"""The web process: Voilà, with everything it would open taken away and our own table put in.

What Voilà does here: its notebook renderer, executor and exporter make the workbook's pages. What
it does not: read configuration from the machine, register addresses, look for templates, start
kernels by itself. `WorkbookServer` overrides each of these; `serve` is the order of a server's
life, from the first socket to the last merge.
"""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import socket
import ssl
import sys
import threading
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.routing import URLSpec
from tornado.web import Application
from voila.app import Voila

from reconnect_widgets import content, system
from reconnect_widgets.errors import ReconnectError, SetupError
from reconnect_widgets.records import RecordFolder
from reconnect_widgets.server import access, logs
from reconnect_widgets.server.account_book import AccountBook
from reconnect_widgets.server.account_changes import follow_accounts
from reconnect_widgets.server.addresses import build_url, find_lan_address
from reconnect_widgets.server.channels import WorkbookConnection
from reconnect_widgets.server.kernel_socket import (
    KernelSocketHandler,
    WorkbookAuthorizer,
    WorkbookIdentityProvider,
)
from reconnect_widgets.server.kernels import KernelOwner, Seats, WorkbookKernelManager
from reconnect_widgets.server.live import LiveHub
from reconnect_widgets.server.merging import DiskHealth, Merger
from reconnect_widgets.server.notebooks import NotebookPages, find_workbooks
from reconnect_widgets.server.page_maker import PageMaker
from reconnect_widgets.server.page_templates import PageTemplates
from reconnect_widgets.server.pages import UnknownAddressHandler, find_seat
from reconnect_widgets.server.rate_limit import AttemptLimiter
from reconnect_widgets.server.rehearsals import Rehearsals
from reconnect_widgets.server.roster import presence_clock
from reconnect_widgets.server.secrets import load_secrets
from reconnect_widgets.server.services import SETTING, Services
from reconnect_widgets.server.settings import ServerReady, ServerSettings
from reconnect_widgets.server.shared_phone import Seat
from reconnect_widgets.server.trouble_facts import ClockWatch

__all__ = ["ServerReady", "ServerSettings", "WorkbookServer", "run"]

# The largest form has six short fields.
MAX_BODY_BYTES = 64 * 1024
MAX_HEADER_BYTES = 16 * 1024
IDLE_CONNECTION_S = 120
BODY_WITHIN_S = 30
CULL_EVERY_S = 60
GOODBYE_WITHIN_S = 3
# A room that scans the code at once; the default of 128 is for both halves of a handshake.
BACKLOG = 512
_EVERYWHERE = ("", "0.0.0.0", "::")  # noqa: S104  # recognised here, not listened on

OnReady = Callable[[ServerReady], None]


def run(settings: ServerSettings, on_ready: OnReady | None = None) -> None:
    """Serve the workbook until SIGTERM or SIGINT; return after a clean stop.

    Parameters
    ----------
    settings
        Where and for whom.
    on_ready
        Called once, in the serving thread, when the port is open.

    Raises
    ------
    SetupError
        The port is in use, a certificate cannot be read, or the secrets' folder is not private.
    """
    logs.start_logging(sys.stderr)
    WorkbookServer(settings).start(on_ready)


class WorkbookServer(Voila):  # type: ignore[misc]
    """One web process over one record folder."""

    name = "reconnect"

    def __init__(self, server_settings: ServerSettings) -> None:
        super().__init__()
        self.server_settings = server_settings
        self.services: Services
        self._stop = asyncio.Event()

    # What Voilà would take from the machine.

    def _configure_logging(self) -> None:
        """Leave logging to `logs`."""

    def load_config_file(self, *args: Any, **kwargs: Any) -> None:
        """Read no configuration: a file in somebody's home must not open anything."""

    # What Voilà would open.

    def init_settings(self) -> dict[str, Any]:
        """Return Tornado's settings. Must run inside the event loop."""
        self.services = self._make_services()
        self.kernel_manager = self.services.kernel_manager
        identity_provider = WorkbookIdentityProvider(parent=self)
        return {
            SETTING: self.services,
            "base_url": "/",
            "cookie_secret": self.services.secrets.cookie_secret,
            "xsrf_cookies": True,
            "xsrf_cookie_kwargs": {
                "httponly": True,
                "samesite": "Lax",
                "secure": self.server_settings.scheme == "https",
            },
            "cross_origin_protection": True,
            "compress_response": True,
            "default_handler_class": UnknownAddressHandler,
            "default_handler_args": {"resource": access.NOWHERE},
            "log_function": logs.log_request,
            # For jupyter_server's websocket handler.
            "kernel_manager": self.kernel_manager,
            "identity_provider": identity_provider,
            "authorizer": WorkbookAuthorizer(parent=self, identity_provider=identity_provider),
            "kernel_websocket_connection_class": WorkbookConnection,
            # Hosts are not checked: phones come by whatever address the room has. What another
            # site could do with that, cookies (SameSite) and the check of origins stop.
            "allow_remote_access": True,
        }

    def init_handlers(self) -> list[URLSpec]:
        """Return exactly our own table; nothing of Voilà's is registered."""
        return access.url_specs()

    def listen(self) -> None:
        """Answer on the socket that `_bind` opened."""
        self.http_server = HTTPServer(
            self.app,
            ssl_options=self._tls,
            max_body_size=MAX_BODY_BYTES,
            max_header_size=MAX_HEADER_BYTES,
            idle_connection_timeout=IDLE_CONNECTION_S,
            body_timeout=BODY_WITHIN_S,
        )
        self.http_server.add_socket(self._socket)

    def start(self, on_ready: OnReady | None = None) -> None:
        """Serve until a signal."""

        async def live() -> None:
            self._catch_signals()
            await self.serve(on_ready)

        asyncio.run(live())

    async def serve(self, on_ready: OnReady | None = None) -> None:
        """Live: open, tell, work, stop."""
        self._tls = _load_certificate(self.server_settings)
        self._socket = _bind(self.server_settings)
        self.port = int(self._socket.getsockname()[1])
        try:
            self.app = Application(**self.init_settings())
            self.app.add_handlers(".*$", self.init_handlers())
            self.listen()
            background = self._start_background()
            if on_ready is not None:
                on_ready(self._ready())
            logs.note("serving")
            await self._stop.wait()
            await self._shut_down(background)
        finally:
            self._socket.close()

    def stop(self) -> None:
        """Ask `serve` to end; may be called again."""
        self._stop.set()

    def _make_services(self) -> Services:
        settings = self.server_settings
        secrets, accounts = load_secrets(settings.data_dir), AccountBook(settings.data_dir)
        accounts.read()
        records = RecordFolder(settings.data_dir)
        hub = LiveHub(records, settings.data_dir / "sessions")
        templates = PageTemplates()
        own = content.use_own_packs(settings.data_dir)
        if own.problems:
            logs.warn("left out of content/: %d; which, and why: reconnect content check",
                      len({problem.file for problem in own.problems}))  # fmt: skip
        kernel_manager = WorkbookKernelManager(parent=self)
        seats = Seats(
            kernel_manager,
            data_dir=settings.data_dir,
            is_session_open=lambda session_id: _is_open(hub, session_id),
            is_presence_running=lambda owner: _is_presence_running(hub, owner),
        )
        notebooks = NotebookPages(find_workbooks(), kernel_manager, templates, own.exercises)
        return Services(
            settings=settings,
            port=self.port,
            secrets=secrets,
            accounts=accounts,
            records=records,
            hub=hub,
            limiter=AttemptLimiter(system.monotonic_s),
            templates=templates,
            kernel_manager=kernel_manager,
            seats=seats,
            notebooks=notebooks,
            pages=PageMaker(seats, notebooks, hub),
            merger=Merger(hub),
            disk=DiskHealth(settings.data_dir, hub.wake_everybody),
            clock=ClockWatch(),
            rehearsals=Rehearsals(hub, seats, settings, self._own_url()),
        )

    def _start_background(self) -> list[asyncio.Task[None]]:
        parts = self.services
        jobs: dict[str, Callable[[], Coroutine[Any, Any, None]]] = {
            "watching": parts.hub.watch,
            "merging": parts.merger.run,
            "probing the disk": parts.disk.run,
            "ending idle kernels": self._cull,
            "following accounts": lambda: follow_accounts(parts.accounts, self._end_former_logins),
        }
        tasks = [asyncio.create_task(_keep_running(name, job)) for name, job in jobs.items()]
        return [*tasks, asyncio.create_task(self._warm_up())]

    def _end_former_logins(self) -> None:
        """End what is still open under a log-in that no account vouches for any more."""
        self.services.hub.wake_everybody()
        KernelSocketHandler.end_former()

    async def _warm_up(self) -> None:
        with suppress(ReconnectError):  # whoever needs the kernel is told then
            await self.services.kernel_manager.warm_up("participant")

    async def _cull(self) -> None:
        while True:
            await asyncio.sleep(CULL_EVERY_S)
            ended = len(await self.services.seats.cull()) + await self.end_orphans()
            if ended:
                logs.note("ended %d kernels that nobody needs", ended)

    async def end_orphans(self) -> int:
        """End the kernels of people who are gone: withdrawn or erased by another process."""
        seats = self.services.seats
        orphans = [
            owner
            for owner in seats.owners()
            if owner.role == "participant"
            and find_seat(self.services, Seat(owner.session_id, owner.subject))[1] is None
        ]
        for owner in orphans:
            await seats.shutdown(owner)
        return len(orphans)

    def _catch_signals(self) -> None:
        """Let SIGTERM and SIGINT end `serve`, where this is the main thread."""
        if threading.current_thread() is not threading.main_thread():
            return
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            try:
                loop.add_signal_handler(number, self._stop.set)
            except NotImplementedError:  # Windows
                signal.signal(number, lambda *_: loop.call_soon_threadsafe(self._stop.set))

    def _ready(self) -> ServerReady:
        settings, secrets = self.server_settings, self.services.secrets
        local_url = self._own_url()
        lan_host = find_lan_address() if settings.lan else None
        return ServerReady(
            local_url=local_url,
            lan_url=build_url(settings.scheme, lan_host, self.port) if lan_host else None,
            facilitator_url=f"{local_url}facilitator",
            passcode_path=secrets.passcode_path,
            passcode=secrets.new_passcode,
        )

    def _own_url(self) -> str:
        settings = self.server_settings
        listens_everywhere = settings.lan or settings.ip in _EVERYWHERE
        own_host = "127.0.0.1" if listens_everywhere else settings.ip
        return build_url(settings.scheme, own_host, self.port)

    async def _shut_down(self, background: list[asyncio.Task[None]]) -> None:
        """Stop in the order in which nothing acknowledged is lost and nobody waits for nothing."""
        logs.note("stopping")
        await self.services.rehearsals.end()
        self.http_server.stop()
        self.services.hub.stop()
        KernelSocketHandler.say_goodbye()
        for task in background:
            task.cancel()
        await asyncio.gather(*background, return_exceptions=True)
        # Kernels hold nothing that is not in the record; after this nobody writes any more.
        await self.services.seats.shutdown_all()
        await self.services.merger.merge_dirty()
        with suppress(TimeoutError):
            await asyncio.wait_for(self.http_server.close_all_connections(), GOODBYE_WITHIN_S)
        logs.note("stopped")


async def _keep_running(name: str, job: Callable[[], Awaitable[None]]) -> None:
    """Run a job that should never end; when it fails, log that and run it again."""
    while True:
        try:
            await job()
            return
        except Exception as error:
            logs.log_incident(name, error)
            await asyncio.sleep(5)


def _is_open(hub: LiveHub, session_id: str) -> bool:
    try:
        return hub.view(session_id).info.is_open(system.utc_now())
    except ReconnectError:
        return False


def _is_presence_running(hub: LiveHub, owner: KernelOwner) -> bool:
    """Say whether this person is in their fifteen minutes: the record knows, no browser need."""
    try:
        roster = hub.view(owner.session_id).roster
    except ReconnectError:
        return False
    person = roster.get(owner.subject)
    if person is None or not person.is_present:
        return False
    return presence_clock(roster, person, system.utc_now()).state == "running"


def _bind(settings: ServerSettings) -> socket.socket:
    """Open the socket, or say in one sentence why not."""
    both = settings.lan and socket.has_dualstack_ipv6()
    family = socket.AF_INET6 if both or ":" in settings.ip else socket.AF_INET
    address = "" if settings.lan else settings.ip
    try:
        # Tornado's own bind_sockets leaves the socket open when this fails.
        opened = socket.create_server(
            (address, settings.port), family=family, backlog=BACKLOG, dualstack_ipv6=both
        )
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise SetupError(
                f"Port {settings.port} is in use, perhaps by a workbook that is already running. "
                "Stop that one, or choose another port with --port."
            ) from None
        if error.errno == errno.EACCES:
            raise SetupError(
                f"This user may not listen on port {settings.port}. Choose one above 1023."
            ) from None
        reason = os.strerror(error.errno or 0)
        raise SetupError(
            f"Cannot listen on {settings.ip} port {settings.port} ({reason})."
        ) from None
    opened.setblocking(False)
    return opened


def _load_certificate(settings: ServerSettings) -> ssl.SSLContext | None:
    if settings.certfile is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(settings.certfile, settings.keyfile)
    except (OSError, ssl.SSLError):
        raise SetupError(
            f"The certificate {settings.certfile} and its key cannot be read, or do not belong "
            "together. Both must be PEM files; a key with a passphrase does not work."
        ) from None
    return context
