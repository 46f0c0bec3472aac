"""What a run found: the effectiveness report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from campaigns.terms.changes import Changes, DataFacts
from campaigns.terms.experiments import ExperimentFinding, NextTest
from campaigns.terms.figures import Cost, Proof, Range, Verdict, Window
from campaigns.terms.forecasts import TrackRecord
from campaigns.terms.responding import ResponseModel

__all__ = ["Beat", "Check", "Costs", "Effect", "Report", "RunSummary"]


@dataclass(frozen=True)
class Costs:
    """What spend bought where only some kinds of cost count, such as ad spend alone; fields as in :class:`Effect`."""

    spend: float
    cac: Cost | None = None
    cost_per_extra: Cost | None = None
    marginal_cac: Cost | None = None
    return_on_spend: Range | None = None
    p_below_target: float | None = None


@dataclass(frozen=True)
class Beat:
    """The probability that an ad does better than another of its channel.

    Better means more new customers for the same money, or, where either costs nothing, more extra responses per
    contact.
    """

    campaign: str | None
    ad: str | None
    probability: float


@dataclass(frozen=True)
class Effect:
    """What one channel, campaign or ad did in the window. Money in major units of the reporting currency.

    Parameters
    ----------
    spend
        Money spent in the window, all kinds of cost.
    touches
        Contacts made in the window that can cause a response (for a medium without persons: its units).
    matched_share
        Share of the platform's impressions that could be matched to persons, or None if it reported none.
    incremental
        Responses of the goal in the window that it caused; with the baseline these sum to all responses.
    acquired
        First responses with it, minus first responses had it been silent.
    cac
        Cost per new customer, or None where there is no spend or no new customer can be shown.
    p_no_effect
        Probability that it caused nothing.
    p_below_target
        Probability that the cost per new customer lies below the target, or None without a target or without spend.
    target
        Money per new customer that the promotions it carried allow (``target_cac``; over several, their mean by
        contacts), or None where they set none.
    marginal_cac
        Cost of the next customer.
    cost_per_extra
        Cost per extra response, new customers and known ones alike; None as for ``cac``.
    return_on_spend
        Value of the extra responses for one unit of money spent, or None without spend or without known values.
    ad_spend_only
        The same costs where only ad spend (cost kind ``media``) counts; None where nothing was spent.
    beats
        For an ad: the probability that it does better than each other ad of its channel that has most contacts.
    claimed
        Conversions that the platform claims for itself, or None.
    rules
        Responses credited by each rule model, by its name in ``RULES``.
    """

    channel: str
    spend: float
    touches: float
    proof: Proof
    incremental: Range
    acquired: Range
    p_no_effect: float
    campaign: str | None = None
    ad: str | None = None
    matched_share: float | None = None
    cac: Cost | None = None
    p_below_target: float | None = None
    target: float | None = None
    marginal_cac: Cost | None = None
    claimed: float | None = None
    rules: Mapping[str, float] = field(default_factory=dict)
    cost_per_extra: Cost | None = None
    return_on_spend: Range | None = None
    ad_spend_only: Costs | None = None
    beats: tuple[Beat, ...] = ()


@dataclass(frozen=True)
class Check:
    """One judgement on a fit: its number, its verdict and its sentence together."""

    name: str
    value: float
    threshold: float
    verdict: Verdict
    sentence: str


@dataclass(frozen=True)
class RunSummary:
    """The run behind a report.

    Parameters
    ----------
    id
        Number of the run; 0 outside a database.
    finished_at
        When it finished, UTC.
    responses, first_responses
        Responses of the goal in the window, and how many were a person's first.
    linked_share
        Share of responses with at least one touch inside the carry-over before them.
    """

    id: int
    finished_at: datetime
    verdict: Verdict
    goal: str
    window: Window
    responses: int
    first_responses: int
    linked_share: float


@dataclass(frozen=True)
class Report:
    """Everything the effectiveness report shows.

    Parameters
    ----------
    campaigns
        Campaigns of channels with touches, between channels and ads.
    experiments
        What tests measured, and whether each is used.
    next_tests
        Tests worth running, the most telling first.
    changes
        What changed since the report published before, or None where there is none.
    facts
        What the run looked at, for the next run to compare with; None where it is not known.
    responding
        How customers answer to contacts, behind the values of plans; None for a run that scored nobody.
    record
        What became of earlier forecasts; None while that of none is known.
    """

    run: RunSummary
    currency: str
    baseline: Range
    channels: tuple[Effect, ...]
    ads: tuple[Effect, ...]
    checks: tuple[Check, ...] = ()
    notes: tuple[str, ...] = ()
    campaigns: tuple[Effect, ...] = ()
    experiments: tuple[ExperimentFinding, ...] = ()
    next_tests: tuple[NextTest, ...] = ()
    changes: Changes | None = None
    facts: DataFacts | None = None
    responding: ResponseModel | None = None
    record: TrackRecord | None = None
