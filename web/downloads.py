"""What can be taken along: charts as SVG, PNG and Vega, the report as PDF, Excel, CSV and one page."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock

from flask import Blueprint, Response, abort, jsonify, request

from campaigns.access import Role
from campaigns.language import language
from campaigns.reporting.background_sheets import everything_shown
from campaigns.reporting.canvas import NARROW, WIDE, Chart
from campaigns.reporting.content import report_charts
from campaigns.reporting.costing import counting
from campaigns.reporting.drawing import COLOURS, png, svg, vega
from campaigns.reporting.page import report_page
from campaigns.reporting.paper import report_pdf
from campaigns.reporting.result_sheets import report_sheet
from campaigns.reporting.sheets import csv_text, xlsx_bytes
from web.access import allow
from web.asked import costing_asked_for, shown_or_404
from web.published import Shown
from web.site import site

__all__ = ["blueprint"]

KEPT = 32
"""Charts kept as Vega: a page asks for each once, and compiling one takes some tenths of a second."""

TYPES = {
    "svg": "image/svg+xml",
    "png": "image/png",
    "html": "text/html",
    "pdf": "application/pdf",
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

blueprint = Blueprint("downloads", __name__)

_compiled: OrderedDict[Hashable, dict[str, object]] = OrderedDict()

_compiling = Lock()


@blueprint.get("/charts/<goal>/<name>.<any(svg, png):kind>")
@allow(Role.MARKETER, Role.MANAGER)
def chart(goal: str, name: str, kind: str) -> Response:
    """Send a chart of the published report as a file."""
    shown = shown_or_404(goal)
    drawn = _chart(shown, name, narrow=False)
    response = Response(svg(drawn) if kind == "svg" else png(drawn), mimetype=TYPES[kind])
    return _as_file(response, f"{name}-{shown.report.run.window.end}.{kind}")


@blueprint.get("/charts/<goal>/<name>.vega.json")
@allow(Role.MARKETER, Role.MANAGER)
def compiled(goal: str, name: str) -> Response:
    """Send a chart as Vega, with the tokens of its colours, for the page's own script."""
    shown, narrow = shown_or_404(goal), "narrow" in request.args
    key = (*shown.key, site().settings.database_url, costing_asked_for(), goal, name, narrow, language())
    with _compiling:
        if key not in _compiled:
            _compiled[key] = vega(_chart(shown, name, narrow=narrow))
            while len(_compiled) > KEPT:
                _compiled.popitem(last=False)
        return jsonify(spec=_compiled[key], colours=COLOURS)


@blueprint.get("/effectiveness/<goal>/report.<any(html, pdf, csv, xlsx):kind>")
@allow(Role.MARKETER, Role.MANAGER)
def report(goal: str, kind: str) -> Response:
    """Send the report as a file with every value and chart that the page shows."""
    shown = shown_or_404(goal)
    response = Response(_written(shown, kind), mimetype=TYPES[kind])
    return _as_file(response, f"effectiveness-{shown.report.run.window.end}.{kind}")


def _written(shown: Shown, kind: str) -> str | bytes:
    """Write the report as a file of a kind."""
    costing = costing_asked_for()
    counted, zone = counting(shown.report, costing), site().settings.zone
    if kind == "html":
        return report_page(counted, target=shown.target, zone=zone, background=shown.background)
    if kind == "pdf":
        return report_pdf(counted, target=shown.target, zone=zone, background=shown.background)
    if kind == "csv":
        return csv_text(report_sheet(counted))
    return xlsx_bytes(everything_shown(counted, shown.background, shown.target, zone))


def _chart(shown: Shown, name: str, *, narrow: bool) -> Chart:
    frame = NARROW if narrow else WIDE
    report = counting(shown.report, costing_asked_for())
    charts = report_charts(report, target=shown.target, background=shown.background, frame=frame)
    return charts[name] if name in charts else abort(404)


def _as_file(response: Response, name: str) -> Response:
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
