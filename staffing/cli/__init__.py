"""The ``staffing`` command. Sub-commands are imported when they are asked for, so that ``decide`` starts quickly."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import click

from staffing import __version__
from staffing.core.errors import StaffingError

#: Where each command lives and what it is for: the help page must not import them all.
COMMANDS: dict[str, tuple[str, str]] = {
    "run": ("staffing.cli.run", "Set up what is missing, then serve the web pages and work the jobs (what `make run` calls)."),
    "work": ("staffing.cli.work", "Work the jobs: render badges, send messages."),
    "decide": ("staffing.cli.decide", "May this person do this work, here, on this day? From a scenario file, or --all."),
    "facts": ("staffing.cli.decide", "Every fact, its type, who supplies it and which rules read it."),
    "packs": ("staffing.cli.decide", "List, show and check rule packs; what a district's own would do, and applying it."),
    "forecast": ("staffing.cli.forecast", "What lapses in the coming days, which sessions it breaks, the cheapest fixes."),
    "import": ("staffing.cli.exchange", "Read another system's data, dry run first."),
    "demo": ("staffing.cli.exchange", "Load the demonstration communities."),
    "credentials": ("staffing.cli.work", "Print credentials as PDF."),
    "db": ("staffing.cli.store", "Migrate, check and back up the database."),
}


class LazyGroup(click.Group):
    """A group that knows its commands' names and imports one when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order of the help page."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, imported now."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(COMMANDS[cmd_name][0])
        commands: list[click.Command] = module.commands
        return next(command for command in commands if command.name == cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help page's list without importing any command."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, words) for name, (_, words) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="staffing")
def cli() -> None:
    """Register, clear, place and credential community volunteers and tutors under dated, cited rules."""


def main(args: list[str] | None = None) -> Any:
    """Run the command; an error people can act on is a sentence on standard error, not a traceback."""
    from staffing import logs

    logs.guard()
    try:
        return cli.main(args=args, prog_name="staffing")
    except StaffingError as exc:
        click.echo(f"{exc.title}. {exc}", err=True)
        sys.exit(exc.exit_code)
