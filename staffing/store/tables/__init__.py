"""Every table of the core, by subject. A plugin's tables live in the plugin, in a schema of its own."""

from staffing.store.tables.accounts import Account, SignInCode, WebSession
from staffing.store.tables.clearance import Decision, DecisionPart, Determination, Document, Evidence, Waiver
from staffing.store.tables.credentials import Credential
from staffing.store.tables.people import Person
from staffing.store.tables.places import ClosedDay, Organisation, Position, Site, Tenant
from staffing.store.tables.records import Journal, Message, PluginSwitch, StoredFile
from staffing.store.tables.rules import DistrictPack
from staffing.store.tables.work import Assignment, Placement, Session, Undecided

__all__ = [
    "Account",
    "Assignment",
    "ClosedDay",
    "Credential",
    "Decision",
    "DecisionPart",
    "Determination",
    "DistrictPack",
    "Document",
    "Evidence",
    "Journal",
    "Message",
    "Organisation",
    "Person",
    "Placement",
    "PluginSwitch",
    "Position",
    "Session",
    "SignInCode",
    "Site",
    "StoredFile",
    "Tenant",
    "Undecided",
    "Waiver",
    "WebSession",
]
