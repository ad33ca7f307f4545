"""What an Ed-Fi export would change here: every wanted row beside the one that is stored, and the difference."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID, uuid4

import msgspec
from piccolo.table import Table

from staffing import clock
from staffing.core.names import search_name
from staffing.services.exchange import edfi_facts
from staffing.services.exchange.edfi import NEVER_KEPT
from staffing.services.exchange.edfi_rows import District, Export, Post, School, StaffMember
from staffing.services.exchange.report import Report
from staffing.store.tables import Evidence, Organisation, Person, Placement, Position, Site

#: The word the report uses for a row of each table.
WORDS: dict[type[Table], str] = {
    Organisation: "organisation",
    Site: "site",
    Position: "position",
    Person: "person",
    Evidence: "evidence",
    Placement: "placement",
}

#: JSON columns of which the export owns only the keys it sets.
_SHARED = {"facts", "terms"}


class Change(msgspec.Struct, kw_only=True):
    """One row as it is to be.

    ``fresh`` says that there is no such row yet; ``changed`` names the columns that differ, and ``values`` then holds those
    only. ``version`` is the one read, where the table counts them; ``owner`` the person the row is about.
    """

    table: type[Table]
    id: UUID
    values: dict[str, Any]
    fresh: bool
    changed: tuple[str, ...] = ()
    version: int | None = None
    owner: UUID | None = None

    @property
    def needed(self) -> bool:
        """Whether anything has to be written."""
        return self.fresh or bool(self.changed)


class Stored(msgspec.Struct, kw_only=True):
    """The rows that are here already: by table, by their outside key (for a position, site and title)."""

    rows: dict[type[Table], dict[Any, Mapping[str, Any]]] = {}
    district: Mapping[str, Any] | None = None

    def of(self, table: type[Table]) -> dict[Any, Mapping[str, Any]]:
        """The rows of a table by key."""
        return self.rows.get(table, {})


async def stored() -> Stored:
    """Read what an import compares with. Inside a tenant_transaction."""
    found = Stored()
    for table in (Organisation, Site, Person, Evidence, Placement):
        rows = await table.select().where(table.external_id.like("ed-fi:%")).output(load_json=True)
        found.rows[table] = {row["external_id"]: row for row in rows}
    positions = await Position.select().order_by(Position.title).output(load_json=True)
    found.rows[Position] = {(row["site"], row["title"]): row for row in positions}
    districts = await Organisation.select().where(Organisation.kind == "district")
    found.district = districts[0] if len(districts) == 1 else None
    return found


class _Plan:
    """Collects changes and writes the report line of each."""

    def __init__(self, here: Stored, report: Report) -> None:
        self.here, self.report = here, report
        self.changes: list[Change] = []
        self.seen: dict[type[Table], set[Any]] = {}

    def want(self, table: type[Table], key: Any, where: str, label: str, *, values: dict[str, Any], why: str = "") -> UUID:
        """Want a row with these values; gives the id it has or will have."""
        before = self.here.of(table).get(key)
        self.seen.setdefault(table, set()).add(key)
        if before is None:
            change = Change(table=table, id=uuid4(), values=values, fresh=True, owner=values.get("person"))
        else:
            for column in _SHARED & values.keys():
                values[column] = {**before[column], **values[column]}
            differs = tuple(column for column, value in values.items() if before[column] != value)
            change = Change(
                table=table,
                id=before["id"],
                values={c: values[c] for c in differs},
                fresh=False,
                changed=differs,
                version=before.get("version"),
                owner=values.get("person"),
            )
        self.changes.append(change)
        reasons = [why] if why else []
        if change.changed:
            reasons.insert(0, f"changed: {', '.join(change.changed)}")
        action = "create" if change.fresh else "update" if change.changed else "unchanged"
        self.report.add(where, f"{WORDS[table]} {label}", action, "; ".join(reasons))  # type: ignore[arg-type]
        return change.id

    def left_behind(self, table: type[Table], what: str) -> None:
        """Say which imported rows the export no longer holds. They stay as they are."""
        for key in sorted(self.here.of(table).keys() - self.seen.get(table, set())):
            self.report.add("stored", f"{WORDS[table]} {key}", "skip", f"no longer in the export; nothing is changed, {what}")


def plan(export: Export, here: Stored, report: Report) -> list[Change]:
    """The changes an export makes, in the order they can be written, and a report line for each.

    The export must be free of problems. Pure: reads no database and writes none.
    """
    work = _Plan(here, report)
    district = export.districts[0]
    own = _district(work, district)
    sites = _sites(work, export, district, own)
    for provider in export.providers:
        values = {"name": provider.name, "kind": "community_based", "external_id": f"ed-fi:{provider.key}"}
        work.want(Organisation, values["external_id"], provider.where, provider.name, values=values)
    employed = {e.staff for e in export.employments if edfi_facts.is_employee(e)}
    people = {member.key: _person(work, member, employed=member.key in employed) for member in export.staff}
    _evidence(work, export, people)
    _placements(work, export, people, sites, own)
    work.left_behind(Person, "set the person to 'left' by hand if that is so")
    work.left_behind(Placement, "end the placement by hand if that is so")
    for name, count in export.not_kept.items():
        report.not_kept[name] = count
    for name, count in export.not_used.items():
        report.not_used[name] = count
    return work.changes


def not_kept_words(report: Report) -> list[str]:
    """What was left out on purpose, as people call it, with counts: ``race (68)``."""
    words: Counter[str] = Counter()
    for name, count in report.not_kept.items():
        words[NEVER_KEPT[name]] += count
    return [f"{word} ({count})" for word, count in sorted(words.items())]


def _district(work: _Plan, district: District) -> UUID:
    key = f"ed-fi:{district.key}"
    own = work.here.district
    if own and key not in work.here.of(Organisation) and not own["external_id"]:
        work.here.rows.setdefault(Organisation, {})[key] = own  # the district was set up here before the first import
    values = {"name": district.name, "kind": "district", "external_id": key}
    return work.want(Organisation, key, district.where, district.name, values=values)


def _sites(work: _Plan, export: Export, district: District, own: UUID) -> dict[str, UUID]:
    sites = {}
    for school in export.schools:
        values = {
            "organisation": own,
            "name": school.name,
            "kind": "school",
            "setting": "campus",
            "address": school.address,
            "external_id": f"ed-fi:{school.key}",
        }
        sites[school.key] = work.want(Site, values["external_id"], school.where, school.name, values=values)
    if any(post.organisation == district.key for post in export.posts):
        values = {
            "organisation": own,
            "name": f"{district.name} office",
            "kind": "office",
            "setting": "off_campus",
            "address": district.address,
            "external_id": f"ed-fi:{district.key}",
        }
        why = "some assignments are to the district itself"
        sites[district.key] = work.want(Site, values["external_id"], district.where, str(values["name"]), values=values, why=why)
    return sites


def _person(work: _Plan, member: StaffMember, *, employed: bool) -> UUID:
    preferred = member.preferred_first or member.first_name
    full = " ".join(p for p in (member.first_name, member.middle_name, member.last_name) if p)
    called = f"{preferred} {member.preferred_last}".strip() if member.preferred_last else member.preferred_first
    values = {
        "given_name": member.first_name,
        "family_name": member.last_name,
        "latin_name": full,
        "called": called,
        "search_name": search_name(full, called),
        "born_on": member.born_on,
        "email": member.email.lower(),
        "facts": {"relationship": "employee"} if employed else {},
        "external_id": f"ed-fi:{member.key}",
    }
    return work.want(Person, values["external_id"], member.where, full, values=values)


def _evidence(work: _Plan, export: Export, people: dict[str, UUID]) -> None:
    holders = {(number, state): member for member in export.staff for _, number, state in member.credentials}
    for credential in export.credentials:
        kind = edfi_facts.evidence_kind(credential)
        member = holders.get((credential.number, credential.state))
        if member is None:
            work.report.add(
                credential.where, f"evidence {kind}", "skip", "no member of staff in the export holds this credential"
            )
            continue
        dates_contradict = bool(credential.issued_on and credential.expires_on and credential.expires_on < credential.issued_on)
        detail: dict[str, Any] = {
            "type": credential.type,
            "level": credential.level,
            "field": credential.field,
            "grades": ", ".join(credential.grades),
            "state": credential.state,
            "dates_contradict": dates_contradict,
        }
        values = {
            "person": people[member.key],
            "kind": kind,
            "state": "complete",
            "issued_on": credential.issued_on,
            "expires_on": credential.expires_on,
            "jurisdiction": f"us-{credential.state.lower()}" if credential.state else None,
            "detail": {name: value for name, value in detail.items() if value},
            "external_id": f"ed-fi:credential:{credential.state}:{credential.number}",
        }
        why = ""
        if dates_contradict:
            issued = credential.issued_on
            why = f"the export says it was issued on {issued}, after it expired; kept as written, it counts as expired"
        elif kind == "ed-fi:credential":
            why = "the export does not say what it entitles to, so no rule accepts it"
        label = f"{kind} of {member.first_name} {member.last_name}"
        work.want(Evidence, values["external_id"], credential.where, label, values=values, why=why)


def _placements(work: _Plan, export: Export, people: dict[str, UUID], sites: dict[str, UUID], own: UUID) -> None:
    schools = {school.key: school for school in export.schools}
    employments = {e.staff: e for e in export.employments}
    names = {member.key: f"{member.first_name} {member.last_name}" for member in export.staff}
    posts = [post for post in export.posts if _has_site(work, post, sites)]
    positions = _positions(work, posts, employments=employments, schools=schools, sites=sites, own=own)
    today = clock.today()
    for post in posts:
        employment = employments.get(post.staff)
        ends_on = post.ends_on or (employment.ended_on if employment else None)
        if ends_on and post.begins_on and ends_on < post.begins_on:
            ends_on = None  # a new assignment after an employment that ended
        values: dict[str, Any] = {
            "person": people[post.staff],
            "position": positions[post.organisation, post.title],
            "site": sites[post.organisation],
            "terms": edfi_facts.placement_terms(post, employment, schools.get(post.organisation)),
            "starts_on": post.begins_on,
            "ends_on": ends_on,
            "external_id": f"ed-fi:{post.staff}:{post.organisation}:{post.classification}:{post.title}:{post.begins_on or ''}",
        }
        if ends_on and ends_on < today:
            values["state"] = "ended"
        elif values["external_id"] not in work.here.of(Placement):
            values |= {"state": "placed", "placed_by": "Ed-Fi import"}
        why = "" if employment else "the export has no employment for this person: who employs them is unknown"
        work.want(Placement, values["external_id"], post.where, f"{post.title} of {names[post.staff]}", values=values, why=why)
    employed = {post.staff for post in posts}
    for employment in export.employments:
        if employment.staff not in employed:
            work.report.add(
                employment.where,
                f"employment of {names[employment.staff]}",
                "skip",
                "there is no assignment, so no work to decide about",
            )


def _has_site(work: _Plan, post: Post, sites: dict[str, UUID]) -> bool:
    if post.organisation in sites:
        return True
    work.report.add(post.where, f"placement {post.title}", "skip", "it is at an organisation without a site here")
    return False


def _positions(
    work: _Plan,
    posts: Iterable[Post],
    *,
    employments: Mapping[str, Any],
    schools: Mapping[str, School],
    sites: dict[str, UUID],
    own: UUID,
) -> dict[tuple[str, str], UUID]:
    """One position for each title at each place: as many places as assignments, and not open to the public."""
    groups: dict[tuple[str, str], list[Post]] = {}
    for post in posts:
        groups.setdefault((post.organisation, post.title), []).append(post)
    positions = {}
    for (place, title), group in groups.items():
        first = group[0]
        values = {
            "site": sites[place],
            "organisation": own,
            "title": title,
            "terms": edfi_facts.placement_terms(first, employments.get(first.staff), schools.get(place)),
            "places": len(group),
            "open": False,
        }
        positions[place, title] = work.want(Position, (sites[place], title), first.where, title, values=values)
    return positions
