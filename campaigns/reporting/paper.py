"""The report as a PDF: the values and charts of the page, set by Typst."""

from __future__ import annotations

import json
from datetime import UTC, tzinfo

import typst

from campaigns.language import _, language
from campaigns.reporting.background import Background
from campaigns.reporting.content import ReportContent, report_charts, report_content
from campaigns.reporting.drawing import svg
from campaigns.reporting.lines import Line
from campaigns.reporting.page import TEMPLATES
from campaigns.reporting.tokens import LIGHT
from campaigns.terms import Report

__all__ = ["report_pdf"]

PRINTED = 60
"""Campaigns and ads printed at most, those with the most money; the files for spreadsheets have them all."""


def report_pdf(
    report: Report, *, target: float | None = None, zone: tzinfo = UTC, background: Background | None = None
) -> bytes:
    """Give the report as a PDF on A4.

    Parameters
    ----------
    target
        What a new customer may cost, in the reporting currency.
    zone
        Zone in which moments are written.
    background
        What it is read beside.
    """
    background = background or Background()
    content = report_content(report, target=target, zone=zone, background=background)
    charts = report_charts(report, target=target, background=background)
    told = {**_told(content), "charts": [svg(chart) for name, chart in charts.items() if name != "ads"]}
    template = (TEMPLATES / "report.typ").read_bytes()
    written: bytes = typst.compile(template, sys_inputs={"content": json.dumps(told)})
    return written


def _told(content: ReportContent) -> dict[str, object]:
    """Give all that the paper says as plain values: what people named stays data, never markup."""
    summary = content.summary
    costs = (
        _("%(costs)s, held against %(yardstick)s.", costs=content.costs_count, yardstick=summary.held_against)
        if summary.held_against
        else ""
    )
    return {
        "language": language(),
        "title": _("Effectiveness, %(period)s", period=summary.window),
        "headline": summary.claims or summary.headline,
        "found": summary.headline if summary.claims else "",
        "below": [part for part in (summary.against_last_click, _changed(content)) if part],
        "notice": "" if summary.verdict == "pass" else " ".join((f"{summary.verdict_words}.", *summary.doubts)),
        "facts": [[fact.label, fact.figure, fact.note] for fact in summary.facts],
        "channels_title": _("Channels, sorted by what to decide"),
        "costs": f"{costs} {_('Likely means 9 in 10.')}".strip(),
        "headings": [
            _("Channel"),
            _("Verdict"),
            _("Spend"),
            _("Last touch says"),
            _("Extra %(things)s", things=summary.things),
            _("Cost per %(newcomer)s", newcomer=summary.newcomer),
            _("Why"),
        ],
        "channels": [_channel(row.line) for row in content.rows],
        "parts_title": _("Campaigns and ads with the most money"),
        "parts": _parts(content),
        "compared": [{"title": held.title, "rows": [list(row) for row in held.rows]} for held in content.comparisons],
        "payback": [list(row) for row in content.payback],
        "foot": [
            _("Data to %(until)s, calculated %(finished)s.", until=summary.until, finished=content.finished),
            *content.reconciliation,
            summary.linked,
            *((summary.record,) if summary.record else ()),
            _("This run: %(verdict)s.", verdict=summary.verdict_words),
            *summary.notes,
        ],
        "colours": {
            name: getattr(LIGHT, name) for name in ("ink", "muted", "line", "raised", "more", "less", "test", "keep")
        },
    }


def _changed(content: ReportContent) -> str:
    if not content.changed:
        return ""
    return _("Changed since the last run because: %(reasons)s.", reasons="; ".join(content.changed))


def _channel(line: Line) -> list[str]:
    why = " ".join(part for part in (line.reason, line.last_click, line.caution) if part)
    return [
        line.name,
        line.proof_words,
        line.action.value.lower(),
        line.word,
        line.spend,
        line.credited,
        line.claimed,
        line.extra,
        line.extra_range,
        line.cost,
        line.cost_range,
        why,
    ]


def _parts(content: ReportContent) -> list[list[str]]:
    lines = [line for row in content.rows for line in (*row.campaigns, *row.ads)]
    kept = sorted(range(len(lines)), key=lambda place: -lines[place].effect.spend)[:PRINTED]
    return [[f"{lines[place].channel}: {lines[place].name}", *_channel(lines[place])[1:-1]] for place in sorted(kept)]
