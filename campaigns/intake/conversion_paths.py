"""Read conversion paths: our own columns, or the attribution paths of Google Analytics 4 as it exports them."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from campaigns.intake.cells import recode, spelling
from campaigns.intake.expectation import Expectation
from campaigns.intake.kernels import column_of, pc
from campaigns.intake.mappings.figures import decimal_sign, plain_number
from campaigns.intake.raw import Raw
from campaigns.intake.reading import read

__all__ = ["read_paths"]

PATHS: tuple[str, ...] = (
    "default channel group",
    "default channel group path",
    "primary channel group",
    "standard channelgruppe",
)
PATHS += ("source", "medium", "campaign", "source / medium", "varsayılan kanal grubu", "channel path")
CONVERSIONS = ("key events", "conversions", "conversion events", "schlüsselereignisse", "önemli etkinlikler")
REVENUE = ("purchase revenue", "total revenue", "revenue", "kaufumsatz", "satın alma geliri")
OURS = ("path", "total_conversions", "total_conversion_value", "total_null")

_STEP = re.compile(r"^(?P<name>.*?)(?:\s+[x\u00d7]\s*(?P<times>\d+))?(?:\s*\(\d+(?:[.,]\d+)?\s?%\))?$")
_ARROW = re.compile(r"\s*(?:\u2192|->|>)\s*")
MOST = 50
"""Times that one step of a path counts at most; GA4 itself shows paths of up to 50 touch points."""


def read_paths(path: Path, separator: str) -> Raw:
    """Read a file of conversion paths.

    Parameters
    ----------
    path
        CSV with the columns ``path``, ``total_conversions``, ``total_conversion_value`` and ``total_null``, or the
        table of Advertising > Attribution paths of Google Analytics 4, downloaded as CSV: lines beginning with ``#``
        above, paths such as ``Organic Search x 3 (50%) -> Email (50%)``.
    separator
        What stands between two touches of a path in what is returned.

    Returns
    -------
    The columns of our own form, as text. GA4 tells only of paths that converted.
    """
    names = {spelling(name) for name in (*PATHS, *CONVERSIONS, *REVENUE, *OURS)}
    raw = read(path, Expectation(lambda name: spelling(name) in names))
    if raw.faults:
        return raw
    here = {spelling(name): place for place, name in enumerate(raw.table.column_names)}
    steps, counts = _first(here, PATHS), _first(here, CONVERSIONS)
    if "path" in here or steps is None or counts is None:
        return raw
    columns = {"path": recode(raw.table.column(steps), lambda text: _expanded(text, separator))[0]}
    columns["total_conversions"] = _figures(raw.table, counts)
    revenue = _first(here, REVENUE)
    nothing = column_of(pa.array(["0"] * raw.table.num_rows, pa.string()))
    columns["total_conversion_value"] = nothing if revenue is None else _figures(raw.table, revenue)
    columns["total_null"] = nothing
    table = pa.table(columns)
    filled = pc.and_(pc.is_valid(table.column("path")), pc.not_equal(table.column("path"), ""))
    return replace(raw, table=table.filter(filled))


def _first(here: dict[str, int], names: tuple[str, ...]) -> int | None:
    return next((here[spelling(name)] for name in names if spelling(name) in here), None)


def _figures(table: pa.Table, place: int) -> pa.ChunkedArray:
    texts = [text or "0" for text in table.column(place).to_pylist()]
    sign = decimal_sign(texts)
    return column_of(pa.array([plain_number(text, sign) for text in texts], pa.string()))


def _expanded(text: str, separator: str) -> str | None:
    """Write a path step by step: ``Email x 2 (100%)`` is two touches of Email."""
    steps: list[str] = []
    for part in _ARROW.split(text.strip()):
        match = _STEP.match(part.strip())
        if match is not None and match["name"]:
            steps += [match["name"].strip()] * min(int(match["times"] or 1), MOST)
    return separator.join(steps) or None
