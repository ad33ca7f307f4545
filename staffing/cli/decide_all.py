"""``staffing decide --all``: the decision of everybody stored here, a line each."""

from __future__ import annotations

import sys

import click
import msgspec

from staffing.cli.database import with_database
from staffing.services.exchange.everyone import decide_everyone


def decide_all(as_json: bool = False, tenant: str | None = None) -> None:
    """Print a line for every person in every placement: name, position, site, outcome, first reason, who acts next.

    ``tenant`` narrows it to one district. Ends with code 1 when there is nobody to decide about.
    """
    lines = with_database(lambda: decide_everyone(tenant))
    if as_json:
        click.echo(msgspec.json.encode(lines).decode())
    else:
        for line in lines:
            click.echo(str(line))
    if not lines:
        click.echo("There is nobody here yet. Import people, or load the demonstration: staffing demo load", err=True)
        sys.exit(1)
