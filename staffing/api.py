"""The only module of ours that a plugin imports. What is not here may change without notice.

What a rules-only plugin needs is here at once; what needs the database (``DB``, ``tenant_transaction`` …) is imported when it is
first asked for, so that ``staffing decide`` never pays for a framework. Import those inside the function or module that uses
them, not in the plugin's ``__init__``.

``record`` writes a journal entry and ``enqueue`` queues a task, both inside the open ``tenant_transaction``; ``task`` registers
a task in the plugin's module ``jobs``; ``viewer_of(request)`` says who is signed in.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from staffing.clock import now, today
from staffing.core.case import Case
from staffing.core.errors import Conflict, Invalid, NotAllowed, NotFound, StaffingError, TooLarge, Unusable
from staffing.core.evidence import Evidence
from staffing.core.facts import CaseView, Predicate
from staffing.core.findings import Actor, Decision, Effect, FactUsed, Finding, Layer, Remedy, State, Text
from staffing.hookspecs import API_VERSION, Check, Link, Panel, Section, Viewer, hookimpl

if TYPE_CHECKING:
    from staffing.services.plugins import viewer_of
    from staffing.store.engine import DB, current_tenant, tenant_transaction
    from staffing.store.jobs import enqueue, task
    from staffing.store.journal import record
else:
    _LATER = {
        "DB": "staffing.store.engine",
        "current_tenant": "staffing.store.engine",
        "enqueue": "staffing.store.jobs",
        "record": "staffing.store.journal",
        "task": "staffing.store.jobs",
        "tenant_transaction": "staffing.store.engine",
        "viewer_of": "staffing.services.plugins",
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
    "Effect",
    "Evidence",
    "FactUsed",
    "Finding",
    "Invalid",
    "Layer",
    "Link",
    "NotAllowed",
    "NotFound",
    "Panel",
    "Predicate",
    "Remedy",
    "Section",
    "StaffingError",
    "State",
    "Text",
    "TooLarge",
    "Unusable",
    "Viewer",
    "current_tenant",
    "enqueue",
    "hookimpl",
    "now",
    "record",
    "task",
    "tenant_transaction",
    "today",
    "viewer_of",
]
