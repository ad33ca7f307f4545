"""Which criminal-history, child-abuse-history and registry checks a state asks of whom, and how long they hold; and the checks
themselves: ordered, followed, decided by a person, answered by the one checked, renewed and, in time, destroyed.

Every rule is dated and cited. Only that a check exists, its date, purpose and holder are kept, never what it contained.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from staffing.api import Case, Check, Finding, Link, Panel, ScreeningProvider, Text, Viewer, hookimpl

STAFFING_API = (1, 2)
TITLE = "Background checks"
JURISDICTIONS = ("us",)


@hookimpl
def findings(case: Case, on: date) -> Iterable[Finding]:
    """While a check of somebody is looked at again, or they have been asked to answer, their work waits; so does work that does
    not keep the conditions of their check."""
    from .rules import conditions, under_review

    return [*under_review.findings_of(case, on), *conditions.findings_of(case, on)]


@hookimpl
def concerned(case: Case, on: date) -> bool:
    """Only those under review, or under conditions, have a finding of their own."""
    from .rules import conditions, under_review

    return bool(case.person.get(under_review.FACT) or case.person.get(conditions.FACT))


@hookimpl(specname="tables")  # the package tables would take this name away when it is imported
def tables_app() -> str:
    """The plugin's tables."""
    return f"{__name__}.piccolo_app"


@hookimpl(specname="screening_providers")
def providers_of_ours() -> Iterable[ScreeningProvider]:
    """The providers that ship with the plugin."""
    from .providers import SHIPPED

    return SHIPPED


@hookimpl
def routes() -> Iterable[Any]:
    """The pages, and where providers post their events."""
    from .web import handlers

    return handlers


@hookimpl
def menu(viewer: Viewer) -> Iterable[Link]:
    """The desk of checks, for those who decide about them and those who connect providers."""
    if viewer.role not in {"hr", "admin"}:
        return []
    return [Link(Text("Checks"), "/p/background_check/", 5)]


@hookimpl
async def person_panels(person: UUID, viewer: Viewer) -> Iterable[Panel]:
    """The checks of one person, for HR."""
    from .services.panels import of_person

    return await of_person(person, viewer)


@hookimpl
async def own_panels(viewer: Viewer) -> Iterable[Panel]:
    """One's own checks: what waits on oneself, and what waits on others."""
    from .services.panels import of_oneself

    return await of_oneself(viewer)


@hookimpl
def actions(finding: Finding, person: UUID, placement: UUID | None, position: UUID | None, viewer: Viewer) -> Iterable[Link]:
    """A check that is missing can be ordered from where it is missed."""
    from .rules.kinds import CHECKS

    if viewer.role != "hr" or not CHECKS.intersection(finding.accepts):
        return []
    which = f"placement={placement}" if placement else f"position={position}" if position else ""
    return [Link(Text("Order a check"), f"/p/background_check/people/{person}/order?rule={finding.rule}&{which}".rstrip("&"))]


@hookimpl
async def demonstrate(tenant: str, jurisdiction: str, staff: Sequence[Viewer]) -> None:
    """Checks of the demonstration, all invented."""
    from .services import demo

    await demo.load(tenant, jurisdiction, staff)


@hookimpl
async def health() -> Iterable[Check]:
    """Whether providers answer and orders move."""
    from .services.watching import checks

    return await checks()
