"""A market's files with all their days moved by whole weeks, so that the sample market always ended last week.

A plan is for the days to come: upon a market that ended months ago none could be approved. Whole weeks leave every day
of the week where it was, so that an estimate stays what it is.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from campaigns.importing import files_of
from campaigns.intake.formats import Type
from jobs.market import TRUTH_FILE

__all__ = ["move_market", "weeks_until"]

DAYS = (Type.DATE, Type.TIME)


def weeks_until(today: date, end: date) -> int:
    """Return by how many weeks a market that ends on ``end`` must move to end one to seven days before ``today``."""
    return ((today - end).days - 1) // 7


def move_market(source: Path, weeks: int, into: Path) -> dict[str, Any]:
    """Write the files of a market anew, with every day later by a number of weeks.

    Parameters
    ----------
    source
        Folder of a market as ``touchstone simulate`` writes it: CSV with ISO days, Parquet, and its truth.
    weeks
        May be negative.
    into
        Folder to write to, which exists.

    Returns
    -------
    The truth, whose window is moved too.
    """
    later = timedelta(weeks=weeks)
    for kind, file in files_of(source):
        columns = [column.name for column in kind.all_columns if column.type in DAYS]
        move = _move_parquet if file.suffix == ".parquet" else _move_csv
        move(file, into / file.name, columns, later)
    truth: dict[str, Any] = json.loads((source / TRUTH_FILE).read_text("utf-8"))
    truth["window"] = {end: _later(later)(day) for end, day in truth["window"].items()}
    return truth


def _move_parquet(source: Path, target: Path, columns: list[str], later: timedelta) -> None:
    table = pq.read_table(source)
    for name in set(columns) & set(table.column_names):
        moved = pc.add(table[name], pa.scalar(later, pa.duration("ms"))).cast(table[name].type)
        table = table.set_column(table.column_names.index(name), name, moved)
    pq.write_table(table, target)


def _move_csv(source: Path, target: Path, columns: list[str], later: timedelta) -> None:
    frame = pd.read_csv(source, dtype=str, keep_default_na=False)
    for name in frame.columns.intersection(columns):
        frame[name] = frame[name].map(_later(later))
    frame.to_csv(target, index=False)


def _later(by: timedelta) -> Callable[[str], str]:
    """Return what moves an ISO day, or the day of an ISO time; nothing stays nothing."""
    return lambda told: told and (date.fromisoformat(told[:10]) + by).isoformat() + told[10:]
