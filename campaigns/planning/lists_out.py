"""A plan's lists go out: its contacts are committed once, and looked at once more whenever a list is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa

from campaigns.faults import Fault, RefusedError, UnreadyError
from campaigns.lists.folder import ListFile, files_of, left_without
from campaigns.lists.recipient import Recipient
from campaigns.lists.tasks import Suggested
from campaigns.people.consent import CONSENTS, Consent, consents
from campaigns.planning.explaining import made_with
from campaigns.planning.living import export_plan
from campaigns.planning.policy import ContactPolicy
from campaigns.planning.rechecking import recheck
from campaigns.planning.records import Records
from campaigns.store.database import Database
from campaigns.store.plan_records import Reading, read_records, run_of
from campaigns.store.plans import stored_plan
from campaigns.store.recipients import recipients_of, suggested
from campaigns.store.suggesting import suggestions_for
from campaigns.terms import PlannedContact

__all__ = ["Lists", "export_lists", "lists_of"]

STANDS_AGAINST = ("suppressed", "consent_withdrawn", "consent_missing")
"""Rules asked again of every list that is written, however long ago its contacts were committed."""

OUT = ("exported", "closed")


@dataclass(frozen=True)
class Lists:
    """What the lists of a plan are made of.

    Parameters
    ----------
    committed
        Contacts that this export committed: none where the plan was exported before.
    refused
        Contacts that something stood against since the approval, by reason.
    left_out
        Contacts on no list, by reason: something stands against them since, or what would reach them is not known.
    """

    plan_id: int
    starts_on: date
    ends_on: date
    recipients: tuple[Recipient, ...]
    suggested: tuple[Suggested, ...]
    committed: int = 0
    refused: Mapping[str, int] | None = None
    left_out: Mapping[str, int] | None = None

    def files(self, *, agents: Sequence[str] = (), now: datetime | None = None) -> tuple[ListFile, ...]:
        """Return the lists as files; see `campaigns.lists.folder.files_of`."""
        moment = now or datetime.now(UTC)
        return files_of(self.recipients, self.suggested, agents=agents, last_day=self.ends_on, now=moment)


def export_lists(
    database: Database,
    plan_id: int,
    *,
    by: str,
    today: date,
    policy: ContactPolicy | None = None,
    now: datetime | None = None,
) -> Lists:
    """Export an approved plan and return its lists; of one exported before, return the same lists and commit nothing.

    Raises
    ------
    RefusedError
        If the plan is neither approved nor exported.
    UnreadyError
        If there is no such plan.
    """
    with database.reading() as session:
        plan = stored_plan(session, plan_id)
    if plan is not None and plan.state in OUT:
        return lists_of(database, plan_id, policy=policy)
    done = export_plan(database, plan_id, by=by, today=today, policy=policy, now=now)
    reasons = Counter(one.reason for one in done.refusals)
    return replace(lists_of(database, plan_id, policy=policy), committed=done.committed, refused=dict(reasons))


def lists_of(database: Database, plan_id: int, *, policy: ContactPolicy | None = None) -> Lists:
    """Return the lists of an exported plan, without those who withdrew consent or were suppressed since it went out."""
    with database.reading() as session:
        plan = stored_plan(session, plan_id)
        if plan is None:
            raise UnreadyError(f"There is no plan {plan_id}.", "Make one with: touchstone plan")
        if plan.state not in OUT:
            fault = Fault(0, "plan", f"plan {plan_id} is {plan.state}", "one that is exported")
            raise RefusedError("This plan has no lists:", [fault], "Approve it, then export it.")
        run = None if plan.run_id is None else run_of(session, plan.run_id)
        found = recipients_of(session, plan_id)
        offered = suggested(session, suggestions_for(database, plan_id=plan_id))
    if run is None:
        raise UnreadyError(f"The run behind plan {plan_id} is gone.", "Make a new plan with: touchstone plan")
    made_by, wishes = made_with(plan)
    used = policy or made_by
    people = sorted({one.person for one in found})
    records = read_records(database, Reading(run, used, plan.starts_on, wishes.zone, people, plan_id))
    against = recheck(records, used, wishes, [(one.person, _planned(one)) for one in found], rules=STANDS_AGAINST)
    allowed = _ads_allowed(records, used)
    kept = [replace(one, ads_allowed=one.person in allowed) for one, bad in zip(found, against, strict=True) if not bad]
    reasons = Counter(bad[1] for bad in against if bad is not None) + Counter(left_without(kept))
    return Lists(plan_id, plan.starts_on, plan.ends_on, tuple(kept), offered, left_out=dict(reasons))


def _planned(one: Recipient) -> PlannedContact:
    promotion = one.offer.promotion if one.offer else None
    return PlannedContact(one.customer_id, promotion, one.channel, one.on, one.value, "")


def _ads_allowed(records: Records, policy: ContactPolicy) -> frozenset[int]:
    """Return who agreed to targeted ads and did not take it back."""
    number = np.asarray(records.persons["person"], np.int64)
    place = {person: row for row, person in enumerate(number.tolist())}
    needed = {row["channel"]: row["consent"] or "none" for row in records.channels.to_pylist()}
    told = [row for row in records.opt_outs.to_pylist() if row["person"] in place]
    placed = [{**row, "person": place[row["person"]]} for row in told]
    opt_outs = pa.Table.from_pylist(placed, schema=records.opt_outs.schema)
    codes = consents(records.persons, opt_outs, needed)[:, CONSENTS.index("ads")]
    good = (Consent.GIVEN, Consent.UNKNOWN) if "ads" in policy.consent_presumed else (Consent.GIVEN,)
    return frozenset(number[np.isin(codes, good)].tolist())
