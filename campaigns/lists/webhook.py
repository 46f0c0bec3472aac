"""Messages to other programs: what they say, and how they are signed (Standard Webhooks)."""

from __future__ import annotations

import base64
import ipaddress
import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from standardwebhooks import Webhook

from campaigns.faults import Fault, RefusedError

__all__ = ["EVENTS", "WAITS", "body_of", "check_address", "headers_of", "new_signing_secret", "next_due", "parts_of"]

EVENTS: Mapping[str, str] = {
    "plan.approved": "a plan was approved: how many contacts have their place",
    "plan.exported": "a plan was exported",
    "plan.cancelled": "a plan was cancelled",
    "plan.closed": "a plan was closed, with its results",
    "contacts.committed": "contacts that are to be made: customer, touch point, offer and day; at most 500 a message",
    "contacts.released": "contacts that are not to be made after all; at most 500 a message",
    "test": "a message to try the address",
}
"""Every event, and what it tells."""

AT_ONCE = 500
"""Contacts in one message."""

WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 300, 600, 840, 1200))
"""How long to wait after each attempt that failed; after the last one the message is given up."""


def new_signing_secret() -> str:
    """Make a secret of 256 random bits, as Standard Webhooks writes it."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def check_address(url: str, events: Sequence[str] = ()) -> None:
    """Refuse an address that messages about customers should not go to, and events that there are not.

    Raises
    ------
    RefusedError
        If it is not encrypted (``https://``), unless it is on this machine, carries a password, or an event is unknown.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    faults = []
    if not host or parts.scheme not in ("https", "http") or (parts.scheme == "http" and not _is_here(host)):
        faults.append(Fault(0, "address", url or "nothing", "an address that begins with https://"))
    if parts.username or parts.password:
        faults.append(Fault(0, "address", "a name or a password in it", "an address without; messages are signed"))
    faults += [Fault(0, "event", one, "one of " + ", ".join(EVENTS)) for one in events if one not in EVENTS]
    if faults:
        raise RefusedError("This webhook cannot be used:", faults)


def body_of(event: str, data: Mapping[str, Any], at: datetime) -> str:
    """Return a message as it is sent: JSON with ``type``, ``timestamp`` and ``data``."""
    document = {"type": event, "timestamp": at.astimezone(UTC).isoformat().replace("+00:00", "Z"), "data": data}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def headers_of(secret: str, message_id: str, body: str, at: datetime) -> dict[str, str]:
    """Return the headers of a message: its number, the time of this attempt, and the signature over both and the body.

    References
    ----------
    Standard Webhooks, https://www.standardwebhooks.com: HMAC-SHA256 over ``id.timestamp.body``.
    """
    moment = at.astimezone(UTC).replace(microsecond=0)
    return {
        "content-type": "application/json",
        "user-agent": "Touchstone",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": Webhook(secret).sign(message_id, moment, body),
    }


def next_due(attempts: int, at: datetime) -> datetime | None:
    """Return when to try again after so many attempts, or None where it is given up."""
    return at + WAITS[attempts - 1] if attempts <= len(WAITS) else None


def parts_of(contacts: Sequence[Mapping[str, Any]]) -> list[Sequence[Mapping[str, Any]]]:
    """Part contacts into messages."""
    return [contacts[first : first + AT_ONCE] for first in range(0, len(contacts), AT_ONCE)]


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
