"""The made-up phones' stream of news, against a server of two sentences."""

from __future__ import annotations

import asyncio

import pytest

from reconnect_widgets.rehearsal import news
from reconnect_widgets.rehearsal.phone import Phone, Server

HELLO = b"HTTP/1.1 200 OK\r\n\r\nevent: hello\nid: 1\ndata: {}\n\n"


async def test_who_was_cut_off_looks_when_they_are_heard_again_and_not_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(news, "AGAIN_AFTER_S", 0)
    happened: list[str] = []
    has_looked = asyncio.Event()

    async def say_hello(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        happened.append("hello")
        writer.write(HELLO)
        await writer.drain()
        if happened.count("hello") > 1:
            await has_looked.wait()
        writer.close()

    async def look() -> None:
        happened.append("looked")
        has_looked.set()

    listener = await asyncio.start_server(say_hello, "127.0.0.1", 0)
    async with listener:
        host, port = listener.sockets[0].getsockname()
        server = Server(f"http://{host}:{port}")
        following = asyncio.create_task(news.follow_news(server, Phone(server), look))
        async with asyncio.timeout(10):
            await has_looked.wait()
        following.cancel()
        await asyncio.wait([following])
    assert happened[:3] == ["hello", "hello", "looked"]
