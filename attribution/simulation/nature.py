"""How the simulated market truly works: channels, ads, campaigns and kinds of people.

The shapes are deliberately not those of the fitted model: delays are gamma-shaped, wear-out is a power law and TV
saturates along an S-curve.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attribution.simulation.spec import MarketSpec

__all__ = [
    "ADS",
    "BASE_PER_DAY",
    "CAMPAIGNS",
    "CHANNELS",
    "CONSENTS",
    "EFFECT_AFTER_FIRST",
    "PERSONAL",
    "REGIONS",
    "REPEAT_FACTOR",
    "SEGMENTS",
    "TV",
    "Ad",
    "CampaignRule",
    "Channel",
    "Segment",
    "draw_ad_effects",
]


@dataclass(frozen=True)
class Segment:
    """A kind of customer: its share of all people, base rate and responsiveness relative to the average."""

    name: str
    share: float
    base: float
    responsiveness: float


@dataclass(frozen=True)
class Channel:
    """The true nature of an addressable channel.

    Parameters
    ----------
    kind
        Kind of its touches.
    effect
        Extra responses that a first touch causes on average, before ads differ.
    delay_shape, delay_days
        Shape and mean of the gamma-shaped delay from touch to response.
    wear
        Exponent of wear-out: the r-th touch in 30 days has ``r ** -wear`` of the first one's effect.
    reach
        Share of its contacts that reach the person; the others do nothing.
    consent
        Column of consent that it respects, or an empty string.
    ghosts
        Whether would-be contacts are withheld at random.
    """

    name: str
    kind: str
    effect: float
    delay_shape: float
    delay_days: float
    wear: float
    reach: float
    consent: str
    ghosts: bool


@dataclass(frozen=True)
class Ad:
    """One ad, and its share among the touches of its channel or campaign."""

    channel: str
    campaign: str
    ad: str
    promotion: str | None = None


@dataclass(frozen=True)
class CampaignRule:
    """To whom and when a campaign is sent: by segment and at random, never by intent.

    Parameters
    ----------
    every_days, first_day
        A wave goes out each ``every_days`` days from ``first_day`` on.
    segments
        Positions in ``SEGMENTS``.
    share
        Share of the eligible that each wave picks at random.
    """

    channel: str
    campaign: str
    every_days: int
    first_day: int
    hour: float
    segments: tuple[int, ...]
    share: float


SEGMENTS = (
    Segment("families", 0.34, 1.00, 1.00),
    Segment("young", 0.28, 0.75, 1.15),
    Segment("seniors", 0.24, 0.90, 0.85),
    Segment("business", 0.14, 1.65, 1.00),
)

REGIONS = ("north", "south", "east", "west", "centre", "coast")

CHANNELS = (
    Channel("email", "send", 0.0165, 0.9, 4.0, 0.45, 0.99, "consent_email", ghosts=True),
    Channel("sms", "sms", 0.0210, 0.8, 2.5, 0.50, 0.99, "consent_sms", ghosts=False),
    Channel("mail", "mail", 0.0390, 2.2, 12.0, 0.35, 1.00, "consent_mail", ghosts=True),
    Channel("call", "call", 0.0800, 1.0, 6.0, 0.60, 0.62, "consent_phone", ghosts=False),
    Channel("display", "impression", 0.0070, 0.9, 5.0, 0.40, 1.00, "consent_ads", ghosts=True),
    Channel("search", "click", 0.0960, 0.7, 1.8, 0.30, 1.00, "", ghosts=False),
)

PERSONAL = tuple(channel.name for channel in CHANNELS)
TV = "tv"

CONSENTS = ("consent_email", "consent_phone", "consent_sms", "consent_mail", "consent_ads")

ADS = (
    Ad("email", "newsletter", "news-garden", "spring-10"),
    Ad("email", "newsletter", "news-kitchen"),
    Ad("email", "offers", "offer-percent", "garden-sale"),
    Ad("email", "offers", "offer-gift", "gift-card"),
    Ad("sms", "flash", "flash-today", "spring-10"),
    Ad("sms", "flash", "flash-weekend"),
    Ad("sms", "reminder", "reminder-short"),
    Ad("sms", "reminder", "reminder-code", "gift-card"),
    Ad("mail", "catalogue", "catalogue-thick"),
    Ad("mail", "catalogue", "catalogue-thin"),
    Ad("mail", "voucher", "voucher-ten", "voucher-10"),
    Ad("mail", "voucher", "voucher-gift", "gift-card"),
    Ad("call", "welcome", "welcome-script"),
    Ad("call", "welcome", "welcome-offer", "club"),
    Ad("call", "account-care", "care-review", "club"),
    Ad("call", "account-care", "care-upgrade", "upgrade"),
    Ad("display", "prospecting", "banner-lifestyle"),
    Ad("display", "prospecting", "banner-price", "spring-10"),
    Ad("display", "retargeting", "banner-basket"),
    Ad("display", "retargeting", "banner-similar"),
    Ad("search", "brand", "brand-plain"),
    Ad("search", "brand", "brand-links"),
    Ad("search", "generic", "generic-price"),
    Ad("search", "generic", "generic-quality"),
)

CAMPAIGNS = (
    CampaignRule("email", "newsletter", 12, 1, 8.5, (0, 1, 2), 0.20),
    CampaignRule("email", "offers", 24, 5, 9.5, (0, 1, 3), 0.25),
    CampaignRule("sms", "flash", 26, 9, 16.0, (0, 1), 0.25),
    CampaignRule("sms", "reminder", 30, 20, 11.0, (1, 2, 3), 0.17),
    CampaignRule("mail", "catalogue", 40, 4, 10.0, (0, 2, 3), 0.17),
    CampaignRule("mail", "voucher", 36, 15, 10.0, (0, 1, 2), 0.14),
    CampaignRule("call", "welcome", 1, 0, 9.0, (0, 1, 2), 0.0026),
    CampaignRule("call", "account-care", 1, 0, 9.0, (3,), 0.0090),
)

SALE_SHARE = 0.6
"""Share of the consenting people who get the e-mail that announces the own sale."""

TARGETED_PER_DAY = {"display": 0.0145, "search": 0.0025}
"""Would-be impressions, and paid-search clicks, of a person of average intent per day."""

TARGETING = {"display": 1.15, "search": 1.3}
"""Power of the latent intent that the rate of a targeted channel follows."""

BASE_PER_DAY = 0.00074
"""Orders per day of a prospect of average intent without any advertising."""

REPEAT_FACTOR = 2.5
"""Base rate after the first order, relative to before it."""

EFFECT_AFTER_FIRST = 0.6
"""Effect of a touch after the first order, relative to before it."""

AD_LOG_SD = 0.4
DULL_ADS = 2
DULL_EFFECT = 0.04


def draw_ad_effects(spec: MarketSpec, rng: np.random.Generator) -> NDArray[np.float64]:
    """Draw the first-touch effect of each ad.

    Parameters
    ----------
    spec
        Its ``no_effects`` makes all of them zero.
    rng
        Source of randomness.

    Returns
    -------
    Extra responses per first touch that reaches a prospect of average responsiveness, in the order of ``ADS``, shape
    ``(24,)``; log-normal around the channel's effect, two ads of different channels next to nothing.
    """
    means = np.array([next(c.effect / c.reach for c in CHANNELS if c.name == ad.channel) for ad in ADS])
    spread = np.exp(rng.normal(0.0, AD_LOG_SD, len(ADS)))
    dull = rng.choice(len(CHANNELS) - 1, DULL_ADS, replace=False) * 4 + rng.integers(0, 4, DULL_ADS)
    spread[dull] = DULL_EFFECT
    of_channel = spread.reshape(len(CHANNELS), 4)
    # Each channel keeps its own strength: only the ads within it differ.
    spread = (of_channel / of_channel.mean(axis=1, keepdims=True)).ravel()
    return np.zeros(len(ADS)) if spec.no_effects else means * spread
