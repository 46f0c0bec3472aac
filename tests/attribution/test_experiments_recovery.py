"""Do tests find the truth where observation alone does not: intent in bursts, chased by ads, and no ghosts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from attribution.density import density_of
from attribution.experiments import calibrate, judge, read_tests, trials_of
from attribution.experiments.calibration import predicted
from attribution.gather import gather
from attribution.increment import increments
from attribution.leaving_out import LeftOut, carried_over
from attribution.observations import FitOptions, Observations
from attribution.priors import Priors
from attribution.sampling import SamplingOptions, sample
from campaigns.terms import Soundness

pytestmark = pytest.mark.slow

FIRST = date(2026, 1, 5)
DAYS, TEST_FROM, TEST_UNTIL = 130, 60, 100
REGIONS = ("north", "south")
COLUMNS = (
    "experiment", "channel", "campaign", "ad", "goal", "starts_on", "ends_on", "measured_until",
    "planned_treated_share", "treated_n", "treated_responses", "control_n", "control_responses",
    "touches_per_treated", "lift", "lift_se", "region",
)  # fmt: skip
KEPT = ("person", "occurred_at", "channel", "kind", "campaign", "ad", "promotion", "cost")


def bursts(people: int, effect: float, seed: int) -> tuple[dict[str, Any], np.ndarray, int]:
    """Simulate people whose intent comes in bursts of ten days; display chases it, and e-mail goes to all alike.

    From day 60 to 100 display is kept from half of the people, drawn by lot. A contact of display truly causes
    ``effect`` responses over the week after it.
    """
    rng = np.random.default_rng(seed)
    treated = rng.random(people) < 0.5
    region = rng.integers(0, 2, people)
    intent = np.zeros((people, DAYS), bool)
    begins = rng.random((people, DAYS)) < 0.008
    for lag in range(10):
        intent[:, lag:] |= begins[:, : DAYS - lag]
    chased = rng.random((people, DAYS)) < np.where(intent, 0.15, 0.005)
    kept_off = np.zeros_like(chased)
    kept_off[~treated, TEST_FROM:TEST_UNTIL] = True
    display = chased & ~kept_off
    email = rng.random((people, DAYS)) < 0.02
    base = np.where(intent, 0.006, 0.0008)
    share = np.exp(-np.arange(7) / 2.0) / np.exp(-np.arange(7) / 2.0).sum()
    caused = np.zeros((people, DAYS))
    for lag in range(7):
        caused[:, lag:] += share[lag] * (effect * display[:, : DAYS - lag] + 0.004 * email[:, : DAYS - lag])
    responded = rng.random((people, DAYS)) < base + caused
    truth = float((effect * display[:, 30:]).sum())

    def when(hits: np.ndarray, hour: float) -> tuple[np.ndarray, list[datetime]]:
        who, day = np.nonzero(hits)
        start = datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=UTC)
        return who, [start + timedelta(days=float(d), hours=hour) for d in day]

    touches = []
    for name, hits, kind, hour in (("display", display, "impression", 6.0), ("email", email, "send", 7.0)):
        who, times = when(hits, hour)
        touches.append(
            pd.DataFrame(
                {"person": who, "occurred_at": times, "channel": name, "kind": kind, "campaign": "c", "ad": "a"}
            )
        )
    who, times = when(responded, 18.0)
    frames = {
        "touches": pd.concat(touches).assign(promotion=None, cost=None)[list(KEPT)],
        "responses": pd.DataFrame({"person": who, "occurred_at": times, "kind": "order"}),
        "persons": pd.DataFrame(
            {
                "person": np.arange(people),
                "segment": "all",
                "region": [REGIONS[row] for row in region],
                "created_at": pd.Timestamp("2025-01-01", tz="UTC"),
                "first_order_at": pd.NaT,
            }
        ),
        "spend": pd.DataFrame(
            columns=[
                "date",
                "channel",
                "campaign",
                "ad",
                "region",
                "cost",
                "impressions",
                "clicks",
                "units",
                "claimed_conversions",
            ]
        ),
        "channels": pd.DataFrame({"channel": ["display"], "targeted": [True], "carry_over_days": [14]}),
        "events": pd.DataFrame(columns=["name", "starts_on", "ends_on", "region"]),
        "promotions": pd.DataFrame(columns=["promotion", "target_cac"]),
    }
    return frames, treated, round(truth)


def estimates(frames: dict[str, Any], row: dict[str, Any], assigned: Any = None) -> tuple[Any, Any, Any]:
    """Fit all that is observed, and what is observed apart from the test, with the test."""
    told = dict.fromkeys(COLUMNS) | {
        "experiment": "x",
        "channel": "display",
        "starts_on": FIRST + timedelta(days=TEST_FROM),
        "ends_on": FIRST + timedelta(days=TEST_UNTIL - 1),
        "measured_until": FIRST + timedelta(days=TEST_UNTIL - 1),
    }
    table = pd.DataFrame([told | row], columns=list(COLUMNS))
    observations = Observations(**frames, experiments=table, assignments=assigned)
    options, priors = FitOptions(), Priors()
    evidence = gather(observations, options)
    (trial,) = trials_of(observations, evidence, options, read_tests(observations, options))
    assert trial.apart is not None
    left = gather(observations, options, LeftOut.of([trial.apart]))
    steps = SamplingOptions(chains=2, draws=300, warm_up=400, seed=3)
    observed, apart = (sample(density_of(part, priors), steps) for part in (evidence, left))
    apart = carried_over(apart, left, evidence, priors)
    expected = predicted(evidence, apart, priors, [trial], range(0, 600, 10))[:, 0, 0]
    judged = judge(trial, evidence, expected)
    after = calibrate(evidence, apart, [trial], priors).posterior

    def display(of: Any) -> Any:
        return next(source for source in increments(evidence, of, priors).channels if source.channel == "display")

    return judged, display(observed), display(after)


@pytest.mark.parametrize(("effect", "targeted"), [(0.0, False), (0.02, True)])
def test_customers_drawn_by_lot_show_what_display_truly_does(effect: float, targeted: bool) -> None:
    """With no effect at all, and nobody having said that display chases: the test finds out."""
    frames, treated, truth = bursts(10_000, effect, seed=5)
    frames["channels"]["targeted"] = targeted
    assigned = pd.DataFrame(
        {
            "person": np.arange(len(treated)),
            "experiment": "x",
            "arm": np.where(treated, "treated", "control"),
            "assigned_at": pd.Timestamp(FIRST + timedelta(days=TEST_FROM), tz="UTC"),
        }
    )
    judged, before, after = estimates(frames, {"planned_treated_share": 0.5}, assigned)
    assert judged.soundness is Soundness.SOUND, judged.sentences
    low, high = np.quantile(after.caused, [0.05, 0.95])
    assert abs(after.expected.mean() - truth) < abs(before.expected.mean() - truth)
    assert low <= truth <= high, (before.expected.mean(), after.expected.mean(), truth)


def test_a_test_of_regions_shows_it_too() -> None:
    frames, _, truth = bursts(6_000, 0.02, seed=6)
    judged, before, after = estimates(
        frames, {"lift": 0.02 * len(in_test(frames, "north")), "lift_se": 8.0, "region": "north"}
    )
    assert judged.soundness is Soundness.SOUND, judged.sentences
    low, high = np.quantile(after.caused, [0.05, 0.95])
    assert abs(after.expected.mean() - truth) < abs(before.expected.mean() - truth)
    assert low <= truth <= high, (before.expected.mean(), after.expected.mean(), truth)


def in_test(frames: dict[str, Any], region: str) -> pd.DataFrame:
    """Find the display contacts of a region in the days of the test."""
    touches, persons = frames["touches"], frames["persons"].set_index("person")["region"]
    day = (touches["occurred_at"] - pd.Timestamp(FIRST, tz="UTC")).dt.days
    inside = (touches["channel"] == "display") & (day >= TEST_FROM) & (day < TEST_UNTIL)
    return touches[inside & (touches["person"].map(persons) == region)]
