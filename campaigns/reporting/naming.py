"""What things are called on screen: goals, newcomers, channels, campaigns, methods and verdicts."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from campaigns.language import _, mark
from campaigns.reporting.decisions import Action
from campaigns.reporting.lettering import shortened
from campaigns.terms import GOALS, RULES, Effect, Goal, RunSummary

__all__ = [
    "ACTION_HINTS",
    "ACTION_WORDS",
    "CHANNELS",
    "METHODS",
    "RULE_WORDS",
    "campaign_name",
    "channel_name",
    "goal_of",
    "name_in_a_sentence",
    "newcomers",
    "nouns",
    "subject",
]

WIDEST = 240.0
"""Pixels of the name of a channel in a sentence: longer ones are cut, the page of the channel has them whole."""

ACTION_WORDS = {
    Action.MORE: mark("More"),
    Action.LESS: mark("Less"),
    Action.TEST: mark("Test"),
    Action.KEEP: mark("Keep"),
}

ACTION_HINTS = {
    Action.MORE: mark("worth more money"),
    Action.LESS: mark("take money away"),
    Action.TEST: mark("find out first"),
    Action.KEEP: mark("leave as it is"),
}

RULE_WORDS = dict(
    zip(
        RULES,
        (
            mark("Last touch"),
            mark("First touch"),
            mark("Even split"),
            mark("Recent first"),
            mark("Ends first"),
            mark("Path chain"),
            mark("Fair share"),
        ),
        strict=True,
    )
)

METHODS = {
    "touchstone": mark("Touchstone"),
    "last_touch": mark("Last touch"),
    "first_touch": mark("First touch"),
    "linear": mark("Linear"),
    "zero": mark("Nothing works"),
}
"""The methods held against the truth of a simulated market."""

_CHANNEL_NAMES = {
    "email": mark("E-mail"),
    "sms": mark("SMS"),
    "mms": mark("MMS"),
    "tv": mark("TV"),
    "ctv": mark("Connected TV"),
    "ooh": mark("Outdoor"),
    "mail": mark("Mail"),
    "call": mark("Call"),
    "display": mark("Display"),
    "search": mark("Search"),
    "store": mark("Store"),
    "radio": mark("Radio"),
    "paid_social": mark("Paid social"),
}

CHANNELS = frozenset(_CHANNEL_NAMES)
"""The channels that have a name of their own on screen."""

_NOUNS = {
    "order": (mark("order"), mark("orders")),
    "lead": (mark("lead"), mark("leads")),
    "signup": (mark("sign-up"), mark("sign-ups")),
    "won": (mark("deal won"), mark("deals won")),
}

_NEWCOMERS = {
    "order": (mark("new customer"), mark("new customers")),
    "lead": (mark("new lead"), mark("new leads")),
    "signup": (mark("new member"), mark("new members")),
    "won": (mark("new account"), mark("new accounts")),
}


def goal_of(run: RunSummary) -> Goal:
    """Give the goal of a run; one we have no noun for is simply a response."""
    return GOALS.get(run.goal) or Goal(run.goal, (run.goal,), mark("response"), mark("responses"))


def nouns(goal: Goal) -> tuple[str, str]:
    """Give the goal's own noun, singular and plural, in the reader's language; a firm's own goal has its own words."""
    one, many = _NOUNS.get(goal.name, (goal.singular, goal.plural))
    return _(one), _(many)


def newcomers(goal: Goal) -> tuple[str, str]:
    """Give the noun for those whose first response it was, singular and plural, in the reader's language."""
    one, many = _NEWCOMERS.get(goal.name, (mark("first response"), mark("first responses")))
    return _(one), _(many)


def channel_name(channel: str) -> str:
    """Write a channel's name: ``email`` is E-mail, ``paid_social`` is Paid social."""
    known = _CHANNEL_NAMES.get(channel)
    words = channel.replace("_", " ").strip()
    return _(known) if known else words[:1].upper() + words[1:]


def name_in_a_sentence(channel: str) -> str:
    """Write a channel's name as a sentence takes it: cut to some words, and kept apart where it runs right to left."""
    name = shortened(channel_name(channel), WIDEST)
    if any(unicodedata.bidirectional(sign) in ("R", "AL") for sign in name):
        return f"\N{FIRST STRONG ISOLATE}{name}\N{POP DIRECTIONAL ISOLATE}"
    return name


def campaign_name(campaign: str, names: Mapping[str, str] | None = None) -> str:
    """Write a campaign's name: that of the promotion of the same key; a bare number says what it is."""
    if names and campaign in names:
        return names[campaign]
    return _("Campaign %(number)s", number=campaign) if campaign.strip().isdigit() else campaign


def subject(effect: Effect, names: Mapping[str, str] | None = None) -> str:
    """Name what an effect is about: its ad, its campaign, or its channel."""
    if effect.ad and effect.ad.strip().isdigit():
        return _("Ad %(number)s", number=effect.ad)
    if effect.ad:
        return effect.ad
    return campaign_name(effect.campaign, names) if effect.campaign else channel_name(effect.channel)
