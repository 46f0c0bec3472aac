"""Who may do what: the roles of people on the site, the scopes of programs at the API."""

from __future__ import annotations

from enum import StrEnum

from campaigns.language import _, mark

__all__ = ["ROLE_WORDS", "SCOPE_WORDS", "Role", "Scope", "staff_name"]


class Role(StrEnum):
    """What somebody does here, and so what they see; a person may have several."""

    MARKETER = "marketer"
    MANAGER = "manager"
    SALES = "sales"
    FRONT_LINE = "front_line"
    ADMINISTRATOR = "administrator"


ROLE_WORDS = {
    Role.MARKETER: mark("Marketer"),
    Role.MANAGER: mark("Manager"),
    Role.SALES: mark("Sales"),
    Role.FRONT_LINE: mark("Front line"),
    Role.ADMINISTRATOR: mark("Administrator"),
}
"""Roles as people read them; shown through ``_``."""


def staff_name(name: str) -> str:
    """Write the name of somebody of the staff; the demo's people are called by their roles, in any language."""
    return _(name) if name in ROLE_WORDS.values() else name


class Scope(StrEnum):
    """What a key of the API may do, within what its user may."""

    READ = "read"
    COLLECT = "collect"
    RUN = "run"


SCOPE_WORDS = {
    Scope.READ: mark("Read reports, plans and customers"),
    Scope.COLLECT: mark("Send in touches and responses"),
    Scope.RUN: mark("Ask for runs"),
}
"""Scopes as people read them; shown through ``_``."""
