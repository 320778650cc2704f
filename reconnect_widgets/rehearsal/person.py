"""One made-up person with a phone: joins, reads, answers, shows it to the partner, looks.

A person does what the screen offers, one thing at a time, and is as patient as people are: when
the server is busy they come again, when the line breaks they open the page again and say once
more what was not confirmed (with the same event id, as our page does).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPResponse
from tornado.iostream import StreamClosedError
from tornado.websocket import WebSocketClosedError, WebSocketError

from reconnect_widgets.domain.synthetic import SyntheticAnswer, SyntheticPerson
from reconnect_widgets.errors import RehearsalError
from reconnect_widgets.rehearsal.frames import Message
from reconnect_widgets.rehearsal.ledger import Acknowledged, Ledger, Step
from reconnect_widgets.rehearsal.news import follow_news
from reconnect_widgets.rehearsal.pace import Pace
from reconnect_widgets.rehearsal.phone import Phone, Server, text
from reconnect_widgets.rehearsal.said import find_group, is_not_yet, why_no_seat
from reconnect_widgets.system import monotonic_s, new_event_id

# What our page does: say it again when nothing came back for so long.
RESEND_S = 5.0
COME_AGAIN_S = 1.0
# The news of a partner come within a second or so; after this long nobody waits for them.
NEWS_WITHIN_S = 30.0
READING_S = 7.0
DECIDING_S = 3.0

_BUSY = (429, 503)
_LINE_BROKE = (WebSocketClosedError, WebSocketError, StreamClosedError, OSError)
_NO_ANSWER = (HTTPClientError, StreamClosedError, OSError)
_CODES = re.compile(r'rc-code--small">([A-Z0-9-]+)<')
_TITLE = re.compile(r'class="rc-lede"><bdi>(.*?)</bdi>')
_COUPLE_CODE_LENGTH = 5
# Of what a screen offers, the first of these is done; what is not among them is left alone.
_CONSENT = {"recorded": "consent-recorded", "not-recorded": "consent-not-recorded"}
_ONWARD = ("on", "begin", "guess", "ask-release", "release", "see-both")
_MOST_REFUSALS = 3


@dataclass(frozen=True)
class Part:
    """What one person is to play: who they are, and what they tap at each question."""

    index: int
    person: SyntheticPerson
    taps: Mapping[str, Sequence[SyntheticAnswer]]


class RehearsedPerson:
    """Plays one part.

    Parameters
    ----------
    looks_back
        Whether to leave the page and come back before a sheet of questions is closed, to see
        whether it still shows everything that was acknowledged.
    stays_s
        How long to stay when all is done, and to go along where everybody is brought.

    Attributes
    ----------
    session_title, couple_code
        As read on My place after joining.
    has_decided
        Set when nothing more comes from this person that the partner would wait for.
    """

    def __init__(
        self,
        part: Part,
        server: Server,
        client: AsyncHTTPClient,
        pace: Pace,
        ledger: Ledger,
        *,
        looks_back: bool,
        stays_s: float = 0,
    ) -> None:
        self.part = part
        self.session_title = ""
        self.couple_code = ""
        self.has_joined = False
        self.has_released = False
        self.has_decided = asyncio.Event()
        self._phone = Phone(server, client)
        self._pace = pace
        self._ledger = ledger
        self._looks_back = looks_back
        self._stays_s = stays_s
        self._news = asyncio.Event()
        self._page = ""
        self._given: dict[str, tuple[str, int | None]] = {}

    # -- Joining ---------------------------------------------------------------------------------

    async def knock(self) -> None:
        """See whether anything answers at all; RehearsalError at once if not."""
        try:
            await self._phone.get("/")
        except _NO_ANSWER:
            raise RehearsalError(
                "Nothing answers at that address: is the workbook running there? With https, its "
                "certificate may be one that this machine does not believe; then give --certfile"
            ) from None

    async def join(self, code: str, couple_code: str = "") -> None:
        """Take a seat, with the partner's couple code if there is one.

        Raises
        ------
        RehearsalError
            With the reason, if the server gives no seat.
        """
        person = self.part.person
        form = {
            "action": "join",
            "code": code,
            "name": person.name,
            "how": "couple",
            "slot": person.slot or "",
            "couple_code": couple_code,
        }
        with self._ledger.timed("join"):
            page = await self._ask(lambda: self._phone.get(f"/j/{code}"), may_refuse=True)
            if page.code != 200:
                raise RehearsalError(why_no_seat(page.code))
            # The form names its seat: sent again, it leads to the same one.
            answer = await self._ask(lambda: self._phone.submit(page, "/", form), may_refuse=True)
            if answer.code != 303:
                raise RehearsalError(why_no_seat(answer.code))
            place = text(await self._ask(lambda: self._phone.get("/me")))
        self.has_joined = True
        self._ledger.joined += 1
        codes = [found for found in _CODES.findall(place) if len(found) == _COUPLE_CODE_LENGTH]
        self.couple_code = codes[-1] if codes else ""
        title = _TITLE.search(place)
        self.session_title = title[1] if title else ""

    async def withdraw(self) -> None:
        """Take everything back."""
        page = await self._ask(lambda: self._phone.get("/me/withdraw"))
        await self._phone.submit(page, "/me/withdraw", {})

    async def _ask(
        self, ask: Callable[[], Awaitable[HTTPResponse]], *, may_refuse: bool = False
    ) -> HTTPResponse:
        """Ask, and come again while the server is busy or away, as a person would."""
        gives_up_at = monotonic_s() + self._pace.patience_s
        while True:
            wait_s = COME_AGAIN_S
            try:
                answer = await ask()
            except _NO_ANSWER:
                if monotonic_s() > gives_up_at:
                    raise RehearsalError("The server does not answer any more") from None
            else:
                if answer.code not in _BUSY or monotonic_s() > gives_up_at:
                    break
                wanted = answer.headers.get("Retry-After", "")
                wait_s = min(float(wanted), 10) if wanted.isdigit() else COME_AGAIN_S
            self._ledger.waits += 1
            await asyncio.sleep(wait_s)
        if answer.code != 200 and not may_refuse:
            raise RehearsalError(f"The server answered {answer.code}")
        return answer

    # -- Taking part -----------------------------------------------------------------------------

    async def take_part(self, partner: RehearsedPerson) -> None:
        """Go from the welcome to the couple's view, or as far as the session leads."""
        listening: asyncio.Task[None] | None = None
        refusals = 0
        try:
            await self._turn_to("welcome", "first page")
            listening = asyncio.create_task(
                follow_news(self._phone.server, self._phone, self._look_again)
            )
            while True:
                stage = self._phone.stage
                if "questions" in stage:
                    await self._answer(stage)
                    if self._phone.stage["token"] != stage["token"]:
                        continue
                    action = str(stage["finish"])
                else:
                    action = self._choose(stage)
                if action:
                    refusals += not await self._press(action)
                    if refusals > _MOST_REFUSALS:
                        raise RehearsalError("the page refuses what it offers")
                elif _leads_to(stage, "/w/checkup"):
                    await self._turn_to("checkup", "next page")
                elif not await self._wait_for(partner):
                    break
            self._ledger.finished += 1
            self.has_decided.set()
            await self._stay()
        finally:
            self.has_decided.set()
            if listening is not None:
                listening.cancel()
                await asyncio.wait([listening])
            with suppress(TimeoutError):
                await self._phone.hang_up()

    def _choose(self, stage: Message) -> str:
        """Return which of the offered buttons this person presses; empty for none."""
        offered = {action["id"] for action in stage["actions"] if not action["href"]}
        wanted = (_CONSENT[self.part.person.consent], *_ONWARD)
        return next((action for action in wanted if action in offered), "")

    async def _turn_to(self, key: str, step: Step) -> None:
        with self._ledger.timed(step):
            page = await self._ask(lambda: self._phone.get(f"/w/{key}"))
            while self._stays_s and is_not_yet(page):
                self._news.clear()
                await self._news.wait()
                page = await self._ask(lambda: self._phone.get(f"/w/{key}"))
            self._page = key
            try:
                await self._phone.attend(page)
            except (*_LINE_BROKE, HTTPClientError, TimeoutError):
                await self._come_back()
        await self._pace.think(READING_S)

    async def _stay(self) -> None:
        """Go along with the group; what stands there is not played."""
        ends_at = monotonic_s() + self._stays_s
        while (left_s := ends_at - monotonic_s()) > 0:
            self._news.clear()
            page = await self._ask(lambda: self._phone.get(f"/w/?at={self._page}"))
            if group := find_group(page):
                await self._turn_to(group, "next page")
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(left_s):
                    await self._news.wait()

    async def _wait_for(self, partner: RehearsedPerson) -> bool:
        """Wait for the partner to show theirs; False when there is nothing to wait for (more)."""
        if not self.has_released or _offers(self._phone.stage, "back"):
            return False
        await partner.has_decided.wait()
        if not partner.has_released:
            return False
        try:
            with self._ledger.timed("news of the partner"):
                await self._phone.wait_until(
                    lambda: _offers(self._phone.stage, "see-both"), NEWS_WITHIN_S
                )
        except TimeoutError:
            raise RehearsalError("the partner's view was not offered") from None
        except _LINE_BROKE:
            await self._come_back()  # a page made anew shows what there is
        return True

    async def _look_again(self) -> None:
        """News came: ask the page to look. Missing one does no harm."""
        self._news.set()
        with suppress(*_LINE_BROKE, RehearsalError):
            await self._phone.say({"type": "refresh"})

    # -- Answering -------------------------------------------------------------------------------

    async def _answer(self, sheet: Message) -> None:
        """Answer every question on the sheet, in its order; change some.

        Stops when the sheet is gone: of who is not recorded, a new kernel knows nothing, and
        begins again.
        """
        sheet = dict(sheet)  # the kernel writes on in the other one
        offered = {option["value"] for option in sheet["options"]}
        keys = [question["key"] for question in sheet["questions"]]
        for key in keys:
            for tap in self.part.taps.get(key, ()):
                await self._pace.think(tap.after_s)
                await self._tap(sheet, key, tap.value if tap.value in offered else None)
            if key not in self.part.taps:
                await self._tap(sheet, key, None)
            if self._phone.stage["token"] != sheet["token"]:
                return
        if self._looks_back:
            await self._look_back(keys)

    async def _tap(self, sheet: Message, item: str, value: int | None) -> None:
        """Choose an answer, or skip."""
        exercise, round_ = str(sheet["exercise"]), int(sheet["round"])
        status = "skipped" if value is None else "answered"
        message = {
            "type": "answer",
            "event_id": new_event_id(),
            "exercise": exercise,
            "round": round_,
            "item": item,
            "status": status,
            "value": value,
        }
        with self._ledger.timed("tap to saved"):
            reply = await self._deliver(message)
        if reply["type"] != "saved":
            raise RehearsalError("an answer was refused: is the session closed?")
        self._given[item] = (status, value)
        recorded = self.part.person.consent == "recorded"
        self._note(message, reply, recorded, exercise, round_, item, status, value)

    async def _press(self, action: str) -> bool:
        """Press a button; False if the page did not take it."""
        await self._pace.think(DECIDING_S)
        message = {
            "type": "action",
            "event_id": new_event_id(),
            "stage": self._phone.stage["token"],
            "action": action,
        }
        with self._ledger.timed("button to next"):
            reply = await self._deliver(message)
        if reply["type"] != "saved":
            return False
        # The choice of consent is in the record whatever it is. Of who is not recorded, nothing
        # else is, and a step through the welcome of nobody.
        is_consent = action in _CONSENT.values()
        is_recorded = self.part.person.consent == "recorded" and bool(reply["recorded_at"])
        self._note(message, reply, is_consent or is_recorded)
        if action == "release":
            self.has_released = True
            self.has_decided.set()
        return True

    def _note(self, message: Message, reply: Message, in_record: bool, *answer: Any) -> None:
        event_id, at = str(message["event_id"]), str(reply["recorded_at"])
        one = Acknowledged(self.part.index, event_id, in_record, at, *answer)
        self._ledger.acknowledged.append(one)

    async def _deliver(self, message: Message) -> Message:
        """Say something until it is confirmed or refused for good."""
        gives_up_at = monotonic_s() + self._pace.patience_s
        self._ledger.sent.add(str(message["event_id"]))
        while True:
            try:
                reply = await self._phone.deliver(message, RESEND_S)
            except TimeoutError:
                pass
            except _LINE_BROKE:
                await self._come_back()
            else:
                if reply["type"] == "saved" or not reply["retry"]:
                    return reply
                await asyncio.sleep(COME_AGAIN_S)
            if monotonic_s() > gives_up_at:
                raise RehearsalError("what was said was not saved in time")
            self._ledger.repeats += 1

    async def _come_back(self) -> None:
        """Open the page again, with a new line to its kernel, which may be a new one."""
        gives_up_at = monotonic_s() + self._pace.patience_s
        while True:
            with suppress(*_LINE_BROKE, HTTPClientError, TimeoutError):
                await self._phone.hang_up()
                await self._phone.attend(
                    await self._ask(lambda: self._phone.get(f"/w/{self._page}"))
                )
                return
            if monotonic_s() > gives_up_at:
                raise RehearsalError("the line to the page broke and did not come back")
            await asyncio.sleep(COME_AGAIN_S)

    async def _look_back(self, keys: Sequence[str]) -> None:
        """Have the page made anew from the record, and compare what it shows."""
        here = self._page
        for key in ("welcome", here):
            await self._turn_to(key, "next page")
        shown = self._phone.stage.get("answers", {})
        for item in keys:
            answer = shown.get(item, {})
            if (answer.get("status"), answer.get("value")) == self._given[item]:
                self._ledger.seen += 1
            else:
                self._ledger.unseen += 1


def _offers(stage: Message, action: str) -> bool:
    return any(offered["id"] == action for offered in stage.get("actions", ()))


def _leads_to(stage: Message, address: str) -> bool:
    return any(offered["href"] == address for offered in stage.get("actions", ()))
