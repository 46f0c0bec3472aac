"""Serve the site: ``python -m web``."""

from __future__ import annotations

import contextlib
import sys
import threading

import waitress
from flask import Flask

from campaigns.faults import TouchstoneError
from campaigns.settings import Settings
from web.app import create_app
from web.site import site

__all__ = ["main"]

THREADS = 8


def main() -> int:
    """Serve until told to end.

    Returns
    -------
    The exit status: 0 when told to end, 1 when it could not start.
    """
    try:
        settings = Settings.from_environ()
        app = create_app(settings)
    except TouchstoneError as error:
        print(error, file=sys.stderr)
        return 1
    place = f"[{settings.host}]" if ":" in settings.host else settings.host
    try:
        server = waitress.create_server(app, host=settings.host, port=settings.port, threads=THREADS)
    except OSError as error:
        print(f"The site cannot listen on {place}:{settings.port}: {error.strerror}.", file=sys.stderr)
        print("Choose another port with TOUCHSTONE_PORT or `touchstone serve --port`.", file=sys.stderr)
        return 1
    threading.Thread(target=_draw_ahead, args=[app], daemon=True).start()
    print(f"Touchstone is at http://{place}:{settings.port}/ (Ctrl+C ends it)", flush=True)
    try:
        server.run()
    except KeyboardInterrupt:
        server.close()
    return 0


def _draw_ahead(app: Flask) -> None:
    """Draw the charts before anybody asks; what stands in the way, the first page says."""
    with app.app_context(), contextlib.suppress(TouchstoneError):
        site().published.draw_ahead()


if __name__ == "__main__":
    sys.exit(main())
