"""The clock of a fit: days since the first day of the data, and who is at risk from when to when."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import narwhals as nw
import numpy as np
import pyarrow as pa

from attribution.engine import Engine
from attribution.observations import FitOptions, Observations
from campaigns.faults import Fault, RefusedError
from campaigns.terms import CAUSES, GHOST, PAID_SEARCH, Window

__all__ = ["Timeline", "day_number", "lay_timeline"]

NEVER = 1e6
"""A day that never comes, in days."""

_ENOUGH = 30
"""Responses from which on their rate is known well enough to tell silence from a gap in the records."""

_SILENCE = 7.0
"""Responses missing at an end of the data from which on nothing was recorded there: chance leaves out seven, one time
in a thousand."""

_CHECKOUT_DAYS = 1.0
"""A record made so shortly before the first response was made by it."""

_MICROSECONDS = 86_400_000_000.0

Lazy = nw.LazyFrame[Any]


@dataclass(frozen=True)
class Timeline:
    """Checked and dated events of the fit, with times as days since midnight of the first day of data.

    The time of day is told by a clock on which responses come evenly: 0.5 is when half a day's responses are in.

    Parameters
    ----------
    first_day, last_day
        First and last day of the data used.
    window
        The days reported on: the data less the burn-in, and less the days on which no responses were recorded yet.
    touches
        ``person, t, channel, campaign, ad, made, ordinal, row``: contacts made (``made`` true) or withheld as ghosts;
        ``row`` is their place among the touches given.
    responses
        ``response, person, t, row``: responses of the goal with a person; no two of a person at the same time.
    persons
        ``person, segment, region, entry, new_until, returning_from, made_by_first``: at risk from ``entry``; new until
        ``new_until``; known to return from ``returning_from``; whether their first response made their record.
    anonymous
        Days of responses without a person.
    engine
        Where the frames lie, and so where what stands on them is computed.
    """

    first_day: date
    last_day: date
    window: Window
    touches: Lazy
    responses: Lazy
    persons: Lazy
    anonymous: Lazy
    engine: Engine = field(default_factory=Engine)

    @property
    def opens(self) -> float:
        """Start of the window, in days."""
        return float((self.window.start - self.first_day).days)

    @property
    def closes(self) -> float:
        """End of the window, in days."""
        return float((self.last_day - self.first_day).days + 1)


def day_number(column: str, first_day: date) -> nw.Expr:
    """Express a column of local times as days since midnight of the first day.

    Told from year, month and day, counted in years that begin in March so that a leap day comes last: the difference of
    two times is not among the expressions that every engine knows.
    """
    clock = nw.col(column).dt
    early = nw.when(clock.month() <= 2)
    year = clock.year() - early.then(1).otherwise(0)
    month = clock.month() + early.then(9).otherwise(-3)
    leaps = (year / 4).floor() - (year / 100).floor() + (year / 400).floor()
    days = year * 365 + leaps + ((month * 153 + 2) / 5).floor() + clock.day()
    seconds = clock.hour() * 3600 + clock.minute() * 60 + clock.second()
    microseconds = seconds.cast(nw.Float64) * 1_000_000.0 + clock.microsecond()
    return (days - _days_of(first_day)) + microseconds / _MICROSECONDS


def _days_of(day: date) -> int:
    year, month = (day.year - 1, day.month + 9) if day.month <= 2 else (day.year, day.month - 3)
    return year * 365 + year // 4 - year // 100 + year // 400 + (month * 153 + 2) // 5 + day.day


def _is_contact() -> nw.Expr:
    search = (nw.col("kind") == "click") & (nw.col("channel") == PAID_SEARCH)
    return nw.col("kind").is_in([*CAUSES, GHOST]) | search


def lay_timeline(observations: Observations, options: FitOptions) -> Timeline:
    """Date every event, decide the window and who is at risk when.

    Raises
    ------
    RefusedError
        If rows lack what places them, a person stands there twice, there are no responses of the goal, or the data
        end before the burn-in does.
    """
    engine = observations.engine
    touches = observations.lazy("touches", options.zone).filter(_is_contact(), ~nw.col("person").is_null())
    responses = observations.lazy("responses", options.zone).filter(nw.col("kind").is_in(list(options.goal.kinds)))
    listed = observations.lazy("persons", options.zone)
    _refuse_gaps(touches, responses, listed)
    first_day, opens_on, last_day = _span(touches, responses, options)
    closes = float((last_day - first_day).days + 1)
    responses = responses.with_columns(t=day_number("occurred_at", first_day))
    responses = _at_noon_if_undated(responses.filter(nw.col("t") >= 0.0, nw.col("t") < closes))
    clock = engine.lay(_clock(responses))
    responses = _on_clock(responses, clock, "t")
    touches = touches.with_columns(t=day_number("occurred_at", first_day))
    touches = _on_clock(touches.filter(nw.col("t") >= 0.0, nw.col("t") < closes), clock, "t")
    dated = engine.materialise(
        touches.with_columns(
            made=nw.col("kind") != GHOST,
            campaign=nw.col("campaign").fill_null(""),
            ad=nw.col("ad").fill_null(""),
        ).select("person", "t", "channel", "campaign", "ad", "made", "row")
    )
    known = engine.materialise(
        responses.filter(~nw.col("person").is_null())
        .with_columns(one=nw.lit(1))
        .with_columns(equal=nw.col("one").cum_sum().over("person", "t", order_by="occurred_at"))
        .select("person", "row", t=nw.col("t") + (nw.col("equal") - 1) * 1e-7)
        .with_columns(one=nw.lit(1))
        .with_columns(response=(nw.col("one").cum_sum().over(order_by=["t", "person"]) - 1).cast(nw.Int64))
        .select("response", "person", "t", "row")
    )
    listed = listed.with_columns(
        created=day_number("created_at", first_day), ordered=day_number("first_order_at", first_day)
    )
    listed = _on_clock(_on_clock(listed, clock, "created"), clock, "ordered")
    touched = engine.materialise(_with_ordinals(dated, options.wear_out_days))
    return Timeline(
        first_day=first_day,
        last_day=last_day,
        window=Window(opens_on, last_day),
        touches=touched,
        responses=known,
        persons=engine.materialise(_persons(listed, touched, known)),
        anonymous=responses.filter(nw.col("person").is_null()).select("t"),
        engine=engine,
    )


def _count(frame: Lazy) -> int:
    return int(frame.select(n=nw.len()).collect("pyarrow").item())


def _refuse_gaps(touches: Lazy, responses: Lazy, persons: Lazy) -> None:
    """Refuse rows that would be lost, or counted twice, without a word."""
    faults = []
    for name, frame, columns in (
        ("touches", touches, ("occurred_at", "channel")),
        ("responses", responses, ("occurred_at",)),
        ("persons", persons, ("person",)),
    ):
        gaps = frame.select(*(_missing(column).sum().alias(column) for column in columns)).collect("pyarrow")
        faults += [
            Fault(0, f"{name}.{column}", f"nothing in {gaps[column].item():,} rows", "a value in every row")
            for column in columns
            if gaps[column].item()
        ]
    twice = _count(persons.group_by("person").agg(rows=nw.len()).filter(nw.col("rows") > 1))
    if twice:
        faults.append(Fault(0, "persons.person", f"{twice:,} persons in more than one row", "a row for each person"))
    if faults:
        raise RefusedError("The observations cannot be used:", faults, "Correct these rows, or leave them out.")


def _missing(column: str) -> nw.Expr:
    return nw.when(nw.col(column).is_null()).then(1).otherwise(0)


def _at_noon_if_undated(responses: Lazy) -> Lazy:
    """Where every response is dated by its day alone, place it at noon: after the contacts of that morning."""
    timed = responses.filter(nw.col("t") != nw.col("t").floor())
    return responses if _count(timed) else responses.with_columns(t=nw.col("t") + 0.5)


def _clock(responses: Lazy) -> pa.Table:
    """Cut the day into 24 hours, each with the share of all responses that come before it and within it.

    People respond at some hours and sleep at others, and contacts go out at chosen hours: on a clock on which the
    same share of responses comes in every hour, what follows a contact is no longer mistaken for its effect.
    """
    hourly = responses.with_columns(hour=((nw.col("t") - nw.col("t").floor()) * 24.0).floor())
    counted = hourly.group_by("hour").agg(n=nw.len()).collect("pyarrow").to_native()
    number = np.ones(24)  # one response more in each, so that none is empty
    number[np.asarray(counted["hour"]).astype(int).clip(0, 23)] += np.asarray(counted["n"])
    share = number / number.sum() if counted.num_rows > 1 else np.full(24, 1.0 / 24.0)
    return pa.table({"hour": np.arange(24, dtype=float), "before": np.cumsum(share) - share, "share": share})


def _on_clock(frame: Lazy, clock: Lazy, column: str) -> Lazy:
    """Restate the time of day in a column of days by the share of a day's responses that come before it."""
    time = nw.col(column)
    hour = ((time - time.floor()) * 24.0).floor()
    columns = frame.collect_schema().names()
    return (
        frame.with_columns(hour=hour)
        .join(clock, on="hour", how="left")
        .with_columns(
            (time.floor() + nw.col("before") + ((time - time.floor()) * 24.0 - nw.col("hour")) * nw.col("share")).alias(
                column
            )
        )
        .select(*columns)
    )


