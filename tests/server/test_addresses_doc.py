"""The page about addresses says what the table says."""

from __future__ import annotations

import re
from pathlib import Path

from reconnect_widgets.server.access import RESOURCES
from reconnect_widgets.server.policy import EVERYONE, Role

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "addresses.md"
EXAMPLES = {
    "CODE": "K7F3MQ",
    "KEY": "checkup",
    "KERNEL": "0123abcd-0123-0123-0123-0123456789ab",
    "FILE": "reconnect.css",
    "NAME": "responses",
    "ID": "2026-11-20-tuesday-group-k7f3mq",
}


def documented() -> list[tuple[str, set[str], set[str]]]:
    """Return address (with examples put in), methods and roles of each line."""
    lines = re.findall(r"^\| `(/[^`]*)` \| ([A-Z ]+) \| ([^|]+) \|", PAGE.read_text("utf-8"), re.M)
    found = []
    for address, methods, who in lines:
        for word, example in EXAMPLES.items():
            address = address.replace(word, example)
        roles = set(EVERYONE) if who.startswith("anyone") else {Role(r) for r in who.split(", ")}
        found.append((address, set(methods.split()), roles))
    return found


def test_every_line_is_in_the_table_with_its_methods_and_roles() -> None:
    for address, methods, roles in documented():
        matching = [r for r in RESOURCES if re.fullmatch(r.pattern, address)]
        assert matching, address
        assert set(matching[0].methods) == methods, address
        assert matching[0].roles == roles, address


def test_every_address_of_the_table_has_its_line() -> None:
    addresses = [address for address, _, _ in documented()]
    for resource in RESOURCES:
        assert any(re.fullmatch(resource.pattern, a) for a in addresses), resource.pattern


def test_what_answers_this_machine_only_is_said_to() -> None:
    page = PAGE.read_text("utf-8")
    assert re.search(r"`/healthz` \| GET \| anyone on this machine", page)
    assert [r.name for r in RESOURCES if r.machine_local] == ["health"]
    assert {r.name for r in RESOURCES if r.unlogged} == {"safety", "leave", "neutral page"}
    assert len(re.findall(r"Never logged", page)) == 4
