"""The lists that go out, row by row, and the call list as it comes back."""

import csv
import hashlib
import io
from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import icalendar
import pytest

from campaigns.faults import RefusedError
from campaigns.lists.audiences import audience, google_customer_match, meta_custom_audience, too_few
from campaigns.lists.calendar import CalendarItem, calendar_feed
from campaigns.lists.calls import NOBODY, TICKS, call_list, call_lists, share_out
from campaigns.lists.digest import digest_letter, digest_text
from campaigns.lists.emails import email_list
from campaigns.lists.folder import files_of, left_without
from campaigns.lists.letters import mail_merge
from campaigns.lists.matching import google_email, meta_place, meta_zip, plain_email
from campaigns.lists.messages import message_list
from campaigns.lists.recipient import Offer, Recipient, e164
from campaigns.lists.tasks import Suggested, suggestion_list, task_file
from campaigns.lists.ticked import read_ticked
from campaigns.planning.ledger import outcome_of
from campaigns.reporting.sheets import csv_text, xlsx_bytes

DAY = date(2026, 6, 1)
SPRING = Offer("spring", "Spring, 10 % off", "Ten per cent off until Sunday.", "SPR-7")
ADA = Recipient(
    contact=11,
    plan_id=3,
    person=1,
    customer_id="C-1",
    channel="email",
    consent="email",
    on=DAY,
    offer=SPRING,
    first_name="Ada",
    last_name="Lovelace",
    email="Ada.Lovelace@Gmail.com",
    phone="0532 123 45 67",
    street="12 Mill Lane",
    postcode="34000",
    city="São Paulo",
    region="North-East",
    country="tr",
    language="tr",
    owner="dana",
    ads_allowed=True,
    value=3.0,
)
BEN = replace(ADA, contact=12, person=2, customer_id="C-2", first_name="Ben", last_name="", owner="", value=9.0)
ZONE = ZoneInfo("Europe/Istanbul")


def rows(sheet):
    return list(csv.DictReader(io.StringIO(csv_text(sheet))))


def by(one, consent, **more):
    return replace(one, channel=consent, consent=consent, **more)


def sha(text):
    return hashlib.sha256(text.encode()).hexdigest()


def test_the_email_list_has_the_address_the_offer_and_its_text_by_day_and_worth():
    later = replace(BEN, contact=13, on=date(2026, 6, 2))
    listed = rows(email_list([later, ADA, BEN, by(ADA, "phone"), replace(ADA, email="")]))
    assert [row["contact"] for row in listed] == ["12", "11", "13"]
    assert listed[1]["email"] == "Ada.Lovelace@Gmail.com"
    assert (listed[1]["text"], listed[1]["code"], listed[1]["on"]) == (SPRING.text, "SPR-7", "2026-06-01")


def test_where_addresses_are_kept_elsewhere_the_lists_go_by_customer_number_and_say_so():
    unknown = replace(BEN, email="", phone="", street="", elsewhere=frozenset({"email", "phone", "postal"}))
    contacts = [
        by(unknown, consent, contact=20 + place) for place, consent in enumerate(("email", "mail", "phone", "sms"))
    ]
    assert left_without(contacts) == {}
    files = {
        one.name: one
        for one in files_of(contacts, (), agents=["ada"], last_day=DAY, now=datetime(2026, 6, 1, tzinfo=UTC))
    }
    for name in ("emails.csv", "mail.csv", "calls-ada.csv", "messages.csv"):
        listed = list(csv.DictReader(io.StringIO(files[name].content.decode())))
        assert [row["customer_id"] for row in listed] == ["C-2"]
        assert "look them up by customer_id" in files[name].note
    here = [replace(one, elsewhere=frozenset()) for one in contacts]
    assert sum(left_without(here).values()) == 4


def test_the_mail_merge_has_whole_addresses_only():
    listed = rows(mail_merge([by(ADA, "mail"), by(BEN, "mail", street=""), ADA]))
    assert [(row["customer_id"], row["street"], row["country"]) for row in listed] == [("C-1", "12 Mill Lane", "TR")]
    assert listed[0]["text"] == SPRING.text


def test_text_messages_need_a_number_that_could_ring_and_push_needs_none():
    listed = rows(message_list([by(ADA, "sms"), by(BEN, "sms", phone="12"), by(BEN, "none", phone="")]))
    assert [(row["customer_id"], row["phone"]) for row in listed] == [("C-2", ""), ("C-1", "+905321234567")]


