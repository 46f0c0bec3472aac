"""Keys by which programs use the API: made, found, listed, taken back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from sqlmodel import Session, col, select

from campaigns.access import Scope
from campaigns.faults import UnreadyError
from campaigns.secrets import digest_of, new_secret
from campaigns.store.tables import ApiKey, User

__all__ = ["PREFIX", "add", "every", "recognise", "revoke", "used"]

PREFIX = "touchstone_"
"""How every key begins, so that scanners of source code know one when somebody commits it."""

SEEN_EVERY = timedelta(minutes=10)
"""How exactly it is known when a key was last used: each note of it is a write."""


def add(
    session: Session, user: User, name: str, scopes: Iterable[Scope], *, lasts: timedelta | None = None
) -> tuple[ApiKey, str]:
    """Make a key for a user; return it with its text, which is not kept and can be shown only now."""
    secret = new_secret(PREFIX)
    now = datetime.now(UTC)
    made = ApiKey(
        digest=secret.digest,
        hint=secret.text[-4:],
        name=name.strip(),
        user_id=int(user.id or 0),
        scopes=sorted(set(scopes)),
        created_at=now,
        expires_at=None if lasts is None else now + lasts,
    )
    session.add(made)
    session.flush()
    return made, secret.text


def every(session: Session, user_id: int | None = None) -> Sequence[tuple[ApiKey, User]]:
    """Return all keys, or those of one user, with whose they are; the latest first."""
    query = select(ApiKey, User).join(User, col(ApiKey.user_id) == col(User.id)).order_by(col(ApiKey.id).desc())
    return session.exec(query if user_id is None else query.where(ApiKey.user_id == user_id)).all()


def recognise(session: Session, text: str, now: datetime | None = None) -> tuple[ApiKey, User] | None:
    """Return the key of a text, with whose it is, or None where it is none that holds."""
    query = select(ApiKey, User).join(User, col(ApiKey.user_id) == col(User.id))
    found = session.exec(query.where(ApiKey.digest == digest_of(text))).one_or_none()
    if found is None:
        return None
    made, user = found
    ended = made.expires_at is not None and made.expires_at <= (now or datetime.now(UTC))
    return None if ended or made.revoked_at is not None or not user.active else (made, user)


def used(session: Session, key_id: int, now: datetime | None = None) -> None:
    """Note that a key was used, every few minutes."""
    now = now or datetime.now(UTC)
    made = session.get(ApiKey, key_id)
    if made is not None and (made.used_at is None or made.used_at < now - SEEN_EVERY):
        made.used_at = now


def revoke(session: Session, key_id: int, now: datetime | None = None) -> ApiKey:
    """Take a key back.

    Raises
    ------
    UnreadyError
        If there is none of this number.
    """
    made = session.get(ApiKey, key_id)
    if made is None:
        raise UnreadyError(f"There is no key {key_id}.", "Choose one from the list.")
    made.revoked_at = made.revoked_at or now or datetime.now(UTC)
    return made