def _span(touches: Lazy, responses: Lazy, options: FitOptions) -> tuple[date, date, date]:
    """Find the first day of the data, the first day of the window, and the last day of both."""
    touched, answered = (
        frame.select(nw.col("occurred_at").min().alias("lo"), nw.col("occurred_at").max().alias("hi"), n=nw.len())
        .collect("pyarrow")
        .rows()[0]
        for frame in (touches, responses)
    )
    if not answered[2]:
        fault = Fault(0, "responses", "none", f"at least one of {' or '.join(options.goal.kinds)}")
        raise RefusedError(
            f"There is nothing to fit for the goal {options.goal.name!r}:",
            [fault],
            "Import responses of this goal first.",
        )
    seen = [moment.date() for moment in (*touched[:2], *answered[:2]) if moment is not None]
    first = max(filter(None, (min(seen), options.starts_on)))
    last = min(filter(None, (max(seen), options.ends_on)))
    recorded_from, recorded_to = _recorded(answered[0].date(), answered[1].date(), answered[2], first, last)
    opens = max(first + timedelta(days=options.burn_in), recorded_from)
    if opens > recorded_to:
        days = (recorded_to - first).days + 1
        fault = Fault(
            0, "occurred_at", f"{max(days, 0)} days of data, {first} to {recorded_to}", f"more than {options.burn_in}"
        )
        raise RefusedError(
            "There are too few days to fit:",
            [fault],
            f"Import a longer history: the first {options.burn_in} days only tell what came before the days reported.",
        )
    return first, opens, recorded_to


