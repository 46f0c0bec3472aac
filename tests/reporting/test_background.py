from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from campaigns.reporting.background import (
    Background,
    Budget,
    Worth,
    against_budget,
    comparisons,
    moments,
    months_to_pay_back,
    payback_rows,
    trend,
)
from campaigns.reporting.content import report_charts, report_content
from campaigns.reporting.costing import Costing, counting, differs
from campaigns.reporting.drawing import svg, vega
from campaigns.reporting.moving import Curve, Move
from campaigns.reporting.naming import campaign_name, subject
from campaigns.reporting.suggestion import move_words, suggest
from campaigns.terms import Changes, Cost, Costs, Range, Report, Window


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def then(report: Report, days: int, run_id: int) -> Report:
    """The same report, so many days before."""
    window = Window(report.run.window.start - timedelta(days=days), report.run.window.end - timedelta(days=days))
    run = replace(report.run, id=run_id, window=window, finished_at=report.run.finished_at - timedelta(days=days))
    return replace(report, run=run, ads=())


def curves() -> tuple[Curve, Curve]:
    draws = np.linspace(0.9, 1.1, 50)
    return (
        Curve("display", 18_300.0, 40.0 * draws, np.full(50, 0.6)),
        Curve("search", 21_700.0, 688.0 * draws, np.full(50, 0.6)),
    )


def test_the_trend_is_in_the_order_of_time_and_has_this_run_once(report: Report) -> None:
    earlier = (then(report, 30, 5), then(report, 7, 6), report)
    assert [found.run.id for found in trend(report, Background(earlier=earlier))] == [5, 6, 7]
    told = moments(trend(report, Background(earlier=earlier)))
    assert [moment.on for moment in told] == ["3 Mar 2026", "24 Feb 2026", "1 Feb 2026"]


def test_what_changed_stands_beside_its_run(report: Report) -> None:
    changed = replace(report, changes=Changes(6, datetime(2026, 2, 24, tzinfo=UTC), ("2,100 new orders", "a new test")))
    assert moments((changed,))[0].notes == "2,100 new orders; a new test"
    assert report_content(replace(changed, ads=())).changed == ("2,100 new orders", "a new test")


def test_a_report_is_held_against_a_month_and_a_year_ago_where_runs_are_near(report: Report) -> None:
    earlier = (then(report, 362, 1), then(report, 200, 2), then(report, 33, 3), then(report, 1, 6))
    titles = [held.title for held in comparisons(report, Background(earlier=earlier))]
    assert [title.split(" (")[0] for title in titles] == ["A month ago", "A year ago"]
    assert comparisons(report, Background(earlier=(then(report, 60, 2),))) == ()


def test_a_range_that_overlaps_its_past_is_no_change(report: Report) -> None:
    (month,) = comparisons(report, Background(earlier=(then(report, 30, 5),)))
    rows = {row[0]: row for row in month.rows}
    assert rows["extra orders caused"][3] == "within what is likely"
    assert plain(rows["orders"][3]) == "±0.0 %"


def test_spend_is_held_against_budgets_that_were_set(report: Report) -> None:
    held = against_budget(report, Budget({"spring": 50_000.0, "trail": 40_000.0}))
    assert held is not None
    assert held.title == "Budgets of 2 promotions of these days"
    assert [plain(cell) for cell in held.rows[0]] == ["spend", "90,000 EUR", "95,080 EUR", "+5.6 %"]
    assert against_budget(report, Budget({})) is None


def test_the_month_of_payback_is_counted_by_hand() -> None:
    worth = Worth((12.0, 6.0, 6.0), 400)
    assert months_to_pay_back(Cost(12.0, 9.0, 15.0), worth) == 1
    assert months_to_pay_back(Cost(20.0, 9.0, 45.0), worth) == 3
    assert months_to_pay_back(Cost(25.0, 9.0, 45.0), worth) is None
    assert months_to_pay_back(None, worth) is None


def test_payback_says_how_long_was_looked(report: Report) -> None:
    rows = {row[0]: row[2] for row in payback_rows(report, Worth((12.0, 6.0, 6.0), 400))}
    assert rows["E-mail"] == "within 2 months"
    assert rows["Search"] == "not within 3 months"
    assert "TV" not in rows


