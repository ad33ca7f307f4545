"""Lists that go out and come back: nobody is found by name, a shifted column changes nothing, a list is taken whole or not."""

from __future__ import annotations

import csv
import io
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plugins.background_check.rules.batch_file import IN, MEANINGS, Line, cell, meant, read_list, read_words, same_name, written
from plugins.background_check.rules.whose_move import Move
from plugins.background_check.services import accounts, batch_taking, batches, orders
from plugins.background_check.tables.orders import Batch, CheckOrder
from staffing.api import Conflict, Invalid, NotAllowed, NotFound, OrderStatus, Result, tenant_transaction
from tests.factories import make_person
from tests.plugins.background_check.checks import order_row
from tests.plugins.background_check.district_desk import SETTINGS, TODAY, Desk, make_desk, viewer

WORDS = {"green": "clear", "beige": "in_progress", "yellow": "record_found"}
HEAD = ",".join(IN)
REF = "6e2d7f0a-2f2b-4f55-9c0e-5a3d6f1b2c11"


def listed(*lines: str, head: str = HEAD) -> bytes:
    return "\r\n".join([head, *lines, ""]).encode()


# --- The file ---------------------------------------------------------------------------------------------------------

REFUSED: list[tuple[bytes, str]] = [
    (b"", "empty"),
    (listed(), "no line besides"),
    (listed(head=HEAD.replace(",", ";")), "not parted by commas"),
    (
        listed(head="our_reference,given_name,family_name,status,completed_on"),
        "column 2 is given_name, which belongs in column 3",
    ),
    (listed(head="our_reference,family_name,given_name,result,completed_on"), "column 4 is “result”.*missing: status"),
    (listed(head=HEAD + ",offense"), "column 6 is “offense”: there is no such column.*never kept here"),
    (listed(head="our_reference,family_name,given_name,status"), "missing: completed_on"),
    (listed(head=",family_name,given_name,status,completed_on"), "column 1 is “no name”"),
    (listed(f"{REF},Example,Rosa,Green"), "Line 2: it has 4 cells and there are 5 columns"),
    (listed(f"{REF},,Example,Rosa,Green,2026-11-20"), "Line 2: it has 6 cells"),
    (listed(f"{REF},Example,Rosa,2026-11-20,Green"), r"Line 2, column 5 \(completed_on\): “Green” is no day"),
    (listed(f"Example,{REF},Rosa,Green,2026-11-20"), r"Line 2, column 1 \(our_reference\): “Example” is none of our references"),
    (listed(",Example,Rosa,Green,2026-11-20"), "nobody is found by it"),
    (listed(f"{REF},,Rosa,Green,2026-11-20"), r"column 2 \(family_name\): it is empty"),
    (listed(f"{REF},Example,,Green,2026-11-20"), r"column 3 \(given_name\): it is empty"),
    (listed(f"{REF},Example,Rosa,,2026-11-20"), r"column 4 \(status\): it is empty"),
    (listed(f"{REF},Example,Rosa,Green,"), "“Green” needs the day"),
    (listed(f"{REF},Example,Rosa,Green,20.11.2026"), "is no day"),
    (listed(f"{REF},Example,Rosa,Green,2026-02-30"), "is no day"),
    (
        listed(f"{REF},Example,Rosa,Green,2026-11-20", f"{REF},Example,Rosa,Beige,"),
        "Line 3: the reference .* stands on line 2 already",
    ),
    (
        listed(f"{REF},Example,123-45-6789,Green,2026-11-20"),
        r"Line 2, column 3 \(given_name\): it seems to hold what is never kept",
    ),
    (listed(f'{REF},"Example,Rosa,Green,2026-11-20'), "cannot be read as CSV"),
    ("our_reference,fam\xeflia".encode("latin-1"), "not a UTF-8 text"),
    (b"PK\x03\x04\0\0" + HEAD.encode(), "no CSV text"),
    (b"x" * 2_000_001, "larger than 2 MB"),
]


@pytest.mark.parametrize(("data", "says"), REFUSED)
def test_a_list_that_is_not_exactly_right_is_refused_with_line_and_column(data: bytes, says: str) -> None:
    with pytest.raises(Invalid, match=f"(?s){says}"):
        read_list(data, WORDS)


def test_every_mistake_is_named_at_once() -> None:
    with pytest.raises(Invalid) as caught:
        read_list(listed("x,Example,Rosa,Green,2026-11-20", f"{REF},Example,Rosa,Green,soon", "1,2"), WORDS)
    assert [f"Line {number}" in str(caught.value) for number in (2, 3, 4)] == [True, True, True]


