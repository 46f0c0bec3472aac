"""A plan in words: what one more of something scarce would earn, who wants the same people, what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from campaigns.language import _, language, mark, ngettext
from campaigns.reporting.constraints import constraint_words, price_words
from campaigns.reporting.figures import NOTHING, about, day, money, number, percent
from campaigns.reporting.naming import channel_name
from campaigns.reporting.sentences import withheld_lines
from campaigns.retelling import dated
from campaigns.store.plan_requests import Kind, State
from campaigns.store.tables import PlanRequest
from campaigns.terms import PlanConstraint
from web.pages.plan import EventLine, ResultLine

__all__ = [
    "STATES",
    "amount",
    "capital",
    "event_line",
    "lock_lines",
    "overlap_lines",
    "price_lines",
    "result_lines",
    "room_lines",
    "step_words",
]

STATES = {
    "draft": (mark("draft"), "care"),
    "approved": (mark("approved"), "good"),
    "exported": (mark("exported"), "good"),
    "closed": (mark("closed"), ""),
    "cancelled": (mark("cancelled"), "bad"),
}
"""What a plan's state is called, and its colour."""

EVENTS = {
    "drafted": mark("drafted"),
    "approved": mark("approved"),
    "exported": mark("exported"),
    "cancelled": mark("cancelled"),
    "closed": mark("closed"),
}

LEAST = 0.005
"""Prices below it are none, in major units."""


def amount(value: float, currency: str) -> str:
    """Write an amount known to two digits, with cents where it is small."""
    return money(value, currency, max(about(value), 0.01) if value else 1.0)


def price_lines(constraints: Iterable[PlanConstraint], currency: str) -> tuple[str, ...]:
    """Say what one more of everything scarce would earn, the dearest first."""
    priced = [one for one in constraints if abs(one.price) >= LEAST]
    return tuple(
        capital(price_words(one, amount(abs(one.price), currency), currency))
        for one in sorted(priced, key=lambda one: -abs(one.price))
    )


def room_lines(constraints: Iterable[PlanConstraint]) -> tuple[tuple[str, str], ...]:
    """Say of everything that limits the plan how much of it is used."""
    return tuple(
        (
            capital(constraint_words(one)),
            _("%(used)s of %(limit)s", used=_count(one.used), limit=_count(one.limit)),
        )
        for one in constraints
    )


def capital(words: str) -> str:
    """Begin with a capital, as the reader's language writes it."""
    first = (
        "\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}" if words[:1] == "i" and language() == "tr" else words[:1].upper()
    )
    return first + words[1:]


def _count(value: float) -> str:
    return number(value, 1.0 if abs(value) >= 10 or float(value).is_integer() else 0.1)


def overlap_lines(
    views: Mapping[str, Any], currency: str, names: Mapping[str, str]
) -> tuple[tuple[str, str, str], ...]:
    """Give the promotions that compete for the same people, as (both, how many people, what that costs).

    Those whose overlap costs less than half a unit of the currency do not compete.

    Parameters
    ----------
    names
        Name of each promotion by its key.
    """
    return tuple(
        (
            _(
                "%(one)s and %(other)s",
                one=names.get(pair["one"], pair["one"]),
                other=names.get(pair["other"], pair["other"]),
            ),
            _(
                "%(people)s people, %(share)s of the smaller one's",
                people=number(pair["people"]),
                share=percent(pair["people"] / max(min(pair["alone"]), 1)),
            ),
            amount(pair["cost"], currency),
        )
        for pair in views.get("overlaps", ())
        if pair["cost"] >= 0.5
    )


def lock_lines(views: Mapping[str, Any], currency: str) -> tuple[tuple[str, str, str, str], ...]:
    """Give what sales handles and what that costs the plan, as (owner, reason, until, worth)."""
    return tuple(
        (lock["owner"], dated(lock["reason"]), day(date.fromisoformat(lock["until"])), amount(lock["value"], currency))
        for lock in views.get("locks", ())
    )


def event_line(at: str, who: str, event: str, details: Mapping[str, Any]) -> EventLine:
    """Put something that happened to a plan in words."""
    words = _(EVENTS[event]) if event in EVENTS else event
    counts = {
        "reserved": _("%(count)s contacts have their place"),
        "committed": _("%(count)s contacts are committed"),
        "released": _("%(count)s places given back"),
        "contacts": _("%(count)s contacts"),
        "refused": _("%(count)s refused"),
    }
    told = [text % {"count": number(details[name])} for name, text in counts.items() if details.get(name)]
    reasons: Mapping[str, int] = details.get("reasons") or {}
    return EventLine(at, who, f"{words}: {', '.join(told)}" if told else words, tuple(withheld_lines(reasons)))


def result_lines(result: Mapping[str, Any], currency: str) -> tuple[str, tuple[ResultLine, ...]]:
    """Put what came of a closed plan beside what was expected: one sentence, and a line per channel."""
    whole = result["whole"]
    return _result_words(result, currency), tuple(_result(one, currency) for one in (*result["channels"], whole))


def _result_words(result: Mapping[str, Any], currency: str) -> str:
    whole = result["whole"]
    if not whole["sent"]:
        return _("Nothing went out.")
    if whole["extra"] is None:
        return _(
            "%(responded)s of %(sent)s contacts were followed by an order within %(days)s days. How many they caused "
            "cannot be said: only %(held)s were held back.",
            responded=number(whole["responded"]),
            sent=number(whole["sent"]),
            days=result["days"],
            held=number(whole["held_back"]),
        )
    reach = 1.645 * whole["extra_se"]
    return _(
        "%(sent)s contacts caused about %(extra)s extra orders (likely %(low)s to %(high)s), worth about %(worth)s; "
        "%(forecast)s was expected.",
        sent=number(whole["sent"]),
        extra=number(whole["extra"]),
        low=number(whole["extra"] - reach),
        high=number(whole["extra"] + reach),
        worth=amount(whole["observed"], currency),
        forecast=amount(whole["forecast"], currency),
    )


def _result(one: Mapping[str, Any], currency: str) -> ResultLine:
    known = one["extra"] is not None
    return ResultLine(
        channel=_("In all") if one["channel"] == "all" else channel_name(one["channel"]),
        sent=number(one["sent"]),
        held_back=number(one["held_back"]),
        answered=number(one["responded"]),
        extra=number(one["extra"]) if known else _("too little to tell"),
        observed=amount(one["observed"], currency) if known else NOTHING,
        forecast=amount(one["forecast"], currency),
    )


def step_words(step: PlanRequest | None, state: str) -> tuple[str, ...]:
    """Say what came of the step that led to a plan's state, in sentences; none where it was not taken on the site."""
    words = {
        (Kind.APPROVE, "approved"): mark("Approved: %(count)s contacts have their place."),
        (Kind.EXPORT, "exported"): mark("Exported: %(count)s contacts are committed. Send from the lists."),
        (Kind.CANCEL, "cancelled"): mark("Cancelled: %(count)s contacts gave their place back."),
        (Kind.CLOSE, "closed"): mark("Closed. What came of it stands beside what was expected."),
    }
    if step is None or step.state != State.DONE or (Kind(step.kind), state) not in words:
        return ()
    result = step.result or {}
    told = _(words[Kind(step.kind), state]) % {"count": number(result.get("count", 0))}
    if not result.get("refused"):
        return (told,)
    return told, _("%(refused)s; the reasons stand below.", refused=refusal_words(result["refused"]))


def refusal_words(count: int) -> str:
    """Say how many contacts were refused."""
    return ngettext("%(count)s contact was refused", "%(count)s contacts were refused", count, count=number(count))
