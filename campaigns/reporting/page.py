"""The report as a page: one self-contained HTML file, or the content that the site shows in a page of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from campaigns.reporting.canvas import NARROW, WIDE, Chart, Frame
from campaigns.reporting.charts import ads_chart, cost_chart, error_chart, extra_chart
from campaigns.reporting.comparison import Comparison, compare, read_truth
from campaigns.reporting.drawing import inline_svg
from campaigns.reporting.figures import NOTHING, about, day, days, moment, money, number, percent
from campaigns.reporting.lines import Line, Summary, ad_lines, channel_lines, summarise
from campaigns.reporting.sentences import METHODS, channel_name, plan_quality, withheld_lines
from campaigns.reporting.tokens import custom_properties
from campaigns.terms import Plan, PlannedContact, Report

__all__ = [
    "STYLES",
    "TEMPLATES",
    "AdGroup",
    "ContactLine",
    "Figure",
    "PlanContent",
    "ReportContent",
    "ReportPage",
    "TruthContent",
    "contact_line",
    "report_charts",
    "report_content",
    "report_page",
    "stylesheet",
]

SPOKEN = 12
"""Lines of a chart that its label reads out."""

HERE = Path(__file__).parent
TEMPLATES = HERE / "templates"
STYLES = HERE / "styles"

SHOWN_ADS = 200
"""Ads listed at most, those with the most money first; the export has them all."""

SHOWN_CONTACTS = 25
"""Contacts of the plan in the report; the site and the export have them all."""


@dataclass(frozen=True)
class Figure:
    """A chart as it stands in a page, drawn for wide and for narrow screens, with the table behind it.

    Parameters
    ----------
    name
        Name in addresses and identifiers.
    title, key
        What it shows, and how to read it.
    headings, rows
        The table behind it, in words; the first column names the row.
    """

    name: str
    title: str
    key: str
    wide: Markup
    narrow: Markup
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class AdGroup:
    """The ads of one channel."""

    channel: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class TruthContent:
    """Every method beside the truth of a simulated market, in words."""

    methods: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    errors: tuple[str, ...]
    covered: str
    figure: Figure


@dataclass(frozen=True)
class ContactLine:
    """One planned contact in words."""

    customer: str
    on: str
    channel: str
    promotion: str
    worth: str
    reason: str
    held_back: bool


@dataclass(frozen=True)
class PlanContent:
    """The plan's best contacts in words, with what was left out and why."""

    headline: str
    contacts: tuple[ContactLine, ...]
    more: str
    withheld: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ReportContent:
    """All that the report shows, in words and drawings; what ``parts.html`` is rendered from."""

    summary: Summary
    channels: tuple[Line, ...]
    ads: tuple[AdGroup, ...]
    ads_left_out: str
    figures: tuple[Figure, ...]
    ads_figure: Figure | None
    finished: str
    truth: TruthContent | None


@dataclass(frozen=True)
class ReportPage:
    """What ``report.html``, the self-contained page, is rendered from."""

    content: ReportContent
    plan: PlanContent | None
    stylesheet: Markup


def report_page(
    report: Report,
    plan: Plan | None = None,
    truth: Mapping[str, object] | None = None,
    *,
    target: float | None = None,
    zone: tzinfo = UTC,
) -> str:
    """Give the report as one HTML file that needs nothing else: no script, no request, styles and charts inside.

    Parameters
    ----------
    report
        The report of one run.
    plan
        Plan whose best contacts follow the report.
    truth
        Content of a simulated market's ``truth.json``; then every method is held against it.
    target
        What a new customer may cost, in the reporting currency.
    zone
        Time zone in which moments are written.

    Raises
    ------
    RefusedError
        If the truth cannot be read.
    """
    page = ReportPage(
        content=report_content(report, truth, target=target, zone=zone),
        plan=None if plan is None else _plan_content(plan, report.currency),
        stylesheet=Markup(stylesheet()),  # noqa: S704 - our own files
    )
    return _environment().get_template("report.html").render(page=page)


def report_content(
    report: Report,
    truth: Mapping[str, object] | None = None,
    *,
    target: float | None = None,
    zone: tzinfo = UTC,
) -> ReportContent:
    """Gather all that the report shows; draws the charts, which takes most of the time (about a second when cold)."""
    summary, channels, ads = summarise(report, target), channel_lines(report, target), ad_lines(report, target)
    known = None if truth is None else read_truth(truth)
    compared = None if known is None else compare(report, known)
    listed = _with_most_money(ads)
    charts = report_charts(report, truth, target=target)
    narrow = report_charts(report, truth, target=target, frame=NARROW)

    def figure(name: str, spoken: str = "", headings: Iterable[str] = (), rows: Iterable[Iterable[str]] = ()) -> Figure:
        return _figure(charts[name], narrow[name], name, spoken, tuple(headings), tuple(map(tuple, rows)))

    extra_headings = ("Channel", f"Extra {summary.goal.plural}", "Likely", "Last click says")
    cost_headings = (
        "Channel",
        "Spend",
        f"{summary.newcomers.capitalize()} caused",
        "Likely",
        "Cost of each",
        "Likely",
        "Target",
        "Chance it beats that",
    )
    return ReportContent(
        summary=summary,
        channels=channels,
        ads=tuple(AdGroup(name, tuple(group)) for name, group in groupby(listed, key=lambda line: line.channel)),
        ads_left_out=f"{number(len(ads) - len(listed))} ads with less money are left out."
        if len(ads) > len(listed)
        else "",
        figures=(
            figure(
                "extra",
                _spoken(channels),
                extra_headings,
                ((c.name, c.extra, c.extra_range, c.credited) for c in channels),
            ),
            figure(
                "cost",
                "",
                cost_headings,
                (
                    (c.name, c.spend, c.fresh, c.fresh_range, c.cost, c.cost_range or NOTHING, c.target, c.chance)
                    for c in channels
                ),
            ),
        ),
        ads_figure=figure("ads", _spoken(listed)) if ads else None,
        finished=moment(report.run.finished_at, zone),
        truth=None if compared is None else _truth_content(compared, figure("errors")),
    )


