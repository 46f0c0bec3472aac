"""What each person is worth: the margin to come, out of the observations (`attribution.value` has the model)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from attribution.randomised import Past
from attribution.value import Buying, History, first_order_worth, fit_buying, mean_margin, worth_of

__all__ = ["MARGIN_SHARE", "Worths", "worths_of"]

Numbers = NDArray[np.float64]

MARGIN_SHARE = 0.3
"""Share of an order's value taken for its margin where no margin is known."""

FITTED = 20_000
"""Customers from whom buying is learned; of more, so many are drawn at random."""

WEEK = 7.0


@dataclass(frozen=True)
class Worths:
    """What persons are worth, in major units.

    Parameters
    ----------
    margin
        Margin to come within two years, discounted, by position of the person; 0 for those who never ordered.
    is_new
        Whether a first order is still to come.
    order_margin
        Mean margin of an order.
    first_order_later
        Later margin that a first order brings.
    buying
        The model.
    words
        What it rests on.
    """

    margin: Numbers
    is_new: NDArray[np.bool_]
    order_margin: float
    first_order_later: float
    buying: Buying
    words: str

    def table(self, past: Past) -> pa.Table:
        """Return ``person, margin, is_new``."""
        return pa.table(
            {"person": pa.array(past.persons["person"]), "margin": self.margin, "is_new": pa.array(self.is_new)}
        )


def worths_of(past: Past, unit: int = 100) -> Worths | None:
    """Work out what everybody is worth, or None where no response carries money.

    Parameters
    ----------
    unit
        Minor units in a major one.
    """
    orders = past.responses[past.responses["counts"]]
    when = orders["t"].to_numpy(float)
    assumed = MARGIN_SHARE * orders["value"].to_numpy(float)
    margin = np.where(np.isnan(orders["margin"].to_numpy(float)), assumed, orders["margin"].to_numpy(float)) / unit
    if not np.isfinite(margin).any():
        return None
    usual = float(np.nanmean(margin))
    people = len(past.persons)
    person = orders["person"].to_numpy(np.int64)
    times = np.bincount(person, minlength=people).astype(float)
    earned = np.bincount(person, np.where(np.isfinite(margin), margin, usual), people).astype(float)
    told = past.persons["first_order_at"].fillna(np.inf).to_numpy(float)
    first = np.minimum(_extreme(np.minimum, person, when, people, np.inf), told)
    last = _extreme(np.maximum, person, when, people, -np.inf)
    bought = np.isfinite(first)
    begun = np.where(bought, np.minimum(first, past.last), past.last)
    last = np.where(np.isfinite(last), np.maximum(last, begun), begun)
    # An order known only by its date is one more than those that were seen.
    repeats = np.maximum(times - np.where(_seen(person, when, first, people), 1.0, 0.0), 0.0)
    # In weeks, so that customers alike are reckoned once.
    weeks = np.c_[repeats, np.round((last - begun) / WEEK), np.ceil((past.last - begun) / WEEK)][bought]
    alike, place = np.unique(weeks, axis=0, return_inverse=True)
    buying = _fitted(weeks)
    each = worth_of(buying, _history(alike), np.ones(len(alike)))
    later = np.zeros(people)
    expected = mean_margin(times[bought], earned[bought])
    later[bought] = np.maximum(each.margin[place.ravel()] * expected, 0.0)
    return Worths(later, ~bought, usual, first_order_worth(buying, usual) - usual, buying, each.words)


def _extreme(better: np.ufunc, person: NDArray[np.int64], time: Numbers, people: int, start: float) -> Numbers:
    found = np.full(people, start)
    better.at(found, person, time)
    return found


def _seen(person: NDArray[np.int64], time: Numbers, first: Numbers, people: int) -> NDArray[np.bool_]:
    """Tell whose first order is among those seen, give or take a day."""
    seen = np.zeros(people, bool)
    seen[person[np.abs(time - first[person]) <= 1.0]] = True
    return seen


def _history(weeks: Numbers) -> History:
    repeats, last, observed = weeks.T
    last = np.where(repeats > 0, np.minimum(last, observed), 0.0)
    return History(repeats, last * WEEK, observed * WEEK)


def _fitted(weeks: Numbers) -> Buying:
    if len(weeks) > FITTED:
        weeks = weeks[np.random.default_rng(0).choice(len(weeks), FITTED, replace=False)]
    return fit_buying(_history(weeks))
