"""What a browser may say to its kernel, how much, how fast, and what it hears.

The browser is a hostile peer: whoever holds a participant's cookie can write anything into this
websocket. So a message is read here as strictly as a form, rebuilt from what was understood, and
only then handed to the kernel. What the widgets make of its content is theirs to check.

Not here: who may open the websocket at all (the handler table asks that first).

Close codes: 1007 the bytes are no message, 1008 too fast, 1009 too large (Tornado's own check),
1013 the other side does not read, 4001 the kernel is gone (load the page again), 4002 more pages
of one person than there may be (do not come back by yourself).
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import zmq
from jupyter_server.services.kernels.connection.base import serialize_msg_to_ws_v1
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from jupyter_server.services.kernels.websocket import KernelWebsocketHandler
from tornado import web
from tornado.websocket import WebSocketClosedError

from reconnect_widgets import system
from reconnect_widgets.errors import MessageError

BROWSER_MESSAGE_TYPES = frozenset(
    {"comm_open", "comm_msg", "comm_close", "comm_info_request", "kernel_info_request"}
)
# The only comm a browser may open: through it, it asks for all widget state. Not `jupyter.widget`,
# through which it could make a widget of any class.
BROWSER_COMM_TARGET = "jupyter.widget.control"

# What a browser needs in order to show widgets. Printed text, errors and code are not among it;
# of a kernel's status it needs to hear when a message has been dealt with, and nothing else.
KERNEL_MESSAGE_TYPES = frozenset(
    {
        "comm_open",
        "comm_msg",
        "comm_close",
        "status",
        "comm_info_reply",
        "kernel_info_reply",
    }
)

MAX_MESSAGE_BYTES = 64 * 1024
BURST_MESSAGES = 100
MESSAGES_PER_S = 20.0
# A phone that sleeps answers no ping; its websocket is closed after at most twice this long.
PING_S = 20.0
# Bytes that may wait for a browser before another message makes it too many. One large message
# (all widget state) may always be sent to one who has read everything before.
MAX_UNREAD_BYTES = 1024 * 1024
MAX_SOCKETS_PER_KERNEL = 6
# Messages of one kernel that are passed on before it is the others' turn.
AT_ONCE = 32
WELCOME_WITHIN_S = 0.5

NOT_A_MESSAGE = 1007
TOO_FAST = 1008
NOT_READING = 1013
KERNEL_GONE = 4001
TOO_MANY_PAGES = 4002

_IDLE = b'"idle"'
_V1 = "v1.kernel.websocket.jupyter.org"
_V1_PARTS = 4  # header, parent header, metadata, content
_HEADER_FIELDS = ("msg_id", "msg_type", "username", "session", "date", "version")
_SESSION_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True)
class BrowserMessage:
    """One message of a browser, as far as it is passed on."""

    channel: str
    header: dict[str, str]
    parent_header: dict[str, Any]
    metadata: dict[str, Any]
    content: dict[str, Any]

    @property
    def msg_type(self) -> str:
        """What kind of message it is."""
        return self.header["msg_type"]

    @property
    def is_allowed(self) -> bool:
        """Whether a browser may say this at all."""
        if self.channel != "shell" or self.msg_type not in BROWSER_MESSAGE_TYPES:
            return False
        return self.msg_type != "comm_open" or self.content.get("target_name") == (
            BROWSER_COMM_TARGET
        )

    def parts(self) -> list[bytes]:
        """Return the four parts as the kernel protocol has them."""
        fields = (self.header, self.parent_header, self.metadata, self.content)
        return [json.dumps(field).encode() for field in fields]


def parse_message(frame: str | bytes, subprotocol: str | None) -> BrowserMessage:
    """Read one websocket frame.

    Raises
    ------
    MessageError
        For anything that is not a message of the protocol. Its text holds nothing of the frame.
    """
    if subprotocol == _V1:
        channel, fields = _split_v1(frame)
    else:
        channel, fields = _split_json(frame)
    header, parent_header, metadata, content = fields
    kept = {name: header.get(name, "") for name in _HEADER_FIELDS}
    if not all(isinstance(value, str) and len(value) <= 200 for value in kept.values()):
        raise MessageError("a header field is no short text")
    if not kept["msg_id"] or not kept["msg_type"]:
        raise MessageError("a header lacks its id or its type")
    return BrowserMessage(channel, kept, parent_header, metadata, content)


def _split_v1(frame: str | bytes) -> tuple[str, list[dict[str, Any]]]:
    """Cut a frame of the binary protocol: count, offsets, then channel and parts end to end."""
    if isinstance(frame, str) or len(frame) < 8:
        raise MessageError("the frame is not binary")
    count = int.from_bytes(frame[:8], "little")
    if count != _V1_PARTS + 2:
        raise MessageError("a message has four parts and no buffers")
    offsets = [int.from_bytes(frame[8 * i : 8 * (i + 1)], "little") for i in range(1, count + 1)]
    if offsets != sorted(offsets) or offsets[0] != 8 * (count + 1) or offsets[-1] != len(frame):
        raise MessageError("the offsets of the frame do not fit it")
    pieces = [frame[start:end] for start, end in pairwise(offsets)]
    try:
        channel = pieces[0].decode()
    except UnicodeDecodeError:
        raise MessageError("the channel is no text") from None
    return channel, [_parse_object(piece) for piece in pieces[1:]]


def _split_json(frame: str | bytes) -> tuple[str, list[dict[str, Any]]]:
    """Read a frame of the older protocol: one JSON object; binary ones carry buffers."""
    if isinstance(frame, bytes):
        raise MessageError("a message has no buffers")
    message = _parse_object(frame)
    channel = message.get("channel")
    fields = [message.get(name) for name in ("header", "parent_header", "metadata", "content")]
    objects = [field for field in fields if isinstance(field, dict)]
    if not isinstance(channel, str) or len(objects) != _V1_PARTS or message.get("buffers"):
        raise MessageError("a message has a channel, four parts and no buffers")
    return channel, objects


def _parse_object(text: str | bytes) -> dict[str, Any]:
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise MessageError("a part is not JSON") from None
    if not isinstance(value, dict):
        raise MessageError("a part is no JSON object")
    return value


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


class Allowance:
    """How many messages one browser may still send: a bucket that fills with time."""

    def __init__(
        self,
        burst: float = BURST_MESSAGES,
        per_s: float = MESSAGES_PER_S,
        clock: Callable[[], float] = system.monotonic_s,
    ) -> None:
        self._burst, self._per_s, self._clock = burst, per_s, clock
        self._left, self._at = burst, clock()

    def take(self) -> bool:
        """Take one message from the bucket; False when there is none."""
        now = self._clock()
        self._left = min(self._burst, self._left + (now - self._at) * self._per_s)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class WorkbookConnection(ZMQChannelsWebsocketConnection):
    """One browser's websocket to one kernel (`kernel_websocket_connection_class`)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._allowance = Allowance()
        self._unread_bytes = 0
        self._hung_up = 0
        self._welcomed = asyncio.Event()

    @property
    def _companions(self) -> list[WorkbookConnection]:
        """All open websockets to the same kernel, oldest first."""
        companions: list[WorkbookConnection] = self.multi_kernel_manager.connections_to(
            self.kernel_id
        )
        return companions

    async def prepare(self) -> None:
        """Take a place among the websockets of this kernel."""
        # The oldest goes, not the newest: most often it is a page that a phone has long left.
        for oldest in self._companions[: 1 - MAX_SOCKETS_PER_KERNEL]:
            oldest.hang_up(TOO_MANY_PAGES)
        self._companions.append(self)
        self.session.key = self.kernel_manager.session.key
        await self._register_session()  # type: ignore[no-untyped-call]

    def connect(self) -> asyncio.Future[None] | None:  # type: ignore[override]
        """Connect to the kernel, unless this websocket was given up while it was opened."""
        if self._hung_up:
            self.websocket_handler.close(self._hung_up)
            return None
        return super().connect()

    def create_stream(self) -> None:
        """Open the two of the kernel's channels that a browser has a use for.

        The parent class opens control and stdin besides, on which nothing may be said.
        """
        for channel in ("iopub", "shell"):
            connect = getattr(self.kernel_manager, f"connect_{channel}")
            self.channels[channel] = stream = connect(identity=self.session.bsession)
            stream.channel = channel

    def nudge(self) -> asyncio.Future[None]:
        """Return when the kernel's messages reach this websocket.

        The parent class asks the kernel for its info until both an answer and a message come,
        and asks again after half a second, which is what a new page then waits for. A kernel
        (ipykernel ≥ 7, JEP 65) welcomes each subscriber: that alone says all there is to know.
        """
        return asyncio.ensure_future(self._welcome())

    async def _welcome(self) -> None:
        iopub, shell = self.channels["iopub"], self.channels["shell"]
        welcomed = asyncio.Event()
        iopub.on_recv(lambda message: welcomed.set())
        for _ in range(max(1, round(self.kernel_info_timeout / WELCOME_WITHIN_S))):
            try:
                await asyncio.wait_for(welcomed.wait(), WELCOME_WITHIN_S)
            except TimeoutError:
                # Now and then a kernel forgets to (see `notebooks`); what it says when it is
                # asked something comes the same way.
                if shell.closed():
                    return  # the browser left meanwhile
                self.session.send(shell, "kernel_info_request")
            else:
                return
        self.hang_up(KERNEL_GONE)

    def disconnect(self) -> None:  # type: ignore[override]
        """Let go of the kernel's sockets."""
        self._leave()
        super().disconnect()  # type: ignore[no-untyped-call]

    def _leave(self) -> None:
        with suppress(ValueError):
            self._companions.remove(self)

    def hang_up(self, code: int) -> None:
        """Close the websocket; the code says why, and nothing else is said."""
        if self._hung_up:
            return
        self._hung_up = code
        self._leave()
        self._welcomed.set()
        # Now, not when the browser agrees: five hundred websockets of one browser would use up
        # the descriptors of its kernel, and ZeroMQ then ends the process.
        for stream in self.channels.values():
            if not stream.closed():
                stream.on_recv(None)
                stream.close()
        self.channels = {}
        self.log.info("Closing a kernel websocket with code %d", code)
        # Not open yet? Then the handler's `open` closes it: see `connect`.
        self.websocket_handler.close(code)

    def handle_incoming_message(self, incoming_msg: str | bytes) -> None:
        """Pass on what the browser may say."""
        if self._hung_up or not self.channels:
            return
        if not self._allowance.take():
            self.hang_up(TOO_FAST)
            return
        try:
            message = parse_message(incoming_msg, self.subprotocol)
        except MessageError:
            self.hang_up(NOT_A_MESSAGE)
            return
        if not message.is_allowed:
            self.log.warning("Dropped a message that browsers may not send")
            return
        if message.msg_type == "comm_msg":
            self.multi_kernel_manager.heard_from(self.kernel_id)
        self.session.send_raw(self.channels["shell"], message.parts())

    def handle_outgoing_message(self, stream: Any, outgoing_msg: list[bytes]) -> None:
        """Pass on what the browser needs to hear."""
        self._pass_on(stream, outgoing_msg)
        # What came meanwhile, too: asking the event loop again for each message costs more than
        # reading it.
        with suppress(zmq.Again):
            for _ in range(AT_ONCE):
                if self._hung_up or stream.closed():
                    break
                self._pass_on(stream, stream.socket.recv_multipart(zmq.NOBLOCK))

    def _pass_on(self, stream: Any, outgoing_msg: list[bytes]) -> None:
        if self._hung_up:
            return
        _, signed = self.session.feed_identities(outgoing_msg)
        parts = signed[1:]
        msg_type = json.loads(parts[0]).get("msg_type")
        if msg_type not in KERNEL_MESSAGE_TYPES or (msg_type == "status" and _IDLE not in parts[3]):
            return
        if self.subprotocol == _V1:
            self._write(serialize_msg_to_ws_v1(parts, stream.channel))  # type: ignore[no-untyped-call]
        else:
            message = self.session.deserialize(signed)
            self._write(self._reserialize_reply(message, stream.channel))  # type: ignore[no-untyped-call]

    def _write(self, frame: str | bytes) -> None:
        if self._unread_bytes > MAX_UNREAD_BYTES:
            self.hang_up(NOT_READING)
            return
        size = len(frame)
        try:
            sent = self.websocket_handler.write_message(frame, binary=isinstance(frame, bytes))
        except WebSocketClosedError:
            return
        self._unread_bytes += size
        sent.add_done_callback(lambda done: self._sent(done, size))

    def _sent(self, done: asyncio.Future[None], size: int) -> None:
        self._unread_bytes -= size
        if not done.cancelled():
            done.exception()  # The browser is gone; that is no news.


