"""What a browser could send that no page of ours would, over a real websocket to a real server.

After each of them the kernel lives, other people are served, and the record holds only what was
answered honestly.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from tornado.httpclient import HTTPClientError
from tornado.websocket import WebSocketClosedError

from reconnect_widgets.content import load_instrument
from reconnect_widgets.records import RecordFolder, Row
from reconnect_widgets.system import new_event_id
from tests.support.phone import Message, Phone, text
from tests.support.server import WorkbookServer

ITEM = load_instrument("checkup").items[0].key
# Long enough for a reply that does not come to count as none: everything sent before a question
# that is answered has been read by then.
PROBE = load_instrument("checkup").items[1].key


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkbookServer]:
    server = WorkbookServer(tmp_path_factory.mktemp("forged") / "data").start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def session(server: WorkbookServer) -> dict[str, str]:
    return server.new_session("Forged messages")


@pytest.fixture
async def phone(server: WorkbookServer, session: dict[str, str]) -> AsyncIterator[Phone]:
    """Somebody who consented and has the first question before them."""
    phone = await arrive(server, session)
    yield phone
    await phone.hang_up()


async def arrive(server: WorkbookServer, session: dict[str, str]) -> Phone:
    phone = Phone(server.url)
    page = await phone.get(f"/j/{session['code']}")
    form = {"code": session["code"], "name": "Mallory", "how": "alone", "action": "join"}
    answer = await phone.submit(page, "/", form)
    assert answer.code == 303, text(answer)
    await phone.open_page("welcome")
    for action in ("on", "on", "on", "consent-recorded"):
        assert (await phone.act(action))["type"] == "saved"
    await phone.open_page("checkup")
    assert (await phone.act("begin"))["type"] == "saved"
    return phone


def answers_of(server: WorkbookServer, session: dict[str, str], item: str) -> list[Row]:
    record = RecordFolder(server.data_dir).session(session["session_id"])
    return [row for row in record.read().rows if row.kind == "answer" and row.item == item]


async def still_answers(phone: Phone) -> bool:
    return (await phone.answer(PROBE, 2))["type"] == "saved"


@pytest.mark.parametrize(
    "value",
    [-1, 5, 101, 10**30, 1.0, 1.5, True, "2", "=1+1", [2], {"value": 2}, None, "x" * 10_000],
    ids=lambda value: f"{type(value).__name__}-{str(value)[:12]}",
)
async def test_a_value_that_is_not_offered_is_not_recorded(
    phone: Phone, server: WorkbookServer, session: dict[str, str], value: object
) -> None:
    before = len(answers_of(server, session, ITEM))
    reply = await phone.answer(ITEM, value)
    assert reply["type"] == "not-saved"
    assert await still_answers(phone)
    assert len(answers_of(server, session, ITEM)) == before


@pytest.mark.parametrize(
    "changes",
    [
        {"item": "no-such-item"},
        {"item": "../../etc/passwd"},
        {"exercise": "welcome"},
        {"round": 2},
        {"round": 0},
        {"status": "released"},
        {"status": "skipped", "value": 3},
        {"participant_id": "p-abc123"},
        {"dyad_id": "d-abcd"},
        {"recorded_at": "1999-01-01T00:00:00.000Z"},
        {"text": "somebody else's words"},
    ],
    ids=str,
)
async def test_an_answer_that_is_not_ours_to_give_is_not_recorded(
    phone: Phone, server: WorkbookServer, session: dict[str, str], changes: Message
) -> None:
    before = len(answers_of(server, session, ITEM))
    reply = await phone.answer(ITEM, 2, **changes)
    assert reply["type"] == "not-saved"
    assert await still_answers(phone)
    assert len(answers_of(server, session, ITEM)) == before


async def test_an_action_that_the_page_does_not_offer_changes_nothing(phone: Phone) -> None:
    before = phone.stage
    for action in ("release", "consent-recorded", "leave-out", "withdraw"):
        await phone.act(action)
    await phone.read_widgets()
    assert phone.stage["token"] == before["token"]


async def test_traits_that_a_browser_sets_stay_as_they_were(phone: Phone) -> None:
    before = dict(phone.models)
    forged = {
        "stage": "IPY_MODEL_x",
        "title": "You have won",
        "answers": {ITEM: {"status": "answered", "value": 4}},
        "is_recorded": False,
        "_esm": "alert(1)",
        "html": "<script>alert(1)</script>",
    }
    for model_id in before:
        await phone.send(
            "comm_msg", {"comm_id": model_id, "data": {"method": "update", "state": forged}}
        )
    assert await still_answers(phone)
    await phone.read_widgets()
    for model_id, state in before.items():
        changed = {k for k in state if phone.models[model_id].get(k) != state[k]}
        assert changed <= {"answers"}, "only the honest answer may have changed anything"
        if "answers" in state:
            assert set(phone.models[model_id]["answers"]) - set(state["answers"]) <= {PROBE}


@pytest.mark.parametrize("target", ["jupyter.widget", "jupyter.widget.version", "evil", ""])
async def test_a_browser_cannot_make_a_widget(phone: Phone, target: str) -> None:
    before = set(phone.models)
    state = {
        "_model_name": "FileUploadModel",
        "_model_module": "@jupyter-widgets/controls",
        "_model_module_version": "2.0.0",
        "_view_name": "FileUploadView",
        "_view_module": "@jupyter-widgets/controls",
        "_view_module_version": "2.0.0",
    }
    content = {"comm_id": "f0" * 16, "target_name": target, "data": {"state": state}}
    await phone.send("comm_open", content)
    assert await still_answers(phone)
    await phone.read_widgets()
    assert set(phone.models) == before


@pytest.mark.parametrize(
    "msg_type",
    ["execute_request", "shutdown_request", "inspect_request", "complete_request", "input_reply"],
)
@pytest.mark.parametrize("channel", ["shell", "control", "stdin", "iopub"])
async def test_a_browser_cannot_run_or_stop_anything(
    phone: Phone, tmp_path: Path, msg_type: str, channel: str
) -> None:
    trace = tmp_path / "it-ran"
    code = f"open({str(trace)!r}, 'w')"
    await phone.send(msg_type, {"code": code, "silent": False, "restart": False}, channel)
    assert await still_answers(phone)
    assert not trace.exists()


async def test_somebody_elses_kernel_does_not_open(
    phone: Phone, server: WorkbookServer, session: dict[str, str]
) -> None:
    other = await arrive(server, session)
    with pytest.raises(HTTPClientError) as refused:
        await phone.connect(other.kernel_id)
    assert refused.value.code in (403, 404)
    assert await still_answers(other)
    await other.hang_up()


async def test_a_ten_megabyte_message_ends_the_connection_and_nothing_else(phone: Phone) -> None:
    with pytest.raises((WebSocketClosedError, AssertionError, TimeoutError)):
        await phone.answer(ITEM, "x" * 10_000_000)
    await phone.open_page("checkup")
    assert await still_answers(phone)


async def test_ten_thousand_messages_end_the_connection_and_nothing_else(
    phone: Phone, server: WorkbookServer, session: dict[str, str]
) -> None:
    bystander = await arrive(server, session)

    async def flood() -> None:
        with suppress(WebSocketClosedError):
            for _ in range(10_000):
                await phone.say({"type": "refresh"})
        await phone.wait_until_closed()

    flooding = asyncio.create_task(flood())
    assert await still_answers(bystander)
    await flooding
    await bystander.hang_up()
    await phone.open_page("checkup")
    assert await still_answers(phone)


@pytest.mark.parametrize(
    "garbage",
    [
        "",
        "not json",
        "[]",
        "null",
        '{"channel": "shell"}',
        "[" * 50_000,
        json.dumps({"header": 1, "content": 2, "channel": ["shell"]}),
        b"\x00\xff\xfe" * 100,
        (6).to_bytes(8, "little") + b"\xff" * 64,
    ],
    ids=lambda garbage: repr(garbage[:16]),
)
async def test_garbage_ends_the_connection_and_nothing_else(
    phone: Phone, garbage: str | bytes
) -> None:
    await phone.send_raw(garbage)
    await phone.wait_until_closed()
    await phone.open_page("checkup")
    assert await still_answers(phone)


async def test_the_same_answer_sent_again_is_one_row(
    phone: Phone, server: WorkbookServer, session: dict[str, str]
) -> None:
    event_id = new_event_id()
    first = await phone.answer(ITEM, 3, event_id=event_id)
    again = await phone.answer(ITEM, 3, event_id=event_id)
    assert first["type"] == again["type"] == "saved"
    assert first["recorded_at"] == again["recorded_at"]
    rows = [row for row in answers_of(server, session, ITEM) if row.event_id == event_id]
    assert [row.value for row in rows] == ["3"]


async def test_nothing_that_was_sent_is_in_the_log(phone: Phone, server: WorkbookServer) -> None:
    await phone.answer("marker-item-in-no-log", "marker-value-in-no-log")
    await phone.send("execute_request", {"code": "marker-code-in-no-log"})
    await phone.send_raw("marker-garbage-in-no-log")
    await phone.wait_until_closed()
    assert "Mallory" not in server.log()
    assert "in-no-log" not in server.log()
