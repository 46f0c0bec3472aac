"""How many customers an audience holds, and what audiences may speak of: from what the last run gathered."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlmodel import Session

from campaigns.language import _, ngettext
from campaigns.planning.audience import Audience
from campaigns.reporting.figures import moment, number
from campaigns.store.audiences import AudienceParts, audience_parts, size_of
from campaigns.store.summaries import audience_kept, parts_kept
from web.once_per_run import OncePerRun
from web.pages.promotions import AudienceSize
from web.site import site

__all__ = ["audience_size", "parts_on_offer"]

_index = OncePerRun(audience_kept)
"""The index of the published run: some megabytes per million customers."""

_parts = OncePerRun(parts_kept)


def audience_size(audience: Audience) -> AudienceSize:
    """Count the customers in an audience: as of the published run, or as things stand before the first."""
    here = site()
    zone = here.settings.zone
    today = datetime.now(UTC).astimezone(zone).date()
    with here.database.reading() as session:
        index, at = _index.get(session)
        count = size_of(session, audience, today, zone) if index is None else index.count(audience, today, zone)
    as_of = _("as of %(moment)s", moment=moment(at, zone)) if at else ""
    if not count:
        return AudienceSize("", (_("Nobody is in this audience."),), as_of)
    words = ngettext("%(count)s customer is in it", "%(count)s customers are in it", count, count=number(count))
    return AudienceSize(words, as_of=as_of)


def parts_on_offer(session: Session) -> AudienceParts:
    """Return the segments, regions and products that audiences may speak of."""
    kept, _at = _parts.get(session)
    return audience_parts(session) if kept is None else kept
