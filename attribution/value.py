"""What a customer is worth: orders to come, from the orders so far, and a prior where there are none. Pure arrays.

While a customer lives, orders come at a rate of their own; after each order some never come back (BG/NBD; Fader, Hardie
and Lee, 2005, Marketing Science 24). Rates are gamma, chances to leave beta distributed over customers, so that a few
numbers per customer suffice: repeat orders, time of the last one, time observed. The expected number of orders in
a horizon needs no simulation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import betaln, expit, gammaln, hyp2f1, logit

__all__ = ["PRIOR", "Buying", "History", "Worth", "first_order_worth", "fit_buying", "mean_margin", "worth_of"]

Numbers = NDArray[np.float64]

ENOUGH = 200
"""Customers from which on the firm's own history decides; below, the prior counts as so many customers."""


@dataclass(frozen=True)
class History:
    """Orders of customers since their first one, *n* customers. Times in days.

    Parameters
    ----------
    repeats
        Orders after the first, shape ``(n,)``.
    last
        Time from the first to the last order, 0 where there is one only.
    observed
        Time from the first order to the end of the data.
    """

    repeats: Numbers
    last: Numbers
    observed: Numbers

    def __post_init__(self) -> None:
        if not (len(self.repeats) == len(self.last) == len(self.observed)):
            raise ValueError("repeats, last and observed must have one entry per customer")
        if (self.repeats < 0).any() or (self.last < 0).any() or (self.last > self.observed + 1e-9).any():
            raise ValueError("orders and times must not be negative, and the last order not after the end")


@dataclass(frozen=True)
class Buying:
    """How customers of a firm buy.

    Parameters
    ----------
    shape, scale
        Orders per day are gamma distributed with this shape and rate ``scale`` (in days).
    leave, stay
        The chance of leaving after an order is beta distributed with these.
    customers
        Customers behind it; 0 is the prior alone.
    """

    shape: float
    scale: float
    leave: float
    stay: float
    customers: int = 0

    def alive(self, history: History) -> Numbers:
        """Return the chance that each customer still buys, shape ``(n,)``."""
        x, last, observed = history.repeats, history.last, history.observed
        odds = np.where(
            x > 0,
            np.log(self.leave)
            - np.log(self.stay + np.maximum(x, 1) - 1)
            + (self.shape + x) * (np.log(self.scale + observed) - np.log(self.scale + last)),
            -np.inf,
        )
        return np.asarray(expit(-odds))

    def orders(self, history: History, days: float) -> Numbers:
        """Return the expected orders of each customer in so many days after the end of the data, shape ``(n,)``."""
        x, observed = history.repeats, history.observed
        r, scale, a, b = self.shape, self.scale, self.leave, self.stay
        # The closed form has a pole at a = 1; a hair beside it is as good.
        a = a if abs(a - 1.0) > 1e-4 else 1.0 + 1e-4
        z = days / (scale + observed + days)
        series = hyp2f1(r + x, b + x, a + b + x - 1, z)
        grown = ((scale + observed) / (scale + observed + days)) ** (r + x) * series
        expected = (a + b + x - 1) / (a - 1) * (1 - grown)
        return np.asarray(np.maximum(expected, 0.0) * self.alive(history))


PRIOR = Buying(0.5, 60.0, 0.8, 2.5)
"""A firm of which nothing is known: three in ten customers come back within three months of their first order. A
guess from published fits of the model to shops, and said to be one wherever it is used."""


