"""Frozen value types that cross folders: the nouns of the field, with no behaviour that needs a database."""

from campaigns.terms.changes import Changes, DataFacts
from campaigns.terms.experiments import ExperimentFinding, NextTest, Soundness, TestKind
from campaigns.terms.figures import Cost, Proof, Range, Verdict, Window
from campaigns.terms.forecasts import Forecast, ForecastOutcome, TrackRecord
from campaigns.terms.goals import GOALS, Goal
from campaigns.terms.plans import Plan, PlanConstraint, PlannedContact
from campaigns.terms.reports import Beat, Check, Costs, Effect, Report, RunSummary
from campaigns.terms.responding import (
    ChannelResponse,
    LearnedShare,
    PolicyValue,
    PromotionResponse,
    ResponseModel,
)
from campaigns.terms.touches import CAUSES, GHOST, PAID_SEARCH, RULES, STEPS, is_cause

__all__ = [
    "CAUSES",
    "GHOST",
    "GOALS",
    "PAID_SEARCH",
    "RULES",
    "STEPS",
    "Beat",
    "Changes",
    "ChannelResponse",
    "Check",
    "Cost",
    "Costs",
    "DataFacts",
    "Effect",
    "ExperimentFinding",
    "Forecast",
    "ForecastOutcome",
    "Goal",
    "LearnedShare",
    "NextTest",
    "Plan",
    "PlanConstraint",
    "PlannedContact",
    "PolicyValue",
    "PromotionResponse",
    "Proof",
    "Range",
    "Report",
    "ResponseModel",
    "RunSummary",
    "Soundness",
    "TestKind",
    "TrackRecord",
    "Verdict",
    "Window",
    "is_cause",
]
