"""What moves everybody: the calendar, and regional television."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from attribution.simulation.nature import REGIONS
from attribution.simulation.spec import MarketSpec

__all__ = ["CalendarEvent", "Season", "draw_season", "grp_lift", "time_of_day"]

WEEKDAYS = (1.06, 0.97, 0.95, 0.98, 1.08, 1.10, 0.86)
HOURS = (1, 0.6, 0.4, 0.3, 0.3, 0.6, 1.5, 3, 4, 5, 5.5, 5.5, 5.5, 5, 5, 5, 5.2, 5.6, 6.2, 7, 7.5, 6.5, 4.5, 2.3)

TV_RETENTION = 0.88
TV_HALF = 42.0
TV_SLOPE = 2.0
TV_CEILING = 0.50
TV_FLIGHT_DAYS = 21
TV_GRP = 48.0


@dataclass(frozen=True)
class CalendarEvent:
    """An event that lifts or lowers everybody's base rate by a factor; days from the start, both included."""

    name: str
    kind: str
    first_day: int
    last_day: int
    factor: float


@dataclass(frozen=True)
class Season:
    """The common movement of a market.

    Parameters
    ----------
    events
        Calendar events inside the data.
    factor
        Factor of the base rate per day, shape ``(days,)``.
    grp
        Gross rating points per region and day, shape ``(regions, days)``.
    tv_lift
        What television adds to a base rate of 1, shape ``(regions, days)``.
    """

    events: tuple[CalendarEvent, ...]
    factor: NDArray[np.float64]
    grp: NDArray[np.float64]
    tv_lift: NDArray[np.float64]

    @property
    def sale(self) -> CalendarEvent:
        """The own sale."""
        return next(event for event in self.events if event.kind == "own sale")


def draw_season(spec: MarketSpec, rng: np.random.Generator) -> Season:
    """Draw calendar and television of a market.

    Parameters
    ----------
    spec
        Days of the data; ``no_effects`` leaves television without lift.
    rng
        Source of randomness.

    Returns
    -------
    A week's rhythm, a slow swing, an own sale of seven days, a holiday dip of four, and TV flights that differ by
    region; the last region is without television until the last third of the data.
    """
    after = spec.days - spec.burn_in_days
    sale = spec.burn_in_days + int(0.50 * after)
    dip = spec.burn_in_days + int(0.75 * after)
    events = (
        CalendarEvent("spring sale", "own sale", sale, min(sale + 6, spec.days - 1), 1.45),
        CalendarEvent("long weekend", "holiday", dip, min(dip + 3, spec.days - 1), 0.70),
    )
    day = np.arange(spec.days)
    weekday = np.array([(spec.starts_on + timedelta(days=int(d))).weekday() for d in day])
    phase = rng.uniform(0.0, 2.0 * np.pi)
    factor = np.array(WEEKDAYS)[weekday] * (1.0 + 0.07 * np.sin(2.0 * np.pi * day / 150.0 + phase))
    for event in events:
        factor[event.first_day : event.last_day + 1] *= event.factor
    grp = _flights(spec, rng)
    lift = np.zeros_like(grp) if spec.no_effects else grp_lift(grp)
    return Season(events, factor, grp, lift)


def _flights(spec: MarketSpec, rng: np.random.Generator) -> NDArray[np.float64]:
    """Draw on and off flights per region; the last region begins late."""
    flights = -(-spec.days // TV_FLIGHT_DAYS) + 1
    grp = np.zeros((len(REGIONS), spec.days))
    for region in range(len(REGIONS)):
        shift = int(rng.integers(0, TV_FLIGHT_DAYS))
        level = rng.choice((0.0, 0.0, 0.6, 1.0, 1.5), flights) * TV_GRP
        daily = np.repeat(level, TV_FLIGHT_DAYS)[shift : shift + spec.days]
        grp[region] = np.round(daily * rng.uniform(0.7, 1.3, spec.days), 1)
    grp[-1, : 2 * spec.days // 3] = 0.0
    return grp


def grp_lift(grp: NDArray[np.float64]) -> NDArray[np.float64]:
    """Tell what television adds to a base rate of 1.

    Parameters
    ----------
    grp
        Gross rating points, shape ``(regions, days)``.

    Returns
    -------
    An S-shaped (Hill) function of the geometric adstock, same shape, in ``[0, TV_CEILING)``.
    """
    stock = np.empty_like(grp)
    carried = np.zeros(grp.shape[0])
    for day in range(grp.shape[1]):
        carried = TV_RETENTION * carried + (1.0 - TV_RETENTION) * grp[:, day]
        stock[:, day] = carried
    power = stock**TV_SLOPE
    lift: NDArray[np.float64] = TV_CEILING * power / (power + TV_HALF**TV_SLOPE)
    return lift


def time_of_day(size: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Draw when in a day people act, as a fraction of the day; few at night, most in the evening."""
    hours = np.array(HOURS) / sum(HOURS)
    return (np.searchsorted(np.cumsum(hours), rng.random(size)).clip(0, 23) + rng.random(size)) / 24.0
