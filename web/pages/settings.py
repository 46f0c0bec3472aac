"""Pages of the settings: contact policy, targets, users, keys, and the audit trail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from web.pages.page import Page

__all__ = [
    "KeyLine",
    "KeysPage",
    "PolicyPage",
    "TargetsPage",
    "TrailLine",
    "TrailPage",
    "UserLine",
    "UserPage",
    "UsersPage",
    "VersionLine",
]


@dataclass(frozen=True)
class SettingsPage(Page):
    """What all pages of the settings have: they lie under one entry of the navigation.

    Parameters
    ----------
    tab
        Which of the settings it is: ``policy``, ``targets``, ``users``, ``keys`` or ``trail``.
    administers
        Whether the visitor may see the users, all keys and the audit trail.
    """

    section: ClassVar[str] = "settings"
    tab: ClassVar[str]

    administers: bool


@dataclass(frozen=True)
class VersionLine:
    """One saved version of the contact policy: number, when, by whom and why."""

    id: int
    at: str
    who: str
    note: str


@dataclass(frozen=True)
class PolicyPage(SettingsPage):
    """The contact policy that holds, and its versions.

    Parameters
    ----------
    form
        A ``PolicyForm``.
    origin
        Where the policy that holds comes from, in words.
    faults
        What stands in the way of saving it, in words.
    """

    template: ClassVar[str] = "settings_policy.html"
    tab: ClassVar[str] = "policy"

    form: Any
    origin: str
    faults: tuple[str, ...]
    versions: tuple[VersionLine, ...]


@dataclass(frozen=True)
class TargetsPage(SettingsPage):
    """What a new customer of each goal may cost, in ``currency``; ``fields`` are those of the form, a goal each."""

    template: ClassVar[str] = "settings_targets.html"
    tab: ClassVar[str] = "targets"

    fields: tuple[Any, ...]
    currency: str


@dataclass(frozen=True)
class UserLine:
    """One user in words; ``state`` is empty where there is nothing to say."""

    id: int
    name: str
    email: str
    roles: str
    owner: str
    seen: str
    state: str


@dataclass(frozen=True)
class UsersPage(SettingsPage):
    """Who may sign in, and a form to add somebody."""

    template: ClassVar[str] = "settings_users.html"
    tab: ClassVar[str] = "users"

    users: tuple[UserLine, ...]
    form: Any
    owners: tuple[str, ...]


@dataclass(frozen=True)
class UserPage(SettingsPage):
    """One user.

    Parameters
    ----------
    link
        A link by which they set a password, just made; empty where none was.
    lasts
        Until when the link holds.
    locked
        Until when the account is locked; empty where it is not.
    """

    template: ClassVar[str] = "settings_user.html"
    tab: ClassVar[str] = "users"

    user: UserLine
    form: Any
    owners: tuple[str, ...]
    link: str
    lasts: str
    locked: str


@dataclass(frozen=True)
class KeyLine:
    """One key of the API in words; ``live`` is whether it still opens anything."""

    id: int
    name: str
    hint: str
    whose: str
    scopes: str
    made: str
    used: str
    state: str
    live: bool


@dataclass(frozen=True)
class KeysPage(SettingsPage):
    """Keys by which programs use the API; ``made`` is the text of one just made, shown once."""

    template: ClassVar[str] = "settings_keys.html"
    tab: ClassVar[str] = "keys"

    keys: tuple[KeyLine, ...]
    form: Any
    made: str


@dataclass(frozen=True)
class TrailLine:
    """One change: when, by whom, what, to what, and each thing that changed as (name, before, after)."""

    at: str
    who: str
    action: str
    subject: str
    changes: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class TrailPage(SettingsPage):
    """The audit trail, the latest first; ``newer`` and ``older`` are addresses, empty where there is no such page."""

    template: ClassVar[str] = "settings_trail.html"
    tab: ClassVar[str] = "trail"

    lines: tuple[TrailLine, ...]
    search: str
    shown: str
    newer: str
    older: str
