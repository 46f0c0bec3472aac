"""The report and the plan as flat tables, for spreadsheets and other programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any

from campaigns.reporting.contract import plan_json, report_json
from campaigns.terms import Plan, PlannedContact, Report

__all__ = ["csv_text", "plan_rows", "report_rows", "xlsx_bytes"]

Row = Mapping[str, Any]

CONTACT_COLUMNS = tuple(column.name for column in fields(PlannedContact))


def report_rows(report: Report) -> list[dict[str, Any]]:
    """Give the report as rows: the baseline, then the channels, then the ads.

    Returns
    -------
    Rows with equal keys: ``level`` (baseline, channel, ad), then the members of the JSON contract, those inside others
    joined by ``_`` (``incremental_mean``, ``cac_p05``, ``rules_last_touch``); None where there is none.
    """
    document: Any = report_json(report)
    found = [
        {"level": "baseline", **_flat({"incremental": document["baseline"]})},
        *({"level": "channel", **_flat(row)} for row in document["channels"]),
        *({"level": "ad", **_flat(row)} for row in document["ads"]),
    ]
    names = dict.fromkeys(["level", "channel", "campaign", "ad", *(name for row in found for name in row)])
    # A cost that does not exist at all has no members to name; its columns come from the rows where it does.
    names = dict.fromkeys(name for name in names if not any(other.startswith(f"{name}_") for other in names))
    return [{name: row.get(name) for name in names} for row in found]


def plan_rows(plan: Plan) -> list[dict[str, Any]]:
    """Give the contacts of a plan as rows, keyed as in the JSON contract."""
    document: Any = plan_json(plan)
    return list(document["contacts"])


def csv_text(rows: Iterable[Row], header: Sequence[str] = CONTACT_COLUMNS) -> str:
    """Write rows as CSV; ``header`` is the header where there are no rows, else the keys of the first row are."""
    listed = list(rows)
    sink = io.StringIO(newline="")
    writer = csv.DictWriter(sink, list(listed[0]) if listed else list(header), lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in listed)
    return sink.getvalue()


def xlsx_bytes(sheets: Mapping[str, Iterable[Row]]) -> bytes:
    """Write rows as a workbook, a sheet for each name."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        listed = list(rows)
        if listed:
            sheet.append(list(listed[0]))
        for row in listed:
            sheet.append(list(row.values()))
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


def _flat(members: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in members.items():
        if isinstance(value, Mapping):
            found.update(_flat(value, f"{above}{name}_"))
        else:
            found[f"{above}{name}"] = value
    return found


def _cell(value: Any) -> Any:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value
