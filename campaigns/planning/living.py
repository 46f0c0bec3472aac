"""The life of a plan after the draft: approved, exported, cancelled, closed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlmodel import Session

from campaigns.faults import Fault, RefusedError, UnreadyError
from campaigns.intake.money import decimals
from campaigns.planning.explaining import made_with
from campaigns.planning.ledger import Refusal, refusals_by_reason
from campaigns.planning.outcome import PlanResult, result_of
from campaigns.planning.policy import ContactPolicy
from campaigns.planning.rechecking import recheck
from campaigns.planning.soundness import check_policy, examine, stale_note
from campaigns.store import plan_life
from campaigns.store.database import Database
from campaigns.store.held_back import keep_held_back
from campaigns.store.ledger import commit, release, reserve_in
from campaigns.store.outgoing import put_contacts, put_out
from campaigns.store.plan_records import PublishedRun, Reading, freshness, read_records, run_of
from campaigns.store.plans import StoredPlan, stored_plan
from campaigns.store.settling import Place, places
from campaigns.terms import PlannedContact

__all__ = ["AFTER", "Approval", "Export", "approve_plan", "cancel_plan", "check_step", "close_plan", "export_plan"]

BEFORE = {
    "approve": ("draft",),
    "export": ("approved",),
    "cancel": ("draft", "approved", "exported"),
    "close": ("exported",),
}
"""Which states a plan may be in for each step of its life."""

AFTER = {"approve": "approved", "export": "exported", "cancel": "cancelled", "close": "closed"}
"""The state that each step leads to."""

SHOWN = 1_000
"""Refusals kept with the event of an approval; all of them are counted."""

MEASURED_DAYS = 14
"""Days after a contact in which an order counts as an answer, when a plan is closed."""

PAST = ("past", "its day has passed")


@dataclass(frozen=True)
class Approval:
    """What came of approving a plan: per contact all or nothing."""

    plan_id: int
    reserved: int
    refusals: tuple[Refusal, ...]

    @property
    def reasons(self) -> dict[str, int]:
        """Refusals by their reason."""
        return refusals_by_reason(self.refusals)


@dataclass(frozen=True)
class Export:
    """What came of exporting a plan: contacts that went out, and those that something stands against since."""

    plan_id: int
    committed: int
    refusals: tuple[Refusal, ...]


def check_step(database: Database, plan_id: int, step: str, *, today: date, old_scores: bool = False) -> None:
    """Refuse a step of a plan's life that cannot be taken, as far as that shows without a look at its contacts.

    Parameters
    ----------
    step
        A key of ``AFTER``.

    Raises
    ------
    UnreadyError
        If there is no such plan.
    RefusedError
        If it is not in a state for the step, or its days or its scores have passed.
    """
    plan, run = _plan(database, plan_id)
    with database.reading() as session:
        _in_state(session, plan_id, BEFORE[step], AFTER[step])
    if step == "approve":
        _refuse_unfit(database, plan, run, today=today, old_scores=old_scores)


def approve_plan(
    database: Database,
    plan_id: int,
    *,
    by: str,
    today: date,
    policy: ContactPolicy | None = None,
    old_scores: bool = False,
    now: datetime | None = None,
) -> Approval:
    """Approve a draft: each of its contacts gets its place, or is refused with the reason; in one transaction.

    Parameters
    ----------
    by
        Who approves.
    today
        Contacts of earlier days are refused.
    policy
        The policy in use now; that of the plan if None.
    old_scores
        Whether scores older than the newest import will do.

    Raises
    ------
    UnreadyError
        If there is no such plan.
    RefusedError
        If it is no draft, has no contacts, its days have passed, its scores are old, or its rules or records are
        contradictory; nothing is then reserved.
    """
    plan, run = _plan(database, plan_id)
    used, wishes = made_with(plan)
    used = policy or used
    _refuse_unfit(database, plan, run, today=today, old_scores=old_scores)
    check_policy(used)
    moment = now or datetime.now(UTC)
    with database.transaction(exclusive=True) as session:
        row = _in_state(session, plan_id, BEFORE["approve"], AFTER["approve"])
        contacts = plan_life.planned(session, plan_id, ("proposed",))
        if not contacts:
            raise RefusedError(
                "This plan cannot be approved:",
                [Fault(0, "plan", "no contacts", "at least one")],
                "The draft tells what left everybody out: change that, and draft again with: touchstone plan",
            )
        records = read_records(database, Reading(run, used, plan.starts_on, wishes.zone, without_plan=plan_id))
        examine(records, used, wishes).refuse("This plan cannot be approved:", "Correct these, and draft it again.")
        against = recheck(records, used, wishes, [(person, contact) for _, person, contact in contacts])
        open_, refused = _parted(contacts, against, today)
        booked = reserve_in(
            session,
            [plan_life.asked_of(*one) for one in open_],
            used,
            asked_by=by,
            zone=wishes.zone,
            plan_id=plan_id,
            now=moment,
        )
        refusals = (*refused, *booked.refusals)
        _mark(session, plan_id, "reserved", [one.contact_id for one in booked.accepted])
        _mark(session, plan_id, "refused", [one.asked.contact_id for one in refusals])
        row.state = "approved"
        session.add(row)
        plan_life.record_event(
            session, plan_id, "approved", by=by, details=_told(refusals, reserved=len(booked.accepted))
        )
        counts = {"plan": plan_id, "reserved": len(booked.accepted), "refused": len(refusals)}
        put_out(session, "plan.approved", {**counts, "by": by}, now=moment)
    return Approval(plan_id, len(booked.accepted), refusals)


def export_plan(
    database: Database,
    plan_id: int,
    *,
    by: str,
    today: date,
    policy: ContactPolicy | None = None,
    now: datetime | None = None,
) -> Export:
    """Commit the contacts of an approved plan, because its lists go out.

    Every rule is looked at once more: who has withdrawn consent, or is held by sales since, is left out, and the place
    is given back. The lists are written from what is committed (`campaigns.store.settling.places`); the contacts held
    back at random are kept as ghosts, so that the next fit compares them with those that went out.
    """
    plan, run = _plan(database, plan_id)
    used, wishes = made_with(plan)
    used = policy or used
    moment = now or datetime.now(UTC)
    with database.transaction(exclusive=True) as session:
        row = _in_state(session, plan_id, BEFORE["export"], AFTER["export"])
        contacts = plan_life.planned(session, plan_id, ("reserved",))
        records = read_records(database, Reading(run, used, plan.starts_on, wishes.zone, without_plan=plan_id))
        free = plan_life.yielded_by_sales(session, plan_id)
        yielded = {place for place, (number, _, _) in enumerate(contacts) if number in free}
        against = recheck(records, used, wishes, [(person, contact) for _, person, contact in contacts], yielded)
        open_, refused = _parted(contacts, against, today)
        gone = plan_life.reservations_of(session, plan_id, [one.asked.contact_id for one in refused])
        release(session, ids=gone, now=moment)
        committed = commit(session, plan_id=plan_id, now=moment)
        keep_held_back(session, plan_id, zone=wishes.zone, now=moment)
        _mark(session, plan_id, "released", [one.asked.contact_id for one in refused])
        _mark(session, plan_id, "committed", [number for number, _, _ in open_])
        row.state = "exported"
        session.add(row)
        plan_life.record_event(session, plan_id, "exported", by=by, details=_told(tuple(refused), committed=committed))
        counts = {"plan": plan_id, "committed": committed, "refused": len(refused)}
        put_out(session, "plan.exported", {**counts, "by": by}, now=moment)
        put_contacts(session, "contacts.committed", plan_id, _out(session, plan_id), now=moment)
    return Export(plan_id, committed, tuple(refused))


def cancel_plan(database: Database, plan_id: int, *, by: str, today: date, now: datetime | None = None) -> int:
    """Cancel a plan and give its places back; return how many were.

    Of an exported plan only the contacts from tomorrow on: the others may have been made.
    """
    moment = now or datetime.now(UTC)
    with database.transaction(exclusive=True) as session:
        row = _in_state(session, plan_id, BEFORE["cancel"], AFTER["cancel"])
        from_day = date.fromordinal(today.toordinal() + 1) if row.state == "exported" else None
        gone = [place for place in _out(session, plan_id) if from_day is None or place.on >= from_day]
        count = release(session, plan_id=plan_id, from_day=from_day, now=moment)
        row.state = "cancelled"
        session.add(row)
        plan_life.record_event(session, plan_id, "cancelled", by=by, details={"released": count})
        put_out(session, "plan.cancelled", {"plan": plan_id, "released": count, "by": by}, now=moment)
        put_contacts(session, "contacts.released", plan_id, gone, now=moment)
    return count


def close_plan(
    database: Database, plan_id: int, *, by: str, days: int = MEASURED_DAYS, now: datetime | None = None
) -> PlanResult:
    """Close an exported plan: what came of it beside what was expected. Places never exported are given back.

    Contacts whose days are not all known yet are not compared, and the result says how many these are.

    Parameters
    ----------
    days
        Days after each contact in which an order counts as an answer.
    """
    plan, run = _plan(database, plan_id)
    _, wishes = made_with(plan)
    with database.transaction(exclusive=True) as session:
        row = _in_state(session, plan_id, BEFORE["close"], AFTER["close"])
        release(session, plan_id=plan_id, states=("reserved",), now=now or datetime.now(UTC))
        until = plan_life.known_until(session, wishes.zone)
        answers = plan_life.responses_after(session, plan_id, days, wishes.zone, run.goal, until)
        result = result_of(answers, days, 10 ** decimals(run.currency), until)
        row.state, row.result = "closed", result.to_mapping()
        session.add(row)
        plan_life.record_event(session, plan_id, "closed", by=by, details={"words": result.words})
        put_out(session, "plan.closed", {"plan": plan_id, "result": result.to_mapping(), "by": by}, now=now)
    return result


def _plan(database: Database, plan_id: int) -> tuple[StoredPlan, PublishedRun]:
    with database.reading() as session:
        plan = stored_plan(session, plan_id)
        if plan is None:
            raise UnreadyError(f"There is no plan {plan_id}.", "Make one with: touchstone plan")
        run = None if plan.run_id is None else run_of(session, plan.run_id)
    if run is None:
        raise UnreadyError(f"The run behind plan {plan_id} is gone.", "Make a new plan with: touchstone plan")
    return plan, run


def _refuse_unfit(database: Database, plan: StoredPlan, run: PublishedRun, *, today: date, old_scores: bool) -> None:
    faults = []
    if plan.ends_on < today:
        faults.append(Fault(0, "plan", f"it ended on {plan.ends_on}", f"days from {today} on"))
    stale = stale_note(*freshness(database, run.id))
    if stale is not None and not old_scores:
        found = stale[:1].lower() + stale.partition(". Run")[0][1:]
        faults.append(Fault(0, "scores", found, "scores newer than every import"))
    if faults:
        remedy = "Draft a new one with: touchstone plan"
        if stale is not None:
            remedy = "Run touchstone fit and draft a new plan, or approve with --old-scores."
        raise RefusedError("This plan cannot be approved:", faults, remedy)


def _in_state(session: Session, plan_id: int, states: Sequence[str], wanted: str) -> Any:
    row = plan_life.plan_row(session, plan_id)
    if row is None:
        raise UnreadyError(f"There is no plan {plan_id}.", "Make one with: touchstone plan")
    if row.state not in states:
        found, expected = f"plan {plan_id} is {row.state}", " or ".join(states)
        raise RefusedError(f"This plan cannot be {wanted}:", [Fault(0, "plan", found, f"one that is {expected}")])
    return row


def _parted(
    contacts: Sequence[tuple[int, int, PlannedContact]], against: Sequence[tuple[str, str] | None], today: date
) -> tuple[list[tuple[int, int, PlannedContact]], list[Refusal]]:
    """Part contacts into those nothing stands against and refusals of the others."""
    open_, refused = [], []
    for one, found in zip(contacts, against, strict=True):
        reason = PAST if one[2].on < today else found
        if reason is None:
            open_.append(one)
        else:
            refused.append(Refusal(plan_life.asked_of(*one), *reason))
    return open_, refused


def _out(session: Session, plan_id: int) -> list[Place]:
    """Return the contacts of a plan that lists name as to be made."""
    return [place for place in places(session, plan_id=plan_id) if place.state == "committed"]


def _mark(session: Session, plan_id: int, state: str, numbers: Sequence[int | None]) -> None:
    plan_life.mark_contacts(session, plan_id, state, [number for number in numbers if number is not None])


def _told(refusals: Sequence[Refusal], **counts: int) -> dict[str, Any]:
    """Write down counts and refusals for the event."""
    listed = [
        {
            "customer_id": one.asked.customer_id,
            "channel": one.asked.channel,
            "promotion": one.asked.promotion,
            "on": one.asked.on.isoformat(),
            "rule": one.rule,
            "reason": one.reason,
        }
        for one in refusals[:SHOWN]
    ]
    rules = dict(Counter(one.rule for one in refusals))
    reasons = refusals_by_reason(refusals)
    return {**counts, "refused": len(refusals), "reasons": reasons, "rules": rules, "refusals": listed}
