"""The form of an assessment: what it has to say, what it never says, and what an arrest is worth."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from plugins.background_check.rules import assessing
from plugins.background_check.rules.assessing import Duties, Item, Weighed, problems, years_elapsed
from plugins.background_check.rules.conditions import CONDITIONS
from tests.plugins.background_check.steps import TODAY, form, short

CONVICTED = Item(ref="item 1", offence="money", standing="conviction", happened_on=date(2024, 3, 1))
ARRESTED = Item(ref="item 2", offence="money", standing="arrest_only")

#: Each wrong form: its number, what is changed, and the field that says so.
WRONG: list[tuple[int, dict[str, Any], str]] = [
    (1, {"duties": Duties(contact="")}, "contact"),
    (1, {"outcome": "deny"}, "outcome"),
    (2, {"outcome": "may_deny"}, "outcome"),
    (1, {"items": ()}, "items"),
    (1, {"items": (CONVICTED, CONVICTED)}, "items"),
    (1, {"items": (Item(ref="theft in 2019", offence="money", standing="conviction"),)}, "ref_1"),
    (1, {"items": (Item(ref="item 0", offence="money", standing="conviction"),)}, "ref_1"),
    (1, {"items": (Item(ref="item 1", offence="grand theft", standing="conviction"),)}, "offence_1"),
    (1, {"items": (Item(ref="item 1", offence="money", standing="acquitted"),)}, "standing_1"),
    (1, {"items": (Item(ref="item 1", offence="money", standing="conviction", happened_on=date(2027, 1, 1)),)}, "happened_on_1"),
    (
        1,
        {
            "items": (
                Item(
                    ref="item 1",
                    offence="money",
                    standing="conviction",
                    happened_on=date(2024, 3, 1),
                    sentence_ended_on=date(2023, 3, 1),
                ),
            )
        },
        "sentence_ended_on_1",
    ),
    (1, {"factors": {}}, "nature_rating"),
    (1, {"factors": {"nature": Weighed(rating="against", reason="")}}, "nature_reason"),
    (1, {"related": None}, "related"),
    (1, {"related_reason": ""}, "related_reason"),
    (1, {"related": False}, "outcome"),
    (1, {"mitigation": ("charm",)}, "mitigation"),
    (1, {"outcome": "eligible_with_conditions", "related": False}, "conditions"),
    (1, {"outcome": "eligible", "related": False, "conditions": ("in_sight",)}, "conditions"),
    (1, {"outcome": "eligible_with_conditions", "related": False, "conditions": ("on_tuesdays",)}, "conditions"),
    (1, {"related_reason": "x" * 1001}, "related_reason"),
    (1, {"items": (ARRESTED,)}, "outcome"),
    (2, {"outcome": "deny", "items": (ARRESTED,)}, "outcome"),
    (1, {"items": (ARRESTED,), "bar": "24 PS 1-111(e)"}, "outcome"),
    (1, {"items": (), "bar": "24 PS 1-111(e)"}, "items"),
]


@pytest.mark.parametrize(("number", "change", "field"), WRONG, ids=[f"{field}-{n}" for n, (_, _, field) in enumerate(WRONG)])
def test_a_form_that_cannot_be_kept_says_which_field_and_why(number: int, change: dict[str, Any], field: str) -> None:
    values = {"outcome": "may_deny"} | change
    says = problems(form(**values), number, TODAY)
    assert field in says
    assert all(sentence.endswith(".") and len(sentence) > 20 for sentence in says.values())


GOOD: list[tuple[int, dict[str, Any]]] = [
    (1, {"outcome": "may_deny"}),
    (1, {"outcome": "eligible", "related": False}),
    (1, {"outcome": "eligible", "related": True}),
    (1, {"outcome": "eligible_with_conditions", "conditions": ("in_sight", "no_money")}),
    (1, {"outcome": "eligible", "items": (ARRESTED,), "related": False}),
    (1, {"outcome": "may_deny", "items": (CONVICTED, ARRESTED)}),
    (1, {"outcome": "may_deny", "items": (Item(ref="item 3", offence="other", standing="pending"),)}),
    (1, {"outcome": "may_deny", "bar": "24 PS 1-111(e)", "factors": {}, "related": None, "related_reason": ""}),
    (2, {"outcome": "deny"}),
    (2, {"outcome": "deny", "mitigation": ("references", "education")}),
]


@pytest.mark.parametrize(("number", "fields"), GOOD)
def test_a_form_that_says_enough_is_kept(number: int, fields: dict[str, Any]) -> None:
    assert problems(form(**fields), number, TODAY) == {}


def test_the_short_form_asks_for_a_reason_alone() -> None:
    assert problems(short(), 2, TODAY) == {}
    assert problems(short("eligible"), 2, TODAY) == {}
    assert set(problems(assessing.Form(duties=Duties(contact="alone"), outcome="deny", short=True), 2, TODAY)) == {"reason"}


def test_illinois_asks_six_factors_besides_the_three() -> None:
    assert len(assessing.factors_asked(["us_il"])) == 9
    says = problems(form(outcome="may_deny"), 1, TODAY, ["us_il"])
    assert set(says) == {f"{key}_rating" for key in assessing.ILLINOIS}
    assert problems(form(outcome="may_deny", further=("us_il",)), 1, TODAY, ["us_il"]) == {}


@pytest.mark.parametrize(
    ("happened", "ended", "years"),
    [
        (date(2020, 11, 24), None, 6),
        (date(2020, 11, 25), None, 5),
        (date(2010, 1, 1), date(2020, 11, 25), 5),
        (date(2020, 2, 29), None, 6),
        (None, None, None),
    ],
)
def test_years_passed_are_whole_and_count_from_the_end_of_the_sentence_where_there_is_one(happened, ended, years) -> None:
    item = Item(ref="item 1", offence="money", standing="conviction", happened_on=happened, sentence_ended_on=ended)
    assert years_elapsed(item, TODAY) == years


def test_its_conditions_are_those_that_a_rule_can_check() -> None:
    assert set(assessing.CONDITIONS) == set(CONDITIONS)


def test_every_text_somebody_types_goes_to_the_scanner() -> None:
    full = form(outcome="may_deny", bar="24 PS 1-111(e)", reason="Because.")
    assert set(assessing.texts(full)) == {"bar", "related_reason", "reason", "nature_reason", "time_reason", "job_reason"}
