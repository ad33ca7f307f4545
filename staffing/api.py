"""The only module of ours that a plugin imports. What is not here may change without notice.

What a rules-only plugin needs is here at once; what needs the database (``DB``, ``tenant_transaction`` …) is imported when it is
first asked for, so that ``staffing decide`` never pays for a framework. Import those inside the function or module that uses
them, not in the plugin's ``__init__``.

``record`` writes a journal entry and ``enqueue`` queues a task, both inside the open ``tenant_transaction``; ``task`` registers
a task in the plugin's module ``jobs``; ``ask_again`` has the district's decisions taken again after a change of what they read.
``viewer_of(request)`` says who is signed in and ``say(request, text)`` leaves a line for the next page. ``placed_cases`` gives
every placement of the district as a case (``placed_portion`` a part of them, ``placed_stand`` their number and a name for all
that is on record about them, ``waivers_at`` the waivers that belong to them), ``work_of`` one with its decision, ``site_names``
the sites, ``districts`` every district's name and ``district`` what the public knows of one. ``listed_waivers`` and ``relying``
tell of the district's waivers and of who relies on one; ``sheet_pdf`` prints a statement, in a task.
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
from staffing.core.sources import Listing, Problems, meant, read
from staffing.core.sources import Section as YamlSection
from staffing.core.standard_facts import standard_view
from staffing.hookspecs import API_VERSION, Check, Known, Link, Panel, Section, Viewer, hookimpl

if TYPE_CHECKING:
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
    from staffing.services.directory import District, district
    from staffing.services.district_rules.relying import ListedWaiver, Reliance, Relying, listed_waivers, relying
    from staffing.services.due import ask_again
    from staffing.services.for_plugins import StaffAccount, Work, split_placement, staff_accounts, tell_of_placement, work_of
    from staffing.services.plugins import say, viewer_of
    from staffing.services.work import sheet_pdf
    from staffing.store.engine import DB, current_tenant, tenant_transaction
    from staffing.store.jobs import enqueue, task
    from staffing.store.journal import record
else:
    _LATER = {
        "DB": "staffing.store.engine",
        "District": "staffing.services.directory",
        "ListedWaiver": "staffing.services.district_rules.relying",
        "PlacedCase": "staffing.services.case_list",
        "Reliance": "staffing.services.district_rules.relying",
        "Relying": "staffing.services.district_rules.relying",
        "Sheet": "staffing.documents.sheet",
        "SheetPart": "staffing.documents.sheet",
        "SheetTable": "staffing.documents.sheet",
        "Signature": "staffing.documents.sheet",
        "StaffAccount": "staffing.services.for_plugins",
        "Work": "staffing.services.for_plugins",
        "ask_again": "staffing.services.due",
        "current_tenant": "staffing.store.engine",
        "district": "staffing.services.directory",
        "districts": "staffing.services.case_list",
        "enqueue": "staffing.store.jobs",
        "listed_waivers": "staffing.services.district_rules.relying",
        "placed_cases": "staffing.services.case_list",
        "placed_portion": "staffing.services.case_list",
        "placed_stand": "staffing.services.case_list",
        "record": "staffing.store.journal",
        "relying": "staffing.services.district_rules.relying",
        "say": "staffing.services.plugins",
        "sheet_pdf": "staffing.services.work",
        "site_names": "staffing.services.case_list",
        "split_placement": "staffing.services.for_plugins",
        "staff_accounts": "staffing.services.for_plugins",
        "task": "staffing.store.jobs",
        "tell_of_placement": "staffing.services.for_plugins",
        "tenant_transaction": "staffing.store.engine",
        "viewer_of": "staffing.services.plugins",
        "waivers_at": "staffing.services.case_list",
        "work_of": "staffing.services.for_plugins",
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
    "Conflict",
    "Decision",
    "District",
    "Effect",
    "Evidence",
    "FactUsed",
    "Finding",
    "Invalid",
    "Known",
    "Layer",
    "Link",
    "ListedWaiver",
    "Listing",
    "NotAllowed",
    "NotFound",
    "Panel",
    "PlacedCase",
    "Predicate",
    "Problems",
    "Reliance",
    "Relying",
    "Remedy",
    "Section",
    "Session",
    "Sheet",
    "SheetPart",
    "SheetTable",
    "Signature",
    "StaffAccount",
    "StaffingError",
    "State",
    "Text",
    "TooLarge",
    "Unusable",
    "Viewer",
    "Work",
    "YamlSection",
    "ask_again",
    "calendar",
    "current_tenant",
    "district",
    "districts",
    "enqueue",
    "hookimpl",
    "listed_waivers",
    "meant",
    "now",
    "placed_cases",
    "placed_portion",
    "placed_stand",
    "read",
    "record",
    "relying",
    "say",
    "sheet_pdf",
    "site_names",
    "split_placement",
    "staff_accounts",
    "standard_view",
    "task",
    "tell_of_placement",
    "tenant_transaction",
    "today",
    "viewer_of",
    "waivers_at",
    "work_of",
]
