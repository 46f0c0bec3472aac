"""Rank plots of a simulation-based calibration, as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np
import pandas as pd
import vl_convert
from scipy import stats

if TYPE_CHECKING:
    from benchmarks.calibrate.ranks import Judged

__all__ = ["write_plots"]

RANKS = 100
BINS = 10
COLUMNS = 5
INK, BAND, BAR = "#1b2026", "#dfdcd4", "#5b7f95"


def write_plots(judged: Sequence[Judged], folder: Path) -> None:
    """Write two drawings: the counts of ranks in ten bins, and how far their cumulative share strays."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, chart in (("ranks", _counts(judged)), ("rank-shares", _shares(judged))):
        svg = vl_convert.vegalite_to_svg(chart.to_dict(), allowed_base_urls=[])
        (folder / f"{name}.svg").write_text(svg + "\n", "utf-8")


def _counts(judged: Sequence[Judged]) -> Any:
    """Draw the histogram of each quantity's ranks, over the band in which nine bins in ten should lie."""
    count = len(judged[0].ranks)
    low, high = stats.binom.ppf([0.05, 0.95], count, 1.0 / BINS)
    rows = [
        {"quantity": one.name, "bin": place * RANKS // BINS, "count": int(number)}
        for one in judged
        for place, number in enumerate(np.bincount(one.ranks * BINS // RANKS, minlength=BINS))
    ]
    base = alt.Chart(pd.DataFrame(rows).assign(low=low, high=high))
    band = base.mark_rect(color=BAND).encode(y=alt.Y("low:Q"), y2="high:Q", x=alt.value(0), x2=alt.value(130))
    axis = alt.Axis(title=None, grid=False, tickCount=3, labelColor=INK)
    bars = base.mark_bar(color=BAR, width=11, align="left").encode(
        x=alt.X("bin:Q", axis=axis, scale=alt.Scale(domain=[0, RANKS])), y=alt.Y("count:Q", axis=axis)
    )
    return _grid(band + bars, f"Ranks of the truth among 99 draws, {count} repetitions; shaded: nine bins in ten")


def _shares(judged: Sequence[Judged]) -> Any:
    """Draw by how much the cumulative share of the ranks differs from that of uniform ones, over a band of 95 %."""
    count = len(judged[0].ranks)
    places = np.arange(RANKS)
    share = (places + 1.0) / RANKS
    level = _pointwise(count)
    low, high = (stats.binom.ppf(end, count, share) / count - share for end in (level, 1.0 - level))
    rows = [
        pd.DataFrame(
            {
                "quantity": one.name,
                "rank": places,
                "difference": np.searchsorted(np.sort(one.ranks), places, side="right") / count - share,
                "low": low,
                "high": high,
            }
        )
        for one in judged
    ]
    base = alt.Chart(pd.concat(rows, ignore_index=True))
    axis = alt.Axis(title=None, grid=False, tickCount=3, labelColor=INK)
    band = base.mark_area(color=BAND).encode(
        x=alt.X("rank:Q", axis=axis, scale=alt.Scale(domain=[0, RANKS])), y=alt.Y("low:Q", axis=axis), y2="high:Q"
    )
    line = base.mark_line(color=BAR, strokeWidth=1.5, interpolate="step-after").encode(x="rank:Q", y="difference:Q")
    return _grid(band + line, f"Cumulative share of the ranks less the uniform one, {count} repetitions; shaded: 95 %")


def _pointwise(count: int, level: float = 0.05, simulated: int = 1_000) -> float:
    """Find the level at which single points are judged, so that all of them together are judged at ``level``."""
    from benchmarks.calibrate.ranks import DRAWS, least_likely

    rng = np.random.default_rng(1)
    least = [least_likely(rng.integers(0, DRAWS + 1, count)) for _ in range(simulated)]
    return float(np.quantile(least, level)) / 2.0


def _grid(layer: Any, title: str) -> Any:
    """Repeat a drawing for each quantity."""
    faceted = layer.properties(width=130, height=70).facet(
        facet=alt.Facet("quantity:N", title=None, sort=None, header=alt.Header(labelColor=INK, labelFontSize=10)),
        columns=COLUMNS,
    )
    return (
        faceted.properties(title=alt.Title(title, anchor="start", color=INK, fontSize=13))
        .configure_view(stroke=None)
        .configure(background="#ffffff", font="Arial, Helvetica, sans-serif")
    )
