"""What a run sums up of everything imported beside its report, so that pages need not."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from campaigns.intake.money import decimals
from campaigns.reporting.background import Worth
from campaigns.settings import policy_table
from campaigns.store import observations as stored
from campaigns.store.database import Database
from campaigns.store.policies import policy_in_use
from campaigns.store.summaries import sum_up
from campaigns.terms import Goal, Window
from campaigns.terms.goals import PERSON
from jobs.payback import worth_by_month

__all__ = ["summaries_of"]


def summaries_of(database: Database, goal: Goal, window: Window, zone: ZoneInfo, currency: str) -> dict[str, Any]:
    """Sum up what was imported, as ``campaigns.store.summaries`` keeps it."""
    return sum_up(database, zone, window, goal, _worth(database, goal, window, zone, currency))


def _worth(database: Database, goal: Goal, window: Window, zone: ZoneInfo, currency: str) -> Worth | None:
    """Follow the customers that were won; None for goals that are not of persons, or bring no money."""
    if goal.unit != PERSON:
        return None
    responses = stored.responses(database)
    orders = responses.filter(pc.is_in(responses["kind"], value_set=pa.array(goal.kinds)))
    if orders["value"].null_count == orders.num_rows and orders["margin"].null_count == orders.num_rows:
        return None
    share = policy_in_use(database, policy_table()).policy.margin_share
    persons = stored.persons(database)
    return worth_by_month(persons, orders, window, zone, margin_share=share, scale=10 ** decimals(currency))
