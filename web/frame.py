"""What stands around every page: the navigation, whoever is signed in, notices."""

from __future__ import annotations

from typing import cast

from flask import Flask, get_flashed_messages, request, url_for

from campaigns import language
from campaigns.access import staff_name
from campaigns.language import _, best_language, choose, ngettext, pgettext
from web.access import visitor_or_none
from web.demonstration import demo_choices
from web.navigation import sections_of
from web.pages.frame import Entry, Frame, Notice

__all__ = ["frame", "install"]

SILENT = ("assets.styles", "health.health", "static")
"""Endpoints that answer without words, for which nobody has to be recognised."""


def install(app: Flask) -> None:
    """Give templates the frame and their language."""
    app.before_request(speak)
    app.jinja_env.globals.update(_=_, ngettext=ngettext, pgettext=pgettext, frame=frame, language=language.language)


def speak() -> None:
    """Answer in the visitor's language: what they chose, else what the browser asks for, else English."""
    if request.endpoint in SILENT:
        return
    choose(best_language(request.accept_languages.values()))
    who = visitor_or_none()
    if who is not None and who.language:
        choose(who.language)


def frame() -> Frame:
    """Describe what stands around the page of this request."""
    who = visitor_or_none()
    return Frame(
        visitor=staff_name(who.name) if who else "",
        own=request.path == url_for("account.show"),
        sections=tuple(
            Entry(section.name, url_for(section.endpoint), _(section.words))
            for section in (sections_of(who.roles) if who else ())
        ),
        demo=demo_choices(),
        notices=tuple(Notice(text, mood) for mood, text in _flashed()),
    )


def _flashed() -> list[tuple[str, str]]:
    """Return what was flashed, as (mood, text); a session is read only where there is one."""
    return cast("list[tuple[str, str]]", get_flashed_messages(with_categories=True))
