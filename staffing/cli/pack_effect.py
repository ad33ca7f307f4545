"""``staffing packs effect`` and ``staffing packs apply``: what a district's own pack would do, and making it count."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from staffing import rulebook

if TYPE_CHECKING:
    from staffing.services.district_rules.changes import AdoptOverlay
    from staffing.services.district_rules.impact import Affected, Impact

_DAY = click.DateTime(["%Y-%m-%d"])
_FILE = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
_TENANT = click.option("--tenant", required=True, help="The district's short word, as in its addresses: oakland.")


@click.command("effect")
@_FILE
@_TENANT
@click.option("--on", type=_DAY, help="Decide for this day, on which the pack counts already (default: today).")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def effect(file: Path, tenant: str, on: datetime.datetime | None, as_json: bool) -> None:
    """What the district's own pack in FILE would do to everybody placed in a district. Nothing is written."""
    from staffing.cli.database import with_database  # the commands that need no database start without it
    from staffing.services.actors import system
    from staffing.services.district_rules import what_if

    text = rulebook.text_of(file)

    async def look() -> Impact:
        day = on.date() if on else await _today(tenant)
        return await what_if.impact(system(tenant), _change(text, file, day), day)

    found = with_database(look)
    click.echo(msgspec.json.format(msgspec.json.encode(found), indent=2).decode() if as_json else "\n".join(lines(found)))


@click.command("apply")
@_FILE
@_TENANT
@click.option("--from", "since", type=_DAY, required=True, help="The first day on which it counts.")
@click.option("--reason", required=True, help="Why; the journal keeps it.")
def apply(file: Path, tenant: str, since: datetime.datetime, reason: str) -> None:
    """Let the district's own pack in FILE count from a day, and have the district's decisions taken again."""
    from staffing.cli.database import with_database
    from staffing.services.actors import system
    from staffing.services.district_rules import changes

    text = rulebook.text_of(file)
    name = with_database(lambda: changes.apply(system(tenant), _change(text, file, since.date()), reason))
    click.echo(f"{name} counts in {tenant} from {since.date()} on. The worker takes the decisions again.")


def _change(text: str, file: Path, since: datetime.date) -> AdoptOverlay:
    from staffing.services.district_rules.changes import AdoptOverlay

    return AdoptOverlay(text=text, since=since, file=str(file))


async def _today(tenant: str) -> datetime.date:
    from staffing.services.district_rules import in_force
    from staffing.store.engine import tenant_transaction

    async with tenant_transaction(tenant):
        return (await in_force.here()).today


def lines(found: Impact) -> Iterator[str]:
    """The effect as people read it on a terminal."""
    yield f"On {found.on}, of {found.placements} placements:"
    yield f"  {found.stopped:>6}  no longer ready"
    yield f"  {found.freed:>6}  become ready"
    yield f"  {found.still_ready:>6}  stay ready, {found.needs_later} of them need something new by {found.until}"
    yield f"  {found.still_not:>6}  stay not ready, {found.more} of them with more to bring"
    yield f"Sessions through {found.until}: {found.sessions_losing} lose an adult, {found.sessions_short} are then short."
    if found.rules:
        yield ""
        yield "By rule"
    for rule in found.rules:
        yield f"  {rule.title} ({rule.citation or rule.rule})"
        yield f"    stops {rule.stops}, later {rule.stops_later}, adds to {rule.adds} not ready, frees {rule.frees}"
        if rule.what and (rule.stops or rule.stops_later or rule.adds):
            more = "; ".join(part for part in (rule.cost, f"usually {rule.usual_days} days" if rule.usual_days else "") if part)
            yield f"    {rule.who.replace('_', ' ')}: {rule.what}{f' ({more})' if more else ''}"
    if found.sessions:
        yield ""
        yield "Sessions that lose an adult"
    for loss in found.sessions:
        yield f"  {loss.site}, {loss.organisation}: {loss.sessions} from {loss.first}, {loss.short} then short"
    yield from _people("No longer ready", found.stopped_people, found.stopped)
    yield from _people("Become ready", found.freed_people, found.freed)
    yield from _people("Need something new later", found.later_people, found.needs_later)


def _people(title: str, people: tuple[Affected, ...], total: int) -> Iterator[str]:
    if not people:
        return
    yield ""
    yield f"{title} ({total})"
    for one in people:
        by = f", by {one.by}" if one.by else ""
        yield f"  {one.name}, {one.title}, {one.site}: {'; '.join(one.rules)}{by}"
    if total > len(people):
        yield f"  and {total - len(people)} more"
