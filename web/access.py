"""Who is asking, and what that person may open: every address is closed unless its view says for whom it is open.

>>> @blueprint.get("/promotions")
... @allow(Role.MARKETER, Role.MANAGER)
... def show() -> str: ...

``@public`` opens an address to strangers, ``@allow()`` to everybody who is signed in, ``@allow(ROLES)`` to people who
have one of the roles. Administrators may open everything. A view without a mark is open to administrators alone, and a
test complains of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from flask import Flask, abort, current_app, g, request
from werkzeug.exceptions import Unauthorized

from campaigns.access import Role
from campaigns.language import _

__all__ = ["SCOPE", "Visitor", "allow", "install", "public", "visitor", "visitor_or_none"]

View = TypeVar("View", bound=Callable[..., Any])

_MARK = "touchstone_open_to"

_STRANGERS = "strangers"

SCOPE = "_touchstone_scope"
"""Attribute of the views of the API: the scope that a key needs."""


@dataclass(frozen=True)
class Visitor:
    """Whoever is signed in and asks for this page.

    Parameters
    ----------
    id
        Number of the user.
    email, name
        How they sign in, and what they are called (the address where they gave no name).
    roles
        What they do here.
    owner
        The name under which accounts and customers are theirs (``customers.owner``, ``opportunities.owner``); empty
        for somebody who has none.
    language
        Code of the language they chose; empty where they left it to the browser.
    """

    id: int
    email: str
    name: str
    roles: frozenset[Role]
    owner: str = ""
    language: str = ""

    def may(self, *roles: Role) -> bool:
        """Tell whether they have one of the roles; administrators have all of them."""
        return Role.ADMINISTRATOR in self.roles or not self.roles.isdisjoint(roles)

    @property
    def sees_own_accounts_only(self) -> bool:
        """Whether customers and contacts are narrowed to those whose owner they are: sales, and no role beside it."""
        return self.roles == {Role.SALES}


def allow(*roles: Role) -> Callable[[View], View]:
    """Open a view to people who have one of ``roles``; with none named, to everybody who is signed in."""

    def marked(view: View) -> View:
        setattr(view, _MARK, frozenset(roles or Role))
        return view

    return marked


def public(view: View) -> View:
    """Open a view to strangers."""
    setattr(view, _MARK, _STRANGERS)
    return view


def visitor() -> Visitor:
    """Return whoever asks; only for views that are not public.

    Raises
    ------
    Unauthorized
        If nobody is signed in.
    """
    found = visitor_or_none()
    if found is None:
        raise Unauthorized
    return found


def visitor_or_none() -> Visitor | None:
    """Return whoever asks, or None for a stranger."""
    if "visitor" not in g:
        g.visitor = None  # should recognising fail, the page that says so has a stranger for its visitor
        g.visitor = current_app.extensions["touchstone_recognise"]()
    return cast("Visitor | None", g.visitor)


def install(app: Flask, recognise: Callable[[], Visitor | None]) -> None:
    """Close an application to whom its views are not open.

    Parameters
    ----------
    recognise
        Tells who asks, at most once per request; None for a stranger.
    """
    app.extensions["touchstone_recognise"] = recognise
    public(app.view_functions["static"])
    app.before_request(check)


def check() -> None:
    """Refuse whoever may not open what is asked for; addresses that do not exist are left to say so themselves.

    Raises
    ------
    Unauthorized
        If nobody is signed in.
    Forbidden
        If it is open to other roles.
    """
    if request.endpoint is None:
        return
    opened: frozenset[Role] | str = getattr(current_app.view_functions[request.endpoint], _MARK, frozenset())
    if isinstance(opened, str):
        return
    if not visitor().may(*opened):
        abort(403, _("Your role does not open this page."))
    scope = getattr(current_app.view_functions[request.endpoint], SCOPE, None)
    if scope is not None and scope not in g.get("scopes", frozenset()):
        abort(403, f"This key lacks the scope {scope}.")
