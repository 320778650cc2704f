"""Our own server, as `reconnect serve` starts it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from tornado.httpclient import AsyncHTTPClient

from bench.peers import Plan, Visit
from reconnect_widgets.records import RecordFolder, SessionRecord
from reconnect_widgets.rehearsal.phone import Phone
from tests.support.server import WorkbookServer

# The widgets are ours in stock Voilà, too, so the same plan holds there.
CHECKUP = Plan(
    shown=".rc-host__stage button, .rc-host__stage a.rc-button",
    begin='[data-action="begin"]',
    choice=".rc-sheet input[type=radio]",
    status=".rc-sheet__status",
    answered="^(Saved|Not recorded)$",
    next=".rc-sheet__row .rc-button:not(.rc-button--quiet)",
)


@dataclass
class Reconnect:
    """The server under test; everybody who is invited has joined and consented."""

    name: str = "Reconnect"
    plan: Plan = CHECKUP
    required: bool = True
    remembers: bool = True
    turns_in_place: bool = True
    reasons: Mapping[str, str] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def pid(self) -> int:
        """The web server, which has started the warm parents."""
        return self._server.pid

    @property
    def other_page(self) -> str:
        """The welcome."""
        return f"{self._server.url}/w/welcome"

    @property
    def data_dir(self) -> Path:
        """The record folder."""
        return self._server.data_dir

    def prepare(self) -> None:
        """Nothing: it is what the bench runs in."""

    async def start(self, folder: Path) -> None:
        """Start it over an empty record folder, with one session."""
        folder.mkdir()
        self._server = WorkbookServer(folder / "data").start()
        session_id = self._server.new_session("Bench")["session_id"]
        self._session = RecordFolder(self.data_dir).session(session_id)

    def stop(self) -> None:
        """Stop it as Ctrl-C does."""
        self._server.stop()

    async def invite(self) -> Visit:
        """Join over HTTP; the consent is written as the welcome would write it.

        Written, not clicked, because clicking it would start the kernel that is to be measured.
        """
        phone = await self.join()
        url = self._server.url
        return Visit(f"{url}/w/checkup", dict(phone.cookies), f"{url}/healthz")

    @property
    def desk_path(self) -> str:
        """The address of the session's desk."""
        return f"/facilitator/s/{self._session.session_id}"

    async def open_desk(self) -> Phone:
        """Sign a facilitator in."""
        phone = Phone(self._server.url)
        page = await phone.get("/facilitator/sign-in")
        form = {"passcode": self._server.passcode()}
        answer = await phone.submit(page, "/facilitator/sign-in", form)
        if answer.code != 303:
            raise RuntimeError(f"no desk: the server answered {answer.code}")
        return phone

    async def join(self, client: AsyncHTTPClient | None = None) -> Phone:
        """Join over HTTP and consent; return the phone."""
        phone = Phone(self._server.url, client)
        name = f"Bench {next(self._numbers)}"
        code = self._session.info.code
        form = {"action": "join", "code": code, "name": name, "how": "alone"}
        seated = await phone.submit(await phone.get(f"/j/{code}"), "/", form)
        if seated.code != 303:
            raise RuntimeError(f"no seat: the server answered {seated.code}")
        people = self._session.participants().values()
        participant_id = next(each.participant_id for each in people if each.name == name)
        writer = self._session.open_writer(participant_id)
        writer.append_person(
            "consented", {"consent": "recorded"}, participant_id=participant_id, dyad_id=""
        )
        writer.close()
        return phone

    def rehearsed(self) -> SessionRecord:
        """Return the session that a rehearsal made on this server."""
        sessions = RecordFolder(self.data_dir).sessions()
        return next(each for each in sessions if each.session_id != self._session.session_id)
