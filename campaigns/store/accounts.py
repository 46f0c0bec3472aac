"""Accounts: the firms that customers belong to, who is in them, and whose they are."""

from __future__ import annotations

from sqlalchemy import select
from sqlmodel import Session, col

from campaigns.people.identity import CUSTOMER
from campaigns.store.tables import Customer, Identity, Opportunity, SalesActivity

__all__ = ["account_is_known", "members_of_account", "owns_account"]

MOST = 500
"""People of an account that are read at most."""


def members_of_account(session: Session, account_id: str) -> dict[int, tuple[str, str]]:
    """Return number and name of the customers of an account, by person."""
    rows = session.execute(
        select(col(Identity.person_id), col(Identity.value), col(Customer.first_name), col(Customer.last_name))
        .join(Customer, col(Customer.identity_id) == col(Identity.id))
        .where(col(Customer.account_id) == account_id, col(Identity.kind) == CUSTOMER)
        .order_by(col(Customer.batch_id), col(Customer.id))
        .limit(MOST)
    )
    return {row[0]: (row[1], " ".join(part for part in row[2:] if part)) for row in rows}


def account_is_known(session: Session, account_id: str) -> bool:
    """Tell whether customers, deals or sales activities name an account."""
    return any(
        session.execute(select(col(table.id)).where(col(table.account_id) == account_id).limit(1)).first()
        for table in (Customer, Opportunity, SalesActivity)
    )


def owns_account(session: Session, owner: str, account_id: str) -> bool:
    """Tell whether an account is an owner's: by a customer of it, or by a deal."""
    if not owner:
        return False
    return any(
        session.execute(
            select(col(table.id)).where(col(table.account_id) == account_id, col(table.owner) == owner).limit(1)
        ).first()
        for table in (Customer, Opportunity)
    )
