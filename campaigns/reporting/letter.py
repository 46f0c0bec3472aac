"""The report as a mail: its findings as text and as a page, charts as images, PDF and workbook attached."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, tzinfo
from email.message import EmailMessage
from email.utils import make_msgid

from jinja2 import Environment

from campaigns.language import _, language
from campaigns.reporting.background import Background
from campaigns.reporting.background_sheets import everything_shown
from campaigns.reporting.content import report_charts
from campaigns.reporting.drawing import png
from campaigns.reporting.lines import channel_lines, summarise
from campaigns.reporting.page import report_environment
from campaigns.reporting.paper import report_pdf
from campaigns.reporting.sheets import xlsx_bytes
from campaigns.terms import Report

__all__ = ["report_files", "report_letter"]

PICTURED = ("extra", "cost")
"""Charts that stand in the mail itself."""

WORKBOOK = "vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def report_files(
    report: Report, background: Background, *, target: float | None = None, zone: tzinfo = UTC
) -> dict[str, bytes]:
    """Give the report as files by their name: PDF and workbook."""
    name = f"effectiveness-{report.run.window.end}"
    return {
        f"{name}.pdf": report_pdf(report, target=target, zone=zone, background=background),
        f"{name}.xlsx": xlsx_bytes(everything_shown(report, background, target, zone)),
    }


def report_letter(
    report: Report,
    background: Background,
    *,
    sender: str,
    recipients: Sequence[str],
    address: str = "",
    target: float | None = None,
    zone: tzinfo = UTC,
) -> EmailMessage:
    """Write the report as a mail.

    Parameters
    ----------
    sender, recipients
        Addresses from which and to which it goes.
    address
        Address of the report on the site; empty where there is none.
    target
        What a new customer may cost, in the reporting currency.
    zone
        Zone in which moments are written.
    """
    summary, lines = summarise(report, target), channel_lines(report, target, background.names)
    message = EmailMessage()
    message["Subject"] = _("Effectiveness, %(period)s", period=summary.window)
    message["From"], message["To"] = sender, ", ".join(recipients)
    message["Message-ID"] = make_msgid(domain=sender.rsplit("@", 1)[-1])
    told = {"summary": summary, "lines": lines, "changes": report.changes, "address": address, "language": language()}
    environment: Environment = report_environment()
    message.set_content(environment.get_template("letter.txt").render(told))
    charts = report_charts(report, target=target, background=background)
    images = {name: make_msgid(domain="touchstone.invalid") for name in PICTURED if name in charts}
    pictured = {name: identifier[1:-1] for name, identifier in images.items()}
    message.add_alternative(
        environment.get_template("letter.html").render(told, pictures=pictured, charts=charts), subtype="html"
    )
    page = message.get_payload()[1]  # type: ignore[index]
    for name, identifier in images.items():
        page.add_related(png(charts[name]), "image", "png", cid=identifier, filename=f"{name}.png")  # type: ignore[union-attr]
    for name, content in report_files(report, background, target=target, zone=zone).items():
        subtype = "pdf" if name.endswith(".pdf") else WORKBOOK
        message.add_attachment(content, maintype="application", subtype=subtype, filename=name)
    return message
