"""``reconnect serve``: start the workbook and say, in plain words, where it is."""

from __future__ import annotations

import shutil
import tempfile
import threading
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from reconnect_widgets import system
from reconnect_widgets.cli.options import data_option
from reconnect_widgets.cli.output import say
from reconnect_widgets.cli.serving import forget_address, remember_address
from reconnect_widgets.server.settings import DEFAULT_PORT, ServerReady, ServerSettings


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=DEFAULT_PORT,
    show_default=True,
    help="Port to listen on; 0 lets the system choose.",
)
@click.option(
    "--ip",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on. The default is this machine alone.",
)
@click.option(
    "--lan", is_flag=True, help="Listen on all addresses, so that the phones in the room reach it."
)
@click.option(
    "--certfile",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Certificate (PEM) for https; needs --keyfile.",
)
@click.option(
    "--keyfile",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Private key (PEM) for https; needs --certfile.",
)
@click.option(
    "--demo",
    is_flag=True,
    help="Use a throw-away folder with a synthetic past group and an open session.",
)
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
@data_option
@click.pass_context
def serve(
    ctx: click.Context,
    port: int,
    ip: str,
    lan: bool,
    certfile: Path | None,
    keyfile: Path | None,
    demo: bool,
    no_browser: bool,
    data_dir: Path,
) -> None:
    """Start the workbook. Stop it with Ctrl-C: what was saved stays saved."""
    _refuse_contradictions(ctx)
    with _demo_folder() if demo else _kept_folder(data_dir) as (folder, join_code):
        settings = ServerSettings(
            data_dir=folder, ip=ip, port=port, lan=lan, certfile=certfile, keyfile=keyfile
        )
        on_ready = _announcer(folder, join_code, open_browser=not no_browser)
        # Voilà and Jupyter take about a second to import; only this command needs them.
        from reconnect_widgets.server.app import run

        try:
            run(settings, on_ready)
        finally:
            forget_address(folder)
    say("Stopped." + (" The demo's folder is removed." if demo else ""))


def _refuse_contradictions(ctx: click.Context) -> None:
    """Raise a usage error for options that cannot both be meant."""
    given = {
        name
        for name in ctx.params
        if ctx.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE
    }
    if {"demo", "data_dir"} <= given:
        raise click.UsageError("--demo uses a throw-away folder of its own: leave out --data", ctx)
    if {"lan", "ip"} <= given:
        raise click.UsageError("--lan listens on every address: leave out --ip", ctx)
    if len({"certfile", "keyfile"} & given) == 1:
        raise click.UsageError("https needs both --certfile and --keyfile", ctx)


@contextmanager
def _kept_folder(data_dir: Path) -> Iterator[tuple[Path, str]]:
    data_dir.mkdir(parents=True, exist_ok=True)
    yield data_dir, ""


@contextmanager
def _demo_folder() -> Iterator[tuple[Path, str]]:
    """Fill a new temporary folder, and remove it however the server ends."""
    from reconnect_widgets.content import codebook_rows
    from reconnect_widgets.records.samples import fill_demo

    folder = Path(tempfile.mkdtemp(prefix="reconnect-demo-"))
    try:
        yield folder, fill_demo(folder, codebook_rows()).info.code
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _announcer(
    folder: Path, join_code: str, *, open_browser: bool
) -> Callable[[ServerReady], None]:
    """Return what the server calls once it listens."""

    def announce(ready: ServerReady) -> None:
        remember_address(folder, ready.lan_url or ready.local_url)
        for line in ready_lines(ready, folder, join_code):
            say(line)
        if open_browser and system.has_display():
            # In a thread of its own: some browsers' launchers do not return before they close.
            address = ready.facilitator_url if not join_code else ready.local_url
            threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()

    return announce


def ready_lines(ready: ServerReady, folder: Path, join_code: str) -> Iterator[str]:
    """Yield what a facilitator needs to know once the workbook is up."""
    yield ""
    yield "The Reconnect workbook is running."
    yield ""
    yield f"  On this machine       {ready.local_url}"
    if ready.lan_url:
        yield f"  Phones in the room    {ready.lan_url}"
    yield f"  Facilitator           {ready.facilitator_url}"
    if ready.passcode:
        yield f"  Passcode              {ready.passcode}"
        yield f"                        (made just now; kept in {ready.passcode_path})"
    else:
        yield f"  Passcode              as before; kept in {ready.passcode_path}"
    if join_code:
        base = ready.lan_url or ready.local_url
        yield f"  Demo session          join code {join_code}, {base}j/{join_code}"
        yield ""
        yield "The past group in this demo is synthetic: nobody said any of it."
        yield "Everything entered here is removed when the demo stops."
    else:
        yield f"  Records               {folder}"
    yield ""
    yield "Stop with Ctrl-C."
