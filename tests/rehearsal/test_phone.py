"""The phone of a made-up person."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from reconnect_widgets.rehearsal.phone import Phone


async def test_whoever_is_sent_home_as_an_answer_comes_goes_home() -> None:
    """Ctrl-C is said once: a person who did not hear it would play the evening to its end."""
    phone = Phone("http://127.0.0.1:1")
    phone._socket = cast(Any, object())
    waiting = asyncio.ensure_future(phone.wait_until(lambda: False, 60))
    await asyncio.sleep(0)
    ((_, message),) = phone._waiting
    message.set_result({})
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
