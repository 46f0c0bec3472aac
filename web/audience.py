"""How many customers an audience holds, and what audiences may speak of: from what the last run gathered."""

from __future__ import annotations

from datetime import UTC, datetime
from threading import Lock
from typing import TypeAlias

from sqlmodel import Session

from campaigns.language import _, ngettext
from campaigns.planning.audience import Audience
from campaigns.reporting.figures import moment, number
from campaigns.store.audience_index import AudienceIndex
from campaigns.store.audiences import AudienceParts, audience_parts, size_of
from campaigns.store.runs import published
from campaigns.store.summaries import audience_kept, parts_kept
from campaigns.store.tables import Run
from web.pages.promotions import AudienceSize
from web.published import DEFAULT
from web.site import site

__all__ = ["audience_size", "parts_on_offer"]

Key: TypeAlias = tuple[str, int, datetime | None]

_held: dict[Key, AudienceIndex | None] = {}
"""The index of the published run: some megabytes per million customers, read once."""

_reading = Lock()


def audience_size(audience: Audience) -> AudienceSize:
    """Count the customers in an audience: as of the published run, or as things stand before the first."""
    here = site()
    today = datetime.now(UTC).astimezone(here.settings.zone).date()
    with here.database.reading() as session:
        run = published(session, DEFAULT)
        index = _index(session, run) if run else None
        at = run.finished_at if run and index else None
        count = size_of(session, audience, today, here.settings.zone) if index is None else 0
    if index is not None:
        count = index.count(audience, today, here.settings.zone)
    as_of = _("as of %(moment)s", moment=moment(at, here.settings.zone)) if at else ""
    if not count:
        return AudienceSize("", (_("Nobody is in this audience."),), as_of)
    words = ngettext("%(count)s customer is in it", "%(count)s customers are in it", count, count=number(count))
    return AudienceSize(words, as_of=as_of)


def parts_on_offer(session: Session) -> AudienceParts:
    """Return the segments, regions and products that audiences may speak of."""
    run = published(session, DEFAULT)
    kept = parts_kept(session, run.id) if run and run.id else None
    return audience_parts(session) if kept is None else kept


def _index(session: Session, run: Run) -> AudienceIndex | None:
    key = str(site().database.engine.url), run.id or 0, run.finished_at
    with _reading:
        if key not in _held:
            _held.clear()
            _held[key] = audience_kept(session, run.id or 0)
        return _held[key]
