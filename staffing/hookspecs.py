"""Every point at which a plugin can join in. The docstrings are the contract, and docs/hooks.md repeats it.

A plugin is a module whose functions carry ``@hookimpl`` from ``staffing.api``. It may leave out arguments it does not
need, never rename them. Three kinds of hook differ in what a failure does:

* a *gate* stops the work: nobody is cleared on the strength of a plugin that raised or is not running;
* an *extra* is left out, and administrators see why;
* one that *must answer* stops the operation and undoes it.

``API_VERSION`` is versioned apart from the product: the first number changes when a plugin must be changed,
the second when something is added.
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec
import pluggy

from staffing.core.findings import Finding, Text
from staffing.core.screening import ScreeningProvider

if TYPE_CHECKING:
    from litestar.types import ControllerRouterHandler

    from staffing.core.case import Case
    from staffing.core.facts import Predicate

#: What this installation offers. A plugin says what it was written for in ``STAFFING_API``.
API_VERSION = (1, 2)

#: Hooks that stop the work when a plugin fails.
GATES = frozenset({"predicates", "findings", "concerned", "known_here"})

#: Hooks that stop, and undo, the operation they are part of.
MUST_ANSWER = frozenset({"switched_on", "check_agreements", "demonstrate"})

hookspec = pluggy.HookspecMarker("staffing")
hookimpl = pluggy.HookimplMarker("staffing")


class Viewer(msgspec.Struct, frozen=True, kw_only=True):
    """Who looks at a page. ``person``, ``organisation`` and ``site`` narrow what a volunteer, partner or coordinator may see.

    ``account`` is the one signed in; ``tag`` is how the journal names them.
    """

    tenant: str
    name: str
    role: str
    account: UUID | None = None
    tag: str = ""
    person: UUID | None = None
    organisation: UUID | None = None
    site: UUID | None = None


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What a plugin knows of a district: agreements (plain data), and facts of the context by name. ``digest`` names it all."""

    digest: str
    agreements: tuple[Any, ...] = ()
    context: dict[str, Any] = {}


class Link(msgspec.Struct, frozen=True):
    """An entry of the menu. ``url`` starts with ``/p/<plugin>/``; smaller ``order`` comes first."""

    title: Text
    url: str
    order: int = 100


class Panel(msgspec.Struct, frozen=True):
    """A panel on the page of a person: a template of the plugin (``<plugin>/name.html``), which finds the data as ``data``."""

    title: Text
    template: str
    data: dict[str, Any] = {}


class Section(msgspec.Struct, frozen=True):
    """A section of the credential: a title and short lines. ``valid_through`` is its last good day, if it has one."""

    title: Text
    lines: tuple[Text, ...] = ()
    valid_through: date | None = None


class Check(msgspec.Struct, frozen=True):
    """One thing an administrator should know: whether it is well, and a sentence that says so or what to do."""

    title: Text
    ok: bool
    says: Text


# --- Deciding -----------------------------------------------------------------------------------------------------


@hookspec
def predicates() -> Mapping[str, Predicate]:  # type: ignore[empty-body]
    """Give the functions that the plugin's packs name where their conditions cannot say it in data.

    Each name starts with the plugin's own name and a dot. A predicate is pure: the same facts and day, the same answer.

    Called when packs are read. Not called if the plugin is not running.
    Gate: if you raise, the plugin is left out and every decision where it is switched on is blocked. If a predicate raises, or
    answers anything but True, False or None, the rule that asked it blocks, and the other rules are decided as ever.

    :returns: name → function.
    """


@hookspec
def findings(case: Case, on: date) -> Iterable[Finding]:  # type: ignore[empty-body]
    """Say what stands between this person and this work on this day, where a pack cannot say it.

    Answer from the arguments alone: no database, no clock, no network, so that the same case, rules and day always give
    the same decision. Name each rule ``<plugin>.<rule>``.

    Not called where the plugin is not switched on for the tenant and jurisdiction on that day.
    Gate: if you raise, the person is not cleared and the decision says which plugin could not answer.

    :param case: the person, the work, the evidence held and what is known of the site, as plain values.
    :param on: the day decided for.
    :returns: findings; an empty answer says that nothing stands in the way.
    """


