"""The whole way on the sample market: how far each method is from the truth, and how long every step takes.

The bar: a mean error of the channels' shares of at most 0.010, at least 20 of 24 ads inside their 90 % interval, the
whole fit within 90 s on two cores with compilation.
"""

from __future__ import annotations

import json
import resource
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from campaigns.importing import files_of, import_file
from campaigns.planning.drafting import draft_plan
from campaigns.reporting.comparison import compare, read_truth
from campaigns.settings import Settings
from campaigns.store.database import Database, open_database
from jobs.pipeline import run_fit

SAMPLE = Path(__file__).parents[1] / "sample_data"
Found = TypeVar("Found")


def main() -> None:
    """Print the figures."""
    truth = json.loads((SAMPLE / "truth.json").read_text("utf-8"))
    end = date.fromisoformat(truth["window"]["end"])
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(database_url=f"sqlite:///{folder}/touchstone.db")
        database = open_database(settings)
        database.migrate()
        _timed("import", lambda: _import(database, settings, end))
        outcome = _timed("fit", lambda: run_fit(database, settings, requested_by="benchmark"))
        for stage, seconds in outcome.seconds.items():
            print(f"    {stage:<12} {seconds:6.1f} s")
        _timed("plan", lambda: draft_plan(database, starts_on=end + timedelta(days=1)))
        database.dispose()
    if outcome.report is None:
        raise SystemExit(f"the fit found nothing: {outcome.message}")
    compared = compare(outcome.report, read_truth(truth))
    print(f"verdict: {outcome.report.run.verdict} {outcome.message}")
    for method, error in compared.errors.items():
        print(f"    {method:<16} share error {error:.4f}")
    print(f"{compared.ads_inside} of {compared.ads} ads inside their 90 % interval")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")


def _import(database: Database, settings: Settings, end: date) -> int:
    after = datetime.combine(end, datetime.min.time(), UTC) + timedelta(days=2)
    now = max(datetime.now(UTC), after)
    return sum(import_file(database, settings, kind, path, now=now).rows for kind, path in files_of(SAMPLE))


def _timed(name: str, work: Callable[[], Found]) -> Found:
    begun = time.perf_counter()
    found = work()
    print(f"{name:<8} {time.perf_counter() - begun:6.1f} s", flush=True)
    return found


if __name__ == "__main__":
    main()
