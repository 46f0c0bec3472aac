"""Pages of signing in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from web.pages.page import Page

__all__ = ["DemoChoice", "EndedLinkPage", "PasswordPage", "SignInPage"]


@dataclass(frozen=True)
class DemoChoice:
    """One role that a visitor of the demo may take, with what it does and whether they have it now."""

    role: str
    words: str
    does: str
    chosen: bool


@dataclass(frozen=True)
class SignInPage(Page):
    """Address and password; in the demo, a button per role.

    Parameters
    ----------
    form
        A ``SignInForm``.
    next
        The address to go to afterwards; empty for the first page.
    ready
        Whether there is an administrator; else the page says how to make one.
    demo
        The roles of the demo; empty outside of it.
    """

    template: ClassVar[str] = "sign_in.html"

    form: Any
    next: str
    ready: bool
    demo: tuple[DemoChoice, ...]


@dataclass(frozen=True)
class PasswordPage(Page):
    """A new password for ``email``, sent to ``address``."""

    template: ClassVar[str] = "set_password.html"

    form: Any
    email: str
    address: str


@dataclass(frozen=True)
class EndedLinkPage(Page):
    """What to do where a link to set a password has been used or is too old."""

    template: ClassVar[str] = "ended_link.html"
