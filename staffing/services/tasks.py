"""A volunteer's own list: what they can do today, what waits on them, what waits on others, what is done. Their own data only."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from staffing.core.errors import NotFound
from staffing.core.facts import AskedOf, FactSpec
from staffing.core.findings import Actor as Who
from staffing.core.findings import Decision, Effect, Finding, State
from staffing.hookspecs import Link
from staffing.services import plugins, readiness, standing
from staffing.services.actors import Actor
from staffing.services.standing import Requirement
from staffing.store.engine import tenant_transaction
from staffing.store.tables import Credential, Determination, Document, Evidence, Person, Placement

#: The order in which a list shows its groups: what waits on the person first.
GROUPS = ("yours", "waiting", "done")


class Paper(msgspec.Struct, frozen=True):
    """The newest paper sent in for a kind; ``message`` is what the reviewer told the person who has to send another."""

    id: UUID
    kind: str
    state: str
    file_name: str
    received_at: datetime
    message: str = ""


class Work(msgspec.Struct, frozen=True):
    """A placement or a wish, and whether it may begin or go on today. ``lacking``: the titles of what is in the way."""

    id: UUID
    title: str
    site: str
    state: str
    outcome: Effect
    lacking: tuple[str, ...]
    valid_through: date | None


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """One requirement as the person meets it.

    ``group`` is one of ``GROUPS``; ``look`` one of now, todo, later, back, wait, done, soon. ``question`` names the fact to
    answer, if an answer is what is missing; ``work`` the titles of the work it is for; ``why`` the rule's purpose; ``placement``
    the work where the rule stands worst; ``actions`` what the rule's plugin offers the person to do about it.
    """

    rule: str
    title: str
    group: str
    look: str
    requirement: Requirement
    why: str
    work: tuple[str, ...]
    placement: UUID
    question: str | None = None
    paper: Paper | None = None
    unknown: bool = False
    actions: tuple[Link, ...] = ()

    @property
    def takes_paper(self) -> bool:
        """Whether a paper of the person's own can settle it and none is waiting."""
        return self.group == "yours" and self.question is None and bool(self.requirement.accepts)


class MyList(msgspec.Struct, frozen=True, kw_only=True):
    """Everything ``/me`` shows. ``done`` and ``total`` count tasks."""

    called: str
    language: str
    work: list[Work]
    tasks: list[Task]
    done: int
    total: int
    badge: bool

    def of(self, group: str) -> list[Task]:
        """The tasks of one group."""
        return [task for task in self.tasks if task.group == group]

    @property
    def next(self) -> Task | None:
        """What to do next: the first that waits on the person, a paper that came back before all."""
        return next(iter(self.of("yours")), None)


async def mine(actor: Actor) -> MyList:
    """The list of the person signed in. Raises ``NotFound`` for an account without a person."""
    async with tenant_transaction(actor.tenant):
        person = await _person(actor)
        place = await readiness.here()
        placements = await _placements(person["id"])
        papers = await _papers(person["id"])
        badge = await Credential.exists().where((Credential.person == person["id"]) & (Credential.state == "issued"))
        evidence = await _evidence(person["id"])
    decided = _decided(place, person, evidence, placements)
    tasks = _tasks(decided, papers, place.book.specs, lambda finding, placement: _offered(finding, placement, actor, place))
    return MyList(
        called=person["called"] or person["given_name"],
        language=person["language"],
        work=[_work(row, decision) for row, decision in decided],
        tasks=tasks,
        done=sum(task.group == "done" for task in tasks),
        total=len(tasks),
        badge=badge,
    )


async def task(actor: Actor, rule: str) -> Task:
    """One task of the person signed in, also one that needs nothing. Raises ``NotFound`` if no work of theirs has the rule."""
    for found in (await mine(actor)).tasks:
        if found.rule == rule:
            return found
    raise NotFound("This is not on your list. It may have been settled, or the work it was for has changed.")


