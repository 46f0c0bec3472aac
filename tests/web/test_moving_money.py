import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from flask import Flask

from campaigns.store import runs
from campaigns.store.database import Database
from campaigns.store.results import DrawKey, publish
from campaigns.terms import Costs, Report


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page).replace("\N{NO-BREAK SPACE}", " "))


@pytest.fixture(scope="module")
def moving_app(
    tmp_path_factory: pytest.TempPathFactory, empty_sqlite: Path, report: Report, make_site: Callable[[str], Flask]
) -> Iterator[Flask]:
    """A site upon a run that stored draws, with costs that are no ad spend, and 10,000 campaigns of one channel."""
    file = tmp_path_factory.mktemp("moving") / "touchstone.db"
    shutil.copyfile(empty_sqlite, file)
    database = Database(f"sqlite:///{file}")
    channels = tuple(
        replace(effect, ad_spend_only=Costs(spend=effect.spend / 2, cac=effect.cac, p_below_target=0.5))
        for effect in report.channels
    )
    odd = "🎁 " + "عرض " * 48
    campaigns = tuple(
        replace(report.ads[0], campaign=f"{odd}{number}", ad=None, spend=float(number)) for number in range(10_000)
    )
    with database.transaction() as session:
        run_id = runs.request(session, "order")
        runs.claim(session)
        draws = {}
        for place, effect in enumerate(channels):
            lucky = np.random.default_rng(place).normal(max(effect.acquired.mean, 1.0), 3.0, 200).clip(0.0)
            draws[DrawKey("projected", effect.channel)] = lucky
            draws[DrawKey("elasticity", effect.channel)] = np.full(200, 0.6)
        publish(session, run_id, replace(report, channels=channels, campaigns=campaigns, ads=()), draws)
        runs.end(session, run_id, runs.State.PUBLISHED, now=report.run.finished_at)
    database.dispose()
    app = make_site(f"sqlite:///{file}")
    yield app
    app.extensions["touchstone"].database.dispose()


def test_a_move_worth_looking_at_is_told_before_anybody_asks(moving_app: Flask) -> None:
    shown = words(moving_app.test_client().get("/effectiveness").text)
    told = re.search(r"Move ([\d,]+) EUR from TV to E-mail: \+(\d+) new customers , likely \+(\d+) to \+(\d+)", shown)
    assert told is not None
    assert "chance of being worse: under 1 %" in shown
    assert "Test it first" in shown


def test_the_move_that_is_asked_for_is_worked_out_in_place(moving_app: Flask) -> None:
    answer = moving_app.test_client().get(
        "/effectiveness/move?goal=order&from=display&to=search&amount=5%2C000", headers={"HX-Request": "true"}
    )
    assert "Move 5,000 EUR from Display to Search" in words(answer.text)
    assert "<html" not in answer.text


def test_without_a_script_the_whole_page_comes_with_the_move(moving_app: Flask) -> None:
    answer = moving_app.test_client().get("/effectiveness/move?goal=order&from=display&to=search&amount=5000")
    assert "Move 5,000 EUR from Display to Search" in words(answer.text)
    assert "<html" in answer.text


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("from=display&to=search&amount=99000", "Only 18,300 EUR were spent on Display in this period."),
        ("from=display&to=display&amount=10", "Choose two different channels."),
        ("from=display&to=search&amount=-10", "Write the amount as a whole number above 0."),
        ("from=display&to=search&amount=0", "Write the amount as a whole number above 0."),
        ("from=display&to=search&amount=9999999999999999", "Write the amount as a whole number above 0."),
        ("from=display&to=search&amount=%D9%A5", "Write the amount as a whole number above 0."),
    ],
)
def test_a_move_that_cannot_be_says_why(moving_app: Flask, asked: str, said: str) -> None:
    answer = moving_app.test_client().get(f"/effectiveness/move?goal=order&{asked}", headers={"HX-Request": "true"})
    assert said in words(answer.text)


def test_ad_spend_alone_can_be_counted(moving_app: Flask) -> None:
    client = moving_app.test_client()
    assert "All costs that were imported count" in words(client.get("/effectiveness").text)
    only = words(client.get("/effectiveness?costs=ads").text)
    assert "Ad spend alone counts" in only
    assert "9,150 EUR" in only


def test_ten_thousand_campaigns_have_pages_of_a_hundred(moving_app: Flask) -> None:
    client = moving_app.test_client()
    first = client.get("/effectiveness/order/channels/email")
    assert "1 to 100 of 10,000" in words(first.text)
    assert first.text.split('id="over"')[0].count("<tr>") == 101
    assert 'rel="next"' in first.text
    assert "9,901 to 10,000 of 10,000" in words(client.get("/effectiveness/order/channels/email?page=100").text)
    for wrong in ("email?page=101", "email?page=0", "email?level=x", "nothing"):
        assert client.get(f"/effectiveness/order/channels/{wrong}").status_code == 404


def test_names_in_any_script_and_length_fit_a_telephone(moving_app: Flask, page_as) -> None:  # type: ignore[no-untyped-def]
    for scheme in ("light", "dark"):
        visit = page_as("manager", app=moving_app, width=320, scheme=scheme)
        page = visit.open("/effectiveness")
        page.locator("summary", has_text="10,000 campaigns").click()
        visit.assert_fits()
        visit.open("/effectiveness/order/channels/email")
        visit.assert_fits()
        visit.assert_clean()
