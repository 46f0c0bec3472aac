"""Names, reconciliation and links on the site: shown, changed by marketers, and taken along as files."""

import io
import re
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient

from campaigns.importing import import_file
from campaigns.intake.formats import KINDS
from campaigns.settings import Settings

SPEND = "date,channel,campaign,cost\n2026-01-02,search,Search - Brand,50\n2026-01-02,tv,,10\n"
TOUCHES = "occurred_at,kind,channel,campaign,customer_id\n2026-01-02T10:00:00Z,click,search,brand_tr,C1\n"
ORDERS = "occurred_at,kind,customer_id,value,response_code\n2026-01-03T10:00:00Z,order,C1,100,MAY5\n"


@pytest.fixture
def visit(empty_app: Flask, tmp_path: Path, client_as: Callable[..., FlaskClient]) -> FlaskClient:
    """A marketer on a site with three small files."""
    database = empty_app.extensions["touchstone"].database
    for kind, text in (("spend", SPEND), ("touches", TOUCHES), ("responses", ORDERS)):
        path = tmp_path / f"{kind}.csv"
        path.write_text(text)
        import_file(database, Settings(), KINDS[kind], path)
    return client_as("marketer", empty_app)


def test_a_pair_is_confirmed_and_forgotten_again(visit: FlaskClient):
    page = visit.get("/sources/names").text
    (pair,) = re.findall(r'name="pair" value="(\w+)"', page)
    assert "search / brand_tr" in page

    confirmed = visit.post("/sources/names", data={"pair": pair}, follow_redirects=True).text
    assert "now counts as search / brand_tr" in confirmed
    assert 'name="forget" value="search / Search - Brand"' in confirmed
    forgotten = visit.post("/sources/names", data={"forget": "search / Search - Brand"}, follow_redirects=True).text
    assert "counts as itself again" in forgotten
    wrong = visit.post("/sources/names", data={"name": "nothing", "meant": "search"}, follow_redirects=True)
    assert (wrong.status_code, "This name is not known" in wrong.text) == (200, True)


def test_the_reconciliation_is_shown_and_taken_along(visit: FlaskClient):
    assert "Your files show 1 orders; we use all of them." in visit.get("/sources/reconciliation").text
    assert visit.get("/sources/reconciliation.csv").text.startswith("kind,source,month,line")
    book = openpyxl.load_workbook(io.BytesIO(visit.get("/sources/reconciliation.xlsx").data))
    assert book.sheetnames == ["Reconciliation", "Rows that do not count", "Columns"]


def test_a_link_is_made_with_its_qr_code_and_a_code_shows_its_answers(visit: FlaskClient):
    told = {"carrier": "link", "target": "https://x.com/a", "channel": "Facebook", "campaign": "spring", "ad": "blue"}
    made = visit.post("/sources/links", data=told, follow_redirects=True).text
    assert "utm_campaign=spring" in made
    (code,) = re.findall(r"/sources/links/(\w+)\.svg", made)
    assert visit.get(f"/sources/links/{code}.svg").text.lstrip().startswith("<?xml")
    assert visit.get("/sources/links/NONE.svg").status_code == 404
    coupon = {"carrier": "coupon", "target": "may-5", "channel": "print"}
    assert "may-5" in visit.post("/sources/links", data=coupon, follow_redirects=True).text
    assert "may-5,coupon,print,,,,1,0,100.0," in visit.get("/sources/links.csv").text
    for wrong in ({"carrier": "link", "target": "nowhere", "channel": "x"}, {"carrier": "coupon"}, coupon):
        assert visit.post("/sources/links", data=wrong).status_code == 422


def test_who_may_not_change_may_not(visit: FlaskClient, empty_app: Flask, client_as: Callable[..., FlaskClient]):
    assert visit.get("/sources/links").status_code == 200
    manager, sales = client_as("manager", empty_app), client_as("sales", empty_app)
    assert manager.get("/sources/names").status_code == 200
    assert manager.post("/sources/names", data={"forget": "search"}).status_code == 403
    assert sales.get("/sources/reconciliation").status_code == 403
