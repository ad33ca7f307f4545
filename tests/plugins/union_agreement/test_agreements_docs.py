"""docs/agreements.md says what the code says: each field, each clause type with parameters, facts and example, each place."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import msgspec
import pytest

from plugins.union_agreement.rules import lifecycle
from plugins.union_agreement.rules.agreement import Kind
from plugins.union_agreement.rules.clause import EFFECTS, LAYERS, ROLES, AfterExpiry
from plugins.union_agreement.rules.clause_reader import SCOPE_KEYS
from plugins.union_agreement.rules.deciding import findings_of
from plugins.union_agreement.rules.in_force import after_expiry
from plugins.union_agreement.rules.lifecycle import WORDS, Standing, State
from plugins.union_agreement.rules.profiles import _all, profile
from plugins.union_agreement.rules.reader import AFTER, AGREEMENT_KEYS, CLAUSE_KEYS, MONEY, SIDES, agreement
from plugins.union_agreement.rules.types import TYPES
from plugins.union_agreement.services.known import _FACTS
from staffing.core.case import Case
from staffing.core.labor_words import LABOR_FACTS
from staffing.core.sources import read
from tests.plugins.reading_grade import grade

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "agreements.md").read_text(encoding="utf-8")
SECTIONS = {m[1]: m[2] for m in re.finditer(r"^### `(\w+)`\n(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL)}
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
ON = date(2026, 11, 24)


def flat(text: str) -> str:
    return " ".join(text.replace("> ", "").split())


def chapter(title: str) -> str:
    found = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, title
    return found[1]


def rows(text: str) -> list[list[str]]:
    """The cells of a table's rows, without its head."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def named(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def example(start: str) -> str:
    return next(text for text in EXAMPLES if text.startswith(start))


def of_clauses(*clauses: object) -> dict[str, object]:
    return {"id": "X", "title": "X (invented)", "effective": {"from": "2026-07-01"}, "clauses": list(clauses)}


def test_the_example_agreement_is_read_as_it_stands() -> None:
    text = example("id: T1")
    made = agreement(read(text, "agreements.md"), "agreements.md")
    assert [clause.id for clause in made.clauses] == ["T1.1", "T1.2", "T1.3"]


def test_the_case_is_decided_as_the_page_says() -> None:
    given = read(example("jurisdiction: us-pa"), "agreements.md")
    said = read(example("T1.1:"), "agreements.md")
    case = Case(
        jurisdiction=given["jurisdiction"],
        placement=given["placement"],
        context=given["context"],
        agreements=(read(example("id: T1"), "agreements.md"),),
    )
    found = findings_of(case, given["on"])
    until = min(f.holds_until for f in found if f.holds_until is not None)
    assert {**{f.ref: f.effect.value for f in found}, "holds_until": until} == dict(said)


def test_every_field_of_an_agreement_and_of_a_clause_is_explained() -> None:
    of_agreement, of_clause = chapter("An agreement").split("### A clause")
    told = {name for row in rows(of_agreement) for name in named(row[0])}
    assert told == set(AGREEMENT_KEYS)
    told = {name for row in rows(of_clause) for name in named(row[0])}
    assert told | set(SCOPE_KEYS) == set(CLAUSE_KEYS)
    words = named(re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL))
    every = [*ROLES, *SCOPE_KEYS, *LAYERS, *AFTER, *AfterExpiry, *(e.value for e in EFFECTS), *SIDES, *MONEY]
    every += [kind.value for kind in Kind if kind is not Kind.LAW]
    assert [word for word in every if word not in words] == []


def test_the_page_has_every_clause_type_and_no_other_in_the_order_of_the_code() -> None:
    assert list(SECTIONS) == list(TYPES)


@pytest.mark.parametrize("name", TYPES)
def test_a_clause_type_is_shown_with_its_meaning_its_effect_its_parameters_and_its_facts(name: str) -> None:
    kind, section = TYPES[name], SECTIONS[name]
    assert f"{kind.meaning} Usual effect: `{kind.effect.value}`." in flat(section)
    assert ("A missing fact blocks." in section) is kind.clearance
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind.params)}
    table = rows(section)
    assert [named(row[0])[0] for row in table] == list(fields)
    assert all(len(row) == 3 and row[1] and row[2] for row in table)
    _, parts = msgspec.json.schema_components([kind.params])
    for words in (word for part in parts.values() for value in part.get("properties", {}).values() for word in enum(value)):
        assert re.search(rf"\b{words}\b", section), words
    for inner in (key for title, part in parts.items() if title != kind.params.__name__ for key in part["properties"]):
        assert re.search(rf"\b{inner}\b", section), inner
    reads = re.search(r"^Reads: (.*?)\.\n", section, re.MULTILINE | re.DOTALL)
    assert reads and tuple(named(reads[1])) == kind.facts


def enum(value: dict[str, object]) -> list[str]:
    """The words a value may be, at any depth."""
    found = [str(word) for word in value.get("enum", ())]  # type: ignore[attr-defined]
    for inner in (value.get("items"), *value.get("anyOf", ())):  # type: ignore[misc]
        if isinstance(inner, dict):
            found += enum(inner)
    return found


