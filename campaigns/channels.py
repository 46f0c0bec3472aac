"""The touch points everybody knows: what they are, what they need, and the many ways of writing their names."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

__all__ = ["WELL_KNOWN", "ChannelTerms", "canonical", "likely_meant", "terms_of"]

CARRY_OVER_DAYS = 30
"""For how long a touch works where nothing better is known: most direct responses come within four weeks."""

LETTER_CARRY_OVER_DAYS = 90
"""A letter or a catalogue lies on the table for weeks and its coupons stay valid for months."""


@dataclass(frozen=True)
class ChannelTerms:
    """What is known of a channel before any data.

    Parameters
    ----------
    channel
        Its one name.
    addressable
        Whether single persons are reached, so that touches can name them. A medium (tv, radio, print, outdoor) is not.
    targeted
        Whether it seeks out people who are about to buy. Such a channel looks better than it is, so its estimate
        carries a selection term.
    plannable
        Whether a plan can put one person on its list for one day. Platforms choose their own audience, so advertising
        is not plannable unless you say so.
    consent
        The consent that it needs: ``email``, ``phone``, ``sms``, ``mail``, ``ads`` or ``none``.
    unit_cost
        Rough cost of one contact, in minor units of a currency of about the euro's worth, or None where none is usual.
        Real costs belong in ``spend``, ``touches`` or the ``channels`` kind.
    carry_over_days
        For how long a touch works, in days.
    aliases
        Other ways of writing the same thing. Brands are not aliases of their medium: whoever tells Facebook from
        TikTok wants to see both.
    """

    channel: str
    addressable: bool
    targeted: bool
    plannable: bool
    consent: str
    unit_cost: int | None = None
    carry_over_days: int = CARRY_OVER_DAYS
    aliases: tuple[str, ...] = ()


def _contact(
    channel: str, consent: str, unit_cost: int | None, *aliases: str, days: int = CARRY_OVER_DAYS
) -> ChannelTerms:
    """Return a channel in which we choose each person ourselves."""
    return ChannelTerms(channel, True, False, True, consent, unit_cost, days, aliases)


def _platform(channel: str, consent: str, *aliases: str, targeted: bool = True) -> ChannelTerms:
    """Return a channel in which a platform chooses the persons, most often those likely to buy."""
    return ChannelTerms(channel, True, targeted, False, consent, None, CARRY_OVER_DAYS, aliases)


def _medium(channel: str, *aliases: str) -> ChannelTerms:
    """Return a channel that reaches everybody in a region and names nobody."""
    return ChannelTerms(channel, False, False, False, "none", None, CARRY_OVER_DAYS, aliases)


_TERMS = (
    # Sending an e-mail or a push message costs less than a cent: 0.
    _contact("email", "email", 0, "e mail", "electronic mail", "emailing", "email marketing", "newsletter", "e news"),
    _contact("push", "none", 0, "push notification", "push notifications", "app push", "web push", "mobile push"),
    # A text message is sold by operators at 4 to 10 cents.
    _contact("sms", "sms", 7, "text", "text message", "text messages", "text messaging", "mobile message"),
    _contact("messaging", "sms", 7, "messenger", "chat message", "instant message", "instant messaging"),
    # Postage, printing and addressing of one letter.
    _contact(
        "mail",
        "mail",
        70,
        *("direct mail", "postal mail", "post", "postal", "letter", "letters", "mailing", "mailer", "snail mail"),
        days=LETTER_CARRY_OVER_DAYS,
    ),
    _contact("catalogue", "mail", 150, "catalog", "catalogues", "catalogs", days=LETTER_CARRY_OVER_DAYS),
    # Five to ten minutes of an agent.
    _contact(
        "call",
        "phone",
        500,
        *("calls", "phone", "phone call", "telephone", "telephone call", "outbound call", "outbound calls"),
        *("telemarketing", "telesales", "call centre", "call center"),
    ),
    # The customer comes by; nobody can be put on a list for it.
    ChannelTerms(
        "store",
        addressable=True,
        targeted=False,
        plannable=False,
        consent="none",
        aliases=("in store", "stores", "shop", "branch", "retail store", "point of sale", "pos"),
    ),
    _platform(
        "display",
        "ads",
        *("display ads", "display ad", "display advertising", "google display", "google ads display"),
        *("google display network", "gdn", "banner", "banners", "banner ads", "programmatic", "programmatic display"),
        *("retargeting", "remarketing"),
    ),
    # An answer to what somebody asks needs no personal data, but those who ask are about to buy.
    _platform(
        "search",
        "none",
        *("paid search", "search ads", "search ad", "search advertising", "sem", "ppc", "adwords", "google adwords"),
        *("google search", "google search ads", "google ads search", "google paid search", "bing search", "bing ads"),
        *(
            "bing ads search",
            "microsoft ads",
            "microsoft ads search",
            "microsoft advertising",
            "search engine marketing",
        ),
    ),
    _platform(
        "shopping", "none", "google shopping", "google ads shopping", "product listing ads", "pla", "shopping ads"
    ),
    _platform("social", "ads", "paid social", "social media", "social ads", "social media ads", "paid social media"),
    _platform("facebook", "ads", "facebook ads", "fb", "fb ads", "meta", "meta ads", "paid facebook"),
    _platform("instagram", "ads", "instagram ads", "ig", "ig ads", "insta"),
    _platform("tiktok", "ads", "tiktok ads", "tik tok ads"),
    _platform("linkedin", "ads", "linkedin ads", "linked in ads", "linkedin ad analytics"),
    _platform("pinterest", "ads", "pinterest ads"),
    _platform("snapchat", "ads", "snapchat ads", "snap ads"),
    _platform("twitter", "ads", "twitter ads", "x ads", "x twitter"),
    _platform("reddit", "ads", "reddit ads"),
    _platform("video", "ads", "online video", "video ads", "video ad", "olv", "pre roll", targeted=False),
    _platform("youtube", "ads", "youtube ads", "google ads youtube", "google ads video", targeted=False),
    # Coupon and cash-back sites meet people at the till.
    _platform("affiliate", "none", "affiliates", "affiliate marketing", "affiliate network", "affiliate networks"),
    _medium("tv", "television", "linear tv", "tv ads", "tv advertising", "tv spot", "tv spots", "tvc"),
    _medium("connected tv", "ctv", "ott", "streaming tv"),
    _medium("radio", "radio ads", "radio spot", "radio spots", "radio advertising"),
    _medium("podcast", "podcasts", "podcast ads"),
    _medium("print", "print ads", "print advertising", "newspaper", "newspapers", "magazine", "magazines", "press"),
    _medium(
        "outdoor",
        *("out of home", "ooh", "dooh", "digital out of home", "billboard", "billboards", "poster", "posters"),
        "outdoor advertising",
    ),
    _medium("cinema", "cinema ads", "movie theatre"),
    _medium("sponsorship", "sponsoring", "sponsorships"),
)

WELL_KNOWN: Mapping[str, ChannelTerms] = {terms.channel: terms for terms in _TERMS}
"""What each well-known channel is by default; your own ``channels`` file overrules it."""


def _sound(name: str) -> str:
    """Return the letters and digits of a name alone, so that case, spaces and punctuation do not matter."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(sign for sign in folded if sign.isalnum())


