"""Amounts: how many decimals a currency has, and what a foreign amount is worth on its day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

__all__ = ["LARGEST_MINOR", "Rates", "decimals", "minor_units"]

LARGEST_MINOR = 10**15
"""Largest amount taken, in minor units: beyond it a float no longer tells single ones apart safely."""

NOISE = 1e-6
"""What a computed amount may be off by, in minor units, before it counts as having more decimals than its currency."""

_NO_DECIMALS = ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV")
_DECIMALS: Mapping[str, int] = {
    **dict.fromkeys((*_NO_DECIMALS, "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}


def decimals(currency: str) -> int:
    """Return the number of decimals that ISO 4217 gives a currency: 2 for EUR, 0 for JPY, 3 for KWD."""
    return _DECIMALS.get(currency, 2)


def minor_units(
    amounts: npt.NDArray[np.float64], places: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Turn amounts into whole minor units.

    Parameters
    ----------
    amounts
        In major units, shape ``(n,)``.
    places
        Decimals of each amount's currency, shape ``(n,)``.

    Returns
    -------
    Minor units, 0 where there is none; which amounts are too fine for their currency; which are too large.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = amounts * 10.0**places
        whole = np.rint(scaled)
        large = ~(np.abs(whole) <= LARGEST_MINOR)
        # A parsed decimal is off by half a unit in its last place, and so is its product: four of them are safe.
        fine = ~large & (np.abs(scaled - whole) > np.maximum(NOISE, 4 * np.finfo(np.float64).eps * np.abs(scaled)))
    return np.where(large | fine, 0.0, whole).astype(np.int64), fine, large


@dataclass(frozen=True)
class Rates:
    """Exchange rates into the reporting currency, ordered by day.

    Parameters
    ----------
    by_currency
        For each currency its days (since 1970, rising) and its rates, of equal length.
    """

    by_currency: Mapping[str, tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]]

    @classmethod
    def from_table(cls, table: pa.Table | None) -> Rates:
        """Read the rates kind: columns ``date`` (date32), ``currency`` and ``rate``."""
        if table is None or table.num_rows == 0:
            return cls({})
        days = np.asarray(table.column("date").cast(pa.int32()).to_numpy(), np.int64)
        rates = np.asarray(table.column("rate").to_numpy(), np.float64)
        codes = np.array(table.column("currency").to_pylist(), dtype=object)
        known = {}
        for code in set(codes):
            mine = np.flatnonzero(codes == code)
            mine = mine[np.argsort(days[mine], kind="stable")]
            known[str(code)] = (days[mine], rates[mine])
        return cls(known)

    def on(self, currency: str, days: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """Return the last known rate at or before each day, NaN where there is none.

        Parameters
        ----------
        days
            Days since 1970, shape ``(n,)``.
        """
        if currency not in self.by_currency:
            return np.full(len(days), np.nan)
        known, rates = self.by_currency[currency]
        place = np.searchsorted(known, days, side="right") - 1
        return np.where(place >= 0, rates[np.maximum(place, 0)], np.nan)
