"""What the model believes before it sees the data, each belief with its reason."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from scipy import stats

from attribution.evidence import Evidence, Floats
from campaigns.faults import Fault, RefusedError

__all__ = ["Priors", "effect_scale", "intent_against", "prior_crowding"]


@dataclass(frozen=True)
class Priors:
    """Scales of the priors.

    Parameters
    ----------
    base_sd
        Standard deviation of the strata's log rates: a segment or habit within a factor of about 20 of another.
    season_sd
        Standard deviation of calendar terms on the log scale: days and seasons within a factor of about 4.
    effect_multiple
        Scale of a channel's effect per touch, in multiples of the responses a person gives anyway during the
        carry-over: a touch that doubles them is large but not rare (field experiments with ads find far less;
        Gordon, Moakler and Zettelmeyer 2023).
    effect_tail
        Degrees of freedom of the effect's half-Student-t: tails heavy enough for search, which comes at the moment
        of buying.
    spread_sd, spread_tail
        Scale of the spread of ads within a channel on the log scale, and the degrees of freedom of its Student-t: most
        ads are alike, and now and then one does next to nothing (heavier tails mix too slowly to be judged).
    wear_out_sd
        Scale of the wear-out exponent: halving with each doubling of the frequency (exponent 1) is far out.
    delay_share, delay_sd
        The delay of a channel's effect is about exponential; its mean is log-normal around this share of the
        carry-over. A channel that works at once then has next to nothing left after two weeks.
    intent_delay_share
        The same share for the rate of the intent that a contact shows: where intent is steady, it is no higher close to
        a contact than far from it.
    lag_sd
        How far the shape of a carry-over may leave the exponential, in logits per lag bucket.
    later_sd
        How far effects on people who responded before may differ, on the log scale.
    intent_against, intent_sd
        The share of a channel's apparent effect that is the intent it chases is ``Beta(1, b)``, where ``b`` is
        log-normal around ``intent_against``: a twentieth on average beyond what the strata explain (in simulated
        markets nothing where intent is steady and a tenth where it drifts), learned over the channels that have ghosts.
    by_rule, held_back, compared
        By how much ``b`` is larger for a channel that has ghosts but is not declared targeted (what is sent by rule has
        little intent to chase), and smaller for a targeted one: where customers were held back, as the data then have a
        say, and all the more where responses on both sides of its contacts are compared: the share is then about
        uniform, as all that is apparent may be intent.
    medium_sd
        Scale of a medium's full effect, as a multiple of the base rate.
    shape_sd
        How far the response to a medium may leave plain saturation, on the log scale: S-shaped above, steeper below.
    no_effect, no_medium
        Prior probability that a channel, or a medium, does nothing at all. For media it is even: in a study of 288
        brands many effects of television could not be told from zero (Shapiro, Hitsch and Tuchman 2021).
    """

    base_sd: float = 1.5
    season_sd: float = 0.7
    effect_multiple: float = 1.0
    effect_tail: float = 3.0
    spread_sd: float = 0.5
    spread_tail: float = 8.0
    wear_out_sd: float = 0.5
    delay_share: float = 0.2
    delay_sd: float = 1.0
    intent_delay_share: float = 1.0
    lag_sd: float = 0.6
    later_sd: float = 0.5
    intent_against: float = 18.0
    intent_sd: float = 0.75
    by_rule: float = 4.0
    held_back: float = 0.33
    compared: float = 0.1
    medium_sd: float = 0.5
    shape_sd: float = 0.5
    no_effect: float = 0.25
    no_medium: float = 0.5

    def __post_init__(self) -> None:
        faults = [
            Fault(0, field.name, repr(value), "numbers above 0")
            for field in fields(self)
            if not np.all(np.asarray(value := getattr(self, field.name)) > 0.0)
        ]
        faults += [
            Fault(0, name, repr(getattr(self, name)), "a probability below 1")
            for name in ("no_effect", "no_medium")
            if getattr(self, name) >= 1.0
        ]
        if faults:
            raise RefusedError("The priors cannot be used:", faults)


def effect_scale(evidence: Evidence, priors: Priors) -> Floats:
    """Scale of each channel's effect per touch, in responses, shape ``(channels,)``."""
    carry_over = np.array([channel.edges[-1] for channel in evidence.channels])
    return np.asarray(priors.effect_multiple * evidence.base_rate * carry_over)


def intent_against(evidence: Evidence, priors: Priors, rows: tuple[int, ...]) -> Floats:
    """Multiple of ``b`` in ``Beta(1, b)``, the share of intent, of each of the channels in ``rows``."""
    multiples = []
    for channel in (evidence.channels[row] for row in rows):
        if channel.two_sided:
            multiples.append(priors.compared)
        elif channel.targeted:
            multiples.append(priors.held_back if channel.has_ghosts else 1.0)
        else:
            multiples.append(priors.by_rule)
    return np.array(multiples)


def prior_crowding(evidence: Evidence, priors: Priors) -> Floats:
    """By how much the prior of a channel's effect is denser at zero than that of its apparent effect, ``(channels,)``.

    Where intent is told from it, the effect is the apparent effect times one less the share of intent ``s``, so its
    density at zero is multiplied by the mean of ``1 / (1 - s)``: ``b / (b - 1)`` for ``Beta(1, b)``. The mean is taken
    over the middle 98 % of the prior of ``b``: beyond them it does not exist.
    """
    told = tuple(row for row, channel in enumerate(evidence.channels) if channel.intent_told)
    crowding = np.ones(len(evidence.channels))
    if told:
        levels = stats.norm.ppf(np.linspace(0.01, 0.99, 99))
        b = np.exp(np.log(priors.intent_against) + priors.intent_sd * levels)
        b = np.maximum(b * intent_against(evidence, priors, told)[:, None], 1.5)
        crowding[list(told)] = (b / (b - 1.0)).mean(axis=1)
    return crowding
