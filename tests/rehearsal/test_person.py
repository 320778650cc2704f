"""What a made-up person does when something goes wrong."""

from __future__ import annotations

import pytest

from reconnect_widgets.rehearsal import FAST, Cast, Server


async def test_whose_line_broke_while_they_waited_for_their_partner_comes_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second = Cast(Server("http://127.0.0.1:1"), "", 1, FAST, looks_back=False).people
    first._phone.models = {"page": {"stage": "IPY_MODEL_stage"}, "stage": {"actions": []}}
    assert not first._phone.is_connected
    came_back = []

    async def come_back() -> None:
        came_back.append(first)

    monkeypatch.setattr(first, "_come_back", come_back)
    for person in (first, second):
        person.has_released = True
        person.has_decided.set()
    assert await first._wait_for(second), "there is still something to wait for"
    assert came_back == [first]
