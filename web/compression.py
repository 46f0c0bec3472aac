"""Pages and assets go out compressed to browsers that understand it.

Pages hold a token against forgery, and a page that says back what its address asks for could give such a token away
bit by bit to one who can make a reader's browser ask thousands of times and watch the lengths (BREACH). The cookie of
the session is not sent with requests that other sites make (SameSite), so such requests get no page with a token.
"""

from __future__ import annotations

import gzip
from collections import OrderedDict
from threading import Lock

from flask import Flask, Response, request

__all__ = ["install"]

TEXTS = frozenset(
    {
        "text/html",
        "text/css",
        "text/csv",
        "text/javascript",
        "application/javascript",
        "application/json",
        "image/svg+xml",
    }
)

SMALLEST = 1024
"""Bytes below which compressing gains nothing."""

LEVEL = 6

KEPT = 32
"""Compressed files that stay in memory, by address."""

_files: OrderedDict[tuple[str, str], bytes] = OrderedDict()

_lock = Lock()


def install(app: Flask) -> None:
    """Compress the responses of an application."""
    app.after_request(compress)


def compress(response: Response) -> Response:
    """Compress a response where that helps and its reader understands it."""
    if response.mimetype not in TEXTS or response.status_code != 200 or "Content-Encoding" in response.headers:
        return response
    if response.is_streamed and not response.direct_passthrough:
        return response
    response.vary.add("Accept-Encoding")
    if not request.accept_encodings["gzip"]:
        return response
    response.direct_passthrough = False
    etag, held = response.get_etag()[0], response.response
    body = response.get_data()
    if hasattr(held, "close"):
        held.close()
    if len(body) < SMALLEST:
        return response
    response.set_data(_file(request.path, etag, body) if etag else gzip.compress(body, LEVEL))
    response.headers["Content-Encoding"] = "gzip"
    return response


def _file(path: str, etag: str, body: bytes) -> bytes:
    """Compress what never changes once."""
    key = path, etag
    with _lock:
        if key not in _files:
            _files[key] = gzip.compress(body, 9)
            while len(_files) > KEPT:
                _files.popitem(last=False)
        return _files[key]
