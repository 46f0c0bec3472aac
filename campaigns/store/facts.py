"""What a run looks at, in counts and sums by month and source, so that the next run can say what changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Numeric, cast, func, select
from sqlmodel import Session, col

from campaigns.store.database import Database
from campaigns.store.tables import Opportunity, Response, Spend, Touch
from campaigns.terms import DataFacts

__all__ = ["facts_of"]

_MICROSECONDS = 1_000_000


def facts_of(database: Database, kinds: Sequence[str]) -> DataFacts:
    """Count responses of some kinds and touches, and add up spend, by month (UTC) and source.

    Spend is told by ``SOURCE: CHANNEL``, so that a restated invoice can be named.
    """
    with database.reading() as session:
        counted = _by_month(session, Response, col(Response.occurred_at), col(Response.kind).in_(list(kinds)))
        if "won" in kinds:
            closed = func.coalesce(col(Opportunity.closed_on), col(Opportunity.opened_on))
            for month, sources in _by_month(session, Opportunity, closed, col(Opportunity.stage) == "won").items():
                for source, number in sources.items():
                    counted.setdefault(month, {})
                    counted[month][source] = counted[month].get(source, 0) + number
        return DataFacts(
            responses=counted,
            touches=_by_month(session, Touch, col(Touch.occurred_at)),
            spend=_spend(session),
        )


def _by_month(session: Session, table: Any, moment: Any, *where: Any) -> dict[str, dict[str, int]]:
    month = _month(session, moment)
    statement = select(month, table.source, func.count()).where(*where).group_by(month, table.source)
    return _nested(session.execute(statement))


def _spend(session: Session) -> dict[str, dict[str, int]]:
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    day: Any = col(Spend.date)
    month = func.strftime("%Y-%m", day) if on_sqlite else func.to_char(day, "YYYY-MM")
    label: Any = col(Spend.source) + ": " + col(Spend.channel)
    statement = select(month, label, func.sum(cast(col(Spend.cost), Numeric))).group_by(month, label)
    return _nested(session.execute(statement))


def _month(session: Session, moment: Any) -> Any:
    if session.get_bind().dialect.name == "sqlite":
        # Stored as microseconds; the cast keeps the column's own type from reading the division as a time.
        seconds: Any = cast(moment, Numeric) / _MICROSECONDS
        return func.strftime("%Y-%m", seconds, "unixepoch")
    return func.to_char(func.timezone("UTC", moment), "YYYY-MM")


def _nested(rows: Any) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for month, source, number in rows:
        found[str(month)][str(source)] = int(number)
    return {month: dict(sorted(sources.items())) for month, sources in sorted(found.items())}
