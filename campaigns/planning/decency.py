"""From quiet time to masks of days: where persons live, and when somebody just spoken to is free again. Pure."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from campaigns.planning.facts import TouchPoint
from campaigns.planning.horizon import Days, Index, day_numbers
from campaigns.planning.policy import ContactPolicy
from campaigns.planning.quiet import Place, decent_hours, minutes

__all__ = ["free_days", "quiet_days"]


def quiet_days(
    persons: pa.Table, points: tuple[TouchPoint, ...], policy: ContactPolicy, starts_on: date, days: int, zone: ZoneInfo
) -> tuple[Index, Days]:
    """Close the days that have no decent moment where somebody lives.

    Parameters
    ----------
    persons
        Columns ``time_zone``, ``country`` and ``region``, one row per person.
    points
        Touch points of the plan.
    starts_on, days
        The days of the plan.
    zone
        The zone of the company.

    Returns
    -------
    The place of each person, shape ``(people,)``, and the closed days, shape ``(places, touch points)``.
    """
    names = [_filled(persons[name]) for name in ("time_zone", "country", "region")]
    joined: Any = pc.binary_join_element_wise(*names, "\n")
    encoded = joined.combine_chunks().dictionary_encode()
    written = encoded.dictionary.to_pylist() or ["\n\n"]
    places = [Place(*text.split("\n")) for text in written]
    masks = [
        [
            sum(
                1 << day
                for day in range(days)
                if decent_hours(policy.quiet, point.channel, place, starts_on + timedelta(day), zone.key) is None
            )
            for point in points
        ]
        for place in places
    ]
    closed = np.asarray(masks, np.uint64).reshape(len(places), len(points))
    return np.asarray(encoded.indices, np.int64), closed


def free_days(moments: Any, policy: ContactPolicy, starts_on: date, zone: ZoneInfo) -> Index:
    """Return the first day on which the hours asked for have passed after contacts, when the day's quiet hours end.

    Parameters
    ----------
    moments
        When the contacts were made, ``timestamp`` in UTC.

    Returns
    -------
    Day numbers; the day of the contact itself where no hours are asked for.
    """
    if not policy.hours_between:
        return day_numbers(moments, starts_on, zone)
    wait = timedelta(hours=policy.hours_between) - timedelta(minutes=minutes(policy.quiet.ends) % (24 * 60))
    # The first day whose first decent hour is not before the end of the wait: rounded up
    shifted: Any = pc.add(moments, pa.scalar(wait + timedelta(days=1, microseconds=-1), pa.duration("us")))
    return np.maximum(day_numbers(shifted, starts_on, zone), day_numbers(moments, starts_on, zone) + 1)


def _filled(column: Any) -> Any:
    """Return a column of texts without gaps and without the sign that parts them."""
    return pc.replace_substring(pc.fill_null(column, ""), "\n", " ")
