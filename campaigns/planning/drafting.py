"""Draft a plan: read, choose, keep."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from campaigns.faults import UnreadyError
from campaigns.planning.composing import UTC_ZONE, Wishes, check_wishes, compose
from campaigns.planning.policy import ContactPolicy
from campaigns.store.database import Database
from campaigns.store.plan_records import PublishedRun, Reading, latest_run, read_records
from campaigns.store.plans import store_plan
from campaigns.terms import Plan

__all__ = ["draft_plan"]


def draft_plan(
    database: Database,
    *,
    starts_on: date,
    days: int = 7,
    policy: ContactPolicy | None = None,
    limit: int | None = None,
    seed: int = 0,
    zone: ZoneInfo | None = None,
) -> Plan:
    """Draft the plan of the coming days and keep it.

    Parameters
    ----------
    database
        Where scores, records and history come from, and where the draft goes.
    starts_on
        First day of the plan.
    days
        Its length, 1 to 63.
    policy
        What may happen; the default policy if None.
    limit
        The most contacts wanted, or None.
    seed
        Decides between contacts of equal value; the same data and seed give the same plan.
    zone
        The zone in which days begin; UTC if None.

    Raises
    ------
    UnreadyError
        If no run is published, or nobody can be planned for.
    RefusedError
        If such a plan cannot be: no days, or no contacts.
    """
    wishes = Wishes(starts_on, days, limit, seed, zone or UTC_ZONE)
    check_wishes(wishes)
    policy = policy or ContactPolicy()
    run = _published(database)
    composed = compose(read_records(database, Reading(run, policy, starts_on, wishes.zone)), policy, wishes)
    options = {
        "policy": policy.to_mapping(),
        "days": days,
        "limit": limit,
        "seed": seed,
        "zone": wishes.zone.key,
        "notes": list(composed.notes),
    }
    with database.transaction() as session:
        number = store_plan(session, composed.plan, composed.persons, run_id=run.id, options=options)
    return replace(composed.plan, id=number)


def _published(database: Database) -> PublishedRun:
    with database.reading() as session:
        run = latest_run(session)
    if run is None:
        raise UnreadyError(
            "There is no published run yet, so nobody knows what a contact would do.",
            "Import orders, spend and contacts, then run: touchstone fit",
        )
    return run
