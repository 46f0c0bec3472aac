"""The media mix model as a PyMC model. Nothing here samples.

The outcome of region *g* in period *t*, in units of the region's mean, is

    base + trend + season + controls  +  sum over media:  strength x (1 - exp(-stock / scale))  +  noise

with the carry-over and saturation of the media without persons in the hazard model. Everything but the media is linear
with normal priors and so is integrated out of the likelihood exactly: what is sampled is three numbers per medium and
the noise, which needs few gradients per draw. Its draws come back from :func:`base_draws`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from attribution.aggregate.panel import Panel
from attribution.curves import adstock_weights, saturation
from attribution.evidence import Floats

__all__ = ["MixDesign", "MixPriors", "base_draws", "build_mix_model", "design_mix", "lift"]

YEAR = 365.25


@dataclass(frozen=True)
class MixPriors:
    """What is believed beforehand; levels and effects in units of a region's mean outcome.

    Parameters
    ----------
    level_sd, trend_sd, season_sd, control_sd
        Normal: base level around 1, its change over the whole time, yearly waves, and a control's effect per standard
        deviation.
    strength_sd
        Half-normal: what a medium gives where it is saturated.
    scale_sd
        Log-normal: stock, in units of the medium's mean exposure while on, at which 63 % of that is reached.
    region_sd
        Half-normal: spread of a medium's strength over regions, on the log scale.
    noise_sd
        Half-normal: standard deviation of a period's outcome around its expectation.
    """

    level_sd: float = 1.0
    trend_sd: float = 0.5
    season_sd: float = 0.3
    control_sd: float = 0.3
    strength_sd: float = 0.5
    scale_sd: float = 0.7
    region_sd: float = 0.3
    noise_sd: float = 0.5


@dataclass(frozen=True)
class MixDesign:
    """A panel laid out for the model.

    Parameters
    ----------
    outcome
        Outcome in units of its region's mean, regions one after another, shape ``(rows,)``.
    level
        Mean outcome by region, shape ``(regions,)``.
    lagged
        Exposure now and in earlier periods, in units of the medium's mean while on, shape ``(media, rows, lags)``.
    region
        Region of each row, shape ``(rows,)``.
    base, base_sd
        Linear terms that are no media, shape ``(rows, terms)``, and the standard deviation of each one's prior.
    names
        Names of the terms.
    """

    outcome: Floats
    level: Floats
    lagged: Floats
    region: np.ndarray[Any, np.dtype[np.int64]]
    base: Floats
    base_sd: Floats
    names: tuple[str, ...]

    def rotation(self) -> tuple[Floats, Floats]:
        """Return orthonormal directions of the base terms' prior, ``(rows, k)``, and its variance in each, ``(k,)``."""
        directions, spread, _ = np.linalg.svd(self.base * self.base_sd, full_matrices=False)
        kept = spread > 1e-9 * spread.max()
        return directions[:, kept], spread[kept] ** 2


def lags_of(days: int) -> int:
    """Return how many periods exposure is carried over: 28 days where periods are days, else about eight weeks."""
    return 28 if days == 1 else max(2, round(56 / days))


def design_mix(panel: Panel, priors: MixPriors | None = None) -> MixDesign:
    """Lay a panel out for the model.

    Exposure is taken relative to a region's mean outcome, which stands for its size: what matters is how much of a
    medium a region gets for its size.
    """
    priors = priors or MixPriors()
    regions, periods = panel.outcome.shape
    level = panel.outcome.mean(axis=1)
    dose = panel.exposure * (level.mean() / level)[:, None]
    dose = np.stack([medium / medium[medium > 0.0].mean() for medium in dose])
    lags = lags_of(panel.days)
    padded = np.pad(dose, ((0, 0), (0, 0), (lags - 1, 0)))
    shifted = [padded[:, :, lags - 1 - lag : lags - 1 - lag + periods] for lag in range(lags)]
    base, base_sd, names = _base_terms(panel, priors)
    return MixDesign(
        outcome=(panel.outcome / level[:, None]).ravel(),
        level=level,
        lagged=np.stack(shifted, axis=-1).reshape(len(panel.media), regions * periods, lags),
        region=np.repeat(np.arange(regions), periods),
        base=base,
        base_sd=base_sd,
        names=names,
    )


