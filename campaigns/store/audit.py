"""The audit trail: every change with who made it, when, and how things were before and after. It is never changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from campaigns.store.tables import AuditEntry

__all__ = ["count", "note", "page"]


def note(
    session: Session,
    who: str,
    action: str,
    subject: str,
    *,
    user_id: int | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    now: datetime | None = None,
) -> None:
    """Note a change, inside the transaction that makes it.

    Parameters
    ----------
    who
        Who made it, by name.
    action
        What was done, as a noun and a verb: ``promotion changed``.
    subject
        To what: ``SPRING24``.
    before, after
        How it was and is, as far as it changed; values that JSON can hold. Values equal in both are left out.
    """
    both = {} if before is None or after is None else before
    same = {name for name in both if after is not None and both[name] == after.get(name, ...)}
    entry = AuditEntry(
        at=now or datetime.now(UTC),
        user_id=user_id,
        who=who,
        action=action,
        subject=subject,
        before=None if before is None else {name: value for name, value in before.items() if name not in same},
        after=None if after is None else {name: value for name, value in after.items() if name not in same},
    )
    session.add(entry)


def page(session: Session, *, offset: int = 0, limit: int = 50, search: str = "") -> Sequence[AuditEntry]:
    """Return entries, the latest first; ``search`` narrows them to those whose person, action or subject has it."""
    query = select(AuditEntry).order_by(col(AuditEntry.id).desc()).offset(offset).limit(limit)
    return session.exec(query.where(*_like(search))).all()


def count(session: Session, search: str = "") -> int:
    """Count the entries."""
    return session.exec(select(func.count()).select_from(AuditEntry).where(*_like(search))).one()


def _like(search: str) -> list[Any]:
    if not search:
        return []
    columns = (col(AuditEntry.who), col(AuditEntry.action), col(AuditEntry.subject))
    found = columns[0].icontains(search, autoescape=True)
    for column in columns[1:]:
        found = found | column.icontains(search, autoescape=True)
    return [found]
