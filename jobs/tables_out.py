"""The report and the plan as flat tables, for spreadsheets and other programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from campaigns.reporting.contract import plan_json, report_json
from campaigns.terms import Plan, PlannedContact, Report

if TYPE_CHECKING:
    from campaigns.store.results import DrawKey

__all__ = ["csv_text", "draws_parquet", "plan_rows", "report_rows", "xlsx_bytes"]

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


def draws_parquet(draws: Mapping[DrawKey, Any]) -> bytes:
    """Write draws as Parquet, a row per draw, or per draw and point of a curve.

    Returns
    -------
    Columns ``series, channel, campaign, ad`` (text), ``draw`` and ``point`` (from 0; missing where it is no curve),
    ``value`` (32 bit).
    """
    import numpy as np
    import pyarrow as pa
    from pyarrow import parquet

    schema = pa.schema(
        [
            *((name, pa.string()) for name in ("series", "channel", "campaign", "ad")),
            *((name, pa.int32()) for name in ("draw", "point")),
            ("value", pa.float32()),
        ]
    )
    tables = []
    for key, values in draws.items():
        is_curve = values.ndim > 1
        count, points = values.shape if is_curve else (len(values), 1)
        names = [pa.array([name] * values.size, pa.string()) for name in key]
        draw = pa.array(np.repeat(np.arange(count), points), pa.int32())
        point = pa.array(np.tile(np.arange(points), count) if is_curve else [None] * values.size, pa.int32())
        tables.append(pa.table([*names, draw, point, pa.array(values.ravel(), pa.float32())], schema=schema))
    sink = io.BytesIO()
    parquet.write_table(pa.concat_tables(tables or [schema.empty_table()]), sink, compression="zstd")
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
