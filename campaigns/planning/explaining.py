"""Read what an explanation needs.

A plan keeps its verdicts for good, and they are what is read. Of a plan from a version that kept none, what was chosen
is read from the stored plan, and the rest is worked out anew: the policy that it was made with is put to the records as
they stand now, with the plan's own contacts counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from campaigns.faults import TouchstoneError, UnreadyError
from campaigns.planning.aims import Aims
from campaigns.planning.asking import Wishes
from campaigns.planning.explanation import Explanation, Option, explain, options_kept
from campaigns.planning.policy import ContactPolicy
from campaigns.planning.rechecking import recheck
from campaigns.store.database import Database
from campaigns.store.plan_records import PublishedRun, Reading, circle_of, person_of, read_records, run_of
from campaigns.store.plans import StoredPlan, contacts_of, stored_plan
from campaigns.store.verdicts import verdicts_of
from campaigns.terms import PlannedContact

__all__ = ["explain_customer", "made_with"]


def explain_customer(
    database: Database, customer_id: str, plan_id: int | None = None, *, since_then: bool = True
) -> Explanation:
    """Explain what a plan chose for a customer, and what it left out.

    Parameters
    ----------
    customer_id
        The company's own number of the customer.
    plan_id
        The plan; the latest one if None.
    since_then
        Whether to say what stands against chosen contacts by now, for which the records are read; of a plan that kept
        its verdicts nothing else needs them.

    Raises
    ------
    UnreadyError
        If there is no such plan, or, without ``since_then``, none whose reasons were kept.
    TouchstoneError
        If there is no such customer.
    """
    with database.reading() as session:
        plan = stored_plan(session, plan_id)
        if plan is None:
            which = "There is no plan yet." if plan_id is None else f"There is no plan {plan_id}."
            raise UnreadyError(which, "Make one with: touchstone plan")
        person = person_of(session, customer_id)
        if person is None:
            raise TouchstoneError(
                f"There is no customer {customer_id}.", "Give the customer number as your customers file writes it."
            )
        run = None if plan.run_id is None else run_of(session, plan.run_id)
        kept = verdicts_of(session, plan.id, person)
        if run is None:
            raise UnreadyError(f"The run behind plan {plan.id} is gone.", "Make a new plan with: touchstone plan")
        people = circle_of(session, person)
        planned = contacts_of(session, plan.id, people)
    if kept is not None:
        verdicts, locks = kept
        own = [(number, contact) for number, contact in planned if number == person]
        options = options_kept(verdicts, locks)
        return Explanation(
            customer_id=customer_id,
            plan_id=plan.id,
            starts_on=plan.starts_on,
            ends_on=plan.ends_on,
            currency=run.currency,
            options=_since_then(database, plan, run, people, own, options) if since_then else options,
            locks=locks,
            basis=f"As decided when the plan was made, on {plan.created_at:%Y-%m-%d %H:%M} UTC.",
        )
    if not since_then:
        raise UnreadyError(
            f"Plan {plan.id} kept no reasons for this customer.", "The next plan does: make it with: touchstone plan"
        )
    policy, wishes = made_with(plan)
    reading = Reading(run, policy, plan.starts_on, wishes.zone, people, plan.id)
    options, locks = explain(read_records(database, reading), policy, wishes, person, planned, list(plan.withheld))
    return Explanation(
        customer_id=customer_id,
        plan_id=plan.id,
        starts_on=plan.starts_on,
        ends_on=plan.ends_on,
        currency=run.currency,
        options=options,
        locks=locks,
        basis=(
            f"Chosen contacts are those of the plan made on {plan.created_at:%Y-%m-%d %H:%M} UTC; the rest is worked "
            "out from the records as they stand now, under the policy of that plan."
        ),
    )


def made_with(plan: StoredPlan) -> tuple[ContactPolicy, Wishes]:
    """Return the policy and the wishes that a plan was made with."""
    told = plan.options
    aims = Aims.from_mapping(told.get("aims", {}))
    wishes = Wishes(plan.starts_on, told["days"], told["limit"], told["seed"], ZoneInfo(told["zone"]), aims)
    return ContactPolicy.from_mapping(told["policy"]), wishes


def _since_then(
    database: Database,
    plan: StoredPlan,
    run: PublishedRun,
    people: Sequence[int],
    own: Sequence[tuple[int, PlannedContact]],
    options: tuple[Option, ...],
) -> tuple[Option, ...]:
    """Add to chosen contacts what stands against them by now."""
    if not own:
        return options
    policy, wishes = made_with(plan)
    records = read_records(database, Reading(run, policy, plan.starts_on, wishes.zone, people, plan.id))
    now = {
        (contact.promotion, contact.channel): found[1]
        for (_, contact), found in zip(own, recheck(records, policy, wishes, own), strict=True)
        if found is not None
    }
    return tuple(
        replace(option, reasons=(now[option.promotion, option.channel],))
        if option.chosen_on is not None and (option.promotion, option.channel) in now
        else option
        for option in options
    )
