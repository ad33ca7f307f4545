"""Lists that come back from a provider: looked at line by line, then taken whole or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from staffing.api import (
    Conflict,
    NotFound,
    OrderSeen,
    OrderStatus,
    PersonSeen,
    Viewer,
    district,
    now,
    people_of,
    record,
    tenant_transaction,
    today,
)

from ..rules.batch_file import UNKNOWN, Line, meant, read_list, read_words, same_name
from ..rules.reasons import stands
from ..rules.whose_move import RESULT_WORDS, STATUS_WORDS
from ..tables.orders import Batch
from .batches import Row, hr_only, list_account, orders_of
from .following import follow


async def look_at(viewer: Viewer, account: UUID, name: str, data: bytes) -> UUID:
    """Read a list that came back and keep what each of its lines would do; nothing else changes. Gives the list's id.

    Raises ``Invalid`` with every mistake by line and column, ``Conflict`` for a list that was taken already, ``NotFound``,
    ``NotAllowed``.
    """
    hr_only(viewer)
    digest = hashlib.sha256(data).digest()
    async with tenant_transaction(viewer.tenant):
        row = await list_account(account)
        await _refuse_again(account, digest)
        words = read_words(row["settings"].get("words", ""))
        lines = read_list(data, words)
        orders = await orders_of(account, [line.reference for line in lines])
        people = await people_of(viewer.tenant, {order["person"] for order in orders.values()})
        zone = (await district(viewer.tenant)).time_zone
        day = today(zone)
        rows = [_row(line, orders.get(line.reference), people, words, zone, day) for line in lines]
        batch = Batch(
            account=account,
            way="in",
            state="tried",
            name=name[:120],
            sha256=digest,
            rows=msgspec.json.encode(rows).decode(),
            made_by=viewer.tag,
            made_at=now(),
            invented=any(order["invented"] for order in orders.values()),
        )
        await Batch.insert(batch)
        await record(
            "check_list:read",
            f"check_list/{batch.id}",
            actor=viewer.tag,
            account=str(account),
            lines=len(rows),
            wrong=sum(one.wrong for one in rows),
        )
    ident: UUID = batch.id
    return ident


async def _refuse_again(account: UUID, digest: bytes) -> None:
    before = (
        await Batch.select(Batch.made_at, Batch.made_by)
        .where((Batch.account == account) & (Batch.way == "in") & (Batch.state == "taken") & (Batch.sha256 == digest))
        .first()
    )
    if before:
        who = before["made_by"].partition(" ")[2]
        raise Conflict(
            f"This very list was taken on {before['made_at']:%B %-d, %Y} by {who}. Nothing changed by sending it again."
        )


def _row(  # noqa: PLR0917 - a line, and everything it is held against
    line: Line, order: Mapping[str, Any] | None, people: Mapping[UUID, PersonSeen], words: Mapping[str, str], zone: str, day: date
) -> Row:
    wrong = _wrong(line, order, people, day, zone)
    if wrong or order is None:
        return Row(number=line.number, order=line.reference, word=line.word, on=line.completed_on, says=wrong, wrong=True)
    says, changes = _becomes(line.word, line.completed_on, order, words, zone)
    return Row(number=line.number, order=line.reference, word=line.word, on=line.completed_on, says=says, changes=changes)


def _wrong(line: Line, order: Mapping[str, Any] | None, people: Mapping[UUID, PersonSeen], day: date, zone: str) -> str:
    if order is None:
        return "The reference is of no order sent to this account. Nobody is looked for by name."
    person = people[order["person"]]
    if not same_name(line, person.given_name, person.family_name):
        return "The reference belongs to somebody of another name. Ask the provider which of the two is right."
    status = OrderStatus(order["status"])
    if status is OrderStatus.TO_AUTHORISE:
        return "The person has not authorised this check, so no answer to it can be right."
    if status is OrderStatus.TO_SEND:
        return "This order was on no list yet, so no answer to it can be right."
    if line.completed_on is not None and line.completed_on > day:
        return f"{line.completed_on} has not come yet."
    if line.completed_on is not None and line.completed_on < order["ordered_at"].astimezone(ZoneInfo(zone)).date():
        return f"{line.completed_on} is before the check was ordered."
    return ""


def _becomes(word: str, on: date | None, order: Mapping[str, Any], words: Mapping[str, str], zone: str) -> tuple[str, bool]:
    """The preview's sentence, and whether anything would change."""
    to = meant(word, words)
    status = OrderStatus(order["status"])
    if status.over:
        return "This order has ended here, so the line changes nothing.", False
    if (status, order["result"], order["detail"]) == (to.status, to.result, to.detail) and on == _day_of(
        order["completed_at"], zone
    ):
        return "This is on record already.", False
    if status is OrderStatus.COMPLETE and to.status is not OrderStatus.COMPLETE:
        return "An answer is on record already, so the line changes nothing.", False
    if to.detail == UNKNOWN:
        return (
            f"Nobody here knows the word “{word}”. It counts as not finished, for a person to look at, and clears nobody.",
            True,
        )
    what = RESULT_WORDS[stands(to.result, to.detail)] if to.status is OrderStatus.COMPLETE else STATUS_WORDS[to.status]
    return f"{what}.", True


