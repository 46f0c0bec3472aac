"""What the data of a run were, and what changed since the run before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

__all__ = ["Changes", "DataFacts"]


@dataclass(frozen=True)
class DataFacts:
    """What a run looked at: counts and sums by month (``2026-05``) and source, so that two runs can be compared.

    Parameters
    ----------
    responses, touches
        Rows by month and source.
    spend
        Cost in minor units by month and source.
    tests
        Names of the tests known, and whether the estimate used each.
    """

    responses: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    touches: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    spend: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    tests: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True)
class Changes:
    """Why a report differs from the one published before it.

    Parameters
    ----------
    since_run, since
        The run published before, and when it finished.
    reasons
        What changed, most telling first, each a phrase such as ``2,100 new orders``.
    """

    since_run: int
    since: datetime
    reasons: tuple[str, ...]
