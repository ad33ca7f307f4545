"""The words of a check with a screening provider: three answers that are never made into one.

* **Order status** (machine): where the order is.
* **Result** (machine): what the source said, in our words. ``record_found`` is never a rejection.
* **Determination** (a person of the district): only this becomes evidence.

A provider answers the first two and never sees the third, unless it has to send the person a notice. Result names follow HR-XML
3.0 (``ScreeningResultCode``); order states map to Ed-Fi's ``BackgroundCheckStatus``. Pure values: no network is here.
"""

from __future__ import annotations

import abc
import enum
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import date, datetime
from typing import Any, ClassVar

import msgspec

from staffing.core.errors import StaffingError


class OrderStatus(enum.StrEnum):
    """Where an order is. The first three are ours, before a provider has it.

    ``to_authorise``: the person has not authorised it yet. ``to_send``: it waits to be sent. ``refused``: the provider did not
    take it and says why.
    """

    TO_AUTHORISE = "to_authorise"
    TO_SEND = "to_send"
    REFUSED = "refused"
    AWAITING_SUBJECT = "awaiting_subject"
    IN_PROGRESS = "in_progress"
    ON_HOLD = "on_hold"
    COMPLETE = "complete"
    DISPUTED = "disputed"
    CANCELED = "canceled"
    EXPIRED = "expired"

    @property
    def over(self) -> bool:
        """Whether nothing more comes by itself: refused, canceled or expired. A complete order can still be disputed."""
        return self in (OrderStatus.REFUSED, OrderStatus.CANCELED, OrderStatus.EXPIRED)


class Result(enum.StrEnum):
    """What a source said. ``unable`` needs a person as much as ``record_found`` does."""

    CLEAR = "clear"
    RECORD_FOUND = "record_found"
    UNABLE = "unable"


class Outcome(enum.StrEnum):
    """What the district decided about a person after a check."""

    ELIGIBLE = "eligible"
    WITH_CONDITIONS = "eligible_with_conditions"
    NOT_ELIGIBLE = "not_eligible"
    WITHDRAWN = "withdrawn"


class ProviderTrouble(StaffingError):
    """A provider did not do what was asked. ``again`` says whether trying later may help; ``wait`` after how many seconds."""

    status = 502
    title = "The screening provider did not take this"

    def __init__(self, message: str, *, again: bool, wait: float = 0, code: str = "") -> None:
        super().__init__(message)
        self.again, self.wait, self.code = again, wait, code


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """One thing an administrator fills in to connect an account. ``secret`` ones are kept sealed and never shown again."""

    name: str
    label: str
    hint: str = ""
    secret: bool = False
    needed: bool = True
    choices: dict[str, str] = {}


class Connection(msgspec.Struct, frozen=True, kw_only=True):
    """A district's account with a provider. ``settings`` and ``secrets`` hold what the provider's ``settings`` name."""

    tenant: str
    account: str
    settings: Mapping[str, str] = {}
    secrets: Mapping[str, str] = {}


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """The person checked, as far as a hosted flow needs: the rest they tell the provider themselves."""

    ref: str
    given_name: str
    family_name: str
    email: str = ""
    phone: str = ""
    postcode: str = ""
    born_on: date | None = None


class OrderAsk(msgspec.Struct, frozen=True, kw_only=True):
    """An order to place. ``ref`` is our order's id, told to the provider; asking twice with one ``ref`` places one order.

    ``node`` is the organisation in the provider's hierarchy, ``state`` (two letters) and ``city`` where the work is done.
    """

    ref: str
    subject: Subject
    package: str
    node: str = ""
    state: str = ""
    city: str = ""
    subject_ref: str = ""


class OrderSeen(msgspec.Struct, frozen=True, kw_only=True):
    """An order as the provider has it now. ``raw`` is its own word; ``detail`` a code of ours that a reviewer must see.

    ``detail``: '', ``includes_canceled`` (some searches were not made), ``all_canceled``, ``subject_must_act``, ``we_must_act``,
    ``under_age``, ``unknown_word`` (a word nobody here knows). ``report_ref`` names the report once there is one. ``link`` is
    where the person goes on, until ``link_until``. ``searches`` are the kinds of searches with their state, never what they
    found.
    """

    order_ref: str
    status: OrderStatus
    raw: str
    result: Result | None = None
    detail: str = ""
    subject_ref: str = ""
    report_ref: str = ""
    link: str = ""
    link_until: datetime | None = None
    eta: date | None = None
    completed_at: datetime | None = None
    revised_at: datetime | None = None
    searches: tuple[tuple[str, str], ...] = ()


class EventSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A provider's event, as far as it may be believed: only that something about an object has changed.

    ``refs`` are the ids of objects it names (report, invitation, candidate); which order it is about is found by them.
    """

    id: str
    type: str
    refs: tuple[str, ...] = ()
    created_at: datetime | None = None


class PackageSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A package that the account may order."""

    code: str
    title: str
    searches: tuple[str, ...] = ()


class Client(abc.ABC):
    """An open connection to a provider. Every method raises ``ProviderTrouble``."""

    @abc.abstractmethod
    async def packages(self) -> list[PackageSeen]:
        """What the account may order; also proves that the account works."""

    @abc.abstractmethod
    async def order(self, ask: OrderAsk) -> OrderSeen:
        """Place an order; a second call with the same ``ask.ref`` gives the first one's order."""

    @abc.abstractmethod
    async def look(self, order: OrderSeen) -> OrderSeen:
        """The order as it is now, found by the references of ``order``."""

    @abc.abstractmethod
    async def cancel(self, order: OrderSeen) -> OrderSeen:
        """End an order that is not complete."""

    async def decided(self, order: OrderSeen, outcome: Outcome) -> None:  # noqa: B027 - most providers are not told
        """Tell the provider what was decided, where it wants to know."""

    def changed(self, since: datetime) -> AsyncIterator[OrderSeen]:
        """Orders that the provider changed since a moment, for the nightly comparison. The default offers none."""
        return _none()


async def _none() -> AsyncIterator[OrderSeen]:
    for _ in ():
        yield _


class ScreeningProvider(abc.ABC):
    """A kind of provider that a plugin brings (hook ``screening_providers``). One object for the whole process; no state.

    ``way``: ``api`` (orders and events over the network), ``record`` (staff record what a state system says), ``upload`` (the
    person sends a certificate they hold), ``list`` (files are sent and received).
    """

    name: ClassVar[str]
    title: ClassVar[str]
    way: ClassVar[str] = "api"
    #: What an administrator fills in to connect an account.
    settings: ClassVar[tuple[Setting, ...]] = ()
    #: Whether its reports are consumer reports (FCRA): disclosure, authorisation and adverse-action steps are then asked for.
    consumer_reports: ClassVar[bool] = False

    def open(self, connection: Connection) -> AbstractAsyncContextManager[Client]:
        """A client for one account, for ``way`` ``api``; the other ways have none and raise ``ProviderTrouble``."""
        raise ProviderTrouble(
            f"{self.title} has no interface that could be asked. What it says is recorded by people, or comes as a list.",
            again=False,
            code="no_interface",
        )

    def genuine(self, connection: Connection, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether a posted event comes from the provider: decided on the raw bytes. Header names are lower case. Fails closed."""
        return False

    def event(self, body: bytes) -> EventSeen:
        """Read a genuine event. Raises ``ValueError`` for what is none."""
        raise ValueError(f"{self.name} sends no events")

    def examples(self) -> Mapping[str, Any]:
        """Settings for trying it out, shown as placeholders."""
        return {}
