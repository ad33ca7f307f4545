"""The only module of ours that a plugin imports. What is not here may change without notice.

What a rules-only plugin needs is here at once; what needs the database (``DB``, ``tenant_transaction`` …) is imported when it is
first asked for, so that ``staffing decide`` never pays for a framework. Import those inside the function or module that uses
them, not in the plugin's ``__init__``.

``record`` writes a journal entry and ``enqueue`` queues a task, both inside the open ``tenant_transaction``; ``task`` registers
a task in the plugin's module ``jobs``; ``ask_again`` has the district's decisions taken again after a change of what they read.
``viewer_of(request)`` says who is signed in and ``say(request, text)`` leaves a line for the next page. ``places_of`` says
where placements and positions are, ``placed_cases`` gives every placement of the district as a case (``placed_portion`` a part
of them, ``placed_stand`` their number and a name for all that is on record about them, ``waivers_at`` the waivers that belong
to them), ``work_of`` one with its decision, ``site_names`` the sites, ``districts`` every district's name and ``district`` what
the public knows of one. ``listed_waivers`` and ``relying``
tell of the district's waivers and of who relies on one; ``sheet_pdf`` prints a statement and ``letter_pdf`` a
letter, in a task; ``page_of`` gives a letter as a part of a page and ``day_in`` a day in a reader's language.

``person_of`` and ``people_of`` tell who somebody is, ``write_to`` writes to them in the words of ``in_language``,
``tell_of_person`` sets facts that your rules read. ``people_found`` and ``people_named`` look for a name. ``lapses_ahead``
tells whose evidence runs out, rule by rule, ``gone_with`` what is on record of those who left; ``decided_with`` tries evidence
that is not on record. ``give_evidence`` records what a determination of yours says, ``take_back_evidence`` undoes it. ``seal``
and ``unseal`` keep a provider's key. ``screening_providers`` are those of every plugin. A handler with ``opt={"skip_session":
True}`` takes posts from machines: no session and no form token, so it must prove by itself who sends.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from staffing.clock import now, today
from staffing.core import calendar
from staffing.core.case import Case, Session
from staffing.core.errors import Conflict, Invalid, NotAllowed, NotFound, StaffingError, TooLarge, Unusable
from staffing.core.evidence import Evidence
from staffing.core.facts import CaseView, Predicate
from staffing.core.findings import Actor, Decision, Effect, FactUsed, Finding, Layer, Remedy, State, Text
from staffing.core.never_kept import private_in, redacted, refuse_private
from staffing.core.screening import (
    Client,
    Connection,
    EventSeen,
    OrderAsk,
    OrderSeen,
    OrderStatus,
    Outcome,
    PackageSeen,
    ProviderTrouble,
    Result,
    ScreeningProvider,
    Setting,
    Subject,
)
from staffing.core.sources import Listing, Problems, meant, read
from staffing.core.sources import Section as YamlSection
from staffing.core.standard_facts import standard_view
from staffing.hookspecs import API_VERSION, Check, Known, Link, Panel, Section, Viewer, hookimpl

if TYPE_CHECKING:
    from staffing.documents.letter import Enclosure, EnclosurePoint, Letter, LetterPart, Said, day_in, page_of
    from staffing.documents.sheet import Sheet, SheetPart, SheetTable, Signature
    from staffing.services.case_list import (
        PlacedCase,
        districts,
        placed_cases,
        placed_portion,
        placed_stand,
        site_names,
        waivers_at,
    )
    from staffing.services.closed_days import close_days, closed_days, open_days
    from staffing.services.directory import District, district
    from staffing.services.district_rules.relying import ListedWaiver, Reliance, Relying, listed_waivers, relying
    from staffing.services.due import ask_again
    from staffing.services.for_plugins.actors import system_viewer
    from staffing.services.for_plugins.ahead import Gone, LapseAhead, gone_with, lapses_ahead
    from staffing.services.for_plugins.asking import base_url, screening_providers
    from staffing.services.for_plugins.evidence import EvidenceSeen, evidence_of, give_evidence, take_back_evidence
    from staffing.services.for_plugins.people import PersonSeen, people_of, person_of, tell_of_person, write_to
    from staffing.services.for_plugins.places import PlaceSeen, places_of
    from staffing.services.for_plugins.trying import Tried, decided_with, people_found, people_named
    from staffing.services.for_plugins.words import in_language
    from staffing.services.for_plugins.work import StaffAccount, Work, split_placement, staff_accounts, tell_of_placement, work_of
    from staffing.services.plugins import say, viewer_of
    from staffing.services.work import letter_pdf, sheet_pdf
    from staffing.store.engine import DB, current_tenant, tenant_transaction
    from staffing.store.jobs import enqueue, task
    from staffing.store.journal import record
    from staffing.store.sealing import seal, unseal
else:
    _LATER = {
        "DB": "staffing.store.engine",
        "District": "staffing.services.directory",
        "Enclosure": "staffing.documents.letter",
        "EnclosurePoint": "staffing.documents.letter",
        "EvidenceSeen": "staffing.services.for_plugins.evidence",
        "Gone": "staffing.services.for_plugins.ahead",
        "LapseAhead": "staffing.services.for_plugins.ahead",
        "Letter": "staffing.documents.letter",
        "LetterPart": "staffing.documents.letter",
        "ListedWaiver": "staffing.services.district_rules.relying",
        "PersonSeen": "staffing.services.for_plugins.people",
        "PlaceSeen": "staffing.services.for_plugins.places",
        "PlacedCase": "staffing.services.case_list",
        "Reliance": "staffing.services.district_rules.relying",
        "Relying": "staffing.services.district_rules.relying",
        "Said": "staffing.documents.letter",
        "Sheet": "staffing.documents.sheet",
        "SheetPart": "staffing.documents.sheet",
        "SheetTable": "staffing.documents.sheet",
        "Signature": "staffing.documents.sheet",
        "StaffAccount": "staffing.services.for_plugins.work",
        "Tried": "staffing.services.for_plugins.trying",
        "Work": "staffing.services.for_plugins.work",
        "ask_again": "staffing.services.due",
        "base_url": "staffing.services.for_plugins.asking",
        "close_days": "staffing.services.closed_days",
        "closed_days": "staffing.services.closed_days",
        "current_tenant": "staffing.store.engine",
        "day_in": "staffing.documents.letter",
        "decided_with": "staffing.services.for_plugins.trying",
        "district": "staffing.services.directory",
        "districts": "staffing.services.case_list",
        "enqueue": "staffing.store.jobs",
        "evidence_of": "staffing.services.for_plugins.evidence",
        "give_evidence": "staffing.services.for_plugins.evidence",
        "gone_with": "staffing.services.for_plugins.ahead",
        "in_language": "staffing.services.for_plugins.words",
        "lapses_ahead": "staffing.services.for_plugins.ahead",
        "letter_pdf": "staffing.services.work",
        "listed_waivers": "staffing.services.district_rules.relying",
        "open_days": "staffing.services.closed_days",
        "page_of": "staffing.documents.letter",
        "people_found": "staffing.services.for_plugins.trying",
        "people_named": "staffing.services.for_plugins.trying",
        "people_of": "staffing.services.for_plugins.people",
        "person_of": "staffing.services.for_plugins.people",
        "placed_cases": "staffing.services.case_list",
        "placed_portion": "staffing.services.case_list",
        "placed_stand": "staffing.services.case_list",
        "places_of": "staffing.services.for_plugins.places",
        "record": "staffing.store.journal",
        "relying": "staffing.services.district_rules.relying",
        "say": "staffing.services.plugins",
        "screening_providers": "staffing.services.for_plugins.asking",
        "seal": "staffing.store.sealing",
        "sheet_pdf": "staffing.services.work",
        "site_names": "staffing.services.case_list",
        "split_placement": "staffing.services.for_plugins.work",
        "staff_accounts": "staffing.services.for_plugins.work",
        "system_viewer": "staffing.services.for_plugins.actors",
        "take_back_evidence": "staffing.services.for_plugins.evidence",
        "task": "staffing.store.jobs",
        "tell_of_person": "staffing.services.for_plugins.people",
        "tell_of_placement": "staffing.services.for_plugins.work",
        "tenant_transaction": "staffing.store.engine",
        "unseal": "staffing.store.sealing",
        "viewer_of": "staffing.services.plugins",
        "waivers_at": "staffing.services.case_list",
        "work_of": "staffing.services.for_plugins.work",
        "write_to": "staffing.services.for_plugins.people",
    }

    def __getattr__(name: str) -> object:
        if name not in _LATER:
            raise AttributeError(f"staffing.api has no {name}")
        value = globals()[name] = getattr(import_module(_LATER[name]), name)
        return value


__all__ = [
    "API_VERSION",
    "DB",
    "Actor",
    "Case",
    "CaseView",
    "Check",
    "Client",
    "Conflict",
    "Connection",
    "Decision",
    "District",
    "Effect",
    "Enclosure",
    "EnclosurePoint",
    "EventSeen",
    "Evidence",
    "EvidenceSeen",
    "FactUsed",
    "Finding",
    "Gone",
    "Invalid",
    "Known",
    "LapseAhead",
    "Layer",
    "Letter",
    "LetterPart",
    "Link",
    "ListedWaiver",
    "Listing",
    "NotAllowed",
    "NotFound",
    "OrderAsk",
    "OrderSeen",
    "OrderStatus",
    "Outcome",
    "PackageSeen",
    "Panel",
    "PersonSeen",
    "PlaceSeen",
    "PlacedCase",
    "Predicate",
    "Problems",
    "ProviderTrouble",
    "Reliance",
    "Relying",
    "Remedy",
    "Result",
    "Said",
    "ScreeningProvider",
    "Section",
    "Session",
    "Setting",
    "Sheet",
    "SheetPart",
    "SheetTable",
    "Signature",
    "StaffAccount",
    "StaffingError",
    "State",
    "Subject",
    "Text",
    "TooLarge",
    "Tried",
    "Unusable",
    "Viewer",
    "Work",
    "YamlSection",
    "ask_again",
    "base_url",
    "calendar",
    "close_days",
    "closed_days",
    "current_tenant",
    "day_in",
    "decided_with",
    "district",
    "districts",
    "enqueue",
    "evidence_of",
    "give_evidence",
    "gone_with",
    "hookimpl",
    "in_language",
    "lapses_ahead",
    "letter_pdf",
    "listed_waivers",
    "meant",
    "now",
    "open_days",
    "page_of",
    "people_found",
    "people_named",
    "people_of",
    "person_of",
    "placed_cases",
    "placed_portion",
    "placed_stand",
    "places_of",
    "private_in",
    "read",
    "record",
    "redacted",
    "refuse_private",
    "relying",
    "say",
    "screening_providers",
    "seal",
    "sheet_pdf",
    "site_names",
    "split_placement",
    "staff_accounts",
    "standard_view",
    "system_viewer",
    "take_back_evidence",
    "task",
    "tell_of_person",
    "tell_of_placement",
    "tenant_transaction",
    "today",
    "unseal",
    "viewer_of",
    "waivers_at",
    "work_of",
    "write_to",
]