@hookspec
def concerned(case: Case, on: date) -> bool | None:
    """Say whether ``findings`` could have anything to say of such a case, so that a pass over a whole district asks only then.

    The case holds the person's facts, the work and the site's context; the evidence, the day of birth and the first day of
    service are left out.
    A plugin that implements ``findings`` and not this is asked about everybody.

    Not called for a single decision: there ``findings`` is asked.
    Gate: if you raise, everybody is decided singly.

    :param case: the case without its evidence, the day of birth and its first day.
    :param on: the day decided for.
    :returns: False if nothing could be said; anything else means it may.
    """


@hookspec
def check_agreements(agreements: Sequence[Any], file: str) -> None:
    """Check the agreements a scenario file names, before anything is decided. They are ids, or mappings that know their lines.

    Not called for decisions from the database.
    Must answer: raise ``Invalid`` with file and line for what cannot be read; nothing is then decided.

    :param agreements: ids or mappings, in the order of the file.
    :param file: what errors call the file.
    """


@hookspec
def known_here(tenant: str) -> Awaitable[Known | None] | Known | None:
    """Give what the plugin knows of a district that belongs in each of its cases: agreements, and facts of the context.

    Read inside the decision's transaction, so that a decision and what it was taken on belong together. A change of the answer is
    a change of the rules: decisions taken before it are due.

    Not called where the plugin is not switched on, nor by ``staffing decide``.
    Gate: if you raise, nobody is cleared until you answer.

    :param tenant: the district.
    :returns: agreements and context facts, or None.
    """


# --- Storing ------------------------------------------------------------------------------------------------------


@hookspec
def tables() -> str | None:
    """Name the module of the plugin's Piccolo app, if it has tables.

    Give every table ``db=DB`` and ``schema="<plugin>"``; migration files are named ``<plugin>_0001_….py`` because Piccolo
    imports them by bare file name. Depend on ``staffing.store.piccolo_app`` so that the core's tables come first.

    Not called by commands that need no database. A module that does not import leaves the plugin out.

    :returns: a dotted path ending in ``.piccolo_app``, or None.
    """


@hookspec
def switched_on(tenant: str, jurisdiction: str, since: date) -> Awaitable[None] | None:
    """Add what the plugin needs to begin with: an administrator is switching it on.

    Runs in the transaction of the switch. Not called again while it stays on, nor at start-up.
    Must answer: if you raise, the plugin stays off and nothing is written.

    :param tenant: the district.
    :param jurisdiction: where it will count: ``us-ca``, ``us`` or ``*``.
    :param since: the first day on which it counts; may lie ahead.
    """


@hookspec
def demonstrate(tenant: str, jurisdiction: str, staff: Sequence[Viewer]) -> Awaitable[None] | None:
    """Add invented data of yours to a district of the demonstration. Mark it as invented wherever people see it.

    Runs in the transaction that loads the district, after its places, people and decisions. Not called for real districts.
    Must answer: if you raise, the demonstration is not loaded.

    :param tenant: the district.
    :param jurisdiction: its place: ``us-ca``.
    :param staff: the invented accounts of its staff.
    """


# --- Pages --------------------------------------------------------------------------------------------------------


@hookspec
def routes() -> Iterable[ControllerRouterHandler]:  # type: ignore[empty-body]
    """Give the plugin's Litestar handlers. They are mounted under ``/p/<plugin>/`` and named ``<plugin>.<name>``.

    Return ``litestar.response.Template("<plugin>/page.html")`` from a handler. A page answers 404 where the plugin is
    switched off, and each handler checks for itself who may see it.

    Called once, at the start of the web process. Not called by commands and workers.
    Extra: if you raise, the plugin runs without pages.

    :returns: handlers.
    """


@hookspec
def menu(viewer: Viewer) -> Iterable[Link]:  # type: ignore[empty-body]
    """Add entries to the menu of this viewer.

    Called for every page of somebody signed in, so answer from the argument alone. Not called where the plugin is switched off.
    Extra: if you raise, the menu does without.

    :param viewer: who looks.
    :returns: links.
    """


