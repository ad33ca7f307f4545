"""What an administrator should know of checks: providers that do not answer, orders and events that do not move.

The list is of the whole installation, so it names no district and nobody's account; each district's own page does.
"""

from __future__ import annotations

from datetime import datetime

from staffing.api import Check, Text, districts, screening_providers, tenant_transaction

_TROUBLE = """
SELECT provider, min(trouble_since) AS since, count(*) AS accounts FROM background_check.provider_account
WHERE state = 'trouble' GROUP BY provider"""
_EVENTS = """
SELECT count(*) AS waiting, min(received_at) AS since FROM background_check.check_event
WHERE state = 'new' AND received_at < now() - interval '15 minutes'"""
_ORDERS = """
SELECT count(*) AS waiting, min(ordered_at) AS since FROM background_check.check_order o
JOIN background_check.provider_account a ON a.id = o.account
WHERE o.status = 'to_send' AND a.state <> 'off' AND a.provider = ANY ($1::text[]) AND o.ordered_at < now() - interval '1 hour'"""


async def checks() -> list[Check]:
    """Good and bad news, one line each."""
    providers = screening_providers()
    by_network = [name for name, provider in providers.items() if provider.way == "api"]
    trouble: dict[str, tuple[int, datetime]] = {}
    events, orders = _Waiting(), _Waiting()
    for tenant in await districts():
        async with tenant_transaction(tenant) as transaction:
            for row in await transaction.connection.fetch(_TROUBLE):
                count, since = trouble.get(row["provider"], (0, row["since"]))
                trouble[row["provider"]] = (count + row["accounts"], min(since, row["since"]))
            events.add(await transaction.connection.fetchrow(_EVENTS))
            orders.add(await transaction.connection.fetchrow(_ORDERS, by_network))
    found = []
    for name, (count, since) in sorted(trouble.items()):
        title = providers[name].title if name in providers else name
        says = "{provider} does not answer {accounts} of the accounts here since {since} (UTC). Orders wait and nothing is lost."
        values = {"provider": title, "accounts": count, "since": _at(since)}
        found.append(Check(Text("Screening providers"), ok=False, says=Text(says, values)))
    if not found:
        found.append(Check(Text("Screening providers"), ok=True, says=Text("Every connected provider answers.")))
    found.append(
        events.check("Providers’ events", "{count} wait since {since} (UTC). See that the worker runs.", "None waits long.")
    )
    found.append(orders.check("Orders to send", "{count} wait since {since} (UTC) to be sent.", "None waits long."))
    return found


class _Waiting:
    """How much waits, and since when."""

    def __init__(self) -> None:
        self.count, self.since = 0, list[datetime]()

    def add(self, row: dict[str, object]) -> None:
        if row["waiting"]:
            self.count += int(str(row["waiting"]))
            self.since.append(row["since"])  # type: ignore[arg-type]

    def check(self, title: str, bad: str, good: str) -> Check:
        if not self.count:
            return Check(Text(title), ok=True, says=Text(good))
        return Check(Text(title), ok=False, says=Text(bad, {"count": self.count, "since": _at(min(self.since))}))


def _at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
