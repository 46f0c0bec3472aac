"""Curves of the model: how a touch spreads over the days after it, wears out, and how a medium saturates.

Each function takes NumPy arrays or PyTensor variables alike: the module that does the arithmetic is passed in as
``maths`` (``numpy`` or ``pytensor.tensor``), so that the model and its summaries share one definition.
"""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = [
    "ORDINALS",
    "adstock_weights",
    "lag_edges",
    "ordinal_edges",
    "saturation",
    "wear_out",
]

ORDINALS = np.array([1.0, 2.0, 3.0, 4.0, 5.5, 8.0, 13.0])
"""Typical ordinal of each wear-out bin."""

_ORDINAL_EDGES = (2, 3, 4, 5, 7, 10)
_LAG_EDGES = (0, 1, 3, 7, 14, 30, 60, 90, 135, 180, 270)


def ordinal_edges() -> tuple[int, ...]:
    """Return the first ordinal of every wear-out bin but the first."""
    return _ORDINAL_EDGES


def lag_edges(carry_over_days: int) -> np.ndarray:
    """Cut the days after a touch into buckets that widen with the lag.

    Parameters
    ----------
    carry_over_days
        Length of the carry-over in days, at least 1.

    Returns
    -------
    Edges in days, shape ``(buckets + 1,)``, from 0 to ``carry_over_days``.
    """
    if carry_over_days < 1:
        raise ValueError(f"carry-over must be at least one day, found {carry_over_days}")
    inner = [edge for edge in _LAG_EDGES if edge < carry_over_days]
    if carry_over_days >= 60:
        inner.remove(1)
    return np.array([*inner, carry_over_days], dtype=float)


def wear_out(ordinal: Any, exponent: Any, maths: Any = np) -> Any:
    """Effect of the r-th touch relative to the first: a power law, ``r ** -exponent``.

    Parameters
    ----------
    ordinal
        Ordinals of touches, at least 1, any shape.
    exponent
        Strength of wear-out, at least 0; 0 means none.

    Returns
    -------
    Relative effect in ``(0, 1]``, of the broadcast shape.
    """
    return maths.exp(-exponent * maths.log(ordinal))


def adstock_weights(retention: Any, lags: int, maths: Any = np) -> Any:
    """Weights that carry a day's exposure over to the days after it, geometrically.

    Parameters
    ----------
    retention
        Share of a day's stock still felt the next day, in ``[0, 1)``.
    lags
        Number of days kept.

    Returns
    -------
    Weights per lag, shape ``(lags,)``, summing to 1.

    References
    ----------
    Broadbent (1979), "One way TV advertisements work".
    """
    weights = maths.exp(np.arange(lags) * maths.log(retention))
    return weights / maths.sum(weights)


def saturation(stock: Any, scale: Any, maths: Any = np, shape: Any = None) -> Any:
    """Share of the full effect that a stock of exposure reaches: ``1 - exp(-(stock / scale) ** shape)``.

    Parameters
    ----------
    stock
        Carried-over exposure, at least 0, any shape.
    scale
        Stock at which 63 % of the full effect is reached, above 0.
    shape
        At most 1: every unit adds less than the one before. Above 1 the curve is S-shaped: a little does next to
        nothing. None is 1.

    Returns
    -------
    Share in ``[0, 1)``, of the shape of ``stock``.
    """
    reached = stock / scale if shape is None else (stock / scale) ** shape
    return 1.0 - maths.exp(-reached)
