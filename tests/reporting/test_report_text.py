import io
from dataclasses import replace

import pytest
from rich.console import Console, RenderableType

from campaigns.reporting.text import plan_table, report_table
from campaigns.terms import Plan, Report, Verdict


def printed(renderable: RenderableType, width: int) -> str:
    """What a terminal of this width shows."""
    console = Console(width=width, file=io.StringIO(), force_terminal=False)
    console.print(renderable)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize("width", [80, 100, 120])
def test_the_report_fits_the_terminal_and_cuts_no_figure(
    report: Report, truth: dict[str, object], target: float, width: int
) -> None:
    shown = printed(report_table(report, truth, target=target), width)
    assert max(map(len, shown.splitlines())) <= width
    assert "…" not in shown
    for figure in ("930", "800 to 1,060", "1,603", "28 to 37", "none we can show", "100 or more"):
        assert figure in shown


def test_channels_come_in_the_order_of_decision_with_their_reasons(report: Report, target: float) -> None:
    shown = printed(report_table(report, target=target), 120)
    places = [shown.index(f"\n {name} ") for name in ("Search", "E-mail", "TV", "Display", "Call", "SMS", "Mail")]
    assert places == sorted(places)
    assert "34,000 EUR spent and no new customers we can show." in shown


def test_the_money_column_is_for_terminals_with_room(report: Report, target: float) -> None:
    assert "21,700" in printed(report_table(report, target=target), 100)
    assert "21,700" not in printed(report_table(report, target=target), 80)


def test_the_report_says_what_costs_are_held_against(report: Report, target: float) -> None:
    def shown(of: Report, width: int, target: float | None = None) -> str:
        return " ".join(printed(report_table(of, target=target), width).split())

    assert "Costs are held against your 40 EUR target." in shown(report, 100, target)
    assert "Costs are held against the target that your promotions set (40 EUR)." in shown(report, 100)
    assert "below your 40 EUR target (chance it beats that: 97 %)" in shown(report, 120)


@pytest.mark.parametrize("width", [80, 100, 120])
def test_where_targets_differ_each_ad_has_its_own_if_there_is_room(report: Report, width: int) -> None:
    ads = tuple(replace(ad, target=135.0) if ad.channel == "mail" else ad for ad in report.ads)
    shown = printed(report_table(replace(report, ads=ads)), width)
    assert max(map(len, shown.splitlines())) <= width
    assert "…" not in shown
    postcard = next(line for line in shown.splitlines() if line.split()[:1] == ["Postcard"])
    assert ("135" in postcard.split()) == (width >= 100)
    assert "Target" not in printed(report_table(report), width)


def test_truth_stands_beside_every_method_with_how_far_off_each_is(report: Report, truth: dict[str, object]) -> None:
    shown = printed(report_table(report, truth), 100)
    display = next(line for line in shown.splitlines() if line.split()[:2] == ["Display", "209"])
    assert display.split() == ["Display", "209", "214", "2,914", "2,480", "2,702", "0"]
    off = next(line for line in shown.splitlines() if line.startswith(" Off by"))
    assert off.replace(" %", "%").split() == ["Off", "by", "0.15%", "5.21%", "4.29%", "4.74%", "3.33%"]
    assert "23 of 24 ads inside their likely range." in shown


def test_without_truth_nothing_is_said_of_it(report: Report) -> None:
    assert "truth" not in printed(report_table(report), 100).lower()


def test_the_report_says_how_far_it_can_be_trusted(report: Report) -> None:
    shown = printed(report_table(report), 120)
    assert "This run: use with care." in shown
    assert "On 14 of 150 days there were more orders than expected" in shown
    assert "Two independent calculations agree" not in shown
    failed = replace(report, run=replace(report.run, verdict=Verdict.FAIL))
    assert "not published (the last good one still stands)" in printed(report_table(failed), 120)


def test_a_report_without_ads_or_channels_prints(report: Report) -> None:
    bare = replace(report, channels=(), ads=(), checks=(), notes=())
    assert "Of 10,512 orders" in printed(report_table(bare), 80)


def test_markup_in_a_name_is_shown_as_written(report: Report) -> None:
    odd = replace(report.channels[0], channel="[red]x[/red]")
    shown = printed(report_table(replace(report, channels=(odd,), ads=())), 100)
    assert "[red]x[/red]" in shown


@pytest.mark.parametrize("width", [80, 100])
def test_the_plan_lists_contacts_scarcity_and_who_was_left_out(plan: Plan, width: int) -> None:
    shown = printed(plan_table(plan, currency="EUR", limit=5), width)
    assert max(map(len, shown.splitlines())) <= width
    assert "60 contacts for 4 Mar to 10 Mar 2026, worth about 1,300 EUR" in shown
    assert "C10004" in shown
    assert "C10005" not in shown
    assert "... and 55 more." in shown
    assert "6 of them are held back at random" in shown
    assert "4,120  no consent" in shown
    assert "nothing" in shown


def test_an_empty_plan_says_so(plan: Plan) -> None:
    empty = replace(plan, contacts=(), withheld={}, constraints=(), expected_value=0.0, bound=0.0, gap=0.0)
    assert "0 contacts" in printed(plan_table(empty, currency="EUR"), 80)
