"""Lists out of a plan on a database, and what comes back: committed once, settled, and heeded by the next plan."""

import csv
import shutil
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from campaigns.faults import RefusedError
from campaigns.importing import import_file
from campaigns.intake.formats import KINDS
from campaigns.lists.ticked import Ticked
from campaigns.naming.names import Name
from campaigns.planning.calls_back import settle_calls
from campaigns.planning.drafting import draft_plan
from campaigns.planning.lists_out import export_lists, lists_of
from campaigns.planning.living import approve_plan, cancel_plan
from campaigns.planning.policy import ContactPolicy
from campaigns.planning.quiet import QuietTime
from campaigns.settings import Settings
from campaigns.store.aliases import confirm_alias
from campaigns.store.coming_back import settle_from_responses, settle_from_touches
from campaigns.store.database import Database
from campaigns.store.holds import HoldWish, place_hold
from campaigns.store.outgoing import add_webhook, deliveries
from campaigns.store.owner_calendar import owner_calendar
from campaigns.store.plan_life import going_out
from campaigns.store.settling import Outcome, places, settle
from campaigns.store.teams import resolve_clash
from tests.planning.test_drafting import START, at, customer, publish, put

EASY = ContactPolicy(hours_between=0, quiet=QuietTime(begins="00:00", ends="00:00", days=(), holidays=False))
BEFORE = START - timedelta(1)
ZONE = ZoneInfo("UTC")


def company_with_addresses(database):
    put(
        database,
        "customers",
        customer("C-1", email="ada@shop.example", phone="0532 123 45 67", country="TR", first_name="Ada", owner="dana"),
        customer("C-2", email="ben@shop.example", first_name="Ben", consent_ads="no", consent_phone="no"),
        customer("C-3", phone="+905321234568", consent_email="no", owner="eli", first_name="Cem", last_name="Ak"),
        customer("C-4", email="dee@shop.example", account_id="A", first_name="Dee"),
    )
    put(
        database,
        "promotions",
        {"promotion": "spring", "name": "Spring", "margin": 2500, "text": "Ten per cent off.", "response_code": "SPR"},
    )
    put(
        database,
        "channels",
        {"channel": "email", "unit_cost": 10, "plannable": "yes", "consent": "email", "addressable": "yes"},
        {"channel": "call", "unit_cost": 100, "plannable": "yes", "consent": "phone", "addressable": "yes"},
    )
    put(
        database,
        "opportunities",
        {"opportunity_id": "D-1", "owner": "dana", "stage": "open", "opened_on": at(-9), "account_id": "A"},
    )
    publish(database, {(f"C-{n}", channel): 0.2 for n in range(1, 5) for channel in ("email", "call")})


@pytest.fixture(scope="session")
def exported_file(tmp_path_factory, empty_sqlite):
    """A file with an exported plan in it, which tests copy."""
    file = tmp_path_factory.mktemp("exported") / "company.db"
    shutil.copyfile(empty_sqlite, file)
    database = Database(f"sqlite:///{file}")
    company_with_addresses(database)
    with database.transaction() as session:
        add_webhook(session, "https://crm.example/hook", by="ada")
    plan = draft_plan(database, starts_on=START, policy=EASY)
    approve_plan(database, plan.id, by="ada", today=BEFORE, old_scores=True)
    first = export_lists(database, plan.id, by="ada", today=BEFORE)
    assert first.committed == 4
    with database.engine.connect() as connection:
        connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()
    return file, plan.id, first


@pytest.fixture
def exported(exported_file, tmp_path):
    file, plan_id, first = exported_file
    shutil.copyfile(file, tmp_path / "company.db")
    database = Database(f"sqlite:///{tmp_path}/company.db")
    yield database, plan_id, first
    database.dispose()


def ledger(database):
    with database.reading() as session:
        return {(place.customer_id, place.channel): place for place in places(session)}


def rows_of(lists, name):
    (file,) = [one for one in lists.files(now=at(0)) if one.name == name]
    return list(csv.DictReader(file.content.decode().splitlines()))


def test_every_contact_stands_on_the_list_of_its_touch_point_once(exported):
    database, _, lists = exported
    assert {one.name for one in lists.files()} == {
        "emails.csv",
        *(f"calls-{agent}{ending}" for agent in ("dana", "eli") for ending in (".csv", ".xlsx")),
        "calendar-dana.ics",
        "calendar-eli.ics",
        "tasks.csv",
        "suggestions.csv",
        "google-customer-match.csv",
        "meta-custom-audience.csv",
    }
    emails, calls = rows_of(lists, "emails.csv"), rows_of(lists, "calls-dana.csv") + rows_of(lists, "calls-eli.csv")
    assert {row["email"] for row in emails} == {"ada@shop.example", "ben@shop.example"}
    assert {row["phone"] for row in calls} == {"+905321234567", "+905321234568"}
    assert {int(row["contact"]) for row in emails + calls} == {place.id for place in ledger(database).values()}
    assert rows_of(lists, "suggestions.csv")[0]["customer_id"] == "C-4"
    assert len(rows_of(lists, "google-customer-match.csv")) == 2  # C-2 did not agree to ads
    assert [one.note[:13] for one in lists.files() if one.name.startswith("google")] == ["Only 2 people"]


def test_a_second_export_gives_the_same_lists_and_commits_nothing(exported):
    database, plan_id, first = exported
    again = export_lists(database, plan_id, by="ben", today=BEFORE)
    assert again.committed == 0
    named = {one.name: one.content for one in first.files(now=at(0)) if not one.name.endswith(".xlsx")}
    assert {one.name: one.content for one in again.files(now=at(0)) if not one.name.endswith(".xlsx")} == named
    call = ledger(database)["C-1", "call"]
    settle(database, [Outcome(call.id, "reached")])
    assert lists_of(database, plan_id).recipients == first.recipients


