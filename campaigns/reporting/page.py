"""The report as a page: one self-contained HTML file, or the content that the site shows in a page of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from campaigns.language import _, language, ngettext, pgettext
from campaigns.reporting.background import Background
from campaigns.reporting.content import ReportContent, report_charts, report_content
from campaigns.reporting.figures import NOTHING, about, day, days, money, number
from campaigns.reporting.naming import channel_name
from campaigns.reporting.sentences import plan_quality, withheld_lines
from campaigns.reporting.tokens import custom_properties
from campaigns.retelling import retold
from campaigns.terms import Plan, PlannedContact, Report

__all__ = [
    "STYLES",
    "TEMPLATES",
    "ContactLine",
    "PlanContent",
    "ReportContent",
    "ReportPage",
    "contact_line",
    "report_charts",
    "report_content",
    "report_environment",
    "report_page",
    "stylesheet",
]

HERE = Path(__file__).parent
TEMPLATES = HERE / "templates"
STYLES = HERE / "styles"

SHOWN_CONTACTS = 25
"""Contacts of the plan in the report; the site and the export have them all."""


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
    background: Background | None = None,
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
    background
        What it is read beside.

    Raises
    ------
    RefusedError
        If the truth cannot be read.
    """
    page = ReportPage(
        content=report_content(report, truth, target=target, zone=zone, background=background),
        plan=None if plan is None else _plan_content(plan, report.currency),
        stylesheet=Markup(stylesheet()),  # noqa: S704 - our own files
    )
    return report_environment().get_template("report.html").render(page=page)


def contact_line(contact: PlannedContact, currency: str) -> ContactLine:
    """Write one contact of a plan in words."""
    return ContactLine(
        customer=contact.customer_id,
        on=day(contact.on),
        channel=channel_name(contact.channel),
        promotion=contact.promotion or NOTHING,
        worth=money(contact.expected_value, currency, 0.01),
        reason=retold(contact.reason),
        held_back=contact.ghost,
    )


def stylesheet() -> str:
    """Give the tokens and the styles of the report as one stylesheet."""
    return custom_properties() + (STYLES / "report.css").read_text("utf-8")


def report_environment() -> Environment:
    """Load the templates so that a forgotten value is an error, and every value is escaped."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(_=_, ngettext=ngettext, pgettext=pgettext, language=language)
    return environment


def _plan_content(plan: Plan, currency: str) -> PlanContent:
    """Write the head of a plan in words."""
    left = len(plan.contacts) - SHOWN_CONTACTS
    return PlanContent(
        headline=_(
            "%(count)s contacts for %(days)s, worth about %(value)s; %(quality)s.",
            count=number(len(plan.contacts)),
            days=days(plan.starts_on, plan.ends_on),
            value=money(plan.expected_value, currency, about(plan.expected_value)),
            quality=plan_quality(plan.bound, plan.gap),
        ),
        contacts=tuple(contact_line(contact, currency) for contact in plan.contacts[:SHOWN_CONTACTS]),
        more=_("... and %(count)s more.", count=number(left)) if left > 0 else "",
        withheld=tuple(withheld_lines(plan.withheld)),
    )
