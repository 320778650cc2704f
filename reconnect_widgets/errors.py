"""Every error this package raises on purpose.

A message says what is wrong, where, what was expected and found, and what to do. It never
holds an answer, a name, a code or a token: messages reach logs and screens.

::

    ReconnectError                 anything we raise on purpose; the command line exits 1
    ├── ContentError               a content pack says something it must not
    ├── RecordError                the record folder
    │   ├── RecordWriteError       a row is not on the disk; nothing before it is harmed; retry
    │   ├── RecordReadError        a file of the record does not say what it should
    │   └── WithdrawnError         the person withdrew; nothing more is written for them
    ├── SessionError               a therapy or workshop session
    │   ├── SessionNotFoundError   no session has that id or join code
    │   ├── SessionClosedError     closed, or past its keep date
    │   └── SeatChangedError       a facilitator changed this person's seat meanwhile
    ├── AccountError               a facilitator's account cannot be made or changed like this
    ├── JoinError                  a seat could not be taken; ``reason`` is one of JOIN_REASONS
    ├── AnswerError                an answer that the content does not offer
    ├── MessageError               the browser sent something that is not in the protocol
    ├── KernelError                the kernel that works for one person
    │   ├── KernelsFullError       every place for a kernel is taken; later there may be one
    │   └── KernelStartError       a kernel could not be started; trying again may work
    ├── RehearsalError             made-up people cannot go on; the message says at what
    └── SetupError                 this machine lacks something; the message says what
"""

from __future__ import annotations

from typing import Literal

JoinReason = Literal[
    "wrong-code",
    "closed",
    "expired",
    "seat-taken",
    "couple-full",
    "full",
    "wrong-couple",
    "wrong-return-code",
    "bad-name",
    "incomplete",
    "too-many-attempts",
]
JOIN_REASONS: tuple[JoinReason, ...] = JoinReason.__args__  # type: ignore[attr-defined]


class ReconnectError(Exception):
    """Anything we raise on purpose. Its text may be shown to a facilitator as it is."""


class ContentError(ReconnectError):
    """A content pack says something it must not; the text carries file, trail and expectation."""


class RecordError(ReconnectError):
    """Something about the record folder."""


class RecordWriteError(RecordError):
    """The row is not on the disk. Rows before it are unharmed. Trying again is safe."""


class RecordReadError(RecordError):
    """A file of the record does not say what it should."""


class WithdrawnError(RecordError):
    """The person has withdrawn. Nothing more is written for them."""


class SessionError(ReconnectError):
    """Something about a therapy or workshop session."""


class SessionNotFoundError(SessionError):
    """No session has that id or join code."""


class SessionClosedError(SessionError):
    """The session is closed, or past its keep date."""


class SeatChangedError(SessionError):
    """A facilitator changed the seat of this person; what comes from before is not taken."""


class AccountError(ReconnectError):
    """A facilitator's account cannot be made or changed like this."""


class JoinError(ReconnectError):
    """A seat could not be taken.

    Parameters
    ----------
    reason
        Which of the expected cases this is; pages choose their words by it.
    message
        One plain sentence, fit for the person who tries to join.
    """

    def __init__(self, reason: JoinReason, message: str) -> None:
        super().__init__(message)
        self.reason: JoinReason = reason


class AnswerError(ReconnectError):
    """An answer that the content does not offer."""


class MessageError(ReconnectError):
    """The browser sent something that is not in the protocol."""


class KernelError(ReconnectError):
    """Something about the kernel that works for one person."""


class KernelsFullError(KernelError):
    """Every place for a kernel is taken. Later there may be one."""


class KernelStartError(KernelError):
    """A kernel could not be started. Trying again may work."""


class RehearsalError(ReconnectError):
    """People of a rehearsal cannot go on: the server does not do what it should, or may not."""


class SetupError(ReconnectError):
    """This machine lacks something that is needed; the message says what and how to get it."""
