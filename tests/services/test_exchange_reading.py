"""Reading an Ed-Fi export: what is found, and the sentence for everything that can be wrong with one."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from staffing.core.errors import Invalid
from staffing.services.exchange import edfi, edfi_facts

FIXTURES = Path(__file__).parents[1] / "fixtures" / "ed-fi"
SAMPLE = FIXTURES / "sample"
STAFF = "StaffAssociation.xml"
ORGANISATIONS = "EducationOrganization.xml"


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A copy of the small export, to spoil."""
    return Path(shutil.copytree(FIXTURES / "small", tmp_path / "export"))


def spoil(folder: Path, file_name: str, old: str, new: str) -> None:
    path = folder / file_name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_sample_district_is_read_whole() -> None:
    export = edfi.read(SAMPLE)
    assert export.problems == []
    assert [d.name for d in export.districts] == ["Grand Bend ISD"]
    assert len(export.schools) == 3
    assert len(export.staff) == 68
    assert len(export.credentials) == 56
    assert len(export.employments) == 68
    assert len(export.posts) == 69


def test_the_shared_sample_is_the_one_kept_here() -> None:
    shared = Path(__file__).parents[3] / "shared" / "data" / "ed-fi"
    for path in SAMPLE.glob("*.xml"):
        there = shared / path.name
        if there.exists():  # a clone alone has no neighbour folder
            assert there.read_bytes() == path.read_bytes()
        assert path.stat().st_size > 10_000


def test_each_row_knows_the_line_it_stands_on() -> None:
    export = edfi.read(SAMPLE)
    file_name, _, line = export.staff[1].where.partition(":")
    lines = (SAMPLE / file_name).read_text(encoding="utf-8").splitlines()
    assert lines[int(line) - 1].strip() == "<Staff>"
    assert export.staff[1].key in lines[int(line)]


def test_what_must_not_be_kept_is_counted_and_not_read() -> None:
    export = edfi.read(SAMPLE)
    assert export.not_kept["Race"] == 68
    assert export.not_kept["PersonalIdentificationDocument"] == 12
    assert export.not_kept["StaffIdentificationCode"] == 68
    assert export.not_kept["AnnualWage"] == 68
    assert export.not_kept["StaffLeave"] == 37


@pytest.mark.parametrize(
    "mistake",
    [
        (STAFF, "1980-02-03", "03/02/1980", 21, "BirthDate is '03/02/1980', which is no date. Write it as YYYY-MM-DD"),
        (STAFF, "2027-06-01", "2027-02-30", 102, "ExpirationDate is '2027-02-30', which is no date"),
        (
            STAFF,
            "<StaffUniqueId>2</StaffUniqueId>",
            "<StaffUniqueId>1</StaffUniqueId>",
            29,
            "StaffUniqueId 1 stands here for the second",
        ),
        (STAFF, "<StaffUniqueId>1</StaffUniqueId>", "<StaffUniqueId/>", 3, "<Staff> has no StaffUniqueId"),
        (STAFF, "<FirstName>Walt</FirstName>", "", 29, "<Staff> has no Name/FirstName"),
        (STAFF, "<StaffUniqueId>1<", "<StaffUniqueId>987-65-4320<", 3, "looks like a social security number"),
        (STAFF, "<StaffUniqueId>2<", "<StaffUniqueId>9<", 53, "StaffUniqueId 2 is not among the staff of this export"),
        (STAFF, ">77001<", ">77009<", 36, "EducationOrganizationId 77009 is not in EducationOrganization.xml"),
        (STAFF, ">C1<", ">C9<", 23, "credential C9 of PA is not in this export"),
        (
            STAFF,
            "<BeginDate>2026-09-01</BeginDate>",
            "<BeginDate>2026-09-01</BeginDate><EndDate>2026-08-01</EndDate>",
            84,
            "before it begins",
        ),
        (ORGANISATIONS, "LocalEducationAgency>", "StateEducationAgency>", 1, ""),
        (ORGANISATIONS, "<SchoolId>77001</SchoolId>", "", 18, "<School> has no SchoolId"),
    ],
)
def test_a_mistake_in_a_row_is_told_with_its_line(small: Path, mistake: tuple[str, str, str, int, str]) -> None:
    file_name, old, new, line, says = mistake
    path = small / file_name
    if not says:  # both tags
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
        says = "the export holds no district"
    else:
        spoil(small, file_name, old, new)
    problems = edfi.read(small).problems
    assert any(where == f"{file_name}:{line}" and says in sentence for where, sentence in problems), problems


def test_every_mistake_is_listed_and_not_the_first_only(small: Path) -> None:
    spoil(small, STAFF, "1980-02-03", "never")
    spoil(small, STAFF, "2018-02-09", "soon")
    spoil(small, ORGANISATIONS, "<SchoolId>77001</SchoolId>", "")
    assert len(edfi.read(small).problems) >= 3


