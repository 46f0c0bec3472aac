"""Tests held against the data: who was treated and held back, what came of it, and by which contacts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
from scipy.special import gammaln, logsumexp

from attribution.evidence import Evidence, Floats, Ints
from attribution.experiments.exposure import Contacts, contacts_of, typical_contacts
from attribution.experiments.records import CONTROL, TREATED, Test, arm_of
from attribution.observations import FitOptions, Observations
from campaigns.terms import CAUSES, PAID_SEARCH, TestKind

__all__ = ["Arms", "Trial", "trials_of"]


@dataclass(frozen=True)
class Arms:
    """What came of the two arms.

    Parameters
    ----------
    treated, control
        People.
    treated_time, control_time
        What the base rate of responses is to be multiplied by: person-days, or people.
    treated_responses, control_responses
        Responses while measured.
    both
        People who were put into both arms; they count for neither.
    unknown
        People in an arm whose name says neither.
    """

    treated: float
    control: float
    treated_time: float
    control_time: float
    treated_responses: float
    control_responses: float
    both: int = 0
    unknown: int = 0

    @property
    def extra(self) -> tuple[float, float]:
        """Extra responses among the treated, and their standard error."""
        ratio = self.treated_time / self.control_time
        measured = self.treated_responses - ratio * self.control_responses
        noise = np.sqrt(max(self.treated_responses, 1.0) + ratio**2 * max(self.control_responses, 1.0))
        return float(measured), float(noise)

    def log_likelihood(self, caused: Floats, spill: Floats) -> Floats:
        """Log-likelihood of both counts, whatever the base rate that the arms share.

        Parameters
        ----------
        caused, spill
            Responses caused among the treated and among the held back, any shape, not negative.

        Returns
        -------
        Of the same shape, up to a constant: Poisson counts with the base rate integrated out on a log scale.
        """
        pooled = max(self.treated_responses + self.control_responses, 1.0) / (self.treated_time + self.control_time)
        base = pooled * np.exp(np.linspace(-3.0, 1.5, 181))
        shape = np.shape(caused)
        total = []
        for rate in base:
            expected_t = rate * self.treated_time + caused
            expected_c = rate * self.control_time + spill
            total.append(
                self.treated_responses * np.log(expected_t)
                - expected_t
                + self.control_responses * np.log(expected_c)
                - expected_c
            )
        constant = gammaln(self.treated_responses + 1.0) + gammaln(self.control_responses + 1.0)
        return np.asarray(logsumexp(np.array(total), axis=0) - constant).reshape(shape)


@dataclass(frozen=True)
class Trial:
    """One test with what it is held against.

    Parameters
    ----------
    arms
        What came of its arms; None for a test known by its lift.
    treated, spill
        Contacts of the treated, and those that reached the held back all the same.
    medium
        Index of the medium tested, or None for a channel with contacts.
    where
        For a medium: regions and days measured, shape ``(regions, days)``.
    apart
        Time of the people behind it, ``person, begins, until`` in days since the window opened: left out of what is
        observed, so that no response counts twice. None where it is not known who they were.
    """

    test: Test
    arms: Arms | None = None
    treated: Contacts | None = None
    spill: Contacts | None = None
    medium: int | None = None
    where: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    apart: pd.DataFrame | None = None

    @property
    def extra(self) -> tuple[float, float] | None:
        """Extra responses measured and their standard error, or None where there is nothing to compare."""
        if self.test.kind is TestKind.LIFT:
            return float(self.test.lift or 0.0), float(self.test.lift_se or 0.0)
        if self.arms is None or self.arms.treated_time <= 0.0 or self.arms.control_time <= 0.0:
            return None
        return self.arms.extra

    def log_likelihood(self, caused: Floats, spill_ratio: float) -> Floats:
        """Log-likelihood of what was measured, given the responses caused among the treated.

        Parameters
        ----------
        spill_ratio
            Responses caused among the held back, as a share of ``caused``.
        """
        if self.test.kind is TestKind.LIFT:
            lift, noise = self.extra or (0.0, 1.0)
            return np.asarray(-0.5 * ((caused - lift) / noise) ** 2)
        if self.arms is None:
            raise ValueError(f"the test {self.test.name} has no arms")
        return self.arms.log_likelihood(caused, caused * spill_ratio)


def trials_of(
    observations: Observations, evidence: Evidence, options: FitOptions, tests: tuple[Test, ...]
) -> tuple[Trial, ...]:
    """Hold tests against the data; a test of something that is not in the evidence has no contacts."""
    if not tests:
        return ()
    clock = _Clock(observations, evidence, options)
    makers = {TestKind.PEOPLE: _by_people, TestKind.COUNTS: _by_counts, TestKind.LIFT: _by_lift}
    return tuple(makers[test.kind](test, clock) for test in tests)


class _Clock:
    """The data that tests need, in days since the window opened; read once."""

    def __init__(self, observations: Observations, evidence: Evidence, options: FitOptions) -> None:
        self.evidence, self.options = evidence, options
        self.closes = float(evidence.window.days)
        self._observations = observations
        responses = observations.lazy("responses", options.zone).filter(nw.col("kind").is_in(list(options.goal.kinds)))
        self.responses = self._timed(responses.filter(~nw.col("person").is_null()), "occurred_at")
        self.first = self.responses.groupby("person")["t"].min()

    def day(self, moment: date) -> float:
        """Give the start of a day."""
        return float((moment - self.evidence.window.start).days)

    def assignments(self, name: str) -> pd.DataFrame:
        """Read who was put into which arm of a test, with the time."""
        rows = self._observations.lazy("assignments", self.options.zone).filter(nw.col("experiment") == name)
        return self._timed(rows, "assigned_at", "arm")

    def contacts(self, test: Test) -> pd.DataFrame:
        """Read the contacts made of the tested channel, each with its unit and whether the test is about it."""
        channel = test.channel
        kinds = [*CAUSES, "click"] if channel == PAID_SEARCH else list(CAUSES)
        touches = self._observations.lazy("touches", self.options.zone)
        made = touches.filter(nw.col("channel") == channel, nw.col("kind").is_in(kinds), ~nw.col("person").is_null())
        frame = self._timed(made, "occurred_at", "campaign", "ad")
        units = {
            (unit.campaign, unit.ad): row for row, unit in enumerate(self.evidence.units) if unit.channel == channel
        }
        names = list(zip(frame["campaign"].fillna(""), frame["ad"].fillna(""), strict=True))
        first = frame["person"].map(self.first).fillna(np.inf)
        frame = frame.assign(unit=[units.get(name, -1) for name in names], phase=(frame["t"] > first).astype(np.int64))
        return frame[frame["unit"] >= 0].reset_index(drop=True)

    def regions(self) -> dict[Any, str]:
        """Read the region of every person."""
        persons = self._observations.lazy("persons").select("person", "region").collect("pyarrow")
        return dict(persons.iter_rows())

    def people_of(self, test: Test, begins: float, until: float) -> pd.DataFrame | None:
        """Find everybody in the regions of a test, for the days that it was measured; None where it names none."""
        if not test.regions:
            return None
        people = [person for person, region in self.regions().items() if region in test.regions]
        return pd.DataFrame({"person": people, "begins": begins, "until": until})

    def _timed(self, rows: Any, column: str, *others: str) -> pd.DataFrame:
        frame: pd.DataFrame = rows.select("person", column, *others).collect("pyarrow").to_native().to_pandas()
        opens = pd.Timestamp(datetime.combine(self.evidence.window.start, time()))
        return frame.assign(t=(pd.to_datetime(frame[column]) - opens) / pd.Timedelta(days=1))


def _units(test: Test, evidence: Evidence) -> Ints:
    return np.array(
        [
            row
            for row, unit in enumerate(evidence.units)
            if unit.channel == test.channel and test.campaign in (None, unit.campaign) and test.ad in (None, unit.ad)
        ],
        dtype=np.int64,
    )


def _by_people(test: Test, clock: _Clock) -> Trial:
    """Count the responses of both arms from assignment to the end of measurement."""
    assigned = clock.assignments(test.name)
    assigned = assigned.assign(arm=assigned["arm"].map(lambda name: arm_of(str(name))))
    unknown = int(assigned.loc[assigned["arm"].isna(), "person"].nunique())
    known = assigned.dropna(subset=["arm"])
    arms_of_person = known.groupby("person")["arm"].nunique()
    both = int((arms_of_person > 1).sum())
    people = (
        known[~known["person"].isin(arms_of_person.index[arms_of_person > 1])]
        .groupby("person")
        .agg(arm=("arm", "first"), begins=("t", "min"))
    )
    until = min(clock.day(test.until) + 1.0, clock.closes)
    people["begins"] = np.maximum(people["begins"], max(clock.day(test.starts_on), 0.0))
    people["days"] = np.maximum(until - people["begins"], 0.0)
    answers = clock.responses.join(people, on="person", how="inner")
    answers = answers[(answers["t"] > answers["begins"]) & (answers["t"] <= until)]
    count, time_, number = (
        people["arm"].value_counts(),
        people.groupby("arm")["days"].sum(),
        answers["arm"].value_counts(),
    )
    arms = Arms(
        treated=float(count.get(TREATED, 0)),
        control=float(count.get(CONTROL, 0)),
        treated_time=float(time_.get(TREATED, 0.0)),
        control_time=float(time_.get(CONTROL, 0.0)),
        treated_responses=float(number.get(TREATED, 0)),
        control_responses=float(number.get(CONTROL, 0)),
        both=both,
        unknown=unknown,
    )
    contacts = clock.contacts(test).join(people, on="person", how="inner")
    about = contacts["unit"].isin(_units(test, clock.evidence)) & (contacts["t"] >= contacts["begins"])
    contacts = contacts.assign(until=until, counts=about & (contacts["t"] < until))

    def reached(arm: str) -> Contacts:
        return contacts_of(contacts[contacts["arm"] == arm], clock.evidence, clock.options.wear_out_days)

    # Whole days: the clock of the fit tells the time of day by responses, and none of the arms' may be seen twice.
    apart = people.reset_index().assign(begins=np.floor(people["begins"].to_numpy()), until=until)
    return Trial(test, arms, reached(TREATED), reached(CONTROL), apart=apart[["person", "begins", "until"]])


def _by_counts(test: Test, clock: _Clock) -> Trial:
    """Take the counts as they are told; the contacts are like those of the window."""
    counts, units = test.counts, _units(test, clock.evidence)
    if counts is None:
        raise ValueError(f"the test {test.name} has no counts")
    arms = Arms(
        counts.treated,
        counts.control,
        counts.treated,
        counts.control,
        counts.treated_responses,
        counts.control_responses,
    )
    contacts = None
    if counts.touches_per_treated and sum(clock.evidence.units[unit].window_touches for unit in units):
        days = (test.ends_on - test.starts_on).days + 1.0
        measured = (test.until - test.starts_on).days + 1.0
        number = counts.treated * counts.touches_per_treated
        contacts = typical_contacts(clock.evidence, units, number, days, measured)
    return Trial(test, arms, contacts)


def _by_lift(test: Test, clock: _Clock) -> Trial:
    """Find the contacts, or the regions and days of a medium, that a lift was measured over."""
    evidence = clock.evidence
    begins, until = max(clock.day(test.starts_on), 0.0), min(clock.day(test.until) + 1.0, clock.closes)
    if test.channel in evidence.media.names:
        regions = evidence.strata.regions
        where = np.zeros((len(regions), evidence.window.days))
        rows = [row for row, name in enumerate(regions) if not test.regions or name in test.regions]
        if until > begins:
            where[rows, int(begins) : int(until)] = 1.0
        apart = clock.people_of(test, begins, until)
        return Trial(test, medium=evidence.media.names.index(test.channel), where=where, apart=apart)
    contacts = clock.contacts(test)
    if test.regions:
        contacts = contacts[contacts["person"].map(clock.regions()).isin(test.regions)]
    about = contacts["unit"].isin(_units(test, evidence)) & (contacts["t"] >= begins) & (contacts["t"] < until)
    contacts = contacts.assign(until=until, counts=about)
    treated = contacts_of(contacts, evidence, clock.options.wear_out_days)
    return Trial(test, treated=treated, apart=clock.people_of(test, begins, until))
