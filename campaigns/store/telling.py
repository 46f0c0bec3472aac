"""What somebody tells of a conversation with a customer: kept as a response or a contact, and settled in the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import Session, col

from campaigns.faults import Fault, RefusedError
from campaigns.people.identity import CUSTOMER
from campaigns.store import tables
from campaigns.store.plan_records import BY_HAND
from campaigns.store.settling import Outcome, settle_in

__all__ = ["CALL", "WHAT", "Logged", "Told", "batch_of_today", "tell"]

CALL = "call"

RESPONSES = {"interested": "interest", "declined": "decline", "complaint": "complaint", "never": "opt_out"}
"""Kind of the response that an outcome is kept as."""

CALLS = {"reached": "reached", "no answer": "not reached", "wrong number": "not reached", "call back": "reached"}
"""Outcome of the call that an outcome is kept as."""

WHAT = (*RESPONSES, *CALLS)
"""Everything that can be told."""

SETTLES = {"never": "opted out", **dict.fromkeys(("interested", "declined", "complaint"), "reached"), **CALLS}

NEAR = timedelta(days=7)
"""A contact that went out on a list is settled by what is told within this time of its day."""

AHEAD = timedelta(days=366)
"""For how long somebody may be called back later."""

LONGEST = 500
"""Characters of a reason."""


@dataclass(frozen=True)
class Told:
    """What somebody tells.

    Parameters
    ----------
    customer_id
        Of whom.
    what
        One of `WHAT`.
    token
        What makes this telling one: told again under the same token it is not told twice.
    promotion
        The offer that it was about, or None for none in particular.
    channel
        How they spoke.
    reason
        Why, in the customer's words; may be empty.
    call_back_at
        When they are to be called, for ``call back``.
    """

    customer_id: str
    what: str
    token: str
    promotion: str | None = None
    channel: str = CALL
    reason: str = ""
    call_back_at: datetime | None = None


@dataclass(frozen=True)
class Logged:
    """What became of it: whether it is new, and the contact of the ledger that it settled, if any."""

    new: bool
    settled: int | None


def tell(session: Session, told: Told, *, by: str, now: datetime, zone: ZoneInfo) -> Logged:
    """Keep what was told, inside a transaction that excludes others.

    A decline, an interest, a complaint and the wish never to be called again are kept as responses, what came of a call
    as a contact, a call promised for later as something that sales has booked. Where the contact was on a list, it is
    settled.

    Parameters
    ----------
    by
        Who tells it; the owner of a call that is promised.

    Raises
    ------
    RefusedError
        With everything that is wrong with it.
    """
    identity = _identity(session, told.customer_id)
    faults = _faults(session, told, identity, now)
    if faults or identity is None:
        raise RefusedError("This cannot be logged:", faults, "Correct it and log it again.")
    if _is_known(session, told):
        return Logged(new=False, settled=None)
    place = _place(session, identity.person_id, told, now.astimezone(zone).date())
    if told.what in RESPONSES:
        _respond(session, told, identity.id or 0, now, zone)
    if told.what in CALLS or (place is not None and place.channel == CALL):
        _called(session, told, identity.id or 0, now, zone)
    if told.what == "call back" and told.call_back_at is not None:
        _booked(session, told, identity.id or 0, by, now, zone)
    if place is not None and place.id is not None:
        settle_in(session, [Outcome(place.id, SETTLES[told.what], now)], now=now)
    session.flush()
    return Logged(new=True, settled=None if place is None else place.id)


def _faults(session: Session, told: Told, identity: tables.Identity | None, now: datetime) -> list[Fault]:
    faults = []
    if identity is None:
        faults.append(Fault(0, "customer", told.customer_id, "a customer number as the customers file writes it"))
    if told.what not in WHAT:
        faults.append(Fault(0, "outcome", repr(told.what)[:100], "one of " + ", ".join(WHAT)))
    if told.promotion is not None and not _is_promotion(session, told.promotion):
        faults.append(Fault(0, "promotion", told.promotion[:100], "one of the promotions"))
    if len(told.reason) > LONGEST:
        faults.append(Fault(0, "reason", f"{len(told.reason)} characters", f"at most {LONGEST}"))
    if told.what == "call back" and (told.call_back_at is None or not now < told.call_back_at <= now + AHEAD):
        found = "nothing" if told.call_back_at is None else f"{told.call_back_at:%Y-%m-%d %H:%M}"
        faults.append(Fault(0, "call back at", found, "a moment to come, within a year"))
    return faults


def _identity(session: Session, customer_id: str) -> tables.Identity | None:
    identity = tables.Identity
    return session.execute(
        select(identity).where(col(identity.kind) == CUSTOMER, col(identity.value) == customer_id)
    ).scalar_one_or_none()


def _is_promotion(session: Session, promotion: str) -> bool:
    row = tables.Promotion
    return session.execute(select(col(row.id)).where(col(row.promotion) == promotion).limit(1)).first() is not None


def _is_known(session: Session, told: Told) -> bool:
    key = _key(told)
    return any(
        session.execute(select(col(row.id)).where(col(row.source) == BY_HAND, col(row.row_key) == key)).first()
        for row in (tables.Response, tables.Touch)
    )


def _key(told: Told) -> str:
    return f"site-{told.token}"


def _place(session: Session, person: int, told: Told, today: date) -> tables.Reservation | None:
    """Return the contact on a list that this is about: the nearest through the same channel, about the same offer."""
    row = tables.Reservation
    found = session.execute(
        select(row).where(
            col(row.person_id) == person,
            col(row.state) == "committed",
            col(row.ghost).is_(False),
            col(row.channel) == (CALL if told.what in CALLS else told.channel),
            col(row.on).between(today - NEAR, today + NEAR),
        )
    ).scalars()
    matching = [one for one in found if told.promotion is None or one.promotion in (None, told.promotion)]
    return min(matching, key=lambda one: (abs(one.on - today), one.id or 0), default=None)


def _respond(session: Session, told: Told, identity: int, now: datetime, zone: ZoneInfo) -> None:
    reason = told.reason.strip() or None
    session.add(
        _response(session, told, identity, now, zone, RESPONSES[told.what], told.channel, reason, told.promotion)
    )


def _response(
    session: Session,
    told: Told,
    identity: int,
    now: datetime,
    zone: ZoneInfo,
    kind: str,
    channel: str | None,
    reason: str | None,
    promotion: str | None = None,
) -> tables.Response:
    return tables.Response(
        batch_id=batch_of_today(session, "responses", now, zone),
        source=BY_HAND,
        row_key=_key(told),
        response_id=_key(told),
        identity_id=identity,
        occurred_at=now,
        kind=kind,
        channel=channel,
        reason=reason,
        promotion=promotion,
    )


def _called(session: Session, told: Told, identity: int, now: datetime, zone: ZoneInfo) -> None:
    seen = tables.SeenChannel
    if not session.execute(select(col(seen.id)).where(col(seen.channel) == CALL, col(seen.kind) == "touches")).first():
        session.add(seen(channel=CALL, kind="touches"))
    session.add(
        tables.Touch(
            batch_id=batch_of_today(session, "touches", now, zone),
            source=BY_HAND,
            row_key=_key(told),
            touch_id=_key(told),
            identity_id=identity,
            occurred_at=now,
            channel=CALL,
            kind=CALL,
            promotion=told.promotion,
            outcome=CALLS.get(told.what, "reached"),
        )
    )
    if told.what == "wrong number":
        reason = told.reason.strip() or "wrong number"
        session.add(_response(session, told, identity, now, zone, "bounce", CALL, reason))


def _booked(session: Session, told: Told, identity: int, by: str, now: datetime, zone: ZoneInfo) -> None:
    session.add(
        tables.SalesActivity(
            batch_id=batch_of_today(session, "sales_activities", now, zone),
            source=BY_HAND,
            row_key=_key(told),
            activity_id=_key(told),
            identity_id=identity,
            owner=by,
            occurred_at=told.call_back_at or now,
            kind="call back",
        )
    )


def batch_of_today(session: Session, kind: str, now: datetime, zone: ZoneInfo) -> int:
    """Return today's batch of what was told of a kind, with one row more."""
    table = tables.ImportBatch
    digest = f"site-{kind}-{now.astimezone(zone):%Y-%m-%d}"
    batch = session.execute(select(table).where(col(table.digest) == digest)).scalar_one_or_none()
    if batch is None:
        batch = table(kind=kind, source=BY_HAND, path="site", digest=digest, started_at=now)
    batch.rows += 1
    batch.added += 1
    batch.finished_at = now
    session.add(batch)
    session.flush()
    return batch.id or 0
