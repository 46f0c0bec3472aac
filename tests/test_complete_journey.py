"""A real year the whole way: 27 campaigns mailed to 1,559 households of a grocer, imported with mapping files alone."""

import json
import math
import os
from collections import Counter
from collections.abc import Callable, Iterator
from csv import DictReader
from dataclasses import dataclass
from gzip import open as unzip
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from attribution.sampling import SamplingOptions
from campaigns.settings import PREFIX
from campaigns.store import observations
from campaigns.store.database import Database
from campaigns.store.holdings import holdings
from jobs.cli import main

DATA = Path(__file__).parents[1] / "../shared/data/completejourney"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"the public data is not there ({DATA})")

FILES = (
    ("promotions", "campaign_descriptions", 27),
    ("customers", "campaigns", 1_559),
    ("customers", "demographics", 801),
    ("touches", "campaigns", 6_589),
    ("responses", "transactions_sample", 47_243),
    ("responses", "coupon_redemptions", 2_102),
)
BEFORE = {"24", "25", "26"}
"""Campaigns mailed before the first purchase of the data: history only."""


@dataclass(frozen=True)
class Year:
    """A folder into which every file was imported, and then all of them again.

    ``run`` runs ``touchstone`` there; ``first`` and ``again`` are what was said of each file.
    """

    database_url: str
    run: Callable[..., Result]
    first: list[str]
    again: list[str]


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory, empty_sqlite: Path) -> Iterator[Year]:
    """The year, imported as the README says."""
    folder = tmp_path_factory.mktemp("journey")
    (folder / "touchstone.db").write_bytes(empty_sqlite.read_bytes())

    def run(*words: str | Path | int) -> Result:
        return CliRunner().invoke(main, [str(word) for word in words], catch_exceptions=False)

    def import_all() -> list[str]:
        said = []
        for kind, file, _rows in FILES:
            mapping = f"complete_journey_{file.removesuffix('_sample')}"
            result = run("import", kind, DATA / f"{file}.csv.gz", "--mapping", mapping)
            assert result.exit_code == 0, result.stderr
            said.append(result.stderr)
        return said

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name in list(os.environ):
            if name.startswith(PREFIX):
                patch.delenv(name)
        patch.setenv("TOUCHSTONE_CURRENCY", "USD")
        patch.setenv("TOUCHSTONE_TIME_ZONE", "America/New_York")
        yield Year(f"sqlite:///{folder / 'touchstone.db'}", run, import_all(), import_all())


@pytest.fixture(scope="module")
def stored(year: Year) -> Iterator[Database]:
    """The database of the year."""
    database = Database(year.database_url)
    yield database
    database.dispose()


