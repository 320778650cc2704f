"""Frames as jupyter_server itself writes and reads them."""

from __future__ import annotations

import json

from jupyter_server.services.kernels.connection.base import (
    deserialize_msg_from_ws_v1,
    serialize_msg_to_ws_v1,
)

from reconnect_widgets.rehearsal.frames import V1, decode, encode

MESSAGE = {
    "channel": "iopub",
    "header": {"msg_id": "1", "msg_type": "comm_msg"},
    "parent_header": {},
    "metadata": {"x": [1, 2]},
    "content": {"comm_id": "é", "data": {"method": "update"}},
}
FIELDS = ("header", "parent_header", "metadata", "content")


def test_a_server_reads_what_we_write() -> None:
    frame = encode(MESSAGE, V1)
    channel, parts = deserialize_msg_from_ws_v1(frame)
    assert channel == "iopub"
    assert [json.loads(part) for part in parts] == [MESSAGE[name] for name in FIELDS]


def test_we_read_what_a_server_writes_with_buffers_and_without() -> None:
    parts = [json.dumps(MESSAGE[name]).encode() for name in FIELDS]
    assert decode(serialize_msg_to_ws_v1(parts, "iopub")) == MESSAGE
    assert decode(serialize_msg_to_ws_v1([*parts, b"\x00buffer"], "iopub")) == MESSAGE


def test_the_older_protocol_is_json() -> None:
    assert json.loads(encode(MESSAGE, None)) == MESSAGE
    assert decode(json.dumps(MESSAGE)) == MESSAGE
