"""The priorities in words: where the plan stands, what became of each contact, what sales may offer."""

from __future__ import annotations

from datetime import date

from flask import url_for
from sqlmodel import Session

from campaigns.access import Role
from campaigns.language import _, mark, ngettext
from campaigns.reporting.figures import day, money, number
from campaigns.reporting.naming import channel_name
from campaigns.reporting.page import contact_line
from campaigns.retelling import dated
from campaigns.store.due import SAID, Standing
from campaigns.store.priorities import ContactPage, PlanHead
from campaigns.store.suggesting import OwnersSuggestion, open_suggestions
from campaigns.store.tables import PlanRequest
from web.access import visitor
from web.pages.priorities import ContactRow, PlanStep, SuggestionLine
from web.plan_words import STATES
from web.planner import stale_words, under_way

__all__ = ["OUTCOME_WORDS", "SUGGESTED", "contact_rows", "outcomes", "plan_step", "suggestion_lines"]

OUTCOME_WORDS = {
    "delivered": mark("delivered"),
    "reached": mark("reached"),
    "not reached": mark("not reached"),
    "bounced": mark("bounced"),
    "opted out": mark("opted out"),
    "withheld": mark("held back"),
}
"""What came of a contact, in words."""

STANDING_WORDS = {
    "refused": mark("refused a place"),
    "released": mark("gave its place back"),
    "committed": mark("on a list that went out"),
    "reserved": mark("has its place"),
}

NEXT = {"draft": ("approve", mark("Approve")), "approved": ("export", mark("Export"))}
"""The step that follows each state, and its button."""

SUGGESTED = 20
"""Suggestions shown."""


def plan_step(head: PlanHead, last: PlanRequest | None) -> PlanStep:
    """Say where the plan stands, and what the visitor can do with it from here."""
    words, mood = STATES[head.state]
    may = visitor().may(Role.MARKETER) and not under_way(last)
    step, button = NEXT.get(head.state, ("", "")) if may else ("", "")
    stale = stale_words(head.run_id) if step == "approve" and head.run_id is not None else ""
    opens = visitor().may(Role.MARKETER, Role.MANAGER)
    address = url_for("plan.show", number=head.id) if opens else ""
    return PlanStep(head.id, _(words), mood, step, _(button) if button else "", stale, address)


def contact_rows(
    found: ContactPage, standings: dict[int, Standing], currency: str, *, settles: bool
) -> tuple[ContactRow, ...]:
    """Put contacts in words, each with what became of it."""
    return tuple(
        ContactRow(
            line=contact_line(contact, currency),
            address=url_for("customers.one", customer_id=contact.customer_id),
            place=(standing.place or 0) if standing.due and settles else 0,
            standing=_standing(standing),
        )
        for contact, standing in (
            (contact, standings.get(number, Standing(None, "proposed")))
            for number, contact in zip(found.numbers, found.contacts, strict=True)
        )
    )


def _standing(standing: Standing) -> str:
    if standing.outcome is not None:
        return _(OUTCOME_WORDS.get(standing.outcome, standing.outcome))
    return _(STANDING_WORDS[standing.state]) if standing.state in STANDING_WORDS else ""


def outcomes() -> tuple[tuple[str, str], ...]:
    """Return what may be said of a contact that went out."""
    return tuple((name, _(OUTCOME_WORDS[name])) for name in SAID)


def suggestion_lines(
    session: Session, today: date, currency: str, owner: str | None
) -> tuple[tuple[SuggestionLine, ...], str]:
    """Return what sales may offer while marketing keeps silent, the dearest first, and how many more there are."""
    found = open_suggestions(session, today, owner)
    more = len(found) - SUGGESTED
    words = ngettext("%(count)s more, worth less", "%(count)s more, each worth less", more, count=number(more))
    return tuple(_suggestion(one, currency) for one in found[:SUGGESTED]), words if more > 0 else ""


def _suggestion(one: OwnersSuggestion, currency: str) -> SuggestionLine:
    who, channel = visitor(), channel_name(one.channel)
    what = _("%(offer)s, %(channel)s", offer=one.promotion, channel=channel) if one.promotion else channel
    return SuggestionLine(
        id=one.id,
        customer=one.customer_id,
        address=url_for("customers.one", customer_id=one.customer_id),
        what=what,
        worth=money(one.expected_value, currency, 0.01),
        why=_("%(reason)s, until %(day)s", reason=dated(one.lock_reason), day=day(one.lock_until)),
        owner=one.owner,
        mine=bool(who.owner) and who.owner == one.owner,
    )
