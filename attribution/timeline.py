"""The clock of a fit: days since the first day of the data, and who is at risk from when to when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import narwhals as nw
import numpy as np
import pyarrow as pa

from attribution.observations import FitOptions, Observations
from campaigns.faults import Fault, RefusedError
from campaigns.terms import CAUSES, GHOST, PAID_SEARCH, Window

__all__ = ["Timeline", "day_number", "lay_timeline", "materialise"]

NEVER = 1e6
"""A day that never comes, in days."""

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
        The days reported on: the data less the burn-in.
    touches
        ``person, t, channel, campaign, ad, made, ordinal``: contacts made (``made`` true) or withheld as ghosts.
    responses
        ``response, person, t``: responses of the goal with a person; no two of a person at the same time.
    persons
        ``person, segment, region, entry, new_until, returning_from``: at risk from ``entry``; new until ``new_until``;
        known to return from ``returning_from``.
    anonymous
        Days of responses without a person.
    """

    first_day: date
    last_day: date
    window: Window
    touches: Lazy
    responses: Lazy
    persons: Lazy
    anonymous: Lazy

    @property
    def opens(self) -> float:
        """Start of the window, in days."""
        return float((self.window.start - self.first_day).days)

    @property
    def closes(self) -> float:
        """End of the window, in days."""
        return float((self.last_day - self.first_day).days + 1)


def materialise(frame: Lazy) -> Lazy:
    """Compute a lazy frame once, so that what stands on it does not compute it again."""
    computed: Lazy = nw.from_native(frame.collect("pyarrow").to_native()).lazy("duckdb")
    return computed


def day_number(column: str, first_day: date) -> nw.Expr:
    """Express a column of local times as days since midnight of the first day."""
    start = datetime.combine(first_day, time())
    return (nw.col(column) - nw.lit(start)).dt.total_microseconds() / _MICROSECONDS


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
    touches = observations.lazy("touches", options.zone).filter(_is_contact(), ~nw.col("person").is_null())
    responses = observations.lazy("responses", options.zone).filter(nw.col("kind").is_in(list(options.goal.kinds)))
    listed = observations.lazy("persons", options.zone)
    _refuse_gaps(touches, responses, listed)
    first_day, last_day = _span(touches, responses, options)
    closes = float((last_day - first_day).days + 1)
    responses = responses.with_columns(t=day_number("occurred_at", first_day))
    responses = _at_noon_if_undated(responses.filter(nw.col("t") >= 0.0, nw.col("t") < closes))
    clock = _clock(responses)
    responses = _on_clock(responses, clock, "t")
    touches = touches.with_columns(t=day_number("occurred_at", first_day))
    touches = _on_clock(touches.filter(nw.col("t") >= 0.0, nw.col("t") < closes), clock, "t")
    dated = materialise(
        touches.with_columns(
            made=nw.col("kind") != GHOST,
            campaign=nw.col("campaign").fill_null(""),
            ad=nw.col("ad").fill_null(""),
        ).select("person", "t", "channel", "campaign", "ad", "made")
    )
    known = materialise(
        responses.filter(~nw.col("person").is_null())
        .with_columns(one=nw.lit(1))
        .with_columns(equal=nw.col("one").cum_sum().over("person", "t", order_by="occurred_at"))
        .select("person", t=nw.col("t") + (nw.col("equal") - 1) * 1e-7)
        .with_columns(one=nw.lit(1))
        .with_columns(response=(nw.col("one").cum_sum().over(order_by=["t", "person"]) - 1).cast(nw.Int64))
        .select("response", "person", "t")
    )
    listed = listed.with_columns(
        created=day_number("created_at", first_day), ordered=day_number("first_order_at", first_day)
    )
    listed = _on_clock(_on_clock(listed, clock, "created"), clock, "ordered")
    touched = materialise(_with_ordinals(dated, options.wear_out_days))
    return Timeline(
        first_day=first_day,
        last_day=last_day,
        window=Window(first_day + timedelta(days=options.burn_in), last_day),
        touches=touched,
        responses=known,
        persons=materialise(_persons(listed, touched, known)),
        anonymous=responses.filter(nw.col("person").is_null()).select("t"),
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
        gaps = frame.select(*(nw.col(column).is_null().sum() for column in columns)).collect("pyarrow")
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


def _on_clock(frame: Lazy, clock: pa.Table, column: str) -> Lazy:
    """Restate the time of day in a column of days by the share of a day's responses that come before it."""
    time = nw.col(column)
    hour = ((time - time.floor()) * 24.0).floor()
    columns = frame.collect_schema().names()
    return (
        frame.with_columns(hour=hour)
        .join(nw.from_native(clock).lazy("duckdb"), on="hour", how="left")
        .with_columns(
            (time.floor() + nw.col("before") + ((time - time.floor()) * 24.0 - nw.col("hour")) * nw.col("share")).alias(
                column
            )
        )
        .select(*columns)
    )


def _span(touches: Lazy, responses: Lazy, options: FitOptions) -> tuple[date, date]:
    bounds = [
        frame.select(nw.col("occurred_at").min().alias("lo"), nw.col("occurred_at").max().alias("hi"), n=nw.len())
        .collect("pyarrow")
        .rows()[0]
        for frame in (touches, responses)
    ]
    faults = [
        Fault(0, name, "none", f"at least one of {wanted}")
        for (_, _, count), name, wanted in zip(
            bounds,
            ("touches", "responses"),
            ("a kind that can cause a response", " or ".join(options.goal.kinds)),
            strict=True,
        )
        if not count and (name == "responses")
    ]
    if faults:
        raise RefusedError(
            f"There is nothing to fit for the goal {options.goal.name!r}:",
            faults,
            "Import responses of this goal first.",
        )
    seen = [moment.date() for bound in bounds for moment in bound[:2] if moment is not None]
    first = max(filter(None, (min(seen), options.starts_on)))
    last = min(filter(None, (max(seen), options.ends_on)))
    days = (last - first).days + 1
    if days <= options.burn_in:
        fault = Fault(
            0, "occurred_at", f"{max(days, 0)} days of data, {first} to {last}", f"more than {options.burn_in}"
        )
        raise RefusedError(
            "There are too few days to fit:", [fault], "Import a longer history, or shorten the burn-in."
        )
    return first, last


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
        "person", "t", "channel", "campaign", "ad", "made", ordinal=nw.col("before").fill_null(0) + 1
    )


def _persons(persons: Lazy, touches: Lazy, responses: Lazy) -> Lazy:
    listed = persons.with_columns(listed=nw.lit(True)).select(
        "person", "segment", "region", "created", "ordered", "listed"
    )
    touched = touches.group_by("person").agg(touched=nw.col("t").min())
    answered = responses.group_by("person").agg(answered=nw.col("t").min())
    everyone = nw.concat([listed.select("person"), touched.select("person")]).unique()
    known = (
        everyone.join(listed, on="person", how="left")
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
    first = nw.min_horizontal("answered", nw.col("ordered").fill_null(NEVER))
    return known.select(
        "person",
        segment=nw.col("segment").fill_null(""),
        region=nw.col("region").fill_null(""),
        entry=nw.min_horizontal("created", "touched"),
        new_until=nw.when(unknown).then(-NEVER).otherwise(first),
        returning_from=first,
    )