@hookspec
def person_panels(person: UUID, viewer: Viewer) -> Iterable[Panel] | Awaitable[Iterable[Panel]]:  # type: ignore[empty-body]
    """Add panels to the staff's page of a person. What this viewer may see is yours to respect.

    Runs in the page's transaction, in a savepoint of its own; read only. Not called where the plugin is switched off, nor for
    the person's own pages.
    Extra: if you raise, the page does without.

    :param person: whose page it is.
    :param viewer: who looks.
    :returns: panels.
    """


@hookspec
def own_panels(viewer: Viewer) -> Iterable[Panel] | Awaitable[Iterable[Panel]]:  # type: ignore[empty-body]
    """Add panels to a person's own list: what waits on them in your pages, and what waits on others.

    Runs in the page's transaction, in a savepoint of its own; read only. ``viewer.person`` is the person. Words are the visitor's
    (``_`` in the template, from your ``locale`` folder). Not called where the plugin is switched off.
    Extra: if you raise, the page does without.

    :param viewer: the person, signed in.
    :returns: panels, shown above the list.
    """


@hookspec
def actions(  # type: ignore[empty-body]
    finding: Finding, person: UUID, placement: UUID | None, position: UUID | None, viewer: Viewer
) -> Iterable[Link]:
    """Offer what this viewer can do about one of your findings, as links to your pages: they stand beside it.

    Called for your own findings alone, when staff look at a person or place one, and when people look at their own list
    (``viewer.role`` is then ``volunteer``); answer from the arguments. Not called where the plugin is switched off, nor for
    findings that clear.
    Extra: if you raise, the page does without.

    :param finding: one of yours that does not clear.
    :param person: whom it is about.
    :param placement: the placement, if it is one.
    :param position: the position, where somebody is only being considered for it.
    :param viewer: who looks.
    :returns: links.
    """


# --- Screening ----------------------------------------------------------------------------------------------------


@hookspec
def screening_providers() -> Iterable[ScreeningProvider]:  # type: ignore[empty-body]
    """Bring providers of background checks: one object each, of your own class of ``ScreeningProvider``.

    Whichever plugin runs checks uses them by their ``name``; a district connects an account of its own. A provider answers where
    an order is and what a source said; what follows from it is decided by a person.

    Called when providers are listed, orders are sent and events come in. Not called if the plugin is not running.
    Extra: if you raise, the others are used; orders with yours wait until you answer again.

    :returns: providers.
    """


# --- Credentials --------------------------------------------------------------------------------------------------


@hookspec
def sections(case: Case, on: date) -> Iterable[Section]:  # type: ignore[empty-body]
    """Add sections to the credential that is being issued. They are printed, so say nothing that a passer-by may not read.

    Called once, when the credential is issued; a reprint repeats what was said then. Not called where the plugin is switched off.
    Extra: if you raise, the credential is issued without.

    :param case: what the decision was taken on.
    :param on: the day of issue.
    :returns: sections, printed in the order of the plugins' names.
    """


# --- Running ------------------------------------------------------------------------------------------------------


@hookspec
def health() -> Iterable[Check] | Awaitable[Iterable[Check]]:  # type: ignore[empty-body]
    """Say what an administrator should know: a vendor that does not answer, a setting that is missing.

    Called when an administrator opens the list of plugins. Not called for ``/health``, which must answer at once.
    Extra: if you raise, the list says so.

    :returns: checks, good and bad.
    """


#: What the items of an answer are, by hook; anything else counts as a failure of the plugin that gave it.
ITEMS: Mapping[str, type] = {
    "findings": Finding,
    "routes": object,
    "menu": Link,
    "person_panels": Panel,
    "own_panels": Panel,
    "actions": Link,
    "screening_providers": ScreeningProvider,
    "sections": Section,
    "health": Check,
}

#: What the whole answer is, by hook.
WHOLE: Mapping[str, type] = {"known_here": Known, "concerned": bool}
