"""``staffing forecast``: what lapses in the coming days, the sessions it breaks, and the cheapest ways to keep them."""

from __future__ import annotations

from collections.abc import Iterator

import click
import msgspec

from staffing.cli.database import with_database
from staffing.services.actors import system
from staffing.services.ahead import forecast
from staffing.services.ahead.forecast import Fix, Forecast
from staffing.services.ahead.lapses import Lapse


@click.command("forecast")
@click.option("--tenant", required=True, help="The district's short word, as in its addresses: oakland.")
@click.option("--days", default=forecast.USUAL, show_default=True, help="How many days to look ahead, 1 to 366.")
@click.option("--json", "as_json", is_flag=True, help="All of it as JSON.")
def _forecast(tenant: str, days: int, *, as_json: bool) -> None:
    """What lapses in the coming days, which sessions lose their adult, and the cheapest fixes. Changes nothing."""
    found = with_database(lambda: forecast.forecast(system(tenant), days))
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    for line in lines(found):
        click.echo(line)


def lines(found: Forecast) -> Iterator[str]:
    """The forecast as people read it."""
    yield f"{found.today} through {found.last} ({found.days} days)"
    if not found.lapses and not found.already:
        yield "Nothing lapses, and every session planned keeps its adults."
        return
    people, weaker, already = found.people, found.weaker, len(found.already)
    yield (
        f"{people} {'person loses' if people == 1 else 'people lose'} a clearance, "
        f"{weaker} {'goes' if weaker == 1 else 'go'} on under conditions only, "
        f"{already} {'is' if already == 1 else 'are'} not cleared already."
    )
    yield (
        f"{_sessions(found.sessions)} left short, {found.nobody} of them with nobody, "
        f"{found.sessions_already} as it stands today."
    )
    for title, counts in (("By site", found.sites), ("By partner", found.partners)):
        yield ""
        yield title
        for count in counts:
            name = count.name or "No partner"
            yield f"  {name:<36} {count.people:>4} people {count.sessions:>5} sessions short {count.nobody:>5} with nobody"
    yield ""
    yield "Who"
    for lapse in (*found.already, *found.lapses):
        yield _who(lapse)
    if found.fixes:
        yield ""
        yield "Cheapest fixes first"
        for fix in found.fixes:
            yield _fix(fix)


def _sessions(number: int) -> str:
    return f"{number} {'session' if number == 1 else 'sessions'}"


def _who(lapse: Lapse) -> str:
    when = "now       " if lapse.already else lapse.on.isoformat()
    rules = ", ".join(f"{cause.step.title} ({cause.step.citation or cause.step.layer})" for cause in lapse.causes)
    sessions = f"; {_sessions(len(lapse.sessions))} from {lapse.sessions[0].day}" if lapse.sessions else ""
    return f"  {when}  {lapse.name}, {lapse.title}, {lapse.site}: {rules}{sessions}"


def _fix(fix: Fix) -> str:
    step = fix.step
    days = "days not known" if step.days is None else f"{step.days} days"
    whom = fix.name if fix.people == 1 else f"{fix.people} people"
    more = "".join(
        f", {count} {words}"
        for count, words in ((fix.together, "more with another step"), (fix.late, "too soon for it"))
        if count
    )
    start = f", start by {fix.start_by}" if fix.start_by else ""
    cost = "free" if step.cents == 0 else step.cost or "cost not known"
    return f"  {step.title} for {whom}: {days}, {cost}: keeps {_sessions(fix.sessions)}{more}{start}"


commands: list[click.Command] = [_forecast]
