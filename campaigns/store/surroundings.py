"""What a check of a file needs to know of the database: exchange rates, and the channels already in use."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlmodel import col

from campaigns.intake.checking import CheckOptions
from campaigns.settings import Settings
from campaigns.store.database import Database
from campaigns.store.tables import Rate, SeenChannel

__all__ = ["surroundings"]


def surroundings(
    database: Database, settings: Settings, *, now: datetime, default_source: str | None = None
) -> CheckOptions:
    """Return the surroundings in which a file is checked, as the database stands.

    Parameters
    ----------
    now
        The present, with its zone: what lies after it has not happened.
    default_source
        ``source`` of rows that name none; the name of the file kind if None.
    """
    return CheckOptions(
        zone=settings.zone,
        currency=settings.currency,
        now=now,
        rates=database.arrow(select(col(Rate.date), col(Rate.currency), col(Rate.rate))),
        known_channels=frozenset(database.arrow(select(col(SeenChannel.channel))).column("channel").to_pylist()),
        default_source=default_source,
    )
