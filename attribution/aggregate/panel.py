"""From a frame of outcome, media and controls by period and region to arrays, with every fault named at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from attribution.evidence import Floats
from campaigns.faults import Fault, RefusedError

__all__ = ["Panel", "PanelColumns", "lay_panel"]

FEWEST_PERIODS = 20
"""Periods below which a curve, a season and a level cannot be told apart at all."""

NATIONAL = "all"


@dataclass(frozen=True)
class PanelColumns:
    """Which columns of a frame are what.

    Parameters
    ----------
    date
        First day of the period.
    outcome
        What is to be explained: orders, sales.
    media
        Exposure to each medium: spend, impressions, rating points; not negative.
    controls
        What else moves the outcome: price, own sale, a holiday.
    region
        Column of regions; None where the figures are of one country.
    spend
        By medium, the column that says what it cost; a medium that is not named is taken to be measured in money.
    """

    date: str
    outcome: str
    media: tuple[str, ...]
    controls: tuple[str, ...] = ()
    region: str | None = None
    spend: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        numeric = (self.outcome, *self.media, *self.controls)
        faults = [
            Fault(0, name, "is named twice", "each column in one part")
            for name in sorted({name for name in numeric if numeric.count(name) > 1})
        ]
        faults += [
            Fault(0, medium, "has a column of spend, but is no medium", "one of " + ", ".join(self.media))
            for medium in self.spend
            if medium not in self.media
        ]
        if not self.media:
            faults.append(Fault(0, "media", "none", "at least one column of media"))
        if faults:
            raise RefusedError("These columns cannot be used:", faults, "Name each column once.")

    @property
    def numeric(self) -> tuple[str, ...]:
        """Columns that must hold numbers, each once."""
        return tuple(dict.fromkeys((self.outcome, *self.media, *self.controls, *self.spend.values())))


@dataclass(frozen=True)
class Panel:
    """Outcome, media and controls by region and period.

    Parameters
    ----------
    starts
        First day of each period, ``(periods,)``, evenly spaced.
    days
        Days of a period.
    outcome
        Shape ``(regions, periods)``.
    exposure, spend
        Shape ``(media, regions, periods)``, not negative; units of the medium, and money.
    controls
        Shape ``(controls, regions, periods)``.
    """

    starts: tuple[date, ...]
    days: int
    regions: tuple[str, ...]
    media: tuple[str, ...]
    control_names: tuple[str, ...]
    outcome: Floats
    exposure: Floats
    spend: Floats
    controls: Floats

    @property
    def periods(self) -> int:
        """Number of periods."""
        return len(self.starts)


def lay_panel(frame: Any, columns: PanelColumns) -> Panel:
    """Lay a frame out as a panel.

    Parameters
    ----------
    frame
        A row per period (and region): pandas, Polars, Arrow or DuckDB.
    columns
        Which column is what.

    Raises
    ------
    RefusedError
        With every fault: columns that are missing, cells that are no dates or numbers, media below zero or never
        bought, periods that are missing, doubled or uneven, too few of them.
    """
    rows = _rows(frame, columns)
    faults = list(_cell_faults(rows, columns))
    if faults:
        raise _refused(faults)
    days = pd.to_datetime(rows[columns.date]).dt.normalize()
    place = rows[columns.region].astype(str) if columns.region else pd.Series(NATIONAL, index=rows.index)
    faults = list(_layout_faults(days, place, columns))
    if faults:
        raise _refused(faults)
    starts, regions = sorted(days.unique()), sorted(place.unique())
    order = pd.MultiIndex.from_product([regions, starts])
    laid = rows.set_index(pd.MultiIndex.from_arrays([place, days])).loc[order]

    def grid(name: str) -> Floats:
        return laid[name].to_numpy(float).reshape(len(regions), len(starts))

    empty = np.zeros((0, len(regions), len(starts)))
    panel = Panel(
        starts=tuple(start.date() for start in starts),
        days=(starts[1] - starts[0]).days,
        regions=tuple(regions),
        media=columns.media,
        control_names=columns.controls,
        outcome=grid(columns.outcome),
        exposure=np.stack([grid(name) for name in columns.media]),
        spend=np.stack([grid(columns.spend.get(name, name)) for name in columns.media]),
        controls=np.stack([grid(name) for name in columns.controls]) if columns.controls else empty,
    )
    faults = list(_value_faults(panel, columns))
    if faults:
        raise _refused(faults)
    return panel


def _refused(faults: Sequence[Fault]) -> RefusedError:
    return RefusedError(
        "These figures cannot be used:",
        list(faults),
        "Give one row per period (and region), with a number in every column, and fit again.",
    )


def _rows(frame: Any, columns: PanelColumns) -> pd.DataFrame:
    eager = nw.from_native(frame)
    if isinstance(eager, nw.LazyFrame):
        eager = eager.collect("pyarrow")
    wanted = [columns.date, *([columns.region] if columns.region else []), *columns.numeric]
    there = ", ".join(eager.columns)
    missing = [Fault(0, name, "no such column", f"one of {there}") for name in wanted if name not in eager.columns]
    if missing:
        raise _refused(missing)
    rows: pd.DataFrame = eager.select(*wanted).to_pandas().reset_index(drop=True)
    return rows


def _cell_faults(rows: pd.DataFrame, columns: PanelColumns) -> Iterator[Fault]:
    """Yield the cells that are no date or no number; what can be read is made so in place."""
    dates = pd.to_datetime(rows[columns.date], errors="coerce")
    for line in np.flatnonzero(dates.isna()):
        yield Fault(int(line) + 2, columns.date, repr(rows[columns.date].iloc[line]), "a date such as 2026-05-04")
    rows[columns.date] = dates
    if columns.region:
        for line in np.flatnonzero(rows[columns.region].isna()):
            yield Fault(int(line) + 2, columns.region, "nothing", "the name of a region")
    for name in columns.numeric:
        numbers = pd.to_numeric(rows[name], errors="coerce")
        for line in np.flatnonzero(~np.isfinite(numbers.to_numpy(float))):
            yield Fault(int(line) + 2, name, repr(rows[name].iloc[line]), "a number")
        rows[name] = numbers


def _layout_faults(days: pd.Series, place: pd.Series, columns: PanelColumns) -> Iterator[Fault]:
    starts = sorted(days.unique())
    if len(starts) < FEWEST_PERIODS:
        yield Fault(0, columns.date, f"{len(starts)} periods", f"at least {FEWEST_PERIODS}")
        return
    doubled = pd.MultiIndex.from_arrays([place, days]).duplicated()
    for line in np.flatnonzero(doubled):
        yield Fault(int(line) + 2, columns.date, f"{days.iloc[line]:%Y-%m-%d} twice", "one row per period and region")
    steps = np.diff(np.array(starts, dtype="datetime64[D]")).astype(int)
    for later in np.flatnonzero(steps != steps.min()):
        yield Fault(
            0,
            columns.date,
            f"{steps[later]} days between {starts[later]:%Y-%m-%d} and {starts[later + 1]:%Y-%m-%d}",
            f"periods of {steps.min()} days without gaps",
        )
    for region, count in days[~doubled].groupby(place).nunique().items():
        if count < len(starts):
            yield Fault(0, str(region), f"{count} of {len(starts)} periods", "every period in every region")


def _value_faults(panel: Panel, columns: PanelColumns) -> Iterator[Fault]:
    for name, exposure, spend in zip(panel.media, panel.exposure, panel.spend, strict=True):
        if (exposure < 0.0).any() or (spend < 0.0).any():
            yield Fault(0, name, f"{min(exposure.min(), spend.min()):g}", "0 or more")
        elif not exposure.any():
            yield Fault(0, name, "nothing but zeros", "a medium that was bought at least once; leave it out")
        elif np.ptp(exposure) == 0.0:
            yield Fault(0, name, "the same in every period", "exposure that varies: else nothing shows what it does")
    for name, values in zip(panel.control_names, panel.controls, strict=True):
        if np.ptp(values) == 0.0:
            yield Fault(0, name, "the same in every period", "a control that varies; leave it out")
    for region, outcome in zip(panel.regions, panel.outcome, strict=True):
        if outcome.mean() <= 0.0:
            yield Fault(0, columns.outcome, f"{outcome.mean():g} on average in {region}", "an outcome above 0")
