"""The address that goes into a QR code: one that another device can open."""

from __future__ import annotations

from reconnect_widgets.server.addresses import build_url, find_lan_address, is_loopback_host
from reconnect_widgets.server.pages import PageHandler


def phone_base_url(handler: PageHandler) -> str:
    """Return ``scheme://host:port/`` for other devices, as good as this server knows it.

    It is the address that the asking browser used, unless that was this machine's own name for
    itself and the server listens to the network.
    """
    settings = handler.services.settings
    if settings.lan and is_loopback_host(handler.request.host):
        address = find_lan_address()
        if address:
            return build_url(settings.scheme, address, handler.services.port)
    return handler.base_url()


def reaches_phones(handler: PageHandler) -> bool:
    """Say whether `phone_base_url` is an address that other devices can open."""
    return not is_loopback_host(phone_base_url(handler).split("/")[2])
