"""Users: who may sign in, how often they failed to, and what signs them in.

Each function works inside the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from sqlmodel import Session, col, delete, select

from campaigns.access import Role
from campaigns.faults import Fault, RefusedError, TouchstoneError, UnreadyError
from campaigns.secrets import digest_of, new_secret
from campaigns.store.tables import PasswordLink, SignIn, User

__all__ = [
    "LINK_LASTS",
    "LOCK_AFTER",
    "LOCK_LASTS",
    "SEEN_EVERY",
    "LockedError",
    "add",
    "administrators",
    "begin",
    "by_email",
    "end",
    "end_all",
    "everybody",
    "fail",
    "find",
    "link",
    "linked",
    "recognise",
    "require_unlocked",
    "seen",
    "set_password",
    "sign_ins",
    "unlock",
]

LOCK_AFTER = 5
"""Wrong passwords in a row after which an account is locked."""

LOCK_LASTS = timedelta(minutes=15)

LINK_LASTS = timedelta(days=3)

IDLE = timedelta(days=1)
"""How long somebody may do nothing and still be signed in."""

LONGEST = timedelta(days=14)
"""How long somebody stays signed in whatever they do."""

SEEN_EVERY = timedelta(minutes=10)
"""How exactly it is known when somebody was last there: each note of it is a write."""


class LockedError(TouchstoneError):
    """An account takes no password for a while, because too many were wrong."""


def add(
    session: Session, email: str, name: str, roles: Iterable[Role], *, owner: str = "", now: datetime | None = None
) -> User:
    """Add a user, who has no password yet.

    Raises
    ------
    RefusedError
        If there is one with this address already.
    """
    email = email.strip().lower()
    if by_email(session, email) is not None:
        raise RefusedError("This user cannot be added:", [Fault(0, "email", email, "an address that nobody has yet")])
    now = now or datetime.now(UTC)
    user = User(email=email, name=name.strip(), roles=sorted(set(roles)), owner=owner.strip(), created_at=now)
    session.add(user)
    session.flush()
    return user


def find(session: Session, user_id: int) -> User:
    """Return a user.

    Raises
    ------
    UnreadyError
        If there is none of this number.
    """
    user = session.get(User, user_id)
    if user is None:
        raise UnreadyError(f"There is no user {user_id}.", "Choose one from the list.")
    return user


def by_email(session: Session, email: str) -> User | None:
    """Return the user with an address, or None."""
    return session.exec(select(User).where(User.email == email.strip().lower())).one_or_none()


def everybody(session: Session) -> Sequence[User]:
    """Return all users by name."""
    return session.exec(select(User).order_by(col(User.active).desc(), User.name, User.email)).all()


def administrators(session: Session) -> Sequence[User]:
    """Return the users who can sign in and may administer."""
    return [user for user in everybody(session) if user.active and Role.ADMINISTRATOR in user.roles]


def require_unlocked(user: User, now: datetime | None = None) -> None:
    """Check that an account takes passwords at the moment.

    Raises
    ------
    LockedError
        If too many were wrong lately.
    """
    if user.locked_until is not None and user.locked_until > (now or datetime.now(UTC)):
        raise LockedError("Too many wrong passwords: this account takes none for a while.")


def fail(session: Session, user: User, now: datetime | None = None) -> None:
    """Count a wrong password; the last of ``LOCK_AFTER`` in a row locks the account."""
    user.failures += 1
    if user.failures >= LOCK_AFTER:
        user.failures, user.locked_until = 0, (now or datetime.now(UTC)) + LOCK_LASTS
    session.add(user)


def unlock(session: Session, user: User) -> None:
    """Let an account take passwords again."""
    user.failures, user.locked_until = 0, None
    session.add(user)


def set_password(session: Session, user: User, kept: str) -> None:
    """Give a user a new password; every browser is signed out, and links that were sent are worth nothing.

    Parameters
    ----------
    kept
        The password as ``campaigns.secrets.hashed`` gives it: hashing takes its time, so it comes before the
        transaction.
    """
    user.password = kept
    unlock(session, user)
    end_all(session, user)
    session.exec(delete(PasswordLink).where(col(PasswordLink.user_id) == user.id))


def link(session: Session, user: User, now: datetime | None = None) -> str:
    """Return the secret of a link by which a user sets a password, once, within ``LINK_LASTS``; older ones end."""
    session.exec(delete(PasswordLink).where(col(PasswordLink.user_id) == user.id))
    secret = new_secret()
    expires = (now or datetime.now(UTC)) + LINK_LASTS
    session.add(PasswordLink(digest=secret.digest, user_id=int(user.id or 0), expires_at=expires))
    return secret.text


def linked(session: Session, secret: str, now: datetime | None = None) -> User | None:
    """Return the user who may set a password by a link, or None where the link has ended."""
    found = session.exec(select(PasswordLink).where(PasswordLink.digest == digest_of(secret))).one_or_none()
    if found is None or found.expires_at <= (now or datetime.now(UTC)):
        return None
    user = find(session, found.user_id)
    return user if user.active else None


def begin(session: Session, user: User, browser: str, now: datetime | None = None) -> str:
    """Sign a user in; return the secret that the browser keeps."""
    now = now or datetime.now(UTC)
    secret = new_secret()
    session.exec(delete(SignIn).where(col(SignIn.begun_at) < now - LONGEST))
    session.add(
        SignIn(digest=secret.digest, user_id=int(user.id or 0), begun_at=now, seen_at=now, browser=browser[:200])
    )
    user.signed_in_at = now
    session.add(user)
    return secret.text


def recognise(session: Session, secret: str, now: datetime | None = None) -> tuple[User, SignIn] | None:
    """Return who is signed in by a secret, with the sign-in, or None where it has ended."""
    now = now or datetime.now(UTC)
    query = select(User, SignIn).join(SignIn, col(SignIn.user_id) == col(User.id))
    found = session.exec(query.where(SignIn.digest == digest_of(secret))).one_or_none()
    if found is None:
        return None
    user, sign_in = found
    if not user.active or sign_in.begun_at < now - LONGEST or sign_in.seen_at < now - IDLE:
        return None
    return user, sign_in


def seen(session: Session, sign_in: SignIn, now: datetime | None = None) -> None:
    """Note that somebody is there."""
    sign_in.seen_at = now or datetime.now(UTC)
    session.merge(sign_in)


def sign_ins(session: Session, user_id: int) -> Sequence[SignIn]:
    """Return where a user is signed in, the latest first."""
    return session.exec(select(SignIn).where(SignIn.user_id == user_id).order_by(col(SignIn.seen_at).desc())).all()


def end(session: Session, secret: str) -> None:
    """Sign a browser out."""
    session.exec(delete(SignIn).where(col(SignIn.digest) == digest_of(secret)))


def end_all(session: Session, user: User, but: str = "") -> None:
    """Sign a user out everywhere, but for the browser that keeps the secret ``but``."""
    session.exec(delete(SignIn).where(col(SignIn.user_id) == user.id, col(SignIn.digest) != digest_of(but)))
