"""What ``touchstone doctor`` says of joins: names, persons and times by which spend, touches and orders meet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from campaigns.settings import Settings
from campaigns.store.database import Database
from campaigns.store.gaps import Gaps, gaps_of
from campaigns.store.joins import Joins, joins_of
from jobs.findings import Finding, Grade

__all__ = ["join_findings"]

ENOUGH = 0.8
"""Share of the spend below which its names are worth looking at."""

FEW = 0.2
"""Share of the orders by somebody touched below which the files probably know people by different things."""


def join_findings(database: Database, settings: Settings) -> Iterator[Finding]:
    """Say whether spend, touches and orders meet; nothing where one of them is missing, which is said elsewhere."""
    with database.reading() as session:
        gaps, joins = gaps_of(session), joins_of(session)
    if gaps.responses and gaps.touches_by:
        yield _times(gaps) if gaps.apart else _persons(gaps)
    if joins.spend and joins.touches:
        yield _names(joins, settings.currency)


def _times(gaps: Gaps) -> Finding:
    def days(span: tuple[object, object] | None) -> str:
        return " to ".join(f"{moment:%Y-%m-%d}" for moment in span or ())

    return Finding(
        "times",
        Grade.BAD,
        f"touches lie from {days(gaps.touches_span)}, orders from {days(gaps.responses_span)}: none can follow another",
        "Export both for the same months and import them.",
    )


def _persons(gaps: Gaps) -> Finding:
    sentence = f"{gaps.share:.0%} of {gaps.responses:,} orders are by somebody who was touched"
    if gaps.share >= FEW:
        return Finding("persons", Grade.GOOD, sentence)
    by = f"touches know them by {_most(gaps.touches_by)}, orders by {_most(gaps.responses_by)}"
    return Finding(
        "persons",
        Grade.BAD if not gaps.met else Grade.NOTICE,
        f"{sentence}; {by}",
        "Import a customers file that has both (customer_id with email, phone or loyalty), or an export with both.",
    )


def _names(joins: Joins, currency: str) -> Finding:
    share = joins.joined_spend / joins.spend
    sentence = f"{share:.0%} of {joins.spend / 100:,.0f} {currency} spent lie in channels with touches"
    campaigns = [each for level in joins.unjoined if level.level == "campaign" for each in level.spend]
    if share >= ENOUGH and not campaigns:
        return Finding("names", Grade.GOOD, sentence)
    first = [each for level in joins.unjoined for each in level.spend][:3]
    listed = ", ".join(str(each.name) for each in first)
    return Finding(
        "names",
        Grade.NOTICE,
        f"{sentence}; without touches: {listed or 'nothing'}",
        "touchstone doctor names proposes what means the same.",
    )


def _most(known_by: Mapping[str, int]) -> str:
    """Return what most rows know their person by."""
    kind = max(known_by, key=lambda kind: known_by[kind])
    return kind or "nothing"
