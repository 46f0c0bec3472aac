"""Sources on the site: files arrive, are looked at, mapped by hand, imported or refused, and told of."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import select

from campaigns.settings import Settings
from campaigns.store.tables import Opportunity, Upload
from campaigns.store.uploads import State
from campaigns.uploads.working import work_off
from tests.platforms.golden import GOOGLE, META, SHOPIFY
from web import upload_limit, uploads, uploads_part

AGENCY = "Wann;Wo;Wieviel\n01.05.2026;TV;1.234,50\n02.05.2026;Radio;10,00\n"
FAULTY = "date,channel,cost\n2026-05-01,tv,10\nsoon,tv,20\n2026-05-03,tv,=1+1\n"


@pytest.fixture
def here(
    make_site: Callable[..., Flask], sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Flask]:
    """A site on an empty database, whose imports are worked off when ``work`` is called."""
    app = make_site(sqlite_url, uploads=str(tmp_path / "uploads"), mappings=str(tmp_path / "mappings"))
    for module in (uploads, uploads_part):
        monkeypatch.setattr(module, "start_worker", lambda _settings: None)
    yield app
    app.extensions["touchstone"].database.dispose()


@pytest.fixture
def marketer(here: Flask, client_as: Callable[..., FlaskClient]) -> FlaskClient:
    return client_as("marketer", here)


def settings_of(app: Flask) -> Settings:
    return app.extensions["touchstone"].settings  # type: ignore[no-any-return]


def work(app: Flask) -> None:
    work_off(app.extensions["touchstone"].database, settings_of(app))


def send(client: FlaskClient, *files: tuple[str, str | bytes], **more: str) -> str:
    """Upload files as the form does; return the page that comes next."""
    sent = [(io.BytesIO(data if isinstance(data, bytes) else data.encode()), name) for name, data in files]
    answer = client.post("/sources/uploads", data={"files": sent, **more}, follow_redirects=True)
    assert answer.status_code == 200
    return answer.text


def test_a_known_export_is_recognised_shown_and_imported_and_told_of(here: Flask, marketer: FlaskClient) -> None:
    page = send(marketer, ("report.csv", GOOGLE))
    assert "Google Ads report. It makes: Spend." in page
    assert "The first rows as they would be stored: Spend" in page
    started = marketer.post("/sources/uploads/1/import", follow_redirects=True).text
    assert "You can leave this page" in started
    assert 'hx-get="/sources/uploads"' in started

    work(here)
    assert "Spend: 3 new." in marketer.get("/sources/uploads/1").text
    hub = marketer.get("/sources").text
    assert "1 source has been imported" in hub
    assert not list(Path(settings_of(here).uploads).glob("0*"))
    (number,) = set(re.findall(r"/sources/imports/(\d+)\"", hub))
    assert "report.csv" in marketer.get(f"/sources/imports/{number}").text

    changed = GOOGLE.replace("1,234.50", "1,000.00") if "1,234.50" in GOOGLE else GOOGLE
    send(marketer, ("report.csv", changed))
    marketer.post("/sources/uploads/2/import")
    work(here)
    told = marketer.get("/sources/uploads/2").text
    assert "there already" in told or "changed" in told


def test_several_files_arrive_at_once_and_are_imported_by_one_button(here: Flask, marketer: FlaskClient) -> None:
    page = send(marketer, ("orders.csv", SHOPIFY), ("google.csv", GOOGLE), back="first")
    assert "Import all 2 files" in page
    assert "Three files, and you see which ads win customers" in page
    marketer.post("/sources/uploads/import", data={"back": "first"})
    work(here)
    first = marketer.get("/effectiveness").text
    assert first.count('class="done"') == 2
    shop = marketer.get("/sources").text
    assert "test" in shop
    assert "Import all" not in shop


def test_an_unknown_file_is_mapped_by_hand_kept_by_name_and_recognised_the_next_time(
    here: Flask, marketer: FlaskClient
) -> None:
    send(marketer, ("agency.csv", AGENCY))
    form = marketer.get("/sources/uploads/1?kind=spend").text
    assert '<option value="Wieviel"' in form
    nothing = marketer.post("/sources/uploads/1/columns", data={"kind": "spend"}, follow_redirects=True).text
    assert "cannot be read by these columns" in nothing
    chosen = {"kind": "spend", "column-date": "Wann", "column-channel": "Wo", "column-cost": "Wieviel"}
    shown = marketer.post(
        "/sources/uploads/1/columns", data={**chosen, "fixed-campaign": "May"}, follow_redirects=True
    ).text
    assert "1234.50" in shown
    assert "May" in shown
    refused = marketer.post("/sources/uploads/1/keep", data={"name": "My Agency"}, follow_redirects=True).text
    assert "cannot be the name of a mapping" in refused
    assert (
        "kept as agency"
        in marketer.post("/sources/uploads/1/keep", data={"name": "agency"}, follow_redirects=True).text
    )
    marketer.post("/sources/uploads/1/import")
    work(here)
    assert "Spend: 2 new." in marketer.get("/sources/uploads/1").text
    assert ">agency</option>" in send(marketer, ("again.csv", AGENCY))


def test_a_faulty_file_is_refused_with_its_faults_to_take_along_and_then_taken_without_them(
    here: Flask, marketer: FlaskClient
) -> None:
    send(marketer, ("spend.csv", FAULTY))
    marketer.post("/sources/uploads/1/import")
    work(here)
    page = marketer.get("/sources/uploads/1").text
    assert "2 faults" in page
    assert "line 3, date: found soon" in page
    assert "line,column,found,expected,sheet" in marketer.get("/sources/uploads/1/faults.csv").text
    book = openpyxl.load_workbook(io.BytesIO(marketer.get("/sources/uploads/1/faults.xlsx").data))
    assert [row[2] for row in book["Faults"].iter_rows(min_row=2, values_only=True)] == ["soon", "'=1+1"]

    marketer.post("/sources/uploads/1/import", data={"skip": "yes"})
    work(here)
    assert "1 new, 2 left out as faulty" in marketer.get("/sources/uploads/1").text
    (number,) = set(re.findall(r"/sources/imports/(\d+)/faults.csv", marketer.get("/sources").text))
    rows = marketer.get(f"/sources/imports/{number}/faults.csv").text.splitlines()
    assert rows[1].startswith("3,date,soon,")
    assert rows[1].endswith("date: soon; channel: tv; cost: 20")


def test_what_cannot_be_read_says_why_and_can_be_thrown_away(marketer: FlaskClient) -> None:
    page = send(marketer, ("list.csv", "a,b\n1,2\n"))
    assert "columns that tell nothing" in page
    assert "Import it" not in page
    gone = marketer.post("/sources/uploads/1/discard", follow_redirects=True).text
    assert "was thrown away" in gone
    assert marketer.post("/sources/uploads/1/columns", data={"kind": "spend"}).status_code == 404


def test_what_is_no_table_or_too_large_or_a_bomb_is_not_taken(
    marketer: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "was not taken" in send(marketer, ("photo.png", b"\x89PNG"))
    assert "was not taken" in send(marketer, ("empty.csv", ""))
    monkeypatch.setattr(uploads, "LARGEST_FILE", 100)
    assert "is larger than" in send(marketer, ("long.csv", "x" * 101))
    monkeypatch.undo()
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", b"0" * (80 << 20))
    assert "unpacks to" in send(marketer, ("bomb.zip", bomb.getvalue()))


def test_a_request_beyond_the_limit_and_a_strangers_large_one_are_refused(
    here: Flask, marketer: FlaskClient, client_as: Callable[..., FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload_limit, "LARGEST_UPLOAD", 200_000)
    large = {"files": [(io.BytesIO(b"x" * 300_000), "large.csv")]}
    assert marketer.post("/sources/uploads", data=large).status_code == 413
    again = {"files": [(io.BytesIO(b"x" * 100_000), "large.csv")]}
    assert client_as("manager", here).post("/sources/uploads", data=again).status_code in (403, 413)


def test_an_interrupted_import_says_so_and_nothing_is_lost(here: Flask, marketer: FlaskClient) -> None:
    send(marketer, ("report.csv", GOOGLE))
    database = here.extensions["touchstone"].database
    with database.transaction() as session:
        session.get_one(Upload, 1).state = State.RUNNING
    work(here)
    page = marketer.get("/sources/uploads/1").text
    assert "It was interrupted." in page
    marketer.post("/sources/uploads/1/import")
    work(here)
    assert "Spend: 3 new." in marketer.get("/sources/uploads/1").text


def test_a_script_is_told_where_to_go_on(marketer: FlaskClient) -> None:
    data = {"files": [(io.BytesIO(GOOGLE.encode()), "report.csv")]}
    answer = marketer.post("/sources/uploads", data=data, headers={"X-Requested-With": "XMLHttpRequest"})
    assert (answer.status_code, answer.headers["X-Next"]) == (204, "/sources/uploads/1")


@pytest.mark.parametrize(("width", "scheme"), [pytest.param(1280, "light", marks=pytest.mark.slow), (320, "dark")])
def test_files_are_uploaded_in_a_browser_that_shows_them_well(
    here: Flask, page_as: Callable[..., Any], tmp_path: Path, width: int, scheme: str
) -> None:
    desk = tmp_path / "desk"
    desk.mkdir()
    for name, text in (("report.csv", GOOGLE), (f"\u0627\U0001f600 a very long name {'x' * 150}.csv", AGENCY)):
        (desk / name).write_text(text, "utf-8")
    visit = page_as("marketer", app=here, width=width, scheme=scheme)
    page = visit.open("/sources")
    page.locator("#files").set_input_files(sorted(desk.iterdir()))
    page.get_by_role("button", name="Upload").click()
    page.locator(".arrived li").nth(1).wait_for()
    for address in ("/sources", "/effectiveness", "/sources/uploads/1?kind=spend", "/sources/uploads/2"):
        visit.open(address)
        visit.assert_fits()
        visit.assert_accessible()
    visit.assert_clean()


@pytest.mark.parametrize(
    ("role", "sees", "sends"), [("manager", 200, 403), ("sales", 403, 403), ("front_line", 403, 403)]
)
def test_who_may_not_bring_files_in_may_not(
    here: Flask, client_as: Callable[..., FlaskClient], role: str, sees: int, sends: int
) -> None:
    client = client_as(role, here)
    assert client.get("/sources").status_code == sees
    assert client.post("/sources/uploads", data={"files": (io.BytesIO(b"a"), "a.csv")}).status_code == sends
    assert client.post("/sources/uploads/import").status_code == sends
    assert "Drop files here" not in client.get("/sources").text


def test_dates_that_may_mean_two_days_are_asked_for_and_then_imported(here: Flask, marketer: FlaskClient) -> None:
    header = "Opportunity ID,Stage,Amount,Close Date,Closed,Won,Created Date,Opportunity Owner,Account Name\n"
    page = send(marketer, ("deals.csv", f"{header}0061,Closed Won,10,3/5/2026,1,1,1/5/2026,Dana,Acme\n"))
    assert "What comes first?" in page
    assert "Import it" not in page
    assert marketer.post("/sources/uploads/1/dates", data={"order": "backwards"}).status_code == 404
    told = marketer.post("/sources/uploads/1/dates", data={"order": "day first"}, follow_redirects=True).text
    assert "Salesforce opportunities. It makes: " in told
    assert "What comes first?" not in told
    assert "2026-05-01" in told
    marketer.post("/sources/uploads/1/import")
    work(here)
    with here.extensions["touchstone"].database.reading() as session:
        deal = session.exec(select(Opportunity)).one()
        assert deal.closed_on is not None
        assert (deal.closed_on - deal.opened_on).days == 2  # the other way round it would be two months


def test_what_a_file_is_and_what_is_wrong_with_it_is_told_in_turkish(marketer: FlaskClient) -> None:
    turkish = {"Accept-Language": "tr"}
    send(marketer, ("report.csv", GOOGLE.replace("Day,", "Week,")), ("meta.csv", META))
    page = marketer.get("/sources/uploads/1", headers=turkish).text
    assert "güne göre bir rapor: Google Ads" in page
    assert "a report by day" not in page
    page = marketer.get("/sources/uploads/2", headers=turkish).text
    assert "Meta Ads dışa aktarımı" in page
    assert "dışarıda bırakıldı; çünkü" in page
    assert "left out as" not in page
