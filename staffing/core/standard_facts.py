"""The facts every pack may read: the fields of a scenario file. Packs declare the rest."""

from __future__ import annotations

from datetime import date

from staffing.core.case import Case
from staffing.core.derived_facts import CARING_DUTIES, OTHER_DUTIES
from staffing.core.facts import AskedOf, CaseView, FactSpec, FactType

_PERSON, _DISTRICT, _PARTNER, _SITE, _SCHEDULE = AskedOf

_SPECS = (
    FactSpec(
        name="person.born_on",
        type=FactType.DATE,
        label="date of birth",
        question="What is your date of birth?",
        hint="Some checks are only for adults. We do not show it to anyone at the school.",
        asked_of=_PERSON,
    ),
    FactSpec(
        name="person.age",
        type=FactType.NUMBER,
        label="age on the day",
        question="How old is the person on the day?",
        asked_of=_PERSON,
        bases=("person.born_on",),
    ),
    FactSpec(
        name="person.resident",
        type=FactType.BOOL,
        label="whether they live in the state",
        question="Do you live in this state?",
        asked_of=_PERSON,
    ),
    FactSpec(
        name="person.resident_since",
        type=FactType.DATE,
        label="living in the state since",
        question="Since when have you lived in this state without a break?",
        hint="If you are not sure of the day, the first day of the month will do.",
        asked_of=_PERSON,
    ),
    FactSpec(
        name="person.years_resident",
        type=FactType.NUMBER,
        label="whole years living in the state",
        question="For how many whole years has the person lived in this state?",
        asked_of=_PERSON,
        bases=("person.resident_since",),
    ),
    FactSpec(
        name="person.relationship",
        type=FactType.CHOICE,
        label="relationship to the school",
        question="How are you connected to the school?",
        choices={
            "community": "I live or work nearby",
            "parent": "I am a parent or guardian of a student",
            "relative": "I am a relative of a student",
            "student": "I am a student",
            "employee": "I work for the district",
            "former_employee": "I used to work for the district",
        },
        aliases={"guardian": "parent", "community_member": "community", "grandparent": "relative", "staff": "employee"},
        asked_of=_PERSON,
    ),
    FactSpec(
        name="placement.engagement",
        type=FactType.CHOICE,
        label="kind of engagement",
        question="How is the person engaged?",
        choices={
            "volunteer": "Unpaid volunteer",
            "employee": "Paid employee",
            "contractor": "Paid under a contract",
            "national_service": "National service member",
            "work_study": "Work-study student",
            "substitute": "Substitute",
            "paraprofessional": "Paraprofessional",
            "student_teacher": "Student teacher",
        },
        aliases={
            "paid": "employee",
            "employment": "employee",
            "parapro": "paraprofessional",
            "paid_tutor": "employee",
            "americorps": "national_service",
        },
    ),
    FactSpec(
        name="placement.employer",
        type=FactType.CHOICE,
        label="whose programme it is",
        question="Who engages the person?",
        choices={"district": "The school district", "partner": "A partner organisation"},
        aliases={"cbo": "partner", "contractor": "partner", "partner_organisation": "partner", "partner_organization": "partner"},
    ),
    FactSpec(
        name="placement.role",
        type=FactType.CHOICE,
        label="role",
        question="Which role is it?",
        choices={
            "volunteer": "Volunteer",
            "national_service": "National service member",
            "work_study": "Work-study student",
            "paid_tutor_district": "Tutor paid by the district",
            "cbo_staff": "Partner staff",
            "substitute": "Substitute",
            "parapro": "Paraprofessional",
            "student_teacher": "Student teacher",
        },
        bases=("placement.engagement", "placement.employer"),
    ),
    FactSpec(
        name="placement.setting",
        type=FactType.CHOICE,
        label="setting",
        question="Where does the work take place?",
        choices={"campus": "On school grounds", "off_campus": "Away from school grounds", "remote": "Online"},
        aliases={"school": "campus", "on_campus": "campus", "hub": "off_campus", "online": "remote", "virtual": "remote"},
        asked_of=_SITE,
    ),
    FactSpec(
        name="placement.contact",
        type=FactType.CHOICE,
        label="contact with children",
        question="How often is the person with children?",
        choices={"none": "Not with children", "occasional": "Now and then", "routine": "Regularly, as part of the work"},
        aliases={"regular": "routine", "frequent": "routine", "visitor": "occasional", "incidental": "occasional"},
    ),
    FactSpec(
        name="placement.supervision",
        type=FactType.CHOICE,
        label="supervision",
        question="How is the person supervised while with children?",
        choices={
            "immediate": "Staff direct the work in the same room",
            "line_of_sight": "Staff can see them at all times",
            "nearby": "Staff are nearby, not always in sight",
            "none": "They may be alone with children",
        },
        aliases={"direct": "immediate", "same_room": "immediate", "unsupervised": "none", "alone": "none"},
        asked_of=_SITE,
    ),
    FactSpec(
        name="placement.supervised_by",
        type=FactType.CHOICE,
        label="who supervises",
        question="Who supervises the person?",
        choices={
            "certificated": "A teacher or other certificated member of staff",
            "school_employee": "Another school employee",
            "parent": "The child's parent or guardian",
            "partner": "Staff of the partner organisation",
            "nobody": "Nobody",
        },
        aliases={
            "teacher": "certificated",
            "classified": "school_employee",
            "employee": "school_employee",
            "partner_staff": "partner",
            "cbo_staff": "partner",
            "none": "nobody",
            "no_one": "nobody",
        },
        asked_of=_SITE,
    ),
    FactSpec(
        name="placement.responsible_for_welfare",
        type=FactType.BOOL,
        label="responsible for children's welfare",
        question="Does the person act in place of a parent, answering for the children's welfare?",
    ),
    FactSpec(
        name="placement.duties",
        type=FactType.LIST,
        label="duties",
        question="What does the person do?",
        choices={word: word.replace("_", " ") for word in sorted(CARING_DUTIES | OTHER_DUTIES)},
    ),
    FactSpec(
        name="placement.gives_care",
        type=FactType.BOOL,
        label="care, supervision, guidance or control of children",
        question="Does the person care for, supervise, guide or control children?",
        bases=("placement.duties",),
    ),
    FactSpec(
        name="placement.funding",
        type=FactType.LIST,
        label="funding",
        question="What pays for the programme?",
        choices={
            "local": "Local funds",
            "title_i": "Title I",
            "americorps": "AmeriCorps",
            "wioa": "WIOA",
            "fws": "Federal work-study",
            "21cclc": "21st Century Community Learning Centers",
            "ases": "After School Education and Safety",
            "elo_p": "Expanded Learning Opportunities Program",
            "ccdf": "Child Care and Development Fund",
            "none": "No outside funds",
        },
        aliases={"title1": "title_i", "title_1": "title_i", "elop": "elo_p", "ccdbg": "ccdf"},
    ),
    FactSpec(
        name="placement.programme",
        type=FactType.CHOICE,
        label="kind of programme off campus",
        question="What kind of programme is it?",
        choices={
            "school": "A school programme",
            "youth_programme": "A youth or recreation programme without a child-care licence",
            "child_care": "Licensed or certified child care",
            "child_care_funded": "Child care without a licence, paid with child-care subsidy",
        },
        aliases={"licensed_child_care": "child_care", "youth_program": "youth_programme"},
        asked_of=_PARTNER,
    ),
    FactSpec(
        name="placement.grade_band",
        type=FactType.TEXT,
        label="grades",
        question="Which grades?",
        asked_of=_SITE,
    ),
    FactSpec(
        name="placement.hours_week",
        type=FactType.NUMBER,
        label="hours in a week",
        question="How many hours in a week?",
        asked_of=_SCHEDULE,
    ),
    FactSpec(
        name="placement.hours_month",
        type=FactType.NUMBER,
        label="hours in a month",
        question="How many hours in a month, at most?",
        asked_of=_SCHEDULE,
    ),
    FactSpec(
        name="placement.hours_year",
        type=FactType.NUMBER,
        label="hours in a year",
        question="How many hours in a year?",
        asked_of=_SCHEDULE,
    ),
    FactSpec(
        name="placement.days_month",
        type=FactType.NUMBER,
        label="days of service in a month",
        question="On how many days in a calendar month does the person serve, at most?",
        asked_of=_SCHEDULE,
    ),
    FactSpec(
        name="placement.days_year",
        type=FactType.NUMBER,
        label="days of service in a year",
        question="On how many days in a calendar year does the person serve, at most?",
        asked_of=_SCHEDULE,
    ),
    FactSpec(
        name="placement.days_school_year",
        type=FactType.NUMBER,
        label="days of service this school year",
        question="How many days has the person served this school year, this day included?",
        asked_of=_SCHEDULE,
    ),
    FactSpec(
        name="placement.teacher",
        type=FactType.TEXT,
        label="the teacher whose place is taken",
        question="For which teacher does the person stand in?",
        asked_of=_SITE,
    ),
    FactSpec(
        name="placement.days_with_teacher",
        type=FactType.NUMBER,
        label="days for this teacher this school year",
        question="How many days has the person stood in for this teacher this school year, this day included?",
        asked_of=_SCHEDULE,
    ),
    FactSpec(
        name="placement.days_in_position",
        type=FactType.NUMBER,
        label="days in this position this school year",
        question="How many days has the person served in this position this school year, this day included?",
        asked_of=_SCHEDULE,
    ),
    FactSpec(
        name="placement.consecutive_days",
        type=FactType.NUMBER,
        label="school days in a row in this assignment",
        question="How many school days in a row has the person been in this assignment, this day included?",
        asked_of=_SCHEDULE,
    ),
    FactSpec(
        name="placement.youngest_grade",
        type=FactType.NUMBER,
        label="grade of the youngest child",
        question="In which grade is the youngest child (kindergarten is 0, before it -1)?",
        asked_of=_SITE,
        bases=("placement.grade_band",),
    ),
    FactSpec(
        name="placement.youngest_age",
        type=FactType.NUMBER,
        label="age of the youngest child",
        question="How old is the youngest child?",
        asked_of=_SITE,
        bases=("placement.youngest_grade",),
    ),
    FactSpec(
        name="placement.starts_on",
        type=FactType.DATE,
        label="first day",
        question="On which day does the person start?",
    ),
    FactSpec(
        name="person.hired_on",
        type=FactType.DATE,
        label="first day of employment",
        question="On which day was the person first employed here?",
        bases=("placement.starts_on",),
    ),
    FactSpec(
        name="context.separated_on",
        type=FactType.DATE,
        label="last day before a break in service",
        question="On which day did the person last serve before the break?",
    ),
    FactSpec(
        name="context.returned_on",
        type=FactType.DATE,
        label="first day after a break in service",
        question="On which day did the person come back?",
    ),
    FactSpec(
        name="context.students_present",
        type=FactType.NUMBER,
        label="children present",
        question="How many children are there?",
        asked_of=_SITE,
    ),
    FactSpec(
        name="context.adults_present",
        type=FactType.NUMBER,
        label="adults present",
        question="How many adults are with the children?",
        asked_of=_SITE,
    ),
    FactSpec(
        name="context.school_year_starts_on",
        type=FactType.DATE,
        label="first day of the school year",
        question="On which day did the school year start?",
    ),
)

#: By name, in the order in which a form asks them.
STANDARD: dict[str, FactSpec] = {spec.name: spec for spec in _SPECS}

#: Keys of ``placement.hours`` in a scenario file.
HOURS_KEYS = ("week", "month", "year", "weeks")

#: Keys of ``placement.days``.
DAYS_KEYS = ("week", "month", "year")


def standard_view(case: Case, on: date) -> CaseView:
    """A case on a day with the standard facts alone, for a plugin's ``findings``."""
    return CaseView(case, on, STANDARD)
