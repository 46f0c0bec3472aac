"""A simulated market in which every rule is at work: planned, approved, exported, and found without one violation."""

import json
import random
from collections import Counter
from dataclasses import asdict, replace
from datetime import timedelta

import pytest
from sqlalchemy import delete

from campaigns.planning.aims import Aims
from campaigns.planning.caps import Cap
from campaigns.planning.drafting import draft_plan
from campaigns.planning.lists_out import export_lists
from campaigns.planning.living import approve_plan
from campaigns.planning.policy import ContactPolicy
from campaigns.planning.quiet import QuietTime
from campaigns.store import tables
from campaigns.store.handovers import HandoverWish, hand_over
from campaigns.store.holds import HoldWish, place_hold
from campaigns.store.ledger import release
from campaigns.store.settling import places
from campaigns.store.teams import resolve_clash
from tests.planning.independent_checker import Checker
from tests.planning.test_drafting import START, at, customer, on, publish, put

PEOPLE = 240
PRODUCTS = ("kettle", "mug", "pan")
POLICY = ContactPolicy(
    caps=(
        Cap(1, 7, "email"),
        Cap(1, 14, "call"),
        Cap(2, 7),
        Cap(2, 7, None, "household"),
        Cap(1, 30, each="promotion"),
    ),
    relationship_is="service",
)
LIMITS = [(cap.limit, cap.days, cap.channel, cap.scope, cap.each) for cap in POLICY.caps]
ANSWERED = {"complaint": 30, "decline": 90, "bought": 365, "returned": 365}
SOLD = {"win": 30, "activity": 14, "booked": 14, "renewal": 60, "handed": 14}
QUIET = {
    "begins": "20:00", "ends": "09:00", "days": ["sunday"], "holidays": True, "opens": "09:00", "closes": "18:00",
    "channels": ["call", "sms", "messaging", "push"], "staffed": ["call"],
}  # fmt: skip
HOURS_BETWEEN = 12
PLACES = (
    *5 * [{"country": "TR"}],
    # the office closes before their morning, or they sleep all its day, or have a holiday in this week
    {"country": "US", "time_zone": "America/Los_Angeles"},
    {"country": "US", "time_zone": "Pacific/Kiritimati"},
    {"country": "DE", "time_zone": "Europe/Berlin", "region": "BY"},
)
"""Where people live."""
CONSENTS = {"email": "email", "call": "phone", "mail": "mail"}


