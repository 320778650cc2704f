"""Roles, resources, and the one question that every request answers first.

The table itself, with its handlers, is `access.RESOURCES`. This module is what both the table and
the handlers need, and pure.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """In what capacity a request comes. One browser may be participant and facilitator at once.

    HANDING_OVER is a phone that two share while it goes from one to the other: it is nobody's
    until it is taken. FREED is a device that holds a seat which a facilitator has freed.
    """

    NOBODY = "nobody"
    PARTICIPANT = "participant"
    HANDING_OVER = "handing-over"
    FREED = "freed"
    FACILITATOR = "facilitator"


EVERYONE = frozenset(Role)
PARTICIPANT_ONLY = frozenset({Role.PARTICIPANT})
FACILITATOR_ONLY = frozenset({Role.FACILITATOR})
ERASERS = frozenset({Role.PARTICIPANT, Role.FREED})
SHARERS = frozenset({Role.PARTICIPANT, Role.HANDING_OVER})


@dataclass(frozen=True)
class Resource:
    """One line of the table: an address, and who may do what with it.

    Attributes
    ----------
    name
        How logs call it; the address itself never reaches a log.
    pattern
        Regular expression of the whole path.
    methods
        HTTP methods that exist here; every other is 405 (or 403 for who may not come here at all).
    roles
        Who may come here. Which session, couple or kernel is *theirs* is the handler's check.
    handler
        The class that answers.
    machine_local
        Answers only requests that were made on this machine.
    unlogged
        Leaves no line in any log.
    """

    name: str
    pattern: str
    methods: tuple[str, ...]
    roles: frozenset[Role]
    handler: type
    machine_local: bool = False
    unlogged: bool = False


def is_allowed(resource: Resource, roles: Collection[Role], *, is_local: bool) -> bool:
    """Say whether somebody in these roles may come to this resource at all."""
    if resource.machine_local and not is_local:
        return False
    return Role.NOBODY in resource.roles or bool(resource.roles & set(roles))