_BY_SOUND: Mapping[str, str] = {
    _sound(spelling): terms.channel for terms in _TERMS for spelling in (terms.channel, *terms.aliases)
}


def canonical(name: str, known: Iterable[str] = frozenset()) -> str:
    """Return the one name of a channel, however it is written.

    Case, spaces and punctuation do not matter, and the aliases of :data:`WELL_KNOWN` are read as their channel:
    "Email", "e-mail" and "E Mail" are ``email``; "Google Ads search" is ``search``. ("Google Ads" alone may be search,
    display or video, so it stays a name of its own.) A name that no channel has is kept, in lower case and with
    single spaces.

    Parameters
    ----------
    name
        The name as written.
    known
        Names already in use. One that sounds the same wins over a new spelling, so that no second channel arises.

    Returns
    -------
    The name under which the channel is kept.
    """
    sound = _sound(name)
    if sound in _BY_SOUND:
        return _BY_SOUND[sound]
    if sound:
        # Sorted, so that the answer does not depend on the order of a set.
        for other in sorted(known):
            if _sound(other) == sound:
                return other
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def likely_meant(name: str, known: Iterable[str] = frozenset()) -> str | None:
    """Return the channel that a new name may be a slip for ("emial": ``email``), or None.

    Only for a hint to people: a name that is merely similar is never read as another.
    """
    sounds = {_sound(other): other for other in (*WELL_KNOWN, *known)}
    close = get_close_matches(_sound(name), list(sounds), n=1, cutoff=0.8)
    return sounds[close[0]] if close and close[0] != _sound(name) else None


def terms_of(channel: str, *, with_persons: bool) -> ChannelTerms:
    """Return what is known of a channel before any data.

    Parameters
    ----------
    channel
        Its canonical name.
    with_persons
        Whether touches with persons were seen in it. It decides for a channel nobody knows: one seen only in
        ``spend`` is a medium without persons.
    """
    if channel in WELL_KNOWN:
        return WELL_KNOWN[channel]
    return ChannelTerms(channel, addressable=with_persons, targeted=False, plannable=False, consent="none")
