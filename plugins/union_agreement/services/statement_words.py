"""A statement in sentences and as a sheet of paper. It says what was compared and how many; it names nobody but who signed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from staffing.api import District, Sheet, SheetPart, SheetTable, Signature

from .assurance import Compared

HEAD = (
    "Classification",
    "Laid off or abolished",
    "Hours, wages or benefits cut",
    "Vacant, recall or leave",
    "Dispute",
    "Other",
    "Placements in this work",
    "In conflict",
    "Not known",
)
_DIGEST_OF = (
    "The SHA-256 of this statement’s content, without the signatures. Both sides can download the content as a data file and work"
    " it out again; the page of the statement shows the same letters."
)
_BY_CLASS = (
    "Positions to which something happened, beside the placements that do such work. A classification to which nothing"
    " happened is listed with 0. Partial cuts count. A placement in the work of two is counted in both lines and once in all."
)
_JUDGED = (
    "Each placement of a volunteer, tutor or partner in these days was judged on its first and last day, and on each day on which"
    " something happened to a position of the same work, by these clauses:"
)
GROUPS = ("full", "partial", "open", "dispute", "other")


def content(found: Compared, since: date, until: date) -> dict[str, Any]:
    """What a statement says of a comparison, as plain values: counts, clauses and digests, and nobody's name."""
    tally = found.tally
    return {
        "from": since.isoformat(),
        "to": until.isoformat(),
        "compared": {
            "placements": tally.placements,
            "classifications": len(tally.lines),
            "actions": sum(line.events for line in tally.lines),
            "positions": tally.positions,
        },
        "conflicts": tally.conflicts,
        "not_known": tally.unknown,
        "lines": [
            {
                "classification": line.name,
                "unit": line.unit,
                **{f"positions_{group}": count for group, count in line.actions.items()},
                "placements": line.placements,
                "conflicts": line.conflicts,
                "not_known": line.unknown,
                "not_known_because": list(line.lacking),
                "clauses": [{"clause": one.clause, "placements": one.placements, "says": one.says} for one in line.clauses],
            }
            for line in sorted(tally.lines, key=lambda line: line.name.casefold())
        ],
        "asked": [{"clause": ident, "title": title} for ident, title in found.asked],
        "agreements": found.agreements,
        "register": [
            {"sha256": row["digest"], "complete_through": row["complete_through"].isoformat(), "rows": row["rows"]}
            for row in found.register.files
        ],
    }


def many(n: int, one: str, several: str = "") -> str:
    """A number with its word: 1 placement, 3 placements."""
    return f"{n:,} {one if n == 1 else several or f'{one}s'}"


def lead(body: Mapping[str, Any]) -> str:
    """What a statement comes to, in a sentence or two."""
    content_, told = body["content"], body["content"]["compared"]
    what = (
        f"{many(told['placements'], 'placement was', 'placements were')} compared with "
        f"{many(told['actions'], 'position action')} in "
        f"{many(told['classifications'], 'classification')}"
    )
    if not content_["asked"]:
        return f"{what}. No clause of an agreement or of the law about displacement counts here, so only the counts are stated."
    if not content_["conflicts"] and not content_["not_known"]:
        return f"Nobody was displaced: {what}, and no clause of an agreement or of the law is in the way of any of them."
    parts = []
    if content_["conflicts"]:
        parts.append(f"{many(content_['conflicts'], 'placement is', 'placements are')} in conflict with a clause")
    if content_["not_known"]:
        parts.append(f"for {many(content_['not_known'], 'placement')} it is not known")
    return f"{what}: {' and '.join(parts)}. Each is counted below under its classification."


def title(body: Mapping[str, Any]) -> str:
    """The heading."""
    return (
        "Nobody is displaced"
        if not body["content"]["conflicts"] and not body["content"]["not_known"]
        else "Displacement statement"
    )


def rows(body: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """The lines of the table, and their sum at the end."""
    found = []
    content_ = body["content"]
    for line in content_["lines"]:
        numbers = [line[f"positions_{group}"] for group in GROUPS]
        found.append((line["classification"], *map(str, [*numbers, line["placements"], line["conflicts"], line["not_known"]])))
    sums = [sum(line[f"positions_{group}"] for line in content_["lines"]) for group in GROUPS]
    ends = [content_["compared"]["placements"], content_["conflicts"], content_["not_known"]]
    return [*found, ("All", *map(str, [*sums, *ends]))]


def sheet(row: Mapping[str, Any], here: District) -> Sheet:
    """The statement as it is printed."""
    body = row["body"]
    content_ = body["content"]
    since, until = date.fromisoformat(content_["from"]), date.fromisoformat(content_["to"])
    said = [
        f"{one['clause']}: {many(one['placements'], 'placement')} in {line['classification']}. {one['says']}"
        for line in content_["lines"]
        for one in line["clauses"]
    ]
    said += [f"Not known in {line['classification']}: {says}" for line in content_["lines"] for says in line["not_known_because"]]
    files = [
        f"Register of positions, complete through {_long(date.fromisoformat(one['complete_through']))}, "
        f"{many(one['rows'], 'row')}. SHA-256 {one['sha256']}"
        for one in content_["register"]
    ]
    agreements = [f"{one['code']}, version {one['version']}. SHA-256 {one['digest']}" for one in content_["agreements"]]
    asked = [f"{one['clause']}: {one['title']}" for one in content_["asked"]]
    table = rows(body)
    return Sheet(
        district=body["district"],
        number=f"Statement {row['quarter']}, version {row['version']}",
        title=title(body),
        lead=lead(body),
        made_on=date.fromisoformat(body["made_on"]),
        digest=row["digest"],
        digest_of=_DIGEST_OF,
        facts=(
            ("Days", f"{_long(since)} through {_long(until)}"),
            ("Made on", _long(date.fromisoformat(body["made_on"]))),
            ("Placements compared", f"{content_['compared']['placements']:,}"),
            (
                "Position actions compared",
                f"{content_['compared']['actions']:,}, about {many(content_['compared']['positions'], 'position')}",
            ),
        ),
        parts=(
            SheetPart(
                heading="By classification",
                paragraphs=(_BY_CLASS,),
                table=SheetTable(
                    caption="Positions by what happened, placements, and how many are in conflict with a clause",
                    head=HEAD,
                    rows=tuple(table),
                    numbers=1,
                    strong=(len(table) - 1,),
                ),
            ),
            SheetPart(
                heading="Which clause says so",
                paragraphs=() if said else ("No clause is in the way of a placement.",),
                lines=tuple(said),
            ),
            SheetPart(
                heading="What was compared",
                paragraphs=(_JUDGED,) if asked else ("No clause about displacement counts here.",),
                lines=(*asked, *agreements, *files),
            ),
        ),
        signatures=(
            Signature(side="For the district", **_signed(row, "district")),
            Signature(side="For the union", **_signed(row, "union")),
        ),
        invented=here.invented,
    )


def _signed(row: Mapping[str, Any], side: str) -> dict[str, Any]:
    who, _, office = str(row[f"{side}_by"]).rpartition(", ")
    return {"who": who, "office": office.capitalize(), "on": row[f"{side}_at"].date()} if who else {}


def _long(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"
