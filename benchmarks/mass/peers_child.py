"""Run by ``peers.py`` in the peers' own Python: reads people.json, prints a line of JSON for each peer."""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

OUTCOMES = ["allow", "advise", "provisional", "needs_notice", "needs_cosign", "hold", "block"]
CLEARS = {"allow", "advise", "provisional"}
#: Months as days: neither engine adds calendar months to a number.
DAYS = {"bg": 1826, "ca": 1826, "re": 1096, "tb": 1461, "mr": 730, "no": 1826}


def tell(name: str, took: float, answers: list, people: list, note: str, *, same=lambda a, b: a == b) -> None:
    wanted = [p["outcome"] for p in people]
    differ = sum(not same(a, w) for a, w in zip(answers, wanted, strict=True))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rate = len(answers) / took
    print(
        json.dumps({"name": name, "rate": rate, "differ": differ, "of": len(answers), "memory": memory, "note": note}), flush=True
    )


def zen_engine(people: list) -> None:
    import zen

    def met(through: str, otherwise: str) -> str:
        return f"({through} >= on ? ({through} - on <= 60 ? 1 : 0) : {otherwise})"

    bg = "(oldest > 0 and oldest < bg ? oldest : bg)"
    ca = "(oldest > 0 and oldest < ca ? oldest : ca)"
    terms = [
        f"bg_bad ? 6 : young ? 0 : {met(f'({bg} + 1826)', '(open and on <= start + 45 ? 2 : 6)')}",
        f"ca_bad ? 6 : {met(f'({ca} + 1826)', '6')}",
        f"re_bad ? 6 : {met('(re + 1096)', '6')}",
        f"tb_bad ? 6 : board ? 0 : {met('(tb + 1461)', '6')}",
        met("(mr + 730)", "(on <= start + 42 ? 2 : 5)"),
        met("(no + 1826)", "5"),
    ]
    text = "max([" + ", ".join(f"({term})" for term in terms) + "])"
    expression = zen.compile_expression(text)
    cases = []
    for p in people:
        held = [d for d in ((0 if p["young"] else p["bg"]), p["ca"]) if d]
        cases.append({**p, "oldest": min(held, default=0)})
    began = time.perf_counter()
    answers = [expression.evaluate(case) for case in cases]
    took = time.perf_counter() - began
    note = "Outcome alone; months as days."
    tell("zen-engine, one expression", took, [OUTCOMES[int(a)] for a in answers], people, note)
    nodes = [
        {"id": "i", "type": "inputNode", "name": "in", "position": {"x": 0, "y": 0}},
        {"id": "e", "type": "expressionNode", "name": "e", "position": {"x": 1, "y": 0},
         "content": {"expressions": [{"id": f"x{n}", "key": f"s{n}", "value": term} for n, term in enumerate(terms)]
                     + [{"id": "o", "key": "outcome", "value": text}]}},
        {"id": "o", "type": "outputNode", "name": "out", "position": {"x": 2, "y": 0}},
    ]  # fmt: skip
    edges = [
        {"id": "a", "type": "edge", "sourceId": "i", "targetId": "e"},
        {"id": "b", "type": "edge", "sourceId": "e", "targetId": "o"},
    ]
    decision = zen.ZenEngine().create_decision(json.dumps({"nodes": nodes, "edges": edges}))
    some = cases[:5000]
    began = time.perf_counter()
    answers = [decision.evaluate(case)["result"]["outcome"] for case in some]
    took = time.perf_counter() - began
    tell("zen-engine, a decision", took, [OUTCOMES[int(a)] for a in answers], some, "Each rule's answer too; months as days.")


