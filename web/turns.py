"""Turns of the conversation with a customer, in words."""

from __future__ import annotations

from campaigns.access import Role
from campaigns.intake.money import decimals
from campaigns.language import _, ngettext
from campaigns.reporting.figures import moment, money, number, percent
from campaigns.reporting.naming import channel_name
from campaigns.store.conversation import Turn
from campaigns.store.credits import ResponseCredit
from web.access import visitor
from web.customer_words import kind_words, outcome_words
from web.pages.customers import TurnLine
from web.site import site

__all__ = ["turn_line"]

NAMED = 3
"""Touches whose share is named beside a response."""


def turn_line(turn: Turn, names: dict[str, str]) -> TurnLine:
    """Write one turn.

    Parameters
    ----------
    names
        Names of promotions by their key.
    """
    currency = site().settings.currency
    office = visitor().may(Role.MARKETER, Role.MANAGER, Role.SALES)
    what = kind_words(turn.kind)
    if turn.channel and turn.channel != turn.kind:
        what = _("%(what)s, %(channel)s", what=what, channel=channel_name(turn.channel))
    if turn.count > 1:
        times = ngettext("%(count)s time", "%(count)s times", turn.count, count=number(turn.count))
        what = _("%(what)s %(times)s", what=what, times=times)
    detail = [outcome_words(turn.outcome)] if turn.outcome else []
    if turn.value is not None:
        detail.append(money(turn.value / 10 ** decimals(currency), currency, 0.01))
    if turn.owner:
        detail.append(turn.owner)
    return TurnLine(
        at=moment(turn.until, site().settings.zone),
        who=turn.who,
        what=what,
        detail=", ".join(detail),
        about=names.get(turn.about, turn.about),
        credit=_credit(turn.credit) if office and turn.credit is not None else "",
    )


def _credit(owed: ResponseCredit) -> str:
    """Say what a response is owed to, the greatest share first."""
    shares: dict[str, float] = {}
    for one in owed.shares:
        shares[one.channel] = shares.get(one.channel, 0.0) + one.share.mean
    ranked = sorted(shares.items(), key=lambda item: -item[1])[:NAMED]
    named = [f"{channel_name(channel)} {percent(share)}" for channel, share in ranked if share >= 0.005]
    anyway = _("%(share)s would have come anyway", share=percent(owed.baseline.mean))
    return _("Owed to: %(shares)s", shares=", ".join([*named, anyway]))