@pytest.mark.parametrize("day", ["2026-11-20", "11/20/2026"])
def test_lines_are_counted_as_an_editor_does_and_empty_ones_are_left_out(day: str) -> None:
    (line,) = read_list("\ufeff".encode() + listed("", f'{REF},"Example\r\nPérez",Rosa,GREEN,{day}', ",,,,"), WORDS)
    assert (line.number, line.word, str(line.completed_on)) == (3, "GREEN", "2026-11-20")


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=150)
@given(st.lists(st.text(max_size=12), min_size=1, max_size=7), st.permutations(IN))
def test_no_other_order_of_columns_and_no_other_cells_clear_anybody(cells: list[str], head: list[str]) -> None:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerow(cells)
    try:
        lines = read_list(out.getvalue().encode(), WORDS)
    except Invalid:
        return
    assert tuple(head) == IN
    assert len(cells) == len(IN)
    assert str(lines[0].reference) in cells[0].lower().replace("{", "").replace("}", "") or UUID(cells[0].strip())


@pytest.mark.parametrize("text", ["=1+1", "+1", "-Ann", "@x", "\t=1", " =1", "＝1"])
def test_no_cell_of_a_list_that_goes_out_is_a_formula(text: str) -> None:
    row = {"our_reference": "r", "family_name": text, "given_name": "Rosa", "package": "p", "born_on": ""}
    (_, line) = csv.reader(io.StringIO(written([row], birth_dates=False).removeprefix("\ufeff")))
    assert line == ["r", f"'{text}", "Rosa", "p"]
    (back,) = read_list(listed(f'{REF},"{cell(text)}",Rosa,Green,2026-11-20'), WORDS) if text.strip() == text else (None,)
    assert back is None or back.family_name == text


def test_words_are_an_accounts_own_and_an_unknown_one_is_never_clear() -> None:
    words = read_words("Green = clear\n\n  Beige=In progress \nYELLOW = record_found")
    assert words == WORDS
    assert (meant("green ", words).result, meant("Mauve", words).result, meant("Mauve", words).detail) == (
        Result.CLEAR,
        Result.UNABLE,
        "unknown_word",
    )
    assert {name for name, (_, result) in MEANINGS.items() if result is Result.CLEAR} == {"clear"}


@pytest.mark.parametrize(
    ("text", "says"),
    [("", "Say what"), ("Green", "Line 1: write a word"), ("Green = fine", "none of"), ("A=clear\na=unable", "another meaning")],
)
def test_words_that_cannot_be_read_are_refused(text: str, says: str) -> None:
    with pytest.raises(Invalid, match=says):
        read_words(text)


@pytest.mark.parametrize(
    ("line", "person", "same"),
    [
        (("Example", "Rosa"), ("Rosa", "Example"), True),
        (("EXAMPLE PÉREZ", "rosa m."), ("Rosa María", "Éxample"), True),
        (("O'Neil", "Ann"), ("Ann", "O’Neil"), True),
        (("Rosa", "Example"), ("Rosa", "Example"), False),
        (("Example", "Ana"), ("Rosa", "Example"), False),
        (("Other", "Rosa"), ("Rosa", "Example"), False),
        (("王", "美玲"), ("美玲", "王"), True),
    ],
)
def test_names_agree_whatever_their_accents_and_never_in_part(line: tuple[str, str], person: tuple[str, str], same: bool) -> None:
    read = Line(number=2, reference=uuid4(), family_name=line[0], given_name=line[1], word="Green", completed_on=None)
    assert same_name(read, *person) is same


# --- In a district ----------------------------------------------------------------------------------------------------