def _base_terms(panel: Panel, priors: MixPriors) -> tuple[Floats, Floats, tuple[str, ...]]:
    regions, periods = panel.outcome.shape
    ones = np.ones(regions)
    time = np.linspace(-0.5, 0.5, periods)
    terms: list[tuple[str, Floats, float]] = []
    for row, region in enumerate(panel.regions):
        here = (np.arange(regions) == row).astype(float)
        terms.append((f"level of {region}", np.outer(here, np.ones(periods)), priors.level_sd))
        terms.append((f"trend of {region}", np.outer(here, time), priors.trend_sd))
    day = np.array([(start - panel.starts[0]).days for start in panel.starts], dtype=float)
    for wave in (1, 2, 3) if day[-1] >= YEAR else ():
        angle = 2.0 * np.pi * wave * day / YEAR
        terms.append((f"season, wave {wave}, sine", np.outer(ones, np.sin(angle)), priors.season_sd / wave))
        terms.append((f"season, wave {wave}, cosine", np.outer(ones, np.cos(angle)), priors.season_sd / wave))
    if panel.days == 1:
        weekday = np.array([start.weekday() for start in panel.starts])
        terms += [(f"weekday {n}", np.outer(ones, weekday == n), priors.season_sd) for n in range(6)]
    for name, values in zip(panel.control_names, panel.controls, strict=True):
        terms.append((name, (values - values.mean()) / values.std(), priors.control_sd))
    columns = np.column_stack([values.ravel() for _, values, _ in terms])
    return columns, np.array([sd for _, _, sd in terms]), tuple(name for name, _, _ in terms)


def lift(design: MixDesign, values: Mapping[str, Any], maths: Any = np) -> Any:
    """Outcome that each medium adds, in units of the region's mean outcome.

    Parameters
    ----------
    values
        ``strength, retention, scale``, each ``(media,)``; ``reach``, ``(media, regions)``, the strength of regions
        against the mean one, or absent.

    Returns
    -------
    Shape ``(media, rows)``.
    """
    layers = []
    for row in range(len(design.lagged)):
        weights = adstock_weights(values["retention"][row], design.lagged.shape[2], maths)
        stock = maths.dot(design.lagged[row], weights)
        added = values["strength"][row] * saturation(stock, values["scale"][row], maths)
        layers.append(added * values["reach"][row][design.region] if "reach" in values else added)
    return maths.stack(layers)


def build_mix_model(panel: Panel, design: MixDesign, priors: MixPriors | None = None) -> pm.Model:
    """Build the media mix model on a panel.

    Strength is sampled by what a medium gives at its mean exposure, which the data tell: strength and scale by
    themselves trade off along a bent ridge, which takes more than twice the gradients for as many effective draws.

    Returns
    -------
    The model, unsampled, with the variables ``strength, retention, scale`` per medium, ``noise``, and where there are
    several regions ``reach_z`` and ``reach_sd``.
    """
    priors = priors or MixPriors()
    directions, variance = design.rotation()
    with pm.Model(coords={"medium": list(panel.media), "region": list(panel.regions)}) as model:
        scale = pm.LogNormal("scale", 0.0, priors.scale_sd, dims="medium")
        reached = saturation(1.0, scale, pt)
        strength = pm.Deterministic("strength", pm.HalfFlat("at_mean", dims="medium") / reached, dims="medium")
        half_normal = pm.logp(pm.HalfNormal.dist(priors.strength_sd), strength)
        pm.Potential("strength_prior", pt.sum(half_normal - pt.log(reached)))
        values: dict[str, Any] = {
            "strength": strength,
            "retention": pm.Beta("retention", 3.0 if panel.days == 1 else 1.5, 3.0, dims="medium"),
            "scale": scale,
        }
        if len(panel.regions) > 1:
            spread = pm.HalfNormal("reach_sd", priors.region_sd, dims="medium")
            z = pm.Normal("reach_z", 0.0, 1.0, dims=("medium", "region"))
            values["reach"] = pt.exp(spread[:, None] * z)
        noise = pm.HalfNormal("noise", priors.noise_sd)
        left = (design.outcome - 1.0) - lift(design, values, pt).sum(axis=0)
        along = pt.dot(directions.T, left)
        pm.Potential("likelihood", _marginal(left, along, variance, noise))
    return model


def _marginal(left: Any, along: Any, variance: Floats, noise: Any) -> Any:
    """Give the log-density of what the media leave, the base terms integrated out and constants left out."""
    within = noise**2 + variance
    across = pt.sum(left**2) - pt.sum(along**2)
    free = left.shape[0] - len(variance)
    return -0.5 * (across / noise**2 + free * pt.log(noise**2) + pt.sum(along**2 / within + pt.log(within)))


def base_draws(design: MixDesign, added: Floats, noise: Floats, seed: int) -> Floats:
    """Draw what would have come without media, given draws of what they add.

    Parameters
    ----------
    added
        Outcome that all media add, in units of the region's mean, shape ``(draws, rows)``.
    noise
        Shape ``(draws,)``.

    Returns
    -------
    Shape ``(draws, rows)``, in the same unit.
    """
    directions, variance = design.rotation()
    along = (design.outcome - 1.0 - added) @ directions
    within = noise[:, None] ** 2 + variance
    mean = along * variance / within
    sd = np.sqrt(variance * noise[:, None] ** 2 / within)
    lot = np.random.default_rng(seed).standard_normal(mean.shape)
    return np.asarray(1.0 + (mean + sd * lot) @ directions.T)