@pytest.mark.parametrize(
    ("written", "country", "expected"),
    [
        ("0532 123 45 67", "TR", "+905321234567"),
        ("+44 844 412 4653", "", "+448444124653"),
        ("(202) 555-0143", "us", "+12025550143"),
        ("0532 123 45 67", "", None),
        ("none", "TR", None),
        ("123", "TR", None),
    ],
)
def test_telephone_numbers_become_e164_or_nothing(written, country, expected):
    assert e164(written, country) == expected


def test_owners_call_their_customers_and_the_rest_is_shared_evenly_day_by_day():
    calls = [by(replace(BEN, contact=20 + place, person=20 + place), "phone") for place in range(4)]
    shared = share_out([by(ADA, "phone"), *calls], ["eli", "dana"])
    assert {agent: len(mine) for agent, mine in shared.items()} == {"dana": 2, "eli": 3}
    assert ADA.contact in {one.contact for one in shared["dana"]}
    assert set(share_out([by(ADA, "phone"), by(BEN, "phone")])) == {"dana", NOBODY}


def test_the_call_list_has_a_sentence_to_say_and_every_outcome_to_tick():
    (row,) = rows(call_lists([by(ADA, "phone")])[0])
    assert row["say"] == "Tell Ada Lovelace about Spring, 10 % off: Ten per cent off until Sunday."
    assert row["phone"] == "+905321234567"
    assert all(row[tick] == "" for tick in TICKS)
    assert "reason" in row
    assert "whether we can help" in by(ADA, "phone", offer=None).sentence


def ticked_file(tmp_path, ending, *ticks):
    """Tick a call list as an agent would, in CSV or in a workbook."""
    sheet = call_list("dana", [by(replace(ADA, contact=30 + place), "phone") for place in range(len(ticks))])
    sheet = replace(sheet, rows=[{**row, **tick} for row, tick in zip(sheet.rows, ticks, strict=True)])
    path = tmp_path / f"calls-dana{ending}"
    path.write_bytes(csv_text(sheet).encode() if ending == ".csv" else xlsx_bytes([sheet]))
    return path


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_a_ticked_call_list_reads_back(tmp_path, ending):
    path = ticked_file(
        tmp_path,
        ending,
        {"reached": "x"},
        {},
        {"call back at": "2026-06-03 15:30"},
        {"not interested ever": "X", "reason": "moved abroad"},
    )
    read = read_ticked(path, ZONE)
    assert [(one.contact, one.outcome) for one in read] == [
        (30, "reached"),
        (32, "call back"),
        (33, "not interested ever"),
    ]
    assert read[1].call_back_at == datetime(2026, 6, 3, 12, 30, tzinfo=UTC)
    assert (read[2].reason, read[2].agent) == ("moved abroad", "dana")
    assert all(outcome_of(one.outcome) for one in read)


def test_every_tick_has_an_outcome_in_the_ledger():
    assert all(outcome_of(tick.removesuffix(" at")) for tick in TICKS)


def test_all_faults_of_a_call_list_are_told_at_once(tmp_path):
    path = ticked_file(
        tmp_path, ".csv", {"reached": "x", "voicemail": "x"}, {"call back at": "soon"}, {"contact": "?", "reached": "x"}
    )
    with pytest.raises(RefusedError) as caught:
        read_ticked(path, ZONE)
    assert [(fault.line, fault.column) for fault in caught.value.faults] == [
        (2, "voicemail"),
        (3, "call back at"),
        (4, "contact"),
    ]


def test_a_file_that_is_no_call_list_is_refused_by_its_missing_columns(tmp_path):
    path = tmp_path / "calls.csv"
    path.write_text("contact,reached\n1,x\n")
    with pytest.raises(RefusedError, match="the columns of the call list"):
        read_ticked(path, ZONE)


def test_google_gets_hashes_of_what_it_hashes_and_country_and_zip_in_the_clear():
    (row,) = rows(google_customer_match([ADA]))
    assert list(row) == ["Email", "Phone", "First Name", "Last Name", "Country", "Zip"]
    assert row == {
        "Email": sha("adalovelace@gmail.com"),
        "Phone": sha("+905321234567"),
        "First Name": sha("ada"),
        "Last Name": sha("lovelace"),
        "Country": "TR",
        "Zip": "34000",
    }


