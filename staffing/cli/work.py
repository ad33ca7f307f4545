"""``staffing work`` and ``staffing credentials``: the worker, and badges as PDF files."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from pathlib import Path
from uuid import UUID

import click

from staffing import host
from staffing.cli.database import address, connected, with_database
from staffing.core.errors import Invalid, StaffingError, Unusable
from staffing.services import badge_numbers, credential_desk, due, tidying, wording, work
from staffing.services.actors import system
from staffing.store import freshness, jobs


@click.command("work")
@click.option("--concurrency", default=4, show_default=True, help="Jobs worked at once; PDFs are made one at a time.")
def _work(concurrency: int) -> None:
    """Work the jobs until Ctrl-C or SIGTERM: jobs that run are finished first, and no process is left behind."""
    with address() as url:
        asyncio.run(_until_stopped(url, concurrency))


async def _until_stopped(url: str, concurrency: int) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)
    await freshness.bring_up_to_date(url)
    host.load().import_modules("jobs")  # plugins' tasks
    wording.add_plugin_catalogues(host.load().folders("locale"))  # they write to people
    try:
        await _catch_up(url)
        await _warm()
        await jobs.run_worker(url, stop=stop, concurrency=concurrency)
    finally:
        work.close_renderer()


async def _catch_up(url: str) -> None:
    """Decisions may have become due while nothing ran, or been taken under rules that have changed since."""
    async with connected(url, bring_up_to_date=False):
        await due.retake()
        await tidying.tidy()


async def _warm() -> None:
    """Load WeasyPrint before the first badge. Without Pango everything but PDFs still works, and it is said here."""
    try:
        await work.renderer().warm()
    except StaffingError as exc:
        click.echo(f"{exc.title}. {exc} Other jobs are worked meanwhile.", err=True)


@click.group("credentials")
def _credentials() -> None:
    """Print credentials as PDF."""


@_credentials.command("print")
@click.option("--tenant", required=True, help="The district's short word, as in its addresses: oakland.")
@click.option("--number", help="One badge, by its number: OAK-000123-K.")
@click.option("--all", "everything", is_flag=True, help="Every badge in use.")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
def _print(tenant: str, number: str | None, everything: bool, folder: Path) -> None:
    """Write badges as DIR/NUMBER.pdf, making those that are not made yet. Existing files are replaced."""
    if bool(number) == everything:
        raise click.UsageError("Say which badges: --number OAK-000123-K for one, or --all for every badge in use.")
    wanted = badge_numbers.read(number) if number else None
    if number and wanted is None:
        raise Invalid(f"{number} is not a badge number: its last character does not fit. Read it from the badge once more.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise Unusable(f"The folder {folder} cannot be made ({exc.strerror}). Give one you may write to.") from exc
    count = with_database(lambda: _write(tenant, wanted, folder))
    click.echo(f"Wrote {count} {'badge' if count == 1 else 'badges'} to {folder}.")


async def _write(tenant: str, number: str | None, folder: Path) -> int:
    try:
        found = await credential_desk.to_print(system(tenant), number)
        for credential in found:
            name, data = await _made(tenant, credential)
            _replace(folder / name, data)
        return len(found)
    finally:
        work.close_renderer()


async def _made(tenant: str, credential: UUID) -> tuple[str, bytes]:
    from staffing.services import credentials

    who = system(tenant)
    made = await credentials.pdf(who, credential)
    if made is None:
        await work.render_credential(tenant, str(credential))
        made = await credentials.pdf(who, credential)
    if made is None:
        raise Unusable("A badge was withdrawn while it was being printed. Print the others again.")
    return made


def _replace(path: Path, data: bytes) -> None:
    """Write beside the file and move into place, so that a full disk leaves no half badge."""
    beside = path.with_suffix(".part")
    try:
        beside.write_bytes(data)
        beside.replace(path)
    except OSError as exc:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        raise Unusable(
            f"{path} could not be written ({exc.strerror}). Make room or choose another folder, then print again."
        ) from exc


commands: list[click.Command] = [_work, _credentials]
