import re
from dataclasses import replace

import pytest

from campaigns.reporting.canvas import NARROW, WIDE
from campaigns.reporting.charts import ads_chart, cost_chart, extra_chart
from campaigns.reporting.content import report_charts
from campaigns.reporting.drawing import inline_svg, png, svg
from campaigns.reporting.lines import ad_lines, channel_lines, summarise
from campaigns.terms import Cost, Range, Report


def texts(drawn: str) -> list[str]:
    """Every text of a drawing, in order."""
    found = re.findall(r"<text[^>]*>(.*?)</text>", drawn)
    return [re.sub(r"<[^>]+>", "", text).replace("\N{NO-BREAK SPACE}", " ") for text in found]


@pytest.fixture(scope="module")
def drawings(report: Report, truth: dict[str, object], target: float) -> dict[str, str]:
    """Every chart of the report, drawn as a file."""
    return {name: svg(chart) for name, chart in report_charts(report, truth, target=target).items()}


def test_every_chart_has_a_title_and_says_how_to_read_it(drawings: dict[str, str]) -> None:
    assert set(drawings) == {"extra", "cost", "ads", "errors"}
    for drawn in drawings.values():
        assert re.search("Extra orders caused|What a new customer costs|How far each method", " ".join(texts(drawn)))
    assert "Soft bar: likely range (9 in 10)" in drawings["extra"]


def test_every_axis_names_its_unit_and_its_days(drawings: dict[str, str]) -> None:
    assert "Extra orders caused, 4 Oct 2025 to 2 Mar 2026" in texts(drawings["extra"])
    assert "EUR per new customer, 4 Oct 2025 to 2 Mar 2026" in texts(drawings["cost"])
    assert "Off by, share of all orders" in texts(drawings["errors"])


def test_rows_follow_the_order_of_decision(drawings: dict[str, str]) -> None:
    names = ["Search", "E-mail", "TV", "Display", "Call", "SMS", "Mail"]
    for chart in ("extra", "cost"):
        assert [text for text in texts(drawings[chart]) if text in names] == names


def test_the_target_has_a_line_and_its_words(drawings: dict[str, str]) -> None:
    assert "your 40 EUR target" in texts(drawings["cost"])


def rules(drawn: str) -> list[tuple[float, float, float]]:
    """Every dashed line of a drawing: where it stands, from which height, how far down."""
    found = re.findall(
        r'<line [^>]*transform="translate\(([\d.]+),([\d.]+)\)" x2="0" y2="(-?[\d.]+)"[^>]*dasharray', drawn
    )
    return [(float(across), float(down), float(length)) for across, down, length in found]


def test_where_targets_are_alike_one_line_goes_through_all_rows(report: Report) -> None:
    drawn = svg(report_charts(report)["cost"])
    assert len(rules(drawn)) == 1
    assert texts(drawn).count("your 40 EUR target") == 1
    assert "Dashes" not in drawn


def test_where_targets_differ_each_row_has_its_own_line(report: Report) -> None:
    own = {"search": 40.0, "email": 40.0, "tv": None, "display": 200.0}
    channels = tuple(
        replace(channel, target=own[channel.channel]) for channel in report.channels if channel.channel in own
    )
    mixed = replace(report, channels=channels, ads=())
    for frame in (WIDE, NARROW):
        drawn = svg(report_charts(mixed, frame=frame)["cost"])
        names = ["Search", "E-mail", "TV", "Display"]
        assert [text for text in texts(drawn) if text in names] == names
        places = [place for place, _, _ in rules(drawn)]
        assert places[0] == places[1] < places[2] < places[3]
        tops = [min(down, down + length) for _, down, length in rules(drawn)]
        assert tops == sorted(set(tops))
        shown = texts(drawn)
        assert [shown.count(f"your {words}") for words in ("40 EUR target", "200 EUR target")] == [1, 1]
        assert sum(text.startswith("your average of ") for text in shown) == 1
        assert "Dashes: its target, or the average." in drawn


def test_a_target_of_nothing_still_draws(report: Report) -> None:
    free = replace(report, channels=(replace(report.channels[0], target=0.0),), ads=())
    assert "your 0 EUR target" in texts(svg(report_charts(free)["cost"]))


def test_nothing_to_show_is_said_in_words_and_an_endless_cost_by_its_lower_end(drawings: dict[str, str]) -> None:
    assert "no new customers we can show" in texts(drawings["cost"])
    assert "100 EUR or more" in texts(drawings["cost"])


def test_last_touch_is_named_where_it_is_far_off(drawings: dict[str, str]) -> None:
    assert [text for text in texts(drawings["extra"]) if text.startswith("last touch")] == ["last touch 2,914"]


def test_all_ads_stand_under_their_channel(drawings: dict[str, str], report: Report) -> None:
    shown = texts(drawings["ads"])
    for ad in report.ads:
        assert ad.ad in shown


