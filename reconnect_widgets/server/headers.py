"""Response headers: what a browser may load, keep and tell others.

One strict policy for every page: no inline script, no inline style, no script that is made of text
(anywidget's Blob addresses). The widgets' scripts and styles are in the bundle, see
``frontend/src/shipped.js`` and ``manager.js``.
"""

from __future__ import annotations

import re
from typing import Literal

Caching = Literal["private", "public-page", "immutable"]

_HOST = re.compile(r"[A-Za-z0-9.\-]+(?::\d{1,5})?|\[[0-9A-Fa-f:.]+\](?::\d{1,5})?")


def content_security_policy(host: str, *, secure: bool) -> str:
    """Return the policy for one response.

    Parameters
    ----------
    host
        The request's Host. Named as the websocket's origin because Safari before 15.4 does not
        count a websocket to the same host as ``'self'``; anything but a plain host is left out.
    """
    connect = "'self'"
    if _HOST.fullmatch(host):
        connect += f" {'wss' if secure else 'ws'}://{host}"
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            f"connect-src {connect}",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


def neutral_page_policy(outside: str) -> str:
    """Return the policy of the one page that may ask another server: whether it is there."""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src data:",
            f"connect-src {outside}",
            "form-action 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


def common_headers(caching: Caching) -> dict[str, str]:
    """Return the headers of every response, apart from the content policy.

    ``Referrer-Policy`` is ``same-origin`` and not ``no-referrer``: with the latter, browsers send
    ``Origin: null`` with our own forms, and the check of where a form comes from would be blind.
    To other sites nothing is sent in either case.
    """
    headers = {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), interest-cohort=()",
        "X-Robots-Tag": "noindex, nofollow",
    }
    if caching == "immutable":
        headers["Cache-Control"] = "public, max-age=31536000, immutable"
    elif caching == "public-page":
        headers["Cache-Control"] = "no-cache"
    else:
        headers["Cache-Control"] = "no-store"
    return headers
