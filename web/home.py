"""The first page: the first entry of the navigation that is open to whoever asks."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from web.access import allow, visitor
from web.navigation import sections_of

__all__ = ["blueprint"]

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@allow()
def show() -> Response:
    """Lead to the first page of somebody's role."""
    return redirect(url_for(sections_of(visitor().roles)[0].endpoint))
