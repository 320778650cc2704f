"""A phone without a screen: real HTTP, a real kernel websocket, real comm messages.

It speaks what our page speaks and no more. Whoever drives it decides what is said; what comes
back is kept as the page would show it: the state of every widget, with the stage on the screen.

Messages are read as they come, not when somebody asks: a phone whose owner thinks for a minute
answers the server's pings meanwhile.
"""

from __future__ import annotations

import asyncio
import html
import json
import re
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any, ClassVar
from urllib.parse import urlencode

from tornado.httpclient import AsyncHTTPClient, HTTPRequest, HTTPResponse
from tornado.websocket import (
    WebSocketClientConnection,
    WebSocketClosedError,
    websocket_connect,
)

from reconnect_widgets.errors import RehearsalError
from reconnect_widgets.rehearsal.frames import V1, Message, decode, encode
from reconnect_widgets.system import format_instant, new_event_id, utc_now

REQUEST_TIMEOUT_S = 60.0
REPLY_TIMEOUT_S = 20.0
GOODBYE_TIMEOUT_S = 20.0
MAX_MESSAGE_BYTES = 64 * 2**20

_HIDDEN = re.compile(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"')
_CONFIGURATION = re.compile(r'id="reconnect-page"[^>]*>(.*?)</script>', re.DOTALL)


@dataclass(frozen=True)
class Server:
    """Where the workbook is served.

    Attributes
    ----------
    url
        Scheme, host and port; no slash at the end.
    tls
        For https: which certificates are believed. None believes whom this machine believes.
    """

    url: str
    tls: ssl.SSLContext | None = None

    def __post_init__(self) -> None:
        if self.tls is None and self.url.startswith("https:"):
            object.__setattr__(self, "tls", ssl.create_default_context())


class Phone:
    """One person's device: a cookie jar, and at most one kernel websocket.

    Parameters
    ----------
    server
        An address, or a `Server`.
    client
        One client can serve many phones, if it was made for so many.

    Attributes
    ----------
    models
        Widget state by model id, as the kernel last said it is.
    """

    subprotocols: ClassVar[Sequence[str] | None] = (V1,)

    def __init__(self, server: str | Server, client: AsyncHTTPClient | None = None) -> None:
        self.server = server if isinstance(server, Server) else Server(server)
        self.url = self.server.url
        self.cookies: dict[str, str] = {}
        self.kernel_id = ""
        self.models: dict[str, Message] = {}
        self._client = client or AsyncHTTPClient()
        self._socket: WebSocketClientConnection | None = None
        self._closed = asyncio.Event()
        self._waiting: list[tuple[Callable[[Message], bool], asyncio.Future[Message]]] = []

    # -- HTTP -------------------------------------------------------------------------------

    async def get(self, path: str, **headers: str) -> HTTPResponse:
        """Ask for a page; redirects are not followed."""
        return await self._request("GET", path, None, headers)

    async def post(self, path: str, form: dict[str, str] | None = None) -> HTTPResponse:
        """Send a form."""
        fields = {"_xsrf": self.cookies.get("_xsrf", ""), **(form or {})}
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return await self._request("POST", path, urlencode(fields), headers)

    async def submit(self, page: HTTPResponse, path: str, form: dict[str, str]) -> HTTPResponse:
        """Send a form with the hidden fields that its page carries."""
        hidden = {name: html.unescape(value) for name, value in _HIDDEN.findall(text(page))}
        return await self.post(path, {**hidden, **form})

    async def _request(
        self, method: str, path: str, body: str | None, headers: dict[str, str]
    ) -> HTTPResponse:
        request = HTTPRequest(
            self.url + path,
            method=method,
            body=body,
            headers={"Cookie": self.cookie_header(), **headers},
            follow_redirects=False,
            request_timeout=REQUEST_TIMEOUT_S,
            connect_timeout=REQUEST_TIMEOUT_S,
            ssl_options=self.server.tls,
        )
        answer = await self._client.fetch(request, raise_error=False)
        for line in answer.headers.get_list("Set-Cookie"):
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        return answer

    def cookie_header(self) -> str:
        """Return what the jar holds, as a request says it."""
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    # -- The kernel -------------------------------------------------------------------------

    async def open_page(self, key: str) -> HTTPResponse:
        """Open a workbook page and bring it to life.

        Raises
        ------
        RehearsalError
            If there is no such page for this phone.
        """
        page = await self.get(f"/w/{key}")
        if page.code != 200:
            raise RehearsalError(f"expected a workbook page; the server answered {page.code}")
        await self.attend(page)
        return page

    async def attend(self, page: HTTPResponse) -> None:
        """Bring a workbook page to life: its kernel's websocket, and every widget's state.

        A websocket to the same kernel is kept, as our page keeps it when a page is turned.
        """
        found = _CONFIGURATION.search(text(page))
        if not found:
            raise RehearsalError("the server's page carries no configuration; is it a workbook?")
        kernel_id = str(json.loads(html.unescape(found[1]))["kernelId"])
        if kernel_id != self.kernel_id or not self.is_connected:
            await self.connect(kernel_id)
        self.kernel_id = kernel_id
        await self.read_widgets()

    @property
    def is_connected(self) -> bool:
        """Whether there is a websocket, as far as this side knows."""
        return self._socket is not None and self._socket.protocol is not None

    async def connect(self, kernel_id: str) -> None:
        """Open the websocket to a kernel; HTTPClientError if the server does not let us."""
        await self.hang_up()
        request = HTTPRequest(
            f"{self.url.replace('http', 'ws', 1)}/api/kernels/{kernel_id}/channels"
            f"?session_id={new_event_id()}",
            headers={"Cookie": self.cookie_header(), "Origin": self.url},
            connect_timeout=REQUEST_TIMEOUT_S,
            request_timeout=REQUEST_TIMEOUT_S,
            ssl_options=self.server.tls,
        )
        self._closed = closed = asyncio.Event()
        self._socket = await websocket_connect(
            request,
            on_message_callback=lambda frame: self._hear(frame, closed),
            max_message_size=MAX_MESSAGE_BYTES,
            subprotocols=list(self.subprotocols) if self.subprotocols else None,
        )

    async def hang_up(self) -> None:
        """Close the websocket and wait until the other side has, too."""
        if self._socket is None:
            return
        self._socket.close()
        await self.wait_until_closed()

    async def wait_until_closed(self) -> None:
        """Wait until the server has hung up."""
        if self._socket is None:
            return
        async with asyncio.timeout(GOODBYE_TIMEOUT_S):
            await self._closed.wait()

    async def send_raw(self, data: str | bytes) -> None:
        """Send one frame; WebSocketClosedError if there is no line."""
        if self._socket is None:
            raise WebSocketClosedError("there is no websocket")
        await self._socket.write_message(data, binary=isinstance(data, bytes))

    async def send(self, msg_type: str, content: Message, channel: str = "shell") -> str:
        """Send one kernel message and return its id."""
        msg_id = new_event_id()
        header = {
            "msg_id": msg_id,
            "msg_type": msg_type,
            "username": "",
            "session": "phone",
            "version": "5.3",
            "date": format_instant(utc_now()),
        }
        message = {
            "header": header,
            "parent_header": {},
            "metadata": {},
            "content": content,
            "channel": channel,
            "buffers": [],
        }
        protocol = self._socket.selected_subprotocol if self._socket else None
        await self.send_raw(encode(message, protocol))
        return msg_id

    async def read_widgets(self) -> None:
        """Ask for all widget state in one message, as the page does."""
        comm_id = new_event_id()
        with self._expecting(lambda m: _data(m).get("method") == "update_states") as states:
            await self.send(
                "comm_open",
                {"comm_id": comm_id, "target_name": "jupyter.widget.control", "data": {}},
            )
            await self.send("comm_msg", {"comm_id": comm_id, "data": {"method": "request_states"}})
            async with asyncio.timeout(REPLY_TIMEOUT_S):
                told = _data(await states)["states"]
        self.models = {model_id: dict(model["state"]) for model_id, model in told.items()}

    async def wait_until(self, is_so: Callable[[], bool], timeout_s: float) -> None:
        """Wait until what the screen shows is so; looked at after every message."""
        if not is_so():
            with self._expecting(lambda _: is_so()) as message:
                async with asyncio.timeout(timeout_s):
                    await message

    @contextmanager
    def _expecting(self, fits: Callable[[Message], bool]) -> Iterator[asyncio.Future[Message]]:
        """Yield what becomes the first message from now on that fits.

        WebSocketClosedError comes out of it when the line ends before.
        """
        if self._socket is None:
            raise WebSocketClosedError("there is no websocket")
        found: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        entry = (fits, found)
        self._waiting.append(entry)
        try:
            yield found
        finally:
            if entry in self._waiting:
                self._waiting.remove(entry)
            found.cancel()

    def _hear(self, frame: str | bytes | None, closed: asyncio.Event) -> None:
        """Take in one frame; None says that the line has ended."""
        if closed is not self._closed:
            return  # a line that was replaced since
        if frame is None:
            self._end()
            return
        message = decode(frame)
        self._apply(message)
        for fits, found in self._waiting[:]:
            if not found.done() and fits(message):
                found.set_result(message)

    def _end(self) -> None:
        if self._socket is not None:
            self._socket.close()  # ours is still to be let go of when theirs is closed
        self._socket = None
        for _, found in self._waiting:
            if not found.done():
                found.set_exception(WebSocketClosedError("the server hung up"))
        self._closed.set()

    def _apply(self, message: Message) -> None:
        """Keep the models as the kernel says they are."""
        content = message["content"]
        match message["header"]["msg_type"]:
            case "comm_open":
                self.models[content["comm_id"]] = dict(content.get("data", {}).get("state", {}))
            case "comm_close":
                self.models.pop(content["comm_id"], None)
            case "comm_msg":
                data = content.get("data", {})
                if data.get("method") == "update" and content["comm_id"] in self.models:
                    self.models[content["comm_id"]].update(data.get("state", {}))

    # -- The page's protocol ----------------------------------------------------------------

    @property
    def page_id(self) -> str:
        """The id of the page's host model: the one that names a stage."""
        ids = [model_id for model_id, state in self.models.items() if "stage" in state]
        if len(ids) != 1:
            raise RehearsalError(f"expected one page in the kernel, found {len(ids)}")
        return ids[0]

    @property
    def stage(self) -> Message:
        """The state of the stage on the screen."""
        reference = self.models[self.page_id]["stage"]
        state: Message = self.models[reference.removeprefix("IPY_MODEL_")]
        return state

    async def say(self, message: Message, to: str | None = None) -> None:
        """Send one custom message to the page (or to another model)."""
        await self.send(
            "comm_msg",
            {"comm_id": to or self.page_id, "data": {"method": "custom", "content": message}},
        )

    async def deliver(self, message: Message, timeout_s: float = REPLY_TIMEOUT_S) -> Message:
        """Say something and return what the page says of it, ``saved`` or ``not-saved``.

        Raises
        ------
        TimeoutError
            If nothing came back in time.
        WebSocketClosedError
            If the line ended before.
        """
        event_id = message["event_id"]
        with self._expecting(lambda m: _reply(m).get("event_id") == event_id) as reply:
            await self.say(message)
            async with asyncio.timeout(timeout_s):
                return _reply(await reply)

    async def answer(self, item: str, value: object, /, **changes: object) -> Message:
        """Answer one question of the checkup and return what the page says of it."""
        return await self.deliver(
            {
                "type": "answer",
                "event_id": new_event_id(),
                "exercise": "checkup",
                "round": 1,
                "item": item,
                "status": "answered",
                "value": value,
                **changes,
            }
        )

    async def act(self, action: str) -> Message:
        """Press one of the stage's buttons and return what the page says of it."""
        return await self.deliver(
            {
                "type": "action",
                "event_id": new_event_id(),
                "stage": self.stage["token"],
                "action": action,
            }
        )


def text(answer: HTTPResponse) -> str:
    """Return the words of an answer; empty when it has none."""
    return answer.body.decode("utf-8", "replace") if answer.body else ""


def _data(message: Message) -> dict[str, Any]:
    data = message["content"].get("data")
    return data if isinstance(data, dict) else {}


def _reply(message: Message) -> dict[str, Any]:
    """Return a custom message's content; empty for every other message."""
    content = _data(message).get("content")
    return content if isinstance(content, dict) else {}
