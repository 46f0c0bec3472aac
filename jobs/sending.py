"""Messages to other programs leave: signed, tried again after what may pass, and given up after two days."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

import httpx
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from campaigns.lists.webhook import headers_of
from campaigns.store.database import Database
from campaigns.store.outgoing import Outgoing, claim_due, sent

__all__ = ["send_messages"]

PATIENCE = 10.0
"""Seconds that an address may take to answer."""

LONGEST = 20.0
"""Seconds after which others have their turn: what is due still is sent in the next minute."""

PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Answers that may be others a moment later."""


class _PassingError(Exception):
    """An answer that is worth asking for again."""


def send_messages(
    database: Database,
    *,
    client: httpx.Client | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    tries: int = 3,
    most_wait: float = 4.0,
) -> tuple[int, int]:
    """Send every message that is due, the oldest first.

    A message is taken, sent and only then noted as delivered: whoever stops in between leaves it to be sent again,
    under the same number.

    Parameters
    ----------
    tries, most_wait
        How often one attempt asks an address that answers wrongly in a way that may pass, and the longest wait between,
        in seconds.

    Returns
    -------
    How many were delivered, and how many were not this time.
    """
    own = client or httpx.Client(timeout=PATIENCE, follow_redirects=False)
    delivered = failed = 0
    until = time.monotonic() + LONGEST
    try:
        while time.monotonic() < until and (message := claim_due(database, clock())) is not None:
            arrived, answer = _attempt(own, message, clock, tries, most_wait)
            sent(database, message, delivered=arrived, answer=answer, now=clock())
            delivered, failed = delivered + arrived, failed + (not arrived)
    finally:
        if client is None:
            own.close()
    return delivered, failed


def _attempt(
    client: httpx.Client, message: Outgoing, clock: Callable[[], datetime], tries: int, most_wait: float
) -> tuple[bool, str]:
    """Send a message once, or a few times in a row where the answer may pass."""
    again = Retrying(
        stop=stop_after_attempt(tries),
        wait=wait_random_exponential(multiplier=0.2, max=most_wait),
        retry=retry_if_exception_type((httpx.TransportError, _PassingError)),
        reraise=True,
    )
    try:
        answer = again(_post, client, message, clock)
    except (httpx.HTTPError, httpx.InvalidURL, _PassingError) as error:
        return False, str(error) or type(error).__name__
    return answer.is_success, f"{answer.status_code} {answer.reason_phrase}"


def _post(client: httpx.Client, message: Outgoing, clock: Callable[[], datetime]) -> httpx.Response:
    headers = headers_of(message.secret, message.message_id, message.body, clock())
    answer = client.post(message.url, content=message.body.encode(), headers=headers)
    if answer.status_code in PASSING:
        raise _PassingError(f"{answer.status_code} {answer.reason_phrase}")
    return answer