def test_the_suggested_move_goes_from_where_money_wins_least_to_where_it_wins_most() -> None:
    found = suggest(curves())
    assert found is not None
    assert (found.source, found.target, found.amount) == ("display", "search", 4_000.0)
    assert suggest(curves()[:1]) is None


def test_a_move_is_told_with_its_range_and_the_chance_of_being_worse() -> None:
    words = move_words(
        Move("retargeting", "search", 5_000.0, Range(22.3, 6.2, 40.8), 0.04, False), "EUR", "new customers"
    )
    assert plain(words.sentence) == (
        "Move 5,000 EUR from Retargeting to Search: +22 new customers, likely +6 to +41; chance of being worse: 4 %."
    )
    worse = move_words(Move("a", "b", 10.0, Range(-22.3, -40.8, 3.0), 0.93, True), "EUR", "new customers")
    assert "−22 new customers, likely −41 to +3" in worse.sentence
    assert "test it first" in worse.caution


def test_where_only_ad_spend_counts_costs_and_verdicts_follow(report: Report) -> None:
    costs = Costs(spend=100.0, cac=Cost(1.0, 0.8, 1.2), p_below_target=0.99)
    mixed = replace(report, channels=(replace(report.channels[0], ad_spend_only=costs), *report.channels[1:]))
    assert differs(mixed)
    assert not differs(report)
    only = counting(mixed, Costing.ADS)
    assert (only.channels[0].spend, only.channels[0].cac) == (100.0, Cost(1.0, 0.8, 1.2))
    assert only.channels[1] == report.channels[1]
    assert counting(mixed, Costing.ALL) is mixed


def test_trend_and_curves_are_drawn_and_vega_gets_them_too(report: Report) -> None:
    background = Background(earlier=(then(report, 30, 5),), curves=curves())
    charts = report_charts(replace(report, ads=()), background=background)
    assert {"trend", "curves"} <= set(charts)
    drawn = svg(charts["curves"])
    assert "Spend, EUR" in drawn
    assert "New customers" in drawn
    assert "where spend stands today" in drawn
    compiled = vega(charts["trend"])
    assert "title" not in compiled
    assert compiled["$schema"].endswith("/v6.json")


def test_names_of_promotions_stand_for_campaigns_and_bare_numbers_say_what_they_are(report: Report) -> None:
    assert campaign_name("spring", {"spring": "Spring, 10 % off"}) == "Spring, 10 % off"
    assert campaign_name("4") == "Campaign 4"
    bare = replace(report.ads[0], campaign="4", ad=None)
    assert subject(bare) == "Campaign 4"
    assert subject(replace(bare, ad="17")) == "Ad 17"


def test_without_spend_and_without_known_newcomers_the_page_says_so(report: Report) -> None:
    poor = replace(
        report,
        run=replace(report.run, first_responses=0, window=Window(date(2026, 1, 1), date(2026, 3, 2))),
        channels=tuple(replace(c, spend=0.0, cac=None, marginal_cac=None, target=None) for c in report.channels),
        ads=(),
    )
    content = report_content(poor)
    facts = {fact.label: fact for fact in content.summary.facts}
    assert facts["orders in the period"].note == "it is not known who is new"
    assert (facts["spend"].figure, facts["spend"].note) == ("–", "none imported, so no costs")
    assert content.summary.held_against == ""
    assert [figure.name for figure in content.figures] == ["extra"]
    free = next(row.line for row in content.rows if row.line.effect.channel == "email")
    assert "no spend is recorded for it" in free.reason


def test_what_went_out_before_the_period_is_marked(report: Report) -> None:
    late = replace(report.ads[0], touches=0.0, spend=0.0)
    content = report_content(replace(report, ads=(late,)))
    assert content.rows[1].ads[0].caution == "From before this period: only what came late counts here."


@pytest.mark.parametrize("campaigns", [10_000])
def test_ten_thousand_campaigns_open_to_a_dozen(report: Report, campaigns: int) -> None:
    many = tuple(
        replace(report.ads[0], campaign=f"campaign {number}", ad=None, spend=float(number))
        for number in range(campaigns)
    )
    content = report_content(replace(report, ads=(), campaigns=many))
    (row,) = (row for row in content.rows if row.campaigns)
    assert (len(row.campaigns), row.opens, row.more) == (12, "10,000 campaigns", "and 9,988 more")