def _recorded(earliest: date, latest: date, number: int, first: date, last: date) -> tuple[date, date]:
    """Tell from when to when responses were recorded at all, given the earliest, the latest and their number.

    Contacts often reach further back, or forward, than the orders that were exported with them. Where so many
    responses are missing that chance does not explain it, the window begins or ends with those there are.
    """
    per_day = number / ((latest - earliest).days + 1)
    late = number >= _ENOUGH and per_day * (earliest - first).days > _SILENCE
    early = number >= _ENOUGH and per_day * (last - latest).days > _SILENCE
    return earliest if late else first, latest if early else last


def _with_ordinals(touches: Lazy, wear_out_days: float) -> Lazy:
    """Give each contact its number among those of its channel to its person in the days before it, itself included."""
    made = touches.filter(nw.col("made")).select("person", "channel", earlier=nw.col("t"))
    times = touches.select("person", "channel", "t").unique()
    before = (
        times.join(made, on=["person", "channel"], how="inner")
        .filter(nw.col("earlier") < nw.col("t"), nw.col("earlier") >= nw.col("t") - wear_out_days)
        .group_by("person", "channel", "t")
        .agg(before=nw.len())
    )
    return touches.join(before, on=["person", "channel", "t"], how="left").select(
        "person", "t", "channel", "campaign", "ad", "made", "row", ordinal=nw.col("before").fill_null(0) + 1
    )


def _persons(persons: Lazy, touches: Lazy, responses: Lazy) -> Lazy:
    """Tell who is at risk from when: from the first record of them that their response did not cause."""
    spoken_of = persons.select("person", "segment", "region", "created", "ordered", "listed")
    touched = touches.group_by("person").agg(touched=nw.col("t").min())
    answered = responses.group_by("person").agg(answered=nw.col("t").min())
    # Known only through a response, a person is not at risk: nothing shows that they were known before it.
    everyone = nw.concat([spoken_of.filter(nw.col("listed")).select("person"), touched.select("person")]).unique()
    known = (
        everyone.join(spoken_of, on="person", how="left")
        .join(touched, on="person", how="left")
        .join(answered, on="person", how="left")
        .with_columns(
            listed=nw.col("listed").fill_null(False),
            created=nw.col("created").fill_null(nw.when(nw.col("listed").fill_null(False)).then(0.0).otherwise(NEVER)),
            touched=nw.col("touched").fill_null(NEVER),
            answered=nw.col("answered").fill_null(NEVER),
            dated=~nw.col("created").is_null(),
            ordered=nw.col("ordered"),
        )
    )
    # A listed person without a creation date and without a first order has an unknown history; one who is known by
    # touches alone is new as far as the data show.
    unknown = nw.col("listed") & ~nw.col("dated") & nw.col("ordered").is_null()
    ordered = nw.col("ordered").fill_null(NEVER)
    # A first order told by its day alone is the first response of that day, and a record made at the checkout, moments
    # before the first response, was made by that response.
    first = nw.when(_just_before(ordered)).then(nw.col("answered")).otherwise(nw.min_horizontal("answered", ordered))
    at_checkout = nw.col("dated") & _just_before(nw.col("created"))
    record = nw.when(at_checkout).then(nw.col("answered")).otherwise(nw.col("created"))
    return (
        known.with_columns(first=first, record=record, at_checkout=at_checkout)
        .with_columns(entry=nw.min_horizontal("record", "touched"))
        .select(
            "person",
            "entry",
            segment=nw.col("segment").fill_null(""),
            region=nw.col("region").fill_null(""),
            new_until=nw.when(unknown).then(-NEVER).otherwise(nw.col("first")),
            returning_from=nw.col("first"),
            made_by_first=nw.col("at_checkout") & (nw.col("entry") == nw.col("first")),
        )
    )


def _just_before(moment: nw.Expr) -> nw.Expr:
    before = nw.col("answered") - moment
    return (before >= 0.0) & (before <= _CHECKOUT_DAYS)
