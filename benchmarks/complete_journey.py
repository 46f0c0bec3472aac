"""A real year the whole way: the Complete Journey, imported with mapping files alone, with each campaign's effect.

Beside the estimate stand last touch and a check that needs no model of who is mailed: each household that was mailed
is compared with itself, weeks after a letter with its other weeks. What the chain knows of a household, and we do not,
falls out of that as long as it does not change during the year.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from campaigns.importing import import_file
from campaigns.intake.formats import KINDS
from campaigns.reporting.figures import span
from campaigns.settings import Settings
from campaigns.store import observations
from campaigns.store.database import Database, open_database
from campaigns.terms import Report
from jobs.pipeline import run_fit

DATA = Path(__file__).parents[1] / "../shared/data/completejourney"
FILES = (
    ("promotions", "campaign_descriptions"),
    ("customers", "campaigns"),
    ("customers", "demographics"),
    ("touches", "campaigns"),
    ("responses", "transactions_sample"),
    ("responses", "coupon_redemptions"),
)


def main() -> None:
    """Print the README's table of the campaigns, and the check."""
    if not DATA.is_dir():
        print(f"the public data is not there ({DATA})")
        return
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(f"sqlite:///{folder}/touchstone.db", time_zone="America/New_York", currency="USD")
        database = open_database(settings)
        database.migrate()
        begun = time.perf_counter()
        rows = _import(database, settings)
        print(f"import {time.perf_counter() - begun:6.1f} s, {rows:,} rows", flush=True)
        outcome = run_fit(database, settings, requested_by="benchmark")
        stages = ", ".join(f"{stage} {seconds:.1f}" for stage, seconds in outcome.seconds.items())
        print(f"fit    {sum(outcome.seconds.values()):6.1f} s: {stages}", flush=True)
        year = _year(database, settings)
        redeemed = _redeemed(database)
        database.dispose()
    if outcome.report is None:
        raise SystemExit(f"the fit found nothing: {outcome.message}")
    report = outcome.report
    for check in report.checks:
        print(f"    {check.verdict.value:<7} {check.sentence}")
    print("\n".join(_table(report, year, redeemed)))
    for days in (14, 30, 90):
        print(f"each household against itself, {days} days after a letter: {_against_itself(year, days)}")


def _import(database: Database, settings: Settings) -> int:
    return sum(
        import_file(
            database,
            settings,
            KINDS[kind],
            DATA / f"{file}.csv.gz",
            mapping=f"complete_journey_{file.removesuffix('_sample')}",
        ).rows
        for kind, file in FILES
    )


@dataclass(frozen=True)
class Year:
    """Purchases and letters of the households that were mailed.

    Parameters
    ----------
    bought
        Purchases by household and day, shape ``(households, days)``.
    household, day, campaign
        Of each letter; days count from the first purchase and may be negative.
    """

    bought: np.ndarray
    household: np.ndarray
    day: np.ndarray
    campaign: np.ndarray
    first: np.datetime64


def _year(database: Database, settings: Settings) -> Year:
    letters, responses = observations.touches(database), observations.responses(database)
    orders = responses.filter(pc.equal(responses["kind"], "order"))
    ordered, mailed = _local_days(orders, settings), _local_days(letters, settings)
    first = ordered.min()
    households = np.unique(letters["person"].to_numpy())
    buyer = orders["person"].to_numpy()
    known = np.isin(buyer, households)
    bought = np.zeros((len(households), int((ordered.max() - first).astype(int)) + 1))
    days = (ordered - first).astype(int)
    np.add.at(bought, (np.searchsorted(households, buyer[known]), days[known]), 1.0)
    household = np.searchsorted(households, letters["person"].to_numpy())
    campaign = np.array(letters["campaign"].to_pylist())
    return Year(bought, household, (mailed - first).astype(int), campaign, first)


def _local_days(table: pa.Table, settings: Settings) -> np.ndarray:
    zoned = pc.cast(table["occurred_at"], pa.timestamp("us", settings.time_zone))
    return np.asarray(pc.local_timestamp(zoned).to_numpy().astype("datetime64[D]"))


def _redeemed(database: Database) -> dict[str, int]:
    responses = observations.responses(database)
    kept = responses.filter(pc.equal(responses["kind"], "redemption"))
    return {row["values"]: row["counts"] for row in kept["promotion"].value_counts().to_pylist()}


def _table(report: Report, year: Year, redeemed: dict[str, int]) -> list[str]:
    """Lay the campaigns out in the order of mailing, as Markdown."""
    lines = [
        "| campaign | mailed on | households | coupons redeemed | purchases caused | likely (9 in 10) | last touch |",
        "|---|---|---|---|---|---|---|",
    ]
    (mail,) = report.channels
    found = {effect.campaign: effect for effect in report.ads}
    for campaign in sorted(found, key=lambda name: (year.day[year.campaign == name].min(), int(name or 0))):
        effect = found[campaign]
        on = year.first + year.day[year.campaign == campaign].min()
        lines.append(_row(str(campaign), str(on), int((year.campaign == campaign).sum()), redeemed, effect))
    lines.append(_row("all", "", len(year.day), {"all": sum(redeemed.values())}, mail))
    return lines


def _row(name: str, on: str, mailed: int, redeemed: dict[str, int], effect: Any) -> str:
    middle, low, high = span(effect.incremental)
    credited = effect.rules["last_touch"]
    return f"| {name} | {on} | {mailed:,} | {redeemed.get(name, 0):,} | {middle} | {low} to {high} | {credited:,.0f} |"


def _against_itself(year: Year, days: int) -> str:
    """Compare each household's rate after a letter with its own at other times, by week of the year.

    A Poisson regression with a level for each household, conditioned on its purchases of the whole year, so that the
    levels drop out (Chamberlain 1980); the error is that of households drawn anew, whatever the spread of their counts.
    """
    bought = year.bought
    letters = np.zeros_like(bought)
    for household, day in zip(year.household, year.day, strict=True):
        letters[household, max(0, day) : max(0, day + days)] += 1.0
    week = np.arange(bought.shape[1]) // 7
    weeks = np.eye(week.max() + 1)[week][:, 1:]
    slopes = np.zeros(weeks.shape[1] + 1)
    total = bought.sum(axis=1)
    for _ in range(12):
        rate = np.exp(slopes[0] * letters + weeks @ slopes[1:])
        share = rate / rate.sum(axis=1, keepdims=True)
        expected = share * total[:, None]
        missed = bought - expected
        score = np.column_stack([(letters * missed).sum(axis=1), missed @ weeks])
        middle = np.column_stack([(letters * share).sum(axis=1), share @ weeks])
        information = -(middle * total[:, None]).T @ middle
        information[0, 0] += (letters**2 * expected).sum()
        information[0, 1:] += (letters * expected).sum(axis=0) @ weeks
        information[1:, 0] = information[0, 1:]
        information[1:, 1:] += weeks.T @ (expected.sum(axis=0)[:, None] * weeks)
        slopes += np.linalg.solve(information, score.sum(axis=0))
    inverse = np.linalg.inv(information)
    error = float(np.sqrt((inverse @ (score.T @ score) @ inverse)[0, 0]))
    low, high = (np.expm1(slopes[0] + sign * 1.645 * error) for sign in (-1.0, 1.0))
    return f"{np.expm1(slopes[0]):+.1%} purchases for each letter (likely {low:+.1%} to {high:+.1%})"


if __name__ == "__main__":
    main()
