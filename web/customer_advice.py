"""What to say to a customer next and what not, and why, as the latest plan decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from campaigns.access import Role
from campaigns.faults import UnreadyError
from campaigns.language import _
from campaigns.reporting.figures import day, days, money, number
from campaigns.reporting.naming import channel_name
from campaigns.retelling import retold
from campaigns.store.plan_change import Planned, planned_for
from campaigns.store.plans import stored_plan
from web.access import visitor
from web.pages.customers import Advice
from web.site import site

if TYPE_CHECKING:
    from campaigns.planning.explanation import Option

__all__ = ["Advised", "Now", "advised"]

SILENT = 6
"""Reasons for silence that are named, those of the most valuable contacts first."""


@dataclass(frozen=True)
class Now:
    """What stands against contacts today, whatever the plan decided.

    Parameters
    ----------
    sales_until
        Last day on which sales has the word, or None.
    declined
        Promotions that were declined.
    silent
        Why marketing keeps silent altogether; empty if it does not.
    """

    sales_until: date | None
    declined: frozenset[str]
    silent: str

    def against(self, promotion: str | None, on: date) -> tuple[str, ...]:
        """Return what stands against a contact of a day."""
        found = [self.silent] if self.silent else []
        if self.sales_until is not None and on <= self.sales_until:
            found.append(_("sales is handling this until %(day)s", day=day(self.sales_until)))
        if promotion in self.declined:
            found.append(_("they declined this offer"))
        return tuple(found)


@dataclass(frozen=True)
class Advised:
    """What the latest plan has to say about a customer.

    Parameters
    ----------
    words
        On which plan it rests, or what to do where there is none.
    next_promotion
        Offer of the first contact, or None.
    held_back
        Whether a contact is withheld from them at random.
    """

    words: str
    say: tuple[Advice, ...] = ()
    silent: tuple[Advice, ...] = ()
    change: str = ""
    next_promotion: str | None = None
    held_back: bool = False


def advised(person: int, customer_id: str, names: dict[str, str], now: Now) -> Advised:
    """Put the explanation of the latest plan in words; whoever sees no money is told none.

    Parameters
    ----------
    names
        Names of promotions by their key.
    now
        What stands against a contact since the plan was made.
    """
    from campaigns.planning.explaining import explain_customer  # loads Arrow, which only this page needs

    try:
        found = explain_customer(site().database, customer_id, since_then=False)
    except UnreadyError as unready:
        return _without_reasons(person, names, retold(str(unready)))
    with site().database.reading() as session:
        planned = planned_for(session, found.plan_id, [person])
    ghosts = {(one.promotion, one.channel, one.on) for one in planned if one.ghost}
    office = visitor().may(Role.MARKETER, Role.MANAGER, Role.SALES)

    def advice(option: Option) -> Advice:
        offer = names.get(option.promotion or "", option.promotion or "") or _("no particular offer")
        what = _("%(channel)s about %(offer)s", channel=channel_name(option.channel), offer=offer)
        when = day(option.chosen_on) if option.chosen_on is not None else ""
        change = retold(option.flip) if office else ""
        against = now.against(option.promotion, option.chosen_on) if option.chosen_on is not None else ()
        return Advice(what, when, (*map(retold, option.reasons), *against), _worth(option, found.currency), change)

    def _worth(option: Option, currency: str) -> str:
        if not office:
            return ""
        return _(
            "%(value)s: %(extra)s extra orders per 100 such contacts, %(margin)s each, less %(cost)s",
            value=money(option.value, currency, 0.01),
            extra=number(100 * option.extra_responses, 0.1),
            margin=money(option.margin, currency, 0.01),
            cost=money(option.unit_cost, currency, 0.01),
        )

    chosen = sorted(
        (one for one in found.chosen if (one.promotion, one.channel, one.chosen_on) not in ghosts),
        key=lambda one: one.chosen_on or found.starts_on,
    )
    left_out = [one for one in found.options if one.chosen_on is None]
    smallest = found.smallest_change
    change = ""
    if smallest is not None and office:
        offer = advice(smallest).what
        change = _("Smallest change: %(contact)s. %(change)s", contact=offer, change=retold(smallest.flip))
    return Advised(
        words=_("Plan %(number)s, %(days)s.", number=found.plan_id, days=days(found.starts_on, found.ends_on)),
        say=tuple(map(advice, chosen)),
        silent=_together(tuple(map(advice, left_out)), left_out)[:SILENT],
        change=change,
        next_promotion=next(
            (one.promotion for one in chosen if not now.against(one.promotion, one.chosen_on or found.starts_on)), None
        ),
        held_back=bool(ghosts),
    )


def _together(told: tuple[Advice, ...], options: Sequence[Option]) -> tuple[Advice, ...]:
    """Say once what stands for several offers through one channel: the same reasons, and the same that would help."""
    grouped: dict[tuple[str, tuple[str, ...], str], list[Advice]] = {}
    for one, option in zip(told, options, strict=True):
        grouped.setdefault((option.channel, one.why, one.change), []).append(one)
    return tuple(
        found[0] if len(found) == 1 else replace(found[0], what=_several(channel, len(found)))
        for (channel, _why, _change), found in grouped.items()
    )


def _several(channel: str, count: int) -> str:
    return _("%(channel)s about any of %(count)s offers", channel=channel_name(channel), count=count)


def _without_reasons(person: int, names: dict[str, str], why: str) -> Advised:
    """Tell what the latest plan has for somebody where its reasons were not kept, or that there is no plan."""
    with site().database.reading() as session:
        plan = stored_plan(session, None)
        planned = () if plan is None else planned_for(session, plan.id, [person])

    def advice(one: Planned) -> Advice:
        offer = names.get(one.promotion or "", one.promotion or "") or _("no particular offer")
        what = _("%(channel)s about %(offer)s", channel=channel_name(one.channel), offer=offer)
        return Advice(what, day(one.on), (), "", "")

    said = [one for one in planned if not one.ghost]
    return Advised(
        words=why,
        say=tuple(map(advice, said)),
        next_promotion=said[0].promotion if said else None,
        held_back=any(one.ghost for one in planned),
    )
