"""The rows of an Ed-Fi export that this product has a use for, each with the place it stands at (``file:line``).

Source: Ed-Fi Data Standard 5.2, interchanges EducationOrganization and StaffAssociation.
"""

from __future__ import annotations

from collections import Counter
from datetime import date

import msgspec


class District(msgspec.Struct, frozen=True, kw_only=True):
    """A LocalEducationAgency. ``state`` is the two letters of its address, '' when there is none."""

    where: str
    key: str
    name: str
    address: str
    state: str
    phone: str


class School(msgspec.Struct, frozen=True, kw_only=True):
    """A School with the codes of its grade levels, in the order of the file."""

    where: str
    key: str
    name: str
    address: str
    grades: tuple[str, ...]


class Provider(msgspec.Struct, frozen=True, kw_only=True):
    """A CommunityProvider: an organisation that works with the district's children."""

    where: str
    key: str
    name: str


class StaffMember(msgspec.Struct, frozen=True, kw_only=True):
    """A Staff row: a person, and the credentials the row points at by their number and state."""

    where: str
    key: str
    first_name: str
    middle_name: str
    last_name: str
    preferred_first: str
    preferred_last: str
    born_on: date | None
    email: str
    credentials: tuple[tuple[str, str, str], ...]  # where, number, state


class StateCredential(msgspec.Struct, frozen=True, kw_only=True):
    """A Credential. ``type`` is a CredentialType code, ``level`` a TeachingCredential code ('' when absent)."""

    where: str
    number: str
    state: str
    type: str
    level: str
    field: str
    grades: tuple[str, ...]
    issued_on: date | None
    expires_on: date | None


class Employment(msgspec.Struct, frozen=True, kw_only=True):
    """A StaffEducationOrganizationEmploymentAssociation: who employs the person, how and since when."""

    where: str
    staff: str
    organisation: str
    status: str
    hired_on: date | None
    ended_on: date | None


class Post(msgspec.Struct, frozen=True, kw_only=True):
    """A StaffEducationOrganizationAssignmentAssociation: what the person does, where and since when."""

    where: str
    staff: str
    organisation: str
    classification: str
    title: str
    begins_on: date | None
    ends_on: date | None


class Export(msgspec.Struct, kw_only=True):
    """All of an export. ``problems`` pairs a place (``file:line``) with a sentence; nothing may be written while there is one."""

    districts: list[District] = []
    schools: list[School] = []
    providers: list[Provider] = []
    staff: list[StaffMember] = []
    credentials: list[StateCredential] = []
    employments: list[Employment] = []
    posts: list[Post] = []
    not_kept: Counter[str] = msgspec.field(default_factory=Counter)
    not_used: Counter[str] = msgspec.field(default_factory=Counter)
    problems: list[tuple[str, str]] = []
    notes: list[str] = []
