"""The people of a simulated market, with what a CRM knows of them and what nobody sees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv, ndtr

from attribution.simulation.nature import CONSENTS, REGIONS, SEGMENTS
from attribution.simulation.spec import MarketSpec

__all__ = ["BLOCK_DAYS", "NEVER", "People", "draw_people"]

BLOCK_DAYS = 30
"""Days over which a person's latent intent is constant where it drifts."""

NEVER = 1e9
"""A time, in days, that never comes."""

EXISTING_SHARE = 0.30
LATE_SHARE = 0.15
INTENT_SHAPE = 1.7
INTENT_MEMORY = 0.6
RESPONSIVENESS_SHAPE = 8.0
CONSENT_YES = (0.62, 0.50, 0.45, 0.78, 0.80)
CONSENT_NO = (0.28, 0.35, 0.40, 0.12, 0.12)
OPT_OUT_PER_DAY = 0.00025


@dataclass(frozen=True)
class People:
    """The persons of a market, as arrays of shape ``(persons,)`` unless said otherwise.

    Parameters
    ----------
    segment, region
        Positions in ``SEGMENTS`` and ``REGIONS``.
    created
        Day (fractional, 0 = start of the data) on which the person became known; negative before the data.
    first_order
        Day of the first order of existing customers, always before the data; NaN for prospects.
    consent
        1 yes, 0 no, -1 unknown, in the order of ``CONSENTS``; shape ``(persons, 5)``. As given at first: later
        opt-outs are in ``opt_out``.
    opt_out
        Day on which the person withdraws the consent to e-mail, or ``NEVER``.
    intent
        Latent intent with mean 1, one column per block of 30 days; shape ``(persons, blocks)``.
    responsiveness
        Factor of every effect on this person, mean about 1.
    barred
        Whether the person is on the list of those who are never contacted.
    household, account
        Number of the shared home or of the company, -1 for none.
    """

    segment: NDArray[np.int8]
    region: NDArray[np.int8]
    created: NDArray[np.float64]
    first_order: NDArray[np.float64]
    consent: NDArray[np.int8]
    opt_out: NDArray[np.float64]
    intent: NDArray[np.float64]
    responsiveness: NDArray[np.float64]
    barred: NDArray[np.bool_]
    household: NDArray[np.int64]
    account: NDArray[np.int64]

    @property
    def count(self) -> int:
        """Number of persons."""
        return len(self.segment)

    @property
    def is_customer(self) -> NDArray[np.bool_]:
        """Whether the person had ordered before the data begin."""
        return ~np.isnan(self.first_order)


def draw_people(spec: MarketSpec, rng: np.random.Generator) -> People:
    """Draw the people of a market.

    Parameters
    ----------
    spec
        Number of persons, days and kind of intent.
    rng
        Source of randomness.

    Returns
    -------
    Existing customers, prospects known before the data and prospects who appear evenly during the data.
    """
    n = spec.customers
    segment = rng.choice(len(SEGMENTS), n, p=[s.share for s in SEGMENTS]).astype(np.int8)
    region = rng.choice(len(REGIONS), n, p=(0.22, 0.20, 0.16, 0.18, 0.14, 0.10)).astype(np.int8)
    standing = rng.random(n)
    existing = standing < EXISTING_SHARE
    late = standing > 1.0 - LATE_SHARE
    created = -1.0 - 1400.0 * rng.random(n) ** 2
    created[late] = spec.days * rng.random(int(late.sum()))
    first_order = np.where(existing, created * rng.random(n) ** 0.5, np.nan)
    first_order = np.where(existing, np.minimum(first_order, -0.5), np.nan)
    draw = rng.random((n, len(CONSENTS)))
    yes, no = np.array(CONSENT_YES), np.array(CONSENT_YES) + np.array(CONSENT_NO)
    consent = np.where(draw < yes, 1, np.where(draw < no, 0, -1)).astype(np.int8)
    opt_out = np.maximum(created, 0.0) + rng.exponential(1.0 / OPT_OUT_PER_DAY, n)
    opt_out[(consent[:, 0] != 1) | (opt_out >= spec.days)] = NEVER
    factor = np.array([s.responsiveness for s in SEGMENTS])[segment]
    return People(
        segment=segment,
        region=region,
        created=created,
        first_order=first_order,
        consent=consent,
        opt_out=opt_out,
        intent=_intent(spec, rng),
        responsiveness=factor * rng.gamma(RESPONSIVENESS_SHAPE, 1.0 / RESPONSIVENESS_SHAPE, n),
        barred=_few(n, rng),
        household=_groups(rng.random(n) < 0.20, rng, 2),
        account=_groups(segment == len(SEGMENTS) - 1, rng, 3),
    )


def _intent(spec: MarketSpec, rng: np.random.Generator) -> NDArray[np.float64]:
    """Draw latent intent: gamma-distributed in each block, with a memory from block to block where it drifts."""
    blocks = -(-spec.days // BLOCK_DAYS)
    normal = np.empty((spec.customers, blocks))
    normal[:, 0] = rng.standard_normal(spec.customers)
    for block in range(1, blocks):
        memory = INTENT_MEMORY if spec.intent == "drifting" else 1.0
        fresh = rng.standard_normal(spec.customers)
        normal[:, block] = memory * normal[:, block - 1] + np.sqrt(1.0 - memory**2) * fresh
    intent: NDArray[np.float64] = gammaincinv(INTENT_SHAPE, ndtr(normal)) / INTENT_SHAPE
    return intent


def _few(persons: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Choose one person in 500, at least two."""
    chosen = np.zeros(persons, dtype=bool)
    chosen[rng.choice(persons, max(2, persons // 500), replace=False)] = True
    return chosen


def _groups(members: NDArray[np.bool_], rng: np.random.Generator, size: int) -> NDArray[np.int64]:
    """Put the members into groups of ``size`` at random; -1 for everybody else."""
    group = np.full(len(members), -1, dtype=np.int64)
    shuffled = rng.permutation(np.flatnonzero(members))
    group[shuffled] = np.arange(len(shuffled)) // size
    return group
