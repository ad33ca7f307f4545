"""``staffing run``: database, migrations, demo, web and worker, in one command that leaves nothing behind."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from types import FrameType

import click
import uvicorn

from staffing import settings
from staffing.cli.database import address, connected
from staffing.core.errors import Unusable
from staffing.settings import Settings


@click.command("run")
@click.option("--demo/--no-demo", default=True, help="Load the demonstration into an empty database and show its sign-ins.")
@click.option(
    "--beside",
    metavar="MODULE",
    default="",
    help="A Python module to run beside it as the demonstration's screening provider, such as tests.doubles.screening.",
)
def run(demo: bool, beside: str) -> None:
    """Set up what is missing, then serve the web pages and work the jobs until Ctrl-C."""
    if demo:
        os.environ.setdefault("STAFFING_DEMO", "1")
    configured = settings.load()
    for name in ("SIGTERM", "SIGHUP"):
        signal.signal(getattr(signal, name), _leave)
    try:
        with _listening(configured) as listener, _provider(configured, beside), address() as url:
            os.environ["STAFFING_DATABASE_URL"] = url  # the worker is told; it never starts a server of its own
            asyncio.run(_prepare(url, demo))
            with contextlib.ExitStack() as later:
                _serve(configured, listener, lambda: later.enter_context(_worker()))
    except KeyboardInterrupt:
        pass
    click.echo("Stopped. Nothing is left running.")


def _leave(signum: int, frame: FrameType | None) -> None:
    """Leave through the ``finally`` blocks, so that the worker and the database stop too."""
    raise SystemExit(0)


@contextlib.contextmanager
def _listening(configured: Settings) -> Iterator[socket.socket]:
    """Take the port before anything else is started: a taken port is said at once."""
    family = socket.AF_INET6 if ":" in configured.host else socket.AF_INET
    # The protocol is named because asyncio only then turns off Nagle's delay, which would cost 40 ms a page.
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((configured.host, configured.port))
        except OSError as exc:
            raise Unusable(
                f"Port {configured.port} on {configured.host} cannot be used ({exc.strerror}). "
                f"Stop what uses it, or choose another: PORT={configured.port + 1} make run"
            ) from exc
        listener.set_inheritable(False)
        yield listener


@contextlib.contextmanager
def _provider(configured: Settings, module: str) -> Iterator[None]:
    """An invented screening provider as a child that cannot outlive us; its address is in STAFFING_DEMO_SCREENING.

    It is given a socket that listens already: whoever calls before it is up waits in line, and nobody has to look for it.
    """
    if not module:
        yield
        return
    state = configured.data / "demonstration-provider.json"
    state.parent.mkdir(parents=True, exist_ok=True)
    with _listening_near(configured.port + 1) as listener:  # the same port at every start, so that links it gave still lead to it
        command = [sys.executable, "-m", module, "--socket", str(listener.fileno()), "--state", str(state)]
        child = subprocess.Popen(  # noqa: S603 - a module of ours, named by whoever starts us
            command,
            cwd=settings.REPOSITORY,
            stdin=subprocess.DEVNULL,
            pass_fds=[listener.fileno()],
            start_new_session=True,
            preexec_fn=_die_with_parent,  # noqa: PLW1509
        )
        os.environ["STAFFING_DEMO_SCREENING"] = f"http://127.0.0.1:{listener.getsockname()[1]}"
    try:
        yield
    finally:
        _end(child)


def _listening_near(port: int) -> socket.socket:
    """A listening socket on loopback: on this port, or on any other where it is taken."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except (OSError, OverflowError):
        listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    return listener


async def _prepare(url: str, demo: bool) -> None:
    async with connected(url):
        if demo:
            from staffing.services import demo as demonstration

            if await demonstration.needed():
                click.echo("The database is empty: loading the demonstration (invented people) …")
                await demonstration.load()


@contextlib.contextmanager
def _worker() -> Iterator[None]:
    """The job worker as a child that cannot outlive us."""
    child = subprocess.Popen([sys.executable, "-m", "staffing", "work"], start_new_session=True, preexec_fn=_die_with_parent)  # noqa: PLW1509
    try:
        yield
    finally:
        _end(child)


def _end(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(15)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


class _Server(uvicorn.Server):
    """Says where it is once it answers, and only then has the worker started: the first page does not wait for it."""

    def __init__(self, config: uvicorn.Config, when_it_answers: Callable[[], object]) -> None:
        super().__init__(config)
        self._when_it_answers = when_it_answers

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and end as gracefully when the terminal goes (SIGHUP) as on Ctrl-C."""
        signal.signal(signal.SIGHUP, self.handle_exit)
        await super().startup(sockets=sockets)
        if self.started:
            _say_where(settings.load())
            self._when_it_answers()


def _serve(configured: Settings, listener: socket.socket, when_it_answers: Callable[[], object]) -> None:
    from staffing.app import create_app

    config = uvicorn.Config(
        create_app(), log_level="warning", timeout_graceful_shutdown=5, server_header=False, proxy_headers=False, ws="none"
    )
    server = _Server(config, when_it_answers)
    server.run(sockets=[listener])
    if not server.started:
        raise Unusable("The web pages could not start; the lines above say why.")


def _say_where(configured: Settings) -> None:
    click.echo(f"\n  staffing is ready at {configured.base_url}\n")
    if configured.demo:
        click.echo("  Everybody in the demonstration is invented. Sign in as any of them with one click:")
        click.echo(f"    {configured.base_url}/demo\n")
        click.echo("  Oakland, HR clearance   hr@oakland.example        the code arrives at /outbox")
        click.echo("  Lehigh Valley, HR       hr@lehigh-valley.example\n")
    click.echo("  Ctrl-C stops everything.\n")


commands: list[click.Command] = [run]
