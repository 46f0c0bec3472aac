"""How a run sampled, drawn by ArviZ for those who ask: what each chain drew of each quantity, as small SVG drawings."""

from __future__ import annotations

import gzip
import io
import re
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["LARGEST", "trace_plots"]

MOST = 6
"""Quantities drawn at most, those with the fewest parts first: they are shared by all channels."""

PARTS = 3
"""Parts of a quantity (channels, months) drawn at most, evenly spread."""

DRAWS = 100
"""Draws of each chain that a line goes through."""

LARGEST = 80_000
"""Bytes that a drawing may take, compressed; a larger one is drawn with fewer draws, and at last left out."""


def trace_plots(values: Mapping[str, npt.NDArray[np.float64]]) -> dict[str, bytes]:
    """Draw the traces of quantities.

    Parameters
    ----------
    values
        By quantity: draws, shape ``(chains, draws, ...)``.

    Returns
    -------
    SVG by quantity.
    """
    wanted = sorted(values, key=lambda name: (values[name][0, 0].size, name))[:MOST]
    plots = {}
    for name in wanted:
        drawn = _fitting(name, values[name])
        if drawn is not None:
            plots[name] = drawn
    return plots


def _fitting(name: str, values: npt.NDArray[np.float64]) -> bytes | None:
    """Draw one quantity, coarser until the drawing is small enough; None where that does not help or nothing varies."""
    parts = values.reshape(*values.shape[:2], -1)
    count = parts.shape[2]
    shown = parts[:, :, np.linspace(0, max(count - 1, 0), min(PARTS, count)).astype(int)]
    if not shown.size or not np.isfinite(shown).all() or np.ptp(shown) == 0.0:
        return None
    for draws in (DRAWS, DRAWS // 4):
        step = max(1, shown.shape[1] // draws)
        svg = _drawn(name, shown[:, ::step])
        if len(gzip.compress(svg)) <= LARGEST:
            return svg
    return None


def _drawn(name: str, values: npt.NDArray[np.float64]) -> bytes:
    """Have ArviZ draw what each chain drew of one quantity."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the libraries announce their next versions
        import arviz as az
        import matplotlib as mpl

        mpl.use("Agg")
        from matplotlib import pyplot as plt

        with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": name, "path.simplify": True}):
            _plot(az, name, values)
            figure, file = plt.gcf(), io.BytesIO()
            figure.savefig(file, format="svg", metadata={"Date": None}, bbox_inches="tight")
            plt.close("all")
    return re.sub(rb"(\d\.\d)\d+", rb"\1", file.getvalue())  # a tenth of a point is finer than any screen


def _plot(az: Any, name: str, values: npt.NDArray[np.float64]) -> None:
    """Call ArviZ by the names that its version has."""
    if hasattr(az, "InferenceData"):
        az.plot_trace(az.from_dict(posterior={name: values}), figsize=(9, 2.6), compact=True, combined=False)
    else:
        az.plot_trace_dist(az.from_dict({"posterior": {name: values}}), backend="matplotlib")