@pytest.fixture
async def alder(database: str, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("STAFFING_TODAY", TODAY.isoformat())
    return await make_desk()


async def ordered(alder: Desk, *people: tuple[str, str]) -> list[UUID]:
    """Orders of one package for people of these names, on a list that went out."""
    package = await alder.package("csv_batch")
    made = [
        await orders.place_order(alder.hr, await make_person("alder", given_name=given, family_name=family), package)
        for given, family in people
    ]
    await batches.make_list(alder.hr, alder.accounts["csv_batch"])
    return made


async def read(alder: Desk, *lines: str) -> UUID:
    return await batch_taking.look_at(alder.hr, alder.accounts["csv_batch"], "back.csv", listed(*lines))


async def stand(order: UUID) -> tuple[Any, ...]:
    row = await order_row(order)
    return row["status"], row["result"], row["detail"], row["outcome"]


async def test_a_list_goes_out_with_everything_that_waits_and_with_no_more_than_it_needs(alder: Desk) -> None:
    (order,) = await ordered(alder, ("Rosa", "=Example"))
    account = alder.accounts["csv_batch"]
    with pytest.raises(Conflict, match="No order waits"):
        await batches.make_list(alder.hr, account)
    _, lists = await batches.listed(alder.hr)
    name, text = await batches.file_of(alder.hr, lists[0].id)
    assert name == f"orders-{TODAY}.csv"
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert [(one["our_reference"], one["family_name"], "born_on" in one) for one in rows] == [(str(order), "'=Example", False)]
    view = await alder.order(order)
    assert (view.status, view.requested_on, view.move) == (OrderStatus.IN_PROGRESS, TODAY, Move.SOURCE)
    await accounts.change(alder.admin, account, "Lists", {**SETTINGS["csv_batch"], "birth_dates": "yes"})
    _, text = await batches.file_of(alder.hr, lists[0].id)
    assert next(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))["born_on"] == "1985-03-02"


async def test_a_list_is_looked_at_first_then_taken_whole_and_clears_nobody(alder: Desk) -> None:
    rosa, omar, ana, luz = await ordered(
        alder, ("Rosa", "Example"), ("Omar", "Invented"), ("Ana", "Invented"), ("Luz", "Example")
    )
    batch = await read(
        alder,
        f"{rosa},Example,Rosa,Green,2026-11-24",
        f"{omar},Invented,Omar,YELLOW,2026-11-24",
        f"{ana},Invented,Ana,Beige,",
        f"{luz},Example,Luz,Mauve,2026-11-24",
    )
    assert [(await stand(one))[1] for one in (rosa, omar, ana, luz)] == [None, None, None, None], "looking changes nothing"
    shown = await batches.one(alder.hr, batch)
    assert [row.says for row in shown.rows][3].startswith("Nobody here knows the word “Mauve”")
    assert shown.wrong == ()
    assert await batch_taking.take(alder.hr, batch) == 3, "Beige is how it stands already"
    assert await batch_taking.take(alder.hr, batch) == 0
    assert [await stand(one) for one in (rosa, omar, ana, luz)] == [
        ("complete", "clear", "", None),
        ("complete", "record_found", "", None),
        ("in_progress", None, "", None),
        ("complete", "unable", "unknown_word", None),
    ]
    assert await alder.evidence((await order_row(rosa))["person"]) == [("state_criminal_history", "initiated", None)]


async def test_the_same_list_again_does_nothing_and_a_later_one_goes_on(alder: Desk) -> None:
    (order,) = await ordered(alder, ("Rosa", "Example"))
    lines = (f"{order},Example,Rosa,Beige,",)
    twin = await read(alder, *lines)
    await batch_taking.take(alder.hr, await read(alder, *lines))
    with pytest.raises(Conflict, match=r"This very list was taken on November .* by Vonda Invented"):
        await read(alder, *lines)
    with pytest.raises(Conflict, match="This very list was taken"):
        await batch_taking.take(alder.hr, twin)
    await batch_taking.take(alder.hr, await read(alder, f"{order},Example,Rosa,Green,2026-11-24"))
    assert await stand(order) == ("complete", "clear", "", None)
    late = await batches.one(alder.hr, await read(alder, f"{order},Example,Rosa,Beige,", ""))
    assert [(row.changes, row.says) for row in late.rows] == [
        (False, "An answer is on record already, so the line changes nothing.")
    ]


async def test_a_line_that_is_on_record_already_changes_nothing(alder: Desk) -> None:
    (order,) = await ordered(alder, ("Rosa", "Example"))
    await batch_taking.take(alder.hr, await read(alder, f"{order},Example,Rosa,Green,2026-11-24"))
    again = await read(alder, f"{order},EXAMPLE,Rosa,GREEN,11/24/2026")
    assert [row.says for row in (await batches.one(alder.hr, again)).rows] == ["This is on record already."]
    version = (await order_row(order))["version"]
    assert await batch_taking.take(alder.hr, again) == 0
    assert (await order_row(order))["version"] == version


async def test_two_people_of_one_name_are_told_apart_by_reference_alone(alder: Desk) -> None:
    first, second = await ordered(alder, ("Rosa", "Example"), ("Rosa", "Example"))
    with pytest.raises(Invalid, match="Two people may have one name"):
        await read(alder, ",Example,Rosa,Green,2026-11-24")
    await batch_taking.take(alder.hr, await read(alder, f"{second},Example,Rosa,Green,2026-11-24"))
    assert [(await stand(one))[1] for one in (first, second)] == [None, "clear"]


