"""An address as a QR code: SVG inside the page, made here, no request leaves the machine."""

from __future__ import annotations

import io

import segno
from markupsafe import Markup


def draw_qr(address: str) -> Markup:
    """Return the code as inline SVG that scales with its box, black on white, quiet zone and all.

    Error correction M: enough for a projector's reflections, and larger squares than Q or H.
    """
    picture = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        picture,
        kind="svg",
        xmldecl=False,
        svgns=True,
        omitsize=True,
        border=4,
        light="#fff",
        dark="#000",
        svgclass=None,
        lineclass=None,
        nl=False,
    )
    # Made of digits by segno, the address is in it only as a picture: nothing to escape.
    return Markup(picture.getvalue().decode())  # noqa: S704
