"""Whether the site works, for whatever watches it."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint

from campaigns.faults import TouchstoneError
from web.access import public
from web.site import site

__all__ = ["blueprint"]

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@public
def health() -> tuple[dict[str, str], int]:
    """Answer 200 where the database is reached and up to date, 503 otherwise; no more is told to strangers."""
    try:
        ready = site().database.is_current()
    except TouchstoneError:
        return {"status": "the database is not reached"}, HTTPStatus.SERVICE_UNAVAILABLE
    if not ready:
        return {"status": "the database is not set up"}, HTTPStatus.SERVICE_UNAVAILABLE
    return {"status": "ok"}, HTTPStatus.OK
