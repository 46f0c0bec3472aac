"""Markets that nobody tuned to: how far the estimate and last touch are from the truth, and how honest the ranges are.

Half an hour on two cores. The first three hold the model's assumptions about targeting, the others break them or have
nothing to find.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from attribution.simulate import MarketSpec, simulate_market
from campaigns.importing import files_of, import_file
from campaigns.reporting.comparison import compare, read_truth
from campaigns.settings import Settings
from campaigns.store.database import open_database
from jobs.market import TRUTH_FILE, write_market
from jobs.pipeline import run_fit

MARKETS = {
    "fixed intent, seed 12": MarketSpec(seed=12),
    "fixed intent, seed 13": MarketSpec(seed=13),
    "fixed intent, seed 14": MarketSpec(seed=14),
    "intent drifts": MarketSpec(seed=12, intent="drifting"),
    "buyers suppressed for 30 days": MarketSpec(seed=12, suppress_buyers_days=30),
    "drift and suppression": MarketSpec(seed=13, intent="drifting", suppress_buyers_days=30),
    "no effect at all": MarketSpec(seed=12, no_effects=True),
}


def main() -> None:
    """Print a line per market."""
    columns = f"{'share error':>11} {'last touch':>11} {'channels':>9} {'ads':>9}  verdict  display true, found"
    print(f"{'market':<32} {columns}")
    for name, spec in MARKETS.items():
        print(f"{name:<32} {_measured(spec)}", flush=True)


def _measured(spec: MarketSpec) -> str:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "market"
        write_market(simulate_market(spec), folder)
        settings = Settings(database_url=f"sqlite:///{place}/touchstone.db")
        database = open_database(settings)
        database.migrate()
        for kind, path in files_of(folder):
            import_file(database, settings, kind, path)
        outcome = run_fit(database, settings, requested_by="benchmark")
        database.dispose()
        truth = json.loads((folder / TRUTH_FILE).read_text("utf-8"))
    if outcome.report is None:
        raise SystemExit(f"the fit found nothing: {outcome.message}")
    compared = compare(outcome.report, read_truth(truth))
    caused = {name: channel["incremental"] for name, channel in truth["channels"].items()}
    inside = sum(
        effect.incremental.p05 <= caused[effect.channel] <= effect.incremental.p95 for effect in outcome.report.channels
    )
    display = next(effect.incremental for effect in outcome.report.channels if effect.channel == "display")
    return (
        f"{compared.errors['touchstone']:>11.4f} {compared.errors['last_touch']:>11.4f} "
        f"{inside:>4} of {len(caused)} {compared.ads_inside:>3} of {compared.ads}  {outcome.report.run.verdict:<7}  "
        f"{caused['display']}, {display.mean:.0f} ({display.p05:.0f} to {display.p95:.0f})"
    )


if __name__ == "__main__":
    main()
