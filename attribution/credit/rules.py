"""The rule models on events: what the report shows beside the estimate, per channel and per ad."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Any

import pandas as pd

from attribution.credit.credits import Credits, credit_all
from attribution.paths import AdKey, channel_of, paths_from_events
from campaigns.terms import RULES, Window

__all__ = ["RuleCredits", "rule_credits"]


@dataclass(frozen=True, eq=False)
class RuleCredits:
    """Responses of the window, credited by every rule of ``campaigns.terms.RULES``.

    Of each rule the credits of all channels, and likewise those of all ads, sum with ``unassigned`` to ``responses``.

    Parameters
    ----------
    responses
        Responses in the window.
    unassigned
        Those that no touch preceded within the lookback ("direct"), the anonymous ones included.
    channels
        Columns ``channel`` and every rule; a row per channel that touched anybody.
    ads
        Columns ``channel``, ``campaign``, ``ad`` and every rule; a campaign or ad without a name is an empty string.
        Markov and Shapley are computed among the ads: they do not sum to the channels' own.
    """

    responses: float
    unassigned: float
    channels: pd.DataFrame
    ads: pd.DataFrame

    @property
    def unassigned_share(self) -> float:
        """Share of the responses that no rule credits to any touch; 0 where there are no responses."""
        return self.unassigned / self.responses if self.responses else 0.0

    def of_channel(self, channel: str) -> dict[str, float]:
        """Return the rules' credits of a channel; 0 for one that touched nobody."""
        return _row(self.channels[self.channels["channel"] == channel])

    def of_ad(self, channel: str, campaign: str | None, ad: str | None) -> dict[str, float]:
        """Return the rules' credits of an ad; 0 for one that touched nobody."""
        ads = self.ads
        named = (ads["channel"] == channel) & (ads["campaign"] == (campaign or "")) & (ads["ad"] == (ad or ""))
        return _row(ads[named])


def rule_credits(
    touches: Any,
    responses: Any,
    *,
    lookback_days: float | Mapping[str, float],
    window: Window,
    zone: tzinfo = UTC,
    order: int = 1,
    half_life: float = 7.0,
) -> RuleCredits:
    """Credit the responses of a window by every rule, per channel and per ad.

    Parameters
    ----------
    touches, responses, lookback_days, window, zone
        See ``paths_from_events``.
    order
        Order of the Markov model, 1 to 4.
    half_life
        Half-life of time decay, in days.

    Raises
    ------
    RefusedError
        With every fault of the events or of the options.
    """
    by_ad = paths_from_events(touches, responses, lookback_days=lookback_days, level="ad", window=window, zone=zone)
    by_channel = by_ad.renamed(channel_of)
    channels, ads = (credit_all(paths, order=order, half_life=half_life, models=RULES) for paths in (by_channel, by_ad))
    return RuleCredits(
        responses=channels.conversions,
        unassigned=channels.unassigned_conversions,
        channels=_frame({"channel": list(channels.units)}, channels),
        ads=_frame({name: [_part(unit, name) for unit in ads.units] for name in AdKey._fields}, ads),
    )


def _part(unit: object, name: str) -> str:
    return str(getattr(unit, name))


def _frame(names: dict[str, list[Any]], results: Credits) -> pd.DataFrame:
    return pd.DataFrame({**names, **{rule: results.models[rule].conversions for rule in RULES}})


def _row(found: pd.DataFrame) -> dict[str, float]:
    return {rule: float(found[rule].sum()) for rule in RULES}
