"""Today, Journeys and Experiments: what each role sees, with nothing, with much, and in a browser."""

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from campaigns.store import runs, tables
from campaigns.store.database import Database
from campaigns.store.results import publish
from campaigns.terms import Changes, ExperimentFinding, NextTest, Range, Report, Soundness, TestKind

AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)

PAGES = ("/today", "/effectiveness", "/journeys", "/journeys/order/1", "/experiments?channel=tv")


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page).replace("\N{NO-BREAK SPACE}", " "))


@pytest.fixture(scope="module")
def full_app(
    tmp_path_factory: pytest.TempPathFactory, empty_sqlite: Path, report: Report, make_site: Callable[[str], Flask]
) -> Iterator[Flask]:
    """A site upon a second run that knows what changed, with tests, paths, a credited order, and old imports."""
    file = tmp_path_factory.mktemp("morning") / "touchstone.db"
    shutil.copyfile(empty_sqlite, file)
    database = Database(f"sqlite:///{file}")
    small = replace(report, ads=())
    earlier = replace(small.run, finished_at=AT - timedelta(days=30))
    finding = ExperimentFinding(
        "spring letter",
        "email",
        TestKind.PEOPLE,
        date(2026, 1, 1),
        date(2026, 1, 28),
        Soundness.SOUND,
        ("The two groups were alike before.",),
        Range(120.0, 80.0, 160.0),
        Range(130.0, 100.0, 155.0),
        treated=9_000,
        control=1_000,
    )
    test = NextTest("tv", None, 6, 1.8, 0.6, 34_000.0, "Switch TV off in a third of the regions for six weeks.")
    changes = Changes(1, AT - timedelta(days=30), ("2,100 new orders", "a new test"))
    second = replace(small, changes=changes, experiments=(finding,), next_tests=(test,))
    with database.transaction() as session:
        for found in (replace(small, run=earlier), second):
            run_id = runs.request(session, "order")
            runs.claim(session)
            publish(session, run_id, found, {})
            runs.end(session, run_id, runs.State.PUBLISHED, now=found.run.finished_at)
        _fill(session, run_id)
    database.dispose()
    app = make_site(f"sqlite:///{file}")
    yield app
    app.extensions["touchstone"].database.dispose()


def _fill(session: Any, run_id: int) -> None:
    for kind, days in (("responses", 9), ("responses", 8), ("touches", 0)):
        at = datetime.now(UTC) - timedelta(days=days)
        batch = {"kind": kind, "source": "shop <b>", "path": "x", "digest": "x", "started_at": at, "finished_at": at}
        session.add(tables.ImportBatch(**batch, rows=5_000, skipped=12))
    session.flush()
    session.add(tables.Person(id=1))
    session.flush()
    session.add(tables.Identity(id=1, kind="customer", value="C-1 ✨", person_id=1))
    session.flush()
    shared = {"batch_id": 1, "source": "x"}
    session.add(tables.Response(**shared, id=1, row_key="1", identity_id=1, occurred_at=AT, kind="order", value=12_345))
    for number, channel in ((1, "email"), (2, "display")):
        at = AT - timedelta(days=3 * number)
        row = {"id": number, "row_key": str(number), "identity_id": 1, "occurred_at": at, "channel": channel}
        session.add(tables.Touch(**shared, **row, kind="send", campaign="4", ad="عرض"))
    days = {"starts_on": date(2026, 3, 1), "ends_on": date(2099, 3, 1)}
    session.add(tables.Experiment(**shared, row_key="1", experiment="radio off", channel="radio", **days))
    session.flush()
    session.add(
        tables.ResponseCredit(
            run_id=run_id, place=1, response_id=1, baseline=0.5, baseline_p05=0.3, baseline_p95=0.7, rest=0.1
        )
    )
    for position, (touch, channel, share) in enumerate(((1, "email", 0.3), (2, "display", 0.08), (None, "tv", 0.02))):
        row = {"run_id": run_id, "place": 1, "position": position, "touch_id": touch, "channel": channel}
        session.add(tables.CreditShare(**row, share=share, p05=0.0, p95=0.6))
    for position, (channels, count, credit) in enumerate(
        (
            (["email"], 400, {"email": 200.0}),
            (["display", "email"], 100, {"display": 10.0, "email": 40.0}),
            ([], 50, {}),
        )
    ):
        row = {"run_id": run_id, "position": position, "channels": channels, "responses": count, "credit": credit}
        session.add(tables.PathCredit(**row, median_days=0.4 if not position else 6.0, baseline=count / 2))


def test_today_says_what_changed_what_to_decide_and_how_fresh_the_data_are(full_app: Flask) -> None:
    shown = words(full_app.test_client().get("/today").text)
    assert "6 channels need a decision" in shown
    assert "2,100 new orders" in shown
    assert "Since 30 Jan 2026, 12:30:" in shown
    assert "34,000 EUR spent and no new customers we can show." in shown
    assert "8 days ago older than usual" in shown
    assert "5,000 rows, 12 left out" in shown
    assert "within the last hour" in shown


