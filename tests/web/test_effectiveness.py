import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from campaigns.reporting.lines import ad_lines, channel_lines
from campaigns.store import runs, tables
from campaigns.store.database import Database
from campaigns.store.results import publish, published_report
from campaigns.terms import Report


def words(page: str) -> str:
    """The text of a page, as read."""
    body = re.sub(r"<[^>]+>", " ", page.split("<body>")[1])
    for entity, character in (("&amp;", "&"), ("&#39;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&#34;", '"')):
        body = body.replace(entity, character)
    return re.sub(r"\s+", " ", body.replace("\N{NO-BREAK SPACE}", " "))


@pytest.mark.parametrize("address", ["/effectiveness", "/effectiveness?goal=order"])
def test_the_report_of_the_database_is_shown_with_every_figure(
    client: FlaskClient, report: Report, address: str
) -> None:
    answer = client.get(address)
    assert answer.status_code == 200
    shown = words(answer.text)
    assert "Of 10,512 orders, about 2,470 would not have come without advertising" in shown
    for line in (*channel_lines(report), *ad_lines(report)):
        for figure in (line.name, line.spend, line.extra, line.extra_range, line.credited, line.cost, line.cost_range):
            assert figure.replace("\N{NO-BREAK SPACE}", " ") in shown
    for line in channel_lines(report):
        assert line.reason.replace("\N{NO-BREAK SPACE}", " ") in shown


def test_the_target_that_promotions_set_is_named_in_words_and_in_the_chart(client: FlaskClient) -> None:
    shown = words(client.get("/effectiveness").text)
    assert "held against the target that your promotions set (40 EUR)" in shown
    assert "below your 40 EUR target (chance it beats that: 97 %)" in shown
    assert "your 40 EUR target" in client.get("/charts/order/cost.svg").text.replace("\N{NO-BREAK SPACE}", " ")


def test_the_foot_says_until_when_how_sure_and_how_much_was_linked(client: FlaskClient) -> None:
    shown = words(client.get("/effectiveness").text)
    assert "Data to 2 Mar 2026, calculated 3 Mar 2026, 04:41." in shown
    assert "64 % of orders could be linked to at least one touch." in shown
    assert "This run: use with care. On 14 of 150 days there were more orders than expected" in shown


def test_the_page_loads_one_small_script_and_needs_no_inline_style(client: FlaskClient) -> None:
    page = client.get("/effectiveness").text
    assert re.findall(r'<script src="([^"?]+)', page) == ["/static/charts.js"]
    assert not re.search(r"<style|\sstyle=|\son\w+=", page)
    assert "http-equiv" not in page


def test_charts_are_drawn_into_the_page_once_for_each_kind_of_screen(client: FlaskClient) -> None:
    page = client.get("/effectiveness").text
    for shape in ("wide", "narrow"):
        assert page.count(f'<svg class="chart {shape}"') == 3
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", ["extra", "cost", "ads"])
def test_each_chart_can_be_saved_as_a_file(client: FlaskClient, name: str) -> None:
    page = client.get("/effectiveness").text
    drawn = client.get(f"/charts/order/{name}.svg")
    assert f"/charts/order/{name}.svg" in page
    assert drawn.mimetype == "image/svg+xml"
    assert drawn.text.startswith("<svg")
    assert drawn.headers["Content-Disposition"] == f'attachment; filename="{name}-2026-03-02.svg"'


def test_a_chart_can_be_saved_as_an_image(client: FlaskClient) -> None:
    image = client.get("/charts/order/cost.png")
    assert image.mimetype == "image/png"
    assert image.data.startswith(b"\x89PNG")


def test_the_report_can_be_saved_as_one_file(client: FlaskClient) -> None:
    saved = client.get("/effectiveness/order/report.html")
    assert 'attachment; filename="effectiveness-2026-03-02.html"' in saved.headers["Content-Disposition"]
    assert "<style>" in saved.text
    assert "Of 10,512 orders" in saved.text