def market(database, seed):
    """Fill a database with people to whom everything has happened that a rule looks at."""
    draw = random.Random(seed)  # noqa: S311 - a test's dice
    names = [f"C-{number}" for number in range(PEOPLE)]

    def some(share):
        return [name for name in names if draw.random() < share]

    def moment(first, last):
        return at(draw.randint(first, last))

    def agrees():
        return draw.choice(["yes", "yes", "yes", "no", "unknown"])

    def attributes():
        told = draw.choice([{}, {}, {"renewal_on": str(on(draw.randint(-5, 80)))}])
        told |= draw.choice([{}, {}, {"consent_email_service": draw.choice(["yes", "no"])}])
        return json.dumps(told) if told else None

    put(
        database,
        "customers",
        *(
            customer(
                name,
                email=f"p{number // 2 if number % 10 == 0 else number}@shop.example",
                phone=f"+9053212{number:05d}",
                first_name="P",
                last_name=str(number),
                street="Mill Lane 1",
                city="Izmir",
                **draw.choice(PLACES),
                household_id=f"H-{number // 2}" if number % 5 < 2 else None,
                account_id=f"A-{number // 6}" if number % 3 == 0 else None,
                owner=draw.choice(["dana", "eli", None]),
                attributes=attributes(),
                consent_email=agrees(),
                consent_phone=agrees(),
                consent_mail=agrees(),
                consent_ads=agrees(),
            )
            for number, name in enumerate(names)
        ),
    )
    put(
        database,
        "promotions",
        {"promotion": "spring", "name": "Spring", "margin": 2500, "product": "kettle", "response_code": "SPR"},
        {"promotion": "summer", "name": "Summer", "margin": 2600, "product": "mug", "excludes": "spring"},
        {"promotion": "extra", "name": "Extra", "margin": 2400, "product": "pan", "not_after": "old"},
        {"promotion": "news", "name": "News", "margin": 2300, "kind": "relationship", "channels": "email"},
        {"promotion": "brief", "name": "Brief", "margin": 4000, "ends_on": on(2), "channels": "call"},
    )
    put(
        database,
        "channels",
        {"channel": "email", "unit_cost": 10, "plannable": "yes", "consent": "email", "addressable": "yes"},
        {"channel": "call", "unit_cost": 100, "plannable": "yes", "consent": "phone", "addressable": "yes"},
        {"channel": "mail", "unit_cost": 70, "plannable": "yes", "consent": "mail", "addressable": "yes"},
    )
    put(
        database,
        "touches",
        *(
            {
                "customer_id": name,
                "occurred_at": moment(-40, -1) + timedelta(hours=draw.choice([0, 11])),
                "channel": channel,
                "kind": {"email": "send"}.get(channel, channel),
                "promotion": draw.choice([None, "spring", "old"]),
                "outcome": draw.choice([None, None, "not reached"]),
                "touch_id": f"{name}-{channel}",
            }
            for channel in ("email", "call", "mail")
            for name in some(0.3)
        ),
    )
    answers = ("complaint", "decline", "order", "return", "opt_out")
    put(
        database,
        "responses",
        *(
            {
                "customer_id": name,
                "occurred_at": moment(-100, -1),
                "kind": kind,
                "product": None if kind in ("complaint", "opt_out") else draw.choice(PRODUCTS),
                "response_code": "SPR" if kind == "decline" and draw.random() < 0.5 else None,
                "channel": draw.choice(["email", "call"]),
                "response_id": f"{name}-{kind}",
            }
            for kind in answers
            for name in some(0.08)
        ),
        *(
            {
                "identifier_kind": kind,
                "identifier": address,
                "occurred_at": at(-2),
                "kind": "opt_out",
                "channel": channel,
                "response_id": address,
            }
            for kind, address, channel in (
                ("email", "p20@shop.example", "email"),
                ("phone", "+905321200031", "call"),
                ("phone", "+905321200032", None),
            )
        ),
    )
    put(
        database,
        "suppressions",
        *(
            {"identifier_kind": "customer", "identifier": name, "reason": "staff", "until": draw.choice([None, on(2)])}
            for name in some(0.03)
        ),
        {"identifier_kind": "email", "identifier": "p5@shop.example", "reason": "press"},
    )
    put(
        database,
        "cases",
        *(
            {"customer_id": name, "case_id": name, "opened_at": moment(-9, -1), "reason": "late", "state": "open"}
            for name in some(0.03)
        ),
    )
    put(
        database,
        "opportunities",
        *(
            {
                "customer_id": name,
                "opportunity_id": name,
                "owner": "dana",
                "stage": stage,
                "opened_on": moment(-60, -20),
                "closed_on": moment(-19, -1) if stage == "won" else None,
            }
            for stage, share in (("open", 0.02), ("won", 0.02))
            for name in some(share)
        ),
    )
    put(
        database,
        "sales_activities",
        *(
            {"customer_id": name, "owner": "eli", "kind": "call", "occurred_at": moment(-20, 20), "activity_id": name}
            for name in some(0.04)
        ),
    )
    held = some(0.02)
    channels = ("email", "call", "mail")
    publish(database, {(name, channel): draw.uniform(0.05, 0.4) for name in names for channel in channels})
    for name in some(0.02):
        hand_over(database, HandoverWish(name, "dana", "asked for a quote"), by="ada", now=at(draw.randint(-16, -1)))
    for name in held:
        wish = HoldWish(owner="dana", reason="talks", until=on(draw.randint(2, 20)), customer_id=name)
        place_hold(database, POLICY, wish, by="dana", today=START - timedelta(1))


