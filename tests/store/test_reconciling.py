"""What a source shows and what counts of it balance to the last row, whatever became of the rest."""

import datetime as dt
import random
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from campaigns.importing import import_file
from campaigns.intake.checking import schema_of
from campaigns.intake.formats import KINDS
from campaigns.intake.left_out import schema_of as left_out_schema
from campaigns.reconciliation import Amounts, Difference, Reconciled, linked_sentence, total
from campaigns.settings import Settings
from campaigns.store.database import Database
from campaigns.store.loading import load
from campaigns.store.observations import responses
from campaigns.store.reconciling import Unused, reconciliation, unused_rows
from campaigns.terms import Window

ISTANBUL = ZoneInfo("Europe/Istanbul")
WINDOW = Window(dt.date(2026, 4, 1), dt.date(2026, 6, 30))


def imported(database: Database, kind: str, *rows: dict[str, Any], gone: tuple[dict[str, Any], ...] = ()) -> None:
    def table(schema: pa.Schema, listed: tuple[dict[str, Any], ...]) -> pa.Table:
        filled = [{name: {"source": "shop", **row}.get(name) for name in schema.names} for row in listed]
        return pa.Table.from_pylist(filled, schema=schema)

    left = table(left_out_schema(KINDS[kind]), gone)
    load(database, KINDS[kind], table(schema_of(KINDS[kind]), rows), path=f"{kind}.csv", digest="d", left_out=left)


def reconciled(database: Database, window: Window | None = WINDOW) -> tuple[Reconciled, ...]:
    with database.reading() as session:
        return reconciliation(session, ISTANBUL, window)


def listed(database: Database) -> list[Unused]:
    with database.reading() as session:
        return list(unused_rows(session, ISTANBUL, WINDOW))


def order(number: int, at: dt.datetime, value: int, **told: Any) -> dict[str, Any]:
    named = {"response_id": str(number), "order_id": str(number)}
    return {"occurred_at": at, "kind": "order", "customer_id": "C", "value": value, **named, **told}


def test_the_shop_shows_more_than_we_use_and_the_sentence_says_why(database: Database):
    may = dt.datetime(2026, 5, 31, 22, tzinfo=dt.UTC)  # already June in Istanbul
    gone = [
        {
            "response_id": "7",
            "line": 8,
            "reason": "test",
            "occurred_on": dt.date(2026, 6, 2),
            "value": 5,
            "whole": True,
        },
        {"response_id": "8", "line": 9, "reason": "cancelled", "occurred_on": dt.date(2026, 6, 2), "whole": True},
        {"response_id": "1", "line": 2, "reason": "refunded", "occurred_on": dt.date(2026, 6, 1), "value": 300},
    ]
    rows = [order(1, may, 700), order(2, may, 50, customer_id=None, promotion="p"), order(3, may, 9, kind="return")]
    imported(database, "responses", *rows, gone=tuple({"whole": False, **row} for row in gone))

    (june,) = reconciled(database)
    assert (june.kind, june.source, june.month) == ("responses", "shop", dt.date(2026, 6, 1))
    assert june.shows == Amounts(rows=5, orders=4, value=700 + 50 + 9 + 5 + 300)
    assert june.uses == Amounts(rows=2, orders=2, value=750)
    assert june.unlinked == Amounts(rows=1, orders=1, value=50)
    assert set(june.differences) == {
        Difference("test", Amounts(1, 1, 5)),
        Difference("cancelled", Amounts(1, 1, 0)),
        Difference("refunded", Amounts(0, 0, 300)),
        Difference("other kind", Amounts(1, 0, 9)),
    }
    assert june.sentence == "shop shows 4 orders; we use 2: 2 are cancelled or test."
    assert total([june, june])[0].uses == Amounts(4, 4, 1_500)
    assert linked_sentence(0.637) == "64 % of orders could be linked to at least one touch."
    assert {(row.reason, row.key, row.line) for row in listed(database)} == {
        ("test", "7", 8), ("cancelled", "8", 9), ("refunded", "1", 2)
    }  # fmt: skip


def test_sums_that_do_not_balance_cannot_be_shown():
    with pytest.raises(ValueError, match="explained"):
        Reconciled("spend", "google", None, Amounts(2), Amounts(1))


