"""Guessing is stopped, a workshop is not."""

from __future__ import annotations

from reconnect_widgets.server.rate_limit import (
    JOIN_BY_ADDRESS,
    MAX_BUCKETS,
    AttemptLimiter,
    Bucket,
    Key,
    Limit,
    address_subject,
    refill,
)

LIMIT = Limit(burst=3, refill_per_s=0.5)


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def key(subject: str = "10.0.0.1", limit: Limit = LIMIT) -> Key:
    return Key("join", subject, limit)


def test_right_attempts_cost_nothing_however_many_there_are() -> None:
    limiter = AttemptLimiter(Clock())
    for _ in range(200):
        assert limiter.take([key()]) == 0
        limiter.give_back([key()])


def test_forty_people_behind_one_address_join_at_the_same_instant() -> None:
    limiter = AttemptLimiter(Clock())
    room = key(limit=JOIN_BY_ADDRESS)
    assert [limiter.take([room]) for _ in range(40)] == [0] * 40


def test_failures_run_out_and_come_back_with_time() -> None:
    clock = Clock()
    limiter = AttemptLimiter(clock)
    assert [limiter.take([key()]) for _ in range(4)] == [0, 0, 0, 2]
    clock.now_s = 1.9
    assert limiter.take([key()]) == 1
    clock.now_s = 2.0
    assert limiter.take([key()]) == 0


def test_guesses_in_flight_at_once_do_not_slip_through() -> None:
    limiter = AttemptLimiter(Clock())
    allowed = sum(limiter.take([key()]) == 0 for _ in range(100))
    assert allowed == 3


def test_an_attempt_that_one_bucket_refuses_takes_nothing_from_the_other() -> None:
    limiter = AttemptLimiter(Clock())
    narrow, wide = key("narrow", Limit(1, 0.1)), key("wide", Limit(2, 0.1))
    assert limiter.take([narrow, wide]) == 0
    assert limiter.take([narrow, wide]) > 0
    assert limiter.take([wide]) == 0


def test_other_addresses_are_not_touched() -> None:
    limiter = AttemptLimiter(Clock())
    for _ in range(4):
        limiter.take([key("10.0.0.1")])
    assert limiter.take([key("10.0.0.2")]) == 0


def test_a_bucket_never_holds_more_than_its_burst() -> None:
    assert refill(Bucket(2, 0), LIMIT, 1_000_000).tokens == LIMIT.burst
    assert refill(Bucket(1, 100), LIMIT, 50).tokens == 1  # a clock that went back gives nothing
    limiter = AttemptLimiter(Clock())
    limiter.give_back([key()])
    assert sum(limiter.take([key()]) == 0 for _ in range(10)) == 3


def test_memory_is_bounded_and_the_one_who_guesses_is_not_forgotten() -> None:
    clock = Clock()
    limiter = AttemptLimiter(clock)
    for number in range(MAX_BUCKETS + 10):
        clock.now_s += 0.0001
        limiter.take([key(str(number))])
    assert len(limiter._buckets) <= MAX_BUCKETS + 1
    assert limiter._buckets[("join", str(MAX_BUCKETS + 9))].tokens == 2


def test_an_ipv6_household_counts_as_one_address() -> None:
    assert address_subject("2001:db8:1:2:aaaa::1") == address_subject("2001:db8:1:2:bbbb::2")
    assert address_subject("2001:db8:1:2::1") != address_subject("2001:db8:1:3::1")
    assert address_subject("::ffff:10.0.0.1") == "10.0.0.1"
    assert address_subject("fe80::1%eth0") == address_subject("fe80::2")
    assert address_subject("not an address") == "unknown"
