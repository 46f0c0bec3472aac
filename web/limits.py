"""How often an address of the network may ask: Flask-Limiter, counted in memory, for the site is one process."""

from __future__ import annotations

from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

__all__ = ["API_LIMIT", "SIGN_IN_LIMIT", "limiter"]

SIGN_IN_LIMIT = "20 per minute"
"""How often an address may try a password or a link."""

API_LIMIT = "600 per minute"
"""How often a key of the API may ask."""

limiter = Limiter(get_remote_address, storage_uri="memory://", strategy="moving-window")
