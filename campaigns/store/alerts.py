"""Alerts: what somebody has to hear, kept for the page and mailed once where an address is known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import select
from sqlmodel import Session, col

from campaigns.access import Role
from campaigns.store.tables import Alert, User

__all__ = ["MARKETING", "addresses_of", "alerts_for", "mark_mailed", "mark_seen", "raise_alert", "unmailed"]

MARKETING = "marketing"
"""To whom alerts go that concern the team and no single person."""


def raise_alert(
    session: Session, to: str, about: str, step: str, words: str, *, now: datetime | None = None
) -> Alert | None:
    """Keep an alert, inside the transaction of what it tells of; return it, or None if it was raised before."""
    known = select(Alert).where(col(Alert.about) == about, col(Alert.step) == step)
    if session.execute(known).first() is not None:
        return None
    row = Alert(to=to, about=about, step=step, words=words, at=now or datetime.now(UTC))
    session.add(row)
    return row


def unmailed(session: Session) -> Sequence[Alert]:
    """Return the alerts that no mail has told of yet, the oldest first."""
    query = select(Alert).where(col(Alert.mailed_at).is_(None), col(Alert.seen_at).is_(None)).order_by(col(Alert.id))
    return session.execute(query).scalars().all()


def alerts_for(session: Session, to: Sequence[str], *, limit: int = 50) -> Sequence[Alert]:
    """Return the alerts to somebody by their names, or ``marketing``, that they have not seen, the newest first."""
    query = select(Alert).where(col(Alert.to).in_(to), col(Alert.seen_at).is_(None))
    return session.execute(query.order_by(col(Alert.id).desc()).limit(limit)).scalars().all()


def mark_mailed(session: Session, numbers: Sequence[int], now: datetime) -> None:
    """Note that a mail told of alerts."""
    for row in session.execute(select(Alert).where(col(Alert.id).in_(numbers))).scalars():
        row.mailed_at = now
        session.add(row)


def mark_seen(session: Session, number: int, now: datetime) -> None:
    """Note that somebody has seen an alert: it leaves their page."""
    row = session.get(Alert, number)
    if row is not None:
        row.seen_at = row.seen_at or now
        session.add(row)


def addresses_of(session: Session, to: str) -> tuple[tuple[str, str], ...]:
    """Return addresses and languages of whoever goes by a name: an owner, a manager, or the team of marketing.

    A name that is an address itself is taken as it is, where no user goes by it.
    """
    users = session.execute(select(User).where(col(User.active)).order_by(col(User.id))).scalars().all()
    if to == MARKETING:
        return tuple((user.email, user.language) for user in users if Role.MARKETER in user.roles)
    plain = to.strip().casefold()
    mine = [user for user in users if plain in (user.owner.casefold(), user.email.casefold())]
    mine = mine or [user for user in users if user.name.casefold() == plain]
    return tuple((user.email, user.language) for user in mine) or (((to.strip(), ""),) if "@" in to else ())
