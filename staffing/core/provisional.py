"""Work that may begin before an item is in: under the terms of provisional service, or in the grace of a version."""

from __future__ import annotations

from datetime import date, timedelta

from staffing.core import calendar, holdings
from staffing.core.evidence import Evidence
from staffing.core.facts import CaseView
from staffing.core.findings import State, Text
from staffing.core.holdings import Standing
from staffing.core.packs import Grace, TermsVersion, Version

#: Why an item does not count that no provisional service makes up for.
_NEVER = frozenset({"not_clear", "qualified"})


def passing(version: Version, terms: TermsVersion | None, view: CaseView, standing: Standing) -> tuple[Text, date | None] | None:
    """Why the work may go on without the item today, and the last day on which it may (None: no limit); or None."""
    if standing.note in _NEVER:
        return None
    if terms and terms.confidence.decides and not terms.no_rule and _terms_met(terms, version, view, standing):
        ends = _terms_end(terms, version, view, standing)
        if ends is None or view.on <= ends:
            return _under_terms(terms, ends), ends
    if version.grace:
        ends = _grace_ends(version.grace, view)
        if view.on <= ends:
            return Text("Due by {through}; the work may begin before.", {"through": ends.isoformat()}), ends
    return None


def _under_terms(terms: TermsVersion, ends: date | None) -> Text:
    if ends is None:
        return Text("May work provisionally until the result is in. {conditions}", {"conditions": terms.conditions})
    values = {"conditions": terms.conditions, "through": ends.isoformat()}
    return Text("May work provisionally through {through}, until the result is in. {conditions}", values)


def _terms_end(terms: TermsVersion, version: Version, view: CaseView, standing: Standing) -> date | None:
    """The last day: of the days given, of those for asking, and of what has to be held meanwhile."""
    ends: list[date | None] = [_first(terms, view, standing) + timedelta(days=terms.days) if terms.days else None]
    if terms.asked_within is not None and standing.state is not State.PENDING:
        ends.append(view.start + timedelta(days=terms.asked_within))
    ends.extend(_result(terms, version, kind, view).through for kind in terms.results_all)
    if terms.results_in:
        stand = [r for kind in terms.results_in if (r := _result(terms, version, kind, view)).state is State.MET]
        ends.append(max((r.through or date.max for r in stand), default=None))
    ends.extend(max((e.expires_on or date.max for e in _held(terms, view, kind)), default=None) for kind in terms.papers)
    return min((end for end in ends if end is not None and end != date.max), default=None)


def _first(terms: TermsVersion, view: CaseView, standing: Standing) -> date:
    """The day from which the days are counted. ``_terms_met`` has seen to it that the day of asking is known."""
    return min(standing.asked) if terms.counted_from == "asked" else view.start


def _grace_ends(grace: Grace, view: CaseView) -> date:
    firsts = [view.start] if "start" in grace.after else []
    if "school_year" in grace.after:
        firsts.append(calendar.school_year(view.on, view.get("context.school_year_starts_on"))[0])
    return calendar.add_months(max(firsts), grace.months) + timedelta(days=grace.days)


def _terms_met(terms: TermsVersion, version: Version, view: CaseView, standing: Standing) -> bool:
    if terms.counted_from == "asked" and max(standing.asked, default=date.max) == date.max:
        return False
    if terms.asked_for and not _asked_in_time(terms, view, standing):
        return False

    def back(kind: str) -> bool:
        return _result(terms, version, kind, view).state is State.MET

    if not all(back(kind) for kind in terms.results_all) or (terms.results_in and not any(map(back, terms.results_in))):
        return False
    if not all(_held(terms, view, kind) for kind in terms.papers):
        return False
    return terms.when.test(view) is True


def _asked_in_time(terms: TermsVersion, view: CaseView, standing: Standing) -> bool:
    if terms.asked_within is None:
        return standing.state is State.PENDING
    if standing.state is not State.PENDING:
        return True  # the days for asking are still running, or the end of the terms says that they are over
    return max(standing.asked, default=date.max) <= view.start + timedelta(days=terms.asked_within)


def _result(terms: TermsVersion, version: Version, kind: str, view: CaseView) -> Standing:
    return holdings.result(version, kind, view, terms.of.get(kind, ()))


def _held(terms: TermsVersion, view: CaseView, kind: str) -> list[Evidence]:
    of = terms.of.get(kind)
    fits = [held for held in view.evidence(kind) if not of or held.jurisdiction is None or held.jurisdiction in of]
    return [held for held in fits if held.in_hand(view.on)]
