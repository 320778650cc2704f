"""The one error boundary: every way a command can end, and its exit code.

====  ==========================================================================
code  meaning
====  ==========================================================================
0     done
1     expected failure: one line on standard error that says what to do
2     usage: the command was not understood
3     a bug: one line with the path of a report that holds nothing private
130   interrupted (Ctrl-C)
====  ==========================================================================
"""

from __future__ import annotations

import errno
from collections.abc import Sequence

import click

from reconnect_widgets.cli.output import warn
from reconnect_widgets.cli.report import write_report
from reconnect_widgets.errors import ReconnectError, SessionNotFoundError

DONE, FAILED, USAGE, BUG, INTERRUPTED = 0, 1, 2, 3, 130

# What the file system says when the machine, not the program, stands in the way.
_MACHINE_SAYS_NO = {
    errno.EACCES: "no permission; choose another folder, or run as its owner",
    errno.EPERM: "not permitted; choose another folder, or run as its owner",
    errno.EROFS: "the disk can only be read; choose another folder",
    errno.ENOSPC: "the disk is full; make room and run the command again",
    errno.EDQUOT: "the disk quota is used up; make room and run the command again",
    errno.ENOTDIR: "a file is where a folder should be; choose another folder",
    errno.EISDIR: "a folder is where a file should be; move it away",
    errno.EEXIST: "it is there already; move it away or choose another",
    errno.ENOENT: "it is not there; check the path",
    errno.EMFILE: "too many open files; raise the limit (ulimit -n 4096) and try again",
    errno.EIO: "the disk answered with an error; check the disk before anything else",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; never raises, never prints a traceback."""
    try:
        from reconnect_widgets.cli.root import root  # a broken installation ends here too

        code = root.main(
            args=None if arguments is None else list(arguments),
            prog_name="reconnect",
            standalone_mode=False,
        )
    except BaseException as error:  # the boundary: whatever happened becomes an exit code
        return _exit_code(error)
    return code if isinstance(code, int) else DONE


def _exit_code(error: BaseException) -> int:
    if isinstance(error, click.Abort | KeyboardInterrupt):
        return INTERRUPTED
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message(), err=True)
        return USAGE
    if isinstance(error, click.UsageError):
        where = error.ctx.command_path if error.ctx else "reconnect"
        warn(f"{where}: {error.format_message().rstrip('.')}. Help: {where} --help")
        return USAGE
    if isinstance(error, click.ClickException | ReconnectError):
        warn(f"reconnect: {_message(error)}")
        return FAILED
    if isinstance(error, SystemExit):
        # How click itself ends when the reader of our output went away (``… | head``): it has
        # put a quiet stream in the place of standard output, and there is nobody to tell.
        return FAILED
    if isinstance(error, OSError) and error.errno in _MACHINE_SAYS_NO:
        where = f"{error.filename}: " if error.filename else ""
        warn(f"reconnect: {where}{_MACHINE_SAYS_NO[error.errno]}")
        return FAILED
    path = write_report(error)
    where = f"Please send the report {path} (it holds no answers and no names)" if path else ""
    warn(f"reconnect: this is a fault in the program, not in what you typed. {where}".rstrip())
    return BUG


def _message(error: click.ClickException | ReconnectError) -> str:
    if isinstance(error, click.ClickException):
        return error.format_message()
    text = str(error)
    if isinstance(error, SessionNotFoundError):
        return f"{text}. See: reconnect session list"
    cause = error.__cause__
    says_what_to_do = ". " in text
    if isinstance(cause, OSError) and cause.errno in _MACHINE_SAYS_NO and not says_what_to_do:
        advice = _MACHINE_SAYS_NO[cause.errno]
        return f"{text.rstrip('.')}. {advice[0].upper()}{advice[1:]}."
    return text
