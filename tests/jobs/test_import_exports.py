"""Exports go in, go in again and are restated, and the totals are those that they show."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from sqlalchemy import func
from sqlmodel import col, select

from campaigns.faults import RefusedError
from campaigns.importing import Imported, guess_file, import_export, import_file, save_mapping
from campaigns.intake.formats import KINDS
from campaigns.reconciliation import total as total_of
from campaigns.settings import Settings
from campaigns.store.database import Database
from campaigns.store.left_out import left_out_sums
from campaigns.store.reconciling import reconciliation
from campaigns.store.tables import IMPORTED, ImportBatch, Response, Spend
from jobs.cli import main
from tests.platforms.golden import EXPORTS, GOOGLE, SHOPIFY

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
Import = Callable[..., tuple[Imported, ...]]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(time_zone="Europe/Istanbul", mappings=str(tmp_path / "mappings"))


@pytest.fixture
def taken(database: Database, settings: Settings, tmp_path: Path) -> Import:
    """Import one of the exports, or a changed one, with everything that it makes."""

    def taken(name: str, content: str | None = None) -> tuple[Imported, ...]:
        mapping, file, data = EXPORTS[name]
        (tmp_path / file).write_bytes(data if content is None else content.encode())
        return import_export(database, settings, tmp_path / file, mapping, now=NOW)

    return taken


def rows(database: Database) -> dict[str, int]:
    """Count what is stored of each kind."""
    with database.reading() as session:
        counts = {name: session.scalar(select(func.count()).select_from(table)) for name, table in IMPORTED.items()}
    return {name: count for name, count in counts.items() if count}


def total(database: Database, column: Any, *which: Any) -> int:
    with database.reading() as session:
        return int(session.scalar(select(func.sum(column)).where(*which)) or 0)


def left(database: Database) -> dict[str, tuple[int, int]]:
    """Sum what was left out: rows and value for each reason."""
    sums: dict[str, tuple[int, int]] = {}
    with database.reading() as session:
        for one in left_out_sums(session):
            before, value = sums.get(one.reason, (0, 0))
            sums[one.reason] = before + one.rows, value + one.value
    return sums


def test_exports_imported_twice_are_stored_once(taken: Import, database: Database) -> None:
    names = ("google", "meta", "shopify", "mailchimp", "mautic stats", "hubspot deals", "salesforce report")
    for name in names:
        taken(name)
    before, gone = rows(database), left(database)
    assert (before["spend"], before["opportunities"]) == (5, 6)
    for name in names:
        assert all((one.added, one.replaced) == (0, 0) for one in taken(name)), name
    assert (rows(database), left(database)) == (before, gone)


def test_the_same_report_in_another_language_changes_nothing(taken: Import, database: Database) -> None:
    taken("google")
    for name in ("google german", "google turkish"):
        (one,) = taken(name)
        assert (one.added, one.replaced, one.unchanged) == (0, 0, 3)
    assert total(database, Spend.cost) == 124_975


def test_a_restated_report_replaces_what_it_covers(taken: Import, database: Database) -> None:
    taken("google")
    (one,) = taken("google", GOOGLE.replace("5.25", "6.25").replace("2026-05-01,Banner", "2026-05-03,Banner"))
    assert (one.added, one.replaced, one.unchanged) == (1, 1, 1)
    assert total(database, Spend.cost) == 124_975 + 100 + 1_000


def test_a_shop_reconciles_to_the_cent_and_again_after_it_is_restated(taken: Import, database: Database) -> None:
    def told() -> int:
        used = total(database, Response.value, col(Response.kind) == "order")
        return used + sum(value for _, value in left(database).values())

    shown = 28_299
    taken("shopify")
    assert told() == shown
    assert left(database)["test"] == (1, 119)

    taken("shopify", SHOPIFY.replace("#1002,bob@example.com,partially_refunded", "#1002,bob@example.com,refunded"))
    assert left(database)["refunded"] == (2, 4_070 + 6_450)
    assert told() == shown

    taken("shopify", SHOPIFY.replace("Shopify Payments,0.00,5001,,", "Shopify Payments,0.00,5001,test,"))
    assert left(database)["test"] == (2, 119 + 12_400)
    assert told() == shown
    with database.reading() as session:
        assert "#1001" not in session.scalars(select(Response.response_id)).all()


def test_what_is_reconciled_is_what_the_shop_shows_with_each_order_once(taken: Import, database: Database) -> None:
    taken("shopify")
    with database.reading() as session:
        (shop,) = total_of(reconciliation(session, ZoneInfo("Europe/Istanbul")))
    assert (shop.shows.rows, shop.shows.orders, shop.shows.value) == (6, 6, 28_299)
    assert (shop.uses.orders, shop.uses.value) == (3, 14_000)
    assert {each.reason for each in shop.differences} == {"cancelled", "refunded", "shipping", "tax", "test"}


def test_an_order_that_the_shop_and_its_analytics_show_has_one_number(taken: Import, database: Database) -> None:
    taken("shopify")
    taken("ga4")
    with database.reading() as session:
        sources = select(Response.source).where(col(Response.order_id) == "5001").order_by(col(Response.source))
        assert session.scalars(sources).all() == ["ga4", "shopify"]


def test_nothing_of_an_export_is_stored_if_one_of_its_kinds_is_faulty(taken: Import, database: Database) -> None:
    with pytest.raises(RefusedError) as caught:
        taken("shopify", SHOPIFY.replace("2026-05-02 09:00:00 +0200,1", "soon,1"))
    assert [fault.found for fault in caught.value.faults] == ["soon"]
    assert rows(database) == {}
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(ImportBatch)) == 0


AGENCY = "Datum;Kanal;Kosten;Kampagne\n01.05.2026;TV;1.234,50;Spring\n02.05.2026;Radio;10,00;Spring\n"


def test_a_guess_is_kept_by_name_and_read_by_it(sqlite_database: Database, settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "agency.csv"
    path.write_text(AGENCY, "utf-8")
    guessed = guess_file(sqlite_database, settings, path, NOW)
    assert (guessed.kinds, guessed.mapping is not None) == (("spend",), True)
    assert guessed.preview[0].rows[0][:3] == ("2026-05-01", "tv", "1234.50")
    assert "not known" in guessed.doubts[0]
    save_mapping(settings, guessed, "agency")
    (one,) = import_export(sqlite_database, settings, path, "agency", now=NOW)
    assert (one.kind, one.added) == ("spend", 2)
    with pytest.raises(Exception, match="already"):
        save_mapping(settings, guessed, "agency")


def test_a_file_of_the_wrong_kind_is_told_which_mapping_reads_it(
    sqlite_database: Database, settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "orders_export.csv"
    path.write_text(SHOPIFY, "utf-8")
    with pytest.raises(RefusedError) as caught:
        import_file(sqlite_database, settings, KINDS["responses"], path, now=NOW)
    assert "with the mapping shopify_orders" in caught.value.remedy
    assert not any("once" in fault.expected for fault in caught.value.faults)


def test_the_command_shows_what_a_file_is_and_imports_it_when_told(
    tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TOUCHSTONE_DATABASE_URL", sqlite_url)
    (tmp_path / "report.csv").write_text(GOOGLE, "utf-8")
    command = ["import", "--guess", "report.csv"]

    shown = CliRunner().invoke(main, command)
    assert shown.exit_code == 0, shown.output
    assert "Google Ads report, read by the mapping google_ads" in shown.output
    assert "Nothing was stored" in shown.output

    told = json.loads(CliRunner().invoke(main, [*command, "--save", "mine", "--yes", "--json"]).stdout)
    assert (told["mapping"], told["kinds"], told["imported"][0]["added"]) == ("google_ads", ["spend"], 3)
    assert (tmp_path / "mappings" / "mine.toml").is_file()

    (tmp_path / "report.csv").write_text("a,b\n1,2\n", "utf-8")
    refused = CliRunner().invoke(main, command)
    assert refused.exit_code == 1
    assert "columns that tell nothing" in refused.output
