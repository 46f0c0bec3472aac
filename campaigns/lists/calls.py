"""The call list: one per agent, with a sentence to say and outcomes to tick."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from campaigns.lists.recipient import CONTACT, Recipient, by_day
from campaigns.lists.rows import row_of
from campaigns.reporting.sheets import Field, Sheet

__all__ = ["NOBODY", "TICKS", "call_list", "call_lists", "share_out", "wants_call"]

NOBODY = "anybody"
"""Whose list holds the calls that are nobody's."""

TICKS: Mapping[str, str] = MappingProxyType(
    {
        "reached": "spoken to; mark with x",
        "no answer": "nobody answered; mark with x",
        "voicemail": "a machine answered; mark with x",
        "call back at": "day and time at which to call again, such as 2026-06-02 15:30",
        "wrong number": "the number is somebody else's; mark with x",
        "not interested now": "not this time; mark with x",
        "not interested ever": "never again by telephone; mark with x",
    }
)
"""The outcomes of a call, one of which is ticked."""

FIELDS = (
    *CONTACT,
    Field("agent", "who calls"),
    Field("on", "day to call", "date"),
    Field("name", "whom to ask for"),
    Field("phone", "telephone number, E.164"),
    Field("city", "city"),
    Field("language", "language to speak"),
    Field("say", "one sentence to say"),
    Field("promotion", "key of the offer"),
    Field("code", "the code that an answer comes with"),
    *(Field(name, meaning) for name, meaning in TICKS.items()),
    Field("reason", "why, in the customer's words"),
)


def wants_call(one: Recipient) -> bool:
    """Tell whether a contact belongs on these lists: its touch point needs the consent to the telephone."""
    return one.consent == "phone"


def share_out(recipients: Sequence[Recipient], agents: Sequence[str] = ()) -> dict[str, tuple[Recipient, ...]]:
    """Share calls out among agents.

    A customer's owner calls, if the owner is an agent (or no agents are named); all other calls go, day by day, to the
    agent who has the fewest calls that day. The same calls and agents are always shared out alike.

    Returns
    -------
    The calls of each agent who has any, by day and value, in the order of the agents' names.
    """
    shared: dict[str, list[Recipient]] = {}
    load: Counter[tuple[str, object]] = Counter()
    calls = by_day(one for one in recipients if wants_call(one) and one.can_be_called)
    own = [(one, one.owner if one.owner and (not agents or one.owner in agents) else "") for one in calls]
    for one, owner in sorted(own, key=lambda pair: not pair[1]):
        agent = owner or min(agents or (NOBODY,), key=lambda name: load[name, one.on])
        load[agent, one.on] += 1
        shared.setdefault(agent, []).append(one)
    return {agent: tuple(by_day(shared[agent])) for agent in sorted(shared)}


def call_list(agent: str, calls: Sequence[Recipient]) -> Sheet:
    """Return one agent's list."""
    return Sheet(agent, FIELDS, [{**row_of(one), "agent": agent, "say": one.sentence} for one in calls])


def call_lists(recipients: Sequence[Recipient], agents: Sequence[str] = ()) -> tuple[Sheet, ...]:
    """Return a list per agent: the sheets of one workbook."""
    return tuple(call_list(agent, calls) for agent, calls in share_out(recipients, agents).items())
