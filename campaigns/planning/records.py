"""What a plan reads from the company's records, as plain Arrow tables. Amounts are in major units."""

from __future__ import annotations

from dataclasses import dataclass, fields

import pyarrow as pa

from campaigns.terms import ResponseModel

__all__ = ["SCHEMAS", "Records"]

_NUMBER, _TEXT, _TIME, _DAY = pa.int64(), pa.string(), pa.timestamp("us", "UTC"), pa.date32()


def _schema(**columns: pa.DataType) -> pa.Schema:
    return pa.schema(list(columns.items()))


SCHEMAS = {
    "scores": _schema(
        person=_NUMBER,
        channel=_TEXT,
        extra_responses=pa.float64(),
        recent_touches=_NUMBER,
        error=pa.float64(),
        second=pa.float64(),
    ),
    "worths": _schema(person=_NUMBER, margin=pa.float64(), is_new=pa.bool_()),
    "persons": _schema(
        person=_NUMBER,
        customer_id=_TEXT,
        household_id=_TEXT,
        account_id=_TEXT,
        owner=_TEXT,
        country=_TEXT,
        region=_TEXT,
        time_zone=_TEXT,
        consent_email=_TEXT,
        consent_phone=_TEXT,
        consent_sms=_TEXT,
        consent_mail=_TEXT,
        consent_ads=_TEXT,
    ),
    "channels": _schema(channel=_TEXT, plannable=pa.bool_(), consent=_TEXT, unit_cost=pa.float64()),
    "promotions": _schema(
        promotion=_TEXT,
        kind=_TEXT,
        product=_TEXT,
        margin=pa.float64(),
        discount=pa.float64(),
        starts_on=_DAY,
        ends_on=_DAY,
        channels=_TEXT,
        excludes=_TEXT,
        not_after=_TEXT,
        budget=pa.float64(),
    ),
    "audiences": _schema(promotion=_TEXT, person=_NUMBER),
    "contacts": _schema(person=_NUMBER, channel=_TEXT, promotion=_TEXT, occurred_at=_TIME),
    "promised": _schema(person=_NUMBER, channel=_TEXT, promotion=_TEXT, on=_DAY),
    "opt_outs": _schema(person=_NUMBER, channel=_TEXT),
    "purposes": _schema(person=_NUMBER, consent=_TEXT, written=_TEXT),
    "suppressions": _schema(person=_NUMBER, reason=_TEXT, until=_DAY),
    "complaints": _schema(person=_NUMBER, occurred_at=_TIME),
    "declines": _schema(person=_NUMBER, promotion=_TEXT, product=_TEXT, occurred_at=_TIME),
    "purchases": _schema(person=_NUMBER, product=_TEXT, occurred_at=_TIME),
    "returns": _schema(person=_NUMBER, product=_TEXT, occurred_at=_TIME),
    "open_cases": _schema(person=_NUMBER),
    "opportunities": _schema(
        person=_NUMBER,
        account_id=_TEXT,
        owner=_TEXT,
        stage=_TEXT,
        opened_on=_TIME,
        closed_on=_TIME,
        expected_close_on=_DAY,
    ),
    "activities": _schema(person=_NUMBER, account_id=_TEXT, owner=_TEXT, kind=_TEXT, occurred_at=_TIME),
    "renewals": _schema(person=_NUMBER, account_id=_TEXT, owner=_TEXT, on=_DAY),
    "handovers": _schema(person=_NUMBER, account_id=_TEXT, owner=_TEXT, handed_at=_TIME),
    "holds": _schema(person=_NUMBER, account_id=_TEXT, owner=_TEXT, reason=_TEXT, starts_on=_DAY, until=_DAY),
    "stages": _schema(person=_NUMBER, stage=_TEXT),
    "capacities": _schema(resource=_TEXT, date=_DAY, limit=pa.float64()),
}
"""Columns of each table of `Records`; ``person`` is the person's number in the database."""


@dataclass(frozen=True)
class Records:
    """What a plan reads, one Arrow table per subject with the columns of `SCHEMAS`.

    Parameters
    ----------
    scores
        Extra responses that one more contact would cause, per person and channel, with their standard error and the
        share that a second contact soon after keeps (null is none).
    worths
        Margin that each person is expected to bring yet, and whether a first order is still to come.
    persons
        Everybody known, one row each; ``customer_id`` is null for people known only by another identifier.
    channels
        Touch points; only ``plannable`` ones are planned.
    promotions
        The offers; lists are separated by ``|``.
    audiences
        Who is in the audience of each promotion that has one, and a row without a person for each of these; everybody
        is in the audience of the others.
    contacts
        Contacts made through plannable channels, held-back ones included, those that reached nobody left out.
    promised
        Contacts of approved and exported plans.
    opt_outs, suppressions, complaints, declines, purchases, returns, open_cases
        What stands against a contact; a suppression without ``until`` holds for good.
    purposes
        Consents to service contacts (``consent`` is one of the kinds of consent), where a file tells them apart.
    opportunities, activities, renewals, handovers
        What sales is doing, with a person or an account.
    holds
        Whom an owner holds, as a person or as an account.
    stages
        Stage of the relationship of each person, read only where the policy gives a stage without any doing of sales to
        sales; otherwise empty.
    capacities
        What is scarce, per day.
    order_margin
        Mean margin of an order, or None if no order carries one.
    order_value
        Mean value of an order, or None if there is none.
    responding
        How customers answer to contacts as the run learned it, or None where the run is older.
    """

    scores: pa.Table
    worths: pa.Table
    persons: pa.Table
    channels: pa.Table
    promotions: pa.Table
    audiences: pa.Table
    contacts: pa.Table
    promised: pa.Table
    opt_outs: pa.Table
    purposes: pa.Table
    suppressions: pa.Table
    complaints: pa.Table
    declines: pa.Table
    purchases: pa.Table
    returns: pa.Table
    open_cases: pa.Table
    opportunities: pa.Table
    activities: pa.Table
    renewals: pa.Table
    handovers: pa.Table
    holds: pa.Table
    stages: pa.Table
    capacities: pa.Table
    order_margin: float | None = None
    order_value: float | None = None
    responding: ResponseModel | None = None

    def __post_init__(self) -> None:
        for item in fields(self):
            if item.name in SCHEMAS:
                table = getattr(self, item.name)
                if not table.schema.equals(SCHEMAS[item.name]):
                    raise ValueError(f"{item.name} has the columns {table.schema}, not {SCHEMAS[item.name]}")
