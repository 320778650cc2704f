"""The websocket to a person's own kernel, and what jupyter_server's handler needs for it.

jupyter_server asks an identity provider who is there and an authorizer what they may do. Both
answer from the same cookies and the same table as every other handler.
"""

from __future__ import annotations

from typing import Any, ClassVar
from weakref import WeakSet

from jupyter_server.auth import Authorizer, IdentityProvider, User
from tornado.web import HTTPError, RequestHandler

from reconnect_widgets.server.channels import KernelChannelsHandler
from reconnect_widgets.server.identity import Identity
from reconnect_widgets.server.kernels import KernelOwner
from reconnect_widgets.server.pages import identify, is_standing
from reconnect_widgets.server.peer import describe_peer
from reconnect_widgets.server.policy import Resource, Role, is_allowed
from reconnect_widgets.server.services import SETTING, Services

GOING_AWAY = 1001  # RFC 6455, section 7.4.1
POLICY_VIOLATION = 1008


class WorkbookIdentityProvider(IdentityProvider):
    """Says who is there by our cookies; knows no tokens, passwords or log-in pages."""

    def get_user(self, handler: Any) -> User | None:
        """Return the user, or None for nobody."""
        found: Identity = handler.asker
        if Role.NOBODY in found.roles:
            return None
        return User(username="+".join(sorted(found.roles)))

    def get_handlers(self) -> list[tuple[str, object]]:
        """Add no addresses."""
        return []


class WorkbookAuthorizer(Authorizer):
    """Lets people execute in a kernel only if it is theirs."""

    def is_authorized(self, handler: Any, user: User, action: str, resource: str) -> bool:
        """Say whether the kernel of this request is the asker's own."""
        if (action, resource) != ("execute", "kernels"):
            return False
        services: Services = handler.settings[SETTING]
        owner = services.seats.owner_of(handler.path_kwargs.get("kernel_id", ""))
        return owner is not None and owns(handler.asker, owner)


class KernelSocketHandler(KernelChannelsHandler):
    """``/api/kernels/ID/channels``.

    Attributes
    ----------
    asker
        Who asks, read from the record once for each websocket.
    """

    _living: ClassVar[WeakSet[KernelSocketHandler]] = WeakSet()

    def initialize(self, resource: Resource) -> None:
        """Take the line of the table that this address is."""
        self.resource = resource

    async def open(self, kernel_id: str) -> None:
        """Begin to pass messages."""
        self._living.add(self)
        await super().open(kernel_id)

    @classmethod
    def say_goodbye(cls) -> None:
        """Tell every browser that the server stops; they come back by themselves."""
        for handler in list(cls._living):
            handler.close(GOING_AWAY)

    @classmethod
    def end_former(cls) -> None:
        """Hang up on facilitators whose log-in ended; who has another one comes back."""
        for handler in list(cls._living):
            login = handler.asker.login
            if login is not None and not is_standing(handler.settings[SETTING], login):
                handler.close(POLICY_VIOLATION)

    async def prepare(self) -> None:  # type: ignore[override]
        """Refuse whoever may not come here, before anything is upgraded."""
        self.asker = read_identity(self)
        if self.request.method != "GET" or not is_allowed(
            self.resource, self.asker.roles, is_local=False
        ):
            raise HTTPError(403)
        await super().prepare()

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer without words: nobody reads this."""
        self.finish()


def owns(found: Identity, owner: KernelOwner) -> bool:
    """Say whether this kernel works for whoever asks."""
    if owner.role == "facilitator":
        return found.is_facilitator
    return (
        found.session is not None
        and found.person is not None
        and found.session.session_id == owner.session_id
        and found.person.participant_id == owner.subject
    )


def read_identity(handler: RequestHandler) -> Identity:
    """Return who asks, for a handler that is not one of our pages."""
    request = handler.request
    peer = describe_peer(request.remote_ip or "", request.protocol, request.headers)
    return identify(handler, handler.settings[SETTING], secure=peer.is_secure)
