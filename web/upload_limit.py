"""How much may be uploaded at once: little everywhere, and files by those who may bring them in."""

from __future__ import annotations

from flask import Flask, request

from campaigns.access import Role
from web.access import visitor_or_none

__all__ = ["LARGEST_FILE", "LARGEST_UPLOAD", "UPLOADERS", "install"]

LARGEST_FILE = 200 << 20
"""Most bytes of one file; larger ones go in by the command line."""

LARGEST_UPLOAD = 1000 << 20
"""Most bytes of all files sent at once. They are written to disk as they come, and never held in memory."""

UPLOADERS = (Role.MARKETER,)


def install(app: Flask) -> None:
    """Raise the limit where files come in. Before any other check: the check of a form's token reads the request."""
    app.before_request(raise_limit)


def raise_limit() -> None:
    """Let a request be large if it brings files, and whoever sends it may."""
    if request.endpoint != "uploads.receive":
        return
    who = visitor_or_none()
    if who is not None and who.may(*UPLOADERS):
        request.max_content_length = LARGEST_UPLOAD