async def question(actor: Actor, fact: str) -> tuple[FactSpec, Any, list[Task]]:
    """A fact the person may tell, what they said before (None: nothing), and the tasks that wait for it.

    Raises ``NotFound`` for a fact that is not asked of people.
    """
    async with tenant_transaction(actor.tenant):
        person = await _person(actor)
        place = await readiness.here()
    spec = place.book.specs.get(fact)
    if spec is None or spec.asked_of is not AskedOf.PERSON or spec.bases:
        raise NotFound("This is not asked. Go back to your list.")
    before = person["born_on"] if spec.name == "person.born_on" else (person["facts"] or {}).get(spec.key)
    waiting = [found for found in (await mine(actor)).tasks if found.question == fact]
    return spec, before, waiting


async def language_of(actor: Actor) -> str | None:
    """The language that the person wants to be written to in, if the account belongs to one."""
    if actor.person is None:
        return None
    async with tenant_transaction(actor.tenant):
        row = await Person.select(Person.language).where(Person.id == actor.person).first()
    return str(row["language"]) if row else None


async def _person(actor: Actor) -> dict[str, Any]:
    if actor.person is not None:
        row = await Person.select().where(Person.id == actor.person).output(load_json=True).first()
        if row is not None:
            found: dict[str, Any] = row
            return found
    raise NotFound("You are signed in to an account that is no volunteer's, so it has no list.")


async def _placements(person: UUID) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = (
        await Placement.select(
            Placement.id,
            Placement.state,
            Placement.terms,
            Placement.starts_on,
            Placement.position.title.as_alias("title"),
            Placement.site.name.as_alias("site"),
            Placement.site.id.as_alias("site_id"),
        )
        .where((Placement.person == person) & Placement.state.is_in(["wished", "placed"]))
        .order_by(Placement.created_at)
        .output(load_json=True)
    )
    return sorted(rows, key=lambda row: row["state"] != "placed")


async def _evidence(person: UUID) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = (
        await Evidence.select()
        .where((Evidence.person == person) & (Evidence.withdrawn.eq(False)))
        .order_by(Evidence.recorded_at)
        .output(load_json=True)
    )
    return rows


def _decided(
    place: readiness.Here, person: dict[str, Any], evidence: list[dict[str, Any]], placements: list[dict[str, Any]]
) -> list[tuple[dict[str, Any], Decision]]:
    """Each placement with its decision; equal work is decided once."""
    known: dict[bytes, Decision] = {}
    found = []
    for row in placements:
        key = msgspec.json.encode([row["terms"], row["starts_on"], row["site_id"]], order="sorted")
        if key not in known:
            case = readiness.assemble(place.jurisdiction, person, evidence, row["terms"], row["starts_on"])
            known[key] = readiness.decide_here(case, place.at(row["site_id"]))
        found.append((row, known[key]))
    return found


async def _papers(person: UUID) -> dict[str, Paper]:
    """The newest paper by kind, with the reviewer's words for one that was sent back."""
    rows = (
        await Document.select(Document.id, Document.kind, Document.state, Document.file_name, Document.received_at)
        .where((Document.person == person) & (Document.state != "withdrawn"))
        .order_by(Document.received_at)
    )
    said = (
        await Determination.select(Determination.document, Determination.message)
        .where((Determination.person == person) & (Determination.outcome != "accepted"))
        .order_by(Determination.decided_at)
    )
    words = {row["document"]: row["message"] for row in said}
    return {row["kind"]: Paper(**row, message=words.get(row["id"], "")) for row in rows}


def _work(row: dict[str, Any], decision: Decision) -> Work:
    lacking = tuple(finding.title for finding in decision.standing if not finding.effect.clears)
    return Work(row["id"], row["title"], row["site"], row["state"], decision.outcome, lacking, decision.valid_through)


def _offered(finding: Finding, placement: UUID, actor: Actor, place: readiness.Here) -> tuple[Link, ...]:
    """What the rule's plugin offers the person to do about a finding."""
    if actor.person is None:
        return ()
    return tuple(plugins.actions([finding], actor.person, actor, place.plugins, placement=placement).get(finding.rule, ()))


