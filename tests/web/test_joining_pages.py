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


def test_what_answered_a_promotion_without_a_person_counts_with_it(
    visit: FlaskClient, empty_app: Flask, tmp_path: Path
):
    """A coupon of a shop, a media code and a phone number: nobody is named, and each counts with its promotion."""
    database = empty_app.extensions["touchstone"].database
    files = {
        "promotions": "promotion,name,response_code,starts_on\n"
        "spring,Spring,SHOP-9,2026-01-01\n"
        "tv-spot,Spot,,2026-01-01\n",
        "responses": "occurred_at,kind,value,response_code,promotion,customer_id\n"
        "2026-01-04T10:00:00Z,order,10,shop 9,,\n"
        "2026-01-04T11:00:00Z,order,20,SHOP9,,C7\n"
        "2026-01-05T10:00:00Z,order,30,0212 123 45 67,,\n"
        "2026-01-06T10:00:00Z,order,40,,spring,\n",
    }
    phone = {"carrier": "phone", "target": "+90 212 123 45 67", "channel": "tv", "promotion": "tv-spot"}
    visit.post("/sources/links", data=phone, follow_redirects=True)
    for kind, text in files.items():
        (tmp_path / f"{kind}.csv").write_text(text)
        import_file(database, Settings(), KINDS[kind], tmp_path / f"{kind}.csv")

    page = visit.get("/promotions").text
    counted = dict(re.findall(r'<bdi>(\w+)</bdi></a>.*?data-label="Answered">(\d+)<', page, re.DOTALL))
    assert counted == {"Spring": "3", "Spot": "1"}
    shown = visit.get("/promotions/of?key=spring", follow_redirects=True).text
    assert "3, 2 of them by nobody known" in shown
    told = visit.get("/sources/reconciliation").text
    assert "Your files show 5 orders; we use all of them." in told
