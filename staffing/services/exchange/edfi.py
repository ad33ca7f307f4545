"""Reads an Ed-Fi export into rows and says what is wrong with it.

Source: Ed-Fi Data Standard 5.2, interchanges EducationOrganization, StaffAssociation and EducationOrgCalendar. Everything is read
before anything is judged, so that one report lists every mistake of an export and not the first only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from staffing.core.errors import Invalid
from staffing.services.exchange.edfi_private import private_in_rows
from staffing.services.exchange.edfi_rows import (
    District,
    Employment,
    Export,
    Post,
    Provider,
    School,
    StaffMember,
    StateCredential,
)
from staffing.services.exchange.interchange_xml import Row, rows

ORGANISATIONS = "EducationOrganization.xml"
STAFF = "StaffAssociation.xml"
CALENDAR = "EducationOrgCalendar.xml"

#: Elements that are counted, so that the report can say so, and never kept.
NEVER_KEPT = {
    "PersonalIdentificationDocument": "identity, driving and immigration papers",
    "StaffIdentificationCode": "other numbers of a person, which may be a social security or driver's licence number",
    "CitizenshipStatus": "citizenship",
    "Citizenship": "citizenship",
    "Visa": "immigration status",
    "Sex": "sex",
    "GenderIdentity": "gender",
    "Race": "race",
    "HispanicLatinoEthnicity": "ethnicity",
    "OldEthnicity": "ethnicity",
    "AncestryEthnicOrigin": "ancestry",
    "TribalAffiliation": "tribal affiliation",
    "AnnualWage": "pay",
    "HourlyWage": "pay",
    "StaffLeave": "leave and the reasons for it",
}

_SOCIAL_SECURITY = re.compile(r"\d{3}-\d{2}-\d{4}")


class _Reader:
    """Takes rows into an export and writes down what is wrong with them."""

    def __init__(self, file_name: str, export: Export) -> None:
        self.file_name, self.export = file_name, export

    def where(self, row: Row) -> str:
        return f"{self.file_name}:{row.line}"

    def problem(self, row: Row, sentence: str) -> None:
        self.export.problems.append((self.where(row), sentence))

    def needed(self, row: Row, path: str) -> str:
        """The text at a path; a missing or empty one is a problem."""
        value = row.value(path)
        if not value:
            self.problem(row, f"<{row.name}> has no {path}. Add it in the system the export comes from.")
        elif _SOCIAL_SECURITY.fullmatch(value):
            self.problem(
                row,
                f"{path} looks like a social security number, which is never stored here. Export another number of the person.",
            )
            return ""
        return value

    def day(self, row: Row, path: str) -> date | None:
        """The date at a path, None when there is none; anything but YYYY-MM-DD is a problem."""
        found = row.first(path)
        if found is None or not found.text:
            return None
        try:
            return date.fromisoformat(found.text)
        except ValueError:
            self.problem(
                found, f"{found.name} is {found.text!r}, which is no date. Write it as YYYY-MM-DD, for example 2027-04-10."
            )
            return None

    def organisation(self, row: Row) -> None:
        export, where = self.export, self.where(row)
        match row.name:
            case "LocalEducationAgency":
                address = _physical(row)
                export.districts.append(
                    District(
                        where=where,
                        key=self.needed(row, "LocalEducationAgencyId"),
                        name=self.needed(row, "NameOfInstitution"),
                        address=_line(address),
                        state=address.code("StateAbbreviation") if address else "",
                        phone=_main_phone(row),
                    )
                )
            case "School":
                export.schools.append(
                    School(
                        where=where,
                        key=self.needed(row, "SchoolId"),
                        name=self.needed(row, "NameOfInstitution"),
                        address=_line(_physical(row)),
                        grades=tuple(g.text.rpartition("#")[2] for g in row.every("GradeLevel")),
                    )
                )
            case "CommunityProvider":
                key, name = self.needed(row, "CommunityProviderId"), self.needed(row, "NameOfInstitution")
                export.providers.append(Provider(where=where, key=key, name=name))
            case _:
                export.not_used[row.name] += 1

    def staff(self, row: Row) -> None:
        match row.name:
            case "Staff":
                self._person(row)
            case "Credential":
                self._credential(row)
            case "StaffEducationOrganizationEmploymentAssociation":
                self.export.employments.append(
                    Employment(
                        where=self.where(row),
                        staff=self.needed(row, "StaffReference/StaffIdentity/StaffUniqueId"),
                        organisation=self.needed(
                            row, "EducationOrganizationReference/EducationOrganizationIdentity/EducationOrganizationId"
                        ),
                        status=row.code("EmploymentStatus"),
                        hired_on=self.day(row, "EmploymentPeriod/HireDate"),
                        ended_on=self.day(row, "EmploymentPeriod/EndDate"),
                    )
                )
                self._count_not_kept(row)
            case "StaffEducationOrganizationAssignmentAssociation":
                begins_on, ends_on = self.day(row, "BeginDate"), self.day(row, "EndDate")
                if begins_on and ends_on and ends_on < begins_on:
                    self.problem(
                        row, f"the assignment ends on {ends_on}, before it begins on {begins_on}. Correct one of the two."
                    )
                self.export.posts.append(
                    Post(
                        where=self.where(row),
                        staff=self.needed(row, "StaffReference/StaffIdentity/StaffUniqueId"),
                        organisation=self.needed(
                            row, "EducationOrganizationReference/EducationOrganizationIdentity/EducationOrganizationId"
                        ),
                        classification=row.code("StaffClassification"),
                        title=row.value("PositionTitle") or row.code("StaffClassification"),
                        begins_on=begins_on,
                        ends_on=ends_on,
                    )
                )
            case name if name in NEVER_KEPT:
                self.export.not_kept[name] += 1
            case name:
                self.export.not_used[name] += 1

    def _count_not_kept(self, row: Row) -> None:
        for part in row.parts:
            if part.name in NEVER_KEPT:
                self.export.not_kept[part.name] += 1
            else:
                self._count_not_kept(part)

    def _person(self, row: Row) -> None:
        self._count_not_kept(row)
        self.export.staff.append(
            StaffMember(
                where=self.where(row),
                key=self.needed(row, "StaffUniqueId"),
                first_name=self.needed(row, "Name/FirstName"),
                middle_name=row.value("Name/MiddleName"),
                last_name=self.needed(row, "Name/LastSurname"),
                preferred_first=row.value("Name/PreferredFirstName"),
                preferred_last=row.value("Name/PreferredLastSurname"),
                born_on=self.day(row, "BirthDate"),
                email=row.value("ElectronicMail/ElectronicMailAddress"),
                credentials=tuple(
                    (self.where(r), r.value("CredentialIdentifier"), r.code("StateOfIssueStateAbbreviation"))
                    for r in row.every("CredentialReference/CredentialIdentity")
                ),
            )
        )

    def _credential(self, row: Row) -> None:
        self.export.credentials.append(
            StateCredential(
                where=self.where(row),
                number=self.needed(row, "CredentialIdentifier"),
                state=row.code("StateOfIssueStateAbbreviation"),
                type=row.code("CredentialType"),
                level=row.code("TeachingCredential"),
                field=row.code("CredentialField"),
                grades=tuple(g.text.rpartition("#")[2] for g in row.every("GradeLevel")),
                issued_on=self.day(row, "IssuanceDate"),
                expires_on=self.day(row, "ExpirationDate"),
            )
        )

    def calendar(self, row: Row) -> None:
        self.export.not_used[row.name] += 1


def _physical(row: Row) -> Row | None:
    addresses = list(row.every("Address"))
    return next((a for a in addresses if a.code("AddressType") == "Physical"), addresses[0] if addresses else None)


def _line(address: Row | None) -> str:
    if address is None:
        return ""
    state = " ".join(p for p in (address.code("StateAbbreviation"), address.value("PostalCode")) if p)
    return ", ".join(p for p in (address.value("StreetNumberName"), address.value("City"), state) if p)


def _main_phone(row: Row) -> str:
    for phone in row.every("InstitutionTelephone"):
        if phone.code("InstitutionTelephoneNumberType") == "Main":
            digits = re.sub(r"\D", "", phone.value("TelephoneNumber"))
            if len(digits) == 10:
                return f"+1{digits}"
    return ""


def read(folder: Path) -> Export:
    """Read an export and check that its rows fit together.

    Mistakes in rows are listed in ``problems``. Raises ``Invalid`` when a file cannot be read at all: the folder or a needed
    file is missing, or a file is malformed, of another version or of another interchange.
    """
    if not folder.is_dir():
        raise Invalid(f"There is no folder {folder}. Give the folder that holds {ORGANISATIONS} and {STAFF}.")
    if not any(folder.glob("*.xml")):
        raise Invalid(f"The folder {folder} holds no XML file. Give the folder that holds {ORGANISATIONS} and {STAFF}.")
    export = Export()
    for file_name, interchange in (
        (ORGANISATIONS, "EducationOrganization"),
        (STAFF, "StaffAssociation"),
        (CALENDAR, "EducationOrgCalendar"),
    ):
        path = folder / file_name
        if file_name == CALENDAR and not path.exists():
            export.notes.append(f"There is no {CALENDAR}; nothing here needs it yet.")
            continue
        reader = _Reader(file_name, export)
        take = {ORGANISATIONS: reader.organisation, STAFF: reader.staff, CALENDAR: reader.calendar}[file_name]
        for row in rows(path, f"Interchange{interchange}"):
            take(row)
    export.problems.extend(private_in_rows(export))
    export.problems.extend(_contradictions(export))
    return export


def _contradictions(export: Export) -> Iterator[tuple[str, str]]:
    """What is wrong between rows: no or several districts, keys used twice, references to nothing."""
    if len(export.districts) != 1:
        found = f"{len(export.districts)} districts" if export.districts else "no district"
        yield (
            export.districts[1].where if export.districts else f"{ORGANISATIONS}:1",
            f"the export holds {found} (<LocalEducationAgency>). Export one district at a time.",
        )
    yield from _twice("SchoolId", [(s.key, s.where) for s in export.schools])
    yield from _twice("StaffUniqueId", [(s.key, s.where) for s in export.staff])
    yield from _twice("credential", [(f"{c.number} of {c.state}", c.where) for c in export.credentials])
    yield from _twice(
        "assignment",
        [
            (f"of {p.staff} at {p.organisation} as {p.classification}, {p.title!r} from {p.begins_on}", p.where)
            for p in export.posts
        ],
    )
    places = {s.key for s in export.schools} | {d.key for d in export.districts} | {p.key for p in export.providers}
    people = {s.key for s in export.staff}
    pointing: list[Employment | Post] = [*export.employments, *export.posts]
    for row in pointing:
        if row.staff and row.staff not in people:
            yield row.where, f"StaffUniqueId {row.staff} is not among the staff of this export. Export that person too."
        if row.organisation and row.organisation not in places:
            yield row.where, f"EducationOrganizationId {row.organisation} is not in {ORGANISATIONS}. Export that school too."
    known = {(c.number, c.state) for c in export.credentials}
    for member in export.staff:
        for where, number, state in member.credentials:
            if (number, state) not in known:
                yield where, f"credential {number} of {state} is not in this export. Export the credentials with the staff."


def _twice(what: str, keys: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    seen: dict[str, str] = {}
    for key, where in keys:
        if key and key in seen:
            yield where, f"{what} {key} stands here for the second time; the first is at {seen[key]}. Remove one of the two."
        seen.setdefault(key, where)
