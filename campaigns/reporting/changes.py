"""What changed since the report before, in words: from what two runs looked at.

The words are kept with the run, in English; ``campaigns.retelling`` tells them to whoever reads them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from campaigns.reporting.figures import number
from campaigns.terms import Changes, DataFacts, Goal

__all__ = ["changed_since"]

RESTATED = 0.001
"""Change of a month's cost, as a share of it, below which it is rounding."""

NAMED = 6
"""Reasons told; the rest is counted."""

Counts = Mapping[str, Mapping[str, int]]


def changed_since(run_id: int, finished_at: datetime, before: DataFacts | None, now: DataFacts, goal: Goal) -> Changes:
    """Tell why a report may differ from the one published before it.

    Parameters
    ----------
    run_id, finished_at
        The run published before.
    before, now
        What either looked at; where the earlier is not known, no reason can be given.
    """
    if before is None:
        return Changes(run_id, finished_at, ())
    reasons = [
        *_responses(before.responses, now.responses, goal),
        *_tests(before.tests, now.tests),
        *_spend(before.spend, now.spend),
        *_touches(before.touches, now.touches),
    ]
    if len(reasons) > NAMED:
        rest = len(reasons) - NAMED + 1
        reasons = [*reasons[: NAMED - 1], f"{number(rest)} more changes"]
    return Changes(run_id, finished_at, tuple(reasons))


def _responses(before: Counts, now: Counts, goal: Goal) -> list[str]:
    """Tell of new responses, and of months that lost some."""
    gains = [_total(now, month) - _total(before, month) for month in now]
    new, gone = sum(gain for gain in gains if gain > 0), -sum(gain for gain in gains if gain < 0)
    gone += sum(_total(before, month) for month in before if month not in now)
    told = []
    if new:
        noun = goal.singular if new == 1 else goal.plural
        told.append(f"{number(new)} new {noun}")
    if gone:
        noun = goal.singular if gone == 1 else goal.plural
        told.append(f"{number(gone)} {noun} taken back")
    return told


def _tests(before: Mapping[str, bool], now: Mapping[str, bool]) -> list[str]:
    new = [name for name in now if name not in before]
    told = [f"a new test ({name})" for name in new]
    told += [f"the test {name} is now used" for name in now if now[name] and before.get(name) is False]
    return told + [f"the test {name} is no longer used" for name in before if before[name] and not now.get(name)]


def _spend(before: Counts, now: Counts) -> list[str]:
    """Tell months whose costs were restated, and those that are new."""
    told = []
    for month in sorted({*before, *now}, reverse=True):
        for source in sorted({*before.get(month, {}), *now.get(month, {})}):
            was, is_ = before.get(month, {}).get(source), now.get(month, {}).get(source)
            name, when = source.replace(": ", " / "), _month(month)
            if was is None:
                told.append(f"{when}: costs of {name} are new")
            elif is_ is None:
                told.append(f"{when}: costs of {name} are gone")
            elif abs(is_ - was) > RESTATED * max(abs(was), 1):
                told.append(f"{when}: costs of {name} restated")
    return told


def _touches(before: Counts, now: Counts) -> list[str]:
    new = sum(_total(now, month) for month in now) - sum(_total(before, month) for month in before)
    if new > 0:
        return [f"{number(new)} new contacts"]
    return [f"{number(-new)} contacts taken back"] if new < 0 else []


def _total(counts: Counts, month: str) -> int:
    return sum(counts.get(month, {}).values())


def _month(month: str) -> str:
    """Name a month: ``May 2026``."""
    year, number_ = month.split("-")
    return date(int(year), int(number_), 1).strftime("%B %Y")
