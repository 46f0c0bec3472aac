"""Messages to other programs: signed, at least once, under one number, tried again and given up."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from standardwebhooks import Webhook

from campaigns.faults import RefusedError, TouchstoneError
from campaigns.lists.webhook import WAITS, check_address, next_due, parts_of
from campaigns.store.outgoing import add_webhook, claim_due, deliveries, put_out, remove_webhook
from jobs.sending import send_messages

NOW = datetime.now(UTC)
URL = "https://crm.example/hook"


class Receiver:
    """Answers with the next status each time, and keeps what it was sent."""

    def __init__(self, *answers):
        self.answers, self.requests = list(answers), []

    def __call__(self, request):
        self.requests.append(request)
        answer = self.answers.pop(0) if self.answers else 200
        if answer == "silence":
            raise httpx.ConnectError("nobody answers", request=request)
        return httpx.Response(answer)


def send(database, receiver, at=NOW):
    client = httpx.Client(transport=httpx.MockTransport(receiver))
    return send_messages(database, client=client, clock=lambda: at, tries=2, most_wait=0.0)


@pytest.fixture
def hooked(database):
    with database.transaction() as session:
        hook = add_webhook(session, URL, by="ada", now=NOW)
        assert put_out(session, "plan.exported", {"plan": 3}, now=NOW) == 1
    return database, hook


def test_a_message_arrives_signed_under_its_number(hooked):
    database, hook = hooked
    receiver = Receiver()
    assert send(database, receiver, datetime.now(UTC)) == (1, 0)  # a receiver refuses what is older than minutes
    (request,) = receiver.requests
    told = Webhook(hook.secret).verify(request.content, dict(request.headers))
    assert (told["type"], told["data"]) == ("plan.exported", {"plan": 3})
    assert send(database, receiver) == (0, 0)
    with database.reading() as session:
        (row,) = deliveries(session)
    assert (row.attempts, row.answer, row.delivered_at is not None) == (1, "200 OK", True)


def test_what_may_pass_is_tried_again_at_once_and_then_later_under_the_same_number(hooked):
    database, _hook = hooked
    receiver = Receiver(503, "silence")
    assert send(database, receiver) == (0, 1)
    assert send(database, receiver) == (0, 0)
    assert send(database, receiver, NOW + WAITS[0]) == (1, 0)
    assert len({request.headers["webhook-id"] for request in receiver.requests}) == 1
    assert len(receiver.requests) == 3


def test_a_refusal_is_not_repeated_at_once_and_given_up_in_the_end(hooked):
    database, _hook = hooked
    receiver = Receiver(*[410] * 20)
    at = NOW
    for wait in (*WAITS, timedelta(0)):
        assert send(database, receiver, at) == (0, 1)
        at += wait
    assert send(database, receiver, at + timedelta(days=9)) == (0, 0)
    assert len(receiver.requests) == len(WAITS) + 1
    with database.reading() as session:
        assert deliveries(session)[0].given_up_at is not None


def test_whoever_stops_while_sending_leaves_the_message_to_be_sent_again(hooked):
    database, _hook = hooked
    taken = claim_due(database, NOW)
    assert taken is not None
    assert claim_due(database, NOW) is None
    again = claim_due(database, NOW + timedelta(minutes=6))
    assert again is not None
    assert (again.message_id, again.attempts) == (taken.message_id, 2)


def test_an_address_hears_of_its_events_alone_and_of_nothing_once_removed(sqlite_database):
    with sqlite_database.transaction() as session:
        hook = add_webhook(session, URL, by="ada", events=["plan.closed"])
        assert put_out(session, "plan.exported", {}) == 0
        assert put_out(session, "plan.closed", {}) == 1
        assert put_out(session, "test", {}, webhook_id=hook.id) == 1
        remove_webhook(session, hook.id)
        assert put_out(session, "plan.closed", {}) == 0
        with pytest.raises(TouchstoneError, match="no webhook"):
            remove_webhook(session, hook.id)
    assert claim_due(sqlite_database, NOW + timedelta(days=1)) is None


@pytest.mark.parametrize("url", ["http://crm.example/hook", "ftp://x", "", "https://ada:pass@crm.example/"])
def test_an_address_that_is_not_safe_is_refused(url):
    with pytest.raises(RefusedError):
        check_address(url)


def test_addresses_of_this_machine_need_no_encryption_and_events_must_exist():
    check_address("http://127.0.0.1:9000/x")
    with pytest.raises(RefusedError, match=r"plan\.exported"):
        check_address(URL, ["everything"])


def test_waits_grow_and_end_and_many_contacts_are_parted():
    assert next_due(len(WAITS) + 1, NOW) is None
    assert [len(part) for part in parts_of([{}] * 1_001)] == [500, 500, 1]
