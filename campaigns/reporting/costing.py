"""Which costs count: all that were imported, or ad spend alone."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from campaigns.language import mark
from campaigns.terms import Effect, Report

__all__ = ["COSTING_WORDS", "Costing", "counting", "differs"]


class Costing(StrEnum):
    """Which kinds of cost count in a report."""

    ALL = "all"
    ADS = "ads"


COSTING_WORDS = {Costing.ALL: mark("All costs"), Costing.ADS: mark("Ad spend only")}
"""Both as people read them; shown through ``_``."""


def counting(report: Report, costing: Costing) -> Report:
    """Give a report in which only these costs count; verdicts and targets follow from them."""
    if costing is Costing.ALL:
        return report
    return replace(
        report,
        channels=tuple(map(_ads_only, report.channels)),
        campaigns=tuple(map(_ads_only, report.campaigns)),
        ads=tuple(map(_ads_only, report.ads)),
    )


def differs(report: Report) -> bool:
    """Tell whether any channel has costs that are no ad spend."""
    return any(
        effect.ad_spend_only is not None and effect.ad_spend_only.spend != effect.spend for effect in report.channels
    )


def _ads_only(effect: Effect) -> Effect:
    costs = effect.ad_spend_only
    if costs is None:
        return effect
    return replace(
        effect,
        spend=costs.spend,
        cac=costs.cac,
        cost_per_extra=costs.cost_per_extra,
        marginal_cac=costs.marginal_cac,
        return_on_spend=costs.return_on_spend,
        p_below_target=costs.p_below_target,
    )
