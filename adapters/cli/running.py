"""`run`, `serve`, `work`: the engine in the foreground, until SIGINT or SIGTERM."""

import json
import logging
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import click

from adapters.cli.printing import as_json
from adapters.cli.session import Session, Sorry, pass_session
from adapters.web import RunningServer, serve, web_app
from adapters.wiring import Engine, Running
from engine.settings import FOR_CALLS, FOR_SERVING

LOOK_SECONDS = 0.5
"""How often the foreground looks whether the web server still lives."""


@click.command("run")
@as_json
@pass_session
def run(session: Session, in_json: bool) -> None:
    """Serve webhooks and do the work, in one process.

    Prints one line with the address when it is ready, and ends with Ctrl-C or SIGTERM: what is under way is finished
    and recorded first. Any number may run on one database. Example: wizqbo run
    """
    _foreground(session, in_json, web=True, loops=True)


@click.command("serve")
@as_json
@pass_session
def serve_only(session: Session, in_json: bool) -> None:
    """Only the web: webhooks, the consent page's answer, health.

    What comes in is stored; some `work` must run to act on it. Example: WIZQBO_PORT=8081 wizqbo serve
    """
    _foreground(session, in_json, web=True, loops=False)


@click.command("work")
@as_json
@pass_session
def work(session: Session, in_json: bool) -> None:
    """Only the work: look, decide, send. No web address.

    Example: WIZQBO_WORKERS=20 wizqbo work
    """
    _foreground(session, in_json, web=False, loops=True)


def _foreground(session: Session, in_json: bool, *, web: bool, loops: bool) -> None:
    logging.basicConfig(
        level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s", force=True
    )
    for noisy in ("httpx", "httpcore"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    with stop_signals() as stop, ExitStack() as until_the_end:
        engine = session.engine_for(FOR_SERVING if web else FOR_CALLS)
        server = _web(engine) if web else None
        if server is not None:
            until_the_end.callback(server.stop)
        if loops:
            until_the_end.callback(Running(engine).start().stop)
        _say_ready(server, loops, in_json)
        while not stop.wait(LOOK_SECONDS):
            if server is not None and server.wait(0):
                raise Sorry("The web server has ended by itself; its log above says why.")


def _web(engine: Engine) -> RunningServer:
    host, port = engine.settings.host, engine.settings.port
    try:
        return serve(web_app(engine.web), host, port)
    except OSError as problem:
        raise Sorry(
            f"Port {port} of {host} cannot be served on ({problem.strerror}). Set WIZQBO_PORT or WIZQBO_HOST to others."
        ) from None


def _say_ready(server: RunningServer | None, loops: bool, in_json: bool) -> None:
    address = server.address if server else ""
    if in_json:
        click.echo(json.dumps({"ready": True, "address": address, "working": loops}))
    elif server is None:
        click.echo("wizqbo works; Ctrl-C ends it.")
    else:
        click.echo(f"wizqbo {'runs' if loops else 'serves'} at {address}; Ctrl-C ends it.")


@contextmanager
def stop_signals() -> Iterator[threading.Event]:
    """An event that SIGINT and SIGTERM set; their former handlers come back afterwards."""
    stop = threading.Event()
    former = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in former:
        signal.signal(number, lambda *_: stop.set())
    try:
        yield stop
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
