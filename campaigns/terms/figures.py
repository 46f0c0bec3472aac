"""Numbers with their uncertainty, and how far they can be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

__all__ = ["Cost", "Proof", "Range", "Verdict", "Window"]


class Verdict(StrEnum):
    """Whether a fit may be published."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    REVIEW = "review"
    FAIL = "fail"

    @property
    def words(self) -> str:
        """What people read."""
        return {
            "pass": "safe to use",
            "review": "use with care",
            "fail": "not published (the last good one still stands)",
        }[self.value]


class Proof(StrEnum):
    """What stands behind an estimate."""

    TESTED = "tested"
    ESTIMATED = "estimated"
    PRIOR = "prior"

    @property
    def words(self) -> str:
        """What people read."""
        return {
            "tested": "Measured by a test",
            "estimated": "Estimated, no test yet",
            "prior": "Guess from similar firms",
        }[self.value]


@dataclass(frozen=True)
class Window:
    """The days a report covers, both included."""

    start: date
    end: date

    @property
    def days(self) -> int:
        """Number of days in the window."""
        return (self.end - self.start).days + 1


@dataclass(frozen=True)
class Range:
    """A posterior in three numbers: mean and the ends of the 90 % interval."""

    mean: float
    p05: float
    p95: float


@dataclass(frozen=True)
class Cost:
    """A cost per response; a bound that does not exist (no effect cannot be ruled out) is None."""

    median: float | None
    p05: float | None
    p95: float | None
