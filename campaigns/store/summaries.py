"""What a run sums up of everything imported, so that pages need not: reconciliation, names, codes, payback, audiences.

A run stores it beside its report; a page shows it as of that run. Before the first run pages sum up by themselves.
"""

from __future__ import annotations

import datetime as dt
import gzip
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, delete

from campaigns.naming.names import Name
from campaigns.naming.pairing import Activity
from campaigns.reconciliation import Amounts, Difference, Reconciled
from campaigns.reporting.background import Worth
from campaigns.store.answers import Answers, answers_of
from campaigns.store.audience_index import AudienceIndex, index_of
from campaigns.store.audiences import AudienceParts, audience_parts
from campaigns.store.database import Database
from campaigns.store.joins import Written, written_of
from campaigns.store.reconciling import reconciliation
from campaigns.store.tables import RunSummary
from campaigns.store.touch_sums import touch_sums
from campaigns.terms import Goal, Window

__all__ = [
    "answers_kept",
    "audience_kept",
    "parts_kept",
    "reconciliation_kept",
    "store_summaries",
    "sum_up",
    "worth_kept",
    "written_kept",
]

RECONCILIATION, NAMES, ANSWERS, WORTH = "reconciliation", "names", "answers", "worth"

AUDIENCE, PARTS = "audience", "audience parts"


def sum_up(database: Database, zone: ZoneInfo, window: Window, goal: Goal, worth: Worth | None) -> dict[str, Any]:
    """Sum up what was imported, as :func:`store_summaries` keeps it.

    Parameters
    ----------
    zone
        Where days begin.
    window
        The days that the run's report is about.
    goal
        What counts as a response.
    worth
        What a new customer earns, or None where that is not seen.
    """
    with database.reading() as session:
        touches = touch_sums(session.connection(), zone)
        names, sorted_out = (
            written_of(session, touches),
            reconciliation(session, zone, window, goal, touches=touches),
        )
        found: dict[str, Any] = {
            RECONCILIATION: [asdict(each) for each in sorted_out],
            NAMES: {"spend": [*map(_activity, names.spend)], "touches": [*map(_activity, names.touches)]},
            ANSWERS: [asdict(each) for each in answers_of(session, zone, goal=goal)],
            AUDIENCE: index_of(session, dt.datetime.now(zone).date(), zone).to_bytes(),
            PARTS: asdict(audience_parts(session)),
        }
    return found if worth is None else {**found, WORTH: asdict(worth)}


def store_summaries(session: Session, run_id: int, summaries: Mapping[str, Any]) -> None:
    """Store the summaries of a run, in the caller's transaction; those it had are replaced."""
    session.exec(delete(RunSummary).where(col(RunSummary.run_id) == run_id))
    for name, content in summaries.items():
        if not isinstance(content, bytes):
            text = json.dumps(content, default=dt.date.isoformat, ensure_ascii=False)
            content = gzip.compress(text.encode(), mtime=0)
        session.add(RunSummary(run_id=run_id, name=name, content=content))


def reconciliation_kept(session: Session, run_id: int) -> tuple[Reconciled, ...] | None:
    """Return what each source showed and what counted of it, by month; None in a run of an older version."""
    kept = _kept(session, run_id, RECONCILIATION)
    return None if kept is None else tuple(map(_reconciled, kept))


def written_kept(session: Session, run_id: int) -> Written | None:
    """Return the names that spend and touches had, as they were written; None in a run of an older version."""
    kept = _kept(session, run_id, NAMES)
    if kept is None:
        return None
    spend, touches = (tuple(map(_read_activity, kept[side])) for side in ("spend", "touches"))
    return Written(spend, touches)


def answers_kept(session: Session, run_id: int) -> tuple[Answers, ...] | None:
    """Return what answered each code; None in a run of an older version."""
    kept = _kept(session, run_id, ANSWERS)
    if kept is None:
        return None
    return tuple(Answers(**{**one, "name": None if one["name"] is None else Name(**one["name"])}) for one in kept)


def worth_kept(session: Session, run_id: int) -> Worth | None:
    """Return what a new customer earned month by month; None where the run could not tell."""
    kept = _kept(session, run_id, WORTH)
    return None if kept is None else Worth(tuple(kept["margin_by_month"]), kept["customers"])


def audience_kept(session: Session, run_id: int) -> AudienceIndex | None:
    """Return who could be in which audience; None in a run of an older version."""
    row = session.get(RunSummary, (run_id, AUDIENCE))
    return None if row is None else AudienceIndex.from_bytes(row.content)


def parts_kept(session: Session, run_id: int) -> AudienceParts | None:
    """Return what audiences may speak of; None in a run of an older version."""
    kept = _kept(session, run_id, PARTS)
    if kept is None:
        return None
    products = tuple((product, name) for product, name in kept["products"])
    return AudienceParts(tuple(kept["segments"]), tuple(kept["regions"]), products)


def _kept(session: Session, run_id: int, name: str) -> Any:
    row = session.get(RunSummary, (run_id, name))
    return None if row is None else json.loads(gzip.decompress(row.content))


def _reconciled(told: Mapping[str, Any]) -> Reconciled:
    return Reconciled(
        kind=told["kind"],
        source=told["source"],
        month=None if told["month"] is None else dt.date.fromisoformat(told["month"]),
        shows=Amounts(**told["shows"]),
        uses=Amounts(**told["uses"]),
        differences=tuple(Difference(each["reason"], Amounts(**each["amounts"])) for each in told["differences"]),
        unlinked=Amounts(**told["unlinked"]),
    )


def _activity(each: Activity) -> dict[str, Any]:
    """Write an activity; its days as runs of days, ``[[first, count], ...]``, for most campaigns run on end."""
    runs: list[list[int]] = []
    for day in sorted(day.toordinal() for day in each.days):
        if runs and day == sum(runs[-1]):
            runs[-1][1] += 1
        else:
            runs.append([day, 1])
    return {"name": asdict(each.name), "rows": each.rows, "cost": each.cost, "days": runs}


def _read_activity(told: Mapping[str, Any]) -> Activity:
    days = frozenset(dt.date.fromordinal(first + step) for first, count in told["days"] for step in range(count))
    return Activity(Name(**told["name"]), told["rows"], told["cost"], days)
