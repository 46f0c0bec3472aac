"""The manager's story: claims against orders, a channel opened, costs counted otherwise, money moved, a file."""

from __future__ import annotations

import io
import re
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from campaigns.reporting.costing import Costing, counting
from campaigns.reporting.lines import ad_lines, channel_lines
from campaigns.store.results import published_report
from campaigns.terms import Report
from tests.web.stories.firm import LOOKS, WAIT, Firm, follow


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_a_manager_reads_what_works_moves_money_and_takes_the_same_numbers_along(
    firm: Firm, width: int, scheme: str
) -> None:
    tell(firm, width, scheme)


@pytest.mark.slow
@pytest.mark.database
def test_the_same_story_on_postgresql(firm_on_postgresql: Firm) -> None:
    tell(firm_on_postgresql, 1280, "light")


def tell(firm: Firm, width: int, scheme: str) -> None:
    report = published_report(firm.database)
    assert report is not None
    visit = firm.sign_in("mia", width, scheme)
    page: Page = visit.page
    follow(page, "Effectiveness")
    reads_claims_against_orders(visit, report)
    firm.look(visit)
    opens_a_channel_to_its_ads(firm, visit, report)
    counts_ad_spend_alone(visit, report)
    reads_what_moving_money_does(visit)
    firm.look(visit)
    prints_it(visit)
    takes_a_file_along_that_agrees(visit, report)
    visit.assert_clean()


def reads_claims_against_orders(visit: Any, report: Report) -> None:
    """Platforms claim 6,430 orders; the report says how many there were, and how many of them they caused."""
    page: Page = visit.page
    claimed = sum(effect.claimed or 0.0 for effect in report.channels)
    claiming = [effect for effect in report.channels if effect.claimed]
    headline = page.get_by_role("heading", level=1).inner_text()
    assert f"{claimed:,.0f}" in headline
    caused = round(sum(effect.incremental.mean for effect in claiming), -2)
    assert f"They caused about {caused:,.0f}." in headline
    facts = page.locator("dl.facts").inner_text()
    assert f"{report.run.responses:,}" in facts
    assert claimed > caused


def opens_a_channel_to_its_ads(firm: Firm, visit: Any, report: Report) -> None:
    page: Page = visit.page
    summary = page.locator("summary", has_text="4 ads of Display")
    summary.click()
    inner = page.locator("details[open] table.ads tbody tr")
    lines = [line for line in ad_lines(report) if line.effect.channel == "display"]
    assert inner.count() == len(lines) == 4
    for line in lines:
        shown = plain(inner.filter(has_text=line.name).inner_text())
        for figure in (line.word, line.spend, line.extra, line.cost):
            assert plain(figure) in shown
    page.goto(f"{visit.home}/effectiveness/order/channels/display")
    spent = [amount(text) for text in page.locator("table.ads tbody tr td:nth-of-type(2)").all_inner_texts()]
    (whole,) = (effect.spend for effect in report.channels if effect.channel == "display")
    assert sum(spent) == pytest.approx(whole, abs=len(spent))
    firm.look(visit)
    page.go_back()


def counts_ad_spend_alone(visit: Any, report: Report) -> None:
    page: Page = visit.page
    shown_is(visit, report)
    page.get_by_role("link", name="Ad spend only").click()
    page.get_by_text("Ad spend alone counts").wait_for()
    shown_is(visit, counting(report, Costing.ADS))
    assert page.get_by_role("link", name="Ad spend only").get_attribute("aria-current") == "true"


def shown_is(visit: Any, report: Report) -> None:
    """Every channel's spend, extra orders, cost and verdict on the page are those of the report."""
    for line in channel_lines(report):
        row = visit.page.locator(f'tr[data-channel="{line.effect.channel}"]')
        cells = [plain(text) for text in row.locator("td").all_inner_texts()]
        assert plain(line.spend) in cells[1]
        assert plain(line.extra) in cells[3]
        assert plain(line.cost) in cells[4]
        assert cells[0] == line.word


def reads_what_moving_money_does(visit: Any) -> None:
    """The move is worked out in place when the amount changes, and cannot be larger than what there is."""
    page: Page = visit.page
    move = page.locator("#move")
    move.locator("select[name=from]").select_option("display")
    move.locator("select[name=to]").select_option("search")
    move.get_by_label("Amount, EUR").fill("2000")
    page.keyboard.press("Tab")
    told = move.locator(".told")
    expect(told).to_contain_text("Move 2,000 EUR from Display to Search", timeout=WAIT)
    small = gain(told.inner_text())
    move.get_by_label("Amount, EUR").fill("4000")
    page.keyboard.press("Tab")
    expect(told).to_contain_text("Move 4,000 EUR from Display to Search", timeout=WAIT)
    large = gain(told.inner_text())
    assert 0 < small < large
    assert "chance of being worse" in told.inner_text()
    move.get_by_label("Amount, EUR").fill("999000")
    page.keyboard.press("Tab")
    expect(move.locator(".caution")).to_contain_text("were spent on Display in this period", timeout=WAIT)


def prints_it(visit: Any) -> None:
    page: Page = visit.page
    with page.expect_download() as download:
        page.get_by_role("link", name="PDF").click()
    body = download.value.path().read_bytes()
    assert body.startswith(b"%PDF-")
    assert b"%%EOF" in body[-1024:]
    assert len(body) > 10_000
    page.emulate_media(media="print")
    assert not page.locator("header.site").is_visible()
    assert page.locator("table.lines").first.is_visible()
    page.emulate_media(media="screen")


def takes_a_file_along_that_agrees(visit: Any, report: Report) -> None:
    """The workbook holds what the page shows, costs counted as on the page."""
    page: Page = visit.page
    with page.expect_download() as download:
        page.get_by_role("link", name="Excel").click()
    book = openpyxl.load_workbook(io.BytesIO(download.value.path().read_bytes()))
    counted = counting(report, Costing.ADS)
    names, *rows = book["Channels"].iter_rows(values_only=True)
    found = {row[names.index("channel")]: dict(zip(names, row, strict=True)) for row in rows}
    verdicts = {row[1]: row for row in book["Verdicts"].iter_rows(min_row=2, values_only=True) if row[0] == "channel"}
    for line in channel_lines(counted):
        name = line.effect.channel
        cells = [plain(text) for text in page.locator(f'tr[data-channel="{name}"] td').all_inner_texts()]
        assert found[name]["spend"] == pytest.approx(amount(cells[1]), abs=0.5)
        assert found[name]["spend"] == pytest.approx(line.effect.spend)
        assert found[name]["incremental_mean"] == pytest.approx(line.effect.incremental.mean)
        known = max(0.5, 0.1 * (line.effect.incremental.p95 - line.effect.incremental.p05))  # the page rounds to it
        assert found[name]["incremental_mean"] == pytest.approx(amount(cells[3].split(" ")[0]), abs=known)
        assert verdicts[name][5] == cells[0]


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("\N{NO-BREAK SPACE}", " ")).strip()


def amount(text: str) -> float:
    return float(re.sub(r"[^\d.-]", "", plain(text)))


def gain(text: str) -> int:
    found = re.search(r": \+([\d,]+) ", plain(text))
    assert found is not None, text
    return int(found[1].replace(",", ""))
