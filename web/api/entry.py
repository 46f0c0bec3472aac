"""The way into the API: keys with scopes, parameters, answers and errors as JSON."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, TypeVar

from flask import Blueprint, Response, g, jsonify, make_response, request
from flask_limiter.util import get_remote_address
from werkzeug.exceptions import HTTPException

from campaigns.access import Role, Scope
from campaigns.faults import Fault, RefusedError, TouchstoneError
from campaigns.store import api_keys
from web.access import SCOPE, Visitor, allow
from web.limits import API_LIMIT, limiter
from web.protection import csrf
from web.recognising import visitor_of
from web.site import site

__all__ = [
    "PREFIX",
    "blueprint",
    "by_key",
    "caller",
    "failed",
    "opens",
    "problem",
    "refuse_unknown",
    "refused",
    "text",
    "whole",
]

PREFIX = "/api/v1"

LONGEST = 200
"""Characters of a parameter."""

View = TypeVar("View", bound=Callable[..., Any])

blueprint = Blueprint("api", __name__, url_prefix=PREFIX)

csrf.exempt(blueprint)
limiter.limit(API_LIMIT, key_func=lambda: caller())(blueprint)


def opens(scope: Scope, *roles: Role) -> Callable[[View], View]:
    """Open a view to keys with a scope, whose user has one of the roles (with none named, any)."""

    def marked(view: View) -> View:
        setattr(view, SCOPE, scope)
        return allow(*roles)(view)

    return marked


def by_key() -> Visitor | None:
    """Tell who asks, by the key in ``Authorization: Bearer KEY``; None where there is none that holds."""
    given = request.authorization
    if given is None or given.type != "bearer" or not given.token:
        return None
    with site().database.reading() as database:
        found = api_keys.recognise(database, given.token)
    if found is None:
        return None
    key, user = found
    g.scopes = frozenset(key.scopes)
    now = datetime.now(UTC)
    if key.used_at is None or key.used_at < now - api_keys.SEEN_EVERY:
        with site().database.transaction() as database:
            api_keys.used(database, int(key.id or 0), now)
    return visitor_of(user)


def caller() -> str:
    """Name who asks, for counting how often: their key, or their address in the network."""
    given = request.authorization
    return f"key {given.token}" if given is not None and given.token else get_remote_address()


def whole(name: str, default: int, least: int, most: int) -> int:
    """Read a parameter that is a whole number.

    Raises
    ------
    RefusedError
        If it is none, or outside of its bounds.
    """
    written = request.args.get(name)
    if written is None:
        return default
    if not (written.isascii() and written.isdigit() and len(written) < 10 and least <= int(written) <= most):
        fault = Fault(0, name, repr(written[:LONGEST]), f"a whole number from {least} to {most}")
        raise RefusedError("A parameter cannot be used:", [fault], "Correct it and ask again.")
    return int(written)


def text(name: str, allowed: tuple[str, ...] | None = None) -> str | None:
    """Read a parameter that is a text; None where it is not given.

    Raises
    ------
    RefusedError
        If it is too long, holds a null character, or is none of those allowed.
    """
    written = request.args.get(name)
    if written is None:
        return None
    expected = "one of " + ", ".join(allowed) if allowed is not None else f"a text of 1 to {LONGEST} characters"
    if not 1 <= len(written) <= LONGEST or "\0" in written or (allowed is not None and written not in allowed):
        fault = Fault(0, name, repr(written[:LONGEST]), expected)
        raise RefusedError("A parameter cannot be used:", [fault], "Correct it and ask again.")
    return written


def refuse_unknown(*known: str) -> None:
    """Refuse parameters that an address does not have: a misspelt filter would else give everything.

    Raises
    ------
    RefusedError
        With every unknown parameter.
    """
    expected = "one of " + ", ".join(known) if known else "no parameter"
    faults = [Fault(0, name[:LONGEST], "an unknown parameter", expected) for name in request.args if name not in known]
    if faults:
        raise RefusedError("Parameters cannot be used:", faults, "Correct them and ask again.")


def problem(status: int, message: str, remedy: str = "", faults: tuple[Fault, ...] = ()) -> Response:
    """Answer with an error."""
    listed = [
        {"line": fault.line, "column": fault.column, "found": fault.found, "expected": fault.expected}
        for fault in faults
    ]
    return make_response(jsonify({"error": {"message": message, "remedy": remedy, "faults": listed}}), status)


def refused(error: TouchstoneError) -> Response:
    """Answer with what the product refused: 422 with every fault, or 503 for what is not ready."""
    if isinstance(error, RefusedError):
        return problem(HTTPStatus.UNPROCESSABLE_ENTITY, error.message, error.remedy, error.faults)
    return problem(HTTPStatus.SERVICE_UNAVAILABLE, error.message, error.remedy)


def failed(error: HTTPException) -> Response:
    """Answer with an error of the web itself, with the headers that belong to it (``Allow``, ``Retry-After``)."""
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    if status == HTTPStatus.UNAUTHORIZED:
        answer = problem(status, "No key that holds was sent.", "Send one: Authorization: Bearer touchstone_...")
        answer.headers["WWW-Authenticate"] = "Bearer"
        return answer
    remedy = "Nothing was changed." if status >= HTTPStatus.INTERNAL_SERVER_ERROR else ""
    answer = problem(status, error.description or HTTPStatus(status).phrase, remedy)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            answer.headers[name] = value
    return answer
