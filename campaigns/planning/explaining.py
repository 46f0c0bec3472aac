"""Read what an explanation needs.

What was chosen is read from the stored plan. What was not is worked out anew: the plan keeps the policy it was made
with, and that policy is put to the records as they stand now, with the plan's own contacts counted.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

from campaigns.faults import TouchstoneError, UnreadyError
from campaigns.planning.composing import Wishes
from campaigns.planning.explanation import Explanation, explain
from campaigns.planning.policy import ContactPolicy
from campaigns.store.database import Database
from campaigns.store.plan_records import Reading, circle_of, person_of, read_records, run_of
from campaigns.store.plans import contacts_of, stored_plan

__all__ = ["explain_customer"]


def explain_customer(database: Database, customer_id: str, plan_id: int | None = None) -> Explanation:
    """Explain what a plan chose for a customer, and what it left out.

    Parameters
    ----------
    customer_id
        The company's own number of the customer.
    plan_id
        The plan; the latest one if None.

    Raises
    ------
    UnreadyError
        If there is no such plan.
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
        if run is None:
            raise UnreadyError(f"The run behind plan {plan.id} is gone.", "Make a new plan with: touchstone plan")
        people = circle_of(session, person)
        planned = contacts_of(session, plan.id, people)
    policy = ContactPolicy.from_mapping(plan.options["policy"])
    wishes = Wishes(
        starts_on=plan.starts_on,
        days=plan.options["days"],
        limit=plan.options["limit"],
        seed=plan.options["seed"],
        zone=ZoneInfo(plan.options["zone"]),
    )
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
