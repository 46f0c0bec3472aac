import re
from dataclasses import fields, replace
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest

from campaigns.faults import RefusedError
from campaigns.reporting.content import AdGroup, ChannelRow, Figure, ReportContent, TruthContent, report_content
from campaigns.reporting.lines import Line, Summary, ad_lines, channel_lines, summarise
from campaigns.reporting.page import TEMPLATES, ContactLine, PlanContent, ReportPage, report_page
from campaigns.terms import Plan, Report, Verdict

VOID = {"meta", "link", "br", "img", "input", "hr", "rect", "path", "line", "stop"}


class Reader(HTMLParser):
    """Checks that tags nest, and gathers the text and the attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in {"style", "script"}:
            self.text.append(data)


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    assert reader.open == []
    return reader


def words(reader: Reader) -> str:
    return re.sub(r"\s+", " ", " ".join(reader.text).replace("\N{NO-BREAK SPACE}", " "))


@pytest.fixture(scope="module")
def small(report: Report) -> Report:
    """Two channels and two ads: drawn in no time."""
    return replace(report, channels=report.channels[:2], ads=report.ads[:1])


@pytest.fixture(scope="module")
def page(report: Report, plan: Plan, truth: dict[str, object], target: float) -> str:
    return report_page(report, plan, truth, target=target, zone=ZoneInfo("Europe/Istanbul"))


def test_the_page_needs_nothing_else(page: str) -> None:
    for tag, attributes in read(page).tags:
        assert tag not in {"script", "link", "iframe", "object", "embed", "img"}
        assert not {"src", "srcset", "style", "action"} & attributes.keys()
        assert not any(name.startswith("on") for name in attributes)
        assert attributes.get("href", "#").startswith("#")  # type: ignore[union-attr]
    assert "@import" not in page
    assert not re.search(r"url\((?!#)", page)


def test_the_page_is_well_formed_with_one_heading_and_unique_identifiers(page: str) -> None:
    reader = read(page)
    assert page.startswith("<!DOCTYPE html>")
    assert [tag for tag, _ in reader.tags].count("h1") == 1
    assert [tag for tag, _ in reader.tags].count("main") == 1
    ids = [attributes["id"] for _, attributes in reader.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    named = {attributes["aria-labelledby"] for _, attributes in reader.tags if "aria-labelledby" in attributes}
    assert named <= set(ids)


def test_every_figure_of_the_report_is_on_the_page(page: str, report: Report, target: float) -> None:
    shown = words(read(page))
    for line in (*channel_lines(report, target), *ad_lines(report, target)):
        for figure in (line.name, line.spend, line.extra, line.extra_range, line.credited, line.cost, line.cost_range):
            assert figure.replace("\N{NO-BREAK SPACE}", " ") in shown
    for line in channel_lines(report, target):
        assert line.reason.replace("\N{NO-BREAK SPACE}", " ") in shown
        assert line.proof_words in shown


def test_every_chart_has_a_table_behind_it(page: str) -> None:
    assert page.count("The numbers behind this chart") == 2
    assert "Ads in numbers, under their channel" in page
    assert "Every method beside the truth" in page


def test_the_foot_says_until_when_how_sure_and_how_much_was_linked(page: str) -> None:
    shown = words(read(page))
    assert "Data to 2 Mar 2026, calculated 3 Mar 2026, 04:41." in shown
    assert "64 % of orders could be linked to at least one touch." in shown
    assert "This run: use with care. On 14 of 150 days there were more orders than expected" in shown


def test_a_run_that_is_safe_to_use_has_no_notice(small: Report) -> None:
    safe = replace(small, run=replace(small.run, verdict=Verdict.PASS), checks=())
    shown = report_page(safe)
    assert '<aside class="notice' not in shown
    assert "safe to use" in shown


def test_plan_and_truth_are_there_only_when_given(small: Report, page: str) -> None:
    assert "Whom to speak to next" in page
    assert "C10000" in page
    assert "held back" in page
    assert "Beside the truth" in page
    alone = report_page(small)
    assert "Whom to speak to next" not in alone
    assert "truth" not in words(read(alone)).lower()


def test_names_that_try_to_be_markup_stay_text(small: Report) -> None:
    odd = '</script><b onclick="x">&amp;'
    channels = (replace(small.channels[0], channel=odd), *small.channels[1:])
    ads = (replace(small.ads[0], channel=odd, ad=odd, campaign=odd), *small.ads[1:])
    shown = report_page(replace(small, channels=channels, ads=ads, notes=(odd,)))
    reader = read(shown)
    assert not any("onclick" in attributes for _, attributes in reader.tags)
    assert odd in words(reader)


def test_a_report_of_nothing_is_still_a_page(report: Report) -> None:
    bare = replace(report, channels=(), ads=(), checks=(), notes=())
    assert "Of 10,512 orders" in words(read(report_page(bare)))


def test_very_many_ads_are_cut_and_the_page_says_so(report: Report) -> None:
    many = tuple(replace(report.ads[0], ad=f"ad {place}", spend=float(place)) for place in range(300))
    content = report_content(replace(report, channels=report.channels[:1], ads=many))
    assert sum(len(group.lines) for group in content.ads) == 200
    assert content.ads_left_out == "100 ads with less money are left out."
    assert content.ads[0].lines[0].effect.spend >= 100


def test_a_broken_truth_is_refused_before_anything_is_drawn(report: Report) -> None:
    with pytest.raises(RefusedError):
        report_page(report, truth={"responses": 3})


def test_a_chart_says_in_words_what_it_shows(page: str) -> None:
    label = re.search(r'<svg class="chart wide"[^>]*aria-label="([^"]+)"', page)
    assert label is not None
    assert label[1].startswith("Extra orders caused, by channel. Search: about 930 extra orders, likely 800 to 1,060; ")
    assert "TV: no extra orders we can show" in label[1]


def test_targets_are_named_and_each_ad_has_its_own_where_they_differ(report: Report) -> None:
    few = replace(report, channels=report.channels[:2], ads=report.ads[:2])
    alike = words(read(report_page(few)))
    assert "held against the target that your promotions set (40 EUR)." in alike
    assert "Target Chance it beats that" in alike
    assert "Likely Target E-mail" not in alike
    own = replace(few.ads[0], target=25.0)
    differ = words(read(report_page(replace(few, ads=(own, *few.ads[1:])))))
    assert "held against the targets that your promotions set (25 to 40 EUR)." in differ
    assert "Likely Target E-mail" in differ
    assert re.search(r"Spring letter [^–]*? 25 EUR Reminder", differ)


def test_a_platform_that_saw_only_part_is_said_to_be_partial(small: Report) -> None:
    partial = replace(small.channels[0], matched_share=0.62)
    shown = words(read(report_page(replace(small, channels=(partial,), ads=()))))
    assert "Only 62 % of its impressions could be matched to people: the cost is partial." in shown


def test_what_a_platform_claims_stands_beside_last_click(page: str) -> None:
    assert "platform claims 4,120" in page


def test_a_cost_of_all_channels_is_given_only_where_somebody_was_won_for_sure(report: Report) -> None:
    call = next(channel for channel in report.channels if channel.channel == "call")
    labels = [fact.label for fact in summarise(replace(report, channels=(call,))).facts]
    assert labels == ["orders in the period", "would have come anyway", "extra orders caused", "spend"]
    assert summarise(report).facts[-1].label == "per new customer"


@pytest.mark.parametrize(
    ("kind", "spellings"),
    [
        (ReportPage, ("page",)),
        (ReportContent, ("content",)),
        (Summary, ("summary",)),
        (Line, ("line", "c")),
        (Figure, ("figure",)),
        (AdGroup, ("group",)),
        (ChannelRow, ("row",)),
        (TruthContent, ("truth",)),
        (PlanContent, ("page.plan",)),
        (ContactLine, ("contact",)),
    ],
)
def test_everything_that_is_gathered_is_shown(kind: type, spellings: tuple[str, ...]) -> None:
    source = "".join(file.read_text("utf-8") for file in TEMPLATES.glob("*.html"))
    source += "".join(
        (TEMPLATES.parent / name).read_text("utf-8")
        for name in ("page.py", "content.py", "content_tables.py", "charts.py", "text.py", "background_charts.py")
    )
    unused = [
        part.name
        for part in fields(kind)
        if not any(re.search(rf"\b{re.escape(spelling)}\.{part.name}\b", source) for spelling in spellings)
    ]
    assert unused == []
