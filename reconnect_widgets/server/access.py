"""Who may do what: every address that this server answers, in one table.

The handler list is built from it and from nothing else. What is not here does not exist: of
Voilà's and Jupyter's own addresses one is kept, the websocket to a kernel.
``docs/reference/addresses.md`` says the same for people; a test compares the two.
"""

from __future__ import annotations

from typing import Any

from tornado.routing import URLSpec

from reconnect_widgets.domain.people import SESSION_ID
from reconnect_widgets.server.contents_page import ContentsHandler
from reconnect_widgets.server.desk_page import (
    ActHandler,
    RosterStreamHandler,
    SessionPageHandler,
)
from reconnect_widgets.server.facilitator import (
    CloseHandler,
    DownloadHandler,
    SessionReviewHandler,
)
from reconnect_widgets.server.group_screen import ScreenHandler, ScreenStreamHandler
from reconnect_widgets.server.groups_page import GroupsHandler, GroupsStreamHandler
from reconnect_widgets.server.hand_over import HandOverHandler
from reconnect_widgets.server.join import JoinHandler, JoinLinkHandler
from reconnect_widgets.server.kernel_socket import KernelSocketHandler
from reconnect_widgets.server.me import MeHandler, WithdrawHandler
from reconnect_widgets.server.page_templates import STATIC_DIR
from reconnect_widgets.server.pages import UnknownAddressHandler
from reconnect_widgets.server.people_page import PeopleHandler
from reconnect_widgets.server.plain import (
    HealthHandler,
    LeaveHandler,
    NeutralPageHandler,
    SafetyHandler,
    StaticHandler,
)
from reconnect_widgets.server.policy import (
    ERASERS,
    EVERYONE,
    FACILITATOR_ONLY,
    PARTICIPANT_ONLY,
    SHARERS,
    Resource,
    Role,
)
from reconnect_widgets.server.practice_page import NewPracticeHandler, PracticeHandler
from reconnect_widgets.server.prepare import DeskHandler, NewSessionHandler, PrepareHandler
from reconnect_widgets.server.seats_page import SeatsHandler
from reconnect_widgets.server.sign_in import SignInHandler, SignOutHandler
from reconnect_widgets.server.streams import NewsHandler
from reconnect_widgets.server.wall import WallHandler, WallStreamHandler
from reconnect_widgets.server.workbook_page import WorkbookHandler

READ = ("GET",)
READ_HEAD = ("GET", "HEAD")
WRITE = ("POST",)
READ_WRITE = ("GET", "POST")
_KEY = "([a-z][a-z0-9-]{0,39})"
_CODE = "([A-Za-z0-9-]{1,20})"
_SESSION = f"({SESSION_ID.pattern})"
_KERNEL = r"(?P<kernel_id>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
_SIGNED_IN = frozenset({Role.PARTICIPANT, Role.FACILITATOR})


def _row(
    name: str,
    pattern: str,
    methods: tuple[str, ...],
    roles: frozenset[Role],
    handler: type,
    **more: bool,
) -> Resource:
    return Resource(name, pattern, methods, roles, handler, **more)


