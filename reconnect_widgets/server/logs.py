"""The one place where the web process writes its log.

What is logged of a request: method, the resource's *name*, status, milliseconds. Never an address,
a path, a query, a header, a form or a cookie. Requests for help (safety, the quick exit) leave no
line at all. Of an unexpected exception: its class and where it was raised, never its message,
because a message may quote what it was handed.

Libraries (Tornado, Jupyter, asyncio) put paths, origins and ids into their messages. Theirs are
therefore reduced to level, logger and place in the source; and only warnings and worse.
"""

from __future__ import annotations

import logging
import secrets
import traceback
from pathlib import Path
from types import TracebackType
from typing import TextIO

from tornado.web import RequestHandler

LOGGER_NAME = "reconnect.server"
_log = logging.getLogger(LOGGER_NAME)


class _PrivateFormatter(logging.Formatter):
    """Our own lines as they are; everybody else's without their message."""

    def format(self, record: logging.LogRecord) -> str:
        stamp = self.formatTime(record, "%Y-%m-%dT%H:%M:%S")
        if record.name == LOGGER_NAME:
            return f"{stamp} {record.levelname.lower()} {record.getMessage()}"
        line = f"{stamp} {record.levelname.lower()} {record.name} "
        line += f"at {record.module}.py:{record.lineno} in {record.funcName}"
        error = record.exc_info[1] if record.exc_info else None
        return f"{line}: {describe_error(error)}" if error else line


class _ForeignFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        return record.name == LOGGER_NAME or record.levelno >= logging.WARNING


def start_logging(stream: TextIO, level: int = logging.INFO) -> logging.Handler:
    """Send every logger of this process through the one private formatter; return the handler.

    Loggers that have handlers or levels of their own (Tornado's, traitlets') lose them, so that
    nothing passes by.
    """
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_PrivateFormatter())
    handler.addFilter(_ForeignFilter())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    for name in list(logging.root.manager.loggerDict):
        logger = logging.getLogger(name)
        logger.handlers = []
        logger.propagate = True
    logging.getLogger("tornado.access").setLevel(logging.CRITICAL)  # `log_request` replaces it
    _log.setLevel(level)
    logging.captureWarnings(True)
    return handler


def log_request(handler: RequestHandler) -> None:
    """Tornado's ``log_function``: one line for one answered request, or none."""
    resource = getattr(handler, "resource", None)
    if resource is not None and resource.unlogged:
        return
    name = resource.name if resource is not None else "no such address"
    # Only methods that exist: a request line is written by the far end.
    method = handler.request.method if handler.request.method in handler.SUPPORTED_METHODS else "?"
    milliseconds = 1000 * handler.request.request_time()
    _log.info("%s %s %d %.0f ms", method, name, handler.get_status(), milliseconds)


def log_incident(resource_name: str, error: BaseException) -> str:
    """Log an unexpected exception without its message; return the id to show on the page."""
    incident = secrets.token_hex(4)
    _log.error("incident %s in %s: %s", incident, resource_name, describe_error(error))
    return incident


def note(message: str, *values: object) -> None:
    """Log one of our own sentences. Values are counts and names from our own tables only."""
    _log.info(message, *values)


def warn(message: str, *values: object) -> None:
    """Log one of our own sentences as a warning; same rule as `note`."""
    _log.warning(message, *values)


def describe_error(error: BaseException) -> str:
    """Return the exception's class and places, innermost last, and its causes'; no message."""
    text = f"{type(error).__name__} ({_places(error.__traceback__)})"
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return f"{text} from {describe_error(cause)}" if cause is not None else text


def _places(trace: TracebackType | None) -> str:
    frames = traceback.extract_tb(trace)[-8:]
    return " > ".join(f"{_short(frame.filename)}:{frame.lineno}" for frame in frames)


def _short(path: str) -> str:
    return "/".join(Path(path).parts[-2:])
