"""The page of somebody's own account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from web.pages.page import Page

__all__ = ["AccountPage", "Presence"]


@dataclass(frozen=True)
class Presence:
    """One browser in which somebody is signed in: its name, since when, last seen, and whether it is this one."""

    browser: str
    begun: str
    seen: str
    here: bool


@dataclass(frozen=True)
class AccountPage(Page):
    """Somebody's own account.

    Parameters
    ----------
    roles
        What they do here, in words.
    owner
        The name under which accounts are theirs; empty for none.
    profile, password
        The forms; None for who has no password, as in the demo.
    """

    template: ClassVar[str] = "account.html"

    email: str
    roles: str
    owner: str
    profile: Any
    password: Any | None
    presences: tuple[Presence, ...]
