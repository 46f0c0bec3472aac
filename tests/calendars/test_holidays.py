"""Public holidays are a start for the calendar, and importing them again replaces them."""

import datetime as dt

import pytest

from campaigns.calendars.holidays import holiday_rows, years_of
from campaigns.faults import RefusedError
from campaigns.importing import import_holidays
from campaigns.settings import Settings
from campaigns.store import observations
from campaigns.store.database import Database


def test_holidays_of_several_days_are_one_event_each_year():
    rows = [row for row in holiday_rows("tr", (2026, 2027)).to_pylist() if row["name"] == "Eid al-Adha"]
    assert [(row["starts_on"], row["ends_on"]) for row in rows] == [
        (dt.date(2026, 5, 27), dt.date(2026, 5, 30)), (dt.date(2027, 5, 16), dt.date(2027, 5, 19))
    ]  # fmt: skip
    assert holiday_rows("DE-BY", (2026,)).num_rows > holiday_rows("DE", (2026,)).num_rows


@pytest.mark.parametrize(
    ("text", "years"), [("2026", (2026,)), ("2025-2027", (2025, 2026, 2027)), ("2024, 2026", (2024, 2026))]
)
def test_years_are_written_as_people_do(text: str, years: tuple[int, ...]):
    assert years_of(text) == years


@pytest.mark.parametrize("text", ["", "next", "2027-2025", "1-2", "1800", "1990-2090"])
def test_other_years_are_refused(text: str):
    with pytest.raises(RefusedError):
        years_of(text)


@pytest.mark.parametrize("country", ["XX", "TURKEY", "TR-99"])
def test_a_country_without_a_calendar_is_refused(country: str):
    with pytest.raises(RefusedError, match="There are no holidays"):
        holiday_rows(country, (2026,))


def test_importing_the_holidays_again_adds_nothing(sqlite_database: Database):
    first = import_holidays(sqlite_database, Settings(), "TR", "2026")
    again = import_holidays(sqlite_database, Settings(), "TR", "2025-2026")
    assert (first.added, again.unchanged) == (first.rows, first.rows)
    events = observations.events(sqlite_database)
    assert events.num_rows == again.rows
    assert set(events.column("kind").to_pylist()) == {"holiday"}
