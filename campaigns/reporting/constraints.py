"""What limits a plan, and what one more of it would earn, in the reader's language.

A plan keeps its constraints as terms: a kind, and what it is about. Plans of older versions kept English names alone,
which are told as they were kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from campaigns.language import _, ngettext
from campaigns.reporting.figures import number, percent
from campaigns.reporting.naming import CHANNELS, channel_name
from campaigns.retelling import retold
from campaigns.terms import PlanConstraint

__all__ = ["constraint_words", "price_words", "resource_words"]


def constraint_words(one: PlanConstraint) -> str:
    """Name a constraint, as a clause: ``at most 2 E-mail contacts per person in any 7 days``."""
    told = _NAMES.get(one.kind)
    return retold(one.name) if told is None else told(one)


def price_words(one: PlanConstraint, worth: str, currency: str) -> str:
    """Say what one more of a constraint would earn, or what its last contact costs.

    Parameters
    ----------
    worth
        The price without its sign, in words.
    currency
        Of the budgets.
    """
    name = constraint_words(one)
    if one.price < 0:
        return _("%(name)s: its last contact costs the plan about %(worth)s", name=name, worth=worth)
    if one.kind == "cap":
        return _("%(name)s: one more for everybody would earn about %(worth)s in all", name=name, worth=worth)
    promotion = one.about.get("promotion")
    if one.kind == "budget" and promotion is None:
        return _("One more %(currency)s of budget would earn about %(worth)s", currency=currency, worth=worth)
    if one.kind == "budget":
        return _(
            "One more %(currency)s of budget for %(name)s would earn about %(worth)s",
            currency=currency,
            name=promotion,
            worth=worth,
        )
    if one.kind == "volume":
        return _("One more contact about %(name)s would earn about %(worth)s", name=promotion, worth=worth)
    if one.kind == "number":
        return _("One more contact would earn about %(worth)s", worth=worth)
    if one.name == "agent-hours":
        return _("One more agent-hour would earn about %(worth)s", worth=worth)
    return _("One unit more of %(name)s would earn about %(worth)s", name=name, worth=worth)


def _capacity(one: PlanConstraint) -> str:
    return resource_words(str(one.about["resource"]))


def resource_words(resource: str) -> str:
    """Name something scarce: hours of agents, or what a channel takes at most."""
    if resource == "agent-hours":
        return _("agent-hours")
    return channel_name(resource) if resource in CHANNELS else resource


def _budget(one: PlanConstraint) -> str:
    promotion = one.about.get("promotion")
    return _("budget") if promotion is None else _("budget of %(promotion)s", promotion=promotion)


def _volume(one: PlanConstraint) -> str:
    promotion = one.about["promotion"]
    if one.about["bound"] == "least":
        return _("contacts about %(promotion)s, at least", promotion=promotion)
    return _("contacts about %(promotion)s, at most", promotion=promotion)


def _share(one: PlanConstraint) -> str:
    share = percent(one.about["share"])
    if one.about["bound"] == "least":
        return _("at least %(share)s relationship contacts", share=share)
    return _("at most %(share)s relationship contacts", share=share)


def _cap(one: PlanConstraint) -> str:
    contacts, days, person = _contacts(int(one.limit), one.about), one.about["days"], one.about["scope"] == "person"
    if days == 1 and person:
        return _("at most %(contacts)s per person in a day", contacts=contacts)
    if days == 1:
        return _("at most %(contacts)s per household in a day", contacts=contacts)
    if person:
        return _("at most %(contacts)s per person in any %(days)s days", contacts=contacts, days=days)
    return _("at most %(contacts)s per household in any %(days)s days", contacts=contacts, days=days)


def _contacts(count: int, about: Mapping[str, Any]) -> str:
    if about["channel"] is None and about["each"]:
        return ngettext(
            "%(count)s contact about the same promotion",
            "%(count)s contacts about the same promotion",
            count,
            count=number(count),
        )
    if about["channel"] is None:
        return ngettext("%(count)s contact", "%(count)s contacts", count, count=number(count))
    channel = channel_name(about["channel"])
    if about["each"]:
        return ngettext(
            "%(count)s %(channel)s contact about the same promotion",
            "%(count)s %(channel)s contacts about the same promotion",
            count,
            count=number(count),
            channel=channel,
        )
    return ngettext(
        "%(count)s %(channel)s contact", "%(count)s %(channel)s contacts", count, count=number(count), channel=channel
    )


_NAMES: Mapping[str, Callable[[PlanConstraint], str]] = {
    "capacity": _capacity,
    "budget": _budget,
    "volume": _volume,
    "share": _share,
    "cap": _cap,
    "number": lambda _one: _("contacts asked for"),
}