def _day_of(moment: datetime | None, zone: str) -> date | None:
    return moment.astimezone(ZoneInfo(zone)).date() if moment else None


async def take(viewer: Viewer, batch: UUID) -> int:
    """Let every line of a list that was looked at count, or none; gives how many orders changed. Twice is harmless.

    Raises ``Conflict`` where a line is wrong or an order has changed since, ``NotFound``, ``NotAllowed``.
    """
    hr_only(viewer)
    async with tenant_transaction(viewer.tenant):
        row = (
            await Batch.select()
            .where((Batch.id == batch) & (Batch.way == "in"))
            .lock_rows("UPDATE")
            .output(load_json=True)
            .first()
        )
        if row is None:
            raise NotFound("There is no such list that came back.")
        if row["state"] == "taken":
            return 0
        account = await list_account(row["account"])
        await _refuse_again(row["account"], bytes(row["sha256"]))
        lines = msgspec.convert(row["rows"], list[Row])
        if any(line.wrong for line in lines):
            raise Conflict(
                "Some lines cannot be right, so nothing of the list is taken. Correct them in the file and read it again."
            )
        words = read_words(account["settings"].get("words", ""))
        orders = await orders_of(row["account"], [line.order for line in lines], lock=True)
        zone = (await district(viewer.tenant)).time_zone
        changed = 0
        for line in lines:
            order = orders.get(line.order)
            if order is None or _becomes(line.word, line.on, order, words, zone) != (line.says, line.changes):
                raise Conflict(f"The check of line {line.number} has changed since the list was read. Read the list again.")
            if line.changes:
                changed += await follow(viewer, line.order, _seen(line, order, words, zone), why="a list that came back")
        await Batch.update({Batch.state: "taken"}).where(Batch.id == batch)
        await record("check_list:taken", f"check_list/{batch}", actor=viewer.tag, lines=len(lines), changed=changed)
    return changed


def _seen(line: Row, order: Mapping[str, Any], words: Mapping[str, str], zone: str) -> OrderSeen:
    to = meant(line.word, words)
    at = max(datetime.combine(line.on, time(12), ZoneInfo(zone)), order["ordered_at"]) if line.on else None
    again = order["completed_at"] is not None
    complete = to.status is OrderStatus.COMPLETE
    return OrderSeen(
        order_ref="",
        status=to.status,
        raw=line.word[:60],
        result=to.result,
        detail=to.detail,
        completed_at=(at or now()) if complete else None,
        revised_at=now() if complete and again else None,
    )
