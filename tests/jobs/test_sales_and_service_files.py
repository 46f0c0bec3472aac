"""Products, rates, suppressions, leads, deals, activities and cases go in, go in again, and are refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func
from sqlmodel import select

from campaigns.faults import RefusedError
from campaigns.importing import import_file
from campaigns.intake.formats import KINDS
from campaigns.settings import Settings
from campaigns.store.database import Database
from campaigns.store.tables import IMPORTED

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Case:
    """A file of a kind, one of its cells that is restated, and one that is wrong.

    Parameters
    ----------
    rows
        Two rows below the header.
    restated
        What stands in the first row, and what the next export says instead.
    wrong
        What stands in the second row, what is written there by mistake, its column, and what the fault expects.
    """

    kind: str
    header: str
    rows: tuple[str, str]
    restated: tuple[str, str]
    wrong: tuple[str, str, str, str]


CASES = (
    Case(
        "products",
        "product,name,price,cost",
        ("P-1,Chair,80.00,48.00", "P-2,Table,200.00,140.00"),
        ("80.00", "85.00"),
        ("200.00", "two hundred", "price", "an amount"),
    ),
    Case(
        "rates",
        "date,currency,rate",
        ("2026-05-01,TRY,0.02", "2026-05-02,TRY,0.021"),
        ("0.02", "0.019"),
        ("2026-05-02", "soon", "date", "a date"),
    ),
    Case(
        "suppressions",
        "identifier_kind,identifier,reason",
        ("email,ann@example.com,staff", "phone,+905321234567,legal"),
        ("staff", "press"),
        ("phone,", "fax,", "identifier_kind", "one of"),
    ),
    Case(
        "leads",
        "lead_id,received_at,customer_id,owner",
        ("L1,2026-05-01T10:00:00Z,C1,Ada", "L2,2026-05-02T10:00:00Z,C2,Ben"),
        ("Ada", "Eve"),
        ("2026-05-02T10:00:00Z", "yesterday", "received_at", "a time"),
    ),
    Case(
        "opportunities",
        "opportunity_id,account_id,owner,stage,stage_name,opened_on,closed_on,value",
        (
            "O1,A1,Ada,open,Proposal,2026-05-01T10:00:00Z,,900.00",
            "O2,A2,Ben,won,Closed Won,2026-05-02T10:00:00Z,2026-06-01T10:00:00Z,500.00",
        ),
        ("open,Proposal", "open,Negotiation"),
        ("won,Closed Won", "perhaps,Closed Won", "stage", "open, won, lost"),
    ),
    Case(
        "sales_activities",
        "activity_id,account_id,owner,occurred_at,kind",
        ("S1,A1,Ada,2026-05-01T10:00:00Z,call", "S2,A2,Ben,2026-05-02T10:00:00Z,visit"),
        ("call", "meeting"),
        ("2026-05-02T10:00:00Z", "31.02.2026", "occurred_at", "a time"),
    ),
    Case(
        "cases",
        "case_id,customer_id,opened_at,reason,state",
        ("K1,C1,2026-05-01T10:00:00Z,delivery,open", "K2,C2,2026-05-02T10:00:00Z,bill,closed"),
        ("delivery,open", "delivery,closed"),
        ("closed", "sleeping", "state", "open, closed"),
    ),
)

EACH = pytest.mark.parametrize("case", CASES, ids=lambda case: case.kind)


def write(folder: Path, case: Case, rows: tuple[str, ...]) -> Path:
    path = folder / f"{case.kind}.csv"
    path.write_text("\n".join((case.header, *rows)) + "\n", "utf-8")
    return path


def stored(database: Database, kind: str) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(IMPORTED[kind])) or 0


@EACH
def test_a_file_goes_in_goes_in_again_and_is_restated(case: Case, sqlite_database: Database, tmp_path: Path) -> None:
    path = write(tmp_path, case, case.rows)
    kind = KINDS[case.kind]
    first = import_file(sqlite_database, Settings(), kind, path, now=NOW)
    again = import_file(sqlite_database, Settings(), kind, path, now=NOW)
    assert (first.added, again.added, again.replaced, again.unchanged) == (2, 0, 0, 2)

    changed = case.rows[0].replace(*case.restated)
    assert changed != case.rows[0]
    restated = import_file(sqlite_database, Settings(), kind, write(tmp_path, case, (changed, case.rows[1])), now=NOW)
    assert (restated.added, restated.replaced, restated.unchanged) == (0, 1, 1)
    assert stored(sqlite_database, case.kind) == 2


@EACH
def test_a_faulty_file_is_refused_whole_and_says_line_column_and_what_should_stand_there(
    case: Case, sqlite_database: Database, tmp_path: Path
) -> None:
    right, wrong, column, expected = case.wrong
    path = write(tmp_path, case, (case.rows[0], case.rows[1].replace(right, wrong)))
    with pytest.raises(RefusedError) as caught:
        import_file(sqlite_database, Settings(), KINDS[case.kind], path, now=NOW)
    (fault,) = caught.value.faults
    assert (fault.line, fault.column) == (3, column)
    assert expected in fault.expected
    assert stored(sqlite_database, case.kind) == 0
    assert path.with_name(f"{path.name}.faults.csv").is_file()


@EACH
def test_a_file_without_a_column_that_it_needs_names_it(case: Case, sqlite_database: Database, tmp_path: Path) -> None:
    needed = next(column.name for column in KINDS[case.kind].all_columns if column.required)
    place = case.header.split(",").index(needed)
    rows = [line.split(",") for line in (case.header, *case.rows)]
    path = tmp_path / f"{case.kind}.csv"
    path.write_text("\n".join(",".join(cells[:place] + cells[place + 1 :]) for cells in rows) + "\n", "utf-8")
    with pytest.raises(RefusedError) as caught:
        import_file(sqlite_database, Settings(), KINDS[case.kind], path, now=NOW)
    assert needed in {fault.column for fault in caught.value.faults}