def test_steps_ghosts_and_deals_not_won_are_told_apart(database: Database):
    day = dt.datetime(2026, 5, 1, tzinfo=dt.UTC)
    touch = {"customer_id": "C", "occurred_at": day, "channel": "email", "cost": 2}
    kinds = ("send", "open", "click", "ghost")
    imported(
        database,
        "touches",
        *({**touch, "kind": kind} for kind in kinds),
        {**touch, "channel": "search", "kind": "click"},
    )
    deal = {"owner": "dana", "opened_on": day, "value": 9, "account_id": "A"}
    imported(
        database, "opportunities", *({**deal, "opportunity_id": stage, "stage": stage} for stage in ("won", "open"))
    )

    touches, deals = reconciled(database)
    assert (touches.uses.rows, touches.shows) == (2, Amounts(rows=5, cost=10))
    assert {each.reason: each.amounts.rows for each in touches.differences} == {"step": 2, "held back": 1}
    assert (deals.uses.rows, deals.differences[0].reason, deals.unlinked.rows) == (1, "not won", 0)


def test_a_mended_row_is_rejected_no_longer_and_the_same_file_twice_counts_once(database: Database, tmp_path: Path):
    header = "occurred_at,kind,customer_id,value,currency,response_id\n"
    good = "2026-05-02,order,C,10.00,,1\n2026-05-03,order,C,5.00,,4\n"
    bad = "2026-05-02,order,C,ten,,2\n2026-05-02,order,C,7.50,USD,3\n2026-05-02,order,C,8.00,,1\n"
    path = tmp_path / "orders.csv"
    path.write_text(header + good + bad)
    for _time in range(2):
        import_file(database, Settings(), KINDS["responses"], path, source="shop", skip_faulty=True)

    (may,) = reconciled(database)
    assert (may.shows.rows, may.uses.rows) == (5, 2)
    assert {each.reason: (each.amounts.rows, each.amounts.value) for each in may.differences} == {
        "faulty": (1, 0), "currency": (1, 750), "duplicate": (1, 800)
    }  # fmt: skip
    assert {(row.reason, row.line) for row in listed(database)} == {("faulty", 4), ("currency", 5), ("duplicate", 6)}

    other = tmp_path / "mended.csv"
    other.write_text(f"{header}2026-05-02,order,C,10.00,,2\n")
    import_file(database, Settings(), KINDS["responses"], other, source="shop")
    (may,) = reconciled(database)
    assert {each.reason for each in may.differences} == {"currency", "duplicate"}
    path.write_text(header + good)
    import_file(database, Settings(), KINDS["responses"], path, source="shop")
    assert reconciled(database)[0].differences == ()


@pytest.mark.parametrize("seed", range(2))
def test_whatever_is_imported_the_sums_balance(database: Database, seed: int):
    dice = random.Random(seed)  # noqa: S311 - a test
    first = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    shown: dict[str, Amounts] = {}
    for source in ("shop", "web"):
        kept, gone = [], []
        for number in dice.sample(range(60), 40):
            at, value = first + dt.timedelta(hours=dice.randrange(3_600)), dice.randrange(-50, 9_000)
            kind = dice.choice(["order", "order", "order", "redemption", "return"])
            row = order(number, at, value, kind=kind, source=source)
            if dice.random() < 0.3:
                told = {"line": number, "occurred_on": at.date(), "value": value, "source": source}
                gone.append({**told, "response_id": str(number), "reason": dice.choice("ab"), "whole": True})
                shown[source] = shown.get(source, Amounts()) + Amounts(1, 1, value)
            else:
                kept.append(row | ({"customer_id": None, "promotion": "p"} if dice.random() < 0.2 else {}))
                shown[source] = shown.get(source, Amounts()) + Amounts(1, int(kind == "order"), value)
        for _time in range(2):
            imported(database, "responses", *kept, gone=tuple(gone))

    for window in (WINDOW, None):
        found = reconciled(database, window)  # a sum that does not balance raises
        assert {each.source: each.shows for each in total(found)} == shown
    used = sum(each.uses.rows for each in reconciled(database, None))
    assert used == sum(kind.as_py() == "order" for kind in responses(database).column("kind"))