def openfisca(people: list) -> None:
    import numpy
    from openfisca_core.entities import build_entity
    from openfisca_core.periods import DateUnit
    from openfisca_core.simulations import SimulationBuilder
    from openfisca_core.taxbenefitsystems import TaxBenefitSystem
    from openfisca_core.variables import Variable

    person = build_entity(key="person", plural="persons", label="", is_person=True)
    system = TaxBenefitSystem([person])
    names = [n for n in people[0] if n not in ("outcome", "on")]
    on = people[0]["on"]

    def given(name: str) -> type:
        kind = bool if isinstance(people[0][name], bool) else int
        return type(name, (Variable,), {"value_type": kind, "entity": person, "definition_period": DateUnit.DAY, "label": name})

    class outcome(Variable):
        value_type = int
        entity = person
        definition_period = DateUnit.DAY
        label = "outcome"

        def formula(person, period):
            g = {name: person(name, period) for name in names}
            far = 10**9
            oldest = numpy.minimum(
                numpy.where(g["young"] | (g["bg"] == 0), far, g["bg"]), numpy.where(g["ca"] == 0, far, g["ca"])
            )

            def met(day, days, otherwise):
                through = day + days
                return numpy.where(through >= on, numpy.where(through - on <= 60, 1, 0), otherwise)

            block = numpy.full(len(oldest), 6)
            s1 = met(numpy.minimum(g["bg"], oldest), 1826, numpy.where(g["open"] & (on <= g["start"] + 45), 2, 6))
            s1 = numpy.where(g["bg_bad"], 6, numpy.where(g["young"], 0, s1))
            s2 = numpy.where(g["ca_bad"], 6, met(numpy.minimum(g["ca"], oldest), 1826, block))
            s3 = numpy.where(g["re_bad"], 6, met(g["re"], 1096, block))
            s4 = numpy.where(g["tb_bad"], 6, numpy.where(g["board"], 0, met(g["tb"], 1461, block)))
            s5 = met(g["mr"], 730, numpy.where(on <= g["start"] + 42, 2, 5))
            s6 = met(g["no"], 1826, numpy.full(len(oldest), 5))
            return numpy.max([s1, s2, s3, s4, s5, s6], axis=0)

    system.add_variables(*(given(name) for name in names), outcome)
    day = date.fromordinal(on).isoformat()
    columns = {name: numpy.array([p[name] for p in people]) for name in names}
    best = None
    for _ in range(3):
        simulation = SimulationBuilder().build_default_simulation(system, count=len(people))
        began = time.perf_counter()
        for name, column in columns.items():
            simulation.set_input(name, day, column)
        answers = simulation.calculate("outcome", day)
        took = time.perf_counter() - began
        best = took if best is None else min(best, took)
    note = "Outcome alone, all at once in columns; months as days."
    tell("OpenFisca-Core", best, [OUTCOMES[int(a)] for a in answers], people, note)


def ephios(people: list) -> None:
    folder = Path(sys.argv[1]).parent
    os.environ.update(
        DEBUG="False",
        DATA_DIR=str(folder / "data"),
        ALLOWED_HOSTS="*",
        DATABASE_URL=f"sqlite:///{folder / 'ephios.sqlite3'}",
        SITE_URL="http://localhost",
        EMAIL_URL="consolemail://",
        DEFAULT_FROM_EMAIL="a@localhost",
        SERVER_EMAIL="a@localhost",
        ADMINS="a@localhost",
        DJANGO_SETTINGS_MODULE="ephios.settings",
    )
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from ephios.core.models import Qualification, QualificationGrant, UserProfile
    from ephios.core.models.users import QualificationCategory

    category = QualificationCategory.objects.create(title="Checks")
    wanted = {n: Qualification.objects.create(title=n, abbreviation=n, category=category) for n in DAYS}
    some = people[:500]
    on = some[0]["on"]
    now = datetime.now(tz=UTC)
    users = UserProfile.objects.bulk_create(
        [
            UserProfile(email=f"u{n}@localhost", display_name=f"U {n}", date_of_birth=date(1990, 1, 1), password="!")
            for n in range(len(some))
        ]
    )
    grants = []
    for user, p in zip(users, some, strict=True):
        oldest = min([d for d in ((0 if p["young"] else p["bg"]), p["ca"]) if d], default=0)
        for name, qualification in wanted.items():
            day = min(p[name], oldest) if name in ("bg", "ca") and oldest and p[name] else p[name]
            exempt = (name == "bg" and p["young"]) or (name == "tb" and p["board"])
            bad = name in ("bg", "ca", "re", "tb") and p[f"{name}_bad"]
            if not bad and (day or exempt):
                expires = None if exempt else now + timedelta(days=day + DAYS[name] - on, hours=1)
                grants.append(QualificationGrant(user=user, qualification=qualification, expires=expires))
    QualificationGrant.objects.bulk_create(grants)
    required = list(wanted.values())
    began = time.perf_counter()
    answers = [user.as_participant().has_qualifications(required) for user in UserProfile.objects.filter(email__startswith="u")]
    took = time.perf_counter() - began
    note = "Qualified or not, from its database; no provisional service, no grace."
    tell("ephios", took, answers, some, note, same=lambda a, w: a == (w in CLEARS))


if __name__ == "__main__":
    told = json.loads(Path(sys.argv[1]).read_text())
    for peer in (zen_engine, openfisca, ephios):
        try:
            peer(told)
        except Exception as error:
            print(
                json.dumps(
                    {
                        "name": getattr(peer, "__name__", "ephios"),
                        "rate": float("nan"),
                        "differ": 0,
                        "of": 0,
                        "memory": 0,
                        "note": repr(error)[:300],
                    }
                )
            )
