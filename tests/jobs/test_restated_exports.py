"""Each platform's export goes in, goes in again, and is restated: what counts is what was stated last, to the cent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, col, select

from campaigns.importing import import_export
from campaigns.settings import Settings
from campaigns.store.database import Database
from campaigns.store.left_out import left_out_sums
from campaigns.store.tables import (
    IMPORTED,
    Case,
    Customer,
    Lead,
    Opportunity,
    Response,
    SalesActivity,
    Spend,
    Touch,
)
from tests.platforms.golden import EXPORTS
from tests.platforms.restated import RESTATED, Totals

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
OF_EACH_KIND = {"google", "shopify", "mailchimp activity", "hubspot deals", "salesforce leads", "salesforce cases"}
"""Exports that fill different tables."""
OWN = ("id", "batch_id", "identity_id")
"""Columns that say when and as what a row was stored, and nothing of the export."""


@pytest.fixture
def settings() -> Settings:
    return Settings(time_zone="Europe/Istanbul")


@pytest.fixture
def fresh(tmp_path: Path, empty_sqlite: Path) -> Iterator[Database]:
    """A database that sees the later export only."""
    (tmp_path / "fresh.db").write_bytes(empty_sqlite.read_bytes())
    database = Database(f"sqlite:///{tmp_path / 'fresh.db'}")
    yield database
    database.dispose()


def test_every_export_has_a_restated_one() -> None:
    assert set(RESTATED) == set(EXPORTS) > OF_EACH_KIND


@pytest.mark.parametrize("name", EXPORTS)
def test_what_was_stated_last_counts(
    sqlite_database: Database, fresh: Database, settings: Settings, tmp_path: Path, name: str
) -> None:
    hold_to_what_was_stated_last(sqlite_database, fresh, settings, tmp_path, name)


@pytest.mark.database
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in OF_EACH_KIND else pytest.mark.slow) for name in EXPORTS]
)
def test_what_was_stated_last_counts_on_postgresql(
    postgresql_database: Database, fresh: Database, settings: Settings, tmp_path: Path, name: str
) -> None:
    hold_to_what_was_stated_last(postgresql_database, fresh, settings, tmp_path, name)


def hold_to_what_was_stated_last(
    database: Database, fresh: Database, settings: Settings, tmp_path: Path, name: str
) -> None:
    mapping, file, first = EXPORTS[name]
    later, totals = RESTATED[name]

    def take(into: Database, data: bytes) -> int:
        """Import an export; return how many rows that changed."""
        (tmp_path / file).write_bytes(data)
        return sum(one.added + one.replaced for one in import_export(into, settings, tmp_path / file, mapping, now=NOW))

    assert take(database, first) > 0
    before = rows(database), stored(database)
    assert take(database, first) == 0
    assert (rows(database), stored(database)) == before
    assert before[1] != totals

    assert take(database, later) > 0
    assert stored(database) == totals
    assert take(database, later) == 0
    assert stored(database) == totals
    take(fresh, later)
    assert rows(database) == rows(fresh)


def test_a_report_by_ad_group_takes_the_place_of_the_one_by_campaign(sqlite_database: Database, tmp_path: Path) -> None:
    settings, path = Settings(), tmp_path / "google.csv"
    by_campaign = (
        "Day,Campaign,Currency code,Cost,Impr.,Clicks\n2026-05-01,Brand,EUR,10.00,1,1\n2026-05-01,Other,EUR,3.00,1,1\n"
    )
    by_group = (
        "Day,Campaign,Ad group,Currency code,Cost,Impr.,Clicks\n"
        "2026-05-01,Brand,One,EUR,6.00,1,1\n2026-05-01,Brand,Two,EUR,5.00,1,1\n"
    )
    for text in (by_campaign, by_group):
        path.write_text(text, "utf-8")
        (done,) = import_export(sqlite_database, settings, path, "google_ads", now=NOW)
    assert stored(sqlite_database)["spend"][:2] == (3, 1_400)
    assert "Rows stored before that this export does not have any more, and that were taken back: 1" in done.notes


def test_a_campaign_that_was_renamed_counts_once_where_the_export_has_whole_days(
    sqlite_database: Database, settings: Settings, tmp_path: Path
) -> None:
    path, head = tmp_path / "google.csv", "Day,Campaign,Currency code,Cost,Impr.,Clicks\n"
    notes = []
    for name, whole in (("Old", False), ("New", False), ("New", True)):
        path.write_text(f"{head}2026-05-01,{name},EUR,10.00,1,1\n", "utf-8")
        (done,) = import_export(sqlite_database, settings, path, "google_ads", now=NOW, whole_days=whole)
        notes.append(" ".join(done.notes))
        last = stored(sqlite_database)["spend"][:2]
        assert last == ((2, 2_000) if (name, whole) == ("New", False) else (1, 1_000))
    assert "as of other campaigns, and that stay: 1" in notes[1]
    assert "that stay" not in notes[2]


def rows(database: Database) -> dict[str, list[dict[str, Any]]]:
    """Give everything stored, by kind and key, but not when it was."""
    with database.reading() as session:
        return {
            kind: sorted(
                (
                    {name: str(value) for name, value in one.model_dump().items() if name not in OWN}
                    for one in session.exec(select(table))
                ),
                key=lambda row: (row["source"], row["row_key"]),
            )
            for kind, table in IMPORTED.items()
        }


def stored(database: Database) -> Totals:
    """Add up what is stored, by hand and row by row."""
    with database.reading() as session:
        found: Totals = {
            "spend": _spend(session),
            "responses": _valued(session, Response, "kind"),
            "touches": _counted(session, Touch, "kind"),
            "customers": _pair(session, Customer, col(Customer.consent_email) == "no"),
            "opportunities": _valued(session, Opportunity, "stage"),
            "leads": _pair(session, Lead, col(Lead.qualified_at).is_not(None)),
            "sales_activities": _counted(session, SalesActivity, "kind"),
            "cases": _counted(session, Case, "state"),
            "left out": {},
        }
        for one in left_out_sums(session):
            before, value = found["left out"].get(one.reason, (0, 0))
            found["left out"][one.reason] = (before + one.rows, value + one.value)
    return {kind: told for kind, told in found.items() if told and told != (0, 0)}


def _spend(session: Session) -> tuple[Any, ...] | None:
    told = session.exec(select(Spend)).all()
    columns = ("cost", "claimed_conversions", "claimed_value")
    return (len(told), *(sum(getattr(row, name) or 0 for row in told) for name in columns)) if told else None


def _valued(session: Session, table: Any, column: str) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for row in session.exec(select(table)):
        count, value = found.get(getattr(row, column), (0, 0))
        found[getattr(row, column)] = (count + 1, value + (row.value or 0))
    return found


def _counted(session: Session, table: Any, column: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in session.exec(select(table)):
        found[getattr(row, column)] = found.get(getattr(row, column), 0) + 1
    return found


def _pair(session: Session, table: Any, which: Any) -> tuple[int, int]:
    return len(session.exec(select(table)).all()), len(session.exec(select(table).where(which)).all())
