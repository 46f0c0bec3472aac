"""What a mapping leaves out: rows that do not count and amounts within a value, each with its reason."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from campaigns.intake.cells import Mask
from campaigns.intake.kernels import Chunked, pc
from campaigns.intake.left_out import AMOUNTS
from campaigns.intake.mappings.grouping import Groups
from campaigns.intake.mappings.source import Source
from campaigns.intake.mappings.terms import Part, Rule
from campaigns.intake.raw import LeftRows, Rows, counted
from campaigns.intake.rejected import texts_of

__all__ = ["Gone", "left_rows", "reasons_of"]


@dataclass(frozen=True)
class Gone:
    """Which rows made do not count.

    Parameters
    ----------
    reason
        For each row made, the position of its reason in ``Part.leaving``, or -1.
    dropped
        Rows that are not stored either.
    notes
        What was left out, for people.
    """

    reason: Rows
    dropped: Mask
    notes: tuple[str, ...]


def reasons_of(source: Source, part: Part, groups: Groups | None) -> Gone:
    """Tell for each row made why it does not count; of a group one line is enough."""
    count = groups.count if groups else source.count
    reason = np.full(count, -1, np.int64)
    dropped = np.zeros(count, bool)
    notes = []
    for place, leaving in enumerate(part.leaving):
        holds = np.ones(source.count, bool)
        for condition in leaving.conditions:
            holds &= source.holds(condition)
        rows = np.unique(groups.of_row[holds]) if groups else np.flatnonzero(holds)
        rows = rows[reason[rows] < 0]
        reason[rows] = place
        dropped[rows] = not leaving.stored
        if len(rows):
            words = " and ".join(condition.words for condition in leaving.conditions)
            many = counted(len(rows))
            if not leaving.reason:
                notes.append(f"{many} made no {part.kind}, because {words}")
            elif leaving.stored:
                notes.append(f"{many} kept without counting as {leaving.reason}, because {words}")
            else:
                notes.append(f"{many} left out as {leaving.reason}, because {words}")
    return Gone(reason, dropped, tuple(notes))


def left_rows(
    part: Part,
    gone: Gone,
    columns: dict[str, Chunked],
    amounts: Callable[[Rule], Chunked],
    lines: Rows,
    written: Callable[[Rows], pa.Table],
) -> LeftRows:
    """Collect what does not count.

    Parameters
    ----------
    columns
        The columns made, for all rows.
    amounts
        Makes a column from a rule of an amount, for all rows, as numbers.
    lines
        The line of each row made.
    written
        Gives rows as written, by their positions among the rows made.
    """
    amount = AMOUNTS.get(part.kind, "")
    shown = amounts(part.shown) if part.shown is not None else columns.get(amount)
    whole = np.flatnonzero(gone.reason >= 0)
    pieces = [_piece(columns, amount, shown, whole)]
    reasons = [part.leaving[place].reason for place in gone.reason[whole]]
    places = [whole]
    for netted in part.netted:
        values = amounts(netted.rule)
        filled = pc.fill_null(pc.not_equal(values, 0.0), False).to_numpy() & (gone.reason < 0)
        rows = np.flatnonzero(filled)
        pieces.append(_piece(columns, amount, values, rows))
        reasons += [netted.reason] * len(rows)
        places.append(rows)
    rows = np.concatenate(places)
    return LeftRows(
        pa.concat_tables(pieces, promote_options="permissive"),
        tuple(reasons),
        (True,) * len(whole) + (False,) * (len(rows) - len(whole)),
        tuple(lines[rows].tolist()),
        (*_as_json(written(whole)), *(None,) * (len(rows) - len(whole))),
    )


def _piece(columns: dict[str, Chunked], amount: str, values: Chunked | None, rows: Rows) -> pa.Table:
    picked = {name: column.take(pa.array(rows)) for name, column in columns.items() if name != amount}
    if values is not None:
        picked[amount] = values.take(pa.array(rows))
    return pa.table(picked)


def _as_json(table: pa.Table) -> tuple[str, ...]:
    names = table.column_names
    columns = [texts_of(table.column(place)) for place in range(len(names))]
    rows = zip(*columns, strict=True) if columns else ()
    return tuple(
        json.dumps({name: cell for name, cell in zip(names, cells, strict=True) if cell}, ensure_ascii=False)
        for cells in rows
    )
