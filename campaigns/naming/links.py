"""Links whose clicks join by construction: the address of a page with the tags that name channel, campaign and ad."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from campaigns.channels import canonical
from campaigns.faults import Fault, RefusedError
from campaigns.naming.names import Name, folded

__all__ = ["Link", "slug", "tracked_link"]

TAGS = ("utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_id")

LONGEST = 2_000
"""Most characters of a link: some mail programs and scanners cut what is longer."""

SOURCES = {
    "email": ("newsletter", "email"),
    "search": ("google", "cpc"),
    "shopping": ("google", "shopping"),
    "display": ("google", "display"),
    "facebook": ("facebook", "paid_social"),
    "instagram": ("instagram", "paid_social"),
    "tiktok": ("tiktok", "paid_social"),
    "linkedin": ("linkedin", "paid_social"),
    "pinterest": ("pinterest", "paid_social"),
    "snapchat": ("snapchat", "paid_social"),
    "twitter": ("twitter", "paid_social"),
    "reddit": ("reddit", "paid_social"),
    "social": ("social", "paid_social"),
    "video": ("video", "paid_video"),
    "youtube": ("youtube", "paid_video"),
    "affiliate": ("affiliate", "affiliate"),
    "push": ("push", "push"),
    "sms": ("sms", "sms"),
    "messaging": ("messaging", "sms"),
}
"""Source and medium by channel, as the usual web analysis groups them; any other channel is both, under its name."""


@dataclass(frozen=True)
class Link:
    """A link and what it writes into each click: the tags by which the click joins."""

    address: str
    utm_source: str
    utm_medium: str
    utm_campaign: str
    utm_content: str
    utm_id: str


def slug(text: str) -> str:
    """Return a text as tags have it: folded, words joined by ``_``, nothing that an address would have to encode."""
    return re.sub(r"_{2,}", "_", re.sub(r"[^a-z0-9.-]+", "_", folded(text))).strip("_.-")


def tracked_link(base: str, name: Name, code: str) -> Link:
    """Return the link for an ad.

    Parameters
    ----------
    base
        Address of the page, with or without a query; tags already in it are replaced, all else is kept.
    name
        The campaign, or the ad in it, that the link is for.
    code
        Response code of the ad. It stands in ``utm_id`` and at the end of ``utm_content``: whichever an export keeps,
        and whatever channel it makes of source and medium, the click names its ad.

    Raises
    ------
    RefusedError
        If the address is none of a page, the name has no campaign or leaves nothing of one, or the link is too long.
    """
    campaign = slug(name.campaign or "")
    ad = slug(name.ad) if name.ad is not None else None
    faults = [
        Fault(0, part, repr(written), expected)
        for part, written, expected, good in (
            ("url", base, "the address of a page, such as https://shop.example.com/sale", _is_page(base)),
            ("campaign", name.campaign or "", "a campaign with letters or digits in its name", bool(campaign)),
            ("ad", name.ad, "an ad with letters or digits in its name", ad != ""),
        )
        if not good
    ]
    if faults:
        raise RefusedError("A link cannot be made of this:", faults)
    source, medium = SOURCES.get(canonical(name.channel), (slug(name.channel), slug(name.channel)))
    content = "_".join(part for part in (ad, code.lower()) if part)
    values = dict(zip(TAGS, (source, medium, campaign, content, code), strict=True))
    parts = urlsplit(base.strip())
    kept = [(key, value) for key, value in parse_qsl(parts.query, keep_blank_values=True) if key.lower() not in TAGS]
    query = urlencode([*kept, *values.items()], quote_via=quote)
    address = urlunsplit((parts.scheme.lower(), parts.netloc, parts.path or "/", query, parts.fragment))
    if len(address) > LONGEST:
        fault = Fault(0, "url", f"a link of {len(address):,} characters", f"at most {LONGEST:,}")
        raise RefusedError("A link cannot be made of this:", [fault], "Shorten the address or the names.")
    return Link(address, source, medium, campaign, content, code)


def _is_page(base: str) -> bool:
    if re.search(r"[\s\x00-\x1f\\]", base.strip()):
        return False
    try:
        parts = urlsplit(base.strip())
        port_is_one = parts.port is None or parts.port > 0
    except ValueError:
        return False
    return (
        parts.scheme.lower() in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc and port_is_one
    )
