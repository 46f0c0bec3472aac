"""Make one row of each group of rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from campaigns.intake.kernels import Chunked, column_of, encoded, pc
from campaigns.intake.mappings.terms import Take
from campaigns.intake.raw import Rows

__all__ = ["Groups", "group", "take_of", "total_of"]

Numbers: TypeAlias = npt.NDArray[np.float64]

MICRO = 1_000_000
SAFE_TOTAL = 9e12
"""Up to this total, sums of decimals are exact: they are made in whole millionths."""


@dataclass(frozen=True)
class Groups:
    """Rows put into groups, which stand in the order of their first rows.

    Parameters
    ----------
    of_row
        The group of each row.
    first
        The first row of each group.
    """

    of_row: Rows
    first: Rows

    @property
    def count(self) -> int:
        """Number of groups."""
        return len(self.first)


def group(columns: list[Chunked], alone: Rows) -> Groups:
    """Put rows with equal values into one group.

    Parameters
    ----------
    columns
        What must be equal; empty cells are equal to one another.
    alone
        Rows that each stay a group of their own.
    """
    codes = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        array = encoded(pc.dictionary_encode(column, null_encoding="encode"))
        more = array.indices.to_numpy().astype(np.int64)
        codes = np.unique(codes * (int(more.max(initial=0)) + 1) + more, return_inverse=True)[1].astype(np.int64)
    codes[alone] = len(codes) + np.arange(len(alone))
    _, first, of_row = np.unique(codes, return_index=True, return_inverse=True)
    order = np.argsort(first, kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    return Groups(place[of_row].astype(np.int64), first[order].astype(np.int64))


def take_of(groups: Groups, values: Chunked, take: Take) -> Chunked:
    """Return one value per group: the first that is filled, the smallest, the largest, or how many are filled."""
    filled = np.flatnonzero(pc.is_valid(values).to_numpy())
    owners = groups.of_row[filled]
    if take == "count":
        return column_of(pa.array(np.bincount(owners, minlength=groups.count)))
    if take in ("min", "max"):
        ordered = pc.sort_indices(values).to_numpy().astype(np.int64)[: len(filled)]
        filled = ordered if take == "min" else ordered[::-1]
        owners = groups.of_row[filled]
    with_value, place = np.unique(owners, return_index=True)
    rows = np.zeros(groups.count, np.int64)
    rows[with_value] = filled[place]
    missing = np.ones(groups.count, bool)
    missing[with_value] = False
    return values.take(pa.array(rows, mask=missing))


def total_of(groups: Groups, numbers: Numbers) -> Chunked:
    """Return the sum of each group, exact for decimals; a group without a number has none."""
    known = ~np.isnan(numbers)
    filled = np.bincount(groups.of_row[known], minlength=groups.count)
    if np.abs(numbers[known]).sum() < SAFE_TOTAL:
        millionths = np.zeros(groups.count, np.int64)
        np.add.at(millionths, groups.of_row[known], np.rint(numbers[known] * MICRO).astype(np.int64))
        totals: Numbers = millionths / MICRO
    else:
        sums = np.bincount(groups.of_row[known], weights=numbers[known], minlength=groups.count)
        totals = sums.astype(np.float64)
    return column_of(pa.array(totals, mask=filled == 0))
