"""Who is at the other end, with and without a reverse proxy."""

from __future__ import annotations

from reconnect_widgets.server.addresses import build_url, is_loopback_host
from reconnect_widgets.server.peer import describe_peer


def test_the_machine_itself_is_local() -> None:
    for address in ("127.0.0.1", "::1", "::ffff:127.0.0.1"):
        peer = describe_peer(address, "http", {})
        assert peer.is_local
        assert not peer.is_secure


def test_a_phone_in_the_room_is_not_local_whatever_it_claims() -> None:
    claims = {"X-Forwarded-For": "127.0.0.1", "X-Real-Ip": "::1", "X-Forwarded-Proto": "https"}
    peer = describe_peer("192.168.1.20", "http", claims)
    assert peer == describe_peer("192.168.1.20", "http", {})
    assert not peer.is_local
    assert not peer.is_secure


def test_a_proxy_on_this_machine_is_believed_and_its_visitors_are_not_local() -> None:
    headers = {"X-Forwarded-For": "6.6.6.6, 203.0.113.9", "X-Forwarded-Proto": "https"}
    peer = describe_peer("127.0.0.1", "http", headers)
    assert peer.address == "203.0.113.9"
    assert peer.is_secure
    assert not peer.is_local


def test_https_to_ourselves_is_secure() -> None:
    assert describe_peer("192.168.1.20", "https", {}).is_secure


def test_hosts_that_only_this_machine_can_open_are_told_apart() -> None:
    for host in ("localhost", "localhost:8866", "127.0.0.1:8866", "[::1]:8866", "[::1]"):
        assert is_loopback_host(host), host
    for host in ("192.168.1.2:8866", "workbook.example", "[2001:db8::1]:8866", "localhost.example"):
        assert not is_loopback_host(host), host


def test_addresses_are_written_as_browsers_write_them() -> None:
    assert build_url("http", "192.168.1.2", 8866) == "http://192.168.1.2:8866/"
    assert build_url("https", "2001:db8::1", 443) == "https://[2001:db8::1]/"
