"""What the words of a rule let be taken for granted, so that what it said of one person may be said of others."""

from __future__ import annotations

import msgspec

from staffing.core.assessment import Rule
from staffing.core.conditions import Condition
from staffing.core.holdings import limits_day
from staffing.core.packs import Lasting, TermsVersion, Version
from staffing.core.remembered import Asked, is_named, kinds_read, varies

#: All that a rule may read of a placement outside its conditions, unless it reads more than a little.
PLACEMENT_READ = ("employer", "organisation", "site")


def may_be_remembered(rule: Rule) -> bool:
    """Whether what a rule reads can be noted: a plugin's predicate may look where nobody sees it."""
    return not any(is_named(condition) for condition in rule.conditions)


def asked(rule: Rule) -> Rule:
    """The rule with its conditions on facts alone answered beforehand, and without the list of facts it shows."""
    version, terms = rule.version, rule.terms
    if version is not None and not version.no_rule:
        change = msgspec.structs.replace
        version = change(
            version,
            applies_when=_one(version.applies_when),
            unless=tuple(change(e, when=_one(e.when)) for e in version.unless),
            must=tuple(change(m, when=_one(m.when)) for m in version.must),
            ratio=tuple(change(b, when=_one(b.when)) for b in version.ratio),
            accepts=tuple(change(a, when=_one(a.when)) for a in version.accepts),
        )
        if terms is not None:
            terms = change(terms, when=_one(terms.when))
    asked = Rule(rule.requirement, version, terms)
    asked.facts = ()
    return asked


def _one(condition: Condition) -> Condition:
    return condition if kinds_read(condition) else Asked(condition)


def kinds(rule: Rule) -> tuple[str, ...]:
    """The kinds of evidence a rule looks at, those it accepts first."""
    terms = rule.terms
    asked = (*terms.results_in, *terms.results_all, *terms.papers) if terms else ()
    looked = [kind for condition in rule.conditions for kind in sorted(kinds_read(condition))]
    return tuple(dict.fromkeys((*rule.accepts, *asked, *looked)))


def is_parted(version: Version, *, grouped: bool) -> bool:
    """Whether one piece of evidence can satisfy the rule, and each kind counts in one way."""
    if grouped and (version.must or version.ratio or not version.confidence.decides):
        return False  # its evidence counts towards the oldest of the group whatever the rule itself says
    if any(item.issued_until for alternative in version.accepts for item in alternative.items):
        return False  # an older piece may count where a newer one does not
    kinds = [alternative.items[0].kind for alternative in version.accepts if len(alternative.items) == 1]
    return 0 < len(kinds) == len(version.accepts) == len(set(kinds))


def counts_from_oldest(version: Version) -> bool:
    """Whether the day of issue matters for nothing but the end of a period that runs from the oldest of the group."""
    each = [alternative.validity or version.validity for alternative in version.accepts]
    items = [item for alternative in version.accepts for item in alternative.items]
    return all(v.lasting is Lasting.MONTHS and v.group and not v.break_days for v in each) and not any(map(limits_day, items))


def window(version: Version, terms: TermsVersion | None) -> int | None:
    """The longest that work may go on after the start without an item; None where the start matters for more than that."""
    items = [item for alternative in version.accepts for item in alternative.items]
    if any(i.within_months or i.within_days or i.on_or_after for i in items):
        return None
    if terms and (not terms.days or terms.asked_within is not None or terms.counted_from == "asked"):
        return None
    grace = version.grace
    return max(terms.days if terms else 0, grace.months * 31 + grace.days if grace else 0)


def reads_little(version: Version | None) -> bool:
    """Whether all that the rule reads of a placement outside its conditions is ``_PLACEMENT_READ``."""
    items = [item for alternative in (version.accepts if version else ()) for item in alternative.items]
    return all(not item.on_or_after or varies(item.on_or_after) for item in items)