@pytest.mark.parametrize("name", TYPES)
def test_the_example_of_a_clause_type_is_read_and_both_sides_read_what_the_page_says(name: str) -> None:
    (text,) = re.findall(r"```yaml\n(.*?)```", SECTIONS[name], re.DOTALL)
    (clause,) = read(text, "agreements.md")
    (made,) = agreement(of_clauses(clause), "agreements.md").clauses
    assert made.type == name
    assert f"Both sides read: {TYPES[name].words(made.params)}" in flat(SECTIONS[name])


def test_the_facts_that_clauses_read_are_words_of_the_product_or_of_a_placement() -> None:
    placement = {"duties", "start", "site", "role", "grade", "supervision", "supervised_by", "employer", "relationship"}
    placement |= {"days_school_year", "days_in_position", "hours", "hours_week", "hours_month", "hours_year"}
    placement |= {"school_year_starts_on", "other_employment"}
    read_by_clauses = {fact for kind in TYPES.values() for fact in kind.facts}
    assert sorted(read_by_clauses - LABOR_FACTS - placement) == []


def test_every_rule_of_the_semantics_is_said() -> None:
    assert re.findall(r"\*\*(R\d+)\*\*", PAGE) == [f"R{n}" for n in range(1, 18)]


def test_every_record_that_the_product_writes_is_explained() -> None:
    told = {name for row in rows(chapter("What is on record").split("### A case")[0]) for name in named(row[0])}
    assert set(_FACTS.values()) <= told
    assert {"position_actions", "open_vacancies", "recall_list", "leaves", "labor_disputes"} <= told
    assert {"duty_to_unit_map", "calendars", "closed_days", "service_ledger", "site_names"} <= told


def test_the_life_of_an_agreement_is_told_as_the_code_has_it() -> None:
    made = agreement(of_clauses({"id": "X.1", "type": "ratio_cap", "params": {"max_students": 3}}), "agreements.md")
    expected = []
    for state in State:
        steps = lifecycle.steps(Standing(agreement=made, state=state, side="district"), ON)
        expected.append([f"`{state}`", WORDS[state], ", ".join(f"`{one.to}`" for one in steps) or "–"])
    assert rows(chapter("The life of an agreement")) == expected
    assert f"{max(lifecycle.REMINDERS)} days before the end" in chapter("The life of an agreement")


def test_what_binds_after_the_end_is_told_for_each_place_with_where_it_is_read() -> None:
    default, places = _all()
    table = rows(chapter("When it has ended"))
    assert [named(row[0])[0] for row in table[:-1]] == list(places)
    assert table[-1][0] == "elsewhere"
    for row, place in zip(table, [*places.values(), default], strict=True):
        _, after, evergreen, years, confidence, cite = row
        assert (named(after), evergreen, years) == (
            [place.after_expiry],
            "yes" if place.evergreen else "no",
            str(place.max_term_years or "–"),
        )
        assert confidence == place.confidence
        assert cite == (f"[{place.cite}]({place.url})" if place.url else place.cite)


@pytest.mark.parametrize(
    ("place", "says", "clause", "follows"),
    [
        ("TN", "evergreen", True, "lapsed"),
        ("PA", "evergreen", True, "status_quo"),
        ("MA", "evergreen", True, "evergreen"),
        ("MA", "evergreen", False, "status_quo"),
        ("RI", "status_quo", False, "partial_survival"),
        ("NH", "status_quo", False, "per_clause"),
        ("CA", "sunsets", False, "sunsets"),
    ],
)
def test_what_an_agreement_says_of_itself_counts_as_far_as_its_place_allows(place, says, clause, follows) -> None:
    given = of_clauses({"id": "X.1", "type": "ratio_cap", "params": {"max_students": 3}})
    made = agreement({**given, "jurisdiction": place, "after_expiry": says, "evergreen_clause": clause}, "agreements.md")
    assert after_expiry(made) == follows


def test_the_clause_types_that_go_on_in_part_are_named() -> None:
    assert all(f"`{kind}`" in chapter("When it has ended") for kind in profile("us-ri").survives)


def prose() -> list[str]:
    """Paragraphs for people: no tables, code, headings or lists of names."""
    bare = re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL)
    parts = [flat(part) for part in re.split(r"\n\s*\n", bare)]
    kept = [part for part in parts if not part.startswith(("|", "#", "Reads:", "- ")) and "Usual effect:" not in part]
    return [re.sub(r"`[^`]*`", "it", part) for part in kept if len(part) > 80]


@pytest.mark.parametrize("text", prose(), ids=lambda text: text[:40])
def test_a_paragraph_is_plain_enough_for_grade_8(text: str) -> None:
    assert grade(text) <= 8.5, f"grade {grade(text):.1f}"


@pytest.mark.parametrize("name", TYPES)
def test_the_plain_words_of_a_clause_type_are_plain(name: str) -> None:
    (clause,) = read(re.findall(r"```yaml\n(.*?)```", SECTIONS[name], re.DOTALL)[0], "agreements.md")
    (made,) = agreement(of_clauses(clause), "agreements.md").clauses
    assert grade(TYPES[name].words(made.params)) <= 10
