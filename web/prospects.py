"""What a promotion would bring, in words: from what the planner reckoned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from campaigns.language import _, ngettext
from campaigns.reporting.bars import range_bar
from campaigns.reporting.figures import about, moment, money, number, percent, span
from campaigns.reporting.naming import channel_name
from campaigns.reporting.sentences import withheld_lines
from campaigns.store.tables import PlanRequest
from campaigns.terms import Range
from web.pages.promotions import OverlapLine, Prospects
from web.site import site

__all__ = ["prospects_of"]


def prospects_of(done: PlanRequest, currency: str, names: Mapping[str, str]) -> Prospects:
    """Put an answered preview in words; ``names`` are those of the promotions by their keys."""
    result: dict[str, Any] = done.result or {}
    found, key = result["prospect"], result["promotion"]
    middle, low, high = span(Range(found["extra"], found["extra_low"], found["extra_high"]))
    headline = _(
        "About %(middle)s extra orders, likely %(low)s to %(high)s, worth about %(worth)s after the cost of contacts",
        middle=middle,
        low=low,
        high=high,
        worth=money(found["worth"], currency, about(found["worth"])),
    )
    if not found["contacts"]:
        headline = _("Nobody could be contacted about it with anything to gain")
    return Prospects(
        headline=headline,
        bar=range_bar(found["extra_low"], found["extra"], found["extra_high"], max(found["extra_high"] * 1.1, 1e-9)),
        figures=tuple(_figures(found, currency)),
        notes=tuple(_notes(found)),
        overlaps=tuple(_overlap(pair, key, currency, names) for pair in result["overlaps"]),
        sales=_sales(result, currency),
        left_out=tuple(withheld_lines(result["left_out"])),
        made=_(
            "Reckoned %(at)s from the scores of run %(run)s.",
            at=moment(done.finished_at or done.requested_at, site().settings.zone),
            run=result["run"],
        ),
    )


def _figures(found: dict[str, Any], currency: str) -> list[tuple[str, str, str]]:
    through = ", ".join(f"{channel_name(name)} {number(count)}" for name, count in found["channels"].items())
    cost = money(found["cost"], currency, about(found["cost"]))
    figures = [
        (_("Could be reached"), number(found["people"]), _("within the rules, with something to gain")),
        (_("Contacts"), number(found["contacts"]), through),
        (_("Cost of contacts"), cost, _("the budget ends it") if found["budget_spent"] else ""),
    ]
    if found["extra"] > 0:
        each = found["cost"] / found["extra"]
        figures.append((_("Cost of one extra order"), money(each, currency, about(each)), ""))
    return figures


def _notes(found: dict[str, Any]) -> list[str]:
    notes = [
        _(
            "One contact with each, through the channel that suits best, by itself: hours of agents, other promotions "
            "and days are the plan's business."
        )
    ]
    if found["budget_spent"]:
        notes.append(
            ngettext(
                "The budget pays for %(count)s contact; more would pay off.",
                "The budget pays for %(count)s contacts; more would pay off.",
                found["contacts"],
                count=number(found["contacts"]),
            )
        )
    return notes


def _overlap(pair: dict[str, Any], key: str, currency: str, names: Mapping[str, str]) -> OverlapLine:
    first = pair["one"] == key
    own = pair["alone"][0 if first else 1]
    other = pair["other"] if first else pair["one"]
    return OverlapLine(
        name=names.get(other, other),
        people=number(pair["people"]),
        share=percent(pair["people"] / own) if own else "",
        cost=money(pair["cost"], currency, about(pair["cost"])),
    )


def _sales(result: dict[str, Any], currency: str) -> str:
    if not result["locked_people"]:
        return _("Sales keeps nobody from it.")
    return ngettext(
        "Sales is handling %(count)s person who could get it; the best contact with them would earn about %(worth)s.",
        "Sales is handling %(count)s people who could get it; the best contact with each would earn about %(worth)s.",
        result["locked_people"],
        count=number(result["locked_people"]),
        worth=money(result["locked_worth"], currency, about(result["locked_worth"])),
    )
