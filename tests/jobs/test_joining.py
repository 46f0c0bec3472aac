"""Doctor says what keeps orders, touches and spend from meeting, and what to do about it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from campaigns.importing import import_file
from campaigns.intake.formats import KINDS
from campaigns.settings import Settings
from campaigns.store.database import Database
from jobs.cli import main
from jobs.findings import Finding, Grade
from jobs.joining import join_findings

SPEND = "date,channel,campaign,cost\n2026-01-02,google ads,Search - Brand,50\n2026-01-02,email,news,10\n"
TOUCHES = """occurred_at,kind,channel,campaign,identifier_kind,identifier
2026-01-02T10:00:00Z,click,search,brand_tr,cookie,x
2026-01-02T10:00:00Z,send,email,news,email,ada@x.com
"""
ORDERS = "occurred_at,kind,customer_id,value\n2026-01-03T10:00:00Z,order,C1,100\n2026-01-04T10:00:00Z,order,C2,200\n"


def fill(database: Database, folder: Path, **texts: str) -> None:
    for kind, text in texts.items():
        path = folder / f"{kind}.csv"
        path.write_text(text)
        import_file(database, Settings(), KINDS[kind], path)


def found(database: Database) -> dict[str, Finding]:
    return {finding.name: finding for finding in join_findings(database, Settings())}


def test_three_files_that_know_people_by_different_things_are_told_so(database: Database, tmp_path: Path):
    assert found(database) == {}
    fill(database, tmp_path, spend=SPEND, touches=TOUCHES, responses=ORDERS)
    persons, names = found(database)["persons"], found(database)["names"]
    assert (persons.grade, "orders by customer" in persons.sentence) == (Grade.BAD, True)
    assert (names.grade, "google ads" in names.sentence) == (Grade.NOTICE, True)

    fill(database, tmp_path, customers="customer_id,email\nC1,ada@x.com\n")
    assert found(database)["persons"] == Finding(
        "persons", Grade.GOOD, "50% of 2 orders are by somebody who was touched"
    )


def test_months_that_do_not_overlap_are_told(sqlite_database: Database, tmp_path: Path):
    fill(sqlite_database, tmp_path, touches=TOUCHES, responses=ORDERS.replace("2026-01-0", "2025-03-0"))
    assert found(sqlite_database)["times"].grade is Grade.BAD


@pytest.fixture
def run(sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    fill(sqlite_database, tmp_path, spend=SPEND, touches=TOUCHES, responses=ORDERS)
    monkeypatch.chdir(tmp_path)

    def typed(*words: str) -> Result:
        return CliRunner().invoke(main, words, catch_exceptions=False)

    return typed


def test_pairs_are_shown_confirmed_and_forgotten(run: Callable[..., Result]):
    shown = run("doctor", "names").stdout
    assert "google ads / Search - Brand" in shown
    confirmed = run("doctor", "names", "--confirm", "google ads/search - brand = search / brand_tr", "--json")
    assert confirmed.exit_code == 0
    assert '"means": {\n        "channel": "search"' in confirmed.stdout
    assert run("doctor", "names", "--forget", "google ads / Search - Brand").exit_code == 0
    for words in (("--confirm", "abc"), ("--confirm", "a=b"), ("--forget", "email / news")):
        refused = run("doctor", "names", *words)
        assert (refused.exit_code, "Refused." in refused.stderr) == (1, True), words


def test_the_reconciliation_is_a_sentence_a_document_and_a_file(run: Callable[..., Result], tmp_path: Path):
    assert "Your files show 2 orders; we use all of them." in run("doctor", "reconciliation").stdout
    assert '"orders": 2' in run("doctor", "reconciliation", "--json", "--out", "r.csv").stdout
    assert (tmp_path / "r.csv").read_text().startswith("kind,source,month,line,rows")
    assert run("doctor", "reconciliation", "--out", "r.xlsx").exit_code == 0
    assert run("doctor", "reconciliation", "--out", "r.doc").exit_code == 2


def test_links_codes_and_numbers_are_made_listed_and_retired(run: Callable[..., Result], tmp_path: Path):
    made = run("links", "make", "https://x.com", "--channel", "e-mail", "--campaign", "news", "--qr", "q.png")
    assert made.stdout.startswith("https://x.com/?utm_source=newsletter&utm_medium=email&utm_campaign=news")
    assert (tmp_path / "q.png").read_bytes().startswith(b"\x89PNG")
    assert run("links", "code", "MAY5", "--channel", "print", "--promotion", "spring").stdout == "MAY5\n"
    assert run("links", "phone", "0212 123 45 67", "--region", "TR", "--channel", "tv").stdout == "+902121234567\n"
    assert run("links", "list", "--out", "links.csv").exit_code == 0
    assert len((tmp_path / "links.csv").read_text().splitlines()) == 4
    assert run("links", "retire", "may-5").exit_code == 0
    assert run("links", "retire", "may-5").exit_code == 1
    assert run("links", "make", "nowhere", "--channel", "email", "--campaign", "x").exit_code == 1
