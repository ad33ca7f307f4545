"""How a requirement's accepted evidence stands on a day: what is held, how long it is good, and what is wrong with the rest."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec

from staffing.core import calendar
from staffing.core.conditions import NUMBERS
from staffing.core.evidence import Evidence
from staffing.core.facts import CaseView
from staffing.core.findings import State
from staffing.core.packs import Alternative, Item, Lasting, Validity, Version
from staffing.core.service_facts import ends_with_break

#: Nearest to being met first. ``UNKNOWN`` here: held, and something about it cannot be told.
_ORDER = {state: n for n, state in enumerate((State.MET, State.PENDING, State.UNKNOWN, State.EXPIRED, State.MISSING))}


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How an item or an alternative stands.

    ``through`` is the last good day (None: no end known). ``issued_on`` is the day a 60-month kind of period runs from.
    ``note`` says why something held does not count. ``unknown`` names the facts missing. ``lacking`` are the kinds still needed.
    ``asked`` are the days on which what is outstanding was asked for (``date.max``: nobody knows).
    """

    state: State
    through: date | None = None
    issued_on: date | None = None
    evidence: Evidence | None = None
    note: str = ""
    unknown: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    grouped: bool = False
    asked: tuple[date, ...] = ()

    @property
    def rank(self) -> tuple[int, int]:
        """Smaller is better: by state, then by how long it is good."""
        return _ORDER[self.state], -(self.through or date.max).toordinal()


#: Validity that cannot be told without the item's day.
_COUNTED = (Lasting.MONTHS, Lasting.YEARS, Lasting.SCHOOL_YEAR)

#: Nothing held.
MISSING = Standing(state=State.MISSING)


def best(version: Version, view: CaseView, oldest: date | None = None) -> Standing:
    """The best of a version's alternatives. ``oldest`` is the day of the oldest item of its group, where one counts."""
    found: Standing | None = None
    unknown: list[str] = []
    for alternative in version.accepts:
        open_to = alternative.when.test(view)
        if open_to is False:
            continue
        if open_to is None:
            unknown.extend(alternative.when.unknowns(view))
            continue
        standing = _together(alternative, alternative.validity or version.validity, view, oldest)
        unknown.extend(standing.unknown)
        if found is None or standing.rank < found.rank:
            found = standing
    if found is None:
        found = MISSING
    if unknown and found.state is not State.MET:
        return msgspec.structs.replace(found, unknown=tuple(dict.fromkeys((*found.unknown, *unknown))))
    return found


def result(version: Version, kind: str, view: CaseView, of: tuple[str, ...] = ()) -> Standing:
    """How a result of this kind stands, by the version's own limits on it where it has any; what it once was does not count.

    ``of``: whose record it has to be, where the version itself does not say.
    """
    items = [(item, a.validity or version.validity) for a in version.accepts for item in a.items if item.kind == kind]
    if of:
        items = [(msgspec.structs.replace(i, jurisdiction=i.jurisdiction or of), validity) for i, validity in items]
    found = [
        _item(item, validity, view, None) for item, validity in items or [(Item(kind=kind, jurisdiction=of), version.validity)]
    ]
    return min(found, key=lambda standing: standing.rank)


def _together(alternative: Alternative, validity: Validity, view: CaseView, oldest: date | None) -> Standing:
    if len(alternative.items) == 1:
        return _item(alternative.items[0], validity, view, oldest)
    parts = [_item(item, validity, view, oldest) for item in alternative.items]
    worst = max(parts, key=lambda part: part.rank[0])
    ends = [part.through for part in parts if part.through is not None]
    days = [part.issued_on for part in parts if part.issued_on is not None]
    return Standing(
        state=worst.state,
        through=min(ends, default=None),
        issued_on=min(days, default=None),
        evidence=worst.evidence or parts[0].evidence,
        note=worst.note,
        unknown=tuple(name for part in parts for name in part.unknown),
        lacking=tuple(kind for part in parts for kind in part.lacking),
        grouped=any(part.grouped for part in parts),
        asked=tuple(day for part in parts for day in part.asked),
    )


def _item(item: Item, validity: Validity, view: CaseView, oldest: date | None) -> Standing:
    found: Standing | None = None
    for held in view.evidence(item.kind):
        standing = _one(item, held, validity, view, oldest)
        if standing is not None and (found is None or _better(standing, found)):
            found = standing
    if found is None:
        return Standing(state=State.MISSING, lacking=(item.kind,))
    return found


def _better(one: Standing, than: Standing) -> bool:
    """Whether a piece stands better than another of its kind. Of two that stand the same the newer one is named."""
    if one.rank != than.rank:
        return one.rank < than.rank
    if one.asked != than.asked and not (one.note or than.note):
        return one.asked < than.asked  # what was asked for first has been waited for longest
    return one.evidence is not None and than.evidence is not None and _day(one.evidence) > _day(than.evidence)


def _one(item: Item, held: Evidence, validity: Validity, view: CaseView, oldest: date | None) -> Standing | None:
    """One piece of evidence against one item; None if it has not come into being on the day or says nothing for it."""
    on = view.on
    lacking = (item.kind,)
    if note := _not_for_this(item, held, view):
        return Standing(state=State.MISSING, evidence=held, note=note, lacking=lacking)
    if held.state != "complete":
        if held.requested_on is not None and held.requested_on > on:
            return None
        return Standing(state=State.PENDING, evidence=held, lacking=lacking, asked=(held.requested_on or date.max,))
    if held.issued_on is not None and held.issued_on > on:
        return None
    if held.result == "not_clear":
        return Standing(state=State.MISSING, evidence=held, note="not_clear", lacking=lacking)
    if held.result == "qualified":
        return Standing(state=State.UNKNOWN, evidence=held, note="qualified", lacking=lacking)
    if held.result is None and item.result == "clear":
        asked = (held.requested_on or held.issued_on or date.max,)
        return Standing(state=State.PENDING, evidence=held, note="no_result", lacking=lacking, asked=asked)
    return _dated(item, held, validity, view, oldest)


