"""The estimate in one call: any frames, named persons, money in its own units."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
import pytest

import attribution
from attribution.estimation import _complete
from attribution.evidence import Evidence
from attribution.gather import gather
from attribution.observations import Observations
from attribution.sampling import SamplingOptions
from campaigns.faults import RefusedError

NAMES = ("touches", "responses", "persons", "spend", "channels", "events", "promotions")
MONEY = {"touches": "cost", "spend": "cost", "promotions": "target_cac"}


def frames_of(observations: Observations, library: str = "pandas") -> dict[str, Any]:
    """Give frames as somebody has them: persons by name, money in euros, columns without content left out."""
    frames = {}
    for name in NAMES:
        eager = nw.from_native(getattr(observations, name))
        frame = (eager.collect("pyarrow") if isinstance(eager, nw.LazyFrame) else eager).to_pandas()
        if "person" in frame:
            frame["person"] = [None if pd.isna(person) else f"C{int(person):06d}" for person in frame["person"]]
        if name in MONEY:
            frame[MONEY[name]] = frame[MONEY[name]].astype(float) / 100.0
        frame = frame.drop(columns=[column for column in frame if column in ("listed", "cost_kind")])
        frames[name] = nw.from_native(frame).to_native() if library == "pandas" else _in(library, frame)
    return frames


def _in(library: str, frame: pd.DataFrame) -> Any:
    if library == "duckdb":
        duckdb = pytest.importorskip("duckdb")
        return duckdb.connect().from_df(frame)
    return nw.from_dict(
        {name: [None if value is pd.NaT or value is None else value for value in frame[name]] for name in frame},
        backend=library,
    ).to_native()


@pytest.mark.parametrize("library", ["pandas", "duckdb"])
def test_frames_of_a_notebook_give_the_evidence_of_a_run(
    observations: Observations, evidence: Evidence, library: str
) -> None:
    found = gather(Observations(**_complete(frames_of(observations, library))))
    assert found.responses == evidence.responses
    assert found.units == evidence.units
    assert np.allclose(found.strata.person_days, evidence.strata.person_days)
    assert (found.states.cell == evidence.states.cell).all()


def test_two_frames_are_enough(observations: Observations) -> None:
    frames = frames_of(observations)
    touches = frames["touches"][["person", "occurred_at", "channel", "kind"]]
    responses = frames["responses"][["person", "occurred_at", "kind"]]
    given = dict.fromkeys(NAMES) | {"touches": touches, "responses": responses}
    found = gather(Observations(**_complete(given)))
    assert found.responses > 0
    assert found.media.names == ()


def test_columns_that_are_missing_are_named_all_at_once() -> None:
    with pytest.raises(RefusedError) as refusal:
        attribution.estimate(pd.DataFrame({"person": [1]}), pd.DataFrame({"kind": ["order"]}))
    assert [fault.column for fault in refusal.value.faults] == [
        "touches.occurred_at",
        "touches.channel",
        "touches.kind",
        "responses.person",
        "responses.occurred_at",
    ]


def test_importing_the_package_loads_no_model() -> None:
    code = "import sys, attribution; assert not {'numba', 'pymc', 'pandas'} & set(sys.modules); attribution.estimate"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_there_is_nothing_else_to_ask_the_package_for() -> None:
    with pytest.raises(AttributeError, match="no attribute 'guess'"):
        attribution.guess  # noqa: B018 - the asking is the test


@pytest.mark.slow
def test_the_estimate_is_tidy_and_adds_up(observations: Observations) -> None:
    frames = frames_of(observations)
    touches, responses = frames.pop("touches"), frames.pop("responses")
    sampling = SamplingOptions(chains=2, warm_up=200, draws=100)
    found = attribution.estimate(touches, responses, **frames, sampling=sampling)
    assert set(found.channels["channel"]) == set(found.draws["source"]) - {"baseline"}
    totals = found.draws.groupby("draw")["caused"].sum()
    assert totals.to_numpy() == pytest.approx(np.full(len(totals), found.evidence.responses))
    assert (found.channels["caused_p05"] <= found.channels["caused_p95"]).all()
    spent = found.channels.set_index("channel")["spend"]
    assert spent["tv"] == pytest.approx(frames["spend"].query("channel == 'tv'")["cost"].sum(), rel=0.5)
    kept = found.to_arviz()["posterior"]
    assert kept.sizes["chain"] == 2
    assert len(found.checks) >= 4
