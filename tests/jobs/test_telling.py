"""Alerts and digests: a mail server on this machine takes them, or they wait for the page."""

import email
import socket
from dataclasses import replace
from datetime import UTC, date, datetime
from email.message import EmailMessage
from email.policy import default

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message

from campaigns.access import Role
from campaigns.faults import UnreadyError
from campaigns.planning.policy import ContactPolicy
from campaigns.planning.responsibility import HandoverRules
from campaigns.settings import Settings
from campaigns.store import tables
from campaigns.store.alerts import alerts_for, mark_seen, raise_alert
from campaigns.store.handovers import HandoverWish, follow_up, hand_over
from jobs.telling import mail_alerts, mail_digests

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
LATE = datetime(2026, 6, 2, 17, 30, tzinfo=UTC)
POLICY = replace(ContactPolicy(), handover=HandoverRules(managers={"*": "mo"}))


class Box(Message):
    def __init__(self):
        super().__init__(EmailMessage)
        self.mails = []

    def handle_message(self, message):
        self.mails.append(email.message_from_bytes(bytes(message), policy=default))


@pytest.fixture
def box():
    kept = Box()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Controller(kept, hostname="127.0.0.1", port=port)
    server.start()
    yield kept, Settings(smtp_url=f"smtp://127.0.0.1:{port}", mail_from="t@shop.example")
    server.stop()


def user(session, name, *, owner="", roles=(Role.SALES,), language=""):
    session.add(
        tables.User(
            email=f"{name}@shop.example", name=name, owner=owner, roles=list(roles), created_at=NOW, language=language
        )
    )


@pytest.fixture
def handed(sqlite_database):
    """A lead that dana has since nine on Monday; dana and mo can be reached by mail."""
    with sqlite_database.transaction() as session:
        session.add(tables.Person(id=1))
        session.flush()
        session.add(tables.Identity(id=1, kind="customer", value="C-1", person_id=1))
        user(session, "d.smith", owner="dana")
        user(session, "mo", roles=(Role.MANAGER,), language="tr")
        user(session, "mia", roles=(Role.MARKETER,))
    number = hand_over(sqlite_database, HandoverWish("C-1", "dana", "asked"), by="ada", now=NOW)
    return sqlite_database, number


def test_owner_then_manager_are_mailed_once_each_when_their_time_has_come(handed, box):
    database, _number = handed
    kept, settings = box
    assert mail_alerts(database, settings, POLICY, now=NOW) == (0, 0)
    assert mail_alerts(database, settings, POLICY, now=NOW.replace(hour=17)) == (1, 0)
    assert mail_alerts(database, settings, POLICY, now=NOW.replace(hour=18)) == (0, 0)
    assert mail_alerts(database, settings, POLICY, now=LATE) == (1, 0)
    assert [mail["To"] for mail in kept.mails] == ["d.smith@shop.example", "mo@shop.example"]
    assert "has not been followed up" in kept.mails[0].get_content()


def test_without_a_server_alerts_wait_for_the_page_and_are_mailed_when_there_is_one(handed, box):
    database, _number = handed
    kept, settings = box
    assert mail_alerts(database, Settings(), POLICY, now=LATE) == (0, 2)
    with database.reading() as session:
        (mine,) = alerts_for(session, ["dana"])
    with database.transaction() as session:
        mark_seen(session, mine.id, LATE)
        assert raise_alert(session, "dana", mine.about, mine.step, "again") is None
    assert mail_alerts(database, settings, POLICY, now=LATE) == (1, 0)
    assert [mail["To"] for mail in kept.mails] == ["mo@shop.example"]


def test_an_owner_nobody_knows_the_address_of_hears_on_the_page_alone(handed, box):
    database, _number = handed
    kept, settings = box
    nobody = replace(POLICY, handover=HandoverRules(managers={"*": "zoe"}))
    assert mail_alerts(database, settings, nobody, now=LATE) == (1, 1)
    assert [mail["To"] for mail in kept.mails] == ["d.smith@shop.example"]


def test_the_digest_has_suggestions_and_waiting_leads_and_nobody_gets_an_empty_one(handed, box):
    database, number = handed
    kept, settings = box
    told = {"customer_id": "C-1", "person_id": 1, "promotion": "spring", "channel": "call", "owner": "dana"}
    with database.transaction() as session:
        for state, name in (("exported", "dana"), ("draft", "dana"), ("exported", "eli")):
            plan = tables.Plan(
                starts_on=date(2026, 6, 1),
                ends_on=date(2026, 6, 7),
                created_at=NOW,
                state=state,
                expected_value=1.0,
                bound=1.0,
                gap=0.0,
            )
            session.add(plan)
            session.flush()
            more = {"plan_id": plan.id, "expected_value": 30.0, "lock_reason": "open deal", "owner": name}
            session.add(tables.SalesSuggestion(**{**told, **more}, lock_until=date(2026, 7, 1)))
    assert mail_digests(database, settings, POLICY, now=LATE) == {"dana": 2}
    (mail,) = kept.mails
    assert mail["Subject"] == "1 suggestion for you"
    text = " ".join(mail.get_content().split())
    assert "You could offer C-1 spring" in text
    assert "C-1, for 16 business hours" in text
    follow_up(database, number, now=LATE)
    assert mail_digests(database, settings, POLICY, now=LATE.replace(month=7)) == {}
    assert len(kept.mails) == 1


def test_digests_without_a_server_say_what_is_missing(handed):
    database, _number = handed
    with pytest.raises(UnreadyError, match="TOUCHSTONE_SMTP_URL"):
        mail_digests(database, Settings(), POLICY)
