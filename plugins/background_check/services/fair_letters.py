"""The three letters of fair steps: what is put into them, and that they go out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from staffing.api import (
    Invalid,
    NotFound,
    Outcome,
    PersonSeen,
    Viewer,
    district,
    person_of,
    record,
    refuse_private,
    system_viewer,
    tenant_transaction,
    work_of,
)

from ..rules import letters, timers
from ..rules.assessing import Form
from ..rules.fair_steps import Step
from ..rules.letters import About
from ..rules.timers import Clock, Timer
from ..tables.decided import AdverseAction, Assessment, CheckDetermination, Dispute
from ..tables.orders import CheckOrder, Package, ProviderAccount
from . import notices
from .fair_state import as_json, day_here


class Sending(msgspec.Struct, frozen=True, kw_only=True):
    """How a letter goes out, as HR say. ``copy`` is a key of ``letters.COPIES``; ``attached`` are papers that go along, by key.

    ``handed`` is the day on which it is to be handed over, where it is.
    """

    channels: tuple[str, ...]
    copy: str = ""
    agency: str = ""
    agency_address: str = ""
    agency_phone: str = ""
    handed: date | None = None
    attached: tuple[str, ...] = ()


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A letter that was made."""

    ident: UUID
    number: int


class Told(Made, frozen=True, kw_only=True):
    """The letter before a decision. ``planned`` is the clock it names, ``terms`` what is kept of it with the action."""

    planned: Clock
    terms: dict[str, Any]


class _Of(msgspec.Struct, frozen=True, kw_only=True):
    """What of an order goes into letters."""

    person: PersonSeen
    report: bool
    position: str
    agency: str


async def agency_of(order: UUID) -> dict[str, str]:
    """Who made the report as the account's settings have it: ``agency``, ``agency_address``, ``agency_phone``, ``report``."""
    row = await CheckOrder.select(CheckOrder.account, CheckOrder.package).where(CheckOrder.id == order).first()
    if row is None:
        raise NotFound("There is no such check in this district.")
    account = await ProviderAccount.select().where(ProviderAccount.id == row["account"]).output(load_json=True).first()
    package = await Package.select(Package.consumer_report).where(Package.id == row["package"]).first()
    settings: Mapping[str, Any] = account["settings"] if account else {}
    return {
        "agency": str(settings.get("agency_name") or (account["title"] if account else "")),
        "agency_address": str(settings.get("agency_address") or ""),
        "agency_phone": str(settings.get("agency_phone") or ""),
        "report": "yes" if package and package["consumer_report"] else "",
    }


async def before(
    viewer: Viewer,
    row: Mapping[str, Any],
    sending: Sending,
    *,
    here: Sequence[Timer],
    closed: Collection[date],
    on: date,
) -> Told:
    """Send the letter before a decision. Inside a ``tenant_transaction``. Raises ``Invalid`` for what is missing, all at once."""
    of = await _of(viewer, row["of_order"], row["person"])
    extras = tuple(dict.fromkeys(key for timer in here for key in timer.extras))
    if wrong := _wrong(sending, of, here, extras, on):
        raise Invalid(f"Nothing was sent yet. {' '.join(wrong.values())}", wrong)
    refuse_private(" ".join((sending.agency, sending.agency_address)), "The agency")
    handed = (sending.handed or on) if "hand" in sending.channels else None
    planned = timers.started(here, [_planned(way, on, handed) for way in sending.channels], closed)
    if planned is None:
        raise Invalid("Choose how the letter goes out.", {"channels": "Choose how the letter goes out."})
    form = await first_form(row)
    ident, number = notices.new_id(), await notices.next_number(viewer.tenant)
    about = await _about(viewer, of, number, on)
    about = msgspec.structs.replace(
        about,
        agency=sending.agency,
        agency_address=sending.agency_address,
        agency_phone=sending.agency_phone,
        link=notices.own_page(ident),
        items=tuple(item.ref for item in form.items),
        bar=form.bar,
        why=form.related_reason,
        copy=sending.copy,
        deadline=planned.deadline,
        handed=handed,
        extras=extras,
    )
    await notices.send(
        viewer,
        row["of_order"],
        of.person,
        "pre_adverse",
        letters.before(about),
        ident=ident,
        number=number,
        channels=sending.channels,
        text_version=letters.version(about),
        sent_on=on,
    )
    terms = {
        "notice": str(ident),
        "number": number,
        "channels": list(sending.channels),
        "copy": sending.copy,
        "report": of.report,
        "agency": [sending.agency, sending.agency_address, sending.agency_phone],
        "attached": list(sending.attached),
        "extras": list(extras),
        "days": planned.timer.days,
        "day_kind": planned.timer.day_kind.value,
        "rules": [{"id": one.id, "name": one.name, "citation": one.citation, "confidence": one.confidence} for one in here],
        "retention_years": max((one.retention_years or 0 for one in here), default=0) or None,
        "planned": planned.deadline.isoformat(),
        "extended": bool(row["terms"].get("extended")),
    }
    return Told(ident=ident, number=number, planned=planned, terms=terms)