def _dated(item: Item, held: Evidence, validity: Validity, view: CaseView, oldest: date | None) -> Standing:
    issued, on = held.issued_on, view.on
    lacking = (item.kind,)
    if issued is None:
        if validity.lasting in _COUNTED or validity.break_days or limits_day(item):
            return Standing(state=State.UNKNOWN, evidence=held, note="undated", lacking=lacking)
        return _lasting(held, held.expires_on, on, lacking)
    through = held.expires_on
    for last in _last_start(item, issued):
        if view.start > last:
            return Standing(state=State.EXPIRED, through=last, issued_on=issued, evidence=held, note="too_early", lacking=lacking)
        if view.get("placement.starts_on") is None:  # no start stated: every day could be the first
            through = last if through is None else min(through, last)
    if item.on_or_after:
        since = view.get(item.on_or_after)
        if since is None:
            return Standing(
                state=State.MISSING,
                evidence=held,
                note="unknown_day",
                unknown=view.unknown_bases(item.on_or_after),
                lacking=lacking,
            )
        if issued < since:
            return Standing(state=State.MISSING, issued_on=issued, evidence=held, note="before_day", lacking=lacking)
    if (item.issued_from and issued < item.issued_from) or (item.issued_until and issued > item.issued_until):
        return Standing(state=State.MISSING, issued_on=issued, evidence=held, note="not_then", lacking=lacking)
    ends: date | None = None
    grouped = False
    match validity.lasting:
        case Lasting.MONTHS:
            grouped = bool(validity.group)
            anchor = min(issued, oldest) if grouped and oldest is not None else issued
            ends = calendar.good_through(anchor, validity.months)
        case Lasting.YEARS:
            ends = calendar.last_day_of_years(issued, validity.years, validity.starting)
        case Lasting.SCHOOL_YEAR:
            ends = calendar.school_year(issued, view.get("context.school_year_starts_on"))[1]
        case Lasting.UNTIL_EXPIRY if held.expires_on is None:
            return Standing(state=State.UNKNOWN, evidence=held, note="no_expiry", lacking=lacking)
        case _:
            pass
    if ends is not None:
        through = ends if through is None else min(through, ends)
    ended = ends_with_break(view, issued, validity.break_days) if validity.break_days else None
    if ended is not None:
        if on > ended:
            return Standing(state=State.EXPIRED, through=ended, issued_on=issued, evidence=held, note="break", lacking=lacking)
        through = ended if through is None else min(through, ended)
    return _lasting(held, through, on, lacking, grouped=grouped)


def limits_day(item: Item) -> bool:
    """Whether an item must have been issued in a certain time."""
    return bool(item.within_months or item.within_days or item.on_or_after or item.issued_from or item.issued_until)


def _last_start(item: Item, issued: date) -> list[date]:
    """The last day on which service may start on the strength of an item that must be fresh at the start."""
    last = []
    if item.within_months:
        last.append(calendar.add_months(issued, item.within_months))
    if item.within_days:
        last.append(issued + timedelta(days=item.within_days))
    return last


def _lasting(held: Evidence, through: date | None, on: date, lacking: tuple[str, ...], *, grouped: bool = False) -> Standing:
    good = through is None or on <= through
    return Standing(
        state=State.MET if good else State.EXPIRED,
        through=through,
        issued_on=held.issued_on,
        evidence=held,
        lacking=() if good else lacking,
        grouped=grouped,
    )


def _not_for_this(item: Item, held: Evidence, view: CaseView) -> str:
    """Why a piece of evidence does not count here at all, in a word, or nothing."""
    if item.purpose and held.purpose is not None and held.purpose not in item.purpose:
        return "purpose"
    if item.jurisdiction and held.jurisdiction is not None and held.jurisdiction not in item.jurisdiction:
        return "jurisdiction"
    # No holder stated: the organisation that keeps this record.
    if item.holder and held.holder is not None and held.holder not in _holders(item.holder, view):
        return "holder"
    for key, words in item.detail.items():
        if held.detail.get(key) not in words:
            return "detail"
    for measure in item.measures:
        number = held.detail.get(measure.key)
        if isinstance(number, bool) or not isinstance(number, int | float):
            return "detail"
        if not NUMBERS[measure.word](number, measure.number):
            return "detail"
    return ""


def _holders(holder: str, view: CaseView) -> set[object]:
    if holder == "district":
        return {"district", view.case.context.get("district"), view.case.context.get("tenant")}
    employer = view.get("placement.employer")
    own = view.case.placement.get("organisation")
    return (
        {employer, own}
        if employer != "district"
        else {employer, own, view.case.context.get("district"), view.case.context.get("tenant")}
    )


def not_clear(version: Version, view: CaseView) -> Evidence | None:
    """Evidence of an accepted kind whose latest result is not clear; None if there is none or a later one is clear."""
    for alternative in version.accepts:
        for item in alternative.items:
            bad = None
            for held in view.evidence(item.kind):
                if held.state == "complete" and held.result == "not_clear" and (held.issued_on or view.on) <= view.on:
                    bad = held if bad is None or _day(held) > _day(bad) else bad
            if bad is not None and not any(
                held.state == "complete" and held.result == "clear" and _day(held) > _day(bad) and _day(held) <= view.on
                for held in view.evidence(item.kind)
            ):
                return bad
    return None


def _day(held: Evidence) -> date:
    return held.issued_on or date.min