@pytest.fixture(scope="module")
def report(year: Year) -> dict[str, Any]:
    """The report of a fit with a tenth of the steps: enough to see the whole way, too few to be published."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("jobs.fitting.ROUND", SamplingOptions(warm_up=100, target_acceptance=0.85))
        result = year.run("fit", "--chains", 2, "--draws", 60, "--json")
    assert result.exit_code == 0 or result.stderr.splitlines()[-1].startswith("Refused. "), result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def letters() -> Counter[str]:
    """Households mailed, by campaign, counted in the file itself."""
    with unzip(DATA / "campaigns.csv.gz", "rt") as file:
        return Counter(row["campaign_id"] for row in DictReader(file))


def test_every_file_is_imported_with_its_mapping_alone(year: Year) -> None:
    for (kind, file, rows), said in zip(FILES, year.first, strict=True):
        assert f"{file}.csv.gz: {rows:,} rows of {kind} ({rows:,} added)" in said


def test_importing_the_year_again_adds_nothing(year: Year, stored: Database) -> None:
    for (kind, file, rows), said in zip(FILES, year.again, strict=True):
        assert f"{file}.csv.gz: {rows:,} rows of {kind} ({rows:,} already there)" in said
    rows = {holding.kind: holding.rows for holding in holdings(stored)}
    assert (rows["touches"], rows["responses"], rows["promotions"]) == (6_589, 47_243 + 2_102, 27)


def test_every_household_is_one_person_and_those_mailed_are_known_since_an_unknown_day(stored: Database) -> None:
    persons = observations.persons(stored)
    assert persons.num_rows == 2_379
    assert persons["created_at"].null_count == persons["first_order_at"].null_count == 2_379
    mailed = set(observations.touches(stored)["person"].to_pylist())
    assert len(mailed) == 1_559
    segments = dict(zip(persons["person"].to_pylist(), persons["segment"].to_pylist(), strict=True))
    assert sum(segments[person] is not None for person in mailed) == 756


def test_purchases_and_redemptions_are_kinds_of_their_own(stored: Database) -> None:
    responses = observations.responses(stored)
    assert Counter(responses["kind"].to_pylist()) == {"order": 47_243, "redemption": 2_102}
    redeemed = [row["promotion"] for row in responses.to_pylist() if row["kind"] == "redemption"]
    assert Counter(redeemed).most_common(3) == [("18", 653), ("13", 629), ("8", 372)]


def test_a_letter_may_work_for_ninety_days(stored: Database) -> None:
    (mail,) = (row for row in observations.channels(stored).to_pylist() if row["channel"] == "mail")
    assert mail["carry_over_days"] == 90


@pytest.mark.slow
def test_the_report_names_every_campaign_by_the_purchases_it_caused(report: dict[str, Any]) -> None:
    found = {ad["campaign"]: ad for ad in report["ads"]}
    assert len(found) == len(report["ads"])
    assert set(letters()) - BEFORE <= set(found) <= set(letters())
    for ad in found.values():
        assert (ad["channel"], ad["ad"]) == ("mail", None)
        assert 0.0 <= ad["incremental"]["p05"] <= ad["incremental"]["p95"]
        assert math.isfinite(ad["incremental"]["mean"])
    for campaign in set(letters()) - BEFORE:
        assert found[campaign]["touches"] == letters()[campaign]


@pytest.mark.slow
def test_what_letters_caused_and_what_would_have_come_anyway_are_all_purchases(report: dict[str, Any]) -> None:
    (mail,) = report["channels"]
    assert mail["channel"] == "mail"
    assert mail["incremental"]["p05"] < mail["incremental"]["p95"]
    total = report["baseline"]["mean"] + mail["incremental"]["mean"]
    assert total == pytest.approx(report["run"]["responses"], abs=0.5)
    assert sum(ad["incremental"]["mean"] for ad in report["ads"]) == pytest.approx(mail["incremental"]["mean"], abs=0.5)


@pytest.mark.slow
def test_last_touch_credits_letters_with_far_more_than_they_caused(report: dict[str, Any]) -> None:
    (mail,) = report["channels"]
    assert mail["proof"] == "estimated"
    assert mail["rules"]["last_touch"] > 20_000 > mail["incremental"]["p95"]
    assert report["run"]["linked_share"] > 0.5


@pytest.mark.slow
def test_nobody_is_called_new_and_no_cost_is_shown(report: dict[str, Any]) -> None:
    assert report["run"]["first_responses"] == 0
    for effect in (*report["channels"], *report["ads"]):
        assert effect["acquired"] == {"mean": 0.0, "p05": 0.0, "p95": 0.0}
        assert effect["cac"] is effect["marginal_cac"] is None
        assert effect["spend"] == 0.0


@pytest.mark.slow
def test_a_full_fit_of_the_year_is_published(year: Year) -> None:
    result = year.run("fit")
    assert result.exit_code == 0, result.stderr
    found = json.loads(year.run("report", "--json").stdout)
    assert found["run"]["verdict"] in ("pass", "review")
    (mail,) = found["channels"]
    assert mail["incremental"]["p95"] < 0.1 * found["run"]["responses"]
