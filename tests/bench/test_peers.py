"""What a peer that fails leaves behind, and what every further peer brings with it."""

from __future__ import annotations

import ast
from dataclasses import dataclass

import pytest

from bench.__main__ import FURTHER
from bench.figures import Results
from bench.machine import kernel_version
from bench.peers import PeerError
from bench.peers.served import ServedApp, questions
from bench.rounds import manages


@dataclass
class Frail:
    """As much of a peer as failing needs."""

    required: bool
    name: str = "Frail"


async def fail() -> None:
    raise PeerError("the page was not answered", "http://127.0.0.1/ says: 'Oh no'")


async def go_well() -> None:
    return


async def test_a_further_peer_that_fails_gets_a_dash_with_the_reason_in_each_row() -> None:
    results, said = Results(("Frail",)), []
    results.add("warm_ms", "Frail", 100)
    results.add("requests", "Frail", 3)
    did = await manages(Frail(required=False), results, ("warm_ms", "tap_ms"), said.append, fail())
    assert not did
    assert results.reasons == {
        ("warm_ms", "Frail"): "the page was not answered",
        ("tap_ms", "Frail"): "the page was not answered",
    }
    assert results.median("warm_ms", "Frail") is None  # of visits that went well before
    assert results.median("requests", "Frail") == 3  # of another part
    assert "Frail is left out" in said[0]
    assert "Oh no" in said[0]


async def test_ours_or_stock_voila_failing_ends_the_run() -> None:
    with pytest.raises(PeerError):
        await manages(Frail(required=True), Results(("Frail",)), ("warm_ms",), print, fail())


async def test_a_peer_that_goes_well_keeps_its_rows() -> None:
    results = Results(("Frail",))
    assert await manages(Frail(required=False), results, ("warm_ms",), print, go_well())
    assert not results.reasons


@pytest.mark.parametrize("peer", FURTHER, ids=lambda peer: peer.name)
def test_a_further_peer_is_pinned_and_its_page_is_python(peer: ServedApp) -> None:
    lines = (peer.source / "requirements.txt").read_text("utf-8").splitlines()
    assert all("==" in line for line in lines if not line.startswith("#"))
    assert peer.version
    pages = list((peer.source / "app").rglob("*.py"))
    assert pages
    for page in pages:
        ast.parse(page.read_text("utf-8"))


def test_all_peers_are_handed_the_twenty_questions_with_five_options() -> None:
    words = questions()
    assert len(words["items"]) == 20
    assert words["options"][0]["label"] == "Never"
    assert len(words["options"]) == 5


@pytest.mark.parametrize(
    ("release", "version"),
    [("6.18.44-fc-v669", "6.18"), ("5.15.0-1053-aws", "5.15"), ("23.4.0", "23.4"), ("odd", "")],
)
def test_the_system_is_named_by_two_numbers_and_no_machine(release: str, version: str) -> None:
    assert kernel_version(release) == version
