"""The first administrator of the site, named on the command line: no default password, no default user."""

from __future__ import annotations

from email_validator import EmailNotValidError, validate_email

from campaigns.access import Role
from campaigns.faults import Fault, RefusedError
from campaigns.secrets import SHORTEST, hashed
from campaigns.store import audit, users
from campaigns.store.database import Database

__all__ = ["appoint", "has_administrator"]

WHO = "the command line"


def has_administrator(database: Database) -> bool:
    """Tell whether somebody can administer the site."""
    with database.reading() as session:
        return bool(users.administrators(session))


def appoint(database: Database, email: str, home: str, password: str | None = None) -> str:
    """Make somebody an administrator; return what to tell them.

    Parameters
    ----------
    home
        Address of the site, for the link.
    password
        Their password; where there is none, the link sets it.

    Raises
    ------
    RefusedError
        If the address or the password cannot be used; then nothing is changed.
    """
    email = _checked(email, password)
    kept = None if password is None else hashed(password)
    with database.transaction() as session:
        user = users.by_email(session, email) or users.add(session, email, email.split("@")[0], [])
        before = {"roles": list(user.roles), "active": user.active}
        user.roles, user.active = sorted({*user.roles, Role.ADMINISTRATOR}), True
        users.unlock(session, user)
        after = {"roles": list(user.roles), "active": user.active}
        audit.note(session, WHO, "administrator named", email, before=before, after=after)
        if kept is not None:
            users.set_password(session, user, kept)
            return f"{email} is an administrator and can sign in at {home}/sign-in"
        secret = users.link(session, user)
    told = f"{email} is an administrator. This link sets the password, once, within three days:"
    return f"{told}\n  {home}/set-password/{secret}"


def _checked(email: str, password: str | None) -> str:
    faults = []
    try:
        email = validate_email(email, check_deliverability=False).normalized
    except EmailNotValidError as error:
        faults.append(Fault(0, "email", repr(email), f"an e-mail address ({str(error).rstrip('.')})"))
    if password is not None and len(password) < SHORTEST:
        faults.append(Fault(0, "password", f"{len(password)} characters", f"at least {SHORTEST}"))
    if faults:
        raise RefusedError("Nobody was made an administrator:", faults, "Correct it and run it again.")
    return email.lower()
