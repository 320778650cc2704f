"""oTree, as `otree prodserver` starts it: production, one process, SQLite in its folder."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.peers import Plan, Turn, Visit
from bench.peers.served import ServedApp

_PLACES = 30
_KEY = "bench"


@dataclass
class Otree(ServedApp):
    """oTree knows who takes part: a session of thirty is made at the start, and invites each."""

    _codes: list[str] = field(default_factory=list)

    async def start(self, folder: Path) -> None:
        """Start it, and make a session over its REST interface."""
        await super().start(folder)
        asked = {"session_config_name": "checkup", "num_participants": _PLACES}
        made = await asyncio.to_thread(self._ask, "/api/sessions", asked)
        session = await asyncio.to_thread(self._ask, f"/api/sessions/{made['code']}")
        self._codes = [participant["code"] for participant in session["participants"]]

    def _ask(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        request = urllib.request.Request(
            f"{self.url}{path}",
            data=json.dumps(body).encode() if body else None,
            headers={"otree-rest-key": _KEY, "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return dict(json.load(answer))

    async def invite(self) -> Visit:
        """Return the link of somebody who has not come yet."""
        url = f"{self.url}/InitializeParticipant/{self._codes.pop()}"
        return Visit(url, doorstep=f"{self.url}{self.doorstep}")


OTREE = Otree(
    name="oTree",
    package="otree",
    source=Path(__file__).parent,
    command=("otree", "prodserver", "127.0.0.1:{port}"),
    settings={"OTREE_PRODUCTION": "1", "OTREE_REST_KEY": _KEY},
    plan=Plan(
        shown="#begin, #following, .otree-btn-back",
        begin="#begin",
        choice="input[type=radio]",
        status="#status",
        answered="^Saved$",
        next="#following",
        there=Turn(".otree-btn-next", loads=True),
        back=Turn(".otree-btn-back", loads=True),
    ),
    remembers=True,
)