def test_a_draft_has_no_lists(exported):
    database, plan_id, _ = exported
    cancel_plan(database, plan_id, by="ada", today=BEFORE)
    with pytest.raises(RefusedError, match="one that is exported"):
        lists_of(database, plan_id)


def test_whoever_withdraws_consent_after_the_export_is_on_no_list_written_later(exported):
    database, plan_id, _ = exported
    put(database, "responses", {"customer_id": "C-2", "occurred_at": at(-1), "kind": "opt_out", "channel": "email"})
    again = lists_of(database, plan_id)
    assert {one.customer_id for one in again.recipients} == {"C-1", "C-3"}
    assert again.left_out == {"consent withdrawn": 1}


def test_marketing_giving_way_takes_a_contact_off_the_lists_and_tells_other_programs(exported):
    database, plan_id, first = exported
    place = ledger(database)["C-2", "email"]
    wish = HoldWish(owner="dana", reason="talks", until=place.on, customer_id="C-2")
    place_hold(database, EASY, wish, by="dana", today=BEFORE)
    resolve_clash(database, place.id, "marketing yields", by="ada", now=at(-1))
    again = {one.contact for one in lists_of(database, plan_id).recipients}
    assert {one.contact for one in first.recipients} - again == {place.id}
    with database.reading() as session:
        assert place.customer_id not in {one.customer_id for one in going_out(session, plan_id, "exported")}
        (told,) = [row.body for row in deliveries(session) if row.event == "contacts.released"]
    assert f'"contact":{place.id}' in told.replace(" ", "")


def test_exporting_tells_other_programs_what_was_committed_without_names(exported):
    database, _, _ = exported
    with database.reading() as session:
        told = {row.event: row.body for row in deliveries(session)}
    assert set(told) == {"plan.approved", "plan.exported", "contacts.committed"}
    assert told["contacts.committed"].count('"customer_id"') == 4
    assert "ada@" not in told["contacts.committed"]


def test_a_ticked_call_list_settles_and_the_next_plan_heeds_it(exported):
    database, _, _ = exported
    mine, other = ledger(database)["C-1", "call"], ledger(database)["C-3", "call"]
    back = datetime(2026, 6, 20, 15, tzinfo=UTC)
    ticks = [
        Ticked(mine.id, "call back", "dana", "", back),
        Ticked(other.id, "not interested ever", "eli", "moved abroad"),
    ]
    for _again in range(2):
        done = settle_calls(database, ticks, zone=ZONE, now=at(8))
        assert (done.settled, done.opted_out, done.call_backs) == (2, 1, 1)
    places_now = ledger(database)
    assert places_now["C-1", "call"].outcome == "reached"
    assert places_now["C-3", "call"].outcome == "opted out"
    later = draft_plan(database, starts_on=date(2026, 7, 10), policy=EASY)
    assert "C-3" not in {one.customer_id for one in later.contacts}
    items = owner_calendar(database, "dana", first=START, last=date(2026, 6, 30), zone=ZONE)
    assert [item.title for item in items if item.kind == "sales"] == ["call: C-1"]
    with pytest.raises(RefusedError, match="that was exported"):
        settle_calls(database, [Ticked(999, "reached")], zone=ZONE)


def test_an_opt_out_settled_by_hand_withdraws_consent(exported):
    database, plan_id, _ = exported
    email = ledger(database)["C-2", "email"]
    settle(database, [Outcome(email.id, "opted out")])
    assert "C-2" not in {one.customer_id for one in lists_of(database, plan_id).recipients}
    assert "C-2" not in {one.customer_id for one in draft_plan(database, starts_on=date(2026, 8, 3)).contacts}


def test_importing_outcomes_settles_under_whatever_name_the_file_has_for_the_touch_point(exported, tmp_path):
    database, _, _ = exported
    email = ledger(database)["C-1", "email"]
    moment = datetime(email.on.year, email.on.month, email.on.day, 9, tzinfo=UTC)
    file = tmp_path / "touches.csv"
    file.write_text(
        f"customer_id,occurred_at,channel,kind,outcome\nC-1,{moment.isoformat()},dispatcher,send,delivered\n"
    )
    settings = Settings(database_url=str(database.engine.url))
    done = import_file(database, settings, KINDS["touches"], file, now=at(30))
    assert not any("settled" in note for note in done.notes)
    with database.transaction(exclusive=True) as session:
        confirm_alias(session, Name("dispatcher"), Name("email"), now=at(30))
    assert settle_from_touches(database) == 1
    assert ledger(database)["C-1", "email"].outcome == "delivered"


def test_opt_outs_and_bounces_settle_the_contact_before_them(exported, tmp_path):
    database, _, _ = exported
    ben, ada = ledger(database)["C-2", "email"], ledger(database)["C-1", "email"]
    file = tmp_path / "responses.csv"
    rows = [
        f"C-2,{ben.on}T18:00:00Z,opt_out,email",
        f"C-1,{ada.on}T19:00:00Z,bounce,email",
        f"C-3,{START - timedelta(3)}T10:00:00Z,opt_out,call",
    ]
    file.write_text("customer_id,occurred_at,kind,channel\n" + "\n".join(rows) + "\n")
    settings = Settings(database_url=str(database.engine.url))
    done = import_file(database, settings, KINDS["responses"], file, now=at(30))
    assert "2 contacts of plans were settled by it" in done.notes
    now = ledger(database)
    assert (now["C-2", "email"].outcome, now["C-1", "email"].outcome) == ("opted out", "bounced")
    assert now["C-1", "email"].keeps_place is False
    assert now["C-3", "call"].outcome is None
    assert settle_from_responses(database) == 0