def _tasks(
    decided: Iterable[tuple[dict[str, Any], Decision]],
    papers: dict[str, Paper],
    specs: dict[str, FactSpec],
    offered: Callable[[Finding, UUID], tuple[Link, ...]],
) -> list[Task]:
    worst: dict[str, Finding] = {}
    work: dict[str, list[str]] = {}
    where: dict[str, UUID] = {}
    for row, decision in decided:
        for finding in decision.findings:
            if finding.state in (State.NOT_REQUIRED, State.NEEDS_REVIEW) or _seen_on_the_day(finding):
                continue
            before = worst.get(finding.rule)
            if before is None or finding.effect.severity > before.effect.severity:
                worst[finding.rule] = finding
                where[finding.rule] = row["id"]
            if row["title"] not in (titles := work.setdefault(finding.rule, [])):
                titles.append(row["title"])
    tasks = [
        msgspec.structs.replace(
            _task(finding, tuple(work[finding.rule]), where[finding.rule], papers, specs),
            actions=offered(finding, where[finding.rule]),
        )
        for finding in worst.values()
    ]
    order = {"back": 0, "todo": 1, "soon": 2, "later": 3, "wait": 4, "done": 5}
    tasks.sort(key=lambda found: order[found.look])
    if tasks and tasks[0].look == "todo":
        tasks[0] = msgspec.structs.replace(tasks[0], look="now")
    return tasks


def _task(finding: Finding, work: tuple[str, ...], placement: UUID, papers: dict[str, Paper], specs: dict[str, FactSpec]) -> Task:
    paper = next((papers[kind] for kind in finding.accepts if kind in papers), None)
    waiting = {kind: paper for kind in finding.accepts if paper is not None and paper.state == "waiting"}
    (requirement,) = standing.requirements(msgspec.structs.replace(_ALONE, findings=(finding,)), waiting)
    question = _question(finding, specs)
    group, look = _place(finding, paper, asked=question is not None)
    return Task(
        rule=finding.rule,
        title=finding.title,
        group=group,
        look=look,
        requirement=requirement,
        why=finding.purpose,
        work=work,
        placement=placement,
        question=question,
        paper=paper,
        unknown=finding.state is State.UNKNOWN,
    )


def _seen_on_the_day(finding: Finding) -> bool:
    """Whether it is no task: something that only the day itself shows, such as how many children are there."""
    return finding.state is State.UNKNOWN and finding.effect is Effect.ADVISE


def _place(finding: Finding, paper: Paper | None, *, asked: bool) -> tuple[str, str]:
    """Group and look of a task: settled, in somebody's hands, or the person's to do (at leisure where it stops nothing)."""
    if finding.state in (State.MET, State.EXEMPT, State.WAIVED):
        return "done", "done"
    if paper is not None and paper.state == "waiting":
        return "waiting", "wait"
    if finding.state is State.EXPIRING:
        theirs = finding.remedy is None or finding.remedy.who is Who.PERSON
        return ("yours", "soon") if theirs else ("waiting", "wait")
    if finding.state is State.PENDING or not (asked or (finding.remedy and finding.remedy.who is Who.PERSON)):
        return "waiting", "wait"
    if paper is not None and paper.state == "sent_back":
        return "yours", "back"
    return "yours", "later" if finding.effect.clears else "todo"


def _question(finding: Finding, specs: dict[str, FactSpec]) -> str | None:
    """The fact that the person must tell before this rule can be decided."""
    if finding.state is not State.UNKNOWN:
        return None
    for fact in finding.facts:
        spec = specs.get(fact.name)
        if fact.value is None and spec is not None and spec.asked_of is AskedOf.PERSON and not spec.bases:
            return fact.name
    return None


_ALONE = Decision(on=date.min, outcome=Effect.ALLOW, findings=())
