"""What protects the site and its visitors: response headers, and no writing from other sites."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

from flask import Flask, Response, abort, request
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from campaigns.settings import LOOPBACK, Settings

__all__ = ["HEADERS", "csrf", "install"]

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
"""Headers of every response. The policy allows no inline script and no inline style: there are none."""

COOKIES = {
    "SESSION_COOKIE_NAME": "touchstone",
    "SESSION_COOKIE_HTTPONLY": True,
    "SESSION_COOKIE_SAMESITE": "Lax",
    "PERMANENT_SESSION_LIFETIME": timedelta(days=14),
    "SESSION_REFRESH_EACH_REQUEST": False,
    "WTF_CSRF_TIME_LIMIT": None,
    "WTF_CSRF_SSL_STRICT": False,
}
"""The cookie of the session: no script reads it, no other site sends it. A form's token lives as long as the session;
where a request comes from is checked for every address alike, by ``refuse_other_sites``."""

csrf = CSRFProtect()
"""Refuses what would change something and carries no token of the session."""

READING = frozenset({"GET", "HEAD", "OPTIONS"})


def install(app: Flask, settings: Settings) -> None:
    """Protect an application; one that listens to this machine alone answers to this machine's names alone."""
    app.config.update(COOKIES, SESSION_COOKIE_SECURE=settings.home.startswith("https://"))
    if settings.proxies:
        told = {f"x_{name}": settings.proxies for name in ("for", "proto", "host")}
        app.wsgi_app = ProxyFix(app.wsgi_app, **told)  # type: ignore[method-assign]
    if settings.host in LOOPBACK:
        app.before_request(refuse_other_names)
    app.before_request(refuse_other_sites)
    csrf.init_app(app)
    app.after_request(add_headers)
    if settings.home.startswith("https://"):
        app.after_request(require_https)


def refuse_other_names() -> None:
    """Refuse a request under a name that is not this machine's own.

    Else a page elsewhere could give its own name the address of this machine, and read the site as if it were its own
    (DNS rebinding). Werkzeug's ``TRUSTED_HOSTS`` does the same, but knows no IPv6.
    """
    if request.host and urlsplit(f"//{request.host}").hostname not in LOOPBACK:
        abort(400)


def refuse_other_sites() -> None:
    """Refuse a request that would change something and comes from a page of another site.

    Browsers say where a request comes from in ``Sec-Fetch-Site`` (to secure and loopback addresses) and in ``Origin``
    (with every POST), and pages cannot change either. A request with neither comes from no browser, so from no page.
    This is the check that Go's ``http.CrossOriginProtection`` makes; it needs no token and no cookie.
    """
    if request.method in READING:
        return
    said = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if said is not None:
        allowed = said in ("same-origin", "none")
    else:
        allowed = origin is None or urlsplit(origin).netloc == request.host
    if not allowed:
        abort(403, "This request came from a page of another site.")


def require_https(response: Response) -> Response:
    """Have browsers ask over HTTPS only, for a year."""
    response.headers["Strict-Transport-Security"] = "max-age=31536000"
    return response


def add_headers(response: Response) -> Response:
    """Add the headers, and keep pages out of caches: they show customers."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    return response