def test_two_districts_in_one_export_are_refused(small: Path) -> None:
    text = (small / ORGANISATIONS).read_text(encoding="utf-8")
    start, end = text.index("  <LocalEducationAgency>"), text.index("  <School>")
    (small / ORGANISATIONS).write_text(text[:end] + text[start:end] + text[end:], encoding="utf-8")
    assert any("Export one district at a time" in sentence for _, sentence in edfi.read(small).problems)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("</Staff>", "", r"StaffAssociation\.xml:\d+: this is not well-formed XML \(mismatched tag\)"),
        (
            "http://ed-fi.org/5.2.0",
            "http://ed-fi.org/3.3.0",
            r"StaffAssociation\.xml:2: the file has the namespace 'http://ed-fi.org/3.3.0'",
        ),
        (' xmlns="http://ed-fi.org/5.2.0"', "", r"StaffAssociation\.xml:2: the file has no namespace"),
        ("InterchangeStaffAssociation", "InterchangeStudent", r"the file starts with <InterchangeStudent>"),
        (
            '<?xml version="1.0" encoding="UTF-8"?>',
            '<!DOCTYPE x [<!ENTITY e "x">]>',
            r"entities of its own, which no Ed-Fi export does",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_a_sentence(small: Path, old: str, new: str, says: str) -> None:
    path = small / STAFF
    count = -1 if old.startswith("Interchange") else 1
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, count), encoding="utf-8")
    with pytest.raises(Invalid, match=says):
        edfi.read(small)


def test_a_file_cut_off_on_its_way_is_refused(small: Path) -> None:
    text = (small / STAFF).read_text(encoding="utf-8")
    (small / STAFF).write_text(text[: len(text) // 2], encoding="utf-8")
    with pytest.raises(Invalid, match="cut off on its way"):
        edfi.read(small)


def test_an_empty_file_is_refused(small: Path) -> None:
    (small / STAFF).write_bytes(b"")
    with pytest.raises(Invalid, match=r"StaffAssociation\.xml is empty"):
        edfi.read(small)


def test_a_missing_file_is_named(small: Path) -> None:
    (small / STAFF).unlink()
    with pytest.raises(Invalid, match=r"There is no StaffAssociation\.xml in"):
        edfi.read(small)


def test_a_missing_calendar_is_only_noted(small: Path) -> None:
    export = edfi.read(small)
    assert export.problems == []
    assert export.notes == ["There is no EducationOrgCalendar.xml; nothing here needs it yet."]


def test_an_empty_folder_and_no_folder_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="holds no XML file"):
        edfi.read(tmp_path)
    with pytest.raises(Invalid, match="There is no folder"):
        edfi.read(tmp_path / "nowhere")


def test_employment_and_school_become_placement_facts_and_the_rest_stays_unknown() -> None:
    export = edfi.read(SAMPLE)
    school = next(s for s in export.schools if "Elementary" in s.name)
    post = next(p for p in export.posts if p.organisation == school.key)
    employment = next(e for e in export.employments if e.staff == post.staff)
    assert edfi_facts.placement_terms(post, employment, school) == {
        "engagement": "employee",
        "employer": "district",
        "setting": "campus",
        "programme": "school",
        "grade_band": "k-5",
    }
    assert edfi_facts.placement_terms(post, None, None) == {"setting": "off_campus", "programme": "school"}


def test_a_volunteer_and_an_aide_are_told_apart_from_other_staff(small: Path) -> None:
    export = edfi.read(small)
    engagements = [
        edfi_facts.placement_terms(post, next(e for e in export.employments if e.staff == post.staff), None)["engagement"]
        for post in export.posts
    ]
    assert engagements == ["paraprofessional", "volunteer"]


def test_a_credential_is_evidence_of_what_it_says_and_of_nothing_more() -> None:
    kinds = [edfi_facts.evidence_kind(c) for c in edfi.read(SAMPLE).credentials]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {"teaching_licence": 46, "aide_permit": 5, "ed-fi:credential": 5}


def test_the_short_name_of_a_district_leaves_out_what_all_districts_are_called() -> None:
    assert edfi_facts.slug("Grand Bend ISD") == "grand-bend"
    assert edfi_facts.slug("Alder Valley Unified School District") == "alder-valley"
    assert edfi_facts.slug("School District") == "school-district"


def test_a_state_has_its_time_zone() -> None:
    assert edfi_facts.time_zone("TX") == "America/Chicago"
    assert edfi_facts.time_zone("CA") == "America/Los_Angeles"
    assert edfi_facts.time_zone("") == "America/New_York"


def test_dates_of_the_sample_are_read_as_days() -> None:
    credential = next(c for c in edfi.read(SAMPLE).credentials if c.number == "224171576746")
    assert (credential.issued_on, credential.expires_on) == (date(2000, 10, 28), date(2003, 1, 6))
