"""Stops guessing without stopping a workshop.

A whole room shares one address, so successes cost nothing: an attempt takes a token *before* it
is looked at (many guesses in flight at once must not slip through) and gets it back when it turns
out right. What is left counts failures.

Buckets live in this process. Several server processes would each allow the full rate; the codes
are long enough for that (see docs/explanation/security.md).
"""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

MAX_BUCKETS = 10_000


@dataclass(frozen=True)
class Limit:
    """How many failures are forgiven at once, and how fast they are forgotten."""

    burst: float
    refill_per_s: float


@dataclass(frozen=True)
class Bucket:
    """Tokens left at an instant."""

    tokens: float
    at_s: float


@dataclass(frozen=True)
class Key:
    """What is counted: a kind of guess (``limit``), by whom or against what (``subject``)."""

    kind: str
    subject: str
    limit: Limit


# An attempt in flight holds its token, so the burst must be larger than the largest room that
# presses Join at once (with 60, a hundred couples were told to wait). Against 29 million couple
# codes, 250 guesses and then one every five seconds find one of fifty couples in some 17 days.
JOIN_BY_ADDRESS = Limit(burst=250, refill_per_s=0.5)
COUPLE_BY_SESSION = Limit(burst=250, refill_per_s=0.2)
RETURN_BY_ADDRESS = Limit(burst=30, refill_per_s=0.2)
PASSCODE_BY_ADDRESS = Limit(burst=8, refill_per_s=1 / 30)
# Guesses from many addresses at once. The machine itself is exempt, so that nobody in the room
# can lock the facilitator out of their own laptop.
PASSCODE_OVERALL = Limit(burst=40, refill_per_s=0.2)


def refill(bucket: Bucket | None, limit: Limit, now_s: float) -> Bucket:
    """Return the bucket as it stands now; a new one is full."""
    if bucket is None:
        return Bucket(limit.burst, now_s)
    gained = max(0.0, now_s - bucket.at_s) * limit.refill_per_s
    return Bucket(min(limit.burst, bucket.tokens + gained), now_s)


def wait_s(bucket: Bucket, limit: Limit) -> float:
    """Return seconds until one token is there: 0 when the next attempt may be made now."""
    return max(0.0, (1 - bucket.tokens) / limit.refill_per_s)


class AttemptLimiter:
    """Holds the buckets. All calls come from the server's one event loop."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._buckets: dict[tuple[str, str], Bucket] = {}

    def take(self, keys: Iterable[Key]) -> int:
        """Take one token of every bucket and return 0; or take none and return seconds to wait."""
        keys = tuple(keys)
        now_s = self._clock()
        filled = {key: refill(self._buckets.get(_slot(key)), key.limit, now_s) for key in keys}
        longest = max((wait_s(bucket, key.limit) for key, bucket in filled.items()), default=0.0)
        if longest > 0:
            return math.ceil(longest)
        for key, bucket in filled.items():
            self._buckets[_slot(key)] = Bucket(bucket.tokens - 1, now_s)
        self._forget_full(now_s, keys)
        return 0

    def give_back(self, keys: Iterable[Key]) -> None:
        """Return the tokens of an attempt that was right."""
        now_s = self._clock()
        for key in keys:
            bucket = refill(self._buckets.get(_slot(key)), key.limit, now_s)
            self._buckets[_slot(key)] = Bucket(min(key.limit.burst, bucket.tokens + 1), now_s)

    def _forget_full(self, now_s: float, keys: tuple[Key, ...]) -> None:
        """Bound the memory: beyond the limit, the buckets touched longest ago go first."""
        if len(self._buckets) <= MAX_BUCKETS:
            return
        keep = {_slot(key) for key in keys}
        oldest = sorted(self._buckets, key=lambda slot: self._buckets[slot].at_s)
        for slot in [slot for slot in oldest if slot not in keep][: MAX_BUCKETS // 2]:
            del self._buckets[slot]


def address_subject(address: str) -> str:
    """Return what counts as one address: an IPv4 address, or an IPv6 network of one household."""
    try:
        ip = ipaddress.ip_address(address.split("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            return str(ip.ipv4_mapped)
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)


def _slot(key: Key) -> tuple[str, str]:
    return key.kind, key.subject
