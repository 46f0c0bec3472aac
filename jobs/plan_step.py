"""A step of a plan's life, taken in the planner's process: every contact of the plan is looked at once more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from campaigns.settings import Settings, policy_table
from campaigns.store.database import Database
from campaigns.store.plan_requests import Kind

__all__ = ["take_step"]

Tell = Callable[[float, str], None]
"""Takes the share of the work that is done, and what is being done."""


def take_step(
    database: Database, settings: Settings, kind: Kind, options: Mapping[str, Any], by: str, again: bool, tell: Tell
) -> tuple[int, dict[str, int]]:
    """Take a step that was asked for.

    Parameters
    ----------
    kind
        One of ``campaigns.store.plan_requests.STEPS``.
    options
        ``plan``, its number, and for an approval ``old_scores``.
    by
        Who asked.
    again
        Whether a worker had begun it before; where that one took the step and was lost before it could say so, nothing
        is left to do.

    Returns
    -------
    Number of the plan, and how many contacts it was about (``count``) and were refused (``refused``).
    """
    from campaigns.planning.living import AFTER, approve_plan, cancel_plan, close_plan, export_plan
    from campaigns.store.coming_back import settle_from_responses, settle_from_touches
    from campaigns.store.plans import stored_plan
    from campaigns.store.policies import policy_in_use

    number, today = int(options["plan"]), datetime.now(UTC).astimezone(settings.zone).date()
    with database.reading() as session:
        plan = stored_plan(session, number)
    if again and plan is not None and plan.state == AFTER[kind]:
        return number, {}
    tell(0.1, "looking at every contact once more")
    policy = policy_in_use(database, policy_table()).policy
    if kind == Kind.APPROVE:
        old = bool(options.get("old_scores"))
        approved = approve_plan(database, number, by=by, today=today, policy=policy, old_scores=old)
        return number, {"count": approved.reserved, "refused": len(approved.refusals)}
    if kind == Kind.EXPORT:
        exported = export_plan(database, number, by=by, today=today, policy=policy)
        return number, {"count": exported.committed, "refused": len(exported.refusals)}
    if kind == Kind.CANCEL:
        return number, {"count": cancel_plan(database, number, by=by, today=today)}
    tell(0.1, "settling what came back")
    settled = settle_from_touches(database, zone=settings.zone)
    tell(0.4, "settling what came back")
    settled += settle_from_responses(database, zone=settings.zone)
    tell(0.6, "reckoning")
    close_plan(database, number, by=by)
    return number, {"count": settled}
