"""Every error becomes a page here: what happened, and what to do next."""

from __future__ import annotations

from http import HTTPStatus

from flask import Flask
from markupsafe import Markup, escape
from werkzeug.exceptions import HTTPException

from campaigns.faults import RefusedError, TouchstoneError, UnreadyError
from web.pages import RefusalPage

__all__ = ["install"]

WORDS = {
    400: ("This request cannot be answered", "Open the site under the address that it prints when it starts."),
    403: ("This is not allowed", "Open the page again from this site, then try once more."),
    404: ("There is no such page", "Start from Effectiveness or Priorities above."),
    405: ("This address takes no such request", "Start from Effectiveness or Priorities above."),
    413: ("This is too large", "Import large files with `touchstone import`."),
    500: ("Something went wrong here", "Nothing was changed. Try again; if it happens again, look into the log."),
}
"""Title and remedy of the errors that a visitor may meet, by status."""


def install(app: Flask) -> None:
    """Turn the errors of an application into pages."""
    app.register_error_handler(TouchstoneError, refuse)
    app.register_error_handler(HTTPException, answer)
    app.add_template_filter(with_commands)


def with_commands(text: str) -> Markup:
    """Set what stands between backticks as a command; everything else stays text."""
    parts = (
        escape(part) if place % 2 == 0 else Markup("<code>{}</code>").format(part)
        for place, part in enumerate(text.split("`"))
    )
    return Markup("").join(parts)


def refuse(error: TouchstoneError) -> tuple[str, int]:
    """Show an error that the user can mend: 503 for what is not ready or not reached, 422 for what was refused."""
    if isinstance(error, RefusedError):
        faults = tuple(map(str, error.faults))
        page = RefusalPage("Refused", error.message, error.remedy, faults)
        return page.render(), HTTPStatus.UNPROCESSABLE_ENTITY
    title = "Not ready yet" if isinstance(error, UnreadyError) else "Not available just now"
    return RefusalPage(title, error.message, error.remedy, ()).render(), HTTPStatus.SERVICE_UNAVAILABLE


def answer(error: HTTPException) -> tuple[str, int]:
    """Show an error of the web itself; one inside the site has been logged by now."""
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    title, remedy = WORDS.get(status, (HTTPStatus(status).phrase, "Go back and try again."))
    message = error.description if status == HTTPStatus.FORBIDDEN and error.description else title + "."
    return RefusalPage(title, message, remedy, ()).render(), status
