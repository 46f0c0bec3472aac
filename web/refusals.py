"""Every error becomes a page here: what happened, and what to do next."""

from __future__ import annotations

from http import HTTPStatus

from flask import Flask, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from markupsafe import Markup, escape
from werkzeug.exceptions import HTTPException, Unauthorized

from campaigns.faults import RefusedError, TouchstoneError, UnreadyError
from campaigns.language import _, mark
from campaigns.retelling import retold
from web.api.entry import PREFIX, failed, refused
from web.pages.refusals import RefusalPage

__all__ = ["install"]

WORDS = {
    400: (
        mark("This request cannot be answered"),
        mark("Open the site under the address that it prints when it starts."),
    ),
    403: (mark("This is not allowed"), mark("Open the page again from this site, then try once more.")),
    404: (mark("There is no such page"), mark("Start from one of the pages above.")),
    405: (mark("This address takes no such request"), mark("Start from one of the pages above.")),
    413: (mark("This is too large"), mark("Import large files with `touchstone import`.")),
    429: (mark("Too many requests"), mark("Nothing was changed. Wait a minute, then try again.")),
    500: (
        mark("Something went wrong here"),
        mark("Nothing was changed. Try again; if it happens again, look into the log."),
    ),
}
"""Title and remedy of the errors that a visitor may meet, by status."""


def install(app: Flask) -> None:
    """Turn the errors of an application into pages."""
    app.register_error_handler(TouchstoneError, refuse)
    app.register_error_handler(HTTPException, answer)
    app.register_error_handler(Unauthorized, ask_to_sign_in)
    app.register_error_handler(CSRFError, ask_again)
    app.add_template_filter(with_commands)


def with_commands(text: str) -> Markup:
    """Set what stands between backticks as a command; everything else stays text."""
    parts = (
        escape(part) if place % 2 == 0 else Markup("<code>{}</code>").format(part)
        for place, part in enumerate(text.split("`"))
    )
    return Markup("").join(parts)


def refuse(error: TouchstoneError) -> ResponseReturnValue:
    """Show an error that the user can mend: 503 for what is not ready or not reached, 422 for what was refused."""
    if _by_program():
        return refused(error)
    if isinstance(error, RefusedError):
        faults = tuple(retold(str(fault)) for fault in error.faults)
        page = RefusalPage(_("Refused"), retold(error.message), retold(error.remedy), faults)
        return page.render(), HTTPStatus.UNPROCESSABLE_ENTITY
    title = _("Not ready yet") if isinstance(error, UnreadyError) else _("Not available just now")
    return RefusalPage(title, retold(error.message), retold(error.remedy), ()).render(), HTTPStatus.SERVICE_UNAVAILABLE


def answer(error: HTTPException) -> ResponseReturnValue:
    """Show an error of the web itself; one inside the site has been logged by now."""
    if _by_program():
        return failed(error)
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    title, remedy = WORDS.get(status, (HTTPStatus(status).phrase, mark("Go back and try again.")))
    message = error.description if status == HTTPStatus.FORBIDDEN and error.description else _(title) + "."
    return RefusalPage(_(title), message, _(remedy), ()).render(), status


def ask_to_sign_in(error: Unauthorized) -> ResponseReturnValue:
    """Lead a stranger to sign in, and from there back; a page that is open already is led there whole."""
    if _by_program():
        return failed(error)
    if "HX-Request" in request.headers:
        return "", HTTPStatus.UNAUTHORIZED, {"HX-Redirect": url_for("signing_in.sign_in")}
    wanted = request.full_path.rstrip("?") if request.method == "GET" else ""
    return redirect(url_for("signing_in.sign_in", next=wanted if wanted not in ("", "/") else None), 303)


def ask_again(_error: CSRFError) -> tuple[str, int]:
    """Say that a form is too old, or came from elsewhere."""
    message = _("This form was open for too long, or was signed out of meanwhile.")
    remedy = _("Nothing was changed. Open the page again, then try once more.")
    return RefusalPage(_("Not done"), message, remedy, ()).render(), HTTPStatus.BAD_REQUEST


def _by_program() -> bool:
    """Whether a program asks, which wants its errors as JSON."""
    return request.path.startswith(f"{PREFIX}/")
