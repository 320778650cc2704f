"""Kernel messages as frames of a websocket, in both protocols that servers speak.

The binary one (``v1``) is what our own page asks for; the older one is a JSON text.
Source: jupyter_server's documentation, "WebSocket protocols", read in 2.21.
"""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

V1 = "v1.kernel.websocket.jupyter.org"

Message = dict[str, Any]
_FIELDS = ("header", "parent_header", "metadata", "content")


def encode(message: Message, subprotocol: str | None) -> str | bytes:
    """Return a message as the frame that was agreed on."""
    if subprotocol != V1:
        return json.dumps(message)
    parts = [message["channel"].encode(), *(json.dumps(message[name]).encode() for name in _FIELDS)]
    offsets = [8 * (len(parts) + 2)]
    for part in parts:
        offsets.append(offsets[-1] + len(part))
    numbers = [len(offsets), *offsets]
    return b"".join([*(number.to_bytes(8, "little") for number in numbers), *parts])


def decode(frame: str | bytes) -> Message:
    """Return the message of a frame; buffers of binary ones are left out.

    Raises
    ------
    ValueError
        If it is no message.
    """
    if isinstance(frame, str):
        message: Message = json.loads(frame)
        return message
    count = int.from_bytes(frame[:8], "little")
    offsets = [int.from_bytes(frame[8 * i : 8 * (i + 1)], "little") for i in range(1, count + 1)]
    channel, *parts = [frame[start:end] for start, end in pairwise(offsets)]
    fields = {name: json.loads(part) for name, part in zip(_FIELDS, parts, strict=False)}
    return {"channel": channel.decode(), **fields}
