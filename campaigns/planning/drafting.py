"""Draft a plan: look for what is wrong, read, choose, and keep it with everything it rests on."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from campaigns.faults import UnreadyError
from campaigns.planning.aims import Aims
from campaigns.planning.composing import UTC_ZONE, Composed, Wishes, check_wishes, compose
from campaigns.planning.overlaps import lock_costs, overlaps, suggestions
from campaigns.planning.policy import ContactPolicy
from campaigns.planning.soundness import check_policy, examine, old_data_note, stale_note
from campaigns.planning.verdicts import packed
from campaigns.store.database import Database
from campaigns.store.plan_life import known_until, record_event
from campaigns.store.plan_records import PublishedRun, Reading, freshness, latest_run, read_records
from campaigns.store.plans import store_plan
from campaigns.store.policies import PolicyInUse
from campaigns.store.suggesting import keep_suggestions
from campaigns.store.verdicts import keep_verdicts
from campaigns.terms import Plan

__all__ = ["NOBODY", "draft_plan", "published_run"]

SHOWN = 200
"""Locks and overlaps kept with a plan at most; the costliest come first."""

NOBODY = "No customer may be contacted on these days: see what left them out."


def draft_plan(
    database: Database,
    *,
    starts_on: date,
    days: int = 7,
    policy: ContactPolicy | PolicyInUse | None = None,
    limit: int | None = None,
    seed: int = 0,
    zone: ZoneInfo | None = None,
    by: str = "",
    aims: Aims | None = None,
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
        What may happen, with its version if it is a saved one; the default policy if None.
    limit
        The most contacts wanted, or None.
    seed
        Decides between contacts of equal value; the same data and seed give the same plan.
    zone
        The zone in which days begin; UTC if None.
    by
        Who drafts it.
    aims
        Budgets, volumes, the balance of product and relationship contacts, and what to withhold; none if None.

    Raises
    ------
    UnreadyError
        If no run is published, or nobody can be planned for.
    RefusedError
        If such a plan cannot be (no days, no contacts), rules contradict one another, or what it is to be made of is
        wrong; every fault is named.
    """
    wishes = Wishes(starts_on, days, limit, seed, zone or UTC_ZONE, aims or Aims())
    check_wishes(wishes)
    used = policy if isinstance(policy, PolicyInUse) else PolicyInUse(policy or ContactPolicy(), None, "")
    cautions = check_policy(used.policy)
    run = published_run(database)
    records = read_records(database, Reading(run, used.policy, starts_on, wishes.zone))
    found = examine(records, used.policy, wishes)
    found.refuse("This plan cannot be made:", "Correct these, and plan again. Nothing was stored.")
    composed = compose(records, used.policy, wishes, price_caps=True)
    stale = stale_note(*freshness(database, run.id))
    with database.reading() as session:
        old = old_data_note(known_until(session, wishes.zone), starts_on)
    told = (used.words and f"Made with {used.words}.", stale, old, *found.cautions, *cautions, *composed.notes)
    notes = [note for note in dict.fromkeys(told) if note]
    if not composed.plan.contacts and not (composed.judgement.open_days != 0).any():
        notes.insert(0, NOBODY)
    options = {
        "policy": used.policy.to_mapping(),
        "days": days,
        "limit": limit,
        "aims": wishes.aims.to_mapping(),
        "seed": seed,
        "zone": wishes.zone.key,
        "notes": notes,
    }
    offered = suggestions(composed.question)
    with database.transaction() as session:
        number = store_plan(
            session,
            composed.plan,
            composed.persons,
            run_id=run.id,
            options=options,
            policy_version=used.version,
            views=_views(composed),
        )
        keep_verdicts(session, number, packed(composed))
        keep_suggestions(session, number, offered)
        record_event(session, number, "drafted", by=by or "touchstone", details={"contacts": len(composed.persons)})
    return replace(composed.plan, id=number, notes=tuple(notes))


def _views(composed: Composed) -> dict[str, Any]:
    """Write down what is to be seen before the plan is approved: overlaps, and what each lock costs."""
    locks = [
        {**asdict(lock), "starts_on": lock.starts_on.isoformat(), "until": lock.until.isoformat()}
        for lock in lock_costs(composed.question)
    ]
    pairs = [asdict(pair) for pair in overlaps(composed.question, composed.judgement.open_days)]
    return {
        "locks": locks[:SHOWN],
        "overlaps": pairs[:SHOWN],
        "locked_value": sum(lock["value"] for lock in locks),
        "teaching": dict(composed.teaching),
    }


def published_run(database: Database) -> PublishedRun:
    """Return the run published last.

    Raises
    ------
    UnreadyError
        If there is none.
    """
    with database.reading() as session:
        run = latest_run(session)
    if run is None:
        raise UnreadyError(
            "There is no published run yet, so nobody knows what a contact would do.",
            "Import orders, spend and contacts, then run: touchstone fit",
        )
    return run