def report_charts(
    report: Report, truth: Mapping[str, object] | None = None, *, target: float | None = None, frame: Frame = WIDE
) -> dict[str, Chart]:
    """Build the charts of a report by name: ``extra``, ``cost``, ``ads`` if there are any, ``errors`` with a truth."""
    summary, channels, ads = summarise(report, target), channel_lines(report, target), ad_lines(report, target)
    known = None if truth is None else read_truth(truth)
    charts: dict[str, Chart] = {
        "extra": extra_chart(channels, summary, frame, truth=None if known is None else known.channels),
        "cost": cost_chart(channels, summary, frame),
    }
    if ads:
        charts["ads"] = ads_chart(ads, summary, frame)
    if known is not None:
        charts["errors"] = error_chart(compare(report, known), summary, frame)
    return charts


def contact_line(contact: PlannedContact, currency: str) -> ContactLine:
    """Write one contact of a plan in words."""
    return ContactLine(
        customer=contact.customer_id,
        on=day(contact.on),
        channel=channel_name(contact.channel),
        promotion=contact.promotion or NOTHING,
        worth=money(contact.expected_value, currency, 0.01),
        reason=contact.reason,
        held_back=contact.ghost,
    )


def stylesheet() -> str:
    """Give the tokens and the styles of the report as one stylesheet."""
    return custom_properties() + (STYLES / "report.css").read_text("utf-8")


def _environment() -> Environment:
    """Load the templates so that a forgotten value is an error, and every value is escaped."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _figure(
    wide: Chart, narrow: Chart, name: str, spoken: str, headings: tuple[str, ...], rows: tuple[tuple[str, ...], ...]
) -> Figure:
    """Draw a chart for both kinds of screen; its title and key become text of the page."""
    title, key = str(wide.title.text), " ".join(wide.title.subtitle)
    label = f"{title}. {spoken}" if spoken else title
    return Figure(
        name=name,
        title=title,
        key=key,
        wide=inline_svg(wide, f"{name}-wide", label, "wide", WIDE.total),
        narrow=inline_svg(narrow, f"{name}-narrow", label, "narrow", NARROW.total),
        headings=headings,
        rows=rows,
    )


def _spoken(lines: Sequence[Line]) -> str:
    """Say in words what a chart of extra responses shows, for those who hear it; long ones stop after a dozen."""
    said = "; ".join(f"{line.name}: {line.finding}" for line in lines[:SPOKEN])
    return f"{said}." if len(lines) <= SPOKEN else f"{said}; and {number(len(lines) - SPOKEN)} more in the table."


def _with_most_money(ads: tuple[Line, ...]) -> list[Line]:
    """Keep the ads with the most money, in the order they came."""
    kept = sorted(range(len(ads)), key=lambda place: -ads[place].effect.spend)[:SHOWN_ADS]
    return [ads[place] for place in sorted(kept)]


def _truth_content(compared: Comparison, figure: Figure) -> TruthContent:
    """Write the comparison in words."""
    return TruthContent(
        methods=tuple(METHODS.values()),
        rows=tuple(
            (channel_name(row.channel), number(row.truth), *(number(row.credited[method]) for method in METHODS))
            for row in compared.rows
        ),
        errors=tuple(percent(compared.errors[method], 2) for method in METHODS),
        covered=f"{compared.ads_inside} of {compared.ads} ads inside their likely range." if compared.ads else "",
        figure=figure,
    )


def _plan_content(plan: Plan, currency: str) -> PlanContent:
    """Write the head of a plan in words."""
    left = len(plan.contacts) - SHOWN_CONTACTS
    return PlanContent(
        headline=(
            f"{number(len(plan.contacts))} contacts for {days(plan.starts_on, plan.ends_on)}, worth about "
            f"{money(plan.expected_value, currency, about(plan.expected_value))}; {plan_quality(plan.bound, plan.gap)}."
        ),
        contacts=tuple(contact_line(contact, currency) for contact in plan.contacts[:SHOWN_CONTACTS]),
        more=f"... and {number(left)} more." if left > 0 else "",
        withheld=tuple(withheld_lines(plan.withheld)),
    )
