"""Who is at the other end of a connection, when there may be a reverse proxy between.

A proxy on this machine (Caddy, nginx) is the only one believed: forwarding headers count only on
connections from the loopback interface. From the network they are ignored, because anybody could
write them there to escape the rate limit or to pass for the machine itself.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass

_FORWARDING = ("X-Forwarded-For", "X-Real-Ip", "Forwarded", "X-Forwarded-Proto")


@dataclass(frozen=True)
class Peer:
    """The far end.

    Attributes
    ----------
    address
        Textual address for rate limits; never logged.
    is_local
        The request was made on this machine, by no proxy.
    is_secure
        The browser speaks https, to us or to the proxy.
    """

    address: str
    is_local: bool
    is_secure: bool


def describe_peer(remote_ip: str, protocol: str, headers: Mapping[str, str]) -> Peer:
    """Work out the far end from the socket's address, the socket's protocol and the headers."""
    secure = protocol == "https"
    if not _is_loopback(remote_ip):
        return Peer(remote_ip, is_local=False, is_secure=secure)
    forwarded = any(header in headers for header in _FORWARDING)
    # A chain of proxies appends: the last entry is the one our own proxy saw.
    address = headers.get("X-Forwarded-For", "").split(",")[-1].strip() or remote_ip
    secure = secure or headers.get("X-Forwarded-Proto", "").strip().lower() == "https"
    return Peer(address, is_local=not forwarded, is_secure=secure)


def _is_loopback(address: str) -> bool:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
    return (mapped or ip).is_loopback
