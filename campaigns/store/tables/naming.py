"""Which names mean the same, and the codes, links and phone numbers made so that what comes in joins by itself."""

import datetime as dt

from sqlalchemy import UniqueConstraint

from campaigns.store.tables.columns import Record, key, moment

__all__ = ["NameAlias", "ResponseCode"]


class NameAlias(Record, table=True):
    """A name as files write it, and the name it means; the rows keep what was written.

    Both are of one level: a channel, a campaign of it, or an ad in that. Transactions that exclude each other keep the
    written names distinct, as they do those of ``campaigns``.
    """

    __tablename__ = "name_aliases"

    id: int | None = key()
    channel: str
    campaign: str | None = None
    ad: str | None = None
    meant_channel: str
    meant_campaign: str | None = None
    meant_ad: str | None = None
    reason: str = ""
    confirmed_at: dt.datetime = moment()
    confirmed_by: str = ""


class ResponseCode(Record, table=True):
    """A code that ties clicks and responses to the ad and the promotion it was made for.

    ``carrier`` says where it is met: link, coupon or phone. ``code`` is written as people see it, ``match_key`` as it
    is looked up. ``link`` is the whole address with its tags, of which ``utm_campaign`` and ``utm_content`` name the
    ad. A retired code still ties what comes.
    """

    __tablename__ = "response_codes"
    __table_args__ = (UniqueConstraint("match_key"),)

    id: int | None = key()
    code: str
    match_key: str
    carrier: str
    channel: str
    campaign: str | None = None
    ad: str | None = None
    promotion: str | None = None
    base_url: str | None = None
    link: str | None = None
    utm_source: str | None = None
    utm_medium: str | None = None
    utm_campaign: str | None = None
    utm_content: str | None = None
    made_at: dt.datetime = moment()
    made_by: str = ""
    retired_at: dt.datetime | None = moment(None)