def test_ranges_have_soft_ends(drawings: dict[str, str]) -> None:
    opacities = [float(found) for found in re.findall(r'stop-opacity="([\d.]+)"', drawings["extra"])]
    assert min(opacities) == pytest.approx(0.1, abs=0.01)
    assert max(opacities) == pytest.approx(0.85, abs=0.01)


def test_a_drawing_inside_a_page_has_no_style_no_script_and_no_address(report: Report, target: float) -> None:
    for name, chart in report_charts(report, target=target, frame=NARROW).items():
        drawn = inline_svg(chart, name, "A <label> & more", "narrow", NARROW.total)
        assert not re.search(r"style=|<script|href|http|<style|font-family|#[0-9a-f]{6}", drawn)
        assert drawn.startswith('<svg class="chart narrow" role="img" aria-label="A &lt;label&gt; &amp; more"')
        assert "var(--estimate)" in drawn
        ids = re.findall(r'\bid="([^"]+)"', drawn)
        assert len(ids) == len(set(ids))
        assert all(found.startswith(f"{name}-") for found in ids)
        assert set(re.findall(r"url\(#([^)]+)\)", drawn)) <= set(ids)


def test_names_that_try_to_be_markup_stay_text(report: Report, target: float) -> None:
    odd = replace(report.channels[0], channel='<script>alert("1")</script>')
    lines = channel_lines(replace(report, channels=(odd, *report.channels[1:])), target)
    drawn = inline_svg(extra_chart(lines, summarise(report, target)), "extra", "x")
    assert "<script" not in drawn
    assert "&lt;script" in drawn


def test_ads_of_the_same_name_keep_rows_of_their_own(report: Report, target: float) -> None:
    twins = tuple(replace(ad, ad="Same name", channel="email") for ad in report.ads[:4])
    lines = ad_lines(replace(report, ads=twins), target)
    drawn = svg(ads_chart(lines, summarise(report, target)))
    assert texts(drawn).count("Same name") == 4
    heights = re.findall(r'<text text-anchor="end" transform="translate\([-\d.]+,([\d.]+)\)"[^>]*>Same name', drawn)
    assert len(set(heights)) == 4


def test_a_long_name_and_strange_script_draw(report: Report, target: float) -> None:
    names = ("n" * 200, "🎉" * 50, "חנות נעליים", "a'b\"c\\d")
    odd = tuple(replace(ad, ad=name, channel=name) for ad, name in zip(report.ads, names, strict=False))
    lines = ad_lines(replace(report, ads=odd), target)
    drawn = inline_svg(ads_chart(lines, summarise(report, target)), "ads", "x")
    size = re.search(r'viewBox="0 0 ([\d.]+)', drawn)
    assert size is not None
    assert float(size[1]) < WIDE.total + 120


def test_only_the_largest_of_very_many_ads_are_drawn(report: Report, target: float) -> None:
    many = tuple(
        replace(report.ads[0], ad=f"ad {place}", incremental=Range(place, place, place)) for place in range(500)
    )
    shown = texts(svg(ads_chart(ad_lines(replace(report, ads=many), target), summarise(report, target))))
    assert "ad 499" in shown
    assert "ad 3" not in shown


def test_costs_far_beyond_the_target_are_cut_at_the_axis(report: Report, target: float) -> None:
    far = replace(report.channels[0], cac=Cost(9_000.0, 7_000.0, 20_000.0))
    lines = channel_lines(replace(report, channels=(far, *report.channels[1:])), target)
    shown = texts(svg(cost_chart(lines, summarise(report, target))))
    assert "240" in shown
    assert "20,000" not in shown
    assert "9,000 EUR (7,000 to 20,000)" in shown


def test_a_range_cut_by_the_axis_keeps_its_estimate_and_points_on(report: Report, target: float) -> None:
    def drawn(cost: Cost) -> str:
        lines = channel_lines(replace(report, channels=(replace(report.channels[0], cac=cost),)), target)
        return svg(cost_chart(lines, summarise(report, target)))

    triangle = re.compile(r"<path[^>]*d=\"M-?[\d.]+,-?[\d.]+L[^\"]*Z\"")
    inside, cut, endless = (drawn(Cost(90.0, 60.0, high)) for high in (200.0, 900.0, None))
    assert (len(triangle.findall(cut)), len(triangle.findall(endless))) == (1, 1)
    assert len(triangle.findall(inside)) == 0
    assert inside.count("url(#gradient") == cut.count("url(#gradient") == 2
    assert endless.count("url(#gradient") == 1


def test_a_report_without_spend_or_channels_still_draws(report: Report) -> None:
    bare = replace(report, channels=(), ads=())
    charts = report_charts(bare)
    assert set(charts) == {"extra"}
    for chart in charts.values():
        assert svg(chart).startswith("<svg")


def test_a_chart_is_also_an_image(report: Report, target: float) -> None:
    image = png(report_charts(report, target=target)["cost"], scale=1.0)
    assert image.startswith(b"\x89PNG")