def fit_buying(history: History, prior: Buying = PRIOR) -> Buying:
    """Fit the model by maximum likelihood, drawn towards the prior as by a few dozen customers of it.

    Parameters
    ----------
    history
        Customers with at least one order each; none returns the prior.
    """
    if not len(history.repeats):
        return prior
    centre = np.asarray([np.log(prior.shape), np.log(prior.scale), logit(prior.leave / (prior.leave + prior.stay)),
                         np.log(prior.leave + prior.stay)])  # fmt: skip
    kinds, weight = np.unique(np.c_[history.repeats, history.last, history.observed], axis=0, return_counts=True)

    def loss(at: Numbers) -> float:
        return -float(weight @ _log_likelihood(_buying(at), *kinds.T)) + 2.0 * float(np.square(at - centre).sum())

    found = minimize(loss, centre, method="Nelder-Mead", options={"maxiter": 800, "xatol": 1e-4, "fatol": 1e-4})
    fitted = _buying(found.x)
    return Buying(fitted.shape, fitted.scale, fitted.leave, fitted.stay, len(history.repeats))


def _buying(at: Numbers) -> Buying:
    size = float(np.exp(np.clip(at[3], -5, 8)))
    share = float(expit(np.clip(at[2], -8, 8)))
    return Buying(
        float(np.exp(np.clip(at[0], -8, 8))), float(np.exp(np.clip(at[1], -8, 12))), share * size, (1 - share) * size
    )


def _log_likelihood(model: Buying, x: Numbers, last: Numbers, observed: Numbers) -> Numbers:
    r, scale, a, b = model.shape, model.scale, model.leave, model.stay
    common = gammaln(r + x) - gammaln(r) + r * np.log(scale)
    alive = betaln(a, b + x) - betaln(a, b) - (r + x) * np.log(scale + observed)
    safe = np.maximum(x, 1)
    left = betaln(a + 1, b + safe - 1) - betaln(a, b) - (r + x) * np.log(scale + last)
    return np.asarray(common + np.where(x > 0, np.logaddexp(alive, left), alive))


def mean_margin(orders: Numbers, margin: Numbers, strength: float = 4.0) -> Numbers:
    """Return the margin to expect of each customer's orders: their mean, drawn towards everybody's.

    Parameters
    ----------
    orders
        Orders per customer, shape ``(n,)``.
    margin
        Their summed margin, shape ``(n,)``, money.
    strength
        How many orders the general mean counts for.
    """
    overall = margin.sum() / max(orders.sum(), 1.0)
    return np.asarray((margin + strength * overall) / (orders + strength))


@dataclass(frozen=True)
class Worth:
    """Margin to come, and what stands behind it.

    Parameters
    ----------
    margin
        Expected margin of each customer within the horizon, discounted, shape ``(n,)``.
    basis
        ``history``, ``history and prior`` or ``prior``.
    """

    margin: Numbers
    basis: str

    @property
    def words(self) -> str:
        """What people read."""
        return {
            "history": "What customers are worth is estimated from your orders.",
            "history and prior": "There are few orders yet: what customers are worth leans on a guess.",
            "prior": "There are no repeat orders yet: what customers are worth is a guess from other firms.",
        }[self.basis]


def worth_of(model: Buying, history: History, margin: Numbers, days: float = 730.0, discount: float = 0.1) -> Worth:
    """Return the later margin of each customer, discounted at a yearly rate, in steps of a quarter."""
    edges = np.linspace(0.0, days, max(int(np.ceil(days / 91.0)), 1) + 1)
    upto = np.asarray([model.orders(history, edge) if edge else np.zeros(len(margin)) for edge in edges])
    middle = (edges[1:] + edges[:-1]) / 2.0
    weight = (1.0 + discount) ** (-middle / 365.0)
    basis = "prior" if not model.customers else "history" if model.customers >= ENOUGH else "history and prior"
    return Worth(margin * (weight @ np.diff(upto, axis=0)), basis)


def first_order_worth(
    model: Buying, margin: float, later_margin: float | None = None, days: float = 730.0, discount: float = 0.1
) -> float:
    """Return what a first order is worth: its margin, and the later margin that a new customer brings."""
    one = History(np.zeros(1), np.zeros(1), np.zeros(1))
    later = margin if later_margin is None else later_margin
    return margin + float(worth_of(model, one, np.asarray([later]), days, discount).margin[0])
