"""The stylesheet: tokens and report styles, which the self-contained page has too, and what only the site needs.

The site's own part lies in ``static/styles``, a file per subject; all are sent as one, those of the frame first.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from campaigns.reporting.page import stylesheet
from web.access import public

__all__ = ["blueprint"]

YEAR = 365 * 24 * 3600

STATIC = Path(__file__).parent / "static"

STYLES = STATIC / "styles"

FIRST = ("frame.css", "forms.css")
"""Parts of the stylesheet that the others build upon."""

blueprint = Blueprint("assets", __name__)


@blueprint.get("/touchstone.css")
@public
def styles() -> BaseResponse:
    """Send the stylesheet; under the address that names its content it never changes."""
    text, digest = _styles()
    response = Response(text, mimetype="text/css")
    response.set_etag(digest)
    response.cache_control.public = True
    response.cache_control.max_age = YEAR if request.args.get("v") == digest else 0
    return response.make_conditional(request)


@blueprint.app_template_global()
def asset(name: str) -> str:
    """Give the address of the stylesheet or of a static file, which changes with its content."""
    if name == "touchstone.css":
        return url_for("assets.styles", v=_styles()[1])
    return url_for("static", filename=name, v=_digest(name))


@cache
def _styles() -> tuple[str, str]:
    others = sorted(file.name for file in STYLES.glob("*.css") if file.name not in FIRST)
    text = stylesheet() + "\n".join((STYLES / name).read_text("utf-8") for name in (*FIRST, *others))
    return text, hashlib.sha256(text.encode()).hexdigest()[:12]


@cache
def _digest(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
