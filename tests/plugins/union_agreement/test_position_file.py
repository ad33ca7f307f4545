"""A file of position actions is read strictly: each bad row in a sentence with its line, and never a word about a person."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from plugins.union_agreement.rules import position_file
from plugins.union_agreement.rules.position_file import COLUMNS, EXAMPLES, LARGEST, read_file, text_of
from plugins.union_agreement.rules.position_row import CAUSES, KINDS
from staffing.core.errors import Invalid

TODAY = date(2026, 11, 24)
SITES = {"1": "Larch Elementary", "2": "Oak Middle"}
HEAD = ",".join(COLUMNS)
#: kind, on, until, classification, unit, site, positions, hours_before, hours_after, duties, cause
GOOD = "hours_cut,2026-09-01,,Library aide,classified_77,Larch Elementary,2,30,22.5,shelving; story time,lack_of_funds"


def read(*rows: str, head: str = HEAD, units=()):
    return read_file("\n".join([head, *rows]), sites=SITES, units=units, today=TODAY)


def bad(row: str, **more) -> str:
    found = read(row, **more)
    assert not found.rows
    assert {one.line for one in found.bad} == {2}
    return " ".join(one.says for one in found.bad)


def changed(**cells: str) -> str:
    row = dict(zip(COLUMNS, GOOD.split(","), strict=True)) | cells
    return ",".join(row[name] for name in COLUMNS)


def test_a_good_row_is_read_with_its_site_and_its_duties_as_codes():
    (row,) = read(GOOD).rows
    assert (row.kind, row.on, row.classification, row.site, row.positions) == (
        "hours_cut",
        date(2026, 9, 1),
        "Library aide",
        "1",
        2,
    )
    assert (row.hours_before, row.hours_after, row.duties) == (Decimal(30), Decimal("22.5"), ("shelving", "story_time"))


def test_the_template_that_people_download_is_read():
    found = read(*(",".join(f'"{cell}"' for cell in row) for row in EXAMPLES))
    assert (len(found.rows), found.bad) == (2, ())


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ({"kind": "layof"}, "kind “layof” is nothing that happens to a position. Did you mean 'layoff'?"),
        ({"kind": ""}, "kind is empty."),
        ({"on": ""}, "on is empty: write the day it happens"),
        ({"on": "2026-02-30"}, "on “2026-02-30” is no day."),
        ({"on": "2062-09-01"}, "on is 2062-09-01. Check the year."),
        ({"until": "2026-08-31"}, "It cannot end on 2026-08-31, as it begins on 2026-09-01."),
        ({"classification": ""}, "classification is empty"),
        ({"classification": "Library aide 483920"}, "looks like a person's number"),
        ({"classification": "maria@district.example"}, "looks like a person's number or address"),
        ({"site": "Larch Elementry"}, "There is no site “Larch Elementry” here. Did you mean “Larch Elementary”?"),
        ({"positions": "0"}, "positions “0” is no whole number from 1 to 10,000."),
        ({"positions": "1.5"}, "positions “1.5” is no whole number"),
        ({"hours_before": "-30"}, "hours_before “-30” is no number of hours"),
        ({"hours_after": "NaN"}, "hours_after “NaN” is no number of hours"),
        ({"hours_after": "30"}, "Hours were not cut: 30 before and 30 after."),
        ({"hours_after": ""}, "A cut in hours needs hours_before and hours_after."),
        ({"kind": "restored"}, "Hours were not restored: 30 before and 22.5 after."),
        ({"duties": "story time!"}, "duty “story_time!” is no code."),
        ({"cause": "because we had to"}, "is none of the words that are kept"),
        ({"unit": "classified 77!"}, "unit “classified_77!” is no code."),
    ],
)
def test_each_bad_row_is_said_in_a_sentence_with_its_line(cells, says):
    assert says in bad(changed(**cells))


def test_a_row_says_everything_that_is_wrong_with_it():
    assert len(read(changed(kind="layof", on="never", positions="x")).bad) == 3


@pytest.mark.parametrize("start", ["=", "+", "@", "-", "＝", "＠"])
@pytest.mark.parametrize("name", ["classification", "site", "cause", "duties", "kind", "unit"])
def test_a_cell_that_a_spreadsheet_would_take_for_a_formula_is_refused(start, name):
    assert f"{name} begins with “{start}”, as a formula does." in bad(changed(**{name: f"{start}HYPERLINK(1)"}))


@pytest.mark.parametrize(
    "column", ["employee_name", "First Name", "last-name", "Employee ID", "SSN", "e-mail", "incumbent", "person", "date of birth"]
)
def test_a_column_about_a_person_is_refused_with_the_reason(column):
    with pytest.raises(Invalid, match=r"is about a person\. This register is about positions: it never holds a name"):
        read(GOOD + ",Maria Lopez", head=f"{HEAD},{column}")


@pytest.mark.parametrize(
    ("head", "says"),
    [
        ("kind,on,classificaton", "Did you mean 'classification'?"),
        ("kind,classification", "The column “on” is missing."),
        ("kind,on,classification,kind", "The column “kind” is there twice."),
        ("", "The column “kind” is missing."),
    ],
)
def test_columns_that_cannot_be_told_are_said_and_nothing_is_read(head, says):
    with pytest.raises(Invalid) as refused:
        read("layoff,2026-09-01,Library aide", head=head)
    assert says in str(refused.value)


def test_names_of_columns_may_be_written_as_people_write_them():
    assert read("Layoff,9/1/2026,Library aide", head="Kind,On,Classification").rows[0].on == date(2026, 9, 1)
    assert read("rif;2026-09-01;Library aide;30", head="kind;on;classification;Hours before").rows[0].kind == "layoff"


def test_a_unit_that_is_not_registered_is_named_with_the_one_meant():
    assert "No unit “clasified_77” is registered. Did you mean 'classified_77'?" in bad(
        changed(unit="clasified 77"), units=["classified_77", "teachers"]
    )


def test_two_rows_that_say_the_same_are_pointed_at_with_how_to_write_two_positions():
    found = read(GOOD, changed(classification="LIBRARY AIDE", hours_after="22.50"))
    assert [(one.line, one.says.split(".")[0]) for one in found.bad] == [(3, "It says the same as line 2")]


def test_lines_are_counted_as_an_editor_does_even_where_a_cell_has_several():
    found = read(GOOD, changed(duties='"shelving;\nstory_time"', hours_before="40"), changed(kind="layof"))
    assert [one.line for one in found.bad] == [5]


def test_a_row_with_a_comma_too_many_is_said():
    assert "It has 12 cells and the first line names 11." in bad(GOOD + ",x")


def test_a_layoff_without_a_stated_cause_is_taken_and_noted():
    found = read(changed(kind="layoff", cause=""))
    assert "No cause is stated" in found.notes[0].says
    assert len(found.rows) == 1


def test_a_strike_may_be_of_a_whole_unit():
    assert read(changed(kind="strike", classification="", hours_before="", hours_after="")).rows[0].unit == "classified_77"


def test_a_file_is_the_same_whatever_its_line_ends_and_mark():
    text = f"{HEAD}\n{GOOD}\n"
    one = read_file(text, sites=SITES, units=(), today=TODAY)
    other = read_file("\ufeff" + text.replace("\n", "\r\n"), sites=SITES, units=(), today=TODAY)
    assert one == other


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"PK\x03\x04 a workbook", "This is no CSV file."),
        (b"a,b\n" + b"x" * LARGEST, "larger than 1000 kB"),
        ("kind,on\nlayoff,Fünf".encode("latin-1"), "cannot be read. Save it as “CSV UTF-8”"),
    ],
)
def test_what_is_no_csv_text_is_refused_in_words(data, says):
    with pytest.raises(Invalid, match=says):
        text_of(data)


def test_an_unclosed_quotation_mark_is_said_with_its_line():
    with pytest.raises(Invalid, match=r"Line \d+ cannot be read"):
        read(GOOD.replace("Library aide", '"Library aide'))


def test_too_many_rows_are_refused(monkeypatch):
    monkeypatch.setattr(position_file, "MOST_ROWS", 2)
    with pytest.raises(Invalid, match="more than 2 rows"):
        read(*(changed(classification=f"Aide {n}") for n in range(3)))


def test_every_word_for_what_happens_is_one_that_clauses_know():
    assert {"layoff", "position_abolished", "hours_cut", "vacancy", "recall", "leave", "strike"} <= set(KINDS)
    assert {"tutors", "enrolment_drop", "employee_request"} <= set(CAUSES)
