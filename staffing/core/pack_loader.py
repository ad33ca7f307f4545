"""Reading packs strictly: whatever is not known is an error with its line and what to write instead."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import msgspec

from staffing.core.condition_words import Words
from staffing.core.facts import AskedOf, FactSpec, FactType, Predicate
from staffing.core.findings import Actor, Layer, Remedy, Text
from staffing.core.pack_fields import Fields
from staffing.core.packs import Confidence, LeftOut, Pack, Requirement, Terms, Waivable
from staffing.core.sources import Problems, Section, read
from staffing.core.standard_facts import STANDARD
from staffing.core.version_reader import VersionReader


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

    def line_of_fact(self, name: str) -> int:
        """The line on which a fact is declared."""
        declared = self.fields.section("facts", required=False)
        return declared.line_of(name) if declared else 1

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


def load(
    texts: Iterable[PackText], predicates: Mapping[str, Predicate], known: Iterable[Pack] = (), others: Iterable[Pack] = ()
) -> tuple[Pack, ...]:
    """Read packs that belong together; they may use the facts and evidence kinds of each other and of ``known`` packs.

    ``others`` are loaded beside them: what these declare cannot be used, and a fact of theirs cannot be declared otherwise.
    Raises ``Invalid`` naming every problem of the first file that has one.
    """
    texts = list(texts)
    facts = dict(STANDARD)
    kinds: set[str] = set()
    for pack in known:
        facts.update((spec.name, spec) for spec in pack.facts)
        kinds.update(pack.kinds)
    declared = facts | {spec.name: spec for pack in others for spec in pack.facts}
    for text in texts:
        for spec in text.facts:
            if (other := declared.get(spec.name)) and spec.name not in STANDARD and not _same(other, spec):
                text.problems.add(
                    text.line_of_fact(spec.name),
                    f"'{spec.name}' is declared otherwise by {other.declared_by}; declare it in the same words in both, or under "
                    "another name.",
                )
            facts[spec.name] = declared[spec.name] = spec
        kinds.update(text.kinds)
    return tuple(_Loader(text, facts, predicates, kinds).pack() for text in texts)


def _same(one: FactSpec, other: FactSpec) -> bool:
    return msgspec.structs.replace(one, declared_by="") == msgspec.structs.replace(other, declared_by="")


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
        self.reader = VersionReader(self.words, self.problems, self._dated)
        self.used: set[str] = set()

    def pack(self) -> Pack:
        fields = self.source.fields
        self.id = fields.text("pack")
        self.layer = fields.choice("layer", Layer, Layer.STATE_LAW)
        self.overlay = fields.text("overlay", required=False)
        self.checked_on = fields.text("checked_on")
        if self.overlay and self.layer is not Layer.DISTRICT_POLICY:
            self.problems.add(fields.line, "An overlay is district policy: write layer: district_policy.")
        named = fields.section("predicates", required=False)
        self.words.listed = {name: str(says) for name, says in named.value.items()} if named else {}
        conditions = fields.section("conditions", required=False)
        for name, value in conditions.value.items() if conditions else ():
            self.words.named[name] = self.words.condition(value, fields.line if conditions is None else conditions.line_of(name))
        terms = tuple(self._terms(one) for one in fields.sections("terms"))
        self.reader.terms_known = {one.id for one in terms}
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
            predicates=self.words.listed,
            terms=terms,
            requirements=tuple(self._requirement(one) for one in fields.sections("requirements")),
            left_out=tuple(self._left_out(one) for one in fields.sections("left_out")),
            digest=hashlib.sha256(self.source.text.encode()).hexdigest(),
        )
        fields.finish()
        if unused := sorted(self.words.named.keys() - self.words.used):
            self.problems.add(fields.line, f"The condition '{unused[0]}' is never used; remove it.")
        if unused := sorted(self.words.listed.keys() - self.words.used):
            self.problems.add(fields.line_of("predicates"), f"The predicate '{unused[0]}' is listed and never used; remove it.")
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
            versions=self._versions([self.reader.terms_version(v) for v in fields.sections("versions", required=True)]),
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
            versions=self._versions([self.reader.version(v, clearance) for v in fields.sections("versions", required=True)]),
            plugin=self.source.plugin,
            overlay=self.overlay,
            waivable=self._waivable(fields.section("waivable", required=False), clearance),
        )
        fields.finish()
        return requirement

    def _waivable(self, fields: Fields | None, clearance: bool) -> Waivable | None:
        if fields is None:
            return None
        if clearance:
            self.problems.add(fields.line, "A clearance is waived by nobody; take 'waivable' out.")
        waivable = Waivable(by=fields.text("by"), under=fields.text("under"), sections=fields.texts("sections"))
        if not waivable.sections:
            self.problems.add(fields.line, "'sections' is missing: name the sections a waiver has to name.")
        fields.finish()
        return waivable

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

    def _versions(self, read_versions: list[tuple[Any, int]]) -> tuple[Any, ...]:
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