RESOURCES: tuple[Resource, ...] = (
    _row("join", "/", ("GET", "HEAD", "POST"), EVERYONE, JoinHandler),
    _row("join link", f"/j/{_CODE}", READ_HEAD, EVERYONE, JoinLinkHandler),
    _row("safety", "/safety", READ_HEAD, EVERYONE, SafetyHandler, unlogged=True),
    _row("safety", "/w/safety", READ_HEAD, EVERYONE, SafetyHandler, unlogged=True),
    _row("leave", "/leave", READ_WRITE, EVERYONE, LeaveHandler, unlogged=True),
    _row("neutral page", "/flat-bread", READ, EVERYONE, NeutralPageHandler, unlogged=True),
    _row("static", r"/static/([A-Za-z0-9._-]+)", READ_HEAD, EVERYONE, StaticHandler),
    _row("health", "/healthz", READ, EVERYONE, HealthHandler, machine_local=True),
    _row("my place", "/me", READ_WRITE, PARTICIPANT_ONLY, MeHandler),
    _row("hand over", "/me/hand-over", READ_WRITE, SHARERS, HandOverHandler),
    _row("withdraw", "/me/withdraw", READ_WRITE, ERASERS, WithdrawHandler),
    _row("contents", "/w/", READ, PARTICIPANT_ONLY, ContentsHandler),
    _row("exercise", f"/w/{_KEY}", READ, PARTICIPANT_ONLY, WorkbookHandler),
    _row("news", "/live", READ, PARTICIPANT_ONLY, NewsHandler),
    _row("kernel", f"/api/kernels/{_KERNEL}/channels", READ, _SIGNED_IN, KernelSocketHandler),
    _row("sign-in", "/facilitator/sign-in", READ_WRITE, EVERYONE, SignInHandler),
    _row("sign-out", "/facilitator/sign-out", WRITE, FACILITATOR_ONLY, SignOutHandler),
    _row("people", "/facilitator/people", READ_WRITE, FACILITATOR_ONLY, PeopleHandler),
    _row("desk", "/facilitator", READ_WRITE, FACILITATOR_ONLY, DeskHandler),
    _row("new session", "/facilitator/new", READ_WRITE, FACILITATOR_ONLY, NewSessionHandler),
    _row("new practice", "/facilitator/practice", WRITE, FACILITATOR_ONLY, NewPracticeHandler),
    _row(
        "practice",
        f"/facilitator/s/{_SESSION}/practice",
        WRITE,
        FACILITATOR_ONLY,
        PracticeHandler,
    ),
    _row(
        "prepare",
        f"/facilitator/s/{_SESSION}/prepare",
        READ_WRITE,
        FACILITATOR_ONLY,
        PrepareHandler,
    ),
    _row("seats", f"/facilitator/s/{_SESSION}/seats", READ_WRITE, FACILITATOR_ONLY, SeatsHandler),
    _row("session", f"/facilitator/s/{_SESSION}", READ, FACILITATOR_ONLY, SessionPageHandler),
    _row("desk act", f"/facilitator/s/{_SESSION}/act", WRITE, FACILITATOR_ONLY, ActHandler),
    _row(
        "roster news",
        f"/facilitator/s/{_SESSION}/live",
        READ,
        FACILITATOR_ONLY,
        RosterStreamHandler,
    ),
    _row(
        "group screen",
        f"/facilitator/s/{_SESSION}/screen",
        READ_WRITE,
        FACILITATOR_ONLY,
        ScreenHandler,
    ),
    _row(
        "screen news",
        f"/facilitator/s/{_SESSION}/screen/live",
        READ,
        FACILITATOR_ONLY,
        ScreenStreamHandler,
    ),
    _row("wall", f"/facilitator/s/{_SESSION}/wall", READ_WRITE, FACILITATOR_ONLY, WallHandler),
    _row(
        "wall news",
        f"/facilitator/s/{_SESSION}/wall/live",
        READ,
        FACILITATOR_ONLY,
        WallStreamHandler,
    ),
    _row(
        "groups",
        f"/facilitator/s/{_SESSION}/groups",
        READ_WRITE,
        FACILITATOR_ONLY,
        GroupsHandler,
    ),
    _row(
        "groups news",
        f"/facilitator/s/{_SESSION}/groups/live",
        READ,
        FACILITATOR_ONLY,
        GroupsStreamHandler,
    ),
    _row(
        "close or reopen",
        f"/facilitator/s/{_SESSION}/(close|reopen)",
        WRITE,
        FACILITATOR_ONLY,
        CloseHandler,
    ),
    _row(
        "download",
        rf"/facilitator/s/{_SESSION}/files/([a-z]+)\.csv",
        READ,
        FACILITATOR_ONLY,
        DownloadHandler,
    ),
    _row("review", f"/facilitator/review/{_SESSION}", READ, FACILITATOR_ONLY, SessionReviewHandler),
)

NOWHERE = Resource("no such address", "", (), EVERYONE, UnknownAddressHandler)


def url_specs() -> list[URLSpec]:
    """Return the handler list, in the table's order."""
    return [
        URLSpec(f"{resource.pattern}$", resource.handler, _arguments(resource))
        for resource in RESOURCES
    ]


def _arguments(resource: Resource) -> dict[str, Any]:
    arguments: dict[str, Any] = {"resource": resource}
    if resource.handler is StaticHandler:
        arguments["path"] = str(STATIC_DIR)
    return arguments
