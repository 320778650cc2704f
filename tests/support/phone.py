"""A phone without a screen: real HTTP, a real kernel websocket, real comm messages.

It speaks what the browser speaks and no more, so a test can also say what no honest page would.
"""

from __future__ import annotations

import asyncio
import html
import json
import re
from collections.abc import Callable
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from tornado.httpclient import AsyncHTTPClient, HTTPRequest, HTTPResponse
from tornado.websocket import WebSocketClientConnection, websocket_connect

from reconnect_widgets.system import format_instant, new_event_id, utc_now

Message = dict[str, Any]


class Phone:
    """One person's device: a cookie jar, and at most one kernel websocket."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.cookies: dict[str, str] = {}
        self.kernel_id = ""
        self.models: dict[str, Message] = {}
        self.received: list[Message] = []
        self._socket: WebSocketClientConnection | None = None
        self._client = AsyncHTTPClient()

    # -- HTTP -------------------------------------------------------------------------------

    async def get(self, path: str, **headers: str) -> HTTPResponse:
        return await self._request("GET", path, None, headers)

    async def post(self, path: str, form: dict[str, str] | None = None) -> HTTPResponse:
        fields = {"_xsrf": self.cookies.get("_xsrf", ""), **(form or {})}
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return await self._request("POST", path, urlencode(fields), headers)

    async def submit(self, page: HTTPResponse, path: str, form: dict[str, str]) -> HTTPResponse:
        """Post a form with the hidden fields that the page carries."""
        hidden = dict(
            re.findall(
                r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"', text(page)
            )
        )
        return await self.post(path, {**{k: html.unescape(v) for k, v in hidden.items()}, **form})

    async def _request(
        self, method: str, path: str, body: str | None, headers: dict[str, str]
    ) -> HTTPResponse:
        request = HTTPRequest(
            self.url + path,
            method=method,
            body=body,
            headers={"Cookie": self._cookie_header(), **headers},
            follow_redirects=False,
            request_timeout=60,
        )
        answer = await self._client.fetch(request, raise_error=False)
        for line in answer.headers.get_list("Set-Cookie"):
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        return answer

    def _cookie_header(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    # -- the kernel -------------------------------------------------------------------------

    async def open_page(self, key: str) -> HTTPResponse:
        """Open a workbook page, connect to its kernel and read every widget's state."""
        page = await self.get(f"/w/{key}")
        assert page.code == 200, f"/w/{key}: {page.code}"
        found = re.search(r'id="reconnect-page"[^>]*>(.*?)</script>', text(page), re.DOTALL)
        assert found, "the page carries no configuration"
        self.kernel_id = json.loads(html.unescape(found[1]))["kernelId"]
        await self.connect(self.kernel_id)
        await self.read_widgets()
        return page

    async def connect(self, kernel_id: str) -> None:
        await self.hang_up()
        address = self.url.replace("http", "ws", 1)
        request = HTTPRequest(
            f"{address}/api/kernels/{kernel_id}/channels?session_id={uuid4().hex}",
            headers={"Cookie": self._cookie_header(), "Origin": self.url},
        )
        self._socket = await websocket_connect(request, max_message_size=64 * 2**20)
        self.received = []

    async def hang_up(self) -> None:
        """Close the websocket and wait until the other side has, too."""
        if self._socket is None:
            return
        self._socket.close()
        await self.wait_until_closed()

    async def wait_until_closed(self) -> None:
        """Read and forget until the server has hung up."""
        while self._socket is not None:
            await self.next_message()

    async def send_raw(self, data: str | bytes) -> None:
        assert self._socket is not None
        await self._socket.write_message(data, binary=isinstance(data, bytes))

    async def send(self, msg_type: str, content: Message, channel: str = "shell") -> str:
        """Send one Jupyter message and return its id."""
        msg_id = uuid4().hex
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
        await self.send_raw(json.dumps(message))
        return msg_id

    async def next_message(self, timeout_s: float = 20) -> Message | None:
        """Return the next message, or None when the server hung up."""
        assert self._socket is not None
        data = await asyncio.wait_for(self._socket.read_message(), timeout_s)
        if data is None:
            self._socket.close()  # ours is still to be let go of when theirs is closed
            self._socket = None
            return None
        message: Message = json.loads(data)
        self.received.append(message)
        self._apply(message)
        return message

    async def wait_for(self, wanted: Callable[[Message], bool], timeout_s: float = 20) -> Message:
        """Read until a message fits; AssertionError when the server hangs up or time is out."""
        async with asyncio.timeout(timeout_s):
            while True:
                message = await self.next_message(timeout_s)
                assert message is not None, "the server hung up"
                if wanted(message):
                    return message

    async def read_widgets(self) -> None:
        """Ask for all widget state in one message, as the page does."""
        comm_id = uuid4().hex
        await self.send(
            "comm_open",
            {"comm_id": comm_id, "target_name": "jupyter.widget.control", "data": {}},
        )
        await self.send("comm_msg", {"comm_id": comm_id, "data": {"method": "request_states"}})
        states = await self.wait_for(
            lambda m: m["content"].get("data", {}).get("method") == "update_states"
        )
        self.models = {
            model_id: dict(model["state"])
            for model_id, model in states["content"]["data"]["states"].items()
        }

    def _apply(self, message: Message) -> None:
        """Keep the models as the kernel says they are."""
        content = message["content"]
        if message["header"]["msg_type"] == "comm_open":
            self.models[content["comm_id"]] = dict(content.get("data", {}).get("state", {}))
        elif message["header"]["msg_type"] == "comm_close":
            self.models.pop(content["comm_id"], None)
        elif message["header"]["msg_type"] == "comm_msg":
            data = content.get("data", {})
            if data.get("method") == "update" and content["comm_id"] in self.models:
                self.models[content["comm_id"]].update(data.get("state", {}))

    # -- the page protocol ------------------------------------------------------------------

    @property
    def page_id(self) -> str:
        """The id of the page's host model: the one that names a stage."""
        ids = [model_id for model_id, state in self.models.items() if "stage" in state]
        assert len(ids) == 1, f"expected one page, found {len(ids)}"
        return ids[0]

    @property
    def stage(self) -> Message:
        """The state of the stage on the screen."""
        reference = self.models[self.page_id]["stage"]
        return self.models[reference.removeprefix("IPY_MODEL_")]

    async def say(self, message: Message, to: str | None = None) -> None:
        """Send one custom message to the page (or to another model)."""
        await self.send(
            "comm_msg",
            {"comm_id": to or self.page_id, "data": {"method": "custom", "content": message}},
        )

    async def answer(self, item: str, value: object, /, **changes: object) -> Message:
        """Answer one item and wait for what the page says of it."""
        message = {
            "type": "answer",
            "event_id": new_event_id(),
            "exercise": "checkup",
            "round": 1,
            "item": item,
            "status": "answered",
            "value": value,
            **changes,
        }
        await self.say(message)
        return await self.reply_to(str(message["event_id"]))

    async def act(self, action: str) -> Message:
        """Press one of the stage's buttons and wait for what the page says of it."""
        event_id = new_event_id()
        await self.say(
            {"type": "action", "event_id": event_id, "stage": self.stage["token"], "action": action}
        )
        return await self.reply_to(event_id)

    async def reply_to(self, event_id: str) -> Message:
        def fits(message: Message) -> bool:
            content = message["content"].get("data", {}).get("content", {})
            return isinstance(content, dict) and content.get("event_id") == event_id

        reply = await self.wait_for(fits)
        return dict(reply["content"]["data"]["content"])


def text(answer: HTTPResponse) -> str:
    return answer.body.decode("utf-8", "replace") if answer.body else ""
