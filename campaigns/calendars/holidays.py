"""Public holidays as rows of ``calendar_events``: what moves everybody's orders and is no ad."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date, timedelta
from difflib import get_close_matches

import pyarrow as pa

from campaigns.faults import Fault, RefusedError

__all__ = ["SOURCE", "holiday_rows", "years_of"]

SOURCE = "holidays"
"""``source`` of the rows: importing a year again replaces its holidays, and leaves events from files alone."""

MOST_YEARS = 30


def years_of(text: str) -> tuple[int, ...]:
    """Return the years that ``2026``, ``2025-2027`` or ``2024,2026`` names.

    Raises
    ------
    RefusedError
        If it names none, too many, or years that no calendar covers.
    """
    found: set[int] = set()
    for part in text.split(","):
        match = re.fullmatch(r"\s*(\d{4})\s*(?:-\s*(\d{4}))?\s*", part)
        if match is None:
            found = set()
            break
        first, last = int(match[1]), int(match[2] or match[1])
        found |= set(range(first, min(last, first + MOST_YEARS) + 1))
    if not found or len(found) > MOST_YEARS or min(found) < 1970 or max(found) > 2100:
        fault = Fault(
            0, "years", repr(text), f"years such as 2026 or 2025-2027, at most {MOST_YEARS} from 1970 to 2100"
        )
        raise RefusedError("These years cannot be used:", [fault])
    return tuple(sorted(found))


def holiday_rows(country: str, years: Collection[int]) -> pa.Table:
    """Return the public holidays of a country, days of one name in a row as one event.

    Names are English where the calendar has them in English, whatever the language of who asks: a name is a key.

    Parameters
    ----------
    country
        ISO 3166 code (``TR``), or with a part of the country ``DE-BY``.

    Returns
    -------
    ``name, starts_on, ends_on, kind, region, source`` as the kind ``calendar_events`` has them, ordered by day; half
    days, optional and bank holidays are not among them.

    Raises
    ------
    RefusedError
        If no calendar of this country is known.
    """
    import holidays  # here: its countries take a third of a second to load

    place, _, part = country.strip().upper().partition("-")
    known = holidays.list_supported_countries()
    if place not in known:
        close = get_close_matches(place, list(known), n=1)
        expected = "the ISO 3166 code of a country, such as TR" + (f"; did you mean {close[0]}?" if close else "")
        raise RefusedError("There are no holidays of this country:", [Fault(0, "holidays", repr(country), expected)])
    if part and part not in known[place]:
        expected = f"a part of {place}: {', '.join(known[place])}" if known[place] else f"{place} without a part"
        raise RefusedError("There are no holidays of this part:", [Fault(0, "holidays", repr(country), expected)])
    found = holidays.country_holidays(place, subdiv=part or None, years=sorted(years), language="en_US")
    # a moon not sighted yet makes a day an estimate, and a name with it in it another name
    days = sorted((day, re.sub(r"\s*\(estimated\)", "", name).strip()) for day in found for name in found.get_list(day))
    return pa.Table.from_pylist(_joined(days), schema=SCHEMA)


SCHEMA = pa.schema(
    [
        ("name", pa.string()),
        ("starts_on", pa.date32()),
        ("ends_on", pa.date32()),
        ("kind", pa.string()),
        ("region", pa.string()),
        ("source", pa.string()),
    ]
)


def _joined(days: list[tuple[date, str]]) -> list[dict[str, object]]:
    """Join days of one name that follow one another; a name may come back, in another year or the same."""
    events: dict[str, list[tuple[date, date]]] = {}
    for day, name in days:
        runs = events.setdefault(name, [])
        if runs and runs[-1][1] + timedelta(days=1) >= day:
            runs[-1] = (runs[-1][0], max(day, runs[-1][1]))
        else:
            runs.append((day, day))
    rows = [
        {"name": name, "starts_on": first, "ends_on": last, "kind": "holiday", "source": SOURCE}
        for name, runs in events.items()
        for first, last in runs
    ]
    return sorted(rows, key=lambda row: (str(row["starts_on"]), str(row["name"])))