@pytest.mark.parametrize(
    "address",
    [
        "/charts/order/none.svg",
        "/charts/order/extra.gif",
        "/charts/lead/extra.svg",
        "/effectiveness?goal=gold",
        "/effectiveness?goal=%00",
    ],
)
def test_what_is_not_there_is_a_page_that_says_so(client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 404
    assert "There is no such page" in answer.text
    assert "Touchstone" in answer.text


def test_a_newer_published_run_takes_the_place_of_the_older_one(written_app: Flask, report: Report) -> None:
    client = written_app.test_client()
    assert "10,512" in client.get("/effectiveness").text
    database = written_app.extensions["touchstone"].database
    newer = replace(
        report,
        channels=report.channels[:2],
        ads=(),
        run=replace(report.run, responses=11_000, finished_at=datetime(2026, 3, 4, 1, tzinfo=UTC)),
    )
    _publish(database, newer)
    shown = client.get("/effectiveness").text
    assert "11,000" in shown
    assert "10,512" not in shown


def test_a_run_that_failed_leaves_the_last_good_report_and_says_why(written_app: Flask, report: Report) -> None:
    database = written_app.extensions["touchstone"].database
    with database.transaction() as session:
        run_id = runs.request(session, "order")
        runs.claim(session, run_id)
        publish(session, run_id, replace(report, run=replace(report.run, responses=99_999)), {})
        runs.end(session, run_id, runs.State.FAILED, "two calculations disagree")
    shown = words(written_app.test_client().get("/effectiveness").text)
    assert "The last run was not published" in shown
    assert "Two calculations disagree. The last good report, if there is one, still stands." in shown
    assert "10,512" in shown
    assert "99,999" not in shown


def test_several_goals_can_be_chosen_between(written_app: Flask, report: Report) -> None:
    client = written_app.test_client()
    assert 'aria-label="Reports"' not in client.get("/effectiveness").text
    _publish(
        written_app.extensions["touchstone"].database, replace(report, ads=(), run=replace(report.run, goal="lead"))
    )
    page = client.get("/effectiveness").text
    assert 'aria-label="Reports"' in page
    assert "would not have come" in page
    leads = words(client.get("/effectiveness?goal=lead").text)
    assert "Of 10,512 leads" in leads
    assert "Cost per new lead" in leads


def test_an_empty_database_leads_to_the_first_three_files(empty_app: Flask) -> None:
    answer = empty_app.test_client().get("/effectiveness")
    shown = words(answer.text)
    assert answer.status_code == 200
    assert "Three files, and you see which ads win customers" in shown
    for command in (
        "touchstone import responses",
        "touchstone import spend",
        "touchstone import touches",
        "touchstone fit",
    ):
        assert command in shown
    assert "Run now" not in shown


def test_the_first_page_ticks_off_what_is_imported_and_offers_the_run(empty_app: Flask) -> None:
    database: Database = empty_app.extensions["touchstone"].database
    _import_one_of_each(database)
    shown = words(empty_app.test_client().get("/effectiveness").text)
    assert shown.count("1 rows imported") == 0
    assert shown.count("1 row imported") == 3
    assert "Your three files are in" in shown
    assert "Run now" in shown


def test_the_page_shows_what_the_store_returns(published_app: Flask, report: Report) -> None:
    stored = published_report(published_app.extensions["touchstone"].database)
    assert stored is not None
    assert stored.channels == report.channels
    assert stored.ads == report.ads


def _publish(database: Database, report: Report) -> None:
    with database.transaction() as session:
        run_id = runs.request(session, report.run.goal)
        runs.claim(session, run_id)
        publish(session, run_id, report, {})
        runs.end(session, run_id, runs.State.PUBLISHED, now=report.run.finished_at)


def _import_one_of_each(database: Database) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    with database.transaction() as session:
        batch = tables.ImportBatch(kind="spend", source="x", path="x", digest="x", started_at=at, finished_at=at)
        session.add_all([batch, tables.Person(id=1)])
        session.flush()
        session.add(tables.Identity(id=1, kind="customer", value="C1", person_id=1))
        session.flush()
        shared = {"batch_id": batch.id, "source": "x", "row_key": "1"}
        session.add(tables.Spend(**shared, date=at.date(), channel="tv", cost=100, cost_kind="media"))
        session.add(tables.Touch(**shared, identity_id=1, occurred_at=at, channel="email", kind="send"))
        session.add(tables.Response(**shared, identity_id=1, occurred_at=at, kind="order"))
