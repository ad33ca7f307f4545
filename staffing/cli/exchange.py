"""``staffing import`` and ``staffing demo``: data from other systems, and the invented communities."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from staffing.cli.database import with_database
from staffing.core.errors import Invalid
from staffing.services.exchange.report import Report


@click.group("import")
def import_() -> None:
    """Read another system's data. Nothing is written without --commit."""


@import_.command("ed-fi")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--tenant", help="The district to import into; by default the short form of its name. Made if it is not here.")
@click.option("--jurisdiction", help="The rules of a new district, for example us-pa; by default from its address.")
@click.option("--time-zone", help="The time zone of a new district, for example America/Denver; by default its state's.")
@click.option("--commit", is_flag=True, help="Write: all of it or nothing.")
@click.option("--json", "as_json", is_flag=True, help="The report as JSON.")
@click.option("--quiet", is_flag=True, help="Totals only, not every row.")
def ed_fi(
    folder: Path, tenant: str | None, jurisdiction: str | None, time_zone: str | None, *, commit: bool, as_json: bool, quiet: bool
) -> None:
    """Import an Ed-Fi export (version 5 XML: EducationOrganization, StaffAssociation, EducationOrgCalendar)."""
    from staffing.services.exchange.edfi_import import import_edfi

    report = with_database(
        lambda: import_edfi(folder, tenant=tenant, jurisdiction=jurisdiction, time_zone=time_zone, commit=commit)
    )
    if as_json:
        click.echo(msgspec.json.encode(report).decode())
    else:
        for line in report_lines(report, rows=not quiet):
            click.echo(line)
    if report.errors:
        count = len(report.errors)
        raise Invalid(
            "1 row cannot be used. Nothing was written; correct it and run it again."
            if count == 1
            else f"{count} rows cannot be used. Nothing was written; correct them and run it again."
        )
    if not commit and not as_json:
        click.echo("This was a dry run: nothing was written. Add --commit to write it.")


def report_lines(report: Report, *, rows: bool = True) -> list[str]:
    """The report as people read it: every row, what was left out, totals."""
    from staffing.services.exchange.edfi_plan import not_kept_words

    lines = [str(row) for row in report.rows if rows or row.action == "error"]
    lines += ["", "Totals"] if lines else ["Totals"]
    for kind, actions in report.counts().items():
        lines.append(f"  {kind:<14}" + ", ".join(f"{count} {action}" for action, count in actions.items()))
    if kept_out := not_kept_words(report):
        lines.append(f"Not kept, on purpose: {'; '.join(kept_out)}.")
    if report.not_used:
        unused = ", ".join(f"{name} ({count})" for name, count in sorted(report.not_used.items()))
        lines.append(f"Not used: {unused}.")
    if report.committed:
        lines.append(f"Written to {report.tenant}." if report.changes else f"Nothing has changed in {report.tenant}.")
    lines += report.next_steps
    return lines


@click.group("demo")
def demo() -> None:
    """The demonstration communities; everybody in them is invented."""


@demo.command("load")
@click.option("--beside", is_flag=True, help="Load them although there are districts here already.")
def load(*, beside: bool) -> None:
    """Load the eleven communities into an empty database."""
    from staffing.services import demo as demonstration

    made = with_database(lambda: demonstration.load(beside=beside))
    click.echo(f"Loaded {len(made)} communities: {', '.join(made)}. Everybody in them is invented.")


commands: list[click.Command] = [import_, demo]