def test_today_of_sales_and_front_line_tells_no_money_of_channels(
    client_as: Callable[..., Any], full_app: Flask
) -> None:
    for role in ("sales", "front_line"):
        answer = client_as(role, full_app).get("/today")
        assert answer.status_code == 200
        assert "34,000" not in words(answer.text)
        assert "Whom to speak to today" in answer.text
        for closed in PAGES[1:]:
            assert client_as(role, full_app).get(closed).status_code == 403


def test_journeys_show_paths_with_their_credit_and_time(full_app: Flask) -> None:
    shown = words(full_app.test_client().get("/journeys").text)
    assert "18 % of these orders came after touches in more than one channel" in shown
    assert "E-mail 400 3.8 % 10 hours 50 % E-mail 50 %" in shown
    assert "E-mail 40 %, Display 10 %" in shown
    assert "no touch at all" in shown
    assert "9,962 orders came by rarer paths, or by none." in shown
    assert "3 touches" in shown


def test_one_order_opens_to_its_touches_and_their_shares(full_app: Flask) -> None:
    client = full_app.test_client()
    shown = words(client.get("/journeys/order/1").text)
    assert "50 % of this order is owed to its touches" in shown
    assert "123.45 EUR" in shown
    assert "C-1 ✨" in shown
    assert "send, Campaign 4, عرض" in shown
    assert "E-mail 30 % likely 0 % to 60 %" in shown
    assert "TV 2 %" in shown
    assert "Would have come anyway 50 % likely 30 % to 70 %" in shown
    for wrong in ("/journeys/order/2", "/journeys/lead/1", "/journeys/gold/1"):
        assert client.get(wrong).status_code == 404


def test_experiments_show_what_runs_what_was_found_and_which_is_next(full_app: Flask) -> None:
    shown = words(full_app.test_client().get("/experiments?channel=tv").text)
    assert "2 of 7 channels are measured by a test" in shown
    assert "Switch TV off in a third of the regions" in shown
    assert "34,000 EUR hang on it" in shown
    assert "radio off Radio 1 Mar 2026 to 1 Mar 2099 runs" in shown
    assert "9,000 reached, 1,000 held back" in shown
    assert "120 (80 to 160) extra orders" in shown
    assert "used in the estimate The two groups were alike before." in shown


def test_a_channel_without_a_proposal_is_answered_for(full_app: Flask) -> None:
    client = full_app.test_client()
    assert "No test of Search is proposed by this run." in words(client.get("/experiments?channel=search").text)
    assert "E-mail is measured by a test already" in words(client.get("/experiments?channel=email").text)


@pytest.mark.parametrize("address", ["/today", "/journeys", "/experiments"])
def test_with_nothing_imported_each_page_says_what_to_do(empty_app: Flask, address: str) -> None:
    answer = empty_app.test_client().get(address)
    assert answer.status_code == 200
    assert re.search("There is no report yet|no journeys yet|as soon as there is a report", answer.text)


def test_two_runs_make_a_trend_with_what_changed_and_a_comparison(full_app: Flask) -> None:
    shown = words(full_app.test_client().get("/effectiveness").text)
    assert "Extra orders caused, run by run" in shown
    assert "Changed since the last run because: 2,100 new orders; a new test." in shown


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (320, "dark")])
def test_every_page_is_accessible_and_clean_in_light_and_dark(
    page_as: Callable[..., Any], full_app: Flask, width: int, scheme: str
) -> None:
    visit = page_as("manager", app=full_app, width=width, scheme=scheme)
    for address in PAGES:
        visit.open(address)
        visit.assert_fits()
        visit.assert_accessible()
    visit.assert_clean()


def test_a_chart_comes_alive_and_tells_what_the_pointer_is_on(page_as: Callable[..., Any], full_app: Flask) -> None:
    visit = page_as("manager", app=full_app)
    page = visit.open("/effectiveness")
    page.locator("#chart-extra").scroll_into_view_if_needed()
    plot = page.locator("#chart-extra .plot.wide[data-live]")
    plot.wait_for(timeout=20_000)
    assert plot.locator("svg").count() == 1
    plot.locator(".mark-tick path, .mark-rect path").first.hover()
    assert "extra orders" in page.locator(".tip").inner_text()
    visit.assert_clean()


def test_the_report_prints_to_paper(page_as: Callable[..., Any], full_app: Flask) -> None:
    page = page_as("manager", app=full_app).open("/effectiveness")
    printed = page.pdf(format="A4", prefer_css_page_size=True)
    assert printed.startswith(b"%PDF")
    assert 2 <= len(re.findall(rb"/Type /Page\b", printed)) <= 8