def _planned(way: str, on: date, handed: date | None) -> timers.Sending:
    return timers.Sending(channel=way, sent_on=on, arrived_on=handed if way == "hand" else None)


def _wrong(sending: Sending, of: _Of, here: Sequence[Timer], extras: Sequence[str], on: date) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if not sending.channels:
        wrong["channels"] = "Choose how the letter goes out: by e-mail, by mail, or handed over."
    elif lacking := timers.channels_lacking(here, sending.channels):
        wrong["channels"] = " ".join(lacking)
    if sending.handed is not None and sending.handed < on:
        wrong["handed"] = "The day on which it is handed over has not passed yet."
    copies = letters.REPORT_COPIES if of.report else letters.RECORD_COPIES
    if sending.copy not in copies:
        wrong["copy"] = "Say how the person gets a copy of the report." if of.report else "Say how the person can see the record."
    if not sending.agency:
        wrong["agency"] = "Name who made the report." if of.report else "Name the agency that the record comes from."
    if of.report and not (sending.agency_address and sending.agency_phone):
        wrong["agency_address"] = "Give the address and the telephone number of whoever made the report (15 USC 1681m(a))."
    missing = [text for key, text in letters.attachments(extras).items() if key not in sending.attached]
    if missing:
        wrong["attached"] = f"Confirm what goes along: {'; '.join(missing)}."
    return wrong


async def decision(viewer: Viewer, row: Mapping[str, Any], form: Form, channels: Sequence[str], on: date) -> Made:
    """Send the final letter. Inside a ``tenant_transaction``. Raises ``Invalid``."""
    of = await _of(viewer, row["of_order"], row["person"])
    answered = await Dispute.exists().where((Dispute.action == row["id"]) & Dispute.ended.not_in(["", "taken_back"]))
    number, ident = await notices.next_number(viewer.tenant), notices.new_id()
    about = msgspec.structs.replace(
        await _about(viewer, of, number, on),
        **_first(row),
        bar=form.bar,
        why=form.related_reason,
        deadline=row["deadline"],
        extras=tuple(row["terms"].get("extras", ())),
        answered=answered,
    )
    await notices.send(
        viewer,
        row["of_order"],
        of.person,
        "final_adverse",
        letters.decision(about),
        ident=ident,
        number=number,
        channels=tuple(channels),
        text_version=letters.version(about),
        sent_on=on,
    )
    return Made(ident=ident, number=number)


async def good_end(viewer: Viewer, row: Mapping[str, Any]) -> Made | None:
    """Tell the person of a good end, if they were told before that it might not be one and the decision counts already.

    Inside a ``tenant_transaction``.
    """
    if not row["terms"].get("notice") or row["terms"].get("good"):
        return None
    made = (
        await CheckDetermination.select()
        .where((CheckDetermination.order == row["of_order"]) & (CheckDetermination.state == "final"))
        .output(load_json=True)
        .first()
    )
    favourable = {Outcome.ELIGIBLE.value, Outcome.WITH_CONDITIONS.value}
    if made is None or made["outcome"] not in favourable:
        return None
    on = await day_here(viewer.tenant)
    of = await _of(viewer, row["of_order"], row["person"])
    number, ident = await notices.next_number(viewer.tenant), notices.new_id()
    about = msgspec.structs.replace(await _about(viewer, of, number, on), **_first(row), conditions=tuple(made["conditions"]))
    ways = tuple(row["terms"].get("channels", ()))
    if "email" in ways and not of.person.email:
        ways = tuple(way for way in ways if way != "email") or ("hand",)
    await notices.send(
        viewer,
        row["of_order"],
        of.person,
        "resolved",
        letters.good_end(about),
        ident=ident,
        number=number,
        channels=ways,
        text_version=letters.version(about),
        sent_on=on,
    )
    await AdverseAction.update({AdverseAction.terms: as_json({**row["terms"], "good": str(ident)})}).where(
        AdverseAction.id == row["id"]
    )
    return Made(ident=ident, number=number)


