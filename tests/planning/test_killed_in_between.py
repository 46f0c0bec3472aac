"""A plan whose approval, export or cancelling is killed on the way: the step was taken whole, or not at all."""

import os
import signal
from collections import Counter
from datetime import timedelta

import pytest
from sqlmodel import select

from campaigns.planning import living
from campaigns.planning.aims import Aims
from campaigns.planning.drafting import draft_plan
from campaigns.planning.living import approve_plan, cancel_plan, export_plan
from campaigns.store import tables
from campaigns.store.database import Database
from campaigns.store.held_back import HELD_BACK
from campaigns.store.outgoing import add_webhook
from campaigns.store.plans import stored_plan
from campaigns.store.settling import places
from tests.planning.test_drafting import START, customer, publish, put
from tests.planning.test_plan_life import EASY
from tests.planning.written_once import opened, written

BEFORE = START - timedelta(1)
PEOPLE = 30


def fill(database):
    """Draft a plan of which some contacts are held back."""
    names = [f"C-{number}" for number in range(PEOPLE)]
    put(database, "customers", *(customer(name) for name in names))
    put(database, "promotions", {"promotion": "spring", "name": "Spring", "margin": 2500})
    put(database, "channels", {"channel": "email", "unit_cost": 10, "plannable": "yes", "consent": "email"})
    publish(database, {(name, "email"): 0.1 for name in names})
    draft_plan(database, starts_on=START, policy=EASY, aims=Aims(ghosts=0.4))
    with database.transaction() as session:
        add_webhook(session, "https://crm.example/hook", by="ada")


@pytest.fixture(scope="module")
def drafted_file(tmp_path_factory, empty_sqlite):
    return written(tmp_path_factory.mktemp("drafted") / "drafted.db", empty_sqlite, fill)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.database)])
def drafted(request):
    """A drafted plan on each database in turn."""
    if request.param == "postgresql":
        database = request.getfixturevalue("postgresql_database")
        fill(database)
        yield database
        return
    with opened(request.getfixturevalue("drafted_file"), request.getfixturevalue("tmp_path")) as database:
        yield database


STEPS = {"approve": approve_plan, "export": export_plan, "cancel": cancel_plan}
WRITING = {
    "approve": ("reserve_in", "_mark", "put_out"),
    "export": ("release", "commit", "keep_held_back", "_mark", "put_out", "put_contacts"),
    "cancel": ("release", "put_out", "put_contacts"),
}
"""What each step writes with, in this order."""

QUICK = (("approve", "put_out"), ("export", "commit"), ("export", "keep_held_back"), ("cancel", "put_contacts"))
"""Those that are tried in every run of the tests."""


def take(database, step):
    more = {"old_scores": True} if step == "approve" else {}
    STEPS[step](database, 1, by="ada", today=BEFORE, **more)


def killed(database, step, after):
    """Take a step in another process, which is killed once it has written with this function; return how it ended."""
    url = database.engine.url.render_as_string(hide_password=False)
    database.engine.dispose()
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:
        original = getattr(living, after)

        def last(*args, **more):
            original(*args, **more)
            os.kill(os.getpid(), signal.SIGKILL)

        setattr(living, after, last)
        take(Database(url), step)
    finally:
        os._exit(0)


def standing(database):
    """Everything that a step writes: the plan, its contacts, the ledger, ghosts, messages and events."""
    with database.reading() as session:
        rows = [(one.id, one.state, one.ghost) for one in places(session)]
        contacts = Counter(row.state for row in session.exec(select(tables.PlannedContact)))
        ghosts = sorted(row.row_key for row in session.exec(select(tables.Touch)) if row.source == HELD_BACK)
        messages = Counter(row.event for row in session.exec(select(tables.WebhookDelivery)))
        events = [row.event for row in session.exec(select(tables.PlanEvent))]
        return stored_plan(session, 1).state, rows, contacts, ghosts, messages, events


def check_whole(database, state):
    """Hold what stands against the state of the plan."""
    told, rows, _contacts, ghosts, messages, events = standing(database)
    assert told == state
    held = sorted(f"contact-{number}" for number, _, ghost in rows if ghost)
    place = {"draft": None, "approved": "reserved", "exported": "committed", "cancelled": "released"}[state]
    assert Counter(kept for _, kept, _ in rows) == ({} if place is None else {place: PEOPLE})
    assert ghosts == (held if state == "exported" else [])
    assert messages[f"plan.{state}"] == (state != "draft")
    assert events[-1] == ("drafted" if state == "draft" else state)


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
@pytest.mark.parametrize(
    ("step", "after"),
    [
        pytest.param(step, after, marks=() if (step, after) in QUICK else pytest.mark.slow)
        for step, writers in WRITING.items()
        for after in writers
    ],
)
def test_a_step_that_is_killed_leaves_nothing_half_done_and_may_be_taken_again(drafted, step, after):
    if step != "approve":
        take(drafted, "approve")
    if step == "cancel":
        take(drafted, "export")
    before = standing(drafted)
    assert killed(drafted, step, after) == -signal.SIGKILL
    assert standing(drafted) == before
    take(drafted, step)
    check_whole(drafted, living.AFTER[step])


def test_lists_that_are_killed_while_they_are_written_are_whole_or_not_there(tmp_path, monkeypatch):
    from jobs.commands import listing

    files = {"emails.csv": b"new e-mails", "calls-ada.csv": b"new calls", "tasks.csv": b"new tasks"}
    (tmp_path / "emails.csv").write_bytes(b"old e-mails")
    (tmp_path / "calls-old.csv").write_bytes(b"of another export")

    def stop(path, content):
        if path.name == "tasks.csv":
            path.write_bytes(content[:3])
            raise KeyboardInterrupt
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)

    with monkeypatch.context() as patched:
        patched.setattr(listing, "write_file", stop)
        with pytest.raises(KeyboardInterrupt):
            listing._write_whole(tmp_path, 3, files)
    assert {one.name: one.read_bytes() for one in tmp_path.iterdir() if one.is_file()} == {
        "emails.csv": b"old e-mails",
        "calls-old.csv": b"of another export",
    }
    listing._write_whole(tmp_path, 3, files)
    assert {one.name for one in tmp_path.iterdir()} == {*files, "calls-old.csv"}
    assert (tmp_path / "emails.csv").read_bytes() == b"new e-mails"
