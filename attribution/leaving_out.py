"""Person-time that tests speak of, taken out of what is merely observed, so that each response enters once.

A test compares people drawn by lot. Their responses while it was measured are its own: were they observed as well, the
contrast between its arms would count twice. What is left of the observation is fitted, and the posterior is then
carried over to the whole evidence, whose responses the report divides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pyarrow as pa

from attribution.baseline import baseline_of
from attribution.curves import ORDINALS, wear_out
from attribution.evidence import Evidence, Floats, Ints
from attribution.priors import Priors
from attribution.rates import Design, design_of
from attribution.sampling import Posterior

__all__ = ["LeftOut", "carried_over"]


@dataclass(frozen=True)
class LeftOut:
    """Stretches of persons' time, arrays of shape ``(stretches,)``; no two of a person overlap.

    Parameters
    ----------
    person
        Persons, by their number among the observations.
    begins, until
        Days since the window opened; responses after ``begins``, up to ``until``, are left out.
    """

    person: Ints
    begins: Floats
    until: Floats

    @classmethod
    def of(cls, frames: Sequence[pd.DataFrame]) -> LeftOut | None:
        """Join stretches that overlap; None where there are none.

        Parameters
        ----------
        frames
            Each ``person, begins, until``.
        """
        given = [frame[["person", "begins", "until"]] for frame in frames if len(frame)]
        if not given:
            return None
        rows = pd.concat(given, ignore_index=True)
        rows = rows[rows["until"] > rows["begins"]].sort_values(["person", "begins"], kind="stable")
        if rows.empty:
            return None
        reached = rows.groupby("person")["until"].cummax().groupby(rows["person"]).shift(fill_value=-np.inf)
        stretch = (rows["begins"] > reached).cumsum()
        joined = rows.groupby(stretch).agg(person=("person", "first"), begins=("begins", "min"), until=("until", "max"))
        return cls(
            joined["person"].to_numpy(np.int64), joined["begins"].to_numpy(float), joined["until"].to_numpy(float)
        )

    def table(self, opens: float) -> pa.Table:
        """Give ``person, out_from, out_until`` in days of a timeline whose window opens on the day ``opens``."""
        return pa.table({"person": self.person, "out_from": self.begins + opens, "out_until": self.until + opens})


def carried_over(
    posterior: Posterior, fitted: Evidence, whole: Evidence, priors: Priors | None = None, seed: int = 0
) -> Posterior:
    """Restate a posterior of part of the evidence in the coordinates of the whole: the same rates, draw by draw.

    Base rates are told from a centre that depends on the evidence, and effects as means over its contacts.

    Parameters
    ----------
    fitted
        What the posterior was drawn on: the same persons and channels as in ``whole``, with less of their time.
    """
    priors = priors or Priors()
    values = dict(posterior.values)
    values["base_z"] = _base(values["base_z"], fitted, whole, priors)
    if "apparent" in values:
        before, after = design_of(fitted), design_of(whole)
        ratio = _mean_touch(values, after) / _mean_touch(values, before)
        values |= _apparent(values, ratio, list(after.ghost_channels))
        if after.both_phases and "later" not in values:
            shape = values["apparent"].shape
            values["later"] = np.exp(np.random.default_rng(seed).normal(0.0, priors.later_sd, shape))
    return replace(posterior, values=values)


def _base(base_z: Floats, fitted: Evidence, whole: Evidence, priors: Priors) -> Floats:
    """Find the coefficients by which the whole evidence's base rates are those of the part."""
    old, new = baseline_of(fitted, priors), baseline_of(whole, priors)
    coefficients = old.centre + base_z @ old.rotation.T
    split = old.strata.shape[1]
    log_rates = old.offset - new.offset + coefficients[..., :split] @ old.strata.T
    solved = log_rates @ np.linalg.pinv(new.strata).T
    restated = np.concatenate([solved, coefficients[..., split:]], axis=-1)
    return np.asarray(np.linalg.solve(new.rotation, (restated - new.centre)[..., None])[..., 0])


def _mean_touch(values: dict[str, Floats], design: Design) -> Floats:
    """Weight of the average touch of each channel, by its ads and its wear-out; shape ``(..., channels)``."""
    spread = np.exp(values["spread"][..., None] * values["unit_z"])
    by_ad = (spread * design.unit_weight) @ design.membership.T
    curve = wear_out(ORDINALS, values["exponent"][..., None])
    return np.asarray(by_ad * (curve * design.ordinal_weight).sum(axis=-1))


def _apparent(values: dict[str, Floats], ratio: Floats, ghosts: list[int]) -> dict[str, Floats]:
    """Restate effects as means over other contacts; the intent behind a contact is no mean, and stays."""
    apparent = values["apparent"] * ratio
    if not ghosts:
        return {"apparent": apparent}
    share = values["intent_share"].copy()
    own = share[..., : len(ghosts)]
    intent = values["apparent"][..., ghosts] * own
    apparent[..., ghosts] = values["apparent"][..., ghosts] * ratio[..., ghosts] * (1.0 - own) + intent
    share[..., : len(ghosts)] = intent / apparent[..., ghosts]
    return {"apparent": apparent, "intent_share": share}