async def test_one_line_that_cannot_be_right_keeps_the_whole_list_from_being_taken(alder: Desk) -> None:
    rosa, omar = await ordered(alder, ("Rosa", "Example"), ("Omar", "Invented"))
    unsent = await orders.place_order(
        alder.hr, await make_person("alder", family_name="Example"), await alder.package("csv_batch")
    )
    elsewhere = await orders.place_order(alder.hr, await make_person("alder", family_name="Example"), await alder.package())
    for line, says in (
        (f"{rosa},Invented,Omar,Green,2026-11-24", "somebody of another name"),
        (f"{uuid4()},Example,Rosa,Green,2026-11-24", "of no order sent to this account"),
        (f"{elsewhere},Example,Rosa,Green,2026-11-24", "of no order sent to this account"),
        (f"{unsent},Example,Rosa,Green,2026-11-24", "on no list yet"),
        (f"{rosa},Example,Rosa,Green,2026-11-25", "has not come yet"),
        (f"{rosa},Example,Rosa,Green,2020-11-24", "before the check was ordered"),
    ):
        batch = await read(alder, line, f"{omar},Invented,Omar,Green,2026-11-24")
        shown = await batches.one(alder.hr, batch)
        assert [says in row.says for row in shown.wrong] == [True]
        with pytest.raises(Conflict, match="Some lines cannot be right"):
            await batch_taking.take(alder.hr, batch)
    assert [(await stand(one))[0] for one in (rosa, omar)] == ["in_progress", "in_progress"]


async def test_another_districts_order_is_no_order_of_the_list(alder: Desk) -> None:
    (order,) = await ordered(alder, ("Rosa", "Example"))
    other = viewer("hr", "Otto Invented", tenant="birch")
    with pytest.raises(NotFound):
        await batch_taking.look_at(
            other, alder.accounts["csv_batch"], "back.csv", listed(f"{order},Example,Rosa,Green,2026-11-24")
        )
    assert (await stand(order))[1] is None


async def test_what_changed_between_looking_and_taking_stops_the_list(alder: Desk) -> None:
    rosa, omar = await ordered(alder, ("Rosa", "Example"), ("Omar", "Invented"))
    batch = await read(alder, f"{rosa},Example,Rosa,Green,2026-11-24", f"{omar},Invented,Omar,Green,2026-11-24")
    await orders.cancel_order(alder.hr, omar, "The work is gone.")
    with pytest.raises(Conflict, match="The check of line 3 has changed since"):
        await batch_taking.take(alder.hr, batch)
    assert (await stand(rosa))[1] is None


async def test_lists_keep_no_file_and_no_names(alder: Desk) -> None:
    (order,) = await ordered(alder, ("Rosalinda", "Unmistakable"))
    await read(alder, f"{order},Unmistakable,Rosalinda,Green,2026-11-24")
    async with tenant_transaction("alder") as transaction:
        kept = await transaction.connection.fetch("SELECT to_jsonb(b)::text AS text FROM background_check.batch b")
    assert len(kept) == 2
    assert not any("Unmistakable" in row["text"] or "Rosalinda" in row["text"] for row in kept)


@pytest.mark.parametrize("role", ["admin", "partner", "coordinator", "union", "cabinet", "volunteer"])
async def test_lists_are_hrs_alone(alder: Desk, role: str) -> None:
    (order,) = await ordered(alder, ("Rosa", "Example"))
    account, other = alder.accounts["csv_batch"], viewer(role, "Sam Invented")
    batch = await read(alder, f"{order},Example,Rosa,Green,2026-11-24")
    async with tenant_transaction("alder"):
        out = await Batch.select(Batch.id).where(Batch.way == "out").first()
        assert await CheckOrder.exists().where(CheckOrder.account == account)
    assert out
    for doing in (
        batches.make_list(other, account),
        batches.file_of(other, out["id"]),
        batch_taking.look_at(other, account, "x.csv", listed()),
        batch_taking.take(other, batch),
    ):
        with pytest.raises(NotAllowed):
            await doing


async def test_an_account_of_another_way_has_no_lists(alder: Desk) -> None:
    await alder.package()
    with pytest.raises(Conflict, match="No lists are sent"):
        await batches.make_list(alder.hr, alder.accounts["manual"])
