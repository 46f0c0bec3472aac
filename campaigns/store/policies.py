"""Contact policies as the marketer saved them: every save is a version of its own, with who, when and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from campaigns.faults import Fault, RefusedError
from campaigns.planning.policy import ContactPolicy
from campaigns.planning.soundness import check_policy
from campaigns.store import tables
from campaigns.store.database import Database

__all__ = ["PolicyInUse", "SavedPolicy", "policy_history", "policy_in_use", "save_policy", "store_policy"]


@dataclass(frozen=True)
class SavedPolicy:
    """A saved version; ``policy`` is None where the word was given back to ``touchstone.toml``."""

    id: int
    saved_at: datetime
    saved_by: str
    note: str
    policy: ContactPolicy | None


@dataclass(frozen=True)
class PolicyInUse:
    """The policy that holds, and where it comes from.

    Parameters
    ----------
    version
        Number of the saved version, or None if that of ``touchstone.toml`` holds.
    words
        Where it comes from, as people read it.
    """

    policy: ContactPolicy
    version: int | None
    words: str


def policy_in_use(database: Database, written: Mapping[str, Any]) -> PolicyInUse:
    """Return the policy that holds: the version saved last, as a whole; without one, what ``touchstone.toml`` says.

    Parameters
    ----------
    written
        The table ``[policy]`` of ``touchstone.toml``; looked at only where it holds.
    """
    saved = _latest(database)
    if saved is None or saved.policy is None:
        words = "the policy of touchstone.toml" if written else "the default policy"
        return PolicyInUse(ContactPolicy.from_mapping(written), None, words)
    words = f"policy version {saved.id}, saved by {saved.saved_by} on {saved.saved_at:%Y-%m-%d}"
    if written:
        words += " ([policy] in touchstone.toml is not looked at)"
    return PolicyInUse(saved.policy, saved.id, words)


def save_policy(
    database: Database, policy: ContactPolicy | None, *, by: str, note: str = "", now: datetime | None = None
) -> SavedPolicy:
    """Save a policy as a new version, in a transaction of its own; see :func:`store_policy`."""
    with database.transaction() as session:
        return store_policy(session, policy, by=by, note=note, now=now)


def store_policy(
    session: Session, policy: ContactPolicy | None, *, by: str, note: str = "", now: datetime | None = None
) -> SavedPolicy:
    """Store a policy as a new version, in the caller's transaction; the versions before stay as they are.

    Parameters
    ----------
    policy
        The policy, or None to give the word back to ``touchstone.toml``.
    by
        Who saves it.
    note
        Why.

    Raises
    ------
    RefusedError
        If nobody is named, or rules of the policy contradict one another.
    """
    if not by.strip():
        raise RefusedError("This policy cannot be saved:", [Fault(0, "by", "nobody", "who saves it")])
    if policy is not None:
        check_policy(policy)
    row = tables.PolicyVersion(
        saved_at=now or datetime.now(UTC),
        saved_by=by.strip(),
        note=note.strip(),
        settings=None if policy is None else policy.to_mapping(),
    )
    session.add(row)
    session.flush()
    return _saved(row)


def policy_history(database: Database) -> tuple[SavedPolicy, ...]:
    """Return every saved version, the newest first."""
    with database.reading() as session:
        rows = session.execute(select(tables.PolicyVersion).order_by(col(tables.PolicyVersion.id).desc())).scalars()
        return tuple(map(_saved, rows))


def _latest(database: Database) -> SavedPolicy | None:
    with database.reading() as session:
        row = session.execute(
            select(tables.PolicyVersion).order_by(col(tables.PolicyVersion.id).desc()).limit(1)
        ).scalar_one_or_none()
        return None if row is None else _saved(row)


def _saved(row: tables.PolicyVersion) -> SavedPolicy:
    policy = None if row.settings is None else ContactPolicy.from_mapping(row.settings)
    return SavedPolicy(row.id or 0, row.saved_at, row.saved_by, row.note, policy)