def clashing(database, plan_id):
    """Let sales hold two customers whose contacts are approved, and each side give way in one of the clashes."""
    with database.reading() as session:
        rows = places(session, plan_id=plan_id)
    alone = {name for name, count in Counter(row.customer_id for row in rows).items() if count == 1}
    # every third is in an account, which a hold on one of its people locks as a whole
    mine = [row for row in rows if not row.ghost and row.customer_id in alone and int(row.customer_id[2:]) % 3]
    found = []
    for row, how in zip(mine, ("sales yields", "marketing yields"), strict=False):
        wish = HoldWish(owner="eli", reason="talks", until=on(20), customer_id=row.customer_id)
        place_hold(database, POLICY, wish, by="eli", today=START - timedelta(1))
        resolve_clash(database, row.id, how, by="eli", now=at(-1))
        found.append(row.id)
    return found


def violations(database, files):
    """Everything that the checker finds."""
    url = database.engine.url.render_as_string(hide_password=False)
    checker = Checker(url, channels={"email", "call", "mail"})
    return [
        *checker.doubled(),
        *checker.caps(LIMITS, POLICY.hours_between),
        *checker.persons(CONSENTS, service=True),
        *checker.clock(QUIET, HOURS_BETWEEN),
        *checker.answered(ANSWERED, service=True),
        *checker.offered(90),
        *checker.sold(SOLD),
        *checker.at_addresses(),
        *checker.listed(files),
    ]


@pytest.mark.parametrize("seed", [3, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(10, 16))])
def test_the_lists_of_a_simulated_market_break_no_rule(sqlite_database, seed):
    database = sqlite_database
    market(database, seed)
    plan = draft_plan(database, starts_on=START, policy=POLICY, aims=Aims(ghosts=0.1), seed=seed)
    assert approve_plan(database, plan.id, by="ada", today=START - timedelta(1), old_scores=True).refusals == ()
    yielding = clashing(database, plan.id)
    lists = export_lists(database, plan.id, by="ada", today=START - timedelta(1))
    files = {file.name: file.content for file in lists.files(agents=["ada", "ben"])}
    assert lists.committed > 60
    assert {"emails.csv", "mail.csv", "calls-ada.csv", "calls-ben.csv"} <= set(files)
    assert violations(database, files) == []
    # of two clashes that came after the approval, sales let one contact be made, and the other is on no list
    sent, given_back = yielding
    numbers = {one.contact for one in lists.recipients}
    assert sent in numbers
    assert given_back not in numbers
    # the checker sees: without that word the first breaks sales' hold
    with database.transaction() as session:
        session.execute(delete(tables.ClashResolution).where(tables.ClashResolution.reservation_id == sent))
    assert [one for one in violations(database, files) if "is held by sales" in one]
    # the checker sees: a contact that gave its place back is no longer one to be made, and still stands on its list
    with database.transaction() as session:
        release(session, ids=[lists.recipients[0].contact], now=at(0))
    assert [one for one in violations(database, files) if "no contact to be made" in one]


def test_the_checker_finds_each_rule_broken_by_a_plan_under_a_policy_without_rules(sqlite_database):
    database = sqlite_database
    market(database, 5)
    loose = replace(
        POLICY,
        caps=(),
        hours_between=0,
        **dict.fromkeys(("complaint_days", "declined_days", "bought_days", "returned_days"), 0),
        **dict.fromkeys(("win_days", "activity_days", "booked_days", "renewal_days", "handed_days"), 0),
        quiet=QuietTime(begins="00:00", ends="00:00", days=(), holidays=False, staffed=()),
        consent_presumed=("email", "phone", "mail"),
    )
    plan = draft_plan(database, starts_on=START, policy=loose)
    approve_plan(database, plan.id, by="ada", today=START - timedelta(1), policy=loose, old_scores=True)
    url = database.engine.url.render_as_string(hide_password=False)
    checker = Checker(url, channels={"email", "call", "mail"})
    for found in (
        checker.caps(LIMITS, POLICY.hours_between),
        checker.persons(CONSENTS),
        checker.clock(QUIET, HOURS_BETWEEN),
        checker.answered(ANSWERED),
        checker.sold(SOLD),
        [one for one in checker.sold(SOLD) if "handed to sales" in one],
        [one for one in checker.clock(QUIET, HOURS_BETWEEN) if "no decent moment" in one],
        [one for one in checker.clock(QUIET, HOURS_BETWEEN) if "hours after" in one],
    ):
        assert found
    assert asdict(plan)["contacts"]
