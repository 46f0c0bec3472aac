from datetime import UTC, date, datetime

import pytest

from campaigns.store import tables
from campaigns.store.plans import contacts_of, latest_plan, plan_of, store_plan, stored_plan
from campaigns.terms import Plan, PlanConstraint, PlannedContact

PLAN = Plan(
    id=0,
    starts_on=date(2026, 6, 1),
    ends_on=date(2026, 6, 7),
    expected_value=12.5,
    bound=13.0,
    gap=0.5 / 13.0,
    constraints=(PlanConstraint("agent-hours", 8.0, 7.5, 0.0),),
    withheld={"sales is handling this": 3, "consent withdrawn": 1},
    contacts=(
        PlannedContact("C-1", "spring", "email", date(2026, 6, 2), 10.0, "about 5 extra orders per 100 such contacts"),
        PlannedContact("C-2", None, "call", date(2026, 6, 3), 2.5, "consent given", 0.9, True),
    ),
)


@pytest.fixture
def two_people(database):
    with database.transaction() as session:
        session.add_all([tables.Person(id=1), tables.Person(id=2)])
    return database


def keep(database, plan=PLAN, **more):
    with database.transaction() as session:
        return store_plan(session, plan, [1, 2], run_id=None, options={"seed": 3}, **more)


def test_a_plan_comes_back_as_it_was_kept(two_people):
    number = keep(two_people)
    kept = plan_of(two_people, number)
    assert kept == Plan(**{**vars(PLAN), "id": number})
    assert list(kept.withheld) == list(PLAN.withheld)


def test_the_latest_plan_is_the_one_made_last_that_was_not_cancelled(two_people):
    assert latest_plan(two_people) is None
    first = keep(two_people)
    second = keep(two_people, state="exported")
    keep(two_people, state="cancelled")
    assert latest_plan(two_people).id == second
    with two_people.reading() as session:
        assert stored_plan(session, None).id == second
        assert stored_plan(session, first).state == "draft"
        assert stored_plan(session, 99) is None


def test_what_a_plan_was_made_with_is_kept(two_people):
    number = keep(two_people)
    with two_people.reading() as session:
        kept = stored_plan(session, number)
    assert kept.options == {"seed": 3}
    assert kept.created_at <= datetime.now(UTC)


def test_contacts_of_some_persons_are_found(two_people):
    number = keep(two_people)
    with two_people.reading() as session:
        assert contacts_of(session, number, [2, 5]) == [(2, PLAN.contacts[1])]


def test_a_plan_with_contacts_but_without_their_persons_is_not_kept(two_people):
    with pytest.raises(ValueError, match="2 contacts need as many persons, not 1"), two_people.transaction() as session:
        store_plan(session, PLAN, [1], run_id=None, options={})
    assert latest_plan(two_people) is None
