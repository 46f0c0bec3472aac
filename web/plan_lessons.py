"""What held-back customers and learning contacts would cost and teach, in words: proposed, and accepted by a press."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from campaigns.language import _, ngettext
from campaigns.reporting.figures import number, percent
from campaigns.reporting.naming import channel_name
from web.pages.plan import LessonLine
from web.plan_words import amount

__all__ = ["lesson_lines"]


def lesson_lines(views: Mapping[str, Any], currency: str) -> tuple[LessonLine, ...]:
    """Give what the planner kept with a plan about learning: who is held back, and what is tried."""
    taught: Mapping[str, Any] = views.get("teaching") or {}
    lines = []
    if ghosts := taught.get("ghosts"):
        lines.append(_ghosts(ghosts, currency))
    if tried := taught.get("exploration"):
        lines.append(_tried(tried, currency))
    return tuple(lines)


def _ghosts(ghosts: Mapping[str, Any], currency: str) -> LessonLine:
    share, cost = percent(ghosts["share"]), amount(ghosts["cost"], currency)
    if ghosts["asked"]:
        words = _(
            "%(share)s of the contacts are held back at random. That costs about %(cost)s.", share=share, cost=cost
        )
    else:
        words = _("Holding back %(share)s of the contacts at random would cost about %(cost)s.", share=share, cost=cost)
    return LessonLine(
        "ghosts",
        words,
        tuple(_lesson(one, currency) for one in ghosts["channels"]),
        bool(ghosts["asked"]),
        _("Hold back %(share)s", share=share),
    )


def _lesson(one: Mapping[str, Any], currency: str) -> str:
    before, after = one.get("error_before") or 0.0, one.get("error_after") or 0.0
    words = _(
        "%(channel)s: about %(ghosts)s of %(contacts)s held back, for about %(cost)s; the range of its effect narrows "
        "by %(share)s",
        channel=channel_name(one["channel"]),
        ghosts=number(one["ghosts"]),
        contacts=number(one["contacts"]),
        cost=amount(one["cost"], currency),
        share=percent(1.0 - after / before if before else 0.0),
    )
    months = one.get("months")
    if one.get("few") and months:
        slow = ngettext(
            "So few contacts teach slowly: about %(count)s month of such plans.",
            "So few contacts teach slowly: about %(count)s months of such plans.",
            max(round(months), 1),
            count=number(max(round(months), 1)),
        )
        return f"{words}. {slow}"
    return f"{words}."


def _tried(tried: Mapping[str, Any], currency: str) -> LessonLine:
    share, cost = percent(tried["share"]), amount(tried["cost"], currency)
    if tried["asked"]:
        words = _(
            "Other contacts are tried for %(share)s of the customers. That costs about %(cost)s.",
            share=share,
            cost=cost,
        )
    else:
        words = _(
            "Trying other contacts for %(share)s of the customers would cost about %(cost)s at most.",
            share=share,
            cost=cost,
        )
    more: tuple[str, ...] = ()
    if tried["looks"] > 1.05:
        more = (_("It looks where %(times)s times as much is unknown.", times=number(tried["looks"], 0.1)),)
    return LessonLine("exploration", words, more, bool(tried["asked"]), _("Try them"))