def test_meta_gets_everything_hashed_in_its_own_forms():
    (row,) = rows(meta_custom_audience([ADA]))
    assert list(row) == ["email", "phone", "fn", "ln", "ct", "st", "zip", "country"]
    assert row == {
        "email": sha("ada.lovelace@gmail.com"),
        "phone": sha("905321234567"),
        "fn": sha("ada"),
        "ln": sha("lovelace"),
        "ct": sha("sãopaulo"),
        "st": sha("northeast"),
        "zip": sha("34000"),
        "country": sha("tr"),
    }


def test_what_is_missing_is_empty_and_never_the_hash_of_nothing():
    bare = replace(ADA, email="", phone="", postcode="")
    assert rows(google_customer_match([bare])) == []
    assert rows(meta_custom_audience([bare])) == []
    (row,) = rows(google_customer_match([replace(ADA, phone="")]))
    assert row["Phone"] == ""


def test_forms_of_the_platforms():
    assert google_email(" Ada.B@googlemail.com ") == "adab@googlemail.com"
    assert google_email("ada.b@shop.example") == "ada.b@shop.example"
    assert plain_email("nobody") == ""
    assert meta_place("St. John's") == "stjohns"
    assert (meta_zip("94016-1234", "US"), meta_zip("WC2H 8LG", "GB")) == ("94016", "wc2h8lg")


def test_an_audience_is_of_people_who_agreed_to_ads_each_once():
    again = replace(ADA, contact=40)
    assert audience([ADA, again, replace(BEN, ads_allowed=False)]) == (ADA,)
    assert too_few(99).startswith("Only 99 people")
    assert too_few(100) == ""


HELD = Suggested("dana", "C-4", "Dee", "A", "spring", "Spring", "Ten off.", 12.0, "open deal", date(2026, 7, 1))


def test_the_task_file_has_calls_and_suggestions_under_the_names_a_crm_reads():
    tasks = rows(task_file([by(ADA, "phone"), BEN], [HELD], due=date(2026, 6, 7)))
    assert list(tasks[0]) == ["Subject", "Due Date", "Contact ID", "Owner ID", "Description"]
    assert [task["Subject"] for task in tasks] == ["Call Ada Lovelace: Spring, 10 % off", "Offer Spring to Dee"]
    assert [(task["Due Date"], task["Contact ID"], task["Owner ID"]) for task in tasks] == [
        ("2026-06-01", "C-1", "dana"),
        ("2026-06-07", "C-4", "dana"),
    ]
    assert tasks[0]["Description"].endswith("+905321234567")
    assert rows(suggestion_list([HELD]))[0]["because"] == "open deal"


def test_the_digest_names_the_most_valuable_first_and_counts_what_it_leaves_out():
    many = [replace(HELD, name=f"N{number}", value=float(number)) for number in range(25)]
    text = digest_text("dana", many, ["C-9 waits."], currency="EUR", home="https://t.example")
    assert text.index("N24") < text.index("N23")
    assert "... and 5 more" in text
    assert "worth about 24 EUR" in text
    assert "- C-9 waits." in text
    told = {"sender": "t@shop.example", "recipients": ["d@shop.example"], "currency": "EUR", "home": "https://t"}
    assert digest_letter("dana", [HELD], [], **told)["Subject"] == "1 suggestion for you"
    assert digest_letter("dana", [], ["x"], **told)["Subject"] == "Leads that wait for you"


def test_a_calendar_feed_reads_back_with_whole_days_moments_and_clashes():
    at = datetime(2026, 6, 1, 9, tzinfo=ZONE)
    items = [CalendarItem("c-1", DAY, "Call Ada; now", "line\nline"), CalendarItem("c-2", at, "Meeting", clash=True)]
    feed = icalendar.Calendar.from_ical(calendar_feed(items, name="dana", now=at))
    first, second = feed.walk("VEVENT")
    assert (first.decoded("dtstart"), first.decoded("dtend")) == (DAY, date(2026, 6, 2))
    assert first["description"] == "line\nline"
    assert second.decoded("dtstart") == datetime(2026, 6, 1, 6, tzinfo=UTC)
    assert second["summary"] == "! Meeting"
    assert first["uid"] == "c-1@touchstone"
    with pytest.raises(ValueError, match="without a zone"):
        calendar_feed([CalendarItem("x", datetime(2026, 6, 1), "x")], name="x", now=at)  # noqa: DTZ001