class KernelChannelsHandler(KernelWebsocketHandler):
    """``/api/kernels/<id>/channels``. Whether it is the caller's own kernel is asked before."""

    @property
    def max_message_size(self) -> int:
        """More than this and Tornado closes with 1009, before it has read it all."""
        return MAX_MESSAGE_BYTES

    @property
    def ping_interval(self) -> float:
        """Seconds between pings (Tornado's own; Jupyter's are not used, see `open`)."""
        return PING_S

    @property
    def ping_timeout(self) -> float:
        """Seconds that a browser has for its pong."""
        return PING_S

    async def open(self, kernel_id: str) -> None:
        """Connect the websocket to its kernel.

        Overridden whole: the parent class adds pings of its own beside Tornado's, and takes the
        two properties above for milliseconds.
        """
        self.set_nodelay(True)  # small messages are what this is about
        if connected := self.connection.connect():
            await connected

    async def pre_get(self) -> None:
        """Refuse what the parent class would turn into a traceback."""
        if not self.kernel_manager.is_there(self.kernel_id):
            raise web.HTTPError(404)
        # It becomes a ZeroMQ identity, which must be short and ASCII.
        if not _SESSION_ID.fullmatch(self.get_argument("session_id", "")):
            raise web.HTTPError(400)
        await super().pre_get()  # type: ignore[no-untyped-call]
