"""The draws behind the ranges as flat tables, for spreadsheets and other programs."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from campaigns.language import _
from campaigns.reporting.sheets import Field, Sheet

if TYPE_CHECKING:
    from campaigns.store.results import DrawKey

__all__ = ["draws_parquet", "draws_sheet"]


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


def draws_sheet(draws: Mapping[DrawKey, Any]) -> Sheet:
    """Return draws as a sheet with the columns of :func:`draws_parquet`."""
    fields = (
        Field("series", _("what was drawn")),
        Field("channel", _("the channel")),
        Field("campaign", _("the campaign")),
        Field("ad", _("the ad")),
        Field("draw", _("number of the draw, from 0; the same in all series"), "whole"),
        Field("point", _("number of the point of a curve, from 0; empty where it is no curve"), "whole"),
        Field("value", _("the value drawn"), "number"),
    )
    return Sheet(_("Draws"), fields, _draw_rows(draws))


def _draw_rows(draws: Mapping[DrawKey, Any]) -> Iterator[dict[str, Any]]:
    for key, values in draws.items():
        named = dict(zip(("series", "channel", "campaign", "ad"), key, strict=True))
        for draw, value in enumerate(values):
            if values.ndim > 1:
                yield from ({**named, "draw": draw, "point": at, "value": float(x)} for at, x in enumerate(value))
            else:
                yield {**named, "draw": draw, "value": float(value)}
