"""The audit trail as the site writes it: every change, by whoever is signed in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from campaigns.store import audit
from web.access import visitor

__all__ = ["audited"]


def audited(
    session: Session,
    action: str,
    subject: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Note a change by this request's visitor, inside the transaction that makes it.

    Parameters
    ----------
    action
        What was done, as a noun and a verb in plain English, the same each time: ``promotion changed``.
    subject
        To what, by the name that people know it by: ``SPRING24``.
    before, after
        How it was and is; values that JSON can hold. What is equal in both is left out. Never a secret.
    """
    who = visitor()
    audit.note(session, who.name, action, subject, user_id=who.id or None, before=before, after=after)
