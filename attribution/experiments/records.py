"""Tests as they are told: by the arms of persons, by counts of two groups, or by a lift."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from attribution.observations import FitOptions, Observations
from campaigns.terms import TestKind

__all__ = ["CONTROL", "TREATED", "Counts", "Test", "arm_of", "read_tests"]

TREATED = "treated"
CONTROL = "control"

_ARMS = {
    TREATED: {"treated", "treatment", "test", "exposed", "contacted", "on", "yes", "1", "true"},
    CONTROL: {
        "control",
        "holdout",
        "hold-out",
        "held back",
        "held-back",
        "ghost",
        "withheld",
        "off",
        "no",
        "0",
        "false",
    },
}


def arm_of(name: str) -> str | None:
    """Tell which arm a name means, or None for one that is neither the treated nor the held back."""
    plain = name.strip().lower().replace("_", " ")
    return next((arm for arm, names in _ARMS.items() if plain in names), None)


@dataclass(frozen=True)
class Counts:
    """Two groups: people and their responses, and contacts per treated person where that is known."""

    treated: float
    treated_responses: float
    control: float
    control_responses: float
    touches_per_treated: float | None = None


@dataclass(frozen=True)
class Test:
    """One test.

    Parameters
    ----------
    kind
        How it is known.
    until
        Last day on which responses were counted.
    planned_share
        Share of people who were to be treated.
    counts
        Of a test known by its counts.
    lift, lift_se
        Extra responses and their standard error, of a test known by its lift.
    regions
        Where it ran; everywhere if empty.
    """

    __test__ = False

    name: str
    channel: str
    kind: TestKind
    starts_on: date
    ends_on: date
    until: date
    campaign: str | None = None
    ad: str | None = None
    planned_share: float | None = None
    counts: Counts | None = None
    lift: float | None = None
    lift_se: float | None = None
    regions: tuple[str, ...] = ()


def read_tests(observations: Observations, options: FitOptions) -> tuple[Test, ...]:
    """Read the tests of this goal; one with neither persons, counts nor a lift tells nothing and is left out."""
    rows = observations.lazy("experiments").collect("pyarrow").iter_rows(named=True)
    assigned = observations.lazy("assignments").select("experiment").unique().collect("pyarrow")
    with_persons = set(assigned["experiment"].to_list())
    tests = (_test(row, with_persons) for row in rows if row["goal"] in (None, "", options.goal.name))
    return tuple(sorted((test for test in tests if test is not None), key=lambda test: (test.starts_on, test.name)))


def _test(row: dict[str, Any], with_persons: set[str]) -> Test | None:
    counts = None
    if all(row[name] is not None for name in ("treated_n", "treated_responses", "control_n", "control_responses")):
        counts = Counts(
            row["treated_n"],
            row["treated_responses"],
            row["control_n"],
            row["control_responses"],
            row["touches_per_treated"],
        )
    if row["experiment"] in with_persons:
        kind = TestKind.PEOPLE
    elif counts is not None:
        kind = TestKind.COUNTS
    elif row["lift"] is not None and row["lift_se"]:
        kind = TestKind.LIFT
    else:
        return None
    return Test(
        name=row["experiment"],
        channel=row["channel"],
        kind=kind,
        starts_on=row["starts_on"],
        ends_on=row["ends_on"],
        until=row["measured_until"] or row["ends_on"],
        campaign=row["campaign"] or None,
        ad=row["ad"] or None,
        planned_share=row["planned_treated_share"],
        counts=counts if kind is TestKind.COUNTS else None,
        lift=row["lift"] if kind is TestKind.LIFT else None,
        lift_se=row["lift_se"] if kind is TestKind.LIFT else None,
        regions=tuple(part.strip() for part in (row["region"] or "").split("|") if part.strip()),
    )
