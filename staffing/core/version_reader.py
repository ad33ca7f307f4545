"""Reading one version of a rule strictly: what it accepts, for how long, what has to be so, and what may be outstanding."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from staffing.core.condition_words import Words
from staffing.core.conditions import ALWAYS, NUMBERS, Condition
from staffing.core.evidence import KINDS, WITH_RESULT
from staffing.core.facts import FactType
from staffing.core.findings import Effect
from staffing.core.pack_fields import Fields
from staffing.core.packs import (
    Alternative,
    Band,
    Exemption,
    Grace,
    Item,
    Lasting,
    Measure,
    Must,
    TermsVersion,
    Validity,
    Version,
)
from staffing.core.sources import Problems, Section, meant

_PURPOSES = ("volunteer", "employment")


class VersionReader:
    """Reads versions of requirements and of provisional terms. What is wrong is noted in ``problems``."""

    def __init__(self, words: Words, problems: Problems, dated: Callable[[Fields], dict[str, Any]]) -> None:
        self.words = words
        self.problems = problems
        self.dated = dated
        self.terms_known: set[str] = set()

    def version(self, fields: Fields, clearance: bool) -> tuple[Version, int]:
        """A version of a requirement, and its line."""
        dated = self.dated(fields)
        validity = self._validity(fields)
        missing = fields.choice("missing", Effect, Effect.BLOCK if clearance else Effect.HOLD)
        if clearance and missing is not Effect.BLOCK:
            self.problems.add(fields.line_of("missing"), "A missing clearance always blocks; leave 'missing' out.")
        accepts = tuple(self._alternative(one) for one in fields.sections("accepts"))
        must = tuple(self._must(one) for one in fields.sections("must"))
        ratio = tuple(self._band(one) for one in fields.sections("ratio"))
        version = Version(
            **dated,
            applies_when=self.condition(fields, "applies_when"),
            unless=tuple(self._exemption(one) for one in fields.sections("unless")),
            accepts=accepts,
            validity=validity or Validity(),
            provisional=fields.text("provisional", required=False),
            grace=self._grace(fields.section("grace", required=False)),
            missing=missing,
            must=must,
            ratio=ratio,
        )
        if not (accepts or must or ratio or version.no_rule):
            self.problems.add(
                fields.line,
                "'accepts' is missing: say which evidence satisfies the rule (or what 'must' be so, or the 'ratio'). "
                "As it stands nobody could ever meet it.",
            )
        if ratio and (accepts or must):
            self.problems.add(fields.line_of("ratio"), "A ratio is a rule of its own; put what else is asked for in another.")
        if version.provisional and version.provisional not in self.terms_known:
            self.problems.add(fields.line_of("provisional"), f"There are no terms '{version.provisional}' in this pack.")
        if accepts and validity is None and not version.no_rule:
            self.problems.add(fields.line, "'valid' is missing: write valid: once, or {months: 60}.")
        fields.finish()
        return version, fields.line

    def terms_version(self, fields: Fields) -> tuple[TermsVersion, int]:
        """A version of provisional terms, and its line."""
        asked = fields.section("asked_within", required=False)
        version = TermsVersion(
            **self.dated(fields),
            days=fields.whole("days"),
            counted_from=fields.word("counted_from", ("start", "asked"), "start"),
            asked_for=fields.flag("asked_for", True),
            asked_within=asked.whole("days") if asked else None,
            results_in=self._kinds(fields, "results_in"),
            results_all=self._kinds(fields, "results_all"),
            papers=self._kinds(fields, "papers"),
            of=self._of(fields.section("of", required=False)),
            when=self.condition(fields, "when"),
            conditions=fields.text("conditions", required=False),
        )
        for kind in version.of:
            if kind not in (*version.results_in, *version.results_all, *version.papers):
                sentence = f"'of' names '{kind}', which these terms do not ask for. Name it in results_in, results_all or papers."
                self.problems.add(fields.line_of("of"), sentence)
        if asked:
            if not version.asked_for or asked.plain("days") is None:
                self.problems.add(asked.line, "'asked_within' needs 'days', and terms under which the item is asked for.")
            asked.finish()
        if version.counted_from == "asked" and not (version.days and version.asked_for):
            sentence = "'counted_from: asked' needs 'days', and terms under which the item is asked for."
            self.problems.add(fields.line_of("counted_from"), sentence)
        fields.finish()
        return version, fields.line

    def condition(self, fields: Fields, key: str) -> Condition:
        """The condition under a key; always true when there is none."""
        value = fields.plain(key)
        return ALWAYS if value is None else self.words.condition(value, fields.line_of(key))

    def _kinds(self, fields: Fields, key: str) -> tuple[str, ...]:
        return tuple(self.words.kind(kind, fields.line_of(key)) for kind in fields.texts(key))

    def _of(self, fields: Fields | None) -> dict[str, tuple[str, ...]]:
        """Whose record each kind has to be."""
        if fields is None:
            return {}
        found = {self.words.kind(kind, fields.line_of(kind)): fields.texts(kind) for kind in fields.value}
        for kind, places in found.items():
            self._places(places, fields, kind)
        return found

    def _exemption(self, fields: Fields) -> Exemption:
        exemption = Exemption(
            when=self.condition(fields, "when"),
            reason=fields.text("reason"),
            only_if_stated=fields.flag("only_if_stated", False),
        )
        fields.finish()
        return exemption

    def _must(self, fields: Fields) -> Must:
        if fields.plain("when") is None:
            self.problems.add(fields.line, "'when' is missing: say what has to be so.")
        must = Must(when=self.condition(fields, "when"), otherwise=fields.text("otherwise"))
        fields.finish()
        return must

    def _band(self, fields: Fields) -> Band:
        second = fields.plain("second_adult_above")
        band = Band(
            when=self.condition(fields, "when"),
            children_per_adult=fields.whole("children_per_adult"),
            group_at_most=fields.whole("group_at_most"),
            second_adult_above=None if second is None else fields.whole("second_adult_above"),
        )
        if band.children_per_adult < 1:
            self.problems.add(fields.line, "'children_per_adult' must be a whole number above 0.")
        fields.finish()
        return band

    def _grace(self, fields: Fields | None) -> Grace | None:
        if fields is None:
            return None
        after = fields.texts("after") or ("start",)
        for word in after:
            if word not in {"start", "school_year"}:
                self.problems.add(fields.line, f"A grace period follows 'start' or 'school_year', not '{word}'.")
        grace = Grace(months=fields.whole("months"), days=fields.whole("days") + 7 * fields.whole("weeks"), after=after)
        if not grace.days and not grace.months:
            self.problems.add(fields.line, "A grace period needs 'months', 'weeks' or 'days'.")
        fields.finish()
        return grace

    def _validity(self, fields: Fields) -> Validity | None:
        value = fields.plain("valid")
        if value is None:
            return None
        if not isinstance(value, Section):
            lasting = fields.choice("valid", Lasting)
            if lasting is Lasting.MONTHS:
                self.problems.add(fields.line_of("valid"), "Write the number of months: valid: {months: 60}.")
            if lasting is Lasting.YEARS:
                self.problems.add(fields.line_of("valid"), "Write how many years: valid: {years: 1, starting: 07-01}.")
            return Validity(lasting=lasting)
        inner = Fields(value, self.problems)
        years = inner.whole("years")
        once = inner.flag("once", False)
        validity = Validity(
            lasting=Lasting.ONCE if once else Lasting.YEARS if years else Lasting.MONTHS,
            months=inner.whole("months"),
            group=inner.text("oldest_of", required=False),
            years=years,
            starting=self._starting(inner),
            break_days=self._break(inner.section("break", required=False)),
        )
        if [validity.months > 0, years > 0, once].count(True) != 1:
            self.problems.add(inner.line, "Write either 'months' or 'years', a whole number above 0, or once: true.")
        if years and validity.group:
            self.problems.add(inner.line, "'oldest_of' goes with 'months'.")
        inner.finish()
        return validity

    def _starting(self, fields: Fields) -> tuple[int, int]:
        found = fields.text("starting", required=False)
        if not found:
            return (7, 1)
        month, dash, day = found.partition("-")
        try:
            if not dash or len(month) != 2 or len(day) != 2:
                raise ValueError
            start = date(2000, int(month), int(day))
        except ValueError:
            self.problems.add(fields.line_of("starting"), f"'starting' is a month and a day such as 07-01, not '{found}'.")
            return (7, 1)
        return start.month, start.day

    def _break(self, fields: Fields | None) -> int:
        if fields is None:
            return 0
        more, least = fields.whole("more_than_days"), fields.whole("at_least_days")
        if bool(more) == bool(least):
            self.problems.add(fields.line, "A break is 'more_than_days' or 'at_least_days', a whole number above 0.")
        fields.finish()
        return more + 1 if more else least

    def _alternative(self, fields: Fields) -> Alternative:
        when = self.condition(fields, "when")
        validity = self._validity(fields)
        parts = fields.sections("all")
        items = tuple(self._item(one) for one in parts) if parts else (self._item(fields),)
        if parts:
            fields.finish()
        return Alternative(items=items, when=when, validity=validity)

    def _item(self, fields: Fields) -> Item:
        kind = self.words.kind(fields.text("kind"), fields.line_of("kind"))
        within = fields.section("within", required=False)
        issued = fields.section("issued", required=False)
        after = fields.text("on_or_after", required=False)
        if after and (spec := self.words.fact(after, fields.line_of("on_or_after"))) and spec.type is not FactType.DATE:
            self.problems.add(fields.line_of("on_or_after"), f"'{after}' is not a date fact.")
        detail, measures = self._detail(fields.section("detail", required=False))
        item = Item(
            kind=kind,
            name=fields.text("name", required=False),
            purpose=fields.texts("purpose"),
            jurisdiction=fields.texts("jurisdiction"),
            holder=fields.word("holder", ("", "district", "employer")),
            detail=detail,
            measures=measures,
            within_months=within.whole("months") if within else 0,
            within_days=within.whole("days") if within else 0,
            on_or_after=after,
            issued_from=issued.day("from", required=False) if issued else None,
            issued_until=issued.day("until", required=False) if issued else None,
            result=fields.word("result", ("clear", "any"), "clear" if kind in WITH_RESULT else "any"),
        )
        self._can_be_held(item, fields)
        for inner in (within, issued):
            if inner:
                inner.finish()
        fields.finish()
        return item

    def _places(self, places: tuple[str, ...], fields: Fields, key: str) -> None:
        for place in places:
            parts = place.split("-")
            if parts[0] != "us" or any(len(part) != 2 or not part.isalpha() or not part.islower() for part in parts):
                sentence = f"Nobody can hold evidence from '{place}'; write a jurisdiction such as us-pa."
                self.problems.add(fields.line_of(key), sentence)

    def _can_be_held(self, item: Item, fields: Fields) -> None:
        """Limits that no evidence could ever fit."""
        if item.issued_from and item.issued_until and item.issued_until < item.issued_from:
            sentence = f"Nobody can hold evidence issued from {item.issued_from} until {item.issued_until}; mend the days."
            self.problems.add(fields.line_of("issued"), sentence)
        for purpose in item.purpose:
            if purpose not in _PURPOSES:
                sentence = f"Nobody can hold evidence for the purpose '{purpose}'. {meant(purpose, _PURPOSES)}"
                self.problems.add(fields.line_of("purpose"), sentence)
        self._places(item.jurisdiction, fields, "jurisdiction")
        if item.result == "clear" and item.kind in KINDS and item.kind not in WITH_RESULT:
            self.problems.add(
                fields.line_of("result"), f"Nobody can hold a clear '{item.kind}': that kind has no result; leave 'result' out."
            )

    def _detail(self, fields: Fields | None) -> tuple[dict[str, tuple[Any, ...]], tuple[Measure, ...]]:
        words: dict[str, tuple[Any, ...]] = {}
        measures: list[Measure] = []
        for key, value in fields.value.items() if fields else ():
            line = fields.line_of(key) if fields else 0
            if isinstance(value, Section):
                for word, number in value.items():
                    if word not in NUMBERS:
                        self.problems.add(value.line_of(word), f"'{word}' compares no numbers. {meant(word, NUMBERS)}")
                    elif not isinstance(number, int | float) or isinstance(number, bool):
                        self.problems.add(value.line_of(word), f"'{word}' takes a number, not '{number}'.")
                    else:
                        measures.append(Measure(key, word, number))
                continue
            words[key] = tuple(value) if isinstance(value, list) else (value,)
            if not words[key]:
                self.problems.add(line, f"Nobody can hold evidence whose '{key}' is one of nothing; name the words that count.")
        return words, tuple(measures)
