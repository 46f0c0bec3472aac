"""How good earlier forecasts were: of the ranges that were told, how many contained what came."""

from __future__ import annotations

from collections.abc import Sequence

from scipy import stats

from campaigns.terms import Check, Forecast, ForecastOutcome, TrackRecord, Verdict

__all__ = ["LAST", "check_of", "track_record"]

LAST = 40
"""Forecasts looked back at."""

LEVEL = 0.9

_DOUBT = 0.05

_SETTLED = (ForecastOutcome.HELD, ForecastOutcome.MISSED)


def track_record(forecasts: Sequence[Forecast], last: int = LAST) -> TrackRecord | None:
    """Count the latest settled forecasts of all responses, and those that came true.

    Runs of one week tell nearly the same of nearly the same days: of forecasts that share a day only the latest counts.
    What each channel was to cause is left out, since what it did cause is itself an estimate, and so are forecasts that
    took other contacts for granted than were made.

    Parameters
    ----------
    last
        How many forecasts to look back at.

    Returns
    -------
    The counts, judged by a two-sided binomial test at 5 %; None where nothing is settled yet.
    """
    settled = [one for one in forecasts if one.channel is None and one.outcome in _SETTLED]
    apart: list[Forecast] = []
    for one in sorted(settled, key=lambda each: (each.ends_on, each.run), reverse=True):
        if not apart or one.ends_on < apart[-1].starts_on:
            apart.append(one)
    apart = apart[:last]
    if not apart:
        return None
    held = sum(one.outcome is ForecastOutcome.HELD for one in apart)
    honest = float(stats.binomtest(held, len(apart), LEVEL).pvalue) >= _DOUBT
    return TrackRecord(len(apart), held, apart[-1].starts_on, honest)


def check_of(record: TrackRecord | None) -> tuple[Check, ...]:
    """Judge a fit by what became of the forecasts of those before it.

    Wrong forecasts are a reason to look closely, none to keep a fit back: what misled earlier ones may be what the
    latest data have just shown.
    """
    if record is None:
        return ()
    share = record.held / record.forecasts
    verdict = Verdict.PASS if record.honest else Verdict.REVIEW
    sentence = (
        f"Of {record.forecasts:,} forecasts made since {record.since:%B %Y}, {record.held:,} came true within their "
        f"range (wanted: about nine in ten)."
    )
    return (Check("earlier forecasts came true", share, LEVEL, verdict, sentence),)
