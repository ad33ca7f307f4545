"""Reading packs strictly: whatever is not known is an error with its line and what to write instead."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from staffing.core.condition_words import Words
from staffing.core.conditions import ALWAYS, Condition
from staffing.core.evidence import WITH_RESULT
from staffing.core.facts import AskedOf, FactSpec, FactType, Predicate
from staffing.core.findings import Actor, Effect, Layer, Remedy, Text
from staffing.core.pack_fields import Fields
from staffing.core.packs import (
    Alternative,
    Confidence,
    Exemption,
    Grace,
    Item,
    Lasting,
    LeftOut,
    Pack,
    Requirement,
    Terms,
    TermsVersion,
    Validity,
    Version,
)
from staffing.core.sources import Problems, Section, read
from staffing.core.standard_facts import STANDARD


class PackText:
    """The text of one pack file, before it is read in full: which plugin brings it, and what it declares for others."""

    def __init__(self, text: str, file: str, plugin: str) -> None:
        self.text = text
        self.file = file
        self.plugin = plugin
        self.problems = Problems(file)
        value = read(text, file)
        if not isinstance(value, Section):
            self.problems.add(1, "A pack is a mapping that starts with 'pack:', such as pack: us-pa.")
            self.problems.raise_if_any()
        self.fields = Fields(value, self.problems)
        self.facts = tuple(self._facts())
        self.kinds: dict[str, str] = {}
        kinds = self.fields.section("evidence_kinds", required=False)
        for kind, title in (kinds.value if kinds else {}).items():
            self.kinds[kind] = str(title)

    def _facts(self) -> Iterable[FactSpec]:
        declared = self.fields.section("facts", required=False)
        for name in declared.value if declared else ():
            fields = declared.section(name) if declared else None
            if fields is None:
                continue
            if name.partition(".")[0] not in {"person", "placement", "context"} or "." not in name:
                self.problems.add(fields.line, f"'{name}' is not a fact name; write person.…, placement.… or context.….")
            if name in STANDARD:
                self.problems.add(fields.line, f"'{name}' is a standard fact already; use it without declaring it.")
            choices = fields.section("choices", required=False)
            yield FactSpec(
                name=name,
                type=fields.choice("type", FactType, FactType.BOOL),
                label=fields.text("label"),
                question=fields.text("question"),
                hint=fields.text("hint", required=False),
                choices={key: str(label) for key, label in choices.value.items()} if choices else {},
                asked_of=fields.choice("asked_of", AskedOf, AskedOf.DISTRICT),
                default=fields.plain("default"),
                declared_by=self.plugin,
            )
            fields.finish()


def load(texts: Iterable[PackText], predicates: Mapping[str, Predicate], known: Iterable[Pack] = ()) -> tuple[Pack, ...]:
    """Read packs that belong together; they may use the facts and evidence kinds of each other and of ``known`` packs.

    Raises ``Invalid`` naming every problem of the first file that has one.
    """
    texts = list(texts)
    facts = dict(STANDARD)
    kinds: set[str] = set()
    for pack in known:
        facts.update((spec.name, spec) for spec in pack.facts)
        kinds.update(pack.kinds)
    for text in texts:
        facts.update((spec.name, spec) for spec in text.facts)
        kinds.update(text.kinds)
    return tuple(_Loader(text, facts, predicates, kinds).pack() for text in texts)


class _Loader:
    def __init__(
        self, source: PackText, facts: Mapping[str, FactSpec], predicates: Mapping[str, Predicate], kinds: Iterable[str]
    ) -> None:
        self.source = source
        self.problems = source.problems
        self.words = Words(facts, predicates, kinds, self.problems)
        self.id = ""
        self.layer = Layer.STATE_LAW
        self.overlay = ""
        self.checked_on = ""
        self.terms_known: set[str] = set()
        self.used: set[str] = set()

    def pack(self) -> Pack:
        fields = self.source.fields
        self.id = fields.text("pack")
        self.layer = fields.choice("layer", Layer, Layer.STATE_LAW)
        self.overlay = fields.text("overlay", required=False)
        self.checked_on = fields.text("checked_on")
        if self.overlay and self.layer is not Layer.DISTRICT_POLICY:
            self.problems.add(fields.line, "An overlay is district policy: write layer: district_policy.")
        conditions = fields.section("conditions", required=False)
        for name, value in conditions.value.items() if conditions else ():
            self.words.named[name] = self.words.condition(value, fields.line if conditions is None else conditions.line_of(name))
        terms = tuple(self._terms(one) for one in fields.sections("terms"))
        self.terms_known = {one.id for one in terms}
        pack = Pack(
            id=self.id,
            title=fields.text("title"),
            layer=self.layer,
            plugin=self.source.plugin,
            file=self.source.file,
            overlay=self.overlay,
            source=fields.text("source", required=False),
            facts=self.source.facts,
            kinds=self.source.kinds,
            terms=terms,
            requirements=tuple(self._requirement(one) for one in fields.sections("requirements")),
            left_out=tuple(self._left_out(one) for one in fields.sections("left_out")),
            digest=hashlib.sha256(self.source.text.encode()).hexdigest(),
        )
        fields.finish()
        if unused := sorted(self.words.named.keys() - self.words.used):
            self.problems.add(fields.line, f"The condition '{unused[0]}' is never used; remove it.")
        self.problems.raise_if_any()
        return pack

    def _left_out(self, fields: Fields) -> LeftOut:
        row = LeftOut(fields.text("ref"), fields.text("reason"))
        fields.finish()
        return row

    def _terms(self, fields: Fields) -> Terms:
        ident = self._identity(fields)
        terms = Terms(
            id=ident,
            ref=fields.text("ref"),
            title=fields.text("title"),
            versions=self._versions([self._terms_version(one) for one in fields.sections("versions", required=True)], fields),
        )
        fields.finish()
        return terms

    def _identity(self, fields: Fields) -> str:
        ident = fields.text("id")
        if ident in self.used:
            self.problems.add(fields.line, f"'{ident}' is used twice; every id is used once.")
        self.used.add(ident)
        return ident

    def _dated(self, fields: Fields) -> dict[str, Any]:
        no_rule = fields.text("no_rule", required=False)
        return {
            "since": fields.day("from", unknown=date.min),
            "until": fields.day("until", required=False),
            "citation": fields.text("citation"),
            "url": fields.text("url", required=False) or None,
            "confidence": fields.choice("confidence", Confidence),
            "checked_on": fields.text("checked_on", required=False) or self.checked_on,
            "note": fields.text("note", required=False),
            "no_rule": no_rule,
        }

    def _terms_version(self, fields: Fields) -> tuple[TermsVersion, int]:
        version = TermsVersion(
            **self._dated(fields),
            days=fields.whole("days"),
            asked_for=fields.flag("asked_for", True),
            results_in=self._kinds(fields, "results_in"),
            results_all=self._kinds(fields, "results_all"),
            papers=self._kinds(fields, "papers"),
            when=self._condition(fields, "when"),
            conditions=fields.text("conditions", required=False),
        )
        fields.finish()
        return version, fields.line

    def _kinds(self, fields: Fields, key: str) -> tuple[str, ...]:
        return tuple(self.words.kind(kind, fields.line_of(key)) for kind in fields.texts(key))

    def _condition(self, fields: Fields, key: str) -> Condition:
        value = fields.plain(key)
        return ALWAYS if value is None else self.words.condition(value, fields.line_of(key))

    def _requirement(self, fields: Fields) -> Requirement:
        clearance = fields.flag("clearance", False)
        requirement = Requirement(
            id=self._identity(fields),
            refs=(fields.text("ref"), *fields.texts("also")),
            title=fields.text("title"),
            why=fields.text("why"),
            layer=fields.choice("layer", Layer, self.layer),
            jurisdiction=self.id,
            remedy=self._remedy(fields.section("remedy")),
            clearance=clearance,
            versions=self._versions([self._version(v, clearance) for v in fields.sections("versions", required=True)], fields),
            plugin=self.source.plugin,
            overlay=self.overlay,
        )
        fields.finish()
        return requirement

    def _remedy(self, fields: Fields | None) -> Remedy:
        if fields is None:
            return Remedy(Actor.DISTRICT, Text(""))
        days = fields.whole("usual_days")
        remedy = Remedy(
            fields.choice("who", Actor),
            Text(fields.text("what").replace("{", "{{").replace("}", "}}")),
            fields.text("cost", required=False) or None,
            days or None,
        )
        fields.finish()
        return remedy

    def _version(self, fields: Fields, clearance: bool) -> tuple[Version, int]:
        dated = self._dated(fields)
        validity = self._validity(fields)
        missing = fields.choice("missing", Effect, Effect.BLOCK if clearance else Effect.HOLD)
        if clearance and missing is not Effect.BLOCK:
            self.problems.add(fields.line_of("missing"), "A missing clearance always blocks; leave 'missing' out.")
        accepts = tuple(self._alternative(one) for one in fields.sections("accepts"))
        if not accepts and not dated["no_rule"]:
            self.problems.add(fields.line, "'accepts' is missing: say which evidence satisfies the rule.")
        version = Version(
            **dated,
            applies_when=self._condition(fields, "applies_when"),
            unless=tuple(self._exemption(one) for one in fields.sections("unless")),
            accepts=accepts,
            validity=validity or Validity(),
            provisional=fields.text("provisional", required=False),
            grace=self._grace(fields.section("grace", required=False)),
            missing=missing,
        )
        if version.provisional and version.provisional not in self.terms_known:
            self.problems.add(fields.line_of("provisional"), f"There are no terms '{version.provisional}' in this pack.")
        if validity is None and not dated["no_rule"]:
            self.problems.add(fields.line, "'valid' is missing: write valid: once, or {months: 60}.")
        fields.finish()
        return version, fields.line

    def _exemption(self, fields: Fields) -> Exemption:
        exemption = Exemption(
            when=self._condition(fields, "when"),
            reason=fields.text("reason"),
            only_if_stated=fields.flag("only_if_stated", False),
        )
        fields.finish()
        return exemption

    def _grace(self, fields: Fields | None) -> Grace | None:
        if fields is None:
            return None
        after = fields.texts("after") or ("start",)
        for word in after:
            if word not in {"start", "school_year"}:
                self.problems.add(fields.line, f"A grace period follows 'start' or 'school_year', not '{word}'.")
        grace = Grace(days=fields.whole("days") + 7 * fields.whole("weeks"), after=after)
        if not grace.days:
            self.problems.add(fields.line, "A grace period needs 'weeks' or 'days'.")
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
            return Validity(lasting=lasting)
        inner = Fields(value, self.problems)
        validity = Validity(lasting=Lasting.MONTHS, months=inner.whole("months"), group=inner.text("oldest_of", required=False))
        if validity.months < 1:
            self.problems.add(inner.line, "'months' must be a whole number above 0.")
        inner.finish()
        return validity

    def _alternative(self, fields: Fields) -> Alternative:
        when = self._condition(fields, "when")
        validity = self._validity(fields)
        parts = fields.sections("all")
        items = tuple(self._item(one) for one in parts) if parts else (self._item(fields),)
        if parts:
            fields.finish()
        return Alternative(items=items, when=when, validity=validity)

    def _item(self, fields: Fields) -> Item:
        kind = self.words.kind(fields.text("kind"), fields.line_of("kind"))
        within = fields.section("within", required=False)
        detail = fields.section("detail", required=False)
        after = fields.text("on_or_after", required=False)
        if after and (spec := self.words.fact(after, fields.line_of("on_or_after"))) and spec.type is not FactType.DATE:
            self.problems.add(fields.line_of("on_or_after"), f"'{after}' is not a date fact.")
        item = Item(
            kind=kind,
            name=fields.text("name", required=False),
            purpose=fields.texts("purpose"),
            jurisdiction=fields.texts("jurisdiction"),
            holder=fields.word("holder", ("", "district", "employer")),
            detail={k: tuple(v) if isinstance(v, list) else (v,) for k, v in detail.value.items()} if detail else {},
            within_months=within.whole("months") if within else 0,
            within_days=within.whole("days") if within else 0,
            on_or_after=after,
            result=fields.word("result", ("clear", "any"), "clear" if kind in WITH_RESULT else "any"),
        )
        if within:
            within.finish()
        fields.finish()
        return item

    def _versions(self, read_versions: list[tuple[Any, int]], fields: Fields) -> tuple[Any, ...]:
        """Check that versions follow each other without overlap or gap."""
        for (before, _), (after, line) in pairwise(read_versions):
            if before.until is None or before.until >= after.since:
                self.problems.add(
                    line,
                    f"This version starts on {after.since} while the one before is still in force; give that one an 'until'.",
                )
            elif before.until + timedelta(days=1) != after.since:
                self.problems.add(
                    line,
                    f"No version is in force from {before.until + timedelta(days=1)} to {after.since - timedelta(days=1)}; "
                    "close the gap, or add a version that says no_rule: and why.",
                )
        for version, line in read_versions:
            if version.until is not None and version.until < version.since:
                self.problems.add(line, f"A version cannot end on {version.until} before it starts on {version.since}.")
        return tuple(version for version, _ in read_versions)