async def good_ends(viewer: Viewer) -> int:
    """Write the good letters that waited for a second reviewer; gives how many. Twice writes none again."""
    async with tenant_transaction(viewer.tenant):
        rows = await AdverseAction.select().where(AdverseAction.state == Step.ELIGIBLE.value).output(load_json=True)
    written = 0
    for row in rows:
        if not row["terms"].get("notice") or row["terms"].get("good"):
            continue
        async with tenant_transaction(viewer.tenant):
            again = (
                await AdverseAction.select()
                .where(AdverseAction.id == row["id"])
                .lock_rows("UPDATE")
                .output(load_json=True)
                .first()
            )
            made = await good_end(viewer, again) if again else None
            if made is not None:
                await record("fair:told_of_good_end", f"check/{row['of_order']}", actor=viewer.tag, notice=f"N-{made.number}")
                written += 1
    return written


async def first_form(row: Mapping[str, Any]) -> Form:
    """The newest first assessment of these steps. Raises ``NotFound``."""
    kept = (
        await Assessment.select(Assessment.form)
        .where((Assessment.order == row["of_order"]) & (Assessment.number == 1) & (Assessment.assessed_at >= row["opened_at"]))
        .order_by(Assessment.assessed_at, ascending=False)
        .output(load_json=True)
        .first()
    )
    if kept is None:
        raise NotFound("No first assessment was written.")
    return msgspec.convert(kept["form"], Form, strict=False)


def _first(row: Mapping[str, Any]) -> dict[str, Any]:
    terms = row["terms"]
    agency, address, phone = terms.get("agency") or ("", "", "")
    return {
        "first_sent": row["sent_on"],
        "first_number": f"N-{terms.get('number')}",
        "agency": agency,
        "agency_address": address,
        "agency_phone": phone,
        "report": bool(terms.get("report")),
    }


async def _of(viewer: Viewer, order: UUID, person: UUID) -> _Of:
    row = await CheckOrder.select(CheckOrder.placement, CheckOrder.position).where(CheckOrder.id == order).first()
    if row is None:
        raise NotFound("There is no such check in this district.")
    agency = await agency_of(order)
    return _Of(
        person=await person_of(viewer.tenant, person),
        report=bool(agency["report"]),
        position=await _position(viewer.tenant, person, row["placement"], row["position"]),
        agency=agency["agency"],
    )


async def _position(tenant: str, person: UUID, placement: UUID | None, position: UUID | None) -> str:
    if placement is None and position is None:
        return ""
    try:
        return (await work_of(system_viewer(tenant), person, placement=placement, position=position)).title
    except NotFound:  # the work is gone; the letter is about the check
        return ""


async def _about(viewer: Viewer, of: _Of, number: int, on: date) -> About:
    here = await district(viewer.tenant)
    signer = (viewer.name, "HR clearance") if viewer.role != "system" else ("HR clearance",)
    return About(
        district=here.name,
        phone=_phone(here.help_phone),
        name=of.person.name,
        language=of.person.language,
        number=f"N-{number}",
        made_on=on,
        signer=signer,
        report=of.report,
        agency=of.agency,
        position=of.position,
        invented=of.person.invented or here.invented,
    )


def _phone(number: str) -> str:
    """A number of the United States as people write it; another as it is."""
    if number.startswith("+1") and len(number) == 12 and number[1:].isdecimal():
        return f"({number[2:5]}) {number[5:8]}-{number[8:]}"
    return number
