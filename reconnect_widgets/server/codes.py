"""The short codes that people read aloud, type with a thumb, or write on paper.

The join code is drawn at random and kept in ``session.json``. The two codes here are *derived*
from a key that never leaves ``data/.secrets/``: so they need no storing, survive a restart, and a
record given away lets nobody work them out. What the record keeps of a return code is only
`hash_return_code`, keyed with another key.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata

from reconnect_widgets.system import CODE_ALPHABET

COUPLE_CODE_LENGTH = 5
RETURN_CODE_LENGTH = 10
PASSCODE_LENGTH = 12


def derive_couple_code(key: bytes, session_id: str, dyad_id: str) -> str:
    """Return the code with which the second partner finds the couple (24.8 bits, rate-limited)."""
    return _derive(key, ("couple", session_id, dyad_id), COUPLE_CODE_LENGTH)


def derive_return_code(key: bytes, session_id: str, participant_id: str) -> str:
    """Return the personal code that opens the person's seat on another device (49.5 bits)."""
    return _derive(key, ("return", session_id, participant_id), RETURN_CODE_LENGTH)


def hash_return_code(key: bytes, code: str) -> str:
    """Return what the record keeps of a return code: 256 bits, useless without the key."""
    return _digest(key, ("return-code-hash", normalise_code(code))).hex()


def derive_seat(key: bytes, session_id: str, form_token: str) -> str:
    """Return the opaque part of a participant_id for one rendered join form.

    The same form sent twice (a double tap, a retry after a dropped connection, a server that was
    restarted in between) thus names the same seat, with nothing remembered anywhere. The token is
    128 random bits that only the browser with the form has ever seen.
    """
    return _derive(key, ("seat", session_id, form_token), 6).lower()


def is_same_code(a: str, b: str) -> bool:
    """Compare two codes as people write them, in constant time."""
    return hmac.compare_digest(normalise_code(a).encode(), normalise_code(b).encode())


def normalise_code(text: str) -> str:
    """Return upper-case letters and digits only: spaces, hyphens and full-width forms forgiven."""
    plain = unicodedata.normalize("NFKC", text).upper()
    return "".join(c for c in plain if c.isascii() and c.isalnum())


def group_code(code: str, size: int) -> str:
    """Write a code in groups, ``ABCDEFGHJK`` as ``ABCDE-FGHJK``."""
    return "-".join(code[at : at + size] for at in range(0, len(code), size))


def _derive(key: bytes, parts: tuple[str, ...], length: int) -> str:
    """Map a keyed digest to `length` characters; the bias of 2**256 modulo 31**10 is negligible."""
    number = int.from_bytes(_digest(key, parts), "big")
    characters = []
    for _ in range(length):
        number, index = divmod(number, len(CODE_ALPHABET))
        characters.append(CODE_ALPHABET[index])
    return "".join(characters)


def _digest(key: bytes, parts: tuple[str, ...]) -> bytes:
    """HMAC-SHA256 over length-prefixed parts, so that no two tuples read the same."""
    message = b"".join(
        len(part).to_bytes(4, "big") + part for part in (text.encode() for text in parts)
    )
    return hmac.new(key, message, hashlib.sha256).digest()
