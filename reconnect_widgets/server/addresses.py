"""Under which address others reach this machine."""

from __future__ import annotations

import ipaddress
import socket


def find_lan_address() -> str | None:
    """Return this machine's own address on its network, or None when there is no network.

    Asks the routing table only: a connected UDP socket sends nothing.
    """
    for family, far_away in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as probe:
                probe.connect((far_away, 9))
                address = str(probe.getsockname()[0])
        except OSError:
            continue
        if not ipaddress.ip_address(address).is_loopback:
            return address
    return None


def build_url(scheme: str, host: str, port: int) -> str:
    """Return ``scheme://host:port/``, without the port where it is the scheme's own."""
    name = f"[{host}]" if ":" in host else host
    usual = {"http": 80, "https": 443}[scheme]
    return f"{scheme}://{name}/" if port == usual else f"{scheme}://{name}:{port}/"


def is_loopback_host(host: str) -> bool:
    """Say whether a Host header names this machine in a way no other machine can use."""
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    name = name.strip("[]").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
